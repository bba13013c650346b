"""Timing: compile apart from run, median of repeats, and the same result asked of every system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from time import perf_counter

REPEATS = 5
RELATIVE = 1e-9
"""How closely systems must agree on the result; rounding differs, the mathematics does not."""


@dataclass(frozen=True)
class Prepared:
    """A system ready to run: what runs it and returns the loss, its steps, what compiling cost."""

    run: Callable[[], float]
    steps: int
    compile_seconds: float


@dataclass(frozen=True)
class System:
    """A way to do a workload: how to prepare it, and the module it needs, if any."""

    prepare: Callable[[], Prepared]
    module: str = ""

    @property
    def installed(self) -> bool:
        """Whether this machine has what the system needs."""
        return not self.module or find_spec(self.module) is not None


@dataclass(frozen=True)
class Workload:
    """One job, the systems that can do it, and the right loss after so many steps."""

    id: str
    title: str
    systems: Mapping[str, System]
    expected: Callable[[int], float]


@dataclass(frozen=True)
class Measurement:
    """What one system needed for one workload."""

    id: str
    system: str
    microseconds_per_step: float
    compile_seconds: float
    steps: int
    result: float


def prepared(run: Callable[[], float], steps: int) -> Prepared:
    """Return a system whose first run compiles: what it takes beyond a second run is the cost."""
    first, again = _seconds(run), _seconds(run)
    return Prepared(run, steps, max(first - again, 0.0))


def _seconds(run: Callable[[], float]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def measure(workload: Workload) -> list[Measurement]:
    """Time every installed system on a workload, taking turns so that a slow spell hits them all.

    Raises
    ------
    ArithmeticError
        If a system's loss is wrong: then it did another job, and its time means nothing.
    """
    ready = {
        name: system.prepare() for name, system in workload.systems.items() if system.installed
    }
    results = {name: system.run() for name, system in ready.items()}
    for name, result in results.items():
        expected = workload.expected(ready[name].steps)
        if not abs(result - expected) <= RELATIVE * abs(expected) + 1e-20:
            raise ArithmeticError(f"{workload.id}: {name} reached {result!r}, not {expected!r}.")
    seconds = {name: [] for name in ready}
    for _ in range(REPEATS):
        for name, system in ready.items():
            seconds[name].append(_seconds(system.run))
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
