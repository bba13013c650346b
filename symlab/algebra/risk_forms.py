"""Three ways to state a risk, brought to one: the loss of one sample, in scalar symbols."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Sum,
    Symbol,
    Transpose,
    simplify,
    sympify,
)

from symlab.algebra.exactly import rationalize


@dataclass(frozen=True)
class Stated:
    """A risk in its normal form.

    `columns` maps what a user binds data to (a symbol, an indexed base, a matrix) to the scalar
    symbols that stand for its columns.
    """

    loss: Expr
    parameters: tuple[Symbol, ...]
    data: tuple[Symbol, ...]
    reduction: str
    columns: Mapping[Any, tuple[Symbol, ...]]
    penalty: Expr = Integer(0)  # noqa: RUF009 (SymPy's numbers never change)


def stated(given: Any, parameters: tuple, data: tuple, reduction: str) -> Stated:
    """Return a risk in its normal form, from whichever of the three it was given in.

    Raises
    ------
    TypeError
        If the loss is no expression, or parameters or data are no symbols.
    ValueError
        If a sum or a matrix expression is of no form that is known.
    """
    if isinstance(given, str):
        raise TypeError(f"loss: expected a SymPy expression, got the text {given!r}.")
    if isinstance(given, MatrixExpr):
        return _from_matrices(given, parameters)
    loss = sympify(given)
    if not isinstance(loss, Expr):
        raise TypeError(f"loss: expected a SymPy expression, got {given!r}.")
    if loss.has(Sum):
        return _from_sum(loss, parameters)
    for name, symbols in (("parameters", parameters), ("data", data)):
        if not symbols or not all(isinstance(symbol, Symbol) for symbol in symbols):
            raise TypeError(f"{name}: expected SymPy symbols, got {symbols!r}.")
    columns = {symbol: (symbol,) for symbol in data}
    return Stated(rationalize(loss), parameters, data, reduction, columns)


def _from_sum(given: Expr, parameters: tuple) -> Stated:
    """Read c * Sum(loss, (i, low, high)) + penalty."""
    terms = [term for term in given.as_ordered_terms() if term.has(Sum)]
    sums = [factor for term in terms for factor in term.atoms(Sum)]
    if len(terms) != 1 or len(sums) != 1 or len(sums[0].limits) != 1:
        raise ValueError(f"loss: expected one sum over one index, got {given}.")
    summation = sums[0]
    index, low, high = summation.limits[0]
    factor, length = terms[0] / summation, high - low + 1
    is_mean = simplify(factor * length) == 1
    loss, columns = _without_indices(summation.function, index)
    free = loss.free_symbols - {s for symbols in columns.values() for s in symbols}
    chosen = parameters or tuple(sorted(free - length.free_symbols, key=lambda symbol: symbol.name))
    data = tuple(symbol for symbols in columns.values() for symbol in symbols)
    scaled = rationalize(loss if is_mean else factor * loss)
    penalty = rationalize(given - terms[0])
    return Stated(scaled, chosen, data, "mean" if is_mean else "sum", columns, penalty)


def _without_indices(
    loss: Expr, index: Symbol | Idx
) -> tuple[Expr, dict[IndexedBase, tuple[Symbol, ...]]]:
    """Replace x[i] by x, and X[i, 2] by X2."""
    columns: dict[IndexedBase, dict[Symbol, None]] = {}
    names: dict[Indexed, Symbol] = {}
    for entry in sorted(loss.atoms(Indexed), key=str):
        first, *rest = entry.indices
        if first != index or not all(each.is_Integer for each in rest):
            raise ValueError(f"loss: cannot read {entry}; expected the index {index} first.")
        label = entry.base.name + "".join(map(str, rest))
        names[entry] = Symbol(label, real=True)
        columns.setdefault(entry.base, {})[names[entry]] = None
    if not columns:
        raise ValueError(f"loss: the sum over {index} reads no indexed data.")
    return loss.xreplace(names), {base: tuple(symbols) for base, symbols in columns.items()}


def _from_matrices(given: MatrixExpr, parameters: tuple) -> Stated:
    """Read c * (A*x - b).T * (A*x - b): the squared residual of one row of A, summed."""
    factor, residual = _square(given)
    unknown = parameters[0] if parameters else None
    if len(parameters) != 1 or not isinstance(unknown, MatrixSymbol):
        raise TypeError(f"parameters: expected the column x of A*x, got {parameters!r}.")
    products = [term for term in residual.args if isinstance(term, MatMul) and term.has(unknown)]
    if len(products) != 1:
        raise ValueError(f"loss: expected linear least squares in {unknown}, got {given}.")
    sign, matrices = products[0].as_coeff_matrices()
    if len(matrices) != 2 or matrices[1] != unknown:
        raise ValueError(f"loss: expected linear least squares in {unknown}, got {given}.")
    return _least_squares((factor, sign), matrices[0], unknown, residual - products[0])


def _square(given: MatrixExpr) -> tuple[Expr, MatrixExpr]:
    """Return c and r where the expression is c * r.T * r."""
    factor, matrices = given.as_coeff_matrices() if isinstance(given, MatMul) else (1, [given])
    if len(matrices) == 2:
        scale = _ratio(matrices[0], Transpose(matrices[1]).doit())
        if scale is not None:
            return sympify(factor) * scale, matrices[1]
    raise ValueError(f"loss: expected c*(A*x - b).T*(A*x - b), got {given}.")


def _ratio(left: MatrixExpr, right: MatrixExpr) -> Expr | None:
    """Return c where left is c * right, term by term: SymPy moves a factor into a sum's terms."""
    terms: list[dict[Any, Expr]] = [{}, {}]
    for found, matrix in zip(terms, (left, right), strict=True):
        for term in MatAdd.make_args(matrix):
            coefficient, matrices = term.as_coeff_matrices() if term.is_MatMul else (1, [term])
            found[tuple(matrices)] = sympify(coefficient)
    if terms[0].keys() != terms[1].keys():
        return None
    ratios = {terms[0][key] / terms[1][key] for key in terms[0]}
    return ratios.pop() if len(ratios) == 1 else None


def _least_squares(
    signs: tuple[Expr, Expr], matrix: MatrixSymbol, unknown: MatrixSymbol, target: MatrixExpr
) -> Stated:
    width = matrix.shape[1]
    if not width.is_Integer:
        raise ValueError(f"loss: the number of columns of {matrix} must be a number, got {width}.")
    factor, sign = signs
    names = [Symbol(f"{matrix.name}{j}", real=True) for j in range(int(width))]
    weights = tuple(Symbol(f"{unknown.name}{j}", real=True) for j in range(int(width)))
    columns: dict[Any, tuple[Symbol, ...]] = {matrix: tuple(names)}
    residual = sign * sum((a * w for a, w in zip(names, weights, strict=True)), Integer(0))
    for symbol in sorted(target.atoms(MatrixSymbol), key=str):
        columns[symbol] = (Symbol(symbol.name, real=True),)
        coefficient = 1 if target == symbol else -1
        if target not in (symbol, -symbol):
            raise ValueError(f"loss: expected one right-hand side, got {target}.")
        residual += coefficient * columns[symbol][0]
    data = tuple(symbol for symbols in columns.values() for symbol in symbols)
    return Stated(factor * residual**2, weights, data, "sum", columns)
