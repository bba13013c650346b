"""The layers: values that, called on a tensor, give the next one.

Images are channels first, (channels, height, width). A kernel of `Conv2D` has the shape (filters,
channels, height, width), one of `Dense` (inputs, units), so scores are x @ kernel + bias.
"""

from symlab.nn.layers.convolution import Conv2D
from symlab.nn.layers.dense import Dense
from symlab.nn.layers.pooling import AveragePool2D, MaxPool2D
from symlab.nn.layers.weightless import Activation, Flatten

LAYERS = {
    kind.__name__: kind for kind in (Dense, Conv2D, MaxPool2D, AveragePool2D, Flatten, Activation)
}
"""Every kind of layer by the name that a saved model gives it."""

__all__ = [*LAYERS, "LAYERS"]
