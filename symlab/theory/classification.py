"""What kind of stationary point a zero of the gradient is, from the derivatives there.

A regular Hessian decides by the signs of its eigenvalues. A singular one is decided where it can
be: in one variable by the first derivative that does not vanish; along a continuum by the
directions across it; else by the slices along the null directions, or because the objective is a
sum of squares. What remains is called undecided.
"""

from collections.abc import Sequence

import mpmath
import numpy as np
from sympy import (
    Derivative,
    DiracDelta,
    Expr,
    Float,
    ImmutableDenseMatrix,
    Poly,
    S,
    Symbol,
    nan,
    oo,
    real_roots,
    zoo,
)

from symlab.algebra.numbers import as_plain_number, join_texts, sign_of, spell_number
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.theory.effort import Effort
from symlab.theory.stationary_point import StationaryPoint, in_floats
from symlab.theory.zeros_numerical import KEPT_DIGITS, Zero

MAX_ORDER = 12
MAX_EXACT_SPECTRUM = 12
FLOAT_DIGITS = 17
"""Digits that tell every float64 from every other."""
UNDEFINED = (DiracDelta, Derivative, nan, zoo, oo, -oo)
EXTREMUM = {1: "minimum", -1: "maximum"}


def classify(objective: Objective, zeros: Sequence[Zero], effort: Effort) -> list[StationaryPoint]:
    """Return the stationary points at zeros of the gradient, sorted by their coordinates.

    Parameters
    ----------
    objective : Objective
    zeros : sequence of Zero
    effort : Effort
        Where it does not suffice for a point, its kind is "undecided".
    """
    points = []
    for number, zero in enumerate(zeros):
        point = effort.attempt(
            f"The kind of {zero_text(objective, zero)}",
            lambda zero=zero: _classify_one(objective, zero),  # type: ignore[misc]
            None,
            share=min(1.0, 2 / (len(zeros) - number + 1)),
        )
        points.append(_leave_undecided(objective, zero, effort) if point is None else point)
    return sorted(points, key=lambda point: in_floats(point.point))


def zero_text(objective: Objective, zero: Zero) -> str:
    """Return a zero as (1, -2), and in one variable as x = 1."""
    if objective.dimension > 1:
        return f"({join_texts([spell_number(c).removeprefix('≈ ') for c in zero.coordinates])})"
    return f"{objective.variables[0]} = {spell_number(zero.coordinates[0])}".replace("= ≈", "≈")


def _classify_one(objective: Objective, zero: Zero) -> StationaryPoint:
    at = _at(objective, zero)
    hessian = ImmutableDenseMatrix(objective.hessian.xreplace(at))
    if not (zero.exact or zero.freedom):
        hessian = hessian.evalf(KEPT_DIGITS)
    spectrum = eigenvalues(hessian)
    order = 2 if all(map(sign_of, spectrum)) else first_order(objective, zero)
    return StationaryPoint(
        variables=objective.variables,
        point=zero.coordinates,
        value=_value(objective, at) if zero.exact else _value(objective, at).evalf(KEPT_DIGITS),
        hessian=hessian,
        eigenvalues=spectrum,
        kind=kind_of(objective, zero, spectrum, order),
        order=order,
        exact=zero.exact,
        freedom=zero.freedom,
    )


def _value(objective: Objective, at: dict[Symbol, Expr]) -> Expr:
    value = as_plain_number(objective.expression.xreplace(at))
    # A free coordinate does not change the value, so any number may stand for it.
    return value.subs(dict.fromkeys(value.free_symbols, 0)) if value.free_symbols else value


def _leave_undecided(objective: Objective, zero: Zero, effort: Effort) -> StationaryPoint:
    """Return a point of which nothing is known but where it is, and perhaps its value."""
    value = effort.attempt(
        f"The value at {zero_text(objective, zero)}",
        lambda: objective.expression.evalf(FLOAT_DIGITS, subs=_at(objective, zero)),
        S.NaN,
    )
    nothing = ImmutableDenseMatrix.zeros(objective.dimension)
    return StationaryPoint(
        objective.variables, zero.coordinates, value, nothing, (), "undecided", None, zero.exact
    )


def eigenvalues(hessian: ImmutableDenseMatrix) -> tuple[Expr, ...]:
    """Return the eigenvalues of a symmetric matrix, ascending.

    They are exact for a rational matrix of order at most 12 wherever radicals express them,
    otherwise numbers of 30 digits; above order 12 they are NumPy's, with zero for those that its
    rounding may have made.

    Examples
    --------
    >>> eigenvalues(ImmutableDenseMatrix([[2, 1], [1, 2]]))
    (1, 3)
    """
    if hessian.rows == 1:
        return (as_plain_number(hessian[0]),)
    if hessian.rows <= MAX_EXACT_SPECTRUM and all(entry.is_Rational for entry in hessian):
        z = Symbol("z")
        return tuple(map(as_plain_number, real_roots(Poly(hessian.charpoly(z).as_expr(), z))))
    if hessian.rows > MAX_EXACT_SPECTRUM:
        return _in_floats(hessian)
    with working_digits(40):
        entries = [mpmath.mpf(entry.evalf(40)) for entry in hessian]
        n = hessian.rows
        rows = mpmath.matrix([entries[i * n : (i + 1) * n] for i in range(n)])
        return tuple(Float(mpmath.nstr(e, 30), 30) for e in mpmath.eigsy(rows, eigvals_only=True))


