"""Run a method on an objective, on any backend, and return its trace."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Unpack

import numpy as np
from sympy import Expr, Float, Symbol

from symlab.algebra.by_mpmath import value_at
from symlab.algebra.exactly import exact_point, exactly, nearest_float
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import NO_SAMPLES, Objective, check_objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.squares import separable, squares_of
from symlab.algebra.working_precision import exclusive
from symlab.checks import choice, renamed_keyword, shown, whole
from symlab.engine import backends
from symlab.engine.backends import DERIVED_BY
from symlab.engine.batches import Sampling, SamplingWords, sampling_of
from symlab.engine.block_batches import batches_of
from symlab.engine.choice import Choice, choose_method, name_of
from symlab.engine.progress import progress_bar
from symlab.engine.run import NEVER, Recording, RecordingWords, Run, recording_of
from symlab.engine.stopping import StartError
from symlab.engine.trace import Trace
from symlab.engine.trace_csv import TAKEN
from symlab.methods.method import as_runnable
from symlab.methods.rule import Rule
from symlab.methods.squares import SquaresMethod

_log = logging.getLogger("symlab")

FLOAT_MAX = Float(str(np.finfo(float).max), 20)


FEW_STEPS, MANY_STEPS = 100, 1000
"""The most steps of a named method and of a chosen one, unless `max_steps` is given."""


class PlainWords(SamplingWords, RecordingWords, total=False):
    """What a `Sampling` and a `Recording` hold, as keywords of `minimize`."""


@renamed_keyword("gradient", "derived_by")
@explain_words(*PlainWords.__annotations__)
def minimize(
    objective: Objective,
    start: object,
    method: object = None,
    max_steps: int | None = None,
    *,
    backend: str = "c",
    tolerance: float = 1e-10,
    digits: int | str = 50,
    derived_by: str = "sympy",
    fused: bool | None = None,
    sampling: Sampling | None = None,
    recording: Recording | None = None,
    **plain: Unpack[PlainWords],
) -> Trace:
    """Run a descent method from a start and return its trace.

    Parameters
    ----------
    objective : Objective
        What to minimise, in n variables; also an `EmpiricalRisk` on data.
    start : sequence of n numbers, or mapping of symbol or name to number
        The first iterate; floats stand for the decimals they print as.
    method : rule, method, direction, search or name, optional
        `sl.gradient_descent(step_size=0.1)`, `sl.newton()`, `sl.method(direction=..., search=...)`,
        or a name such as `"newton"`. When left out, one is chosen from what the objective states:
        trust-region Newton for a formula whose Hessian is affordable, Levenberg-Marquardt for
        squared residuals over data, L-BFGS for many variables or samples or where the formula has
        kinks, Adam in batches. Where the first two find no minimum, others are tried from the same
        start, all evaluations added up. The trace's `message` says which and why.
    max_steps : int, optional
        The most steps taken, 0 or more; when left out, 100 of a named method, 1000 of each that is
        chosen.
    backend : str
        `"c"`, `"numba"` or `"jax"` (a rule's whole run in one compiled function; other methods with
        one call per step), `"interpreted"` (no compiler), or `"sympy"` (exact).
    tolerance : float
        The run has converged where the gradient's length is at most this; 0 means exactly zero.
        A run in batches ignores it, because their gradients say little of the whole.
    digits : int or "exact"
        For `"sympy"` alone: the significant digits kept, or rational arithmetic without rounding.
    derived_by : str
        For the compiled backends: `"sympy"` lowers the derivative that SymPy derives, `"autodiff"`
        takes PyTensor's of the lowered value.
    fused : bool, optional
        Whether the whole run is one compiled function; as the backend does by default. Only rules
        can be fused; fused runs heed `callback` and Ctrl-C between chunks of steps.
    sampling : Sampling, optional
        On which samples the gradient of each step of a rule is taken; on all of them when left out.
    recording : Recording, optional
        Which iterates are recorded, whether with the value of the whole objective or of the step's
        own batch, and what is shown or called on the way.
    batch_size, seed, order, replacement
        The parts of a `Sampling`, as plain keywords instead of it.
    record_every, progress, callback, record
        The parts of a `Recording`, as plain keywords instead of it: `record_every` is its `every`.

    Returns
    -------
    Trace
        Trouble inside the run never raises: it ends the trace with its status and message.
        `"converged"` means a small gradient where nothing speaks against a minimum, `"precision"`
        one that cannot be told from zero in floats; other stationary points are a `"saddle"`. Where
        the function is flat a run ends on a `"plateau"`, on the way to an infimum that is not
        attained with `"no_minimum"`. `print(symlab.statuses)` says what each word means. Ctrl-C
        ends a run too, with what it has.

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
    drawn = sampling_of(sampling, _pick(plain, SamplingWords))
    stated = check_objective(objective)
    name = backends.find_backend(backend).name
    is_exact = name == "sympy" and isinstance(digits, str) and digits == "exact"
    chosen = _chosen(stated, method, drawn, exact=is_exact)
    usual = FEW_STEPS if method is not None else MANY_STEPS
    run = Run(
        objective=stated,
        start=start_of(stated, start),
        method=chosen.method,
        chosen=chosen.reason,
        max_steps=usual if max_steps is None else whole(max_steps, "max_steps", 0),
        tolerance=check_tolerance(tolerance),
        recording=recording_of(recording, _pick(plain, RecordingWords)),
        backend=name,
        derived_by=choice(derived_by, DERIVED_BY, "derived_by"),
        digits=digits,
        fused=_check_fused(fused),
    )
    run = _with_batches(run, drawn)
    _check(run)
    left = run.max_steps if max_steps is None else None
    with progress_bar(run.max_steps, "steps", wanted=run.recording.progress) as report:
        run = replace(run, report=report) if report else run
        first = _run_and_explain(run)
        return _tried_again(first, run, chosen.others, left)


