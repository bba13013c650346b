"""The stationary points of an objective: where its gradient vanishes, and what kind each one is.

A regular Hessian decides by the signs of its eigenvalues. A singular one is decided where it can
be: in one variable by the first derivative that does not vanish; along a continuum by the
directions across it; else by the slices along the null directions, or because the objective is a
sum of squares. What remains is called undecided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import mpmath
from sympy import Expr, Float, ImmutableDenseMatrix, Poly, Symbol, real_roots

from symlab.algebra.exactly import exact_point, exactly
from symlab.algebra.objective import Objective
from symlab.algebra.signs import sign_of, written
from symlab.algebra.zeros import zeros
from symlab.algebra.zeros_numerical import Zero

WINDOW = (-10, 10)
MAX_ORDER = 12
MAX_EXACT_SPECTRUM = 12


@dataclass(frozen=True)
class StationaryPoint:
    """A point where the gradient vanishes.

    Parameters
    ----------
    variables : tuple of sympy.Symbol
    point : tuple of sympy.Expr
        The n coordinates. In a continuum a free coordinate stands as its own symbol.
    value : sympy.Expr
    hessian : sympy.ImmutableDenseMatrix
        Shape (n, n).
    eigenvalues : tuple of sympy.Expr
        The curvatures, n of them, ascending.
    kind : str
        "minimum", "maximum", "saddle", "inflection" or "undecided".
    order : int or None
        The order of the first derivative after the gradient that does not vanish: 2 at a regular
        point; found beyond that in one variable only.
    exact : bool
        Whether the point is an exact zero of the gradient, or one found numerically.
    freedom : int
        The dimension of the continuum it belongs to; 0 if it stands alone.
    """

    variables: tuple[Symbol, ...]
    point: tuple[Expr, ...]
    value: Expr
    hessian: ImmutableDenseMatrix
    eigenvalues: tuple[Expr, ...]
    kind: str
    order: int | None = None
    exact: bool = True
    freedom: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{v} = {written(c)}" for v, c in self._named()).replace("= ≈", "≈")

    def __repr__(self) -> str:
        return f"StationaryPoint({self}: {self.kind}, value {written(self.value)})"

    def _named(self) -> list[tuple[Symbol, Expr]]:
        return list(zip(self.variables, self.point, strict=True))

    @property
    def curvatures(self) -> tuple[Expr, ...]:
        """The eigenvalues across the continuum; all of them at an isolated point."""
        return tuple(e for e in self.eigenvalues if not self.freedom or sign_of(e))

    @property
    def regular(self) -> bool:
        """Whether the Hessian is invertible."""
        return all(sign_of(eigenvalue) for eigenvalue in self.eigenvalues)

    def distance(self, start: Sequence[Expr]) -> float:
        """Return the Euclidean distance to a point, along the continuum's own coordinates zero."""
        here = dict(zip(self.variables, start, strict=True))
        gaps = [coordinate.subs(here) - here[v] for v, coordinate in self._named()]
        return sum(float(gap) ** 2 for gap in gaps) ** 0.5


@dataclass(frozen=True)
class StationaryPoints:
    """The points found, whether they are known to be all, and what else to know about them."""

    points: tuple[StationaryPoint, ...]
    complete: bool
    notes: tuple[str, ...] = ()


def stationary_points(
    objective: Objective, box: object = None, start: Sequence[object] | None = None
) -> StationaryPoints:
    """Find and classify the points where the gradient is zero.

    Parameters
    ----------
    objective : Objective
    box : pair (low, high), or n such pairs, optional
        Where to search when algebra gives up; [-10, 10] in every variable when left out.
    start : n numbers, optional
        One more start for such a search; the box is widened to hold it.

    Raises
    ------
    ValueError
        If the box is not one or n pairs of numbers low < high, or `start` is no point.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> for point in stationary_points(PROBLEMS["quartic"].objective).points:
    ...     print(repr(point))
    StationaryPoint(x = 0: inflection, value 2)
    StationaryPoint(x = 9/4: minimum, value -1675/256)
    """
    here = (
        []
        if start is None
        else [float(c) for c in exact_point(start, objective.dimension, "start")]
    )
    window = _checked_box(box, objective.dimension)
    if here:
        window = [
            (min(low, at), max(high, at)) for (low, high), at in zip(window, here, strict=True)
        ]
    found = zeros(objective, window, here)
    points = sorted((_classified(objective, zero) for zero in found.points), key=_place)
    return StationaryPoints(tuple(points), found.complete, found.notes)


def _checked_box(box: object, dimension: int) -> list[tuple[float, float]]:
    pairs = _pairs(WINDOW if box is None else box, dimension)
    exact = [tuple(exactly(bound, f"box[{i}]") for bound in pair) for i, pair in enumerate(pairs)]
    if any(low >= high for low, high in exact):
        raise ValueError(f"box: expected low < high in every pair, got {box!r}.")
    return [(float(low), float(high)) for low, high in exact]


def _pairs(box: object, dimension: int) -> list[tuple[object, object]]:
    sides = list(box) if hasattr(box, "__iter__") and not isinstance(box, str) else []
    nested = [
        list(side) for side in sides if hasattr(side, "__iter__") and not isinstance(side, str)
    ]
    if len(sides) == 2 and not nested:
        return [(sides[0], sides[1])] * dimension
    if len(sides) == len(nested) == dimension and all(len(side) == 2 for side in nested):
        return [(low, high) for low, high in nested]
    raise ValueError(f"box: expected (low, high) or {dimension} such pairs, got {box!r}.")


