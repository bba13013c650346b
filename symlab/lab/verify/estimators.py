"""Five estimators of a gradient, each with its own error and its own bound for that error.

An estimator returns its value of one component at one point, and how far a right claim may be from
that. Where it does not apply (at a kink, for a function that is not analytic, for a part that
PyTensor does not know) it returns the reason instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from sympy import (
    Abs,
    DiracDelta,
    Expr,
    Float,
    Function,
    Heaviside,
    Integral,
    Max,
    Min,
    Mod,
    Piecewise,
    arg,
    ceiling,
    conjugate,
    erf,
    erfc,
    erfi,
    floor,
    frac,
    im,
    lambdify,
    re,
    sign,
)

from symlab.algebra.error_bound import rounding_bound
from symlab.algebra.functions import define
from symlab.algebra.objective import Objective
from symlab.engine.compiled.functions import Functions, compile_everywhere
from symlab.engine.lowering.lower import LoweringError
from symlab.lab.verify.reference import DIGITS, EPSILON, Reference, shift, working

NOT_ANALYTIC = (
    Abs, sign, Max, Min, Piecewise, Heaviside, DiracDelta, floor, ceiling, frac, Mod,
    re, im, arg, conjugate,
)  # fmt: skip

IMAGINARY_STEPS = (2.0**-100, 2.0**-60)
"""So short that their squares, which the complex step neglects, are far below any rounding. With
the shorter one the imaginary part may underflow, which a comparison with the longer shows."""

OF_FADDEEVA = (erf, erfc, erfi)
"""Functions that SciPy evaluates at complex numbers by Faddeeva's, to 1e-13 (Johnson 2012)."""

SPECIAL_SPACINGS = 1e-13 / EPSILON
"""How many times the rounding of a function to full digits they may be off."""

LENGTHS = [2.0**-j for j in range(8, 45, 3)]
"""The step lengths of the Taylor remainder, longest first."""

FITTED = 4
"""How many of the shortest lengths still above rounding the order is fitted to."""

COARSEST = 1e-2
"""The widest tolerance, relative to the measured value or 1, that still tells right from wrong."""

SMOOTH_ORDER = 1.5
"""The least order that passes: half way between a wrong gradient's 1 and a right one's 2."""


@dataclass(frozen=True)
class Estimate:
    """An estimate of one component, and how far the claim is and may be from it.

    `note` says why there is nothing to compare; then the numbers are NaN.
    """

    check: str
    measured: float = np.nan
    error: float = np.nan
    tolerance: float = np.nan
    note: str = ""

    @property
    def applies(self) -> bool:
        """Whether the estimator applies here."""
        return not np.isnan(self.tolerance)

    @property
    def passed(self) -> bool:
        """Whether the claim agrees; an error that is NaN does not."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Place:
    """A point of the verification: its coordinates, the claim there and the rounding to expect."""

    point: np.ndarray
    claimed: Sequence[Any]
    rounding: Sequence[float]
    exact_claim: bool


def _reason(error: Exception) -> str:
    """Return an error's sentence as a clause."""
    return str(error).rstrip(".")


def estimate_of(check: str, place: Place, i: int, measured: Any, bound: float) -> Estimate:
    """Return the estimate of an estimator that measures the component itself."""
    if not bound <= COARSEST * max(1.0, abs(float(measured))):
        return Estimate(
            check, float(measured), note=f"floats tell too little: rounding is up to {bound:.1g}"
        )
    with working():
        error = float(abs(place.claimed[i] - measured))
    return Estimate(check, float(measured), error, bound)


