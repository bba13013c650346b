"""A risk stated in matrices: any loss whose entries can be written out.

Data are matrices with a row for each sample, parameters matrices of a known size. The loss is one
number, the total over the samples (`(X*w - y).T*(X*w - y)/m`, a `Trace`, `OneMatrix(1, m)*...`), or
one for each sample (a column). Put a single row in place of each matrix of data, and the loss of
one sample is left. That the total is the sum of such losses is checked numerically.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from sympy import (
    Add,
    Basic,
    Expr,
    Float,
    Identity,
    ImmutableDenseMatrix,
    Integer,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Symbol,
    Trace,
    ZeroMatrix,
    eye,
    ones,
    simplify,
    zeros,
)
from sympy.matrices.exceptions import NonInvertibleMatrixError, ShapeError
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from symlab.algebra.exactly import rationalize
from symlab.algebra.order import natural_key
from symlab.algebra.risk.stated import Roles, Stated
from symlab.checks import shown

SEED = 9
CLOSE = 1e-9

UNWRITABLE = (ShapeError, NonInvertibleMatrixError)
"""What SymPy raises where entries do not fit or do not exist."""

Letters = Mapping[MatrixSymbol, MatrixBase]


def from_matrices(given: Any, penalty: Any, roles: Roles, reduction: str) -> Stated:
    """Read a loss of matrices.

    Raises
    ------
    TypeError
        If no parameters are named.
    ValueError
        If a matrix has no row for each sample or no known number of columns, or the loss is no sum
        over the samples.
    """
    parameters, constants = roles.parameters, roles.constants
    if not parameters or not all(isinstance(p, (MatrixSymbol, Symbol)) for p in parameters):
        raise TypeError(
            f"parameters: expected matrices and symbols, such as the column w of X*w, got "
            f"{shown(parameters)}."
        )
    data = _data(given, parameters, roles.data)
    rows = data[0].shape[0]
    weights = {p: _entries(p, p.shape[0]) for p in parameters if isinstance(p, MatrixSymbol)}
    columns = {matrix: _row(matrix) for matrix in data}
    letters = {**weights, **columns}
    losses, beside, reductions = [], [], set()
    is_total = _is_total(given, letters, rows)
    for factor, part in _terms(given, Integer(1)):
        if not _reads_data(part, data):
            beside.append(factor * _single_entry(_write_out(part, letters, (rows, 1))))
            continue
        share, found = _share(factor, rows) if is_total else (factor, reduction)
        reductions.add(found)
        losses.append(share * _single_entry(_write_out(part, letters, (rows, 1))))
    if len(reductions) > 1:
        raise ValueError("loss: expected all sums to be means, or none; divide all by the number.")
    once = Add(*beside, _single_entry(_write_out(penalty, letters, (rows, 1))))
    loss = Add(*losses)
    scalars = tuple(
        symbol
        for p in parameters
        for symbol in (weights[p].flat() if isinstance(p, MatrixSymbol) else [p])
    )
    flat = {matrix: tuple(columns[matrix].flat()) for matrix in data}
    columned = tuple(symbol for symbols in flat.values() for symbol in symbols)
    sizes = rows.free_symbols
    free = (loss.free_symbols | once.free_symbols) - {*scalars, *columned, *sizes}
    return Stated(
        rationalize(loss),
        scalars,
        columned,
        reductions.pop(),
        flat,
        rationalize(once),
        tuple(sorted(free | set(constants), key=natural_key)),
        None if rows == 1 else rows,
    )


def _data(given: Basic, parameters: tuple, named: tuple) -> list[MatrixSymbol]:
    """Return the matrices of data: those named, then in the order of their names."""
    read = given.atoms(MatrixSymbol) - set(parameters)
    data = [*named, *sorted(read - set(named), key=natural_key)]
    if not read:
        raise ValueError(f"loss: {shown(given)} reads no matrix of data.")
    for matrix in data:
        if not isinstance(matrix, MatrixSymbol) or matrix not in read:
            raise ValueError(f"data: the loss reads no matrix {shown(matrix)}.")
        if matrix.shape[0] != data[0].shape[0]:
            raise ValueError(
                f"data: expected a row for each sample, but {matrix} has {matrix.shape[0]} "
                f"rows and {data[0]} has {data[0].shape[0]}."
            )
    return data


def _entries(matrix: MatrixSymbol, rows: Expr) -> ImmutableDenseMatrix:
    """Return a matrix of symbols: w0, w1 for a column, W0_0, W0_1 otherwise."""
    count, width = _size_of(matrix, rows), _size_of(matrix, matrix.shape[1])
    return ImmutableDenseMatrix(
        count,
        width,
        lambda i, j: Symbol(f"{matrix.name}{i}" + f"_{j}" * (width > 1), real=True),
    )


def _row(matrix: MatrixSymbol) -> ImmutableDenseMatrix:
    """Return one row of data: X0, X1, or y alone."""
    width = _size_of(matrix, matrix.shape[1])
    return ImmutableDenseMatrix(
        1, width, lambda _, j: Symbol(matrix.name + str(j) * (width > 1), real=True)
    )


def _size_of(matrix: MatrixSymbol, size: Expr) -> int:
    if not size.is_Integer:
        raise ValueError(
            f"loss: the number of columns of {matrix} must be a number, got {size}."
            if size == matrix.shape[1]
            else f"loss: the size of {matrix} must be a number, got {size}."
        )
    return int(size)


def _terms(node: Basic, factor: Expr) -> list[tuple[Expr, Basic]]:
    """Return the terms of a sum, each with the scalar factor in front of it."""
    if isinstance(node, (Add, MatAdd)):
        return [term for part in node.args for term in _terms(part, factor)]
    if isinstance(node, (Mul, MatMul)):
        front = [part for part in node.args if not part.has(MatrixExpr)]
        rest = [part for part in node.args if part.has(MatrixExpr)]
        if front and rest:
            return _terms(node.func(*rest), factor * Mul(*front))
        if len(rest) == 1:
            return _terms(rest[0], factor) if node.args != (rest[0],) else [(factor, node)]
    return [(factor, node)]


def _reads_data(part: Basic, data: list[MatrixSymbol]) -> bool:
    return bool(part.atoms(MatrixSymbol) & set(data))


def _share(factor: Expr, rows: Expr) -> tuple[Expr, str]:
    """Return a loss's factor, and whether it makes a total over the samples a mean."""
    share = simplify(factor * rows)
    if rows.free_symbols & factor.free_symbols:
        if share.free_symbols & rows.free_symbols:
            raise ValueError(
                f"loss: expected a sum, or one divided by the number {rows}, got the factor "
                f"{factor}."
            )
        return share, "mean"
    return (share, "mean") if rows != 1 and share == 1 else (factor, "sum")


