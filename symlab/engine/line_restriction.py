"""The objective on a ray x + q p: its coefficients, where it is a polynomial in q."""

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Poly, PolynomialError, Symbol, symbols

from symlab.algebra.alphabet import q
from symlab.algebra.objective import Objective


@dataclass(frozen=True)
class RayPolynomial:
    """The objective on a ray as a polynomial in q: coefficients, highest power first.

    Each coefficient is an expression in the coordinates of the point and of the direction.
    """

    coefficients: tuple[Expr, ...]
    symbols: tuple[Symbol, ...]


@lru_cache(maxsize=64)
def ray_polynomial(objective: Objective) -> RayPolynomial | None:
    """Return the objective on a ray as a polynomial in q, or None where it is none.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> ray_polynomial(Objective(x**2)).coefficients
    (p0**2, 2*a0*p0, a0**2)
    """
    point = symbols(f"a0:{objective.dimension}", real=True)
    direction = symbols(f"p0:{objective.dimension}", real=True)
    ray = {
        variable: a + q * p
        for variable, a, p in zip(objective.variables, point, direction, strict=True)
    }
    on_ray = objective.expression.subs(ray, simultaneous=True)
    if not on_ray.is_polynomial(q):
        return None
    try:
        polynomial = Poly(on_ray, q)
    except PolynomialError:
        return None
    return RayPolynomial(tuple(polynomial.all_coeffs()), (*point, *direction))
