"""Errors of a formula in ulps: how many digits survive in floats, point by point.

The error is counted in ulps of the precision at the exact value (`symlab.lab.accuracy.ulps`). In
float32 the point is rounded to float32 first, and the exact value is the one there: what is
measured is the arithmetic, and not the rounding of its input.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
from sympy import Expr, Symbol

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import as_float, exactly
from symlab.algebra.gate import as_real_scalar, as_symbol, check_readable
from symlab.algebra.working_precision import exclusive
from symlab.checks import check_type, flag, renamed_keyword, several, shown
from symlab.engine.lowering.precision import check_precision
from symlab.engine.lowering.stabilize import stabilize
from symlab.lab.accuracy.evaluators import FORMS, MEASURED, check_systems, evaluator
from symlab.lab.accuracy.ulps import exact_value, ulps


@dataclass(frozen=True, eq=False)
class UlpErrors:
    """The error of a formula at points of a line, on several systems, as stated and stabilised.

    Parameters
    ----------
    expression, stabilized : sympy.Expr
        As stated, and as rewritten to keep its digits.
    symbol : sympy.Symbol
        What varies.
    frame : pandas.DataFrame
        One row per system, precision, form and point: system, precision, stable, point, value,
        exact (rounded to float64), ulps (NaN where the formula has no real value, infinite where
        the system gave NaN or infinity and should not have).
    given : mapping of sympy.Symbol to float
        The values of the other symbols.
    center : sympy.Expr, optional
        What the points approach; pictures then show the distance from it.
    """

    expression: Expr
    stabilized: Expr
    symbol: Symbol
    frame: pd.DataFrame
    given: Mapping[Symbol, float] = field(default_factory=dict)
    center: Expr | None = None

    @property
    def summary(self) -> pd.DataFrame:
        """A row per system, precision and form: max_ulps, median_ulps and, of points, not_finite.

        The maximum and the median are those of the finite errors; `not_finite` counts the others.
        """
        groups = self.frame.dropna(subset="ulps").groupby(
            ["system", "precision", "stable"], sort=False
        )
        columns = {name: groups["ulps"].agg(measure) for name, measure in SUMMARY.items()}
        return pd.DataFrame(columns).reset_index()

    def table(self) -> pd.DataFrame:
        """Return the largest errors to read: a row per system, a column per precision and form.

        `"7.1, 8 lost"` says that the finite errors go up to 7.1 ulps, and that at 8 points the
        result was NaN or infinite and should not have been.
        """
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for row in self.summary.to_dict("records"):
            column = (row["precision"], FORMS[row["stable"]])
            largest = [] if math.isnan(row["max_ulps"]) else [f"{row['max_ulps']:.3g}"]
            lost = [f"{row['not_finite']} lost"] if row["not_finite"] else []
            cells.setdefault(column, {})[row["system"]] = ", ".join(largest + lost)
        return pd.DataFrame(cells)

    def to_dict(self) -> dict[str, object]:
        """Return the formulas and the summary as plain data; None where no error is finite."""
        rows = self.summary.astype(object)
        return {
            "expression": str(self.expression),
            "stabilized": str(self.stabilized),
            "symbol": str(self.symbol),
            "given": {str(symbol): value for symbol, value in self.given.items()},
            "errors": rows.where(rows.notna(), None).to_dict("records"),
        }

    def __repr__(self) -> str:
        others = "".join(f", {symbol} = {value:g}" for symbol, value in self.given.items())
        table = self.table()
        return (
            f"as stated:  {self.expression}\nstabilised: {self.stabilized}\n"
            f"Largest errors in ulps over {self.symbol}{others}:\n"
            + ("none: nowhere a real number" if table.empty else table.to_string())
        )

    def _repr_html_(self) -> str:
        return self.table().to_html()

    def plot(self, ax: Any, *, precision: str | None = None, stable: bool | None = None) -> Any:
        """Draw the errors against the points, on a logarithmic scale; return the Axes.

        A dot on the lower edge is an exact result, a cross on the upper one a NaN or infinity that
        should not have been. The dashed line is at half an ulp, the error of rounding alone.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
        precision : str, optional
            Draw this one alone.
        stable : bool, optional
            Draw the form as stated alone (False), or the stabilised one (True).
        """
        from symlab.lab.accuracy.plots import draw_errors

        return draw_errors(ax, self, precision=precision, stable=stable)

    def draw(self, figure: Any) -> Any:
        """Draw an Axes for each form (row) and precision (column) on a figure; return the figure.

        All have the same scale of errors, so that the rows can be compared.
        """
        from symlab.lab.accuracy.plots import draw_panels

        return draw_panels(figure, self)

    def save_plot(self, path: Path) -> None:
        """Draw the panels into a file.

        Raises
        ------
        ValueError
            If the file's ending names no format Matplotlib knows.
        """
        from matplotlib.figure import Figure

        from symlab.lab.plots.style import save_picture

        save_picture(self.draw(Figure(figsize=(11, 7), layout="constrained")), path)


def _finite(errors: pd.Series) -> pd.Series:
    return errors[np.isfinite(errors)]


SUMMARY: dict[str, Callable[[pd.Series], Any]] = {
    "max_ulps": lambda errors: _finite(errors).max(),
    "median_ulps": lambda errors: _finite(errors).median(),
    "not_finite": lambda errors: len(errors) - len(_finite(errors)),
    "points": len,
}


def domain(precision: str = "float64", count: int = 299) -> list[float]:
    """Return points over the range in which e^z is a float, subnormal numbers included.

    Parameters
    ----------
    precision : str
    count : int
        How many, at most; they lie closer near 0, where more happens, than at the ends.

    Examples
    --------
    >>> domain("float64", 5)
    [-745.0, -186.25, 0.0, 186.25, 745.0]
    >>> domain("float32", 3)
    [-104.0, 0.0, 104.0]
    """
    reach = math.ceil(-math.log(float(np.finfo(precision).smallest_subnormal)))
    share = np.linspace(-1.0, 1.0, count)
    return [float(point) for point in reach * share * np.abs(share)]


@renamed_keyword("points", "at")
@exclusive
def ulp_error(
    expression: object,
    symbol: Symbol | None = None,
    at: Sequence[float] | None = None,
    systems: Sequence[str] = MEASURED,
    stable: Sequence[bool] = (False, True),
    *,
    precisions: Sequence[str] = ("float64",),
    given: Mapping[Symbol, float] | None = None,
    rewrite: Callable[[Expr], Expr] = stabilize,
    center: object = None,
) -> UlpErrors:
    """Measure a formula's error in ulps against exact arithmetic.

    Parameters
    ----------
    expression : sympy.Expr
        A formula in one symbol, or in more of which all but one are given.
    symbol : sympy.Symbol, optional
        That symbol; may be left out where there is just one.
    at : sequence of float, optional
        The points at which it is evaluated, each taken to be exactly that float; rounded to float32
        first where that is the precision. By default the `domain` of the precision.
    systems : sequence of str
        `"lambdify"` (SymPy to NumPy), the compiled backends, and `"c-lanes"`: C as a run over data
        has it, eight samples at a time by vector functions, in float64.
    stable : sequence of bool
        Whether to evaluate it as stated (False), stabilised (True), or both. PyTensor has rewrites
        of its own, which it applies to the form as stated too: most of them for C, Numba and JAX,
        a few when interpreted.
    precisions : sequence of str
        `"float64"`, `"float32"` or both: that of every input and every operation. (PyTensor's C
        code does an operation on a constant in float64, and rounds the result to float32.)
    given : mapping of sympy.Symbol to float, optional
        The values of the other symbols; they are inputs as well, and stay in the formula.
    rewrite : callable
        What makes the stabilised form of the one stated.
    center : number, optional
        What the points approach, for pictures.

    Raises
    ------
    TypeError
        If the expression is no scalar expression.
    ValueError
        If it has other symbols, `at` is empty or not finite, or a system or precision is
        unknown.

    Examples
    --------
    >>> from sympy import exp, log
    >>> from sympy.abc import z
    >>> measured = ulp_error(log(1 + exp(z)), z, at=[-40.0, 800.0], systems=["interpreted"])
    >>> measured.frame["value"].tolist()
    [0.0, inf, 4.248354255291589e-18, 800.0]
    """
    wanted = [check_precision(each) for each in several(precisions, "precisions", "names")]
    others = _check_given(given)
    stated, variable = _check_formula(expression, symbol, others)
    task = _Task(
        variable,
        {False: stated, True: _rewrite(rewrite, stated)},
        None if at is None else _check_points(at),
        others,
        check_systems(systems, wanted),
    )
    forms = [flag(each, "stable") for each in several(stable, "stable", "a list of True, False")]
    if not wanted or not forms:
        raise ValueError("precisions, stable: expected at least one of each, got none.")
    frames = [task.measure(precision, forms) for precision in wanted]
    frame = pd.concat(frames, ignore_index=True)
    return UlpErrors(
        stated,
        task.forms[True],
        variable,
        frame,
        task.given,
        None if center is None else exactly(center, "center"),
    )


@dataclass(frozen=True)
class _Task:
    """What is to be measured, in whatever precision."""

    symbol: Symbol
    forms: Mapping[bool, Expr]
    points: Sequence[float] | None
    given: Mapping[Symbol, float]
    systems: Sequence[str]

    def measure(self, precision: str, stable: Sequence[bool]) -> pd.DataFrame:
        points = domain(precision) if self.points is None else self.points
        places = _round("at", points, precision)
        others = _round("given", list(self.given.values()), precision)
        given = dict(zip(self.given, others, strict=True))
        exact = [
            exact_value(self.forms[False], self.symbol, place, given, precision) for place in places
        ]
        frames = []
        for system, form in product(self.systems, stable):
            evaluate = evaluator(system, self.forms[form], (self.symbol, *given), precision)
            with np.errstate(all="ignore"):
                values = [evaluate(place, *others) for place in places]
            keys = {"system": system, "precision": precision, "stable": form}
            frames.append(_frame(keys, places, values, exact))
        return pd.concat(frames, ignore_index=True)


def _check_formula(
    expression: object, symbol: Symbol | None, given: Mapping[Symbol, float]
) -> tuple[Expr, Symbol]:
    if isinstance(expression, str):
        raise TypeError(
            f"expression: expected a SymPy expression, got {shown(expression)}; symlab.parse(...) "
            "reads a formula, symlab.ulp_case(...).measure() is for named cases."
        )
    stated = as_real_scalar(expression, "expression")
    check_readable(stated, "expression")
    names = stated.free_symbols | (set() if symbol is None else {as_symbol(symbol, "symbol")})
    names -= set(given)
    if len(names) != 1:
        listed = ", ".join(sorted(map(str, names))) or "none"
        raise ValueError(f"expression: expected a formula in one symbol, got {listed[:60]}.")
    return stated, names.pop()


def _check_points(points: Sequence[float]) -> list[float]:
    places = np.atleast_1d(real_array(points, "at"))
    if not places.size:
        raise ValueError("at: expected finite numbers, got none.")
    if places.ndim != 1:
        raise ValueError(f"at: expected numbers in a row, got shape {places.shape}.")
    return places.tolist()


def _check_given(given: Mapping[Symbol, float] | None) -> dict[Symbol, float]:
    stated = check_type({} if given is None else given, Mapping, "given", "a mapping of symbols")
    return {as_symbol(name, "given"): as_float(value, "given") for name, value in stated.items()}


def _rewrite(rewrite: Callable[[Expr], Expr], stated: Expr) -> Expr:
    if not callable(rewrite):
        raise TypeError(f"rewrite: expected a function, got {shown(rewrite)}.")
    try:
        returned = rewrite(stated)
    except Exception as error:
        raise ValueError(f"rewrite: the function raised {type(error).__name__}.") from error
    form = as_real_scalar(returned, "rewrite")
    check_readable(form, "rewrite")
    return form


def _round(argument: str, numbers: Sequence[float], precision: str) -> list[float]:
    with np.errstate(over="ignore"):
        rounded = np.asarray(numbers, dtype=float).astype(precision).astype(float).tolist()
    strange = [n for n, place in zip(numbers, rounded, strict=True) if not math.isfinite(place)]
    if strange:
        raise ValueError(
            f"{argument}: expected finite numbers of {precision}, got {shown(strange)}."
        )
    return rounded


def _frame(
    keys: Mapping[str, Any],
    places: Sequence[float],
    values: Sequence[float],
    exact: Sequence[mpmath.mpf],
) -> pd.DataFrame:
    pairs = zip(values, exact, strict=True)
    return pd.DataFrame(
        {
            **keys,
            "point": places,
            "value": values,
            "exact": [float(number) for number in exact],
            "ulps": [ulps(value, number, keys["precision"]) for value, number in pairs],
        }
    )