def _is_total(given: Basic, letters: Letters, rows: Expr) -> bool:
    """Whether a loss is the total over the samples rather than a column of their losses.

    Raises
    ------
    ValueError
        If it is neither: if two samples together do not have the losses that each has alone.
    """
    if rows == 1:
        return False
    generator = np.random.Generator(np.random.PCG64(SEED))
    one, other, both = ({}, {}, {})
    for matrix, symbols in letters.items():
        if matrix.shape[0] != rows:
            one[matrix] = other[matrix] = both[matrix] = _draw_matrix(generator, symbols.shape)
            continue
        one[matrix], other[matrix] = (_draw_matrix(generator, symbols.shape) for _ in range(2))
        both[matrix] = one[matrix].col_join(other[matrix])
    scalars = {symbol: Float(generator.uniform(0.5, 1)) for symbol in _scalars(given)}
    parts = [
        part
        for _, part in _terms(given, Integer(1))
        if _reads_data(part, [matrix for matrix in letters if matrix.shape[0] == rows])
    ]
    kinds = {_kind(part.xreplace(scalars), (one, other, both), rows) for part in parts}
    if len(kinds) != 1 or None in kinds:
        raise ValueError(
            f"loss: expected a total over the rows, or a column with one loss a row, got "
            f"{shown(given)}."
        )
    return kinds.pop() == "total"


def _scalars(given: Basic) -> set[Symbol]:
    """Return the symbols that are numbers, not sizes of matrices."""
    shapes = (matrix.shape for matrix in given.atoms(MatrixSymbol, OneMatrix, Identity, ZeroMatrix))
    sizes = {symbol for shape in shapes for size in shape for symbol in size.free_symbols}
    return {s for s in given.free_symbols if isinstance(s, Symbol)} - sizes


