"""An empirical risk: one loss, written per sample, and what data make of it.

The loss is stated once for one sample. Bound to arrays it is an objective over the parameters: the
mean (or sum) of the losses, and a penalty on the parameters if there is one (chapter, sections 7, 8
and 12 to 16).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Float, ImmutableDenseMatrix, Integer, Matrix, Symbol, sympify

from symlab.algebra.exactly import rationalize
from symlab.algebra.labels import checked_labels
from symlab.algebra.objective import Objective
from symlab.algebra.risk_forms import Stated, stated
from symlab.checks import nearest

REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class EmpiricalRisk:
    """A per-sample loss, its parameters, and the symbols that data will fill.

    Parameters
    ----------
    loss : sympy.Expr, Sum or matrix expression
        The loss of one sample. Also a sum over `Indexed` data, `Sum(loss, (i, 0, n - 1))` or that
        divided by n, with a symbolic or numeric n; or linear least squares between matrices,
        `(A*x - b).T * (A*x - b)`, with a numeric number of columns.
    parameters : sequence of sympy.Symbol
        What is minimised over; for the matrix form the column `x`. A sum may leave it out: then
        every symbol that is neither data, index nor limit.
    data : sequence of sympy.Symbol
        What differs from sample to sample; the other forms may leave it out.
    reduction : str
        `"mean"` or `"sum"` over the samples; a sum in `loss` says so itself.
    penalty : sympy.Expr
        Added once, whatever the number of samples; in the parameters alone.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: symbols that are neither parameters nor data, or both; a reduction
        that is unknown; a penalty that reads data.

    Examples
    --------
    >>> from sympy import exp, log, symbols
    >>> x0, y, w, b = symbols("x0 y w b", real=True)
    >>> z = w*x0 + b
    >>> risk = EmpiricalRisk(log(1 + exp(z)) - y*z, parameters=(w, b), data=(x0, y))
    >>> risk.on({x0: [0.0, 1.0, 2.0], y: [0, 0, 1]}).dimension
    2
    """

    loss: Expr
    parameters: tuple[Symbol, ...] = ()
    data: tuple[Symbol, ...] = ()
    reduction: str = "mean"
    penalty: Expr = Integer(0)  # noqa: RUF009 (SymPy's numbers never change)
    columns: Mapping[Any, tuple[Symbol, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.reduction not in REDUCTIONS:
            raise ValueError(
                f"reduction: expected 'mean' or 'sum', got {self.reduction!r}"
                f"{nearest(str(self.reduction), REDUCTIONS)}"
            )
        given = stated(self.loss, _many(self.parameters), _many(self.data), self.reduction)
        penalty = rationalize(sympify(self.penalty)) + given.penalty
        _check(given, penalty)
        for name in ("loss", "parameters", "data", "reduction", "columns"):
            object.__setattr__(self, name, getattr(given, name))
        object.__setattr__(self, "penalty", penalty)

    def __repr__(self) -> str:
        extra = f" + {self.penalty}" if self.penalty else ""
        return (
            f"EmpiricalRisk({self.reduction} of {self.loss}{extra}, "
            f"parameters={self.parameters}, data={self.data})"
        )

    @property
    def dimension(self) -> int:
        """The number of parameters, n."""
        return len(self.parameters)

    @cached_property
    def gradient(self) -> Matrix:
        """The per-sample derivative of the loss, shape (n, 1); the penalty is not in it."""
        return Matrix([self.loss.diff(parameter) for parameter in self.parameters])

    @cached_property
    def hessian(self) -> Matrix:
        """The per-sample second derivatives of the loss, shape (n, n)."""
        return self.gradient.jacobian(self.parameters)

    def on(self, data: Any) -> "BoundRisk":
        """Bind data and return an objective over the parameters.

        Parameters
        ----------
        data : mapping or pandas.DataFrame
            An array of shape (m,) for each data symbol, or its name; a DataFrame has a column for
            each. The matrix and two-index forms take arrays of shape (m, columns).

        Raises
        ------
        TypeError
            If an array does not hold real numbers.
        ValueError
            If a symbol has no data, data have no symbol, an array is empty, holds NaN or infinity,
            is of another length than the rest, or has labels that the loss is not made for.
        """
        arrays = _arrays(self.columns, data)
        checked_labels(self.loss, dict(zip(self.data, arrays.values(), strict=True)))
        return BoundRisk(self, tuple(arrays.values()))


class BoundRisk(Objective):
    """An empirical risk on data: an `Objective` over the parameters.

    It inherits because it is one: whatever asks for value, gradient, Taylor approximant or slice
    gets it from the sum written out, exactly. That expression is made only when it is asked for;
    runs work on the arrays.

    Parameters
    ----------
    risk : EmpiricalRisk
    arrays : tuple of arrays, shape (m,)
        One for each of the risk's data symbols, float64.
    """

    risk: EmpiricalRisk
    arrays: tuple[np.ndarray, ...]

    def __init__(self, risk: EmpiricalRisk, arrays: tuple[np.ndarray, ...]) -> None:
        object.__setattr__(self, "risk", risk)
        object.__setattr__(self, "arrays", arrays)
        object.__setattr__(self, "variables", risk.parameters)

    # Two bound risks are the same only if they are the same object: arrays are not compared.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{self.risk!r}.on({self.samples} samples)"

    def _repr_latex_(self) -> str:
        from sympy import latex

        return rf"$\displaystyle {self.risk.reduction}\ {latex(self.risk.loss)}$"

    @property
    def samples(self) -> int:
        """The number of samples, m."""
        return len(self.arrays[0])

    @property
    def weight(self) -> Expr:
        """What the sum of the losses is multiplied with: 1/m for a mean, 1 for a sum."""
        return Integer(1) / self.samples if self.risk.reduction == "mean" else Integer(1)

    @cached_property
    def expression(self) -> Expr:
        """The whole objective written out; with many samples this takes its time."""
        rows = zip(*(array.tolist() for array in self.arrays), strict=True)
        terms = [
            self.risk.loss.xreplace(dict(zip(self.risk.data, map(Float, row), strict=True)))
            for row in rows
        ]
        return self.weight * sum(terms, Integer(0)) + self.risk.penalty

    @cached_property
    def _gradient(self) -> ImmutableDenseMatrix:
        return ImmutableDenseMatrix([self.expression.diff(variable) for variable in self.variables])


def _many(given: Any) -> tuple[Any, ...]:
    is_many = isinstance(given, Iterable) and not isinstance(given, str)
    return tuple(given) if is_many and not hasattr(given, "shape") else (given,)


def _check(given: Stated, penalty: Expr) -> None:
    known = {*given.parameters, *given.data}
    if both := sorted(str(s) for s in set(given.parameters) & set(given.data)):
        raise ValueError(f"parameters: {both} are also named as data.")
    if unknown := sorted(str(s) for s in given.loss.free_symbols - known):
        raise ValueError(
            f"loss: the symbols {unknown} are neither parameters {list(given.parameters)} nor data "
            f"{list(given.data)}. Symbols of one name with different assumptions are different."
        )
    if not given.loss.free_symbols & set(given.parameters):
        raise ValueError(f"parameters: the loss {given.loss} has none of {list(given.parameters)}.")
    if extra := sorted(str(s) for s in penalty.free_symbols - set(given.parameters)):
        raise ValueError(f"penalty: may read the parameters alone, not {extra}.")


def _arrays(columns: Mapping[Any, tuple[Symbol, ...]], data: Any) -> dict[Symbol, np.ndarray]:
    """Return a float64 array of shape (m,) for each data symbol, in their order."""
    if not hasattr(data, "keys"):
        raise TypeError(f"data: expected a mapping or a DataFrame, got {type(data).__name__}.")
    given = {_name(key): value for key, value in dict(data).items()}
    names = {_name(key): key for key in columns}
    if missing := [name for name in names if name not in given]:
        raise ValueError(f"data: {missing} are missing; got {sorted(given)}.")
    is_table = hasattr(data, "columns")
    if not is_table and (unknown := [name for name in given if name not in names]):
        raise ValueError(
            f"data: {unknown[0]!r} is no data symbol{nearest(unknown[0], names)} "
            f"Expected {list(names)}."
        )
    arrays: dict[Symbol, np.ndarray] = {}
    for name, key in names.items():
        arrays |= _columns(name, columns[key], given[name])
    lengths = {symbol.name: len(array) for symbol, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"data: lengths differ: {lengths}.")
    return arrays


def _name(key: Any) -> str:
    return str(getattr(key, "name", key))


def _columns(name: str, symbols: tuple[Symbol, ...], values: Any) -> dict[Symbol, np.ndarray]:
    """Return one array for each column that a key stands for."""
    array = _real_array(name, values)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != len(symbols):
        wanted = "(m,)" if len(symbols) == 1 else f"(m, {len(symbols)})"
        raise ValueError(f"data: {name} must have shape {wanted}, got {np.shape(values)}.")
    if not len(array):
        raise ValueError(f"data: {name} is empty.")
    return {symbol: np.ascontiguousarray(array[:, j]) for j, symbol in enumerate(symbols)}


def _real_array(name: str, values: Any) -> np.ndarray:
    if np.ma.is_masked(values):
        row = int(np.flatnonzero(np.ma.getmaskarray(values))[0])
        raise ValueError(f"data: {name} is masked in row {row}; leave such rows out.")
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise TypeError(f"data: {name} must hold real numbers, got dtype {array.dtype}.")
    numbers = array.astype(np.float64)
    if not np.all(np.isfinite(numbers)):
        row = int(np.argwhere(~np.isfinite(numbers))[0][0])
        raise ValueError(f"data: {name} must be finite, got {array.ravel()[row]} in row {row}.")
    return numbers
