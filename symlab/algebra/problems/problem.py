"""What a named problem is, and how one is stated as a sum of squares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Add, Expr, Rational, Symbol, symbols

from symlab.algebra.objective import Objective
from symlab.checks import shown, whole


@dataclass(frozen=True)
class Problem:
    """An objective, where its minima are known to lie, where runs customarily start, and why.

    Parameters
    ----------
    name : str
        Its name in the catalogue.
    objective : Objective
        The function of n variables.
    minimisers : tuple of tuple
        Minimisers that are known exactly, each with n coordinates; empty where none is.
    start : tuple
        The customary start, n exact coordinates.
    reason : str
        What the problem is hard for, or good for.
    residuals : tuple of sympy.Expr
        The m functions whose squares the objective adds up; empty for another kind of function.
    minima : tuple
        Values of the local minima that are published, lowest first, to the digits printed.
    family : callable, optional
        Takes a number of variables and returns the same problem in so many.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> valley = PROBLEMS["rosenbrock"]
    >>> valley.start, valley.minimisers, valley.minimum
    ((-6/5, 1), ((1, 1),), 0)
    """

    name: str
    objective: Objective
    minimisers: tuple[tuple[object, ...], ...]
    start: tuple[object, ...]
    reason: str
    residuals: tuple[Expr, ...] = ()
    minima: tuple[Rational, ...] = ()
    family: Callable[[int], "Problem"] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def minimum(self) -> Expr:
        """The lowest value: exact where a minimiser is, else the digits published."""
        if self.minimisers:
            return self.objective.at(self.minimisers[0])
        return self.minima[0]

    def in_dimension(self, dimension: int) -> "Problem":
        """Return the same problem in another number of variables.

        Parameters
        ----------
        dimension : int
            How many variables, as the problem's own rule allows.

        Raises
        ------
        TypeError
            If it is not a whole number.
        ValueError
            If the problem has no such member.

        Examples
        --------
        >>> from symlab.algebra.problems import PROBLEMS
        >>> PROBLEMS["rosenbrock"].in_dimension(3).start
        (-6/5, 1, -6/5)
        >>> PROBLEMS["beale"].in_dimension(3)
        Traceback (most recent call last):
            ...
        ValueError: dimension: beale is stated in 2 variables only, got 3.
        """
        if self.family is not None:
            return self.family(dimension)
        if dimension == self.objective.dimension:
            return self
        count = self.objective.dimension
        raise ValueError(
            f"dimension: {self.name} is stated in {count} variable{'s' * (count > 1)} only, "
            f"got {shown(dimension)}."
        )


def sum_of_squares(
    name: str,
    variables: Sequence[Symbol],
    residuals: Sequence[Expr],
    start: Sequence[object],
    reason: str,
    *,
    minimisers: Sequence[Sequence[object]] = (),
    minima: Sequence[str | int | Rational] = (),
    family: Callable[[int], Problem] | None = None,
) -> Problem:
    """Return the problem of making m residuals small, as the sum of their squares."""
    return Problem(
        name,
        Objective(Add(*(residual**2 for residual in residuals)), tuple(variables)),
        tuple(tuple(point) for point in minimisers),
        tuple(start),
        reason,
        tuple(residuals),
        tuple(Rational(each) for each in minima),
        family,
    )


def coordinates(count: int) -> tuple[Symbol, ...]:
    """Return the real symbols x1, ..., xn."""
    return symbols(f"x1:{count + 1}", real=True)


def check_dimension(dimension: int, name: str, least: int, multiple: int = 1) -> int:
    """Return a number of variables that a problem's rule allows.

    Raises
    ------
    TypeError
        If it is not a whole number.
    ValueError
        If it is below the least, or no multiple of what it has to be.

    Examples
    --------
    >>> check_dimension(6, "extended_powell", 4, multiple=4)
    Traceback (most recent call last):
        ...
    ValueError: dimension: extended_powell needs a multiple of 4, got 6.
    """
    count = whole(dimension, "dimension", least)
    if count % multiple:
        raise ValueError(f"dimension: {name} needs a multiple of {multiple}, got {count}.")
    return count
