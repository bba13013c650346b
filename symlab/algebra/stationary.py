"""The stationary points of an objective: where its gradient vanishes, and what kind each one is.

`zeros` finds them, by algebra or by search, and `classification` says what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import (
    Abs,
    Expr,
    Float,
    Heaviside,
    ImmutableDenseMatrix,
    Max,
    Min,
    Piecewise,
    Symbol,
    sign,
)

from symlab.algebra.classification import UNDEFINED, eigenvalues, first_order, kind_of
from symlab.algebra.data_minimum import DataMinimum, data_minimum
from symlab.algebra.exactly import exact_point, exactly
from symlab.algebra.functions import hinge, relu, softsign
from symlab.algebra.objective import Objective
from symlab.algebra.risk import BoundRisk
from symlab.algebra.signs import plain, sign_of, written
from symlab.algebra.zeros import zeros
from symlab.algebra.zeros_numerical import Zero

DOUBLE = 17
"""Digits that tell every float64 from every other."""
WINDOW = (-10, 10)
MAX_LOOSE = 3
NAMED = 3
"""Up to how many variables a point is written with their names."""
KINKED = (Abs, Max, Min, sign, Heaviside, Piecewise, relu, hinge, softsign)
KINKS = "The objective has kinks; a minimum at a kink has no gradient and is not listed."


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
        if len(self.variables) > NAMED:
            return f"({', '.join(map(written, self.point))})"
        stated = (f"{v} free" if v == c else f"{v} = {written(c)}" for v, c in self._named())
        return ", ".join(stated).replace("= ≈", "≈")

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
        """Return the Euclidean distance to a point; a free coordinate counts as equal."""
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
    if isinstance(objective, BoundRisk):
        return _on_data(objective, here)
    found = zeros(objective, window, here)
    smooth = [point for point in found.points if _is_smooth(objective, point)]
    points = sorted((_classified(objective, zero) for zero in smooth), key=_place)
    listed, more = _thinned(points)
    alone = objective.dimension == len(points) == 1 and objective.hessian[0].is_nonzero
    if alone and not found.complete:
        return StationaryPoints(tuple(points), complete=True)
    notes = (*found.notes, *more, *((KINKS,) if objective.expression.has(*KINKED) else ()))
    return StationaryPoints(tuple(listed), found.complete, notes)


def _on_data(bound: BoundRisk, start: list[float]) -> StationaryPoints:
    """Return the minimum of a risk on data, in floats: its sum may be too long to write out."""
    found = data_minimum(bound, start)
    notes = (found.note,) if found.note else ()
    if found.point is None:
        return StationaryPoints((), found.alone, notes)
    point = StationaryPoint(
        variables=bound.variables,
        point=tuple(_float(coordinate) for coordinate in found.point),
        value=_float(found.value),
        hessian=ImmutableDenseMatrix(found.hessian.tolist()),
        eigenvalues=found.curvatures,
        kind=_kind_on_data(found),
        order=2 if all(found.curvatures) else None,
        exact=False,
        freedom=found.flat,
    )
    return StationaryPoints((point,), found.alone, notes)


def _float(number: float) -> Expr:
    return Float(float(number), DOUBLE)


def _kind_on_data(found: DataMinimum) -> str:
    """Say minimum only where no curvature is negative, and those that are zero are known flat."""
    signs = [sign_of(curvature) for curvature in found.curvatures]
    if min(signs) < 0:
        return "saddle" if max(signs) > 0 else "undecided"
    return "minimum" if signs.count(0) == found.flat else "undecided"


def _is_smooth(objective: Objective, zero: Zero) -> bool:
    """Whether second derivatives exist: at a kink SymPy's gradient may be zero all the same."""
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    return not objective.hessian.xreplace(at).has(*UNDEFINED)


def _thinned(points: list[StationaryPoint]) -> tuple[list[StationaryPoint], tuple[str, ...]]:
    """Keep a few of many numerical points with a singular Hessian: they look like a continuum."""
    loose = [point for point in points if not (point.exact or point.regular)]
    if len(loose) <= MAX_LOOSE:
        return points, ()
    kept = [point for point in points if point not in loose[MAX_LOOSE:]]
    return kept, (
        f"{len(loose)} points with a singular Hessian were found, probably of a continuum; "
        f"{MAX_LOOSE} are listed.",
    )


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
    spectrum = eigenvalues(hessian)
    order = 2 if all(map(sign_of, spectrum)) else first_order(objective, zero)
    return StationaryPoint(
        variables=objective.variables,
        point=zero.coordinates,
        value=_value(objective, at),
        hessian=hessian,
        eigenvalues=spectrum,
        kind=kind_of(objective, zero, spectrum, order),
        order=order,
        exact=zero.exact,
        freedom=zero.freedom,
    )


def _value(objective: Objective, at: dict[Symbol, Expr]) -> Expr:
    value = plain(objective.expression.xreplace(at))
    # A free coordinate does not change the value, so any number may stand for it.
    return value.subs(dict.fromkeys(value.free_symbols, 0)) if value.free_symbols else value
