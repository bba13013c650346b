"""Where a gradient vanishes, by algebra, for systems that are small enough.

Linear systems are eliminated in any number of variables; polynomials in one variable are split into
their real roots; two polynomials in two variables are brought to one variable each by resultants.
The time for all of these is known beforehand; what is larger, or not polynomial, goes to
`zeros_numerical`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import comb

import mpmath
from sympy import (
    Expr,
    Float,
    Poly,
    Rational,
    S,
    Symbol,
    factor_list,
    fraction,
    gcd,
    linsolve,
    real_roots,
    resultant,
    together,
)

from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.numbers import sign_of
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.theory.effort import Effort
from symlab.theory.region import Region
from symlab.theory.zeros_numerical import Zero, Zeros, numerical_zeros

MAX_TERMS = 5000
MAX_DEGREE = 120
MAX_INTERSECTIONS = 49
"""Bézout's bound for the bivariate case; the resultants of two septics take about 0.3 s."""
MAX_OPERATIONS = 400
MAX_FACTORED = 32
"""The degree up to which roots are named exactly; a worst case of degree 32 takes 0.2 s."""
ROOT_DIGITS, BISECTIONS = 70, 250
ALGEBRA = 0.4
"""The part of the time that algebra may take before a search begins."""
SAMPLES = (1, 0, -1, 2, -2, Rational(1, 2), 3, -3)


def zeros(objective: Objective, region: Region, effort: Effort) -> Zeros:
    """Return the real zeros of the gradient, each exact where algebra or a check can make it so.

    Parameters
    ----------
    objective : Objective
    region : Region
        Where a numerical search looks; algebra looks everywhere.
    effort : Effort
        The time that may be spent; algebra takes a part of it.
    """
    nowhere = Zeros((), complete=False, searched=str(region))
    gradient = effort.attempt("The gradient", lambda: list(objective.gradient), None)
    if gradient is None:
        return nowhere
    never_zero = effort.attempt(
        "Whether the gradient is ever zero",
        lambda: any(component.is_zero is False for component in gradient),
        otherwise=False,
        share=ALGEBRA,
    )
    if never_zero:
        return Zeros((), complete=True)
    present = tuple(v for v in objective.variables if objective.expression.has(v))
    if len(present) < objective.dimension:
        return _with_free_variables(objective, present, region, effort)
    found = effort.attempt(
        "The gradient's zeros by algebra",
        lambda: _by_algebra(gradient, objective.variables),
        None,
        share=ALGEBRA,
    )
    if found:
        return found
    return effort.attempt(
        "The numerical search", lambda: numerical_zeros(objective, region, effort), nowhere
    )


def _with_free_variables(
    objective: Objective, present: Sequence[Symbol], region: Region, effort: Effort
) -> Zeros:
    """Solve for the variables that occur; each of the others is free."""
    absent = objective.dimension - len(present)
    if not present:
        return Zeros((Zero(objective.variables, freedom=absent),), complete=True)
    at = [objective.variables.index(variable) for variable in present]
    rest = zeros(Objective(objective.expression, tuple(present)), region.only(at), effort)
    widened = [_widen(zero, present, objective.variables, absent) for zero in rest.points]
    return replace(rest, points=tuple(widened))


def _widen(zero: Zero, present: Sequence[Symbol], variables: Sequence[Symbol], absent: int) -> Zero:
    known = dict(zip(present, zero.coordinates, strict=True))
    return Zero(tuple(known.get(v, v) for v in variables), zero.exact, zero.freedom + absent)


def degree_bound(expression: Expr, variables: Sequence[Symbol]) -> int | None:
    """Return an upper bound of the total degree, without expanding; None if not a polynomial.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> degree_bound((x + y) ** 50 * x, (x, y)), degree_bound(2**x, (x,))
    (51, None)
    """
    if not expression.free_symbols & set(variables):
        return 0
    if expression in variables:
        return 1
    if expression.is_Pow:
        base, power = degree_bound(expression.base, variables), expression.exp
        return None if base is None or not (power.is_Integer and power > 0) else base * int(power)
    if not (expression.is_Add or expression.is_Mul):
        return None
    bounds = [degree_bound(part, variables) for part in expression.args]
    parts = [bound for bound in bounds if bound is not None]
    if len(parts) < len(bounds):
        return None
    return max(parts) if expression.is_Add else sum(parts)


def _polynomials(
    gradient: Iterable[Expr], variables: Sequence[Symbol]
) -> list[tuple[Poly, Expr]] | None:
    """Return numerator and denominator of each component, or None where they are too large."""
    system = []
    for component in gradient:
        if not component.is_rational_function(*variables) or component.count_ops() > MAX_OPERATIONS:
            return None
        over, under = (
            fraction(together(component))
            if _has_poles(component, variables)
            else (component, S.One)
        )
        degree = degree_bound(over, variables)
        if (
            degree is None
            or (degree > MAX_DEGREE and not _is_monomial(over))
            or comb(len(variables) + degree, degree) > MAX_TERMS
        ):
            return None
        system.append((Poly(over, *variables), under))
    rational = all(poly.domain.is_ZZ or poly.domain.is_QQ for poly, _ in system)
    return system if rational else None


def _is_monomial(over: Expr) -> bool:
    """Whether an expression is c x^m, whose only root is zero whatever its degree."""
    return bool(over.as_independent(*over.free_symbols)[1].as_base_exp()[0].is_Symbol)


def _has_poles(component: Expr, variables: Sequence[Symbol]) -> bool:
    return degree_bound(component, variables) is None


def _by_algebra(gradient: list[Expr], variables: tuple[Symbol, ...]) -> Zeros | None:
    system = _polynomials(gradient, variables)
    return _solve(system, variables) if system else None


