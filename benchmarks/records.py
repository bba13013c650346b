"""What a run of the benchmarks leaves behind.

Tables and pictures are made from these records alone, so that a stored file gives the same ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FLOOR = "floor"
"""The name, among the systems of a reading, of the least that any could do."""


@dataclass(frozen=True)
class Measurement:
    """What one system needed for one workload of W1 to W8; `result` is the loss it reached."""

    id: str
    system: str
    microseconds_per_step: float
    compile_seconds: float
    steps: int
    result: float


@dataclass(frozen=True)
class FloorRecord:
    """What no program can do without in one step, and how long this machine takes for it.

    Parameters
    ----------
    operations : mapping of str to float
        How many of each kind.
    chain : float
        Operations of which each waits for the one before.
    bytes : float
        Read from memory or written to it.
    microseconds : float, optional
        The least time, at the rates measured in the same run; None where none were measured.
    bound_by : str
        What takes that time: "operations", "chain" or "bytes".
    """

    operations: Mapping[str, float]
    chain: float
    bytes: float
    microseconds: float | None = None
    bound_by: str = ""


@dataclass(frozen=True)
class WorkloadRecord:
    """A workload as it was measured: its floor, its systems, and which were left out and why."""

    id: str
    title: str
    floor: FloorRecord
    measurements: tuple[Measurement, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def of(self, system: str) -> Measurement | None:
        """Return what a system needed, or None where it was not measured."""
        return next((m for m in self.measurements if m.system == system), None)


@dataclass(frozen=True)
class Reading:
    """One number of W9 to W12, S1 or S3.

    Parameters
    ----------
    id, system : str
    case : str
        What was looked at, such as "samples", "chapter's f, cold" or "rosenbrock".
    quantity : str
        With its unit: "microseconds per step", "seconds", "peak megabytes".
    value : float, optional
        None where it was left out; `note` then says why.
    size : float, optional
        Samples, steps or variables, where the case comes in sizes.
    note : str
    """

    id: str
    system: str
    case: str
    quantity: str
    value: float | None
    size: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Machine:
    """Where a run was made, and what else the machine did meanwhile.

    Parameters
    ----------
    cpu : str
    cores : int
        That this process may use.
    system, compiler : str
    versions : mapping of str to str
    load_before, load_after : float
        The average number of waiting processes over a minute; after the run, ours among them.
    others : float, optional
        Cores kept busy by other processes during the run; None where the system does not say.
    """

    cpu: str
    cores: int
    system: str
    compiler: str
    versions: Mapping[str, str]
    load_before: float
    load_after: float
    others: float | None = None


@dataclass(frozen=True)
class Rates:
    """What one core does in a second, measured in the run itself; `bytes` and `blas` use all.

    Parameters
    ----------
    arithmetic, division, root, exponential, logarithm : float
        Operations a second in vector registers, on numbers in the nearest cache.
    chain : float
        Multiplications and additions a second where each waits for the one before.
    bytes : float
        Read from memory a second.
    blas : float
        Multiplications and additions a second of a product of matrices.
    """

    arithmetic: float
    division: float
    root: float
    exponential: float
    logarithm: float
    chain: float
    bytes: float
    blas: float


@dataclass(frozen=True)
class Run:
    """A run of the benchmarks.

    Parameters
    ----------
    machine : Machine
    rates : Rates, optional
        None where there is no C++ compiler.
    quick : bool
        Whether it took fewer steps and smaller sizes than numbers for quoting need.
    empty_cache : bool
        Whether nothing was compiled before, so that compile seconds are those of a first time.
    workloads : tuple of WorkloadRecord
        W1 to W8.
    readings : tuple of Reading
        W9 to W12.
    """

    machine: Machine
    rates: Rates | None
    quick: bool
    empty_cache: bool = False
    workloads: tuple[WorkloadRecord, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def ids(self) -> set[str]:
        """What was run, of W1 to W12."""
        return {workload.id for workload in self.workloads} | {each.id for each in self.readings}

    def workload(self, id: str) -> WorkloadRecord | None:
        """Return a workload by its id, or None where it was not run."""
        return next((w for w in self.workloads if w.id == id), None)

    def value(self, id: str, system: str, case: str, **more: object) -> float | None:
        """Return the reading that fits all that is given, or None where there is none."""
        wanted = {"id": id, "system": system, "case": case, **more}
        fitting = (
            reading.value
            for reading in self.readings
            if all(getattr(reading, name) == each for name, each in wanted.items())
        )
        return next(fitting, None)
