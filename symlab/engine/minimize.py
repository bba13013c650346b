"""The one verb: run a method on an objective, on any backend, and keep what happened."""

import operator
from collections.abc import Callable

import numpy as np
from sympy import Expr, Float, Matrix, nan, oo, zoo

from symlab.algebra.directions import newton
from symlab.algebra.exactly import exact_point
from symlab.algebra.method import Method, as_method
from symlab.algebra.objective import Objective
from symlab.algebra.rule import Rule
from symlab.algebra.rules import gradient_descent
from symlab.engine import backends
from symlab.engine.record import Limits
from symlab.engine.trace import Trace

ZERO = Float("1e-40")
"""What counts as zero among numbers of 50 digits."""

COLUMNS = ("k", "value", "gradient_norm", "step_size", "evaluations")


def minimize(
    objective: Objective,
    start: object,
    method: object = gradient_descent,
    max_steps: int = 100,
    *,
    backend: str = "c",
    tolerance: float = 1e-10,
    digits: int | str = 50,
    fused: bool | None = None,
    callback: Callable[[int, np.ndarray, float], object] | None = None,
) -> Trace:
    """Run a descent method from a start and return its trace.

    Parameters
    ----------
    objective : Objective
        What to minimise, in n variables.
    start : sequence of n numbers
        The first iterate; floats stand for the decimals they print as.
    method : rule, method, direction, search or name
        `sl.gradient_descent(step_size=0.1)`, `sl.newton()`, `sl.method(direction=..., search=...)`,
        or a name such as `"newton"`.
    max_steps : int
        The most steps taken, 0 or more.
    backend : str
        `"c"` (one compiled call per step), `"numba"` or `"jax"` (a rule's whole run in one compiled
        function), `"interpreted"` (no compiler), or `"sympy"` (exact).
    tolerance : float
        The run has converged where the gradient's length is at most this; 0 asks for exactly zero.
    digits : int or "exact"
        For `"sympy"` alone: the significant digits kept, or rational arithmetic without rounding.
    fused : bool, optional
        Whether the whole run is one compiled function; as the backend does by default. Only rules
        can be fused, and fused runs look at `callback` and Ctrl-C between chunks of steps.
    callback : callable(k, iterate, value), optional
        Called at each iterate; the run stops where it returns something true.

    Returns
    -------
    Trace
        Trouble inside the run never raises: it ends the trace with its status and message.

    Raises
    ------
    TypeError, ValueError
        Before anything is compiled, naming the argument: a start of the wrong length or not finite,
        an unknown method or backend, a start where the objective is not real or where Newton's
        Hessian is singular, a negative `max_steps` or `tolerance`.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> trace = minimize(Objective(2 - 3*x**3 + x**4), start=[2], method="newton", backend="sympy")
    >>> trace
    Trace(method(direction=newton(damping=0), search=fixed(step_size=1)) on sympy: 5 steps, \
converged, x=2.25, value=-6.54296875)
    """
    if not isinstance(objective, Objective):
        raise TypeError(f"objective: expected an Objective, got {objective!r}.")
    chosen, point = as_method(method), exact_point(start, objective.dimension, "start")
    limits = _limits(max_steps, tolerance, callback)
    _check_names(objective)
    _check_start(objective, point, chosen)
    name = backends.named(backend).name
    if name == "sympy":
        from symlab.engine import exact

        return exact.run(objective, point, chosen, limits, digits)
    return _run_compiled(objective, point, chosen, limits, (name, fused))


def _run_compiled(
    objective: Objective,
    point: tuple[Expr, ...],
    method: Rule | Method,
    limits: Limits,
    how: tuple[str, bool | None],
) -> Trace:
    from symlab.engine import compiled
    from symlab.engine import fused as fused_runs

    backend = backends.usable(how[0])
    wanted = how[1]
    if wanted and not isinstance(method, Rule):
        raise ValueError(f"fused: only rules can be fused, got {method!r}.")
    if isinstance(method, Rule) and (backend.fused if wanted is None else wanted):
        return fused_runs.run(objective, point, method, limits, backend.name)
    return compiled.run(objective, point, method, limits, backend.name)


def _limits(max_steps: object, tolerance: object, callback: object) -> Limits:
    try:
        steps = operator.index(max_steps)  # type: ignore[arg-type]  # that is what is tried
    except TypeError:
        raise TypeError(f"max_steps: expected an integer, got {max_steps!r}.") from None
    if steps < 0:
        raise ValueError(f"max_steps: expected at least 0, got {max_steps!r}.")
    if not isinstance(tolerance, (int, float)) or not 0 <= tolerance < np.inf:
        raise ValueError(f"tolerance: expected a finite number of at least 0, got {tolerance!r}.")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback: expected a function, got {callback!r}.")
    return Limits(steps, float(tolerance), callback)


def _check_names(objective: Objective) -> None:
    names = {variable.name for variable in objective.variables}
    if taken := sorted(names & set(COLUMNS)):
        raise ValueError(
            f"objective: the variable {taken[0]!r} is also a column of the trace; rename it."
        )


def _check_start(objective: Objective, point: tuple[Expr, ...], method: Rule | Method) -> None:
    here = dict(zip(objective.variables, point, strict=True))
    value = objective.expression.subs(here).evalf(30)
    if not (value.is_number and value.is_extended_real and value.is_finite):
        raise ValueError(f"start: the objective is {value} there, not a finite real number.")
    if isinstance(method, Method) and method.direction.name == newton.name:
        _check_hessian(objective, here, method)


def _check_hessian(objective: Objective, here: dict, method: Method) -> None:
    """Refuse a start where Newton's matrix is singular, unless the gradient is zero there."""
    (damping,) = method.direction.hyperparameters.values()
    hessian = objective.hessian.subs(here)
    matrix = (hessian + damping * hessian.eye(objective.dimension)).evalf(50)
    gradient = objective.gradient.subs(here).evalf(50)
    if _is_singular(matrix) and not all(_is_zero(entry) for entry in gradient):
        raise ValueError(
            f"start: the Hessian is singular at {tuple(here.values())}, so Newton has no step; "
            "start elsewhere or use newton(damping=...)."
        )


def _is_singular(matrix: Matrix) -> bool:
    return matrix.has(nan, zoo, oo, -oo) or matrix.rank(iszerofunc=_is_zero) < matrix.rows


def _is_zero(entry: Expr) -> bool:
    return entry.is_finite is not False and entry is not nan and bool(abs(entry) < ZERO)