def _solve(system: list[tuple[Poly, Expr]], variables: tuple[Symbol, ...]) -> Zeros | None:
    polynomials = [poly for poly, _ in system]
    degrees = [poly.total_degree() for poly in polynomials]
    if max(degrees) <= 1:
        found = _linear(polynomials, variables)
    elif len(variables) == 1:
        found = Zeros(tuple(_zero(root) for root in _real_roots(polynomials[0])), complete=True)
    elif len(variables) == 2 and degrees[0] * degrees[1] <= MAX_INTERSECTIONS:
        found = _bivariate(polynomials[0], polynomials[1], variables)
    else:
        return None
    return Zeros(_off_poles(found.points, system, variables), found.complete, found.notes)


def _off_poles(
    points: Iterable[Zero], system: list[tuple[Poly, Expr]], variables: tuple[Symbol, ...]
) -> tuple[Zero, ...]:
    """Drop the zeros of a numerator where the denominator vanishes too."""
    under = [denominator for _, denominator in system if denominator.free_symbols]
    return tuple(
        zero
        for zero in points
        if all(
            sign_of(d.xreplace(dict(zip(variables, zero.coordinates, strict=True)))) for d in under
        )
    )


def _real_roots(poly: Poly) -> list[Expr]:
    """Return the distinct real roots in order: all of them, exact where factoring is affordable."""
    if poly.degree() < 1:
        return []
    parts = [part for part, _ in poly.sqf_list()[1]]
    return sorted((root for part in parts for root in _roots_of_part(part)), key=float)


def _zero(*coordinates: Expr) -> Zero:
    return Zero(coordinates, exact=not any(c.is_Float for c in coordinates))


def _roots_of_part(part: Poly) -> list[Expr]:
    # Isolating roots is always quick; factoring, which CRootOf needs, can take exponential time.
    if part.degree() <= MAX_FACTORED or len(part.terms()) <= 2:
        return real_roots(part)
    return [_bisect_root(part, low, high) for (low, high), _ in part.intervals()]


def _bisect_root(part: Poly, low: Rational, high: Rational) -> Expr:
    """Return the one root in an interval by bisection, to 70 digits or as the rational it is."""
    with working_digits(2 * ROOT_DIGITS):
        value = evaluator(part.as_expr(), [part.gen], share=False)
        left, right = mpmath.mpf(low.p) / low.q, mpmath.mpf(high.p) / high.q
        sign = mpmath.sign(value(left))
        for _ in range(BISECTIONS if sign else 0):
            middle = (left + right) / 2
            left, right = (middle, right) if mpmath.sign(value(middle)) == sign else (left, middle)
        number = Float(mpmath.nstr(left, ROOT_DIGITS), ROOT_DIGITS)
    nearest = Rational(str(number)).limit_denominator(1000)
    return nearest if part.eval(nearest) == 0 and abs(nearest - number) < 1e-9 else number


def _linear(polynomials: list[Poly], variables: tuple[Symbol, ...]) -> Zeros:
    solutions = linsolve([poly.as_expr() for poly in polynomials], *variables)
    points = [
        Zero(tuple(solution), freedom=len(solution.free_symbols & set(variables)))
        for solution in solutions
    ]
    return Zeros(tuple(points), complete=True)


def _bivariate(p: Poly, q: Poly, variables: tuple[Symbol, ...]) -> Zeros:
    """Split off the common factor, whose zeros are a curve, and intersect the rest."""
    shared = gcd(p, q)
    curves = [factor for factor, _ in factor_list(shared.as_expr(), *variables)[1]]
    points = _intersections(p.quo(shared), q.quo(shared), variables)
    isolated = [zero for zero in points if not _vanishes(shared, zero.coordinates)]
    on_curves = [zero for curve in curves for zero in _sample(Poly(curve, *variables), variables)]
    notes = tuple(
        f"Every real point with {curve} = 0 is stationary: a continuum; at most one is listed."
        for curve in curves
    )
    return Zeros((*isolated, *on_curves), complete=not curves, notes=notes)


def _intersections(p: Poly, q: Poly, variables: tuple[Symbol, ...]) -> list[Zero]:
    """Return the common zeros of two coprime polynomials, from the roots of two resultants."""
    x, y = variables
    if p.is_ground or q.is_ground:
        return []
    across = _real_roots(Poly(resultant(p, q, y), x))
    along = _real_roots(Poly(resultant(p, q, x), y))
    return [
        Zero(pair) for pair in product(across, along) if _vanishes(p, pair) and _vanishes(q, pair)
    ]


def _vanishes(poly: Poly, point: Sequence[Expr]) -> bool:
    """Whether a polynomial is zero at a point: at 60 digits, relative to its coefficients."""
    with working_digits(60):
        at = [mpmath.mpf(coordinate.evalf(60)) for coordinate in point]
        value = evaluator(poly.as_expr(), poly.gens, share=False)(*at)
        size = sum(abs(mpmath.mpf(c.p) / c.q) for c in poly.coeffs())
        reach = max(1, *map(abs, at)) ** poly.total_degree()
        return bool(abs(value) <= mpmath.mpf(10) ** -40 * size * reach)


def _sample(curve: Poly, variables: tuple[Symbol, ...]) -> list[Zero]:
    """Return one real point of a curve, if a line through small numbers meets it."""
    for at, fixed in product(SAMPLES, variables):
        other = variables[1 - variables.index(fixed)]
        for root in _real_roots(Poly(curve.as_expr().subs(fixed, at), other)):
            values = {fixed: S(at), other: root}
            return [Zero(tuple(values[v] for v in variables), freedom=1)]
    return []