def _chosen(objective: Objective, method: object, sampling: Sampling, *, exact: bool) -> Choice:
    """Return the method that was named, without a reason, or the one that suits the objective."""
    if method is not None:
        return Choice(as_runnable(method), "")
    return choose_method(objective, in_batches=sampling.batch_size is not None, exact=exact)


def _pick(plain: PlainWords, kind: type) -> dict[str, Any]:
    """Return those of the plain keywords that a TypedDict names."""
    return {name: value for name, value in plain.items() if name in kind.__annotations__}


ENDED_BADLY = ("max_steps", "stalled", "diverged", "plateau", "no_minimum", "saddle")
"""How a run may end without a minimum, by itself."""


def _tried_again(first: Trace, run: Run, others: Sequence[Any], most: int | None) -> Trace:
    """Return a run that found a minimum: the first, or of another method, or else the first.

    Parameters
    ----------
    first : Trace
    run : Run
        The first.
    others : sequence of what runs
        Tried in turn.
    most : int, optional
        Steps that each may take; the steps that are left of the first's where none is given.
    """
    steps, tried = (run.max_steps if most is None else most), [first]
    for method in others:
        left = steps if most is not None else steps - sum(each.steps for each in tried)
        if tried[-1].status not in ENDED_BADLY or left <= 0:
            break
        told = f"{name_of(method)}, because {name_of(run.method)}, tried first, found no minimum"
        tried.append(_run_and_explain(replace(run, method=method, max_steps=left, chosen=told)))
    if len(tried) == 1:
        return first
    spent = [int(each.evaluations[-1]) for each in tried]
    if tried[-1].converged:
        return replace(tried[-1], evaluations=tried[-1].evaluations + sum(spent[:-1]))
    also = ", ".join(name_of(method) for method in others[: len(tried) - 1])
    message = f"{first.message} Tried next, without a minimum: {also}."
    evaluations = np.append(first.evaluations[:-1], sum(spent))
    return replace(first, message=message, evaluations=evaluations)


def _run_and_explain(run: Run) -> Trace:
    """Carry out a run; where its numbers overflow, say in which part of the formula."""
    try:
        trace = _carry_out(run)
    except StartError:
        _explain_overflow(run.objective, run.start)
        raise
    if trace.status == "diverged" and run.backend != "sympy":
        _explain_overflow(run.objective, trace.iterates[-1])
    return trace


def _carry_out(run: Run) -> Trace:
    """Carry out a run by the runner of its backend; only here are runners chosen."""
    if run.backend == "sympy":
        from symlab.engine.exact.run import run_exactly

        return run_exactly(run)
    backend = backends.usable(run.backend)
    if backend.name != run.backend:
        run = replace(run, backend=backend.name)
    if isinstance(run.method, Rule) and _is_fused(run, backend):
        return _carry_out_fused(run)
    from symlab.engine.compiled.stepwise import run_stepwise

    return run_stepwise(run)


