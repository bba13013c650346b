"""Make `torch.json`: 200 steps of every optimizer of PyTorch that symlab has a variant for.

Run it as `python tests/oracle/make_torch.py`, with PyTorch installed. Gradients are PyTorch's own,
numbers are float64, and what is not given is PyTorch's default.
"""

from collections.abc import Iterator

import torch
from oracle_problem import START, kept, objective, write

torch.set_default_dtype(torch.float64)

M = {"momentum": 0.9}
CASES = [
    ("gradient_descent", {}, "SGD", {}),
    ("gradient_descent", {"step_size": 0.05}, "SGD", {"lr": 0.05}),
    ("momentum", {}, "SGD", M),
    ("momentum", {"step_size": 0.02}, "SGD", {"lr": 0.02, **M}),
    ("momentum", {"dampening": 0.3}, "SGD", {"dampening": 0.3, **M}),
    ("momentum", {"step_size": 0.02, "momentum": 0.5, "dampening": 0.9}, "SGD",
     {"lr": 0.02, "momentum": 0.5, "dampening": 0.9}),
    ("nesterov", {}, "SGD", {"nesterov": True, **M}),
    ("nesterov", {"step_size": 0.02, "momentum": 0.8}, "SGD",
     {"lr": 0.02, "momentum": 0.8, "nesterov": True}),
    ("adagrad", {}, "Adagrad", {}),
    ("adagrad", {"step_size": 0.1, "initial_accumulator": 0.25}, "Adagrad",
     {"lr": 0.1, "initial_accumulator_value": 0.25}),
    ("adagrad", {"step_size": {"schedule": "inverse_time", "step_size": 0.1, "decay": 0.02}},
     "Adagrad", {"lr": 0.1, "lr_decay": 0.02}),
    ("rmsprop", {}, "RMSprop", {}),
    ("rmsprop", {"centered": True}, "RMSprop", {"centered": True}),
    ("rmsprop", {"momentum": 0.9}, "RMSprop", {"momentum": 0.9}),
    ("rmsprop", {"step_size": 0.002, "decay": 0.9, "momentum": 0.5, "centered": True}, "RMSprop",
     {"lr": 0.002, "alpha": 0.9, "momentum": 0.5, "centered": True}),
    ("adadelta", {}, "Adadelta", {}),
    ("adadelta", {"step_size": 1.5, "decay": 0.95, "epsilon": 1e-5}, "Adadelta",
     {"lr": 1.5, "rho": 0.95, "eps": 1e-5}),
    ("adam", {}, "Adam", {}),
    ("adam", {"step_size": 0.05, "beta1": 0.8, "epsilon": 0.01}, "Adam",
     {"lr": 0.05, "betas": (0.8, 0.999), "eps": 0.01}),
    ("adamax", {}, "Adamax", {}),
    ("adamax", {"step_size": 0.05, "beta2": 0.9, "epsilon": 0.01}, "Adamax",
     {"lr": 0.05, "betas": (0.9, 0.9), "eps": 0.01}),
    ("nadam", {}, "NAdam", {}),
    ("nadam", {"step_size": 0.02, "schedule_decay": 0.1}, "NAdam",
     {"lr": 0.02, "momentum_decay": 0.1}),
    ("amsgrad", {}, "Adam", {"amsgrad": True}),
    ("amsgrad", {"step_size": 0.05, "beta2": 0.9}, "Adam",
     {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True}),
    ("adamw", {}, "AdamW", {}),
    ("adamw", {"step_size": 0.05, "weight_decay": 0.1}, "AdamW", {"lr": 0.05, "weight_decay": 0.1}),
    ("radam", {}, "RAdam", {}),
    ("radam", {"step_size": 0.02, "beta2": 0.9, "epsilon": 0.01}, "RAdam",
     {"lr": 0.02, "betas": (0.9, 0.9), "eps": 0.01}),
]  # fmt: skip


def iterates(optimizer: str, options: dict[str, object]) -> Iterator[list[float]]:
    """Yield the iterates after each step."""
    point = torch.tensor(START, requires_grad=True)
    method = getattr(torch.optim, optimizer)([point], **options)
    while True:
        method.zero_grad()
        objective(point, torch.log, torch.exp, torch.cos).backward()
        method.step()
        yield point.tolist()


if __name__ == "__main__":
    write(
        "torch.json",
        f"PyTorch {torch.__version__.split('+')[0]}",
        (
            {"rule": rule, "given": given, "theirs": [name, options],
             "iterates": kept(iterates(name, options))}
            for rule, given, name, options in CASES
        ),
    )  # fmt: skip