def _place(point: StationaryPoint) -> tuple[float, ...]:
    return tuple(float(c) if not c.free_symbols else 0.0 for c in point.point)


def _classified(objective: Objective, zero: Zero) -> StationaryPoint:
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    hessian = ImmutableDenseMatrix(objective.hessian.xreplace(at))
    value = _value(objective, at)
    spectrum = eigenvalues(hessian)
    order = 2 if all(map(sign_of, spectrum)) else _order(objective, at, zero)
    return StationaryPoint(
        variables=objective.variables,
        point=zero.coordinates,
        value=value,
        hessian=hessian,
        eigenvalues=spectrum,
        kind=_kind(objective, zero, value, (hessian, spectrum, order)),
        order=order,
        exact=zero.exact,
        freedom=zero.freedom,
    )


def _value(objective: Objective, at: dict[Symbol, Expr]) -> Expr:
    value = objective.expression.xreplace(at)
    # A free coordinate does not change the value, so any number may stand for it.
    return value.subs(dict.fromkeys(value.free_symbols, 0)) if value.free_symbols else value


def eigenvalues(hessian: ImmutableDenseMatrix) -> tuple[Expr, ...]:
    """Return the eigenvalues of a symmetric matrix, ascending.

    They are exact roots of the characteristic polynomial for a rational matrix of order at most
    12, and otherwise numbers of 30 digits.

    Examples
    --------
    >>> eigenvalues(ImmutableDenseMatrix([[2, 1], [1, 2]]))
    (1, 3)
    """
    if hessian.rows == 1:
        return (hessian[0],)
    if hessian.rows <= MAX_EXACT_SPECTRUM and all(entry.is_Rational for entry in hessian):
        z = Symbol("z")
        return tuple(real_roots(Poly(hessian.charpoly(z).as_expr(), z)))
    with mpmath.workdps(40):
        entries = [mpmath.mpf(entry.evalf(40)) for entry in hessian]
        n = hessian.rows
        rows = mpmath.matrix([entries[i * n : (i + 1) * n] for i in range(n)])
        return tuple(Float(mpmath.nstr(e, 30), 30) for e in mpmath.eigsy(rows, eigvals_only=True))


def _order(objective: Objective, at: dict[Symbol, Expr], zero: Zero) -> int | None:
    if objective.dimension > 1 or zero.freedom:
        return None
    (x,) = objective.variables
    derivative = objective.hessian[0]
    for order in range(3, _highest(objective.expression, x) + 1):
        derivative = derivative.diff(x)
        if sign_of(derivative.xreplace(at)):
            return order
    return None


def _highest(expression: Expr, x: Symbol) -> int:
    return Poly(expression, x).degree() if expression.is_polynomial(x) else MAX_ORDER


def _kind(
    objective: Objective,
    zero: Zero,
    value: Expr,
    second: tuple[ImmutableDenseMatrix, tuple, int | None],
) -> str:
    hessian, spectrum, order = second
    signs = {sign_of(eigenvalue) for eigenvalue in spectrum}
    if {-1, 1} <= signs:
        return "saddle"
    nullity = sum(not sign_of(eigenvalue) for eigenvalue in spectrum)
    if nullity == zero.freedom and signs != {0}:
        return "minimum" if 1 in signs else "maximum"
    if objective.dimension == 1 and order is not None:
        return _by_higher_derivative(objective, zero, order)
    return (
        _by_squares(objective, value) or _by_slices(objective, zero, hessian, signs) or "undecided"
    )


def _by_higher_derivative(objective: Objective, zero: Zero, order: int) -> str:
    if order % 2:
        return "inflection"
    (x,) = objective.variables
    return (
        "minimum"
        if sign_of(objective.expression.diff(x, order).xreplace({x: zero.coordinates[0]})) > 0
        else "maximum"
    )


def _by_squares(objective: Objective, value: Expr) -> str | None:
    """A difference that SymPy sees to be of one sign, such as a sum of even powers, decides."""
    real = {v: Symbol(v.name, real=True) for v in objective.variables}
    difference = (objective.expression - value).xreplace(real)
    if difference.is_zero:
        return None
    if difference.is_nonnegative:
        return "minimum"
    return "maximum" if difference.is_nonpositive else None


def _by_slices(
    objective: Objective, zero: Zero, hessian: ImmutableDenseMatrix, signs: set[int]
) -> str | None:
    """A null direction along which the objective goes the other way makes a saddle."""
    if zero.freedom or not all(entry.is_Rational for entry in hessian):
        return None
    q = Symbol("q", real=True)
    for direction in hessian.nullspace():
        ray = {
            v: c + q * d
            for v, c, d in zip(objective.variables, zero.coordinates, direction, strict=True)
        }
        leading = _leading_term(objective.expression.xreplace(ray), q)
        if leading is not None and (leading[0] % 2 or (signs - {0}) == {-leading[1]}):
            return "saddle"
    return None


def _leading_term(slice_: Expr, q: Symbol) -> tuple[int, int] | None:
    """Return order and sign of the first derivative in q that does not vanish at q = 0."""
    derivative = slice_
    for order in range(1, MAX_ORDER + 1):
        derivative = derivative.diff(q)
        sign = sign_of(derivative.subs(q, 0))
        if sign:
            return order, sign
    return None