def _is_fused(run: Run, backend: backends.Backend) -> bool:
    """Whether a rule's whole run is compiled, where that is not too much to compile."""
    if backend.name != "c" and isinstance(run.objective, BlockedRisk):
        if run.fused:
            raise ValueError(
                "fused: data that are read in pieces are run fused on the backend 'c' alone, "
                f"not on {backend.name!r}."
            )
        return False
    if run.fused is not None or not backend.fused:
        return bool(run.fused)
    from symlab.engine.compiled.repeated_sum import is_run_by_terms

    return not is_run_by_terms(run.objective, backend.name)


def _carry_out_fused(run: Run) -> Trace:
    """Hand a rule's run to what compiles it whole; what C cannot hold in one piece, to a scan."""
    from symlab.engine.compiled.fused import run_fused

    if run.backend != "c":
        return run_fused(run)
    from symlab.engine.compiled.c_text import NoProgramError
    from symlab.engine.compiled.stepwise import run_stepwise
    from symlab.engine.compiled.whole_run import run_in_c

    try:
        return run_in_c(run)
    except NoProgramError as reason:
        _log.debug("The run is no single program in C: %s.", reason)
    return run_fused(run) if run.fused else run_stepwise(run)


def _explain_overflow(objective: Objective, point: Any) -> None:
    """Say which part of the value or of a derivative is no float, if that is why a run ended."""
    if objective.samples is not None:
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


def check_tolerance(tolerance: object) -> float:
    """Return a tolerance as a float, or say what one must be."""
    allowed = nearest_float(exactly(tolerance, "tolerance"))
    if allowed < 0:
        raise ValueError(
            f"tolerance: expected a finite number of at least 0, got {shown(tolerance)}."
        )
    return allowed


def _check_fused(fused: object) -> bool | None:
    if fused is not None and not isinstance(fused, bool):
        raise TypeError(f"fused: expected True, False or None, got {shown(fused)}.")
    return fused


def _with_batches(run: Run, sampling: Sampling) -> Run:
    """Return a run with its batches drawn; their gradients never say that it has converged."""
    if sampling.batch_size is None:
        return run
    if run.objective.samples is None:
        raise ValueError(NO_SAMPLES)
    if not isinstance(run.method, Rule):
        raise ValueError(f"batch_size: only rules can be run in batches, got {shown(run.method)}.")
    batches = batches_of(run.objective, run.max_steps + 1, sampling)
    return replace(run, batches=batches, tolerance=NEVER)


def _check(run: Run) -> None:
    """Refuse a run whose parts do not fit together."""
    check_variables(run.names)
    if run.fused and not isinstance(run.method, Rule):
        raise ValueError(f"fused: only rules can be fused, got {shown(run.method)}.")
    needs_all = run.backend == "sympy" or isinstance(run.method, SquaresMethod)
    if needs_all and isinstance(run.objective, BlockedRisk):
        run.objective.check_held()
    if isinstance(run.method, SquaresMethod):
        squares = squares_of(run.objective)
        if run.method.eliminates:
            separable(squares)
    _check_start(run)


def check_variables(names: Iterable[str]) -> None:
    """Refuse variables that are called as a column of the trace is.

    Raises
    ------
    ValueError
        Naming the first of them.
    """
    if reserved := sorted(set(names) & set(TAKEN)):
        raise ValueError(
            f"objective: the variable {reserved[0]!r} is also a column of the trace; rename it."
        )


def _check_start(run: Run) -> None:
    """Refuse a start outside the domain, or where a formula is not a finite float.

    Over data the run itself finds out, with what it has compiled: exact arithmetic on many samples
    would take longer than the run.
    """
    if breach := run.domain.breach(run.start):
        raise ValueError(f"start: outside the domain: {breach}.")
    if run.objective.samples is not None:
        return
    if fault := _fault_of(run.start, run.objective.variables, run.objective.expression):
        raise ValueError(f"start: {fault}")


@lru_cache(maxsize=256)
@exclusive
def _fault_of(start: tuple[Expr, ...], variables: tuple[Symbol, ...], expression: Expr) -> str:
    """Return what is wrong with a start, or nothing; SymPy's arithmetic takes longer than a run."""
    value = value_at(expression, dict(zip(variables, start, strict=True)))
    if not (value.is_number and value.is_extended_real and value.is_finite):
        return f"the objective is {shown(value)} there, not a finite real number."
    if max(abs(number) for number in (*start, value)) > FLOAT_MAX:
        return f"{shown(start)} or the value {shown(value)} there is beyond the range of floats."
    return ""
