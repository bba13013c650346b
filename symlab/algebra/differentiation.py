"""The derivative of a real function, where SymPy's own would leave something undone.

Every derivative of an objective is taken here. SymPy gives `floor(u).diff(x)` as a `Subs` of a
`Derivative`, which nothing can compute; for real arguments the slope of a step is 0 wherever there
is one. The chain rule does the rest.
"""

from collections.abc import Callable
from functools import lru_cache

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    FallingFactorial,
    LambertW,
    Mod,
    Rem,
    RisingFactorial,
    S,
    Symbol,
    UnevaluatedExpr,
    arg,
    binomial,
    ceiling,
    conjugate,
    dirichlet_eta,
    exp,
    factorial2,
    fibonacci,
    floor,
    frac,
    harmonic,
    im,
    lucas,
    polygamma,
    re,
    riemann_xi,
    sign,
)
from sympy.codegen.cfunctions import Cbrt

from symlab.algebra.reductions import reduction
from symlab.checks import shown

Slope = Callable[[Expr], Expr]


def _of_modulus(node: Expr, slope: Slope) -> Expr:
    return sign(node.args[0]) * slope(node.args[0])


def _of_remainder(node: Expr, slope: Slope) -> Expr:
    # Mod(a, b) = a - b floor(a/b), and the floor is constant between its jumps.
    a, b = node.args
    return slope(a) - slope(b) * floor(a / b)


def _of_argument(node: Expr, slope: Slope) -> Expr:
    return slope(node.args[0])


def _of_cube_root(node: Expr, slope: Slope) -> Expr:
    return slope(node.args[0]) / (3 * node**2)


def _of_lambert(node: Expr, slope: Slope) -> Expr:
    # SymPy's W/(x (1 + W)) is 0/0 at x = 0.
    return slope(node.args[0]) * exp(-node) / (1 + node)


def _of_rising(node: Expr, slope: Slope) -> Expr:
    x, k = node.args
    upper = polygamma(0, x + k)
    return node * (slope(x) * (upper - polygamma(0, x)) + slope(k) * upper)


def _of_reduction(node: Expr, slope: Slope) -> Expr:
    other = reduction(node)
    if other != node:
        return slope(other)
    return Add(*(node.fdiff(i + 1) * slope(argument) for i, argument in enumerate(node.args)))


def _zero(_node: Expr, _slope: Slope) -> Expr:
    return S.Zero


SLOPES: dict[type, Callable[[Expr, Slope], Expr]] = {
    floor: _zero,
    ceiling: _zero,
    frac: _of_argument,
    Mod: _of_remainder,
    Abs: _of_modulus,
    re: _of_argument,
    conjugate: _of_argument,
    im: _zero,
    arg: _zero,
    Cbrt: _of_cube_root,
    LambertW: _of_lambert,
    RisingFactorial: _of_rising,
    **dict.fromkeys(
        (
            FallingFactorial,
            Rem,
            UnevaluatedExpr,
            binomial,
            dirichlet_eta,
            factorial2,
            fibonacci,
            harmonic,
            lucas,
            riemann_xi,
        ),
        _of_reduction,
    ),
}
"""The slopes of functions of a real argument that SymPy leaves undone, almost everywhere."""


@lru_cache(maxsize=4096)
def derivative(expression: Expr, variable: Symbol) -> Expr:
    r"""Return the derivative of a real expression in a variable.

    With the parts :math:`u_i` that have a slope of their own, floor and Mod among them,
    :math:`\frac{df}{dx} = \frac{\partial f}{\partial x}
    + \sum_i \frac{\partial f}{\partial u_i} \frac{du_i}{dx}`.

    Raises
    ------
    ValueError
        If SymPy cannot differentiate a part.

    Examples
    --------
    >>> from sympy import floor, symbols
    >>> x = symbols("x", real=True)
    >>> derivative(x * floor(x / 2), x), derivative((x % 2 - 1)**2, x)
    (floor(x/2), 2*(Mod(x, 2)) - 2)
    """
    own = [part for part in expression.atoms(*SLOPES) if variable in part.free_symbols]
    own = [part for part in own if not (isinstance(part, Abs) and part.args[0].is_extended_real)]
    letters = {part: Dummy(real=True) for part in own}
    # Of parts within parts the outermost is replaced, because `xreplace` comes from above.
    plain = expression.xreplace(letters)
    outermost = {letter: part for part, letter in letters.items() if plain.has(letter)}
    total = _by_sympy(plain, variable)
    for letter, part in outermost.items():
        inner = SLOPES[type(part)](part, lambda argument: derivative(argument, variable))
        if inner != 0:
            total += _by_sympy(plain, letter) * inner
    return total.xreplace(outermost)


def _by_sympy(expression: Expr, variable: Symbol) -> Expr:
    try:
        return expression.diff(variable)
    except (AttributeError, TypeError, ValueError):
        # So it ends for polynomials of the orthogonal families whose order is a fraction.
        raise ValueError(
            f"expression: SymPy has no derivative of {shown(expression)} in {variable}; "
            "Hermite, Chebyshev and similar polynomials need a whole order."
        ) from None
