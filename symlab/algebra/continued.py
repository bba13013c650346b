r"""Formulas whose digits are lost near a point, continued there by their Laurent series.

At a removable singularity, such as that of :math:`\sin(x)/x` or of its derivatives at 0, large
terms cancel. There the series keeps the digits that the formula loses; farther away the formula
keeps its digits, and the series needs ever more terms. `series_of` finds the distance at which both
have the same error: the formula's is bounded by `error_bound`, the series' is estimated from its
terms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
from sympy import AtomicExpr, Dummy, Expr, Float, S, lambdify
from sympy.core.function import ArgumentIndexError, Function

from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.error_bound import UNIT, rounding_bound
from symlab.algebra.numeric import NUMPY
from symlab.algebra.power_series import laurent
from symlab.algebra.working_precision import working_bits

ARGUMENT = Dummy("t", real=True)
"""The variable of every form."""

MOST_TERMS = 96
"""Coefficients from which a series is taken; half of them are 0 if the form is even or odd."""

MOST_BITS = 2**17
"""Bits of precision after which the value reached is accepted, whether it has settled or not."""

DISTANCES = 2.0 ** np.arange(-16, 4, 0.25)
"""Distances from the center at which formula and series are compared."""


class Form(AtomicExpr):
    """A formula in `ARGUMENT` and the point near which it loses its digits: a constant to SymPy."""

    expression: Expr
    center: Expr

    def __new__(cls, expression: Expr, center: Expr) -> "Form":
        """Make a form, or the same again."""
        made = AtomicExpr.__new__(cls)
        made.expression, made.center = expression, center
        return made

    def __getnewargs__(self) -> tuple[Expr, Expr]:
        return self.expression, self.center

    def _hashable_content(self) -> tuple[Expr, Expr]:
        return self.expression, self.center

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.expression)} near {printer._print(self.center)}"

    def _latex(self, printer: Any) -> str:
        return printer._print(self.expression)


_FORMS: dict[Form, int] = {}


def _number_of(form: Form) -> int:
    """Return a form's number, by which printed code calls it."""
    return _FORMS.setdefault(form, len(_FORMS))


def _form_of(number: int) -> Form:
    return list(_FORMS)[number]


@lru_cache(maxsize=256)
def _mpmath_function(form: Form) -> Callable[..., Any]:
    return evaluator(form.expression, [ARGUMENT], share=False)


def exact_value(number: int, u: mpmath.mpf) -> Any:
    """Return the value with as many digits as are at work: what cancels is worked out with more."""
    form = _form_of(number)
    center = mpmath.mpmathify(form.center._to_mpmath(mpmath.mp.prec))
    if u == center:
        return _value_at_center(form)
    # Terms of order 1/s^8 that cancel lose eight times as many bits as s has zeros.
    precision = mpmath.mp.prec + 20 + 8 * max(0, -int(mpmath.mag(u - center)))
    before = None
    while precision < MOST_BITS:
        with working_bits(precision):
            value = mpmath.mpmathify(_mpmath_function(form)(u))
        if before and abs(value - before) <= mpmath.ldexp(abs(value), -mpmath.mp.prec):
            return +value
        before, precision = value, 2 * precision
    return before


def _value_at_center(form: Form) -> mpmath.mpf:
    terms = max(16, mpmath.mp.dps)
    series = laurent(form.expression, ARGUMENT, form.center, terms)
    if series.valuation < 0:
        return mpmath.nan
    return +series.coefficients[0] if series.valuation == 0 else mpmath.mpf(0)


@dataclass(frozen=True)
class Series:
    """Where the series is taken, and which: s^valuation (c0 + c1 s^step + ...), |s| < radius."""

    center: float
    radius: float
    valuation: int
    step: int
    coefficients: tuple[float, ...]


@lru_cache(maxsize=512)
def series_of(form: Form) -> Series:
    """Return where and with which terms a form is continued by its series.

    Examples
    --------
    >>> from sympy import sin
    >>> found = series_of(Form(sin(ARGUMENT) / ARGUMENT, S.Zero))
    >>> found.valuation, found.step, found.coefficients[:2]
    (0, 2, (1.0, -0.16666666666666666))
    """
    series = laurent(form.expression, ARGUMENT, form.center, MOST_TERMS)
    step = 1 if any(series.coefficients[1::2]) else 2
    kept = np.array([float(c) for c in series.coefficients[::step]])
    places = DISTANCES**step
    powers = places[:, None] ** np.arange(len(kept))
    with np.errstate(all="ignore"):
        tails = _estimate_remainders(kept, places)
        sizes = np.abs(powers @ kept)
        by_series = (3 * UNIT * (powers @ np.abs(kept)) + tails[:, -1]) / sizes
        by_formula = _bound_formula(form) / (sizes * DISTANCES**series.valuation)
    worse = np.fmax(np.nan_to_num(by_series, nan=np.inf), np.nan_to_num(by_formula, nan=0))
    best = int(np.argmin(worse))
    enough = np.flatnonzero(tails[best] <= UNIT / 8 * sizes[best])
    count = int(enough[0]) + 1 if len(enough) else len(kept)
    center = float(form.center)
    return Series(
        center, float(DISTANCES[best]), series.valuation, step, tuple(kept[:count].tolist())
    )


