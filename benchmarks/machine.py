"""The machine of a run: what it is, and whether it had something else to do."""

import os
import platform
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

from benchmarks.records import Machine

PACKAGES = (
    "symlab", "sympy", "pytensor", "numba", "numpy", "scipy", "jax", "torch", "scikit-learn",
)  # fmt: skip
IDLE = 0.5
"""The most waiting processes before a run, on average, that leave a machine idle."""

OTHERS = 0.1
"""The most cores that others may keep busy during a run."""


def machine() -> Machine:
    """Return this machine, with its load as it is now."""
    load = _load()
    return Machine(
        _cpu(), cores(), f"{platform.system()} {platform.machine()}", _compiler(),
        {"Python": platform.python_version(), **_versions()}, load, load,
    )  # fmt: skip


def busy_reasons(seen: Machine) -> list[str]:
    """Return why the numbers of a run may be too high; nothing where the machine was idle."""
    reasons = []
    if not seen.load_before <= IDLE:
        reasons.append(f"load {seen.load_before:.1f} before the run")
    if seen.others is not None and seen.others > OTHERS:
        reasons.append(f"other processes kept {seen.others:.1f} cores busy during it")
    return reasons


@dataclass(frozen=True)
class Clock:
    """The processor time of the machine and of this process with its children, at a moment."""

    elapsed: float
    everyone: float | None
    ours: float

    @classmethod
    def now(cls) -> "Clock":
        """Read it."""
        times = os.times()
        ours = times.user + times.system + times.children_user + times.children_system
        return cls(perf_counter(), _busy_seconds(), ours)

    def others_since(self, before: "Clock") -> float | None:
        """Return how many cores others kept busy between two moments."""
        if self.everyone is None or before.everyone is None:
            return None
        others = (self.everyone - before.everyone) - (self.ours - before.ours)
        return max(0.0, others / max(self.elapsed - before.elapsed, 1e-9))


def after(seen: Machine, begun: Clock) -> Machine:
    """Return the machine with what was seen of it by the end of a run."""
    return replace(seen, load_after=_load(), others=Clock.now().others_since(begun))


def _busy_seconds() -> float | None:
    """Processor seconds of all processes since the machine started, where Linux tells them."""
    with suppress(OSError, ValueError, IndexError):
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
        user, nice, kernel, _, _, interrupts, soft = map(int, first[1:8])
        return (user + nice + kernel + interrupts + soft) / os.sysconf("SC_CLK_TCK")
    return None


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _compiler() -> str:
    name = shutil.which("g++") or shutil.which("c++")
    if name is None:
        return "none"
    ran = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    return (ran.stdout.splitlines() or ["unknown"])[0]


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
