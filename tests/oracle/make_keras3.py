"""Make `keras3.json`: 200 steps of every optimizer of Keras 3 that symlab has a variant for.

Run it as `KERAS_BACKEND=torch python tests/oracle/make_keras3.py`, with Keras 3 and PyTorch
installed. Gradients are PyTorch's, numbers are float64, and what is not given is Keras' default.
"""

from collections.abc import Iterator

import keras
import torch
from oracle_problem import START, kept, objective, write

keras.config.set_floatx("float64")

M = {"momentum": 0.9}
CASES = [
    ("gradient_descent", {}, "SGD", {}),
    ("gradient_descent", {"step_size": 0.05}, "SGD", {"learning_rate": 0.05}),
    ("momentum", {}, "SGD", M),
    ("momentum", {"step_size": 0.02, "momentum": 0.5}, "SGD",
     {"learning_rate": 0.02, "momentum": 0.5}),
    ("nesterov", {}, "SGD", {"nesterov": True, **M}),
    ("nesterov", {"step_size": 0.02, "momentum": 0.8}, "SGD",
     {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True}),
    ("lion", {}, "Lion", {}),
    ("lion", {"step_size": 0.0037, "weight_decay": 0.1}, "Lion",
     {"learning_rate": 0.0037, "weight_decay": 0.1}),
    ("adagrad", {}, "Adagrad", {}),
    ("adagrad", {"step_size": 0.1, "initial_accumulator": 0.5, "epsilon": 0.01}, "Adagrad",
     {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 0.01}),
    ("rmsprop", {}, "RMSprop", {}),
    ("rmsprop", {"centered": True}, "RMSprop", {"centered": True}),
    ("rmsprop", {"momentum": 0.9}, "RMSprop", {"momentum": 0.9}),
    ("rmsprop", {"step_size": 0.002, "momentum": 0.5, "centered": True, "epsilon": 0.001},
     "RMSprop", {"learning_rate": 0.002, "momentum": 0.5, "centered": True, "epsilon": 0.001}),
    ("adadelta", {}, "Adadelta", {}),
    ("adadelta", {"step_size": 1.5, "epsilon": 1e-5}, "Adadelta",
     {"learning_rate": 1.5, "epsilon": 1e-5}),
    ("adam", {}, "Adam", {}),
    ("adam", {"step_size": 0.05, "epsilon": 0.01}, "Adam",
     {"learning_rate": 0.05, "epsilon": 0.01}),
    ("adamax", {}, "Adamax", {}),
    ("adamax", {"step_size": 0.05, "beta2": 0.9, "epsilon": 0.01}, "Adamax",
     {"learning_rate": 0.05, "beta_2": 0.9, "epsilon": 0.01}),
    ("nadam", {}, "Nadam", {}),
    ("nadam", {"step_size": 0.05, "epsilon": 0.01}, "Nadam",
     {"learning_rate": 0.05, "epsilon": 0.01}),
    ("amsgrad", {}, "Adam", {"amsgrad": True}),
    ("amsgrad", {"step_size": 0.05, "beta2": 0.9}, "Adam",
     {"learning_rate": 0.05, "beta_2": 0.9, "amsgrad": True}),
    ("adamw", {}, "AdamW", {}),
    ("adamw", {"step_size": 0.05, "weight_decay": 0.1}, "AdamW",
     {"learning_rate": 0.05, "weight_decay": 0.1}),
]  # fmt: skip


def iterates(optimizer: str, options: dict[str, object]) -> Iterator[list[float]]:
    """Yield the iterates after each step."""
    point = keras.Variable(START, dtype="float64")
    method = getattr(keras.optimizers, optimizer)(**options)
    while True:
        place = torch.tensor(point.numpy(), requires_grad=True)
        objective(place, torch.log, torch.exp, torch.cos).backward()
        method.apply([place.grad], [point])
        yield point.numpy().tolist()


if __name__ == "__main__":
    write(
        "keras3.json",
        f"Keras {keras.__version__}",
        (
            {"rule": rule, "given": given, "theirs": [name, options],
             "iterates": kept(iterates(name, options))}
            for rule, given, name, options in CASES
        ),
    )  # fmt: skip