def _estimate_remainders(coefficients: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return an estimate of what is left after each term at each place: a geometric series."""
    orders = np.arange(1, len(coefficients))
    growth = np.max(np.abs(coefficients[-8:] / coefficients[0]) ** (1 / orders[-8:]))
    ratios = places * growth
    terms = np.abs(coefficients) * places[:, None] ** np.arange(len(coefficients))
    left = np.cumsum(terms[:, ::-1], axis=1)[:, ::-1]
    beyond = np.where(ratios < 1, np.abs(coefficients[0]) * ratios ** len(coefficients), np.inf)
    after = np.column_stack([left[:, 1:], np.zeros(len(places))])
    return after + (beyond / np.where(ratios < 1, 1 - ratios, 1))[:, None]


def _bound_formula(form: Form) -> np.ndarray:
    """Return a bound on the formula's error at each distance, on the worse side."""
    center = float(form.center)
    sides = [
        np.broadcast_to(
            rounding_bound(form.expression, {ARGUMENT: center + sign * DISTANCES}), DISTANCES.shape
        )
        for sign in (-1, 1)
    ]
    return np.fmax(*sides)


def evaluate_series(series: Series, s: Any) -> Any:
    """Return the series at s, by Horner's rule."""
    q = s**series.step
    value = series.coefficients[-1] + 0 * q
    for coefficient in series.coefficients[-2::-1]:
        value = value * q + coefficient
    return value * s**series.valuation if series.valuation else value


@lru_cache(maxsize=256)
def _numpy_function(form: Form) -> Callable[..., Any]:
    return lambdify([ARGUMENT], form.expression, [NUMPY, "numpy"])


def float_value(number: int, u: Any) -> Any:
    """Return the value of the form of this number by NumPy, series and formula."""
    form = _form_of(number)
    series = series_of(form)
    s = np.asarray(u, dtype=float) - series.center
    near = np.abs(s) < series.radius
    with np.errstate(all="ignore"):
        formula = _numpy_function(form)(np.where(near, series.center + series.radius, u))
        return np.where(near, evaluate_series(series, np.where(near, s, 0.0)), formula)


class continued(Function):
    """The value of a form at u, by its limit where the formula itself has none.

    Examples
    --------
    >>> from sympy import sin
    >>> from sympy.abc import x
    >>> f = continued(Form(sin(ARGUMENT) / ARGUMENT, S.Zero), x)
    >>> f, f.subs(x, 0).n(), f.diff(x).subs(x, 1e-9).n(4)
    (continued(sin(x)/x), 1.00000000000000, -3.333e-10)
    """

    nargs = 2
    # Where `lambdify` looks up what printed code calls `continued`: a form is in no table of names.
    _imp_ = SimpleNamespace(by_mpmath=exact_value, by_numpy=float_value)

    def formula(self) -> Expr:
        """Return the formula, which is not defined at the center."""
        return self.args[0].expression.xreplace({ARGUMENT: self.args[1]})

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.formula()

    def fdiff(self, argindex: int = 2) -> Expr:
        """Return the derivative, which is continued alike."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        form, u = self.args
        return continued(Form(form.expression.diff(ARGUMENT), form.center), u)

    def _eval_derivative(self, s: Any) -> Expr:
        slope = self.args[1].diff(s)
        return S.Zero if slope is S.Zero else self.fdiff() * slope

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[1].is_extended_real

    def _eval_evalf(self, prec: int) -> Expr | None:
        u = self.args[1]._eval_evalf(prec) if not self.args[1].is_Number else self.args[1]
        if u is None or not u.is_Number or not u.is_finite:
            return None
        with working_bits(prec + 10):
            value = exact_value(_number_of(self.args[0]), mpmath.make_mpf(u._as_mpf_val(prec + 10)))
            return Float._new(value._mpf_, prec) if isinstance(value, mpmath.mpf) else None

    def _mpmathcode(self, printer: Any) -> str:
        return self._call("by_mpmath", printer)

    def _numpycode(self, printer: Any) -> str:
        return self._call("by_numpy", printer)

    _pythoncode = _numpycode

    def _call(self, function: str, printer: Any) -> str:
        number, u = _number_of(self.args[0]), printer._print(self.args[1])
        return f"continued.{function}({number}, {u})"

    def _sympystr(self, printer: Any) -> str:
        return f"continued({printer._print(self.formula())})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left[{printer._print(self.formula())}\right]{power}"
