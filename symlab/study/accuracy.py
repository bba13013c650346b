r"""The ulp meter: how many digits of a formula survive in float64, point by point.

The error is counted in ulps, the spacing of floats at the exact value; down among the subnormal
numbers that spacing no longer shrinks. The exact value comes from mpmath, which evaluates the
formula as stated, with as many digits as it takes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import pandas as pd
from scipy import special
from sympy import Expr, Symbol, lambdify, sympify

from symlab.algebra.functions import MPMATH
from symlab.algebra.rule import nearest
from symlab.engine.backends import COMPILED, named, usable
from symlab.engine.compiled import compiled_function
from symlab.engine.lower import lower
from symlab.engine.stable import stabilize

FIRST_DIGITS = 800
"""Enough to see a term of 1e-324, the smallest float, beside one of 1e308."""

MOST_DIGITS = 12_800

POINTS = tuple(np.linspace(-745.0, 745.0, 299).tolist())
"""The range in which e^z is a float, subnormal numbers included, and a little more."""

SYSTEMS = ("lambdify", *COMPILED)

NUMPY = {
    # SciPy's expit gives up the subnormal numbers.
    "sigmoid": lambda z: np.exp(np.minimum(z, 0.0)) / (1 + np.exp(-np.abs(z))),
    "softplus": lambda z: np.logaddexp(0.0, z),
    "relu": lambda z: np.maximum(z, 0.0),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hinge": lambda z: np.maximum(1 - z, 0.0),
    "xlogx": lambda x: special.xlogy(x, x),
    "logsumexp": lambda *arguments: special.logsumexp(arguments),
    "softmax": lambda *arguments: special.softmax(arguments)[0],
}
"""What SymPy's NumPy printer has no name for."""


@dataclass(frozen=True, eq=False)
class Accuracy:
    """The error of a formula at points of a line, on several systems, as stated and stabilised.

    Parameters
    ----------
    expression, stabilized : sympy.Expr
        As stated, and as rewritten to keep its digits.
    symbol : sympy.Symbol
        What varies.
    frame : pandas.DataFrame
        One row per system, form and point: system, stable, point, value (float64), exact (rounded
        to float64), ulps (NaN where the formula has no real value, infinite where the system gave
        NaN or infinity and should not have).
    """

    expression: Expr
    stabilized: Expr
    symbol: Symbol
    frame: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """One row per system and form: max_ulps, median_ulps and, of `points`, not_finite.

        The maximum and the median are those of the finite errors; `not_finite` counts the others.
        """
        groups = self.frame.dropna(subset="ulps").groupby(["system", "stable"], sort=False)
        columns = {name: groups["ulps"].agg(measure) for name, measure in SUMMARY.items()}
        return pd.DataFrame(columns).reset_index()

    def __repr__(self) -> str:
        table = self.summary.to_string(index=False, float_format="{:.3g}".format)
        return (
            f"as stated:  {self.expression}\nstabilised: {self.stabilized}\n"
            f"Errors in ulps over {self.symbol}:\n{table}"
        )

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False)

    def plot(self, ax: Any) -> Any:
        """Draw the errors against the points, on a logarithmic scale; return the Axes.

        An exact result is drawn at the bottom; one that is not finite, at the top, as a cross.
        """
        floor, ceiling = 2.0**-10, self._ceiling()
        for (system, stable), rows in self.frame.groupby(["system", "stable"], sort=False):
            label = f"{system}, {'stabilised' if stable else 'as stated'}"
            lost = np.isinf(rows["ulps"])
            (line,) = ax.plot(
                rows["point"], rows["ulps"].mask(lost).clip(lower=floor), ".", ms=4, label=label
            )
            ax.plot(rows["point"][lost], [ceiling] * lost.sum(), "x", ms=4, color=line.get_color())
        ax.set_yscale("log", base=2)
        ax.set_xlabel(f"${self.symbol}$")
        ax.set_ylabel("error in ulps (crosses: not finite)")
        ax.legend()
        return ax

    def _ceiling(self) -> float:
        return 4 * max(_finite(self.frame["ulps"]).max(), 1.0)


def _finite(errors: pd.Series) -> pd.Series:
    return errors[np.isfinite(errors)]


SUMMARY: dict[str, Callable[[pd.Series], Any]] = {
    "max_ulps": lambda errors: _finite(errors).max(),
    "median_ulps": lambda errors: _finite(errors).median(),
    "not_finite": lambda errors: len(errors) - len(_finite(errors)),
    "points": len,
}


def accuracy(
    expression: object,
    symbol: Symbol | None = None,
    points: Sequence[float] = POINTS,
    systems: Sequence[str] = ("lambdify", "interpreted", "c", "numba"),
    stable: Sequence[bool] = (False, True),
) -> Accuracy:
    """Measure a formula's error in ulps against exact arithmetic.

    Parameters
    ----------
    expression : sympy.Expr
        A formula in one symbol.
    symbol : sympy.Symbol, optional
        That symbol; may be left out where the formula has just one.
    points : sequence of float
        Where to evaluate it, each taken to be exactly that float64.
    systems : sequence of str
        `"lambdify"` (SymPy to NumPy) and the compiled backends.
    stable : sequence of bool
        Whether to evaluate it as stated (False), stabilised (True), or both. PyTensor has rewrites
        of its own, which the C, Numba and JAX backends apply to the form as stated too.

    Raises
    ------
    TypeError
        If the expression is no scalar expression.
    ValueError
        If it has other symbols, `points` is empty or not finite, or a system is unknown.

    Examples
    --------
    >>> from sympy import exp, log
    >>> from sympy.abc import z
    >>> measured = accuracy(log(1 + exp(z)), z, points=[-40.0, 800.0], systems=["interpreted"])
    >>> measured.frame["value"].tolist()
    [0.0, inf, 4.248354255291589e-18, 800.0]
    """
    stated, variable = _checked(expression, symbol)
    places = _checked_points(points)
    forms = {False: stated, True: stabilize(stated)}
    exact = [exact_value(stated, variable, point) for point in places]
    frames = [
        _frame(name, chosen, _evaluator(name, forms[chosen], variable), places, exact)
        for name in _checked_systems(systems)
        for chosen in stable
    ]
    return Accuracy(stated, forms[True], variable, pd.concat(frames, ignore_index=True))


