"""The one verb: run a method on an objective, on any backend, and keep what happened."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Float

from symlab.algebra.by_mpmath import value_at
from symlab.algebra.digits import exclusive
from symlab.algebra.exactly import exact_point, exactly
from symlab.algebra.neighbours import explain_words
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.checks import choice, flag, shown, whole
from symlab.engine import backends
from symlab.engine.backends import GRADIENTS
from symlab.engine.batches import Batches, check_drawing
from symlab.engine.domain import domain_of
from symlab.engine.iteration import Plan
from symlab.engine.progress import shown_progress
from symlab.engine.recording import NO_START, Callback, Limits
from symlab.engine.trace import Trace
from symlab.methods.method import Method, as_method
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent

FLOAT_MAX = Float(str(np.finfo(float).max), 20)
NEVER = -1.0
"""A tolerance that no length of a gradient is below."""
COLUMNS = ("k", "value", "gradient_norm", "step_size", "evaluations")


@explain_words()
def minimize(
    objective: Objective,
    start: object,
    method: object = gradient_descent,
    max_steps: int = 100,
    *,
    backend: str = "c",
    tolerance: float = 1e-10,
    digits: int | str = 50,
    gradient: str = "sympy",
    fused: bool | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    order: str = "epoch",
    replacement: bool = False,
    record_every: int = 1,
    progress: bool = False,
    callback: Callback | None = None,
) -> Trace:
    """Run a descent method from a start and return its trace.

    Parameters
    ----------
    objective : Objective
        What to minimise, in n variables; also an `EmpiricalRisk` on data.
    start : sequence of n numbers, or mapping of symbol or name to number
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
        Not asked of a run in batches, whose gradients say little of the whole.
    digits : int or "exact"
        For `"sympy"` alone: the significant digits kept, or rational arithmetic without rounding.
    gradient : str
        For the compiled backends: `"sympy"` lowers the derivative that SymPy derives, `"autodiff"`
        takes PyTensor's of the lowered value.
    fused : bool, optional
        Whether the whole run is one compiled function; as the backend does by default. Only rules
        can be fused, and fused runs look at `callback` and Ctrl-C between chunks of steps.
    batch_size : int, optional
        Samples in the gradient of each step of a rule; all of them when left out. Values are always
        those of the whole objective.
    seed, order, replacement
        How batches are drawn before the run, the same on every backend: see `draw_batches`.
    record_every : int
        Record each so-manieth iterate, and the last; long runs stay small in memory.
    progress : bool
        Show a bar on stderr.
    callback : callable(k, iterate, value), optional
        Called at each recorded iterate; the run stops where it returns something true.

    Returns
    -------
    Trace
        Trouble inside the run never raises: it ends the trace with its status and message.
        `"converged"` is said of a small gradient where nothing speaks against a minimum, and of
        saddles and maxima, which the message names. On a plateau a run is `"stalled"`; it is
        `"diverged"` where the infimum is not attained, where an iterate leaves what its symbol
        assumes, or where numbers explode. Ctrl-C ends it too, with what it has.

    Raises
    ------
    TypeError, ValueError
        Before anything is compiled, naming the argument: a start of the wrong length or not finite,
        an unknown method or backend, a start where the objective is not real or where Newton's
        Hessian is singular, a negative `max_steps` or `tolerance`, a batch larger than the data.

    CallbackError
        If the callback raises: its exception is the cause, and `.trace` the run until then.

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
        raise TypeError(f"objective: expected an Objective, got {shown(objective)}.")
    chosen, point = as_method(method), start_of(objective, start)
    limits = _limits(max_steps, tolerance, callback)
    drawing = Drawing(batch_size, seed, order, replacement)
    plan = _plan(objective, chosen, limits, (drawing, record_every))
    if plan.batches is not None:
        limits = replace(limits, tolerance=NEVER)
    _check_names(objective)
    how = How(backends.named(backend).name, digits, _checked_gradient(gradient), fused)
    _check_fused(how, chosen)
    _check_start(objective, point)
    with shown_progress(limits, wanted=flag(progress, "progress")) as watched:
        try:
            trace = _run(objective, point, chosen, (plan, watched, how))
        except ValueError as error:
            if str(error) == NO_START:
                _explain_overflow(objective, point)
            raise
    if trace.status == "diverged" and how.backend != "sympy":
        _explain_overflow(objective, trace.iterates[-1])
    return trace


def _explain_overflow(objective: Objective, point: Any) -> None:
    """Say which part of the value or of a slope is no float, if that is why a run ended."""
    if isinstance(objective, BoundRisk):
        return
    from symlab.engine.lowering.overflow import overflow_of_any

    here = dict(zip(objective.variables, point, strict=True))
    overflow_of_any((objective.expression, *objective.gradient), here)


