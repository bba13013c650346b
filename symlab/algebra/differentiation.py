"""Derivatives of real functions, also where SymPy leaves one unevaluated.

Every derivative of an objective is taken here. SymPy gives `floor(u).diff(x)` as a `Subs` of a
`Derivative`, which nothing can compute; for real arguments the slope of a step is 0 wherever there
is one. Where a formula switches at a point, the slope there is the function's (`guards`). The chain
rule does the rest. Symbols that do not say so are taken as real (`reals`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    FallingFactorial,
    Heaviside,
    LambertW,
    Max,
    Min,
    Mod,
    Mul,
    Ne,
    Piecewise,
    Rem,
    RisingFactorial,
    S,
    Shi,
    Si,
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
    sinc,
    sinh,
)
from sympy.codegen.cfunctions import Cbrt

from symlab.algebra.piecewise_slopes import guarded_pieces, piece_slope, state_guards, tidy
from symlab.algebra.reals import real_twins
from symlab.algebra.reductions import reduction
from symlab.checks import shown

FEW = 4
"""Arguments of a Max or Min up to which SymPy's own slope is soon there."""

Slope = Callable[[Expr], Expr]


def _of_modulus(node: Expr, slope: Slope) -> Expr:
    return sign(node.args[0]) * slope(node.args[0])


def _of_remainder(node: Expr, slope: Slope) -> Expr:
    # Mod(a, b) = a - b floor(a/b), and the floor is constant between its jumps.
    a, b = node.args
    return slope(a) - slope(b) * floor(a / b)


def _of_argument(node: Expr, slope: Slope) -> Expr:
    return slope(node.args[0])


def _of_sine_integral(node: Expr, slope: Slope) -> Expr:
    return sinc(node.args[0]) * slope(node.args[0])


def _of_hyperbolic_sine_integral(node: Expr, slope: Slope) -> Expr:
    u = node.args[0]
    return Piecewise((sinh(u) / u, Ne(u, 0)), (1, True)) * slope(u)


def _of_lambert_w(node: Expr, slope: Slope) -> Expr:
    # From w exp(w) = u, which W(u)/(u (1 + W(u))) says as well, but not at u = 0.
    return exp(-node) / (1 + node) * slope(node.args[0])


def _of_cube_root(node: Expr, slope: Slope) -> Expr:
    return slope(node.args[0]) / (3 * node**2)


def _of_rising(node: Expr, slope: Slope) -> Expr:
    x, k = node.args
    upper = polygamma(0, x + k)
    return node * (slope(x) * (upper - polygamma(0, x)) + slope(k) * upper)


def _of_reduction(node: Expr, slope: Slope) -> Expr:
    other = reduction(node)
    if other != node:
        return slope(other)
    return Add(*(node.fdiff(i + 1) * slope(argument) for i, argument in enumerate(node.args)))


def _of_extreme(node: Expr, slope: Slope) -> Expr:
    """Return the slope of the largest or smallest of many: an indicator for each argument.

    SymPy's own compares all the others with each other, for each argument anew: 40 take a minute.
    """
    sense = 1 if isinstance(node, Max) else -1
    # The extremes of those before and of those behind are shared by all the indicators.
    before = list(accumulate(node.args, lambda *two: _build_unevaluated(node.func, *two)))
    behind = list(accumulate(node.args[::-1], lambda *two: _build_unevaluated(node.func, *two)))[
        ::-1
    ]
    total = []
    for i, argument in enumerate(node.args):
        if (inner := slope(argument)) != 0:
            others = _build_unevaluated(
                node.func, *before[i - 1 : i] * (i > 0), *behind[i + 1 : i + 2]
            )
            total.append(Heaviside(sense * (argument - others), evaluate=False) * inner)
    return Add(*total)


def _build_unevaluated(function: type, *arguments: Expr) -> Expr:
    return function(*arguments, evaluate=False) if len(arguments) > 1 else arguments[0]


def _zero(_node: Expr, _slope: Slope) -> Expr:
    return S.Zero