def _checked(expression: object, symbol: Symbol | None) -> tuple[Expr, Symbol]:
    stated = sympify(expression)
    if not isinstance(stated, Expr):
        raise TypeError(f"expression: expected a SymPy expression, got {expression!r}.")
    names = stated.free_symbols | ({symbol} if symbol is not None else set())
    if len(names) != 1:
        listed = ", ".join(sorted(map(str, names))) or "none"
        raise ValueError(f"expression: expected a formula in one symbol, got {listed}.")
    return stated, names.pop()


def _checked_points(points: Sequence[float]) -> list[float]:
    places = np.atleast_1d(np.asarray(points, dtype=float)).tolist()
    strange = [place for place in places if not math.isfinite(place)]
    if not places or strange:
        raise ValueError(f"points: expected finite numbers, got {strange or 'none'}.")
    return places


def _checked_systems(systems: Sequence[str]) -> list[str]:
    names = [systems] if isinstance(systems, str) else list(systems)
    for name in names:
        if name not in SYSTEMS:
            known = ", ".join(SYSTEMS)
            raise ValueError(
                f"systems: unknown name {name!r}{nearest(str(name), SYSTEMS)} Known: {known}."
            )
    return ["lambdify" if name == "lambdify" else named(name).name for name in names]


def _evaluator(system: str, form: Expr, symbol: Symbol) -> Callable[[float], float]:
    if system == "lambdify":
        function = lambdify(symbol, form, [NUMPY, "numpy"])
        return lambda point: _real(function(np.float64(point)))
    inputs, outputs = lower([form], [symbol])
    compiled = compiled_function(inputs, outputs, usable(system).name)
    return lambda point: float(compiled.call(np.asarray(point))[0])


def _real(value: Any) -> float:
    return float(value) if np.isrealobj(value) else math.nan


def _frame(
    system: str,
    stable: bool,  # noqa: FBT001
    evaluate: Callable[[float], float],
    points: Sequence[float],
    exact: Sequence[mpmath.mpf],
) -> pd.DataFrame:
    with np.errstate(all="ignore"):
        values = [evaluate(point) for point in points]
    return pd.DataFrame(
        {
            "system": system,
            "stable": stable,
            "point": points,
            "value": values,
            "exact": [float(number) for number in exact],
            "ulps": [ulps(value, number) for value, number in zip(values, exact, strict=True)],
        }
    )


def ulps(value: float, exact: mpmath.mpf) -> float:
    """Return how far a float is from an exact number, in spacings of floats at that number.

    Examples
    --------
    >>> ulps(1.0, mpmath.mpf(1)), ulps(1 + 2**-52, mpmath.mpf(1)), ulps(5e-324, mpmath.mpf(0))
    (0.0, 1.0, 1.0)
    """
    if mpmath.isnan(exact):
        return math.nan
    rounded = float(exact)
    if not math.isfinite(value) or not math.isfinite(rounded):
        # Overflow is right where the exact number is beyond the range of floats.
        return 0.0 if value == rounded else math.inf
    with mpmath.workdps(FIRST_DIGITS):
        return float(abs(mpmath.mpf(value) - exact) / mpmath.mpf(math.ulp(rounded)))


def exact_value(expression: Expr, symbol: Symbol, point: float) -> mpmath.mpf:
    """Return the value at a float, right far beyond float64; NaN where it is no real number.

    Digits are doubled, from `FIRST_DIGITS`, until they no longer matter. What is hidden behind
    more than `MOST_DIGITS` digits, such as the 1 in (1 + e^z) - e^z at z = 30 000, is not seen.

    Examples
    --------
    >>> from sympy import exp, log
    >>> from sympy.abc import z
    >>> mpmath.nstr(exact_value(log(1 + exp(z)), z, -745.0), 10)
    '2.82235073e-324'
    """
    function = _definition(expression, symbol)
    digits, before = FIRST_DIGITS, _at(function, point, FIRST_DIGITS)
    while digits < MOST_DIGITS:
        digits *= 2
        now = _at(function, point, digits)
        if mpmath.isnan(now) or _settled(before, now):
            return now
        before = now
    return mpmath.nan


@lru_cache(maxsize=64)
def _definition(expression: Expr, symbol: Symbol) -> Callable[[mpmath.mpf], Any]:
    return lambdify(symbol, expression, [MPMATH, "mpmath"])


def _at(function: Callable[[mpmath.mpf], Any], point: float, digits: int) -> mpmath.mpf:
    with mpmath.workdps(digits):
        try:
            value = mpmath.mpmathify(function(mpmath.mpf(point)))
        except (ArithmeticError, ValueError):
            return mpmath.nan
    return value if isinstance(value, mpmath.mpf) else mpmath.nan


def _settled(before: mpmath.mpf, now: mpmath.mpf) -> bool:
    if not mpmath.isfinite(now):
        return bool(before == now)
    smallest = mpmath.mpf(math.ulp(0.0))
    return bool(abs(now - before) <= mpmath.mpf(2) ** -80 * max(abs(now), smallest))
