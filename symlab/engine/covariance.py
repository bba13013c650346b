r"""How far estimates may be off: their covariance, from what the data say around a minimum.

Least squares: :math:`s^2 (J^\top J)^{-1}` with the residual variance
:math:`s^2 = \sum_i r_i^2 / (m - n)` of m residuals and n parameters (Seber & Wild 2003,
section 2.1.2). A factor in front of the sum, and whether it is a mean, change neither.

Likelihoods: the inverse of the observed information, which is the Hessian of the *sum* of the
negative logarithms; of a mean the Hessian is multiplied by the number of samples (Pawitan 2001,
section 2.5). In the natural parameters of an exponential family it is Fisher's information too,
because the second derivatives do not read the response.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import mpmath
import numpy as np
from sympy import Float

from symlab.algebra.exactly import exactly
from symlab.algebra.objective import Objective
from symlab.algebra.risk.labels import label_set
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.squares import SumOfSquares, squares_of
from symlab.algebra.working_precision import working_digits
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.squares import CompiledSquares
from symlab.engine.exact.functions import exact_functions
from symlab.engine.exact.squares import ExactSquares
from symlab.theory.separation import separation

DIGITS = 30
"""Digits of exact arithmetic: J'J loses twice what J would."""

MOST_ENTRIES = 50_000
"""Residuals, slopes or second derivatives that are worked out in so many digits; more in floats."""

CLOSE, SETTLED = 0.01, 1e-10
"""Parts of a standard error: from where a run is continued, and until when."""

CONTRACTED = 0.9
"""Of a step, what the next one may have as its length; in floats rounding ends that."""


SINGULAR = 1e-13
"""The least eigenvalue of a Hessian with a diagonal of ones: below, nothing of it is known."""

ROUNDED = 1e-6
"""Parts of a parameter by which the rounding of a run may have left it off."""


@dataclass(frozen=True)
class Information:
    """What the data say around a point.

    Parameters
    ----------
    inverse : matrix, shape (n, n)
        The inverse of J'J, or of the Hessian of the sum.
    step : tuple of n numbers
        How far the minimiser of the quadratic model is.
    total : float
        The sum of squares; 1 for a likelihood.
    """

    inverse: Any
    step: tuple
    total: float

    @cached_property
    def matrix(self) -> np.ndarray:
        """The inverse in floats."""
        rows = self.inverse.tolist()
        return np.array(rows, dtype=float).reshape(len(self.step), len(self.step))

    def errors(self, scatter: float) -> np.ndarray:
        """Return the standard errors where the data scatter so much."""
        return scatter * np.sqrt(np.diag(self.matrix))

    def parts(self, scatter: float) -> float:
        """Return how far the minimiser is, in standard errors."""
        errors = self.errors(scatter)
        step = np.abs(np.array(self.step, dtype=float))
        return float(np.max(np.divide(step, errors, out=np.zeros(len(step)), where=errors > 0)))


@dataclass(frozen=True)
class Covariance:
    """The covariance of estimates, and what it was made of.

    Parameters
    ----------
    matrix : array, shape (n, n)
    of : str
        `"least squares"` or `"likelihood"`.
    degrees_of_freedom : int
        Residuals less parameters; samples less parameters for a likelihood.
    residual_standard_deviation : float
        Of least squares; NaN for a likelihood.
    """

    matrix: np.ndarray
    of: str
    degrees_of_freedom: int
    residual_standard_deviation: float

    @property
    def standard_errors(self) -> np.ndarray:
        """The roots of the diagonal, shape (n,)."""
        return np.sqrt(np.diag(self.matrix))


