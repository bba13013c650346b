"""What writes each operation of tensors as loops; each returns the places of its result."""

from collections.abc import Callable
from math import prod

import numpy as np
import pytensor.scalar as ps
from pytensor.graph.basic import Apply
from pytensor.tensor.elemwise import CAReduce, Elemwise
from pytensor.tensor.math import Argmax, Dot
from pytensor.tensor.subtensor import IncSubtensor

from symlab.engine.compiled.c_program import Program, Translation, as_double
from symlab.engine.compiled.c_text import NoProgramError, indent
from symlab.engine.compiled.elementwise_group import ElementwiseGroup
from symlab.engine.compiled.loop_writer import LoopWriter
from symlab.engine.compiled.tensor_views import known_shape, places_of

ABREAST = 4
"""Sums of a matrix product that are taken at a time, so that what is read serves all of them."""


def write_elementwise(writer: LoopWriter, node: Apply, given: list[np.ndarray]) -> np.ndarray:
    """Return the places of an elementwise operation, which joins the open loop."""
    shape = known_shape(node.outputs[0])
    places = [np.broadcast_to(each, shape) for each in given]
    if isinstance(node.op.scalar_op, ps.Add):
        joined = _merge(writer, places)
        if joined is not None:
            return joined
    group = writer.group
    if group is None or group.shape != shape or any(map(group.reads_across, places)):
        writer.close()
        group = writer.group = ElementwiseGroup(shape, Translation(writer.instead))
    pairs = zip(places, node.inputs, strict=True)
    operands = [group.read(each, variable, writer.memory) for each, variable in pairs]
    made = writer.memory.take_rows(shape)
    group.add(node.op.scalar_op, node.outputs[0], operands, made)
    return made


def write_dot(writer: LoopWriter, node: Apply, given: list[np.ndarray]) -> np.ndarray:
    """Return the places of a product of matrices or vectors, some rows of it at a time."""
    writer.close()
    left, right = given
    made = writer.memory.take_rows(left.shape[:-1] + right.shape[1:])
    rows, columns = left.reshape(-1, left.shape[-1]), right.reshape(right.shape[0], -1)
    out = made.reshape(len(rows), columns.shape[1])
    if columns.shape[1] > len(rows):
        rows, columns, out = columns.T, rows.T, out.T
    end = (
        writer.ending(node.outputs[0], made)
        .replace("][lane]", "])")
        .replace("v[", "ALL(v[")
        .replace("share[lane]", "ALL(share)")
    )
    whole = len(rows) // ABREAST * ABREAST
    for part, abreast in ((slice(0, whole), ABREAST), (slice(whole, None), 1)):
        _write_product(writer, rows[part], columns, (out[part], end), abreast)
    return made


def _write_product(
    writer: LoopWriter,
    rows: np.ndarray,
    columns: np.ndarray,
    ending: tuple[np.ndarray, str],
    abreast: int,
) -> None:
    out, end = ending
    if not len(rows):
        return
    index, across = writer.memory.write_index, range(abreast)
    first = writer.memory.write_lanes(columns, "kj")
    factors = [writer.memory.write_lanes(rows[n::abreast], "ik") for n in across]
    kind = "double" if first.startswith("w") else "Lanes"
    writer.lines += [
        f"for (int j = 0; j < {columns.shape[1]}; j++)",
        f"    for (int i = 0; i < {len(rows) // abreast}; i++) {{",
        f"        Lanes {', '.join(f'a{n} = {{0}}' for n in across)};",
        f"        for (int k = 0; k < {len(columns)}; k++) {{",
        f"            const {kind} other = {first};",
        *(f"            a{n} += {factors[n]} * other;" for n in across),
        "        }",
        *(f"        {end.format(index(out[n::abreast], 'ij'), f'a{n}')}" for n in across),
        "    }",
    ]


