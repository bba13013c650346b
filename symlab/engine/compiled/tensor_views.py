"""Operations of tensors that only move numbers about, carried out on arrays of anything."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.tensor.basic import Alloc, Join, Split
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.shape import Reshape, Shape
from pytensor.tensor.subtensor import Subtensor, indices_from_subtensor

from symlab.engine.compiled.c_text import NoProgramError

Moved = np.ndarray | list[np.ndarray]


def known_shape(variable: Variable) -> tuple[int, ...]:
    """Return the shape of a tensor.

    Raises
    ------
    NoProgramError
        If it is not known.
    """
    shape = variable.type.shape
    if None in shape:
        raise NoProgramError(f"{variable} has a shape that is not known")
    return shape


def places_of(node: Apply, first: int) -> tuple[Any, ...]:
    """Return where the part of an array lies, as NumPy takes it.

    Parameters
    ----------
    node : Apply
        An operation on a part.
    first : int
        The first of its inputs that is a bound.
    """
    wanted = indices_from_subtensor(node.inputs[first:], node.op.idx_list)

    def number(bound: Any) -> Any:
        if bound is None or isinstance(bound, int):
            return bound
        if not isinstance(bound, Constant):
            raise NoProgramError("a part whose place is not known has no place in a program")
        return int(bound.data)

    return tuple(
        slice(*map(number, (each.start, each.stop, each.step)))
        if isinstance(each, slice)
        else number(each)
        for each in wanted
    )


def _transposed(node: Apply, given: list[np.ndarray]) -> np.ndarray:
    order = node.op.new_order
    kept = [i for i in order if i != "x"]
    dropped = tuple(i for i in range(given[0].ndim) if i not in kept)
    moved = given[0].transpose((*kept, *dropped))
    lengths = iter(moved.shape)
    return moved.reshape([1 if i == "x" else next(lengths) for i in order])


def _reshaped(node: Apply, given: list[np.ndarray]) -> np.ndarray:
    return given[0].reshape(known_shape(node.outputs[0]))


def _filled(node: Apply, given: list[np.ndarray]) -> np.ndarray:
    return np.broadcast_to(given[0], known_shape(node.outputs[0])).copy()


def _joined(node: Apply, given: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(given, axis=node.op.axis)


def _part(node: Apply, given: list[np.ndarray]) -> np.ndarray:
    return given[0][(*places_of(node, 1), ...)]


def _split(node: Apply, given: list[np.ndarray]) -> list[np.ndarray]:
    axis = node.op.axis
    lengths = [known_shape(each)[axis] for each in node.outputs]
    return np.split(given[0], np.cumsum(lengths)[:-1], axis=axis)


def _nothing(node: Apply, _given: list[np.ndarray]) -> np.ndarray:
    """Return nothing: shapes are read where they are known, off the results that have them."""
    return np.empty(0, dtype=object)


MOVES: dict[type, Callable[[Apply, list[np.ndarray]], Moved]] = {
    DimShuffle: _transposed,
    Reshape: _reshaped,
    Alloc: _filled,
    Join: _joined,
    Split: _split,
    Subtensor: _part,
    Shape: _nothing,
}
"""What carries out each operation; a list where there is more than one result."""