def _kind(part: Basic, trials: tuple[Letters, Letters, Letters], rows: Expr) -> str | None:
    one, other, both = (
        _column(_write_out(part, letters, (rows, count)))
        for letters, count in zip(trials, (1, 1, 2), strict=True)
    )
    if len(both) == 2:
        return "column" if np.allclose(both, [*one, *other], rtol=CLOSE) else None
    return "total" if np.allclose(both, [one[0] + other[0]], rtol=CLOSE) else None


def _column(value: Any) -> list[float]:
    entries = value.flat() if isinstance(value, MatrixBase) else [value]
    try:
        return [float(entry) for entry in entries]
    except TypeError:
        raise ValueError("loss: its entries are not real numbers for real data.") from None


def _draw_matrix(generator: np.random.Generator, shape: tuple[int, int]) -> ImmutableDenseMatrix:
    return ImmutableDenseMatrix(*shape, [Float(v) for v in generator.uniform(0.2, 1, shape).flat])


def _single_entry(value: Any) -> Expr:
    """Return the one entry of what stands for a number."""
    if not isinstance(value, MatrixBase):
        return value
    if value.shape != (1, 1):
        raise ValueError(
            f"loss: expected one number a sample, got a matrix of shape {value.shape}."
        )
    return value[0, 0]


def _write_out(node: Any, letters: Letters, rows: tuple[Expr, int]) -> Any:
    """Return an expression with its matrices written out, with `rows` rows of data each.

    Raises
    ------
    ValueError
        If shapes do not fit, or an operation has no entries that could be written out.
    """
    try:
        return _write_out_node(node, letters, rows)
    except (*UNWRITABLE, NotImplementedError, AttributeError, IndexError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"loss: cannot be written out in entries: {shown(reason)}.") from None


def _write_out_node(node: Any, letters: Letters, rows: tuple[Expr, int]) -> Any:
    if isinstance(node, (MatrixSymbol, OneMatrix, ZeroMatrix, Identity)):
        return letters[node] if isinstance(node, MatrixSymbol) else _write_constant(node, rows)
    if not isinstance(node, (Expr, MatrixExpr)) or not node.has(MatrixExpr):
        return node
    if isinstance(node, MatrixElement):
        return _write_out_node(node.parent, letters, rows)[node.i, node.j]
    if isinstance(node, ElementwiseApplyFunction):
        return _write_out_node(node.expr, letters, rows).applyfunc(node.function)
    return _apply(node, [_write_out_node(argument, letters, rows) for argument in node.args])


def _apply(node: Any, arguments: list[Any]) -> Any:
    if isinstance(node, Trace):
        return arguments[0].trace()
    if isinstance(node, MatrixExpr):
        return _evaluate(node.func(*arguments))
    return _entrywise(node.func, arguments)


def _write_constant(node: Any, rows: tuple[Expr, int]) -> ImmutableDenseMatrix:
    sizes = [rows[1] if size == rows[0] else int(size) for size in node.shape]
    if isinstance(node, Identity):
        return eye(sizes[0]).as_immutable()
    return (ones if isinstance(node, OneMatrix) else zeros)(*sizes).as_immutable()


def _evaluate(node: Any) -> Any:
    found = node.doit()
    return found.as_explicit() if isinstance(found, MatrixExpr) else found


def _entrywise(function: Any, arguments: list[Any]) -> Any:
    """Apply a function of numbers to matrices entry by entry, as log(1 + exp(X*w)) means."""
    matrices = [each for each in arguments if isinstance(each, MatrixBase)]
    if not matrices:
        return function(*arguments)
    shapes = {matrix.shape for matrix in matrices}
    if len(shapes) > 1:
        raise ShapeError(f"matrices of the shapes {sorted(shapes)} in one function of numbers")
    at = partial(_entry_at, function, arguments)
    return ImmutableDenseMatrix(*shapes.pop(), at)


def _entry_at(function: Any, arguments: list[Any], i: int, j: int) -> Expr:
    return function(*(a[i, j] if isinstance(a, MatrixBase) else a for a in arguments))
