"""The normal form of a risk, however it was stated: the loss of one sample in scalar symbols."""

from typing import Any

from sympy import Basic, Expr, MatrixExpr, MatrixSymbol, Sum, Symbol
from sympy.core.function import AppliedUndef

from symlab.algebra.exactly import rationalize
from symlab.algebra.gate import as_scalar
from symlab.algebra.risk.matrices import from_matrices
from symlab.algebra.risk.stated import Roles, Stated
from symlab.algebra.risk.sums import from_sums
from symlab.checks import shown


def normalize_risk(given: Any, penalty: Any, roles: Roles, reduction: str) -> Stated:
    """Return a risk in its normal form, from whichever it was given in.

    Parameters
    ----------
    given, penalty : SymPy objects
    roles : Roles
    reduction : str

    Raises
    ------
    TypeError
        If the loss is no expression, or parameters or data are no symbols.
    ValueError
        If a sum or a matrix expression is of no form that is known.
    """
    loss = given if isinstance(given, MatrixExpr) else as_scalar(given, "loss")
    if loss.has(Sum):
        return from_sums(loss, penalty, roles)
    if loss.has(MatrixSymbol):
        return from_matrices(loss, penalty, roles, reduction)
    return _state_loss(loss, penalty, roles, reduction)


def _state_loss(loss: Expr, penalty: Basic, roles: Roles, reduction: str) -> Stated:
    if unknown := sorted(map(str, loss.atoms(AppliedUndef))):
        raise ValueError(f"loss: contains undefined functions {unknown}.")
    for name, symbols in (("parameters", roles.parameters), ("data", roles.data)):
        if not symbols or not all(isinstance(symbol, Symbol) for symbol in symbols):
            raise TypeError(f"{name}: expected SymPy symbols, got {shown(symbols)}.")
    columns = {symbol: (symbol,) for symbol in roles.data}
    return Stated(
        rationalize(loss),
        roles.parameters,
        roles.data,
        reduction,
        columns,
        rationalize(penalty),
        roles.constants,
    )