def reduce_axes(writer: LoopWriter, node: Apply, given: list[np.ndarray]) -> np.ndarray:
    """Return the places of a sum, a maximum or the like, along some axes."""
    writer.close()
    (array,), op = given, node.op.scalar_op
    axes = range(array.ndim) if node.op.axis is None else node.op.axis
    kept = [i for i in range(array.ndim) if i not in axes]
    shape = tuple(array.shape[i] for i in kept)
    lines = np.moveaxis(array, kept, range(len(kept))).reshape((prod(shape), -1))
    made = writer.memory.take_rows(shape)
    scalars = [ps.float64(), ps.float64()]
    program = Program(tuple(scalars), (op(*scalars),))
    index, rows = writer.memory.write_index, writer.memory.copy_to_rows(lines)
    end = f"v[{index(made.ravel())}][lane]"
    name = f"v[{index(rows, 'ik')}][lane]"
    start = f"v[{index(rows[:, 0])}][lane]"
    writer.write_loop(len(lines), [f"{end} = {start};"])
    loop = [
        f"for (int k = 1; k < {lines.shape[1]}; k++) {{",
        "    #pragma omp simd",
        "    for (int lane = 0; lane < LANES; lane++) {",
        *indent(program.lines([end, name], [f"{end} = {{}};"]), 2),
        "    }",
        "}",
    ]
    writer.lines += [f"for (int i = 0; i < {len(lines)}; i++)", *indent(loop)]
    return made


def find_largest(writer: LoopWriter, node: Apply, given: list[np.ndarray]) -> np.ndarray:
    """Return the place of the first largest number along an axis."""
    writer.close()
    (array,) = given
    axes = range(array.ndim) if node.op.axis is None else node.op.axis
    if len(axes) != 1:
        raise NoProgramError("the place of a maximum is looked for along one axis")
    lines = np.moveaxis(array, axes[0], -1)
    made = writer.memory.take_rows(lines.shape[:-1])
    lines, scalars = lines.reshape(made.size, -1), [ps.float64() for _ in range(array.size)]
    best, found = scalars[0], ps.constant(0.0, dtype="float64")
    for i, each in enumerate(scalars[1 : lines.shape[1]], start=1):
        above = ps.gt(each, best)
        found = ps.switch(above, ps.constant(float(i), dtype="float64"), found)
        best = ps.switch(above, each, best)
    names = [writer.memory.write_lane(column) for column in lines.T]
    program = Program(tuple(scalars[: lines.shape[1]]), (as_double(found),))
    end = f"v[{writer.memory.write_index(made.ravel())}][lane] = {{}};"
    writer.write_loop(made.size, program.lines(names, [end]))
    return made


def replace_part(writer: LoopWriter, node: Apply, given: list[np.ndarray]) -> np.ndarray:
    """Return an array of which a part is replaced, or has something added."""
    made, wanted = given[0].copy(), (*places_of(node, 2), ...)
    part = made[wanted]
    new = np.broadcast_to(given[1], part.shape)
    if not node.op.set_instead_of_inc:
        joined = _merge(writer, [part, new])
        new = _add(writer, part, new) if joined is None else joined
    part[...] = new
    return made


def _merge(writer: LoopWriter, terms: list[np.ndarray]) -> np.ndarray | None:
    """Return a sum of arrays as places alone, where no two terms meet."""
    stack, zero = np.array(terms), writer.memory.place_constant(0.0)
    if ((stack != zero).sum(axis=0) > 1).any():
        return None
    chosen = (stack != zero).argmax(axis=0)
    return np.take_along_axis(stack, chosen[None], axis=0)[0]


def _add(writer: LoopWriter, part: np.ndarray, new: np.ndarray) -> np.ndarray:
    writer.close()
    made = writer.memory.take_rows(part.shape)
    names = [writer.memory.write_lane(each.ravel()) for each in (part, new)]
    end = f"v[{writer.memory.write_index(made.ravel())}][lane]"
    writer.write_loop(part.size, [f"{end} = {' + '.join(names)};"])
    return made


WRITTEN: dict[type, Callable[[LoopWriter, Apply, list[np.ndarray]], np.ndarray]] = {
    Elemwise: write_elementwise,
    Dot: write_dot,
    Argmax: find_largest,
    CAReduce: reduce_axes,
    IncSubtensor: replace_part,
}
"""What writes each operation."""
