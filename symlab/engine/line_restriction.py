"""The objective along a line x + q p: its coefficients, where it is a polynomial in q."""

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Poly, PolynomialError, Symbol, symbols

from symlab.algebra.alphabet import q
from symlab.algebra.objective import Objective


@dataclass(frozen=True)
class LinePolynomial:
    """The objective along a line as a polynomial in q: coefficients, highest power first.

    Each coefficient is an expression in the coordinates of the point and of the direction.
    """

    coefficients: tuple[Expr, ...]
    symbols: tuple[Symbol, ...]


@lru_cache(maxsize=64)
def line_polynomial(objective: Objective) -> LinePolynomial | None:
    """Return the objective along a line as a polynomial in q, or None where it is none.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> line_polynomial(Objective(x**2)).coefficients
    (p0**2, 2*a0*p0, a0**2)
    """
    point = symbols(f"a0:{objective.dimension}", real=True)
    direction = symbols(f"p0:{objective.dimension}", real=True)
    line = {
        variable: a + q * p
        for variable, a, p in zip(objective.variables, point, direction, strict=True)
    }
    along = objective.expression.subs(line, simultaneous=True)
    if not along.is_polynomial(q):
        return None
    try:
        polynomial = Poly(along, q)
    except PolynomialError:
        return None
    return LinePolynomial(tuple(polynomial.all_coeffs()), (*point, *direction))
