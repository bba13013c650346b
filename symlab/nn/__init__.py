"""Networks: layers, models and losses; training; images.

A layer called on a tensor gives the next tensor; a model consists of the layers between two of
them. Images are channels first.
"""

from typing import TYPE_CHECKING

import symlab.engine  # noqa: F401 (first, because it tries the compile cache before PyTensor)
from symlab.nn import images
from symlab.nn.activations import ACTIVATIONS
from symlab.nn.history import History
from symlab.nn.initializers import fans, from_keras, glorot_limit, to_keras
from symlab.nn.labels import one_hot
from symlab.nn.layers import Activation, AveragePool2D, Conv2D, Dense, Flatten, MaxPool2D
from symlab.nn.losses import (
    LOSSES,
    binary_crossentropy,
    categorical_crossentropy,
    hinge,
    squared_error,
)
from symlab.nn.model import Model, load
from symlab.nn.summary import Summary
from symlab.nn.tensor import Input, Tensor
from symlab.nn.training.orders import draw_orders

if TYPE_CHECKING:
    from symlab.nn.fit_trace import trace

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "AveragePool2D",
    "Conv2D",
    "Dense",
    "Flatten",
    "History",
    "Input",
    "MaxPool2D",
    "Model",
    "Summary",
    "Tensor",
    "binary_crossentropy",
    "categorical_crossentropy",
    "draw_orders",
    "fans",
    "from_keras",
    "glorot_limit",
    "hinge",
    "images",
    "load",
    "one_hot",
    "squared_error",
    "to_keras",
    "trace",
]


if not TYPE_CHECKING:  # a type checker that saw this would accept any name
    _IN_KERAS = {"Sequential": "Model", "load_model": "load", "to_categorical": "one_hot"}

    def __getattr__(name: str) -> object:
        """Import `trace` when it is used: the exact runner is nothing that a fit needs."""
        if name != "trace":
            from symlab.checks import nearest

            hint = nearest(_IN_KERAS.get(name, name), __all__)
            raise AttributeError(f"module 'symlab.nn' has no attribute {name!r}{hint}")
        from symlab.nn.fit_trace import trace

        globals()[name] = trace
        return trace
