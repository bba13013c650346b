"""Timing: compile apart from run, median of repeats, and the same result asked of every system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from time import perf_counter, sleep

from benchmarks.floors import Floor
from benchmarks.records import Measurement

REPEATS = 5
REST = 0.05
"""Seconds before each system's turn: the threads of a BLAS spin for some 15 ms after its last
product, on cores that the next system would use."""

RELATIVE = 1e-9
"""How closely systems must agree on the result; rounding differs, the mathematics does not."""

TINY = 1e-20
"""What any system may lose of a loss."""


@dataclass(frozen=True)
class Prepared:
    """A system ready to run: what runs it and returns the loss, its steps, what compiling cost."""

    run: Callable[[], float]
    steps: int
    compile_seconds: float


@dataclass(frozen=True)
class System:
    """A way to do a workload.

    Parameters
    ----------
    prepare : callable
        Compiles, and returns what runs.
    module : str
        The module it needs, if any.
    """

    prepare: Callable[[], Prepared]
    module: str = ""

    @property
    def left_out(self) -> str:
        """Why this machine cannot do it; nothing where it can."""
        missing = self.module and find_spec(self.module) is None
        return f"{self.module} is not installed" if missing else ""


@dataclass(frozen=True)
class Workload:
    """One job, the systems that can do it, the right loss after so many steps, and its floor.

    `rounding` is what a system may lose of the loss where it writes it as a difference.
    """

    id: str
    title: str
    systems: Mapping[str, System]
    expected: Callable[[int], float]
    floor: Callable[[], Floor] = Floor
    rounding: float = TINY


def prepared(run: Callable[[], float], steps: int) -> Prepared:
    """Return a system whose first run compiles: what it takes beyond a second run is the cost."""
    first, again = seconds_of(run), seconds_of(run)
    return Prepared(run, steps, max(first - again, 0.0))


def seconds_of(run: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = perf_counter()
    run()
    return perf_counter() - started


def agree(result: float, expected: float, rounding: float = TINY) -> bool:
    """Return whether two systems did the same job, up to rounding; NaN agrees with nothing."""
    return abs(result - expected) <= RELATIVE * abs(expected) + rounding


def left_out(workload: Workload) -> dict[str, str]:
    """Return the systems that cannot do a workload here, each with the reason."""
    reasons = {name: system.left_out for name, system in workload.systems.items()}
    return {name: reason for name, reason in reasons.items() if reason}


def measure(workload: Workload, repeats: int = REPEATS) -> list[Measurement]:
    """Time every system that can do a workload, in turns, so that a slow spell hits them all.

    Raises
    ------
    ArithmeticError
        If a system's loss is wrong: then it did another job, and its time means nothing.
    """
    missing = left_out(workload)
    ready = {
        name: system.prepare() for name, system in workload.systems.items() if name not in missing
    }
    results = {name: system.run() for name, system in ready.items()}
    for name, result in results.items():
        expected = workload.expected(ready[name].steps)
        if not agree(result, expected, workload.rounding):
            raise ArithmeticError(f"{workload.id}: {name} reached {result!r}, not {expected!r}.")
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(repeats):
        for name, system in ready.items():
            sleep(REST)
            system.run()  # brings back what the systems before drove out of the caches
            seconds[name].append(seconds_of(system.run))
    return [
        Measurement(
            workload.id,
            name,
            median(seconds[name]) / system.steps * 1e6,
            system.compile_seconds,
            system.steps,
            results[name],
        )
        for name, system in ready.items()
    ]
