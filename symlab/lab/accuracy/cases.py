"""Ulp cases: formulas by name, each with the points at which it is likely to lose its digits.

Lesson, command line and report measure the same cases. A case derives and measures its formula
when it is asked to, and not at import.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sympy import Expr, Symbol, cos, cosh, exp, factor, log, sqrt, symbols

from symlab.algebra.formula.parse import parse
from symlab.algebra.problems import PROBLEMS
from symlab.checks import Catalog, lookup
from symlab.engine.lowering.precision import PRECISIONS
from symlab.engine.lowering.stabilize import stabilize
from symlab.lab.accuracy.evaluators import MEASURED
from symlab.lab.accuracy.ulp_error import UlpErrors, domain, ulp_error

POINTS = 149
"""How many points of each precision."""

a, b, z = symbols("a b z", real=True)


def _domain(precision: str) -> list[float]:
    return domain(precision, POINTS)


def _no_center() -> None:
    """Return that points approach nothing in particular."""


@dataclass(frozen=True)
class UlpCase:
    """A formula whose error is worth knowing, and where to look for it.

    Parameters
    ----------
    name, title : str
    state : callable
        Returns the formula, which is derived when asked for and not before.
    points : callable
        Returns the points of a precision.
    given : mapping of sympy.Symbol to float
        The values of all symbols but the one that varies.
    rewrite : callable
        What makes a form that keeps the digits.
    center : callable
        Returns what the points approach, or None.
    """

    name: str
    title: str
    state: Callable[[], Expr]
    points: Callable[[str], Sequence[float]] = _domain
    given: Mapping[Symbol, float] = field(default_factory=dict)
    rewrite: Callable[[Expr], Expr] = stabilize
    center: Callable[[], Expr | None] = _no_center

    def measure(
        self, systems: Sequence[str] = MEASURED, precisions: Sequence[str] = PRECISIONS
    ) -> UlpErrors:
        """Measure the formula as stated and stabilised, in each precision at its own points."""
        found = [
            ulp_error(
                self.state(),
                at=self.points(precision),
                systems=systems,
                precisions=[precision],
                given=self.given,
                rewrite=self.rewrite,
                center=self.center(),
            )
            for precision in precisions
        ]
        frame = pd.concat([each.frame for each in found], ignore_index=True)
        return replace(found[0], frame=frame)

    def __reduce__(self) -> Any:
        # A case of the table holds functions that cannot be pickled; its name is enough to find it.
        if ULP_CASES.get(self.name) is self:
            return ulp_case, (self.name,)
        return super().__reduce__()

    def draw(self, figure: Figure) -> Figure:
        """Measure, and draw an Axes for each form and precision on a figure; return the figure."""
        return self.measure().draw(figure)

    def describe(self) -> dict[str, str]:
        """Return name, title and formula as text."""
        return {"name": self.name, "title": self.title, "formula": str(self.state())}


def _positive(precision: str) -> list[float]:
    """Return points from 10^-8 to 10^2, evenly in logarithm."""
    points = np.geomspace(1e-8, 1e2, POINTS).astype(precision)
    return points.astype(float).tolist()


def _quartic_minimum() -> Expr:
    ((minimum,),) = PROBLEMS["quartic"].minimisers
    return minimum


def _newton_correction() -> Expr:
    f = PROBLEMS["quartic"].objective
    return f.gradient[0] / f.hessian[0]


def _newton_step() -> Expr:
    (x,) = PROBLEMS["quartic"].objective.variables
    return x - _newton_correction()


def _towards_the_minimum(precision: str) -> list[float]:
    """Return points right of the minimum, from 1 away to the next float, evenly in logarithm."""
    middle = np.dtype(precision).type(_quartic_minimum())
    distances = np.geomspace(1, float(np.spacing(middle)), POINTS).astype(precision)
    return np.unique(middle + distances).astype(float).tolist()


_newton = partial(
    UlpCase,
    points=_towards_the_minimum,
    rewrite=factor,
    center=_quartic_minimum,
)

ULP_CASES = Catalog(
    "ulp cases",
    (
        UlpCase("logistic_loss", "logistic loss", lambda: log(1 + exp(z))),
        UlpCase("sigmoid", "sigmoid, as the chapter writes it", lambda: exp(z) / (1 + exp(z))),
        UlpCase("logsumexp", "log-sum-exp", lambda: log(exp(a) + exp(b)), given={b: 1.0}),
        UlpCase("log_cosh", "log cosh", lambda: log(cosh(z))),
        UlpCase("root_difference", "difference of roots", lambda: sqrt(z + 1) - sqrt(z), _positive),
        UlpCase("versine", "(1 - cos z)/z²", lambda: (1 - cos(z)) / z**2, _positive),
        _newton("newton_step", "Newton's step, near convergence", _newton_step),
        _newton("newton_correction", "Newton's correction, near convergence", _newton_correction),
    ),
)
"""Every case by name."""


def ulp_case(name: str) -> UlpCase:
    """Return the case of this name: a formula, and where to measure its error.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.

    Examples
    --------
    >>> ulp_case("newton_correction").state()
    (4*x**3 - 9*x**2)/(12*x**2 - 18*x)
    """
    return lookup(name, ULP_CASES, "ulp_case")


def case_of_text(text: str, first: float | None = None, last: float | None = None) -> UlpCase:
    """Return the case that a text means: a name of the table, or a formula, which is parsed.

    Parameters
    ----------
    text : str
        A name, or a formula in one symbol such as `"log(1 + exp(x))"`.
    first, last : float, optional
        Where a formula is measured; by default on the `domain` of each precision.

    Raises
    ------
    ValueError
        If the name is unknown, the formula cannot be read, or the ends are none.

    Examples
    --------
    >>> case_of_text("sqrt(x + 1) - sqrt(x)", 0, 1e6).points("float32")[-1]
    1000000.0
    >>> case_of_text("sigmod")
    Traceback (most recent call last):
        ...
    ValueError: ulp_case: unknown name 'sigmod'; did you mean 'sigmoid'? Known: logistic_loss, \
sigmoid, logsumexp, log_cosh, root_difference, versine, newton_step, newton_correction.
    """
    ends = [end for end in (first, last) if end is not None]
    if text.strip().isidentifier():
        if ends:
            raise ValueError("from, to: a named case has points of its own.")
        return ulp_case(text.strip())
    formula = parse(text)
    if not ends:
        return UlpCase("formula", text.strip(), partial(_state, formula))
    if first is None or last is None or not first < last:
        raise ValueError(f"from, to: expected two numbers that increase, got {first} and {last}.")
    if not isfinite(last - first):
        raise ValueError(f"from, to: the span from {first} to {last} is beyond float64.")
    return UlpCase(
        "formula", text.strip(), partial(_state, formula), partial(_between, first, last)
    )


def _state(formula: Expr) -> Expr:
    return formula


def _between(first: float, last: float, _: str) -> list[float]:
    return np.linspace(first, last, POINTS).tolist()
