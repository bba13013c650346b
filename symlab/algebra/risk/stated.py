"""A risk in its normal form, whichever way it was stated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Symbol


@dataclass(frozen=True)
class Roles:
    """What each name in a loss is, as the user gave them: parameters, data, and constants."""

    parameters: tuple[Any, ...]
    data: tuple[Any, ...]
    constants: tuple[Any, ...]


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
