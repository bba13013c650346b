"""Graphs of tensors for one sample as C loops, in which lanes of a vector are samples.

Every number that differs between samples is a row of `LANES` doubles, `v[row]`; every number that
does not, a weight or a constant, is an entry of `w`. A tensor is an array of places: a row, or
where negative, -1 - entry. What only moves numbers about (slices, padding, reshaping, the sum of
arrays that are zero where others are not) moves places when the text is made, and costs nothing
when it runs. Elementwise operations of one shape share a loop.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from symlab.engine.compiled.c_text import NoProgramError, indent
from symlab.engine.compiled.tensor_views import MOVES, Moved, known_shape, places_of

ABREAST = 4
"""Sums of a matrix product that are taken at a time, so that what is read serves all of them."""


@dataclass(frozen=True)
class Looped:
    """A graph of tensors as loops.

    Parameters
    ----------
    tables : list of str
        C declarations of places that follow no rule.
    copies : dict of int to int
        Rows that hold the same in all lanes, by the entry of `w` they hold.
    lines : list of str
        The loops.
    rows : int
        How many rows there are.
    constants : list of float
        What `w` holds behind the weights.
    sums : list of str
        For each output the row in which its i-th entry is added up, as a C expression.
    sizes : list of int
        The number of entries of each output.
    support : tuple of str
        C functions that are called.
    """

    tables: list[str]
    copies: dict[int, int]
    lines: list[str]
    rows: int
    constants: list[float]
    sums: list[str]
    sizes: list[int]
    support: tuple[str, ...]


def looped(
    samples: Sequence[Variable],
    weights: Sequence[Variable],
    outputs: Sequence[Variable],
    instead: Mapping[str, Callable[..., Any]],
    most: int,
) -> Looped:
    """Return graphs as loops, after PyTensor's rewrites.

    Parameters
    ----------
    samples, weights : sequence of tensor variables
        What differs between samples, in the first rows, and what does not, in the first entries of
        `w`; their shapes are known.
    outputs : sequence of tensor variables
    instead : mapping of str to function
        By the name of a scalar operation, what computes the same in other operations.
    most : int
        Rows at most.

    Raises
    ------
    NoProgramError
        If there are more, or an operation is none of those known here.
    """
    if sum(prod(known_shape(each)) for each in (*samples, *weights)) > most:
        raise NoProgramError(f"more than {most} numbers are too many for lanes")
    given, wanted = simplify([*samples, *weights], outputs)
    loops = _Loops(instead, most, given[: len(samples)], given[len(samples) :], wanted)
    return loops.followed()


@dataclass
class _Group:
    """Elementwise operations of one shape, in one loop."""

    shape: tuple[int, ...]
    scalars: Translation
    inputs: dict[tuple[bytes, bool], tuple[Any, np.ndarray]] = field(default_factory=dict)
    made: dict[Variable, tuple[Any, np.ndarray]] = field(default_factory=dict)

    def inner(self, places: np.ndarray) -> Any:
        """Return the scalar of an operation in the group that has these places, or None."""
        for scalar, own in self.made.values():
            if own.shape == places.shape and (own == places).all():
                return scalar
        return None

    def reads_across(self, places: np.ndarray) -> bool:
        """Return whether an operation would read what the group makes, but not in its order."""
        if not self.made or self.inner(places) is not None:
            return False
        return any(np.isin(places, own).any() for _, own in self.made.values())


class _Loops:
    """The loops as they are written, operation by operation."""

    def __init__(
        self,
        instead: Mapping[str, Callable[..., Any]],
        most: int,
        samples: Sequence[Variable],
        weights: Sequence[Variable],
        outputs: Sequence[Variable],
    ) -> None:
        self.instead, self.most, self.outputs = instead, most, outputs
        self.rows = self.entries = 0
        self.known: dict[Variable, np.ndarray] = {}
        for variable in samples:
            self.known[variable] = self._new_rows(known_shape(variable))
        for variable in weights:
            size = prod(known_shape(variable))
            entries = -1 - np.arange(self.entries, self.entries + size)
            self.known[variable] = entries.reshape(known_shape(variable))
            self.entries += size
        self.constants: dict[float, int] = {}
        self.tables: dict[bytes, str] = {}
        self.declared: list[str] = []
        self.copies: dict[int, int] = {}
        self.lines: list[str] = []
        self.support: set[str] = set()
        self.sums: set[int] = set()
        self.clients: dict[Variable, list[Apply]] = {}
        self.group: _Group | None = None
        self.zero = self._constant(0.0)

    def followed(self) -> Looped:
        """Return all loops."""
        nodes = list(toposort(self.outputs, blockers=list(self.known)))
        for node in nodes:
            for each in set(node.inputs):
                self.clients.setdefault(each, []).append(node)
        missing = {node: {v for v in node.inputs if not self._is_known(v)} for node in nodes}
        ready = [node for node in nodes if not missing[node]]
        while ready:
            node = self._next(ready)
            ready.remove(node)
            given = [self._places(each) for each in node.inputs]
            made = self._made(node, given)
            results = made if isinstance(made, list) else [made]
            self.known.update(zip(node.outputs, results, strict=True))
            for output in node.outputs:
                for client in self.clients.get(output, []):
                    missing[client].discard(output)
                    ready += [] if missing[client] else [client]
            if self.rows > self.most:
                raise NoProgramError(f"more than {self.most} numbers are too many for lanes")
        self._close()
        ends = [self._added_up(self._places(each).ravel()) for each in self.outputs]
        text = self.declared, self.copies, self.lines
        constants, sizes = list(self.constants), [len(each) for each in ends]
        sums, support = list(map(self._index, ends)), tuple(sorted(self.support))
        return Looped(*text, self.rows, constants, sums, sizes, support)

    def _added_up(self, places: np.ndarray) -> np.ndarray:
        """Return the rows in which an output is added up, having written what is not yet."""
        rows = self._as_rows(places)
        left = ~np.isin(rows, list(self.sums))
        made = rows.copy()
        made[left] = self._new_rows((int(left.sum()),))
        if left.any():
            line = f"{self._index(made[left])}][lane] += share[lane] * v[{self._index(rows[left])}"
            self._write_loop(int(left.sum()), [f"v[{line}][lane];"])
        return made

    def _is_sum(self, variable: Variable) -> bool:
        """Return whether a result is only added up, whatever shape it takes before."""
        clients = self.clients.get(variable, [])
        moves = all(isinstance(node.op, tuple(MOVES)) for node in clients)
        return variable in self.outputs or (
            bool(clients) and moves and all(self._is_sum(each.outputs[0]) for each in clients)
        )

    def _end(self, variable: Variable, rows: np.ndarray) -> str:
        """Return what a line does with a result: set its row, or add to it."""
        if self.clients.get(variable) and variable in self.outputs:
            return "v[{0}][lane] = {1};"
        if not self._is_sum(variable):
            return "v[{0}][lane] = {1};"
        self.sums.update(map(int, rows.ravel()))
        return "v[{0}][lane] += share[lane] * ({1});"

    def _next(self, ready: list[Apply]) -> Apply:
        """Return the operation to go on with: one that costs nothing, or one for the open loop."""
        for node in ready:
            if isinstance(node.op, tuple(MOVES)):
                return node
        shape = self.group.shape if self.group is not None else None
        like = (node for node in ready if node.outputs[0].type.shape == shape)
        return next((node for node in like if isinstance(node.op, Elemwise)), ready[0])

    def _is_known(self, variable: Variable) -> bool:
        return isinstance(variable, Constant) or variable in self.known

    def _places(self, variable: Variable) -> np.ndarray:
        if variable in self.known:
            return self.known[variable]
        if not hasattr(variable.data, "dtype"):
            return np.empty(0, dtype=np.int64)  # a bound of a slice, read where it is used
        numbers = np.asarray(variable.data, dtype=float)
        return np.array([self._constant(each) for each in numbers.ravel()]).reshape(numbers.shape)

    def _constant(self, number: float) -> int:
        entry = self.constants.setdefault(float(number), self.entries + len(self.constants))
        return -1 - entry

    def _number(self, place: int) -> float | None:
        """Return the constant at a place, if it is one."""
        entry = -1 - place - self.entries
        return list(self.constants)[entry] if entry >= 0 else None

    def _new_rows(self, shape: tuple[int, ...]) -> np.ndarray:
        first = self.rows
        self.rows += prod(shape)
        return np.arange(first, self.rows).reshape(shape)

    def _as_rows(self, places: np.ndarray) -> np.ndarray:
        """Return the places with rows for what is the same in all lanes."""
        made = places.copy()
        for entry in np.unique(-1 - places[places < 0]):
            if entry not in self.copies:
                self.copies[int(entry)] = int(self._new_rows((1,))[0])
            made[places == -1 - entry] = self.copies[int(entry)]
        return made

    def _made(self, node: Apply, given: list[np.ndarray]) -> Moved:
        """Return the places of an operation's result."""
        for op, move in MOVES.items():
            if isinstance(node.op, op):
                return move(node, given)
        for kind, write in WRITTEN.items():
            if isinstance(node.op, kind):
                return write(self, node, given)
        raise NoProgramError(f"{node.op} is no operation that can be looped over")

    def elementwise(self, node: Apply, given: list[np.ndarray]) -> np.ndarray:
        """Return the places of an elementwise operation, which joins the open loop."""
        shape = known_shape(node.outputs[0])
        places = [np.broadcast_to(each, shape) for each in given]
        if isinstance(node.op.scalar_op, ps.Add):
            joined = self._joined(places)
            if joined is not None:
                return joined
        group = self.group
        if group is None or group.shape != shape or any(map(group.reads_across, places)):
            self._close()
            group = self.group = _Group(shape, Translation(self.instead))
        pairs = zip(places, node.inputs, strict=True)
        scalars = [self._operand(group, each, given) for each, given in pairs]
        scalar = group.scalars.apply(node.op.scalar_op, scalars)
        made = self._new_rows(shape)
        group.made[node.outputs[0]] = scalar, made
        return made

    def _joined(self, terms: list[np.ndarray]) -> np.ndarray | None:
        """Return a sum of arrays as places alone, where no two terms meet."""
        stack = np.array(terms)
        if ((stack != self.zero).sum(axis=0) > 1).any():
            return None
        chosen = (stack != self.zero).argmax(axis=0)
        return np.take_along_axis(stack, chosen[None], axis=0)[0]

    def _operand(self, group: _Group, places: np.ndarray, variable: Variable) -> Any:
        inner = group.inner(places)
        if inner is not None:
            return inner
        first = int(places.flat[0])
        number = self._number(first)
        if number is not None and (places == first).all():
            is_float = variable.dtype.startswith("float")
            return group.scalars.constant(np.asarray(number if is_float else int(number)))
        is_bool = variable.dtype == "bool"
        key = places.tobytes(), is_bool
        if key not in group.inputs:
            group.inputs[key] = ps.float64(), places
        scalar = group.inputs[key][0]
        zero = group.scalars.constant(np.asarray(0.0))
        return group.scalars.apply(ps.neq, [scalar, zero]) if is_bool else scalar

    def _close(self) -> None:
        """Write the open loop, if there is one, and what of it is read outside."""
        group, self.group = self.group, None
        if group is None:
            return
        kept = {v: pair for v, pair in group.made.items() if self._is_read(v, group)}
        count = prod(group.shape)
        inputs = list(group.inputs.values())
        program = Program(
            tuple(scalar for scalar, _ in inputs),
            tuple(as_double(scalar) for scalar, _ in kept.values()),
        )
        self.support.update(program.support)
        names = [self._name(places.ravel()) for _, places in inputs]
        ends = [
            self._end(variable, made).format(self._index(made.ravel()), "{}")
            for variable, (_, made) in kept.items()
        ]
        self._write_loop(count, program.lines(names, ends))

    def _is_read(self, variable: Variable, group: _Group) -> bool:
        inside = {each.owner for each in group.made if each.owner}
        clients = self.clients.get(variable, [])
        return variable in self.outputs or any(node not in inside for node in clients)

    def _write_loop(self, count: int, body: list[str]) -> None:
        lanes = ["#pragma omp simd", "for (int lane = 0; lane < LANES; lane++) {"]
        lines = [*lanes, *indent(body), "}"]
        if count == 1:
            self.lines += ["{", "    const int i = 0;", *indent(lines), "}"]
        else:
            self.lines += [f"for (int i = 0; i < {count}; i++) {{", *indent(lines), "}"]

    def _name(self, places: np.ndarray) -> str:
        if (places < 0).all():
            return f"w[{self._index(-1 - places)}]"
        return f"v[{self._index(self._as_rows(places))}][lane]"

    def _index(self, numbers: np.ndarray, letters: str = "i") -> str:
        """Return a C expression for the numbers of an array, by its indices."""
        grid = np.indices(numbers.shape).reshape(numbers.ndim, -1)
        flat, first = numbers.ravel(), int(numbers.flat[0])
        strides = [
            int(numbers[tuple(int(axis == other) for other in range(numbers.ndim))]) - first
            if length > 1
            else 0
            for axis, length in enumerate(numbers.shape)
        ]
        if (flat == first + np.array(strides) @ grid).all():
            terms = [
                letter if stride == 1 else f"{stride} * {letter}"
                for letter, stride in zip(letters, strides, strict=True)
                if stride
            ]
            return " + ".join([str(first), *terms])
        key = numbers.astype(np.int64).tobytes()
        if key not in self.tables:
            self.tables[key] = f"T{len(self.tables)}"
            listed = ", ".join(map(str, flat))
            self.declared.append(f"static const int {self.tables[key]}[] = {{{listed}}};")
        where = letters[-1]
        for axis in range(numbers.ndim - 2, -1, -1):
            where = f"{prod(numbers.shape[axis + 1 :])} * {letters[axis]} + {where}"
        return f"{self.tables[key]}[{where}]"

    def _value(self, places: np.ndarray, letters: str) -> str:
        """Return a C expression for all lanes, or for the number that is the same in all."""
        if (places < 0).all():
            return f"w[{self._index(-1 - places, letters)}]"
        return f"ALL(v[{self._index(self._as_rows(places), letters)}])"

    def dot(self, node: Apply, given: list[np.ndarray]) -> np.ndarray:
        """Return the places of a product of matrices or vectors, some rows of it at a time."""
        self._close()
        left, right = given
        made = self._new_rows(left.shape[:-1] + right.shape[1:])
        rows, columns = left.reshape(-1, left.shape[-1]), right.reshape(right.shape[0], -1)
        out = made.reshape(len(rows), columns.shape[1])
        if columns.shape[1] > len(rows):
            rows, columns, out = columns.T, rows.T, out.T
        end = self._end(node.outputs[0], made)
        end = (
            end.replace("][lane]", "])")
            .replace("v[", "ALL(v[")
            .replace("share[lane]", "ALL(share)")
        )
        whole = len(rows) // ABREAST * ABREAST
        for part, abreast in ((slice(0, whole), ABREAST), (slice(whole, None), 1)):
            self._write_product(rows[part], columns, (out[part], end), abreast)
        return made

    def _write_product(
        self, rows: np.ndarray, columns: np.ndarray, ending: tuple[np.ndarray, str], abreast: int
    ) -> None:
        out, end = ending
        if not len(rows):
            return
        across = range(abreast)
        first = self._value(columns, "kj")
        adds = [f"a{n} += {self._value(rows[n::abreast], 'ik')} * other;" for n in across]
        kind = "double" if first.startswith("w") else "Lanes"
        self.lines += [
            f"for (int j = 0; j < {columns.shape[1]}; j++)",
            f"    for (int i = 0; i < {len(rows) // abreast}; i++) {{",
            f"        Lanes {', '.join(f'a{n} = {{0}}' for n in across)};",
            f"        for (int k = 0; k < {len(columns)}; k++) {{",
            f"            const {kind} other = {first};",
            *indent(adds, 3),
            "        }",
            *(f"        {end.format(self._index(out[n::abreast], 'ij'), f'a{n}')}" for n in across),
            "    }",
        ]

    def reduced(self, node: Apply, given: list[np.ndarray]) -> np.ndarray:
        """Return the places of a sum, a maximum or the like, along some axes."""
        self._close()
        (array,), op = given, node.op.scalar_op
        axes = range(array.ndim) if node.op.axis is None else node.op.axis
        kept = [i for i in range(array.ndim) if i not in axes]
        shape = tuple(array.shape[i] for i in kept)
        lines = np.moveaxis(array, kept, range(len(kept))).reshape((prod(shape), -1))
        made = self._new_rows(shape)
        scalars = [ps.float64(), ps.float64()]
        program = Program(tuple(scalars), (op(*scalars),))
        end = f"v[{self._index(made.ravel())}][lane]"
        name = f"v[{self._index(self._as_rows(lines), 'ik')}][lane]"
        start = f"v[{self._index(self._as_rows(lines[:, 0]))}][lane]"
        self._write_loop(len(lines), [f"{end} = {start};"])
        loop = [
            f"for (int k = 1; k < {lines.shape[1]}; k++) {{",
            "    #pragma omp simd",
            "    for (int lane = 0; lane < LANES; lane++) {",
            *indent(program.lines([end, name], [f"{end} = {{}};"]), 2),
            "    }",
            "}",
        ]
        self.lines += [f"for (int i = 0; i < {len(lines)}; i++)", *indent(loop)]
        return made

    def largest(self, node: Apply, given: list[np.ndarray]) -> np.ndarray:
        """Return the place of the first largest number along an axis."""
        self._close()
        (array,) = given
        axes = range(array.ndim) if node.op.axis is None else node.op.axis
        if len(axes) != 1:
            raise NoProgramError("the place of a maximum is looked for along one axis")
        lines = np.moveaxis(array, axes[0], -1)
        made = self._new_rows(lines.shape[:-1])
        lines, scalars = lines.reshape(made.size, -1), [ps.float64() for _ in range(array.size)]
        best, found = scalars[0], ps.constant(0.0, dtype="float64")
        for i, each in enumerate(scalars[1 : lines.shape[1]], start=1):
            above = ps.gt(each, best)
            found = ps.switch(above, ps.constant(float(i), dtype="float64"), found)
            best = ps.switch(above, each, best)
        names = [self._name(column) for column in lines.T]
        program = Program(tuple(scalars[: lines.shape[1]]), (as_double(found),))
        end = f"v[{self._index(made.ravel())}][lane] = {{}};"
        self._write_loop(made.size, program.lines(names, [end]))
        return made

    def replaced(self, node: Apply, given: list[np.ndarray]) -> np.ndarray:
        """Return an array of which a part is replaced, or has something added."""
        made, wanted = given[0].copy(), (*places_of(node, 2), ...)
        part = made[wanted]
        new = np.broadcast_to(given[1], part.shape)
        if not node.op.set_instead_of_inc:
            joined = self._joined([part, new])
            new = self._added(part, new) if joined is None else joined
        part[...] = new
        return made

    def _added(self, part: np.ndarray, new: np.ndarray) -> np.ndarray:
        self._close()
        made = self._new_rows(part.shape)
        names = [self._name(each.ravel()) for each in (part, new)]
        self._write_loop(
            part.size, [f"v[{self._index(made.ravel())}][lane] = {' + '.join(names)};"]
        )
        return made


WRITTEN: dict[type, Callable[[_Loops, Apply, list[np.ndarray]], np.ndarray]] = {
    Elemwise: _Loops.elementwise,
    Dot: _Loops.dot,
    Argmax: _Loops.largest,
    CAReduce: _Loops.reduced,
    IncSubtensor: _Loops.replaced,
}
"""What writes each operation."""
