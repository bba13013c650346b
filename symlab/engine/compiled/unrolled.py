"""Graphs of small tensors as programs of scalars: every entry of every tensor is a variable.

The graph of a network's loss for one sample is a few dozen operations on tensors, which PyTensor
derives and rewrites in a moment. Carried out on arrays of scalar variables instead of numbers, the
same operations write down one scalar program, in which what is known to be zero takes no part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import pytensor.scalar as ps
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.traversal import toposort
from pytensor.tensor.elemwise import CAReduce, Elemwise
from pytensor.tensor.math import Argmax, Dot
from pytensor.tensor.subtensor import IncSubtensor

from symlab.engine.compiled.c_program import Program, Translation, as_double, simplify
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.tensor_views import MOVES, Moved, known_shape, places_of

Array = np.ndarray
"""An array of scalar variables."""


def unroll(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    instead: Mapping[str, Callable[..., Any]] | None = None,
    most: int = 10_000,
) -> Program:
    """Return graphs of tensors as a program of scalars, after PyTensor's rewrites.

    Parameters
    ----------
    inputs, outputs : sequence of tensor variables
        The shapes of the inputs are known. The program's inputs and outputs are the entries, tensor
        by tensor, the last axis running fastest.
    instead : mapping of str to function, optional
        By the name of a scalar operation, what computes the same in other operations.
    most : int
        Inputs and operations at most.

    Raises
    ------
    NoProgramError
        If there are more, or an operation is none of those known here.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> x, w = pt.vector("x", shape=(2,)), pt.vector("w", shape=(2,))
    >>> unroll([x, w], [pt.dot(x, w)]).lines(["x0", "x1", "a", "b"], ["const double value = {};"])
    ['const double value = x0 * a + x1 * b;']
    """
    if sum(prod(known_shape(each)) for each in inputs) > most:
        raise NoProgramError(f"more than {most} numbers are too many to be written out")
    given, wanted = simplify(inputs, outputs)
    arrays = _Arrays(Translation(instead or {}), most)
    scalars = [_inputs(variable) for variable in given]
    made = arrays.follow(dict(zip(given, scalars, strict=True)), wanted)
    return Program(
        tuple(each for array in scalars for each in array.flat),
        tuple(as_double(each) for array in made for each in array.flat),
    )


def _inputs(variable: Variable) -> Array:
    array = np.empty(known_shape(variable), dtype=object)
    for place in np.ndindex(array.shape):
        array[place] = ps.get_scalar_type(variable.dtype)()
    return array


def _is(value: float, scalar: Any) -> bool:
    return isinstance(scalar, Constant) and float(scalar.data) == value


@dataclass(frozen=True)
class _Arrays:
    """Operations of tensors, carried out on arrays of scalars; each method is one of them."""

    scalars: Translation
    most: int
    zero: Any = field(default_factory=lambda: ps.constant(0.0, dtype="float64"))

    def follow(self, known: dict[Variable, Array], outputs: Sequence[Variable]) -> list[Array]:
        """Return the outputs, from arrays that are known."""
        for node in toposort(outputs, blockers=list(known)):
            given = [self._look_up(each, known) for each in node.inputs]
            made = self._carry_out(node, given)
            known.update(zip(node.outputs, made if isinstance(made, list) else [made], strict=True))
        return [self._look_up(output, known) for output in outputs]

    def _carry_out(self, node: Apply, given: list[Array]) -> Moved:
        for op, move in MOVES.items():
            if isinstance(node.op, op):
                return move(node, given)
        for op, method in OPERATIONS.items():
            if isinstance(node.op, op):
                return method(self, node, given)
        raise NoProgramError(f"{node.op} is no operation that can be unrolled")

    def _look_up(self, variable: Variable, known: Mapping[Variable, Array]) -> Array:
        if variable in known:
            return known[variable]
        if not isinstance(variable, Constant):
            raise NoProgramError(f"{variable} is none of the inputs")
        if not hasattr(variable.data, "dtype"):
            return np.empty(0, dtype=object)  # a bound of a slice, which is read where it is used
        return self._constants(np.asarray(variable.data))

    def _constants(self, numbers: np.ndarray) -> Array:
        array = np.empty(numbers.shape, dtype=object)
        for place in np.ndindex(numbers.shape):
            array[place] = self.scalars.constant(numbers[place])
        return array

    def elementwise(self, node: Apply, given: list[Array]) -> Array:
        """Return a scalar operation of each entry."""
        return self._each(lambda *each: self._apply(node.op.scalar_op, list(each)), *given)

    def _each(self, function: Callable[..., Any], *given: Array) -> Array:
        arrays = np.broadcast_arrays(*given)
        made = np.empty(arrays[0].shape, dtype=object)
        for place in np.ndindex(made.shape):
            made[place] = function(*(array[place] for array in arrays))
        return made

    def _apply(self, op: Any, given: list[Any]) -> Any:
        """Return an operation of scalars; products with zero and zeros in sums are left out."""
        if isinstance(op, ps.Mul):
            return self._product(given)
        if isinstance(op, ps.Add):
            return self._sum(given)
        if isinstance(op, ps.Switch) and given[1] is given[2]:
            return given[1]
        return self.scalars.apply(op, given)

    def _sum(self, terms: list[Any]) -> Any:
        left = [term for term in terms if not _is(0, term)]
        if len(left) < 2:
            return left[0] if left else self.zero
        return self.scalars.apply(ps.add, left)

    def _product(self, factors: list[Any]) -> Any:
        if len(self.scalars.made) > self.most:
            raise NoProgramError(f"more than {self.most} operations are too many to be written out")
        if any(_is(0, factor) for factor in factors):
            return self.zero
        left = [factor for factor in factors if not _is(1, factor)]
        # From the right, where chain rules leave what many slopes share.
        return reduce(lambda b, a: self.scalars.apply(ps.mul, [a, b]), reversed(left or factors))

    def dot(self, node: Apply, given: list[Array]) -> Array:
        """Return a product of vectors or matrices."""
        left, right = given
        rows = left.reshape(-1, left.shape[-1])
        columns = right.reshape(right.shape[0], -1)
        made = np.empty((len(rows), columns.shape[1]), dtype=object)
        for i, j in np.ndindex(made.shape):
            pairs = zip(rows[i], columns[:, j], strict=True)
            made[i, j] = self._sum([self._product(list(pair)) for pair in pairs])
        return made.reshape(left.shape[:-1] + right.shape[1:])

    def reduce(self, node: Apply, given: list[Array]) -> Array:
        """Return a sum, a maximum or the like, along some axes."""
        op, (array,) = node.op.scalar_op, given
        axes = range(array.ndim) if node.op.axis is None else node.op.axis
        kept = [i for i in range(array.ndim) if i not in axes]
        shape = tuple(array.shape[i] for i in kept)
        lines = np.moveaxis(array, kept, range(len(kept))).reshape((*shape, -1))
        made = np.empty(shape, dtype=object)
        for place in np.ndindex(shape):
            if isinstance(op, ps.Add):
                made[place] = self._sum(list(lines[place]))
            else:
                made[place] = reduce(lambda a, b: self._apply(op, [a, b]), lines[place])
        return made

    def largest(self, node: Apply, given: list[Array]) -> Array:
        """Return the place of the first largest number along an axis."""
        (array,) = given
        axes = range(array.ndim) if node.op.axis is None else node.op.axis
        if len(axes) != 1:
            raise NoProgramError("the place of a maximum is looked for along one axis")
        lines = np.moveaxis(array, axes[0], -1)
        made = np.empty(lines.shape[:-1], dtype=object)
        for place in np.ndindex(made.shape):
            made[place] = self._largest(list(lines[place]))
        return made

    def _largest(self, line: list[Any]) -> Any:
        best, found = line[0], self.scalars.constant(np.array(0.0))
        for i, each in enumerate(line[1:], start=1):
            above = self._apply(ps.gt, [each, best])
            here = self.scalars.constant(np.array(float(i)))
            found = self._apply(ps.switch, [above, here, found])
            best = self._apply(ps.switch, [above, each, best])
        return found

    def replace(self, node: Apply, given: list[Array]) -> Array:
        """Return an array of which a part is replaced, or has something added."""
        made = given[0].copy()
        place = made[(*places_of(node, 2), ...)]
        is_set = node.op.set_instead_of_inc
        place[...] = given[1] if is_set else self._each(self._plus, place, given[1])
        return made

    def _plus(self, a: Any, b: Any) -> Any:
        return self._sum([a, b])


OPERATIONS: dict[type, Callable[[_Arrays, Apply, list[Array]], Array]] = {
    Elemwise: _Arrays.elementwise,
    Dot: _Arrays.dot,
    Argmax: _Arrays.largest,
    CAReduce: _Arrays.reduce,
    IncSubtensor: _Arrays.replace,
}
"""What carries out each operation."""