def covariance_of(
    objective: Objective, point: Sequence[object], *, likelihood: bool | None = None
) -> Covariance:
    """Return the covariance of what minimises an objective, from a point next to the minimiser.

    Parameters
    ----------
    objective : Objective
    point : n numbers
    likelihood : bool, optional
        True where the loss is a negative log-likelihood, False for least squares; by the formula
        when left out: squares and logistic losses are known.

    Raises
    ------
    ValueError
        If the objective is neither; if a penalty moves the minimiser; if there are no more
        residuals than parameters; if the data do not tell the parameters apart, or separate the
        classes; if the point is not next to a minimiser.
    """
    exact = tuple(exactly(number, "trace") for number in point)
    if likelihood or (likelihood is None and _is_logistic(objective)):
        return _of_likelihood(objective, exact)
    return _of_squares(_squares(objective), exact)


def _squares(objective: Objective) -> SumOfSquares:
    try:
        return squares_of(objective)
    except ValueError:
        raise ValueError(
            "trace: standard errors come from least squares or a likelihood, and this is no sum of "
            "squares; where the loss is a negative log-likelihood, say likelihood=True."
        ) from None


def _is_logistic(objective: Objective) -> bool:
    """Whether the losses are the negative logarithms of the probabilities of two labels."""

    def of_data(bound: BoundRisk) -> bool:
        return any(
            (labels := label_set(bound.risk.loss, column)) is not None
            and bool(np.isin(array, labels).all())
            for column, array in zip(bound.risk.data, bound.arrays, strict=True)
        )

    return objective.dispatch(formula=lambda _: False, data=of_data)


def _of_squares(squares: SumOfSquares, point: tuple) -> Covariance:
    objective = squares.objective
    if objective.samples is not None and squares.once.entries:
        raise ValueError(_PENALIZED)
    freedom = squares.count - objective.dimension
    if freedom < 1:
        raise ValueError(
            f"trace: {squares.count} residuals for {objective.dimension} parameters leave nothing "
            "from which the scatter could be told."
        )
    known = _information_of_squares(squares, point, freedom)
    variance = known.total / freedom
    return Covariance(variance * known.matrix, "least squares", freedom, variance**0.5)


def _information_of_squares(squares: SumOfSquares, point: tuple, freedom: int) -> Information:
    def scatter(total: float) -> float:
        return (total / freedom) ** 0.5

    names = squares.objective.variables
    if squares.count * (1 + len(names)) > MOST_ENTRIES:
        compiled = CompiledSquares(squares, "interpreted")
        return _settle(partial(_squares_in_floats, compiled), _floats(point), scatter, names)
    exact = ExactSquares(squares, DIGITS)
    return _settle(partial(_squares_in_digits, exact), _many_digits(point), scatter, names)


def _squares_in_digits(squares: ExactSquares, point: tuple) -> Information:
    """Return what residuals and Jacobian say in many digits, by the normal equations."""
    model = squares.model(point, None)
    step = None if model is None else model.step(0 * squares.one)
    if model is None or step is None:
        raise ValueError(_SINGULAR)
    return Information(mpmath.matrix(model.normal) ** -1, step.direction, float(model.total))


def _squares_in_floats(squares: CompiledSquares, point: tuple) -> Information:
    """Return the same in floats, by a QR factorisation of J in units of its columns."""
    model = squares.model(np.array(point, dtype=float), None)
    step = None if model is None else model.step(0.0)
    if model is None or step is None:
        raise ValueError(_SINGULAR)
    sizes = np.sqrt(np.where(model.sizes > 0, model.sizes, 1.0))
    root = np.linalg.inv(np.linalg.qr(model.jacobian / sizes, mode="r")) / sizes[:, None]
    return Information(root @ root.T, tuple(step.direction), model.total)


def _of_likelihood(objective: Objective, point: tuple) -> Covariance:
    def of_formula(_: Objective) -> Covariance:
        raise ValueError("trace: a likelihood is a sum over data; this objective is a formula.")

    def of_data(bound: BoundRisk) -> Covariance:
        if bound.risk.penalty != 0:
            raise ValueError(_PENALIZED)
        if separation(bound) is not None:
            raise ValueError(_SEPARATED)
        known = _information_of_likelihood(bound, point)
        freedom = bound.samples - bound.dimension
        return Covariance(known.matrix, "likelihood", freedom, float("nan"))

    return objective.dispatch(formula=of_formula, data=of_data)