@dataclass(frozen=True, eq=False)
class Estimators:
    """The estimators of an objective's gradient; what they need is compiled at first use."""

    reference: Reference
    compiled: Functions

    @property
    def objective(self) -> Objective:
        """What the gradient is claimed of."""
        return self.compiled.objective

    def symbolic(self, place: Place, i: int) -> Estimate:
        """SymPy's derivative at 50 digits."""
        measured = self.reference.gradient(place.point)[i]
        return estimate_of("sympy", place, i, measured, place.rounding[i + 1])

    def compiled_gradient(self, place: Place, i: int) -> Estimate:
        """SymPy's derivative, compiled: off by rounding."""
        try:
            measured = self.compiled.gradient(place.point)[i]
        except LoweringError as error:
            return Estimate("compiled", note=_reason(error))
        return estimate_of("compiled", place, i, measured, place.rounding[i + 1])

    def autodiff(self, place: Place, i: int) -> Estimate:
        """PyTensor's derivative of the compiled value: off by rounding."""
        if isinstance(self._autodiff, str):
            return Estimate("autodiff", note=self._autodiff)
        return estimate_of(
            "autodiff", place, i, self._autodiff(place.point)[i], place.rounding[i + 1]
        )

    @cached_property
    def _autodiff(self) -> Callable[[np.ndarray], np.ndarray] | str:
        try:
            backend = self.compiled.backend
            gradient = compile_everywhere(self.objective, backend, "autodiff").gradient
            gradient(np.ones(self.objective.dimension))  # compiles now, where a refusal is noted
            return gradient
        except LoweringError as error:
            return _reason(error)

    def central_difference(self, place: Place, i: int) -> Estimate:
        r"""(f(a + h e) - f(a - h e)) / 2h in float64: off by truncation and by rounding.

        Truncation, :math:`h^2 |f'''|/6`, and rounding, :math:`\epsilon_f/h`, balance at
        :math:`h = (3 \epsilon_f / |f'''|)^{1/3}` (Nocedal & Wright 2006, section 8.1). The bound is
        the truncation of this very step, measured at 50 digits, plus the rounding.
        """
        step = self._step(place, i)
        ahead, behind = (np.array(place.point) for _ in range(2))
        ahead[i] += step
        behind[i] -= step
        width = ahead[i] - behind[i]
        try:
            rise = (
                self.compiled.value_and_gradient(ahead)[0]
                - self.compiled.value_and_gradient(behind)[0]
            )
        except LoweringError as error:
            return Estimate("central difference", note=_reason(error))
        if not np.isfinite(rise):
            return Estimate("central difference", note="f is not real a step away")
        with working():
            half = mpmath.mpf(width) / 2
            truncation = self.reference.slope(place.point, i, half) - self.reference.slope(
                place.point, i
            )
            off_centre = (ahead[i] + behind[i]) / 2 - place.point[i]
        rounding = (2 * place.rounding[0] + abs(off_centre) * EPSILON) / width + place.rounding[
            i + 1
        ]
        return estimate_of(
            "central difference", place, i, rise / width, abs(float(truncation)) + rounding
        )

    def _step(self, place: Place, i: int) -> float:
        scale = max(1.0, abs(place.point[i]))
        usual = EPSILON ** (1 / 3) * scale
        third = self.reference.third(place.point, i)
        if not third > 0:
            return usual
        best = (3 * place.rounding[0] / third) ** (1 / 3)
        # Far from the usual step the third derivative at the point alone says too little.
        return float(np.clip(best, 1e-3 * usual, 1e3 * usual))

    def complex_step(self, place: Place, i: int) -> Estimate:
        """Im f(a + ih e) / h: without a difference only rounding is left (Squire & Trapp 1998)."""
        if isinstance(self._complex_value, str):
            return Estimate("complex step", note=self._complex_value)
        try:
            with np.errstate(all="ignore"):
                measured, longer = (self._imaginary(place, i, h) for h in IMAGINARY_STEPS)
        except (TypeError, ValueError, ArithmeticError, NameError):
            return Estimate("complex step", note=self._not_complex(place))
        if not np.isfinite([measured, longer]).all():
            return Estimate("complex step", note="overflows in complex numbers")
        # It evaluates the formula as stated, whose terms may cancel.
        at = dict(zip(self.objective.variables, map(float, place.point), strict=True))
        stated = float(rounding_bound(define(self.objective.gradient[i]), at))
        spacings = SPECIAL_SPACINGS if self.objective.expression.has(*OF_FADDEEVA) else 4
        bound = max(place.rounding[i + 1], spacings * stated)
        if not abs(measured - longer) <= bound:
            return Estimate("complex step", note="underflows in complex numbers")
        return estimate_of("complex step", place, i, measured, bound)

    def _imaginary(self, place: Place, i: int, step: float) -> float:
        """Return Im f(a + ih e) / h."""
        point = place.point.astype(complex)
        point[i] += 1j * step
        value = complex(self._complex_value(*point))  # type: ignore[operator]
        return value.imag / step if np.isfinite(value) else np.nan

    @cached_property
    def _complex_value(self) -> Callable[..., Any] | str:
        stated: Expr = define(self.objective.expression)
        if kinds := sorted({type(part).__name__ for part in stated.atoms(*NOT_ANALYTIC)}):
            return f"{', '.join(kinds)} {'is' if len(kinds) == 1 else 'are'} not analytic"
        if stated.has(Integral):
            return "SciPy integrates no complex numbers"
        return lambdify(self.objective.variables, stated, ["scipy", "numpy"])

    def _not_complex(self, place: Place) -> str:
        """Return why f cannot be evaluated at complex numbers, by its functions."""
        point = place.point.astype(complex)
        variables, stated = self.objective.variables, define(self.objective.expression)
        functions = {type(part) for part in stated.atoms(Function)}
        refused = []
        for kind in sorted(functions, key=lambda kind: kind.__name__):
            part = next(part for part in stated.atoms(kind) if isinstance(part, kind))
            try:
                with np.errstate(all="ignore"):
                    complex(lambdify(variables, part, ["scipy", "numpy"])(*point))
            except (TypeError, ValueError, ArithmeticError, NameError):
                refused.append(kind.__name__)
        what = ", ".join(refused) or "f"
        return f"there is no {what} of complex numbers in NumPy and SciPy"

    def taylor_remainder(self, place: Place, i: int) -> Estimate:
        """The order p of |f(a + h e) - f(a) - h g| = O(h^p), at 50 digits: 2 if g is right, else 1.

        The order is 3 or more where the curvature is zero; where the remainder itself is zero, f is
        linear and there is no order to fit.
        """
        if mpmath.isnan(place.claimed[i]):
            return Estimate("Taylor remainder", np.nan, np.inf, 2 - SMOOTH_ORDER)
        remainders = self._remainders(place, i)
        if len(remainders) < FITTED:
            return Estimate(
                "Taylor remainder", np.inf, 0.0, 0.0, note="the remainder is zero: f is linear"
            )
        lengths, sizes = np.log2(np.array(remainders[-FITTED:], dtype=float)).T
        order = float(np.polyfit(lengths, sizes, 1)[0])
        return Estimate("Taylor remainder", order, max(0.0, 2 - order), 2 - SMOOTH_ORDER)

    def _remainders(self, place: Place, i: int) -> list[tuple[float, Any]]:
        """Return lengths and remainders, where these are larger than the rounding of the claim."""
        with working():
            here, claim = self.reference.value(place.point), mpmath.mpf(place.claimed[i])
            known = EPSILON if self.objective.expression.has(Float) else 10.0 ** (2 - DIGITS)
            exact = known * (1 + abs(claim))
            allowance = exact if place.exact_claim else 4 * mpmath.mpf(place.rounding[i + 1])
            noise = mpmath.eps * 10**5 * (1 + abs(here))
            kept = []
            for length in LENGTHS:
                there = self.reference.value(shift(place.point, i, mpmath.mpf(length)))
                size = abs(there - here - length * claim)
                if size > allowance * length + noise:
                    kept.append((length, size))
                elif size <= exact * length + noise:
                    # Here f is linear, and the longer steps went beyond a kink.
                    kept.clear()
        return kept

    @property
    def checks(self) -> tuple[Callable[[Place, int], Estimate], ...]:
        """The estimators that do not use SymPy's derivative at 50 digits, in order."""
        return (
            self.compiled_gradient,
            self.autodiff,
            self.central_difference,
            self.complex_step,
            self.taylor_remainder,
        )
