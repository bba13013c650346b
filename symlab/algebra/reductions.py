"""Functions that reduce to others: each as an identity of real numbers.

SymPy documents some two hundred functions of a real argument; the backends know some eighty. Most
of the others are an old name for a formula in those, and are replaced by it before they run.
"""

from collections.abc import Callable

from sympy import (
    ITE,
    Abs,
    And,
    Basic,
    Contains,
    EulerGamma,
    Expr,
    FallingFactorial,
    GoldenRatio,
    Li,
    Mod,
    Mul,
    Not,
    Or,
    Piecewise,
    Rational,
    Rem,
    RisingFactorial,
    S,
    SingularityFunction,
    UnevaluatedExpr,
    acos,
    acosh,
    acot,
    acoth,
    acsc,
    acsch,
    arg,
    asec,
    asech,
    asin,
    asinh,
    atan,
    atanh,
    besselj,
    bessely,
    beta,
    betainc,
    betainc_regularized,
    binomial,
    catalan,
    conjugate,
    cos,
    digamma,
    dirichlet_eta,
    erf,
    erf2,
    erf2inv,
    erfinv,
    expint,
    factorial,
    factorial2,
    fibonacci,
    frac,
    gamma,
    harmonic,
    im,
    jn,
    li,
    log,
    lucas,
    pi,
    polygamma,
    re,
    riemann_xi,
    sign,
    sin,
    sqrt,
    trigamma,
    uppergamma,
    yn,
    zeta,
)
from sympy.codegen.cfunctions import Cbrt, Sqrt, expm1, fma
from sympy.codegen.numpy_nodes import logaddexp, logaddexp2
from sympy.codegen.scipy_nodes import cosm1, powm1

from symlab.algebra.functions import logsumexp

MOST_FACTORS = 64
"""Factors of a falling factorial up to which it is written as a product, not by gammas."""


def _falling(x: Expr, k: Expr) -> Expr:
    if k.is_Integer and 0 <= k <= MOST_FACTORS:
        return Mul(*(x - i for i in range(int(k))))
    return RisingFactorial(x - k + 1, k)


def _binomial(x: Expr, k: Expr) -> Expr | None:
    # With a whole number below, a polynomial: right at every x, and so are its derivatives.
    if k.is_Integer and 0 <= k <= MOST_FACTORS:
        return _falling(x, k) / factorial(k)
    return None


def _cube_root(z: Expr) -> Expr:
    # C's cbrt is odd, where the power 1/3 of a negative number is complex.
    return sign(z) * Abs(z) ** Rational(1, 3)


def _harmonic(x: Expr, m: Expr = S.One) -> Expr | None:
    if m == 1:
        return polygamma(0, x + 1) + EulerGamma
    return zeta(m) - zeta(m, x + 1) if m.is_number and m > 1 else None


def _fibonacci(x: Expr, *of_polynomial: Expr) -> Expr | None:
    if of_polynomial:
        return None
    return (GoldenRatio**x - cos(pi * x) * GoldenRatio**-x) / sqrt(5)


def _factorial2(x: Expr) -> Expr:
    turn = (1 - cos(pi * x)) / 4
    return 2 ** (x / 2 + turn) * pi**-turn * gamma(x / 2 + 1)


def _upper_gamma(s: Expr, x: Expr) -> Expr | None:
    return x**s * expint(1 - s, x) if s.is_number and s <= 0 else None


def _contains(x: Expr, numbers: Basic) -> Basic | None:
    # Every real number lies between minus and plus infinity.
    try:
        return numbers.as_relational(x)
    except (AttributeError, NotImplementedError, TypeError):
        return None


def _singularity(x: Expr, a: Expr, n: Expr) -> Expr | None:
    return Piecewise(((x - a) ** n, x >= a), (0, True)) if n.is_nonnegative else None


def _xi(s: Expr) -> Expr:
    return s * (s - 1) / 2 * pi ** (-s / 2) * gamma(s / 2) * zeta(s)


REDUCTIONS: dict[type, Callable[..., Basic | None]] = {
    acot: lambda z: atan(1 / z),
    asec: lambda z: acos(1 / z),
    acsc: lambda z: asin(1 / z),
    acoth: lambda z: atanh(1 / z),
    asech: lambda z: acosh(1 / z),
    acsch: lambda z: asinh(1 / z),
    frac: lambda z: Mod(z, 1),
    Rem: lambda a, b: sign(a) * Mod(Abs(a), Abs(b)),
    ITE: lambda condition, yes, no: Or(And(condition, yes), And(Not(condition), no)),
    Contains: _contains,
    SingularityFunction: _singularity,
    UnevaluatedExpr: lambda z: z,
    re: lambda z: z,
    conjugate: lambda z: z,
    im: lambda _: S.Zero,
    arg: lambda z: Piecewise((pi, z < 0), (0, True)),
    fma: lambda a, b, c: a * b + c,
    Sqrt: sqrt,
    Cbrt: _cube_root,
    logaddexp: logsumexp,
    logaddexp2: lambda a, b: logsumexp(a * log(2), b * log(2)) / log(2),
    cosm1: lambda z: -2 * sin(z / 2) ** 2,
    powm1: lambda a, b: expm1(b * log(a)),
    binomial: _binomial,
    FallingFactorial: _falling,
    harmonic: _harmonic,
    catalan: lambda n: 4**n * gamma(n + Rational(1, 2)) / (sqrt(pi) * gamma(n + 2)),
    fibonacci: _fibonacci,
    lucas: lambda n: GoldenRatio**n + cos(pi * n) * GoldenRatio**-n,
    factorial2: _factorial2,
    digamma: lambda z: polygamma(0, z),
    betainc: lambda a, b, x, y: beta(a, b) * betainc_regularized(a, b, x, y),
    jn: lambda n, z: sqrt(pi / (2 * z)) * besselj(n + Rational(1, 2), z),
    yn: lambda n, z: sqrt(pi / (2 * z)) * bessely(n + Rational(1, 2), z),
    trigamma: lambda z: polygamma(1, z),
    uppergamma: _upper_gamma,
    erf2: lambda a, b: erf(b) - erf(a),
    erf2inv: lambda a, b: erfinv(erf(a) + b),
    Li: lambda z: li(z) - li(2),
    dirichlet_eta: lambda s: (1 - 2 ** (1 - s)) * zeta(s),
    riemann_xi: _xi,
}
"""What each is of real arguments, or None where these arguments do not reduce it."""


def reduce_functions(expression: Basic) -> Basic:
    """Return an expression with the functions that reduce to others replaced by those.

    The arguments are taken to be real, as everywhere in this library.

    Examples
    --------
    >>> from sympy import acot, frac, symbols
    >>> x = symbols("x", real=True)
    >>> reduce_functions(acot(x) + frac(2 * x))
    Mod(2*x, 1) + atan(1/x)
    """
    if not expression.has(*REDUCTIONS):
        return expression
    return expression.replace(lambda node: type(node) in REDUCTIONS, reduction)


def reduction(node: Basic) -> Basic:
    """Return what a function reduces to, or the function."""
    other = REDUCTIONS[type(node)](*node.args)
    return node if other is None else reduce_functions(other)
