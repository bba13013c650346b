"""Where a formula switches, and which of its kinks and edges are extrema, in one variable.

A gradient says nothing at a kink, so a minimum there is no zero of it: that of |x| at 0. What can
make a kink is read off the formula (|u|, max, a branch, a root of u); values on either side decide
in many digits what it is. Where both slopes are zero the derivative exists, and the point is a true
stationary point that calculus by formula misses: |x|^(3/2) and the guarded sin(x)/x at 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import mpmath
import numpy as np
from sympy import (
    Abs,
    Expr,
    Float,
    Heaviside,
    Max,
    Min,
    N,
    Piecewise,
    Poly,
    Pow,
    S,
    Symbol,
    oo,
    sign,
    sinc,
)
from sympy.core.relational import Relational

from symlab.algebra.functions import define, hinge, relu, softsign
from symlab.algebra.numbers import spell_number
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.theory.effort import Effort
from symlab.theory.evaluation import Floats, Precise, floats, precise
from symlab.theory.recognition import short_form
from symlab.theory.region import Region
from symlab.theory.zeros_on_line import search_line

DIGITS, KEPT_DIGITS = 100, 30
NEAR, NEARER = mpmath.mpf("1e-20"), mpmath.mpf("1e-26")
"""The distances at which slopes are measured; they settle to a limit, shrink or grow between."""
STEPS = [mpmath.mpf(10) ** -power for power in (5, 8, 12, 16, 20, 24)]
"""The distances at which values decide what a kink is."""
BISECTIONS = 300
MAX_PLACES = 60
MAX_DEGREE = 32
KINKED = (Abs, Max, Min, sign, Heaviside, Piecewise, relu, hinge, softsign)
"""The functions that may have a kink."""


@dataclass(frozen=True)
class Kink:
    """A point without a gradient that is a minimum or a maximum all the same.

    Parameters
    ----------
    variables : tuple of sympy.Symbol
    point : tuple of sympy.Expr
    value : sympy.Expr
    kind : str
        "minimum" or "maximum".
    slopes : pair of sympy.Expr, or None
        In one variable the slopes to the left and to the right. In several (0, 0) where the
        gradient exists and is zero, though second derivatives do not, and else None.
    exact : bool
    edge : bool
        Whether it lies on the edge of the domain, so that there is only one side.
    """

    variables: tuple[Symbol, ...]
    point: tuple[Expr, ...]
    value: Expr
    kind: str
    slopes: tuple[Expr, Expr] | None = None
    exact: bool = True
    edge: bool = False

    def __str__(self) -> str:
        if len(self.variables) > 3:
            return f"({', '.join(map(spell_number, self.point))})"
        stated = (
            f"{v} = {spell_number(c)}" for v, c in zip(self.variables, self.point, strict=True)
        )
        return ", ".join(stated).replace("= ≈", "≈")

    @property
    def word(self) -> str:
        """What it is called: a kink, or an edge of the domain."""
        if self.flat:
            return "stationary point without curvature"
        return "edge of the domain" if self.edge else "kink"

    @property
    def flat(self) -> bool:
        """Whether the gradient exists and is zero."""
        return self.slopes == (0, 0)

    @property
    def description(self) -> str:
        """The point in one line: place, kind, value and slopes."""
        told = f"{self}: {self.word}, a {self.kind}, f = {spell_number(self.value)}{self._sides()}"
        return (told + ("" if self.exact else ", numerical")).replace("= ≈", "≈")

    def _sides(self) -> str:
        if self.slopes is None:
            return ", no gradient there"
        if self.flat:
            return ", gradient zero"
        if self.edge:
            inner = next(slope for slope in self.slopes if slope is not S.NaN)
            return f", slope {_slope(inner)} inside"
        left, right = map(_slope, self.slopes)
        return f", slopes {left} and {right} on either side"


def _slope(slope: Expr) -> str:
    return spell_number(slope).replace("oo", "infinity")


@dataclass(frozen=True)
class Smooth:
    """A point of switching where the derivative exists and is zero.

    `curvatures` are the second derivatives to the left and to the right: infinite for |x|^(3/2).
    """

    place: Expr
    value: Expr
    kind: str
    curvatures: tuple[Expr, Expr]
    exact: bool = True


def switches(expression: Expr) -> list[Expr]:
    """Return the expressions at whose zeros a formula may have a kink.

    Examples
    --------
    >>> from sympy import Rational
    >>> from sympy.abc import x, y
    >>> switches(Abs(x - 1) + Max(x, y))
    [x - 1, x - y]
    """
    whole = define(expression)
    inner = whole.atoms(Abs, sign, Heaviside, sinc)
    found: list[Any] = [node.args[0] for node in inner]
    found += [a - b for node in whole.atoms(Max, Min) for a, b in combinations(node.args, 2)]
    found += [power.base for power in whole.atoms(Pow) if not _is_whole(power.exp)]
    for piecewise in whole.atoms(Piecewise):
        conditions = [condition for _, condition in piecewise.args]
        found += [r.lhs - r.rhs for c in conditions for r in c.atoms(Relational)]
    return sorted({u for u in found if u.free_symbols}, key=lambda u: (u.count_ops(), str(u)))


def _is_whole(exponent: Expr) -> bool:
    # The exponential function is a power of e, whose base switches nowhere.
    return bool(exponent.is_integer)


def line_kinks(
    objective: Objective, region: Region, effort: Effort
) -> tuple[list[Kink], list[Smooth]]:
    """Return the extrema at kinks and edges of one variable, and the smooth points among them.

    Parameters
    ----------
    objective : Objective
        Of one variable.
    region : Region
    effort : Effort

    Examples
    --------
    >>> from sympy import Rational, symbols
    >>> x = symbols("x", real=True)
    >>> window = Region(((-10.0, 10.0),))
    >>> kinks, _ = line_kinks(Objective(Abs(x - 1) + x/2), window, Effort())
    >>> print(kinks[0].description)
    x = 1: kink, a minimum, f = 1/2, slopes -1/2 and 3/2 on either side
    >>> _, smooth = line_kinks(Objective(Abs(x)**Rational(3, 2)), window, Effort())
    >>> smooth[0].place, smooth[0].kind, smooth[0].curvatures
    (0, 'minimum', (oo, oo))
    """
    (x,) = objective.variables
    sources = dict.fromkeys([*switches(objective.expression), *switches(objective.gradient[0])])
    places: dict[Expr, None] = dict.fromkeys([S.Zero] if _ends_at_zero(x) else [])
    nowhere: list[Expr] = []
    for source in sources:
        found = effort.attempt(
            "Where the formula switches",
            lambda source=source: _zeros_of(source, x, region),  # type: ignore[misc]
            nowhere,
            share=0.3,
        )
        places.update(dict.fromkeys(found))
    value = precise((x,), [objective.expression])
    kinks: list[Kink] = []
    smooth: list[Smooth] = []
    for place in list(places)[:MAX_PLACES]:
        seen = effort.attempt(
            "What the formula does where it switches",
            lambda place=place: _judge(objective, value, place),  # type: ignore[misc]
            None,
            share=0.3,
        )
        kinks += [seen] if isinstance(seen, Kink) else []
        smooth += [seen] if isinstance(seen, Smooth) else []
    return kinks, smooth


def _ends_at_zero(x: Symbol) -> bool:
    return bool((x.is_nonnegative or x.is_nonpositive) and x.is_zero is None)


def _zeros_of(source: Expr, x: Symbol, region: Region) -> list[Expr]:
    """Return the zeros of what switches: by algebra, or by a scan of the region."""
    if source.is_polynomial(x):
        poly = Poly(source, x)
        if poly.degree() <= MAX_DEGREE and (poly.domain.is_ZZ or poly.domain.is_QQ):
            return list(dict.fromkeys(poly.real_roots()))
    line: Floats = floats((x,), [source])
    found = search_line(lambda points: line(points)[:, :1], region)
    sharp = [_sharpen(source, x, float(point[0])) for point in found.candidates]
    return [place for place in sharp if place is not None]


def _sharpen(source: Expr, x: Symbol, near: float) -> Expr | None:
    """Return a zero exactly if it is a short number, else to 100 digits by bisection."""
    with working_digits(15):
        guess = short_form(mpmath.mpf(near))
    if guess is not None and source.xreplace({x: guess}).equals(0):
        return guess
    function: Precise = precise((x,), [source])
    with working_digits(DIGITS):
        gap = mpmath.mpf(max(abs(near), 1e-3)) * mpmath.mpf("1e-9")
        left, right = mpmath.mpf(near) - gap, mpmath.mpf(near) + gap
        ends = function([left]), function([right])
        if None in ends or ends[0][0] * ends[1][0] > 0:  # type: ignore[index]
            return None
        for _ in range(BISECTIONS):
            middle = (left + right) / 2
            value = function([middle])
            if value is None:
                return None
            left, right = (left, middle) if value[0] * ends[1][0] > 0 else (middle, right)  # type: ignore[index]
        return Float(mpmath.nstr(left, DIGITS), DIGITS)


@dataclass(frozen=True)
class _Side:
    """Excesses of the value over that at the kink, at each distance; what they tell of slopes."""

    excess: list[mpmath.mpf]
    slope: Expr
    curvature: Expr


def _judge(objective: Objective, value: Precise, place: Expr) -> Kink | Smooth | None:
    """Say what a point of switching is, from values on either side."""
    with working_digits(DIGITS):
        at = mpmath.mpf(place.evalf(DIGITS))
        here = _value(objective, place)
        if here is None:
            return None
        level = mpmath.mpf(here.evalf(DIGITS))
        closed = (objective.variables[0].is_nonnegative, objective.variables[0].is_nonpositive)
        sides = [
            None if end and at == 0 else _side(value, at, level, towards)
            for end, towards in zip(closed, (-1, 1), strict=True)
        ]
    present = [side for side in sides if side is not None]
    if not present or any(abs(side.excess[-1]) > 1e-3 for side in present):
        return None  # an isolated point, or a jump
    kind = _kind(present)
    exact = not place.is_Float
    shown = place if exact else place.n(KEPT_DIGITS)
    if len(present) == 2 and all(side.slope == 0 for side in present):
        bent = (present[0].curvature, present[1].curvature)
        return Smooth(shown, here, kind or "inflection", bent, exact)
    if kind is None:
        return None
    slopes = [S.NaN if side is None else side.slope for side in sides]
    edge = len(present) == 1
    return Kink(objective.variables, (shown,), here, kind, (slopes[0], slopes[1]), exact, edge)


def _value(objective: Objective, place: Expr) -> Expr | None:
    value = objective.expression.xreplace({objective.variables[0]: place})
    number = N(value, KEPT_DIGITS)
    if not (number.is_extended_real and number.is_finite):
        return None
    return value if not value.has(Float) else number


def _side(value: Precise, at: mpmath.mpf, level: mpmath.mpf, towards: int) -> _Side | None:
    """Return how the value changes to one side, or None if it is not real there."""
    excess = []
    for step in [*STEPS, NEAR, NEARER]:
        found = value([at + towards * step])
        if found is None:
            return None
        excess.append(found[0] - level)
    near, nearer = excess[-2:]
    slope = _limit(towards * near / NEAR, towards * nearer / NEARER)
    bent = _limit(2 * near / NEAR**2, 2 * nearer / NEARER**2)
    return _Side(excess[: len(STEPS)], slope, bent)


def _limit(before: mpmath.mpf, after: mpmath.mpf) -> Expr:
    """Return what two quotients tend to: 0 if they shrink, infinity if they grow."""
    if after == 0 or abs(after) < abs(before) / 4:
        return S.Zero
    if abs(after) > 4 * abs(before):
        return oo if after > 0 else -oo
    form = short_form(after)
    return form if form is not None else Float(mpmath.nstr(after, 15), 15)


def _kind(sides: Sequence[_Side]) -> str | None:
    changes = np.array([float(mpmath.sign(change)) for side in sides for change in side.excess])
    if np.all(changes > 0):
        return "minimum"
    return "maximum" if np.all(changes < 0) else None
