"""Operations of tensors that only move numbers about, carried out on arrays of anything."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.tensor.basic import Alloc, Join
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.shape import Reshape
from pytensor.tensor.subtensor import Subtensor, indices_from_subtensor

from symlab.engine.compiled.c_text import NoProgramError


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


MOVES: dict[type, Callable[[Apply, list[np.ndarray]], np.ndarray]] = {
    DimShuffle: _transposed,
    Reshape: _reshaped,
    Alloc: _filled,
    Join: _joined,
    Subtensor: _part,
}
"""What carries out each operation."""
