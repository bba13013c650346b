"""A stationary point, what kind it is, and all that were found of an objective."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, ImmutableDenseMatrix, Symbol

from symlab.algebra.numbers import join_texts, sign_of, spell_number
from symlab.theory.kinks import Kink

NAMED = 3
"""Up to how many variables a point is written with their names."""


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
            return f"({join_texts([spell_number(c) for c in self.point])})"
        stated = (f"{v} free" if v == c else f"{v} = {spell_number(c)}" for v, c in self._named())
        return ", ".join(stated).replace("= ≈", "≈")

    def __repr__(self) -> str:
        return f"StationaryPoint({self}: {self.kind}, value {spell_number(self.value)})"

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
    """The stationary points that were found of an objective.

    Parameters
    ----------
    points : tuple of StationaryPoint
        Sorted by their coordinates.
    complete : bool
        Whether these are known to be all; in the box, where `searched` names one.
    notes : tuple of str
        What else to know, one sentence each.
    kinks : tuple of Kink
        Minima and maxima without a gradient, as far as they were found.
    searched : str
        Where a search looked, or a proof holds; empty where algebra looked everywhere.
    """

    points: tuple[StationaryPoint, ...]
    complete: bool
    notes: tuple[str, ...] = ()
    kinks: tuple[Kink, ...] = ()
    searched: str = ""


def in_floats(coordinates: Sequence[Expr]) -> tuple[float, ...]:
    """Return coordinates as floats, with 0 in place of one that is free.

    Examples
    --------
    >>> from sympy import Rational, Symbol
    >>> in_floats([Rational(1, 2), Symbol("x")])
    (0.5, 0.0)
    """
    return tuple(float(c) if not c.free_symbols else 0.0 for c in coordinates)
