"""What issues 11 and 14 ask for, "Done when", held against a run."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ratios import OURS, above_floor, mean_ratio, ratio
from benchmarks.records import Run
from benchmarks.studies.long_run import FEW as FEW_SAMPLES
from benchmarks.studies.long_run import LONG, MANY, MEMORY, PER_STEP, SHORT

JAX = {"W1": 1.6, "W2": 1.6, "W3": 1.6, "W4": 4.0, "W5": 2.5, "W6": 2.0, "W8": 1.5}
MEAN = 3.0
TORCH = dict.fromkeys(("W1", "W2", "W3", "W4", "W5"), 20.0)
BEST_PEERS = ("numpy", "jax", "scikit-learn")
SHARE = 0.8
"""Of the floor's rate that W7 must reach."""

COLD = {"chapter_f": 3.0, "logistic": 5.0, "perceptron": 8.0, "convolution": 15.0}
WARM, IMPORT = 2.0, 1.4
BOOK = {
    "symlab figures, cold": 90.0, "symlab run --all, cold": 180.0,
    "symlab figures, warm": 30.0, "symlab run --all, warm": 60.0,
}  # fmt: skip
DERIVED = {  # case of W12, variables: seconds
    ("rosenbrock: gradient compiled", 100): 5.0,
    ("rosenbrock: Hessian compiled", 100): 10.0,
    ("rosenbrock: gradient compiled", 1000): 20.0,
}
FLAT_MEGABYTES = 10.0
"""How much more memory a run of a thousand times the steps may hold."""

PROCESSES = 1.6
"""How many times as fast a sweep must be on two processes."""

SAME_COST = 1.5
"""How many times a step's cost over few samples it may be over many: their memory is not cached."""


@dataclass(frozen=True)
class Threshold:
    """One thing asked for.

    Parameters
    ----------
    what, wanted : str
    found : float, optional
        None where it was not measured.
    reached : bool, optional
        The same.
    """

    what: str
    wanted: str
    found: float | None
    reached: bool | None


def thresholds(run: Run) -> list[Threshold]:
    """Return all that is asked for, each reached, not reached, or not measured in this run."""
    parts = (_ratios, _wide, _starts, _derivation, _memory, _many_runs)
    return [each for part in parts for each in part(run)]


def _least(what: str, wanted: float, found: float | None) -> Threshold:
    return Threshold(what, f"≥ {wanted:g}", found, None if found is None else found >= wanted)


def _most(what: str, wanted: float, found: float | None, unit: str = "") -> Threshold:
    reached = None if found is None else found <= wanted
    return Threshold(what, f"≤ {wanted:g}{unit}", found, reached)


def _ratios(run: Run) -> Iterator[Threshold]:
    for id, wanted in JAX.items():
        yield _least(f"{id}: JAX ÷ symlab", wanted, ratio(run.workload(id), "jax"))
    yield _least("geometric mean of JAX ÷ symlab", MEAN, mean_ratio(run))
    for id, wanted in TORCH.items():
        yield _least(f"{id}: PyTorch ÷ symlab", wanted, ratio(run.workload(id), "torch"))


def _wide(run: Run) -> Iterator[Threshold]:
    workload = run.workload("W7")
    known = [r for peer in BEST_PEERS if (r := ratio(workload, peer)) is not None]
    yield _least("W7: best of NumPy, JAX, scikit-learn ÷ symlab", 1.0, min(known, default=None))
    ours = workload and workload.of(OURS)
    times = above_floor(workload, ours) if workload and ours else None
    yield _least("W7: share of the floor's rate", SHARE, 1 / times if times else None)


def _starts(run: Run) -> Iterator[Threshold]:
    sympy = run.value("W11", "python", "import sympy")
    both = run.value("W11", "python", "import sympy, pytensor")
    for program, wanted in COLD.items():
        found = run.value("W11", OURS, f"{program}, cold")
        yield _most(f"W11: {program}, first result, empty cache", wanted, found, " s")
    for program in COLD:
        found = _quotient(run.value("W11", OURS, f"{program}, warm"), both)
        yield _most(f"W11: {program}, warm ÷ import sympy, pytensor", WARM, found)
    found = _quotient(run.value("W11", "python", "import symlab"), sympy)
    yield _most("W11: import symlab ÷ import sympy", IMPORT, found)
    for case, wanted in BOOK.items():
        yield _most(f"W11b: {case}", wanted, run.value("W11b", "symlab", case), " s")


def _derivation(run: Run) -> Iterator[Threshold]:
    for (case, n), wanted in DERIVED.items():
        found = run.value("W12", OURS, case, size=n)
        yield _most(f"W12: {case}, {n} variables, empty cache", wanted, found, " s")


def _many_runs(run: Run) -> Iterator[Threshold]:
    one, two, ours, theirs = (
        run.value("S1", system, case)
        for system, case in (
            (OURS, "sweep, one core"),
            (OURS, "sweep, 2 processes"),
            (OURS, "one call"),
            ("jax", "one call"),
        )
    )
    yield _least("S1: 2 processes ÷ one core", PROCESSES, _quotient(two, one))
    yield _least("S1: runs a second ÷ jax.vmap, one core", 1.0, _quotient(ours, theirs))


def _memory(run: Run) -> Iterator[Threshold]:
    long, short = (
        run.value("W10", OURS, "long run", quantity=MEMORY, size=n) for n in (LONG, SHORT)
    )
    more = None if long is None or short is None else long - short
    yield _most("W10: memory that ten million steps take", FLAT_MEGABYTES, more, " MB")
    many, few = (
        run.value("W10", OURS, "batch of 10", quantity=PER_STEP, size=n)
        for n in (MANY, FEW_SAMPLES)
    )
    found = _quotient(many, few)
    yield _most("W10: step of a batch of 10, a million ÷ a thousand samples", SAME_COST, found)


def _quotient(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b
