"""A network as a graph of ONNX, in float64, whose runtimes are many.

Where the standard's own operation is computed by runtimes in single precision only, as its
convolution is by onnxruntime, the graph has it in parts: a convolution is one matrix product of the
kernels and the patches of the image, as in `nn/layers/convolution`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symlab.nn.layers import Activation, AveragePool2D, Conv2D, Dense, Flatten, MaxPool2D
from symlab.nn.layers.pooling import count_pixels
from symlab.nn.network import Arrays, Network
from symlab.nn.tensor import Shape
from symlab.nn.windows import Windows

OPSET = 17
"""The version of the operations: the standard of 2022, which runtimes of since then read."""

IR_VERSION = 8
"""The version of the file's form that came with it."""

NEEDED = "to_onnx: the package onnx is not installed; pip install 'symlab[onnx]' brings it."


@dataclass
class Graph:
    """Operations and constants as they are added; each operation's output is named after it.

    Parameters
    ----------
    onnx : module
        The package, which is imported where it is first needed.
    """

    onnx: Any
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(self, operation: str, name: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add an operation, and return the name of its output."""
        node = self.onnx.helper.make_node(operation, inputs, [name], name=name, **attributes)
        self.nodes.append(node)
        return name

    def constant(self, name: str, values: Any) -> str:
        """Add an array unless there is one of this name, and return the name."""
        if not any(each.name == name for each in self.constants):
            self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def reshape(self, name: str, tensor: str, shape: Sequence[int]) -> str:
        """Give samples another shape; how many there are stays open."""
        target = self.constant(f"{name}/shape", np.array([0, *shape], dtype=np.int64))
        return self.add("Reshape", name, [tensor, target])


@dataclass(frozen=True)
class Use:
    """A layer where it is used: the tensor it is called on, and what its operations are named.

    A layer that is used again has its weights under its own name, and a name for each use.
    """

    layer: Any
    owner: str
    name: str
    tensor: str
    shape: Shape
    weights: Sequence[np.ndarray]

    @property
    def windows(self) -> Windows:
        """The windows of a layer that has some."""
        found: Windows = self.layer.windows(self.shape)
        return found


def onnx_bytes(network: Network, names: Sequence[str], arrays: Arrays) -> bytes:
    """Return a network and its weights as the content of an .onnx file.

    Parameters
    ----------
    network : Network
    names : sequence of str
        A name for each layer.
    arrays : list of lists of arrays
        For each layer its weights.

    Raises
    ------
    ImportError
        If the package onnx is not installed; the message says how to install it.
    """
    try:
        import onnx
    except ImportError:
        raise ImportError(NEEDED) from None
    graph, tensor = Graph(onnx), "input"
    for i, (layer, name) in enumerate(zip(network.layers, names, strict=True)):
        uses = network.owners[:i].count(network.owners[i])
        own = f"{name}/use_{uses + 1}" if uses else name
        use = Use(layer, name, own, tensor, network.shapes[i], arrays[network.owners[i]])
        tensor = _activate(graph, use, WRITERS[type(layer)](graph, use))
    graph.add("Identity", "output", [tensor])
    content: bytes = _checked_model(graph, network).SerializeToString()
    return content


def _checked_model(graph: Graph, network: Network) -> Any:
    """Return the model of a graph, whose shapes ONNX has inferred and found to fit."""
    helper, double = graph.onnx.helper, graph.onnx.TensorProto.DOUBLE
    ends = [
        helper.make_tensor_value_info(name, double, ["samples", *shape])
        for name, shape in (("input", network.input_shape), ("output", network.shapes[-1]))
    ]
    whole = helper.make_graph(graph.nodes, "network", ends[:1], ends[1:], graph.constants)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        whole, producer_name="symlab", opset_imports=opset, ir_version=IR_VERSION
    )
    graph.onnx.checker.check_model(model, full_check=True)
    return model


def _activate(graph: Graph, use: Use, scores: str) -> str:
    """Add a layer's activation, named after it."""
    activation, name = use.layer.activation, use.name
    if activation == "linear":
        return scores
    if activation == "softsign":  # whose own operation onnxruntime has in single precision only
        size = graph.add("Abs", f"{name}/size", [scores])
        above = graph.add("Add", f"{name}/above", [size, graph.constant(f"{name}/one", 1.0)])
        return graph.add("Div", f"{name}/softsign", [scores, above])
    options = {"axis": -1} if activation == "softmax" else {}
    return graph.add(activation.capitalize(), f"{name}/{activation}", [scores], **options)


def _dense(graph: Graph, use: Use) -> str:
    kernel = graph.constant(f"{use.owner}/kernel", use.weights[0])
    product = graph.add("MatMul", f"{use.name}/product", [use.tensor, kernel])
    return _add_bias(graph, use, product, ())


def _add_bias(graph: Graph, use: Use, product: str, beside: tuple[int, ...]) -> str:
    """Add the bias, which is the same along the axes beside it."""
    if len(use.weights) == 1:
        return product
    bias = use.weights[1].reshape((-1, *beside))
    return graph.add(
        "Add", f"{use.name}/scores", [product, graph.constant(f"{use.owner}/bias", bias)]
    )


def _convolve(graph: Graph, use: Use) -> str:
    padded, height, width = _pad(graph, use)
    cells, pixels = _places(use.windows, width), height * width
    channels = np.arange(use.shape[0])[:, None, None] * pixels
    patches = (channels + cells).reshape(-1, cells.shape[1])
    places = graph.constant(f"{use.name}/places", patches)
    row = graph.reshape(f"{use.name}/row", padded, [use.shape[0] * pixels])
    gathered = graph.add("Gather", f"{use.name}/patches", [row, places], axis=1)
    rows = use.weights[0].reshape(use.layer.filters, -1)
    kernel = graph.constant(f"{use.owner}/kernel", rows)
    product = graph.add("MatMul", f"{use.name}/product", [kernel, gathered])
    scores = _add_bias(graph, use, product, (1,))
    return graph.reshape(f"{use.name}/images", scores, [use.layer.filters, *use.windows.shape])


def _pool_largest(graph: Graph, use: Use) -> str:
    axes = (use.windows.rows, use.windows.columns)
    return graph.add(
        "MaxPool",
        f"{use.name}/largest",
        [use.tensor],
        kernel_shape=[axis.window for axis in axes],
        strides=[axis.stride for axis in axes],
        pads=_ends(use.windows),
    )


def _pool_mean(graph: Graph, use: Use) -> str:
    padded, height, width = _pad(graph, use)
    name, windows = use.name, use.windows
    row = graph.reshape(f"{name}/row", padded, [use.shape[0], height * width])
    places = graph.constant(f"{name}/places", _places(windows, width))
    gathered = graph.add("Gather", f"{name}/cells", [row, places], axis=2)
    axis = graph.constant(f"{name}/axis", np.array([2], dtype=np.int64))
    total = graph.add("ReduceSum", f"{name}/total", [gathered, axis], keepdims=0)
    seen = np.outer(count_pixels(windows.rows), count_pixels(windows.columns)).ravel()
    mean = graph.add("Div", f"{name}/mean", [total, graph.constant(f"{name}/pixels", seen)])
    return graph.reshape(f"{name}/images", mean, [use.shape[0], *windows.shape])


def _pad(graph: Graph, use: Use) -> tuple[str, int, int]:
    """Put zeros around images where windows reach out of them; return height and width too."""
    axes = (use.windows.rows, use.windows.columns)
    height, width = (axis.size + axis.added for axis in axes)
    if not any(axis.added for axis in axes):
        return use.tensor, height, width
    top, left, bottom, right = _ends(use.windows)
    ends = np.array([0, 0, top, left, 0, 0, bottom, right], dtype=np.int64)
    inputs = [use.tensor, graph.constant(f"{use.name}/ends", ends)]
    return graph.add("Pad", f"{use.name}/padded", inputs), height, width


def _ends(windows: Windows) -> list[int]:
    """Return how much padding is above, on the left, below and on the right."""
    axes = (windows.rows, windows.columns)
    return [*(axis.before for axis in axes), *(axis.added - axis.before for axis in axes)]


def _places(windows: Windows, width: int) -> np.ndarray:
    """Return where in a padded image each cell of a window lies, for each place of the window."""
    rows, columns = (
        np.arange(axis.window)[:, None] + np.arange(axis.count) * axis.stride
        for axis in (windows.rows, windows.columns)
    )
    cells = rows[:, None, :, None] * width + columns[None, :, None, :]
    return cells.reshape(windows.rows.window * windows.columns.window, -1).astype(np.int64)


def _flatten(graph: Graph, use: Use) -> str:
    return graph.reshape(f"{use.name}/row", use.tensor, [int(np.prod(use.shape))])


def _pass_on(_: Graph, use: Use) -> str:
    return use.tensor


WRITERS = {
    Dense: _dense,
    Conv2D: _convolve,
    MaxPool2D: _pool_largest,
    AveragePool2D: _pool_mean,
    Flatten: _flatten,
    Activation: _pass_on,
}
"""What adds each kind of layer to a graph, up to its activation."""
