"""An empirical risk: one loss, written per sample, and what data make of it.

The loss is stated once for one sample. Bound to arrays it is an objective over the parameters: the
mean (or sum) of the losses, and a penalty on the parameters if there is one (chapter, sections 7, 8
and 12 to 16).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from sympy import Expr, I, Integer, Matrix, Symbol, nan, zoo

from symlab.algebra.blocks.blocks import checked_blocks
from symlab.algebra.blocks.find import find_source, is_lazy_table
from symlab.algebra.blocks.spread import find_client
from symlab.algebra.differentiation import derivative, derivatives
from symlab.algebra.exactly import exactly
from symlab.algebra.gate import as_scalar, entries
from symlab.algebra.order import natural_key
from symlab.algebra.printing import spell
from symlab.algebra.reals import (
    check_real,
    different_assumptions,
    note_taken_as_real,
    simplify_as_real,
)
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.risk.bound import BoundRisk
from symlab.algebra.risk.columns import name_of, named_columns, read_columns
from symlab.algebra.risk.forms import normalize_risk
from symlab.algebra.risk.labels import check_labels
from symlab.algebra.risk.stated import Roles, Stated
from symlab.checks import choice, shown

REDUCTIONS = ("mean", "sum")

MOST_ASKED = 20
"""Symbols of a loss of which SymPy is asked whether it is real."""


@dataclass(frozen=True)
class EmpiricalRisk:
    """A per-sample loss, its parameters, and the symbols that data will fill.

    Parameters
    ----------
    loss : sympy.Expr, Sum or matrix expression
        The loss of one sample. Also sums over the samples as books write them,
        `Sum((w*x[i] + b - y[i])**2, (i, 1, m))/(2*m) + lam/(2*m)*w**2`, with data `x[i]`,
        `X[i, 2]` or `x(i)`. Also any expression of matrices with a row for each sample, as a total
        (`(X*w - y).T*(X*w - y)/m`, a `Trace`, `OneMatrix(1, m)*...`) or a column with the loss of
        each row; functions of numbers in it work entry by entry: `log(1 + exp(X*w))`.
    parameters : sequence of sympy.Symbol, IndexedBase or MatrixSymbol
        What is minimised over, in this order; entries row by row. A sum may leave it out: then
        every symbol that the losses read beside data and constants, sorted as people count.
    data : sequence of sympy.Symbol, IndexedBase or MatrixSymbol
        What differs from sample to sample; the other forms may leave it out.
    reduction : str
        `"mean"` or `"sum"` over the samples; a sum in `loss` says so itself.
    penalty : sympy.Expr
        Added once, whatever the number of samples; in parameters and constants alone.
    constants : sequence of sympy.Symbol
        What is neither parameter nor data and gets a number in `on`. Left out: what penalties and
        sums read beyond parameters, data and the number of samples.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: symbols that are neither parameters nor data, or both, or twice; a
        reduction that is unknown; a penalty that reads data; a loss that is not real.

    Examples
    --------
    >>> from sympy import IndexedBase, MatrixSymbol, Sum, exp, log, symbols
    >>> x0, y, w, b = symbols("x0 y w b", real=True)
    >>> z = w*x0 + b
    >>> risk = EmpiricalRisk(log(1 + exp(z)) - y*z, parameters=(w, b), data=(x0, y))
    >>> risk.on({x0: [0.0, 1.0, 2.0], y: [0, 0, 1]}).dimension
    2
    >>> i, m, lam = symbols("i m lambda")
    >>> u, v = IndexedBase("u"), IndexedBase("v")
    >>> cost = Sum((w*u[i] + b - v[i])**2, (i, 1, m))/(2*m) + lam/(2*m)*w**2
    >>> risk = EmpiricalRisk(cost, parameters=(w, b))
    >>> risk.on({u: [1, 2, 3], v: [2, 4, 7], lam: 6}).at([1, 0])
    4.50000000000000
    >>> X, W, t = MatrixSymbol("X", m, 64), MatrixSymbol("W", 64, 1), MatrixSymbol("t", m, 1)
    >>> EmpiricalRisk((X*W - t).T*(X*W - t)/m, parameters=W, data=(X, t)).dimension
    64
    """

    loss: Expr
    parameters: tuple[Symbol, ...] = ()
    data: tuple[Symbol, ...] = ()
    reduction: str = "mean"
    penalty: Expr = Integer(0)  # noqa: RUF009 (SymPy's numbers never change)
    constants: tuple[Symbol, ...] = ()
    columns: Mapping[Any, tuple[Symbol, ...]] = field(init=False, repr=False, compare=False)
    length: Expr | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        choice(self.reduction, REDUCTIONS, "reduction")
        roles = Roles(
            _many(self.parameters, "parameters"),
            _many(self.data, "data"),
            _many(self.constants, "constants"),
        )
        penalty = as_scalar(self.penalty, "penalty")
        given = _check(normalize_risk(self.loss, penalty, roles, self.reduction))
        for entry in fields(given):
            object.__setattr__(self, entry.name, getattr(given, entry.name))

    def __repr__(self) -> str:
        extra = f" + {spell(self.penalty)}" if self.penalty else ""
        return (
            f"EmpiricalRisk({self.reduction} of {spell(self.loss)}{extra}, "
            f"parameters={self.parameters}, data={self.data})"
        )

    @property
    def dimension(self) -> int:
        """The number of parameters, n."""
        return len(self.parameters)

    @cached_property
    def gradient(self) -> Matrix:
        """The per-sample derivative of the loss, shape (n, 1); the penalty is not in it."""
        return Matrix([derivative(self.loss, parameter) for parameter in self.parameters])

    @cached_property
    def hessian(self) -> Matrix:
        """The per-sample second derivatives of the loss, shape (n, n)."""
        return Matrix([[derivative(slope, p) for p in self.parameters] for slope in self.gradient])

    def penalty_derivatives(self, order: int) -> list[Expr]:
        """Return the penalty's derivatives: 1 of order 0, n of order 1, n n of order 2 by rows.

        Examples
        --------
        >>> from sympy import symbols
        >>> x, a, b = symbols("x a b", real=True)
        >>> risk = EmpiricalRisk(a * x + b, parameters=(a, b), data=(x,), penalty=a**2)
        >>> risk.penalty_derivatives(1), risk.penalty_derivatives(2)
        ([2*a, 0], [2, 0, 0, 0])
        """
        return derivatives(self.penalty, self.parameters, order)

    def on(self, data: Any, *, client: Any = None) -> BoundRisk:
        """Bind data and return an objective over the parameters.

        Parameters
        ----------
        data : mapping, pandas.DataFrame, dask.dataframe.DataFrame, str or pathlib.Path
            An array of shape (m,) for each data symbol, or its name; a DataFrame has a column for
            each. The matrix and two-index forms take arrays of shape (m, columns). Columns of dtype
            object, nullable ones and categories are read where they hold numbers; Series whose
            indices have the same labels in another order are brought into the order of the first.
            Also a number for each constant.

            What need not fit in memory is read in pieces whenever sums are asked for: memory maps
            and Dask arrays in a mapping, a Dask DataFrame, and the path of a Parquet file or of a
            folder of them, whose files are taken in the order of their names.
        client : dask.distributed.Client, optional
            Whose workers read pieces and add them up; the active one when left out. Without one
            pieces are read here, one ahead. Digits do not depend on it, nor on the pieces.

        Raises
        ------
        TypeError
            If an array does not hold real numbers, or `client` is none.
        ValueError
            If a symbol has no data, data have no symbol, an array is empty, holds NaN or infinity,
            is of another length or index than the rest, or has labels that the loss is not made
            for. Of data in pieces the message names the row among all.
        ImportError
            If data need a package that is not installed: `pip install 'symlab[cluster]'`.

        Notes
        -----
        Data in pieces are gone through once here, and once for each value, gradient or Hessian.
        They are added up as memory is, in blocks of 1024 samples and the blocks one after the
        other, so that on the backend "c" a run has the same bits. What needs all samples at once
        reads them if they are few, and otherwise says how to take some: `.part(range(1000))`.

        Examples
        --------
        >>> import numpy as np
        >>> from sympy import symbols
        >>> x, y, w = symbols("x y w", real=True)
        >>> risk = EmpiricalRisk((w*x - y)**2, parameters=(w,), data=(x, y))
        >>> risk.on({x: [1, 2], y: [2, 4]}).samples
        2
        >>> from tempfile import NamedTemporaryFile
        >>> with NamedTemporaryFile() as file:
        ...     lazy = np.memmap(file.name, float, "w+", shape=(5000, 2))
        ...     bound = risk.on({x: lazy[:, 0], y: lazy[:, 1]})
        ...     bound.samples, bound.blocks.count, float(bound.part([7]).at([3]))
        (5000, 1, 0.0)
        """
        numbers = self._numbers(data)
        worker = find_client(client)
        source = find_source(data, self.columns, [c.name for c in self.constants], worker)
        if source is not None:
            risk = self._with(numbers | _sizes(self.length, source.rows))
            return BlockedRisk(risk, checked_blocks(source, risk, worker))
        named = named_columns(self.columns, data, [c.name for c in self.constants])
        arrays = read_columns(self.columns, named)
        rows = len(next(iter(arrays.values())))
        risk = self._with(numbers | _sizes(self.length, rows))
        check_labels(risk.loss, dict(zip(risk.data, arrays.values(), strict=True)))
        return BoundRisk(risk, tuple(arrays.values()))

    def _numbers(self, data: Any) -> dict[Symbol, Expr]:
        """Return the numbers that data hold for constants."""
        names = {constant.name: constant for constant in self.constants}
        given = [] if is_lazy_table(data) else list(_keys(data))
        numbers = {
            names[name_of(key)]: exactly(data[key], name_of(key))
            for key in given
            if name_of(key) in names
        }
        if missing := [name for name, constant in names.items() if constant not in numbers]:
            raise ValueError(
                f"data: {missing} are missing: constants, neither parameters nor data, which get "
                "a number each."
            )
        return numbers

    def _with(self, numbers: Mapping[Symbol, Expr]) -> "EmpiricalRisk":
        """Return the same risk with numbers in the place of constants."""
        loss, penalty = (each.xreplace(numbers) for each in (self.loss, self.penalty))
        if (loss, penalty) == (self.loss, self.penalty):
            return self
        return EmpiricalRisk(loss, self.parameters, self.data, self.reduction, penalty)


def _keys(data: Any) -> Iterable[Any]:
    if not hasattr(data, "keys"):
        raise TypeError(
            f"data: expected a mapping, a DataFrame or a path, got {type(data).__name__}."
        )
    return data.keys()


def _many(given: Any, name: str) -> tuple[Any, ...]:
    return tuple(entries(given, name))


def _check(given: Stated) -> Stated:
    """Return a stated risk as one of real numbers; refuse what does not fit together."""
    _check_names(given)
    known = {*given.parameters, *given.data, *given.constants}
    listed = [symbol.name for symbol in known]
    if unknown := sorted(given.loss.free_symbols - known, key=natural_key):
        raise ValueError(
            f"loss: the symbols {shown(_names(unknown))} are neither parameters nor data nor named "
            f"in constants{different_assumptions(unknown, listed)}."
        )
    if not given.loss.free_symbols & set(given.parameters):
        raise ValueError(
            f"parameters: the loss {shown(given.loss)} has none of {shown(given.parameters)}."
        )
    if data := sorted(given.penalty.free_symbols & set(given.data), key=natural_key):
        raise ValueError(f"penalty: may read the parameters alone, not {_names(data)}.")
    sizes = given.length.free_symbols if given.length is not None else set()
    constants = given.penalty.free_symbols - known - sizes
    note_taken_as_real(given.loss + given.penalty, known)
    return replace(
        given,
        loss=_real(given.loss, "loss"),
        penalty=_real(given.penalty, "penalty"),
        constants=tuple(sorted({*given.constants, *constants}, key=natural_key)),
    )


def _check_names(given: Stated) -> None:
    check_real(given.parameters, "parameters")
    check_real(given.data, "data")
    for name, symbols in (("parameters", given.parameters), ("data", given.data)):
        names = [symbol.name for symbol in symbols]
        if twice := [each for each in dict.fromkeys(names) if names.count(each) > 1]:
            raise ValueError(f"{name}: {twice[0]} is named twice.")
    if both := sorted(set(given.parameters) & set(given.data), key=natural_key):
        raise ValueError(f"parameters: {_names(both)} are also named as data.")
    same = {s.name for s in given.parameters} & {s.name for s in given.data}
    if same:
        raise ValueError(f"parameters: {sorted(same)} are also names of data.")


def _real(expression: Expr, argument: str) -> Expr:
    found = simplify_as_real(expression)
    # SymPy takes seconds to tell whether a loss of hundreds of parameters is real.
    is_short = len(found.free_symbols) <= MOST_ASKED
    if found.has(I, nan, zoo) or (is_short and found.is_real is False):
        raise ValueError(f"{argument}: expected a real function, got {shown(found)}.")
    return found


def _names(symbols: Iterable[Symbol]) -> list[str]:
    return [symbol.name for symbol in symbols]


def _sizes(length: Expr | None, rows: int) -> dict[Symbol, Expr]:
    """Return the number that the length of a sum stands for, from the number of rows."""
    if length is None:
        return {}
    symbols = sorted(length.free_symbols, key=natural_key)
    if not symbols:
        if length != rows:
            raise ValueError(f"data: expected {length} rows, as the loss has it, got {rows}.")
        return {}
    (size,) = symbols[:1]
    rate = length.diff(size)
    return {size: (rows - length.subs(size, 0)) / rate} if rate.is_number else {}