SLOPES: dict[type, Callable[[Expr, Slope], Expr]] = {
    floor: _zero,
    ceiling: _zero,
    frac: _of_argument,
    Max: _of_extreme,
    Min: _of_extreme,
    Mod: _of_remainder,
    Abs: _of_modulus,
    re: _of_argument,
    conjugate: _of_argument,
    im: _zero,
    arg: _zero,
    Si: _of_sine_integral,
    Shi: _of_hyperbolic_sine_integral,
    LambertW: _of_lambert_w,
    Cbrt: _of_cube_root,
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
"""The slopes of functions of a real argument that SymPy leaves undone, or divides by 0."""


def derivative(expression: Expr, *variables: Symbol) -> Expr:
    r"""Return the derivative of a real expression in a variable, or in several in turn.

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
    >>> from sympy import sinc
    >>> derivative(sinc(x), x).subs(x, 0), derivative(sinc(x), x, x).subs(x, 0)
    (0, -1/3)
    """
    for variable in variables:
        known = real_twins(expression)
        back = {twin: symbol for symbol, twin in known.items()}
        found = _slope(expression.xreplace(known), known.get(variable, variable))
        expression = found.xreplace(back) if back else found
    return expression


def derivatives(expression: Expr, variables: Sequence[Symbol], order: int) -> list[Expr]:
    """Return all derivatives of an order: of order 1 the gradient, of order 2 the Hessian by rows.

    Parameters
    ----------
    expression : sympy.Expr
    variables : sequence of n symbols
    order : int
        At least 0; the last variable changes fastest, as in the rows of a Hessian.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> derivatives(x * y**2, (x, y), 1), derivatives(x * y**2, (x, y), 2)
    ([y**2, 2*x*y], [0, 2*y, 2*y, 2*x])
    """
    found = [expression]
    for _ in range(order):
        found = [slope for each in found for slope in _slopes_of_terms(each, variables)]
    return found


def _slopes_of_terms(expression: Expr, variables: Sequence[Symbol]) -> Iterator[Expr]:
    """Yield the derivative in each variable; of a sum only of the terms that hold it.

    So a long sum of short terms takes time that grows with the terms, and not with their product.
    """
    terms: dict[Symbol, list[Expr]] = {variable: [] for variable in variables}
    for term in Add.make_args(expression):
        for symbol in term.free_symbols & terms.keys():
            terms[symbol].append(term)
    for variable in variables:
        held = terms[variable]
        yield derivative(Add(*held), variable) if held else S.Zero


@lru_cache(maxsize=4096)
def _slope(expression: Expr, variable: Symbol) -> Expr:
    expression = state_guards(expression)
    own = [*expression.atoms(*SLOPES), *guarded_pieces(expression)]
    own = [part for part in own if variable in part.free_symbols]
    own = [part for part in own if not (isinstance(part, (Max, Min)) and len(part.args) <= FEW)]
    own = [part for part in own if not (isinstance(part, Abs) and part.args[0].is_extended_real)]
    if not own:
        return tidy(_by_sympy(expression, variable))
    letters = {part: Dummy(real=True) for part in own}
    # Of parts within parts the outermost is replaced, because `xreplace` comes from above.
    plain = expression.xreplace(letters)
    outermost = {letter: part for part, letter in letters.items() if plain.has(letter)}
    total = _by_sympy(plain, variable)
    for letter, part in outermost.items():
        inner = _slope_of_part(part, variable)
        if inner != 0:
            total += _by_sympy(plain, letter) * inner
    return tidy(total.xreplace(outermost))


def _slope_of_part(part: Expr, variable: Symbol) -> Expr:
    if isinstance(part, Piecewise):
        return piece_slope(part, variable, _slope)
    return SLOPES[type(part)](part, lambda argument: _slope(argument, variable))


def _by_sympy(expression: Expr, variable: Symbol) -> Expr:
    """Return the derivative as SymPy writes it, of sums, products and powers with less asking."""
    if variable not in expression.free_symbols:
        return S.Zero
    if expression.is_Symbol:
        return S.One
    if expression.is_Add:
        return Add(*(_by_sympy(term, variable) for term in expression.args))
    if expression.is_Mul:
        return _of_product(expression.args, variable)
    if expression.is_Pow and expression.exp.is_number:
        # As SymPy writes it; but SymPy also takes the logarithm of the base, slow for a long sum.
        base, exponent = expression.args
        return expression * (_by_sympy(base, variable) * exponent / base)
    return _asked(expression, variable)


def _of_product(factors: Sequence[Expr], variable: Symbol) -> Expr:
    terms = []
    for i, factor in enumerate(factors):
        if (slope := _by_sympy(factor, variable)) != 0:
            terms.append(Mul(*factors[:i], slope, *factors[i + 1 :]))
    return Add(*terms)


def _asked(expression: Expr, variable: Symbol) -> Expr:
    try:
        return expression.diff(variable)
    except (AttributeError, TypeError, ValueError):
        # So it ends for polynomials of the orthogonal families whose order is a fraction.
        raise ValueError(
            f"expression: SymPy has no derivative of {shown(expression)} in {variable}; "
            "Hermite, Chebyshev and similar polynomials need a whole order."
        ) from None
