"""The derivative of a function where its formula switches.

SymPy differentiates each branch of a `Piecewise` for itself. At a single point that a branch is
made for (`sin(x)/x` where x is not 0, else 1) the branch is a constant and its derivative 0, which
says nothing of the function. There the derivative is what it is by definition: the limit of the
difference quotient, from both sides.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    AccumBounds,
    Add,
    And,
    Basic,
    DiracDelta,
    Dummy,
    Eq,
    Expr,
    Heaviside,
    Integer,
    Limit,
    Mul,
    Ne,
    Or,
    Piecewise,
    Poly,
    Pow,
    Rational,
    Symbol,
    expand_mul,
    false,
    limit,
    nan,
    oo,
    real_roots,
    sign,
    simplify,
    sin,
    sinc,
    true,
    zoo,
)
from sympy.core.relational import Relational

from symlab.budget import OutOfTime, run_within

_log = logging.getLogger("symlab")

SECONDS = 20.0
"""How long one limit may take."""


def state_guards(expression: Expr) -> Expr:
    """Return an expression with functions whose slope SymPy divides by 0 written with a guard.

    Examples
    --------
    >>> from sympy.abc import x
    >>> state_guards(sinc(x))
    Piecewise((sin(x)/x, Ne(x, 0)), (1, True))
    """
    if not expression.has(sinc):
        return expression
    return expression.replace(sinc, lambda u: Piecewise((sin(u) / u, Ne(u, 0)), (1, True)))


def guarded_pieces(expression: Expr) -> list[Piecewise]:
    """Return the pieces of an expression that have a branch, anywhere, for single points."""
    if not expression.has(Piecewise):
        return []
    return [piece for piece in expression.atoms(Piecewise) if _has_point(piece)]


def _has_point(piece: Any) -> bool:
    pieces = piece.atoms(Piecewise)
    return any(condition.has(Eq, Ne) for inner in pieces for _, condition in inner.args)


Slope = Callable[[Expr, Symbol], Expr]

Guard = tuple[Relational, ...]
"""What holds where a branch is taken: equations, all of them."""


def _guards(piece: Piecewise) -> list[Guard]:
    """Return for each branch the equations that hold wherever it is taken."""
    found: list[Guard] = []
    left: Guard = ()
    for _, condition in piece.args:
        found.append(left or _equations(condition, Eq, And))
        left = left or _equations(condition, Ne, Or)
    return found


def _equations(condition: Any, kind: Any, joined: Any) -> Guard:
    parts = condition.args if isinstance(condition, joined) else (condition,)
    chosen: list[Any] = [part for part in parts if isinstance(part, kind)]
    # x != 0 or y != 0 fails only where both do; with anything else in between it may hold there.
    if kind is Ne and len(chosen) < len(parts):
        return ()
    return tuple(Eq(part.lhs, part.rhs, evaluate=False) for part in chosen)


def piece_slope(piece: Piecewise, x: Symbol, slope: Slope) -> Expr:
    """Return the derivative of a piece: of each branch, but at single points of the whole.

    Parameters
    ----------
    piece : sympy.Piecewise
    x : sympy.Symbol
    slope : callable
        The derivative of an expression in a symbol, for what a piece is made of.
    """
    guards = _guards(piece)
    if (inner := _common_argument(piece, guards, (x, slope))) is not None:
        return inner
    pairs = []
    for (branch, condition), guard in zip(piece.args, guards, strict=True):
        if any(x in equation.free_symbols for equation in guard):
            pairs.append((_slope_on_guard(piece, branch, guard, x), condition))
        else:
            pairs.append((slope(branch, x), condition))
    return Piecewise(*pairs)


def _common_argument(
    piece: Piecewise, guards: list[Guard], by: tuple[Symbol, Slope]
) -> Expr | None:
    """Return the slope by the chain rule where x is read through the guarded formula alone."""
    equations = {equation for guard in guards for equation in guard}
    if len(equations) != 1:
        return None
    inner = equations.pop().lhs
    if inner.is_Symbol or not inner.is_polynomial(*inner.free_symbols):
        return None
    u = Dummy("u", real=True)
    outer = piece.subs(inner, u)
    if outer.free_symbols & inner.free_symbols:
        return None
    x, slope = by
    return slope(outer, u).xreplace({u: inner}) * slope(inner, x)


def _slope_on_guard(piece: Piecewise, branch: Expr, guard: Guard, x: Symbol) -> Expr:
    """Return the derivative in x at the points that a guard lets through."""
    if (place := _solve_linear(guard, x)) is not None:
        return _slope_at(piece, branch, x, place)
    points = _isolated_points(guard)
    if not points:
        _log_unknown(piece, x)
        return nan
    slopes = []
    for point in points:
        rest = {symbol: value for symbol, value in point.items() if symbol != x}
        slope = _slope_at(piece.subs(rest), branch.subs(rest), x, point[x])
        slopes.append((slope, And(*(Eq(s, value) for s, value in point.items()))))
    return slopes[0][0] if len(slopes) == 1 else Piecewise(*slopes, (nan, True))


def _solve_linear(guard: Guard, x: Symbol) -> Expr | None:
    """Return x from an equation linear in it, if it is the only one."""
    if len(guard) != 1:
        return None
    gap = guard[0].lhs - guard[0].rhs
    rate = gap.diff(x)
    return -gap.subs(x, 0) / rate if rate.is_number and rate != 0 else None


def _isolated_points(guard: Guard) -> list[dict[Symbol, Expr]]:
    """Return the points that solve a guard, if they are finitely many and easily found."""
    gaps = [_strip_root(equation.lhs - equation.rhs) for equation in guard]
    symbols = set().union(*(gap.free_symbols for gap in gaps))
    if len(gaps) == 1 and len(symbols) == 1:
        (symbol,) = symbols
        if not gaps[0].is_polynomial(symbol):
            return []
        return [{symbol: root} for root in dict.fromkeys(real_roots(gaps[0], symbol))]
    if len(gaps) == 1:
        return _center(gaps[0], symbols)
    places = {s: _solve_linear((Eq(gap, 0),), s) for gap in gaps for s in gap.free_symbols}
    is_point = len(gaps) == len(symbols) and all(
        p is not None and p.is_number for p in places.values()
    )
    return [{s: place for s, place in places.items() if place is not None}] if is_point else []


def _strip_root(gap: Expr) -> Expr:
    """Return what is zero where a root or an absolute value is."""
    while isinstance(gap, Abs) or (gap.is_Pow and gap.exp.is_positive):
        gap = gap.args[0]
    return gap


def _center(gap: Expr, symbols: set[Symbol]) -> list[dict[Symbol, Expr]]:
    """Return the one zero of a sum of squares."""
    if not gap.is_polynomial(*symbols):
        return []
    form = Poly(gap, *symbols)
    squares = {s: form.coeff_monomial(s**2) for s in form.gens}
    if form.total_degree() != 2 or not all(c.is_positive for c in squares.values()):
        return []
    centre = {s: -form.coeff_monomial(s) / (2 * c) for s, c in squares.items()}
    again = Add(*(c * (s - centre[s]) ** 2 for s, c in squares.items()))
    return [centre] if (gap - again).expand() == 0 else []


@dataclass(frozen=True)
class Sides:
    """The slopes of a function to the left and to the right of a point.

    None: the function is not real on that side. NaN: there is no slope, or it was not found.
    """

    left: Expr | None
    right: Expr | None

    @property
    def agree(self) -> bool:
        """Whether there is one finite slope: the function has a derivative there."""
        return self.value is not nan and self.left is not None and self.right is not None

    @property
    def value(self) -> Expr:
        """The common slope, or that of the only side; NaN if there is none."""
        known = [side for side in (self.left, self.right) if side is not None]
        if len(known) == 2 and simplify(known[0] - known[1]) != 0:
            return nan
        return known[0] if known else nan


def _slope_at(piece: Expr, branch: Expr, x: Symbol, place: Expr) -> Expr:
    """Return the derivative at a place; NaN where the function has no finite one.

    At a kink it is the middle of both slopes, as for SymPy's sign: a symmetric function's is 0.
    """
    sides = _one_sided_slopes(piece, x, place, branch.subs(x, place))
    known = [side for side in (sides.left, sides.right) if side is not None]
    if not known or any(side.is_finite is False or side is nan for side in known):
        return nan
    return sides.value if sides.value is not nan else Add(*known) / 2


def _log_unknown(piece: Expr, x: Symbol) -> None:
    _log.warning(
        "the derivative in %s where %s switches is not known; it is NaN there.", x, str(piece)[:80]
    )


def _one_sided_slopes(function: Expr, x: Symbol, place: Expr, value: Expr) -> Sides:
    """Return the limits of the difference quotient at a place, from the left and the right."""
    return Sides(*(_one_sided_slope(function, x, place, value, side) for side in (-1, 1)))


def _one_sided_slope(function: Expr, x: Symbol, place: Expr, value: Expr, side: int) -> Expr | None:
    t = Dummy("t", positive=True)
    try:
        return run_within(SECONDS, lambda: _quotient_limit(function, (x, place), value, side * t))
    except (OutOfTime, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        _log_unknown(function, x)
        return nan


def _quotient_limit(
    function: Expr, at: tuple[Symbol, Expr], value: Expr, step: Expr
) -> Expr | None:
    (t,) = step.free_symbols
    beside = _settle_conditions(function.subs(at[0], at[1] + step), t)
    if _is_complex(beside, t):
        return None
    found = limit(tidy((beside - value) / step), t, 0, "+")
    # No number, no infinity: the quotient swings, or SymPy does not know.
    if found.has(AccumBounds, Limit) or found.is_extended_real is False:
        return nan
    return found if found in (oo, -oo) or not found.has(oo, -oo, zoo) else nan


def _settle_conditions(expression: Expr, t: Symbol) -> Expr:
    """Return an expression with its conditions decided for small positive t."""
    known = {
        condition: true if _holds(condition, t) else false
        for condition in expression.atoms(Relational)
        if condition.free_symbols == {t}
    }
    return expression.xreplace(known).doit() if known else expression


def _holds(condition: Relational, t: Symbol) -> bool:
    return bool(condition.subs(t, Rational(1, 10**30)))


def _is_complex(expression: Expr, t: Symbol) -> bool:
    if expression.free_symbols != {t}:
        return False
    return expression.subs(t, Rational(1, 10**6)).evalf().is_real is False


def tidy(slope: Expr) -> Expr:
    """Return a slope without what SymPy adds at a kink alone and no function has.

    The square of a sign is 1 on both sides of its step, and a Dirac delta whose factor vanishes
    where it stands adds nothing: x*DiracDelta(x) is 0.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> tidy((x * Abs(x)).diff(x, 2)), tidy(sign(x) ** 2), tidy(3 * DiracDelta(x))
    (2*sign(x), 1, 3*DiracDelta(x))
    """
    if slope.has(sign, Heaviside):
        slope = slope.replace(_is_power_of_step, _drop_power)
    if not slope.has(DiracDelta):
        return slope
    terms = Add.make_args(expand_mul(slope))
    return Add(*(term for term in terms if not _is_void(term)))


def _is_power_of_step(node: Basic) -> bool:
    return (
        isinstance(node, Pow)
        and isinstance(node.base, (sign, Heaviside))
        and node.exp.is_Integer
        and node.exp > 1
    )


def _drop_power(node: Expr) -> Expr:
    is_one = isinstance(node.base, sign) and node.exp % 2 == 0
    return Integer(1) if is_one else node.base


def _is_void(term: Expr) -> bool:
    """Whether a term is a Dirac delta with a factor that vanishes where the delta stands."""
    deltas = [factor for factor in Mul.make_args(term) if isinstance(factor, DiracDelta)]
    if len(deltas) != 1:
        return False
    u, *order = deltas[0].args
    places = ((s, _solve_linear((Eq(u, 0, evaluate=False),), s)) for s in u.free_symbols)
    symbol, place = next(((s, p) for s, p in places if p is not None), (None, None))
    if symbol is None:
        return False
    factor = term / deltas[0] / u ** (order[0] if order else 0)
    return simplify(factor.subs(symbol, place)) == 0
