"""Ways to state a risk, brought to one: the loss of one sample, in scalar symbols."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, Integer, MatrixExpr, MatrixSymbol, Sum, Symbol
from sympy.core.function import AppliedUndef

from symlab.algebra.exactly import rationalize
from symlab.algebra.gate import scalar
from symlab.checks import shown


@dataclass(frozen=True)
class Stated:
    """A risk in its normal form.

    Parameters
    ----------
    loss : sympy.Expr
        Of one sample.
    parameters, data : tuple of sympy.Symbol
    reduction : str
        `"mean"` or `"sum"` over the samples.
    columns : mapping
        From what a user binds data to (a symbol, an indexed base, a matrix) to the scalar symbols
        that stand for its columns.
    penalty : sympy.Expr
        Added once.
    constants : tuple of sympy.Symbol
        What is neither parameter nor data, and gets a number with the data.
    length : sympy.Expr, optional
        The number of samples, where the statement names it.
    """

    loss: Expr
    parameters: tuple[Symbol, ...]
    data: tuple[Symbol, ...]
    reduction: str
    columns: Mapping[Any, tuple[Symbol, ...]]
    penalty: Expr = Integer(0)  # noqa: RUF009 (SymPy's numbers never change)
    constants: tuple[Symbol, ...] = ()
    length: Expr | None = None


def stated(given: Any, penalty: Any, names: tuple[tuple, tuple, tuple], reduction: str) -> Stated:
    """Return a risk in its normal form, from whichever it was given in.

    Parameters
    ----------
    given, penalty : SymPy objects
    names : tuple of three tuples
        The parameters, the data and the constants, as they were given.
    reduction : str

    Raises
    ------
    TypeError
        If the loss is no expression, or parameters or data are no symbols.
    ValueError
        If a sum or a matrix expression is of no form that is known.
    """
    # Down here, because both forms return what this file defines.
    from symlab.algebra.risk_matrices import from_matrices
    from symlab.algebra.risk_sums import from_sums

    loss = given if isinstance(given, MatrixExpr) else scalar(given, "loss")
    if loss.has(Sum):
        return from_sums(loss, penalty, names)
    if loss.has(MatrixSymbol):
        return from_matrices(loss, penalty, names, reduction)
    return _plain(loss, penalty, names, reduction)


def _plain(loss: Expr, penalty: Basic, names: tuple[tuple, tuple, tuple], reduction: str) -> Stated:
    parameters, data, constants = names
    if unknown := sorted(map(str, loss.atoms(AppliedUndef))):
        raise ValueError(f"loss: contains undefined functions {unknown}.")
    for name, symbols in (("parameters", parameters), ("data", data)):
        if not symbols or not all(isinstance(symbol, Symbol) for symbol in symbols):
            raise TypeError(f"{name}: expected SymPy symbols, got {shown(symbols)}.")
    columns = {symbol: (symbol,) for symbol in data}
    return Stated(
        rationalize(loss), parameters, data, reduction, columns, rationalize(penalty), constants
    )