def _in_floats(hessian: ImmutableDenseMatrix) -> tuple[Expr, ...]:
    n = hessian.rows
    spectrum = np.linalg.eigvalsh(np.array([float(entry) for entry in hessian]).reshape(n, n))
    # A symmetric eigenvalue is off by at most a small multiple of n eps |H| (Weyl).
    noise = 8 * n * np.finfo(float).eps * np.abs(spectrum).max()
    return tuple(Float(float(e), FLOAT_DIGITS) if abs(e) > noise else S.Zero for e in spectrum)


def first_order(objective: Objective, zero: Zero) -> int | None:
    """Return the order of the first derivative that does not vanish where f' does.

    In one variable only; None if none is found up to order 12, or to the degree of a polynomial.
    """
    if objective.dimension > 1 or zero.freedom:
        return None
    (x,) = objective.variables
    leading = _leading_of_polynomial(objective, zero)
    if leading is not None:
        return leading[0]
    derivative = objective.gradient[0]
    for order in range(2, _highest(objective.expression, x) + 1):
        derivative = derivative.diff(x)
        value = derivative.xreplace({x: zero.coordinates[0]})
        if value.has(*UNDEFINED):
            return None
        if sign_of(value):
            return order
    return None


def _leading_of_polynomial(objective: Objective, zero: Zero) -> tuple[int, int] | None:
    """Return order and sign of the first Taylor coefficient beyond the value, at a rational."""
    (x,), (place,) = objective.variables, zero.coordinates
    if not (place.is_Rational and objective.expression.is_polynomial(x)):
        return None
    poly = Poly(objective.expression, x)
    if not (poly.domain.is_ZZ or poly.domain.is_QQ):
        return None
    terms = (poly.shift(place) if place else poly).terms()
    order, coefficient = min((power, c) for (power,), c in terms if power > 0)
    return order, sign_of(coefficient)


def _highest(expression: Expr, x: Symbol) -> int:
    return Poly(expression, x).degree() if expression.is_polynomial(x) else MAX_ORDER


def kind_of(objective: Objective, zero: Zero, spectrum: Sequence[Expr], order: int | None) -> str:
    """Return "minimum", "maximum", "saddle", "inflection" or "undecided".

    Parameters
    ----------
    objective : Objective
    zero : Zero
        Where its gradient vanishes.
    spectrum : sequence of n numbers
        The eigenvalues of the Hessian there.
    order : int or None
        The order of the first derivative that does not vanish, if it is known.
    """
    signs = {sign_of(eigenvalue) for eigenvalue in spectrum}
    if {-1, 1} <= signs:
        return "saddle"
    nullity = sum(not sign_of(eigenvalue) for eigenvalue in spectrum)
    if nullity == zero.freedom and signs != {0}:
        return EXTREMUM[max(signs, key=abs)]
    if objective.dimension == 1 and order is not None:
        return _by_higher_derivative(objective, zero, order)
    return _by_squares(objective, zero) or _by_slices(objective, zero, signs) or "undecided"


def _by_higher_derivative(objective: Objective, zero: Zero, order: int) -> str:
    (x,) = objective.variables
    leading = _leading_of_polynomial(objective, zero)
    if leading is not None:
        return "inflection" if order % 2 else EXTREMUM[leading[1]]
    derivative = objective.expression.diff(x, order).xreplace({x: zero.coordinates[0]})
    return "inflection" if order % 2 else EXTREMUM[sign_of(derivative)]


def _by_squares(objective: Objective, zero: Zero) -> str | None:
    """A difference that SymPy sees to be of one sign, such as a sum of even powers, decides."""
    real = {variable: Symbol(variable.name, real=True) for variable in objective.variables}
    value = objective.expression.xreplace(_at(objective, zero))
    difference = (objective.expression - value).xreplace(real)
    if difference.is_zero:
        return None
    if difference.is_nonnegative:
        return "minimum"
    return "maximum" if difference.is_nonpositive else None


def _by_slices(objective: Objective, zero: Zero, signs: set[int]) -> str | None:
    """Descent along one line and ascent along another, or along both halves of one, is a saddle."""
    hessian = objective.hessian.xreplace(_at(objective, zero))
    rational = all(entry.is_Rational for entry in hessian)
    if zero.freedom or not (zero.exact and rational):
        return None
    q = Symbol("q", real=True)
    seen = signs - {0}
    for direction in hessian.nullspace():
        steps = zip(objective.variables, zero.coordinates, direction, strict=True)
        ray = {variable: here + q * component for variable, here, component in steps}
        order, sign = _leading_term(objective.expression.xreplace(ray), q)
        seen |= {sign, -sign} if order % 2 else {sign}
    return "saddle" if {-1, 1} <= seen else None


def _at(objective: Objective, zero: Zero) -> dict[Symbol, Expr]:
    return dict(zip(objective.variables, zero.coordinates, strict=True))


def _leading_term(slice_: Expr, q: Symbol) -> tuple[int, int]:
    """Return order and sign of the first derivative that does not vanish at q = 0, or 0 and 0."""
    derivative = slice_
    for order in range(1, MAX_ORDER + 1):
        derivative = derivative.diff(q)
        value = derivative.subs(q, 0)
        if value.has(*UNDEFINED):
            break
        if sign_of(value):
            return order, sign_of(value)
    return 0, 0