def _information_of_likelihood(bound: BoundRisk, point: tuple) -> Information:
    """Return the observed information of the sum of all losses."""
    of_sum = BoundRisk(replace(bound.risk, reduction="sum"), bound.arrays)
    names = bound.variables
    if bound.samples * len(names) ** 2 > MOST_ENTRIES:
        compiled = compile_everywhere(of_sum, "interpreted", "sympy", order=2)

        def in_floats(here: tuple) -> Information:
            there = np.array(here, dtype=float)
            return _inverted(compiled.gradient(there), compiled.hessian(there))

        return _settle(in_floats, _floats(point), _one, names)
    functions = exact_functions(of_sum)

    def in_digits(here: tuple) -> Information:
        return _inverted(functions.value_and_gradient(*here)[1:], functions.hessian(*here))

    return _settle(in_digits, _many_digits(point), _one, names)


def _one(_: float) -> float:
    return 1.0


def _inverted(gradient: Any, hessian: Any) -> Information:
    """Return a positive definite Hessian inverted, and Newton's step."""
    size = len(gradient)
    entries = np.array(hessian, dtype=float).reshape(size, size)
    roots = np.sqrt(np.maximum(np.diag(entries), 0))
    if not np.all(roots > 0):
        raise ValueError(_SINGULAR)
    if not np.linalg.eigvalsh(entries / np.outer(roots, roots))[0] > SINGULAR:
        raise ValueError(_SINGULAR)
    inverse = mpmath.matrix(np.reshape(hessian, (size, size)).tolist()) ** -1
    step = -inverse * mpmath.matrix(list(gradient))
    return Information(inverse, tuple(step), 1.0)


def _settle(
    look: Callable[[tuple], Information],
    point: tuple,
    scatter: Callable[[float], float],
    names: Sequence[Any],
) -> Information:
    """Return what is known at the minimiser next to a point, to which its own steps lead.

    Raises
    ------
    ValueError
        If the point is not next to it, measured in standard errors.
    """
    with working_digits(2 * DIGITS):
        known, before = look(point), np.inf
        _check_close(known, point, scatter(known.total), names)
        while (far := known.parts(scatter(known.total))) > SETTLED and far <= CONTRACTED * before:
            point = tuple(x + p for x, p in zip(point, known.step, strict=True))
            known, before = look(point), far
    return known


def _floats(point: tuple) -> tuple:
    return tuple(float(coordinate) for coordinate in point)


def _many_digits(point: tuple) -> tuple:
    with working_digits(2 * DIGITS):
        return tuple(mpmath.mpf(Float(coordinate, 2 * DIGITS)._mpf_) for coordinate in point)


def _check_close(known: Information, point: tuple, scatter: float, names: Sequence[Any]) -> None:
    """Refuse a point that is not next to the minimiser, measured in standard errors."""
    errors, step = known.errors(scatter), np.abs(np.array(known.step, dtype=float))
    allowed = np.maximum(CLOSE * errors, ROUNDED * np.abs(np.array(point, dtype=float)))
    if np.all(step <= allowed):
        return
    worst = int(np.argmax(np.where(step <= allowed, 0, step)))
    far = f"{step[worst] / errors[worst]:.2g} standard errors" if errors[worst] else "far"
    raise ValueError(
        f"trace: the run ended before a minimum: {names[worst]} has {far} to go; run it on."
    )


_PENALIZED = (
    "trace: a penalty moves the minimiser away from what the data say; standard errors are for the "
    "objective without it."
)
_SEPARATED = (
    "trace: the classes can be separated, so that the likelihood has no maximum and its parameters "
    "no standard errors."
)
_SINGULAR = (
    "trace: the data do not tell the parameters apart there (the matrix to invert is singular), so "
    "that they have no standard errors."
)
