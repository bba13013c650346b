"""A method: a rule, or a direction paired with a search."""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten

from symlab.checks import lookup, shown
from symlab.methods.directions import DIRECTIONS, Direction, steepest
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES
from symlab.methods.searches import SEARCHES, Search
from symlab.methods.squares import SQUARES_METHODS, SquaresMethod
from symlab.methods.trust_regions import TRUST_REGIONS, TrustRegion


@dataclass(frozen=True)
class Method:
    """A direction and a search along it.

    Examples
    --------
    >>> from symlab.methods.directions import bfgs
    >>> from symlab.methods.searches import armijo
    >>> method(direction=bfgs, search=armijo(decrease=0.1))
    method(direction=bfgs(), search=armijo(step_size=1, shrink=1/2, decrease=0.1))
    """

    direction: Direction
    search: Search

    def __repr__(self) -> str:
        return f"method(direction={self.direction!r}, search={self.search!r})"

    def latex(self) -> str:
        """Return the direction, and the condition on the length of the step, as LaTeX."""
        return rf"{self.direction.latex()} \qquad {self.search.latex()}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


def method(direction: object, search: object = None) -> Method:
    """Return the method that searches along `direction` with `search`, or with its usual search.

    Full steps are usual along the gradient and for Newton's method. The first matrix that BFGS
    remembers knows nothing of the scale, so it comes with `armijo`; conjugate gradients and L-BFGS
    come with `strong_wolfe`, the steps of Barzilai and Borwein with `nonmonotone`.

    Parameters
    ----------
    direction : Direction or its name
    search : Search or its name, optional

    Raises
    ------
    TypeError
        If either is something else; the message shows the call that was probably meant.
    ValueError
        If a name is unknown; the message gives the nearest.

    Examples
    --------
    >>> method("newton", "armijo")
    method(direction=newton(damping=0), search=armijo(step_size=1, shrink=1/2, decrease=1/10000))
    """
    if isinstance(direction, str):
        direction = lookup(direction, DIRECTIONS, "direction")
    if not isinstance(direction, Direction):
        raise TypeError(f"direction: expected one of {_some(DIRECTIONS)}, got {shown(direction)}.")
    if search is None:
        return Method(direction, direction.usual)
    if isinstance(search, str):
        search = lookup(search, SEARCHES, "search")
    if not isinstance(search, Search):
        raise TypeError(f"search: expected one of {_some(SEARCHES)}, got {shown(search)}.")
    return Method(direction, search)


def _some(names: Iterable[str]) -> str:
    """Return the first names that fit into a message."""
    return shorten(", ".join(names), 60, placeholder=" ...")


METHODS = {**RULES, **DIRECTIONS, **SEARCHES}
"""Every name that `as_method` knows, those of directions and searches among them."""

BY_MODEL: dict[str, SquaresMethod | TrustRegion] = {**SQUARES_METHODS, **TRUST_REGIONS}
"""Methods that step to the lowest point of a model: of residuals, or of the objective."""


def as_method(given: object) -> Rule | Method:
    """Return the rule or method meant by a rule, a method, a direction, a search or a name.

    A bare direction comes with its usual search (see `method`): `newton` is Newton's method, with
    full steps. A bare search goes along the steepest descent.

    Raises
    ------
    ValueError
        If a name is unknown; the message gives the nearest.
    TypeError
        If it is none of these.

    Examples
    --------
    >>> as_method("newton")
    method(direction=newton(damping=0), search=fixed(step_size=1))
    >>> as_method("bfgs")
    method(direction=bfgs(), search=armijo(step_size=1, shrink=1/2, decrease=1/10000))
    >>> as_method("netwon")
    Traceback (most recent call last):
        ...
    ValueError: method: unknown name 'netwon'; did you mean 'newton'? Known: gradient_descent, \
momentum, nesterov, signsgd, signum, lion, adagrad, rmsprop, adadelta, adam, adamax, nadam, \
amsgrad, adamw, radam, ....
    """
    if isinstance(given, str):
        given = BY_MODEL.get(given) or lookup(given, METHODS, "method")
    if isinstance(given, Direction):
        return method(given)
    if isinstance(given, Search):
        return Method(steepest, given)
    if isinstance(given, (Rule, Method)):
        return given
    if isinstance(given, SquaresMethod):
        raise TypeError(
            f"method: {given.name} runs on sums of squares, in sl.minimize and sl.compare; here a "
            "rule such as sl.adam() or a method such as sl.newton() is expected."
        )
    if isinstance(given, TrustRegion):
        raise TypeError(
            f"method: {given.name} runs in sl.minimize; here a rule such as sl.adam() or a method "
            "such as sl.newton() is expected."
        )
    raise TypeError(
        "method: expected a rule such as sl.adam(), a method such as sl.newton(), or its name, "
        f"got {shown(given)}."
    )


Runnable = Rule | Method | SquaresMethod | TrustRegion
"""What `minimize` runs."""

RUNNABLE: dict[str, object] = {**METHODS, **BY_MODEL}
"""Every name of what `minimize` runs: those of `METHODS` and of `BY_MODEL`."""


def as_runnable(given: object) -> Runnable:
    """Return what `minimize` runs: a rule or method as `as_method` does, or one with a model.

    Raises
    ------
    TypeError, ValueError
        As `as_method` does.

    Examples
    --------
    >>> as_runnable("gauss_newton")
    gauss_newton(search=armijo(step_size=1, shrink=1/2, decrease=1/10000))
    """
    if isinstance(given, str):
        given = lookup(given, RUNNABLE, "method")
    return given if isinstance(given, (SquaresMethod, TrustRegion)) else as_method(given)