def start_of(objective: Objective, start: object) -> tuple[Expr, ...]:
    """Return a start as exact numbers, from a sequence or a mapping of symbol, or name, to number.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> start_of(Objective(x**2 + y**2), {y: 2, "x": 0.5})
    (1/2, 2)
    """
    return exact_point(start, objective.dimension, "start", objective.variables)


@dataclass(frozen=True)
class Drawing:
    """How the samples of each step are drawn."""

    batch_size: int | None
    seed: int
    order: str
    replacement: bool


@dataclass(frozen=True)
class How:
    """What runs a method: the backend and its own options."""

    backend: str
    digits: int | str
    gradient: str
    fused: bool | None


def _run(
    objective: Objective,
    point: tuple[Expr, ...],
    method: Rule | Method,
    settings: tuple[Plan, Limits, How],
) -> Trace:
    plan, limits, how = settings
    if how.backend == "sympy":
        from symlab.engine.exact import run as exact

        return exact.run(objective, point, method, plan, limits, how.digits)
    from symlab.engine.compiled import fused as fused_runs
    from symlab.engine.compiled import stepwise as compiled_runs

    backend = backends.usable(how.backend)
    by = (backend.name, how.gradient)
    if isinstance(method, Rule) and (backend.fused if how.fused is None else how.fused):
        return fused_runs.run(objective, point, method, plan, limits, by)
    return compiled_runs.run(objective, point, method, plan, limits, by)


def _plan(
    objective: Objective, method: Rule | Method, limits: Limits, wanted: tuple[Drawing, object]
) -> Plan:
    """Return which iterates are recorded, and the batches, drawn before the run."""
    drawing, every = wanted[0], whole(wanted[1], "record_every", 1)
    check_drawing(drawing.seed, drawing.order)
    flag(drawing.replacement, "replacement")
    if drawing.batch_size is None:
        return Plan(limits.max_steps, every, domain=domain_of(objective.variables))
    if not isinstance(objective, BoundRisk):
        raise ValueError("batch_size: only an EmpiricalRisk on data has samples to draw from.")
    if not isinstance(method, Rule):
        raise ValueError(f"batch_size: only rules can be run in batches, got {shown(method)}.")
    batches = Batches(
        objective.samples,
        drawing.batch_size,
        limits.max_steps + 1,
        drawing.seed,
        drawing.order,
        drawing.replacement,
    )
    return Plan(limits.max_steps, every, batches, domain_of(objective.variables))


def _checked_gradient(gradient: str) -> str:
    choice(gradient, GRADIENTS, "gradient")
    return gradient


def _check_fused(how: How, method: Rule | Method) -> None:
    if how.fused is not None and not isinstance(how.fused, bool):
        raise TypeError(f"fused: expected True, False or None, got {shown(how.fused)}.")
    if how.fused and not isinstance(method, Rule):
        raise ValueError(f"fused: only rules can be fused, got {shown(method)}.")


def _limits(max_steps: object, tolerance: object, callback: object) -> Limits:
    steps = whole(max_steps, "max_steps", 0)
    allowed = float(exactly(tolerance, "tolerance"))
    if allowed < 0:
        raise ValueError(
            f"tolerance: expected a finite number of at least 0, got {shown(tolerance)}."
        )
    if callback is not None and not callable(callback):
        raise TypeError(f"callback: expected a function, got {shown(callback)}.")
    return Limits(steps, allowed, callback)


def _check_names(objective: Objective) -> None:
    names = {variable.name for variable in objective.variables}
    if taken := sorted(names & set(COLUMNS)):
        raise ValueError(
            f"objective: the variable {taken[0]!r} is also a column of the trace; rename it."
        )


@exclusive
def _check_start(objective: Objective, point: tuple[Expr, ...]) -> None:
    """Refuse a start outside the domain, or where a formula is not a finite float.

    Over data the run itself finds out, with what it has compiled: exact arithmetic on many samples
    would take longer than the run.
    """
    if breach := domain_of(objective.variables).breach(point):
        raise ValueError(f"start: outside the domain: {breach}.")
    if isinstance(objective, BoundRisk):
        return
    here = dict(zip(objective.variables, point, strict=True))
    value = value_at(objective.expression, here)
    if not (value.is_number and value.is_extended_real and value.is_finite):
        raise ValueError(f"start: the objective is {shown(value)} there, not a finite real number.")
    if max(abs(number) for number in (*point, value)) > FLOAT_MAX:
        raise ValueError(
            f"start: {shown(point)} or the value {shown(value)} there "
            "is beyond the range of floats."
        )
