"""SciPy's minimisers in a race: with exact derivatives, every evaluation counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from symlab.checks import lookup, shown
from symlab.lab.race.course import Course, Spent

PREFIX = "scipy:"

DERIVATIVES = {
    "BFGS": 1, "CG": 1, "L-BFGS-B": 1, "TNC": 1, "SLSQP": 1, "Newton-CG": 2, "dogleg": 2,
    "trust-ncg": 2, "trust-krylov": 2, "trust-exact": 2, "Nelder-Mead": 0, "Powell": 0,
    "COBYLA": 0, "COBYQA": 0,
}  # fmt: skip
"""SciPy's methods, and up to which derivative each is given."""

COUNTED_AS = {"L-BFGS-B": "maxiter", "TNC": "maxfun"}
"""How a method calls its most steps, where that is not `maxiter`."""


class OverBudgetError(Exception):
    """A method asked for one more evaluation than it may have."""


@dataclass
class Counter:
    """Functions of an objective that count how often they are called, and where.

    Parameters
    ----------
    compiled : what `compile` returns
    budget : int
        Points at which anything may be evaluated.
    """

    compiled: Any
    budget: int
    calls: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Spent.__annotations__, 0))
    seen: set[bytes] = field(default_factory=set)
    evaluations: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    point: np.ndarray = field(default_factory=lambda: np.empty(0))

    def value(self, x: np.ndarray) -> float:
        """Return the value at a point."""
        self._count("values", x)
        found = float(self.compiled.value(x))
        self.evaluations.append(len(self.seen))
        self.values.append(found)
        self.point = np.array(x, dtype=float)
        return found

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Return the gradient at a point."""
        self._count("gradients", x)
        return np.array(self.compiled.gradient(x), dtype=float)

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """Return the Hessian at a point."""
        self._count("hessians", x)
        return np.array(self.compiled.hessian(x), dtype=float)

    def _count(self, what: str, x: np.ndarray) -> None:
        here = np.asarray(x, dtype=float).tobytes()
        if here not in self.seen and len(self.seen) >= self.budget:
            raise OverBudgetError
        self.seen.add(here)
        self.calls[what] += 1


def scipy_name(entry: object) -> str | None:
    """Return the name that SciPy has for a method, or None for one of ours.

    Raises
    ------
    ValueError
        If SciPy has no such method.

    Examples
    --------
    >>> scipy_name("scipy:BFGS"), scipy_name("bfgs")
    ('BFGS', None)
    >>> scipy_name("scipy:bfgs")
    Traceback (most recent call last):
        ...
    ValueError: methods: unknown name 'bfgs'; did you mean 'BFGS'? Known: BFGS, CG, L-BFGS-B, TNC, \
SLSQP, Newton-CG, dogleg, trust-ncg, trust-krylov, trust-exact, Nelder-Mead, Powell, COBYLA, COBYQA.
    """
    if not isinstance(entry, str) or not entry.startswith(PREFIX):
        return None
    name = entry.removeprefix(PREFIX)
    lookup(name, DERIVATIVES, "methods")
    return name


def run_scipy(
    name: str, compiled: Any, start: np.ndarray, budget: int, tolerance: float
) -> tuple[Course, Any]:
    """Run a method of SciPy; return its course, and its own result or None where it was cut short.

    Parameters
    ----------
    name : str
        As SciPy has it.
    compiled : what `compile` returns
    start : array, shape (n,)
    budget : int
        Points at which anything may be evaluated.
    tolerance : float
        Handed on as SciPy's `tol`.
    """
    counter = Counter(compiled, budget)
    began = perf_counter()
    with np.errstate(all="ignore"):
        status, message, result = _attempt(name, counter, start, tolerance)
    seconds = perf_counter() - began
    point = counter.point if result is None else np.asarray(result.x, dtype=float)
    if result is not None:  # a method may end with a trial that it did not take
        counter.evaluations.append(len(counter.seen))
        counter.values.append(float(result.fun))
    course = Course(
        np.array(counter.evaluations, dtype=int),
        np.array(counter.values, dtype=float),
        point,
        status,
        message,
        Spent(**counter.calls),
        seconds,
    )
    return course, result


def _attempt(
    name: str, counter: Counter, start: np.ndarray, tolerance: float
) -> tuple[str, str, Any]:
    """Return status, message and SciPy's result."""
    import warnings

    from scipy.optimize import minimize as scipy_minimize

    given: dict[str, Callable[..., Any]] = {"jac": counter.gradient, "hess": counter.hessian}
    derivatives = dict(list(given.items())[: DERIVATIVES[name]])
    options = {COUNTED_AS.get(name, "maxiter"): counter.budget}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what SciPy warns of is in its result
            result = scipy_minimize(
                counter.value, start, method=name, tol=tolerance, options=options, **derivatives
            )
    except OverBudgetError:
        return "budget", f"The budget of {counter.budget} evaluations was spent.", None
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return "stalled", f"SciPy raised {type(error).__name__}: {shown(str(error))}", None
    return "converged" if result.success else "stalled", str(result.message), result
