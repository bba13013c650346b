"""What works on this machine, and the remedy for what does not.

What may be broken is not imported here: each backend is tried in a process of its own.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from symlab.checks import shown
from symlab.engine.cache import find_damaged, location, prepare

PACKAGES = (
    "symlab", "sympy", "mpmath", "pytensor", "sympytensor", "numba", "numpy", "scipy", "pandas",
    "scikit-learn", "matplotlib",
)  # fmt: skip
MISSING = "missing"
TIMEOUT = 300
"""Seconds for one trial; the first compile of all takes some."""
REINSTALL = "install symlab anew in an empty environment"

ENOUGH_BYTES = 500 * 2**20
"""A full compile cache takes a few hundred megabytes."""


@dataclass(frozen=True)
class Finding:
    """What was found of a part: whether it works, what was seen, and the remedy if it does not."""

    what: str
    seen: str
    works: bool
    remedy: str = ""
    optional: bool = False

    @property
    def summary(self) -> str:
        """What was seen, and the remedy where it does not work."""
        return self.seen if self.works or not self.remedy else f"{self.seen}; {self.remedy}"


def examine() -> list[Finding]:
    """Return what was found on this machine; each backend is tried by a run on it."""
    return [_python(), _packages(), _blas(), _cache(), *_backends()]


def environment() -> list[Finding]:
    """Return what the numbers of a run depend on, naming neither a folder nor the machine."""
    processors = Finding("processors", str(os.cpu_count()), works=True)
    return [_python(), processors, _packages(), _blas()]


def _python() -> Finding:
    return Finding(
        "Python",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        sys.version_info >= (3, 12),
        "symlab needs Python 3.12 or newer",
    )


def _packages() -> Finding:
    missing = [name for name in PACKAGES if _version(name) == MISSING]
    seen = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return Finding("packages", seen, not missing, f"pip install {' '.join(missing)}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


def _blas() -> Finding:
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return Finding("BLAS", f"{blas['name']} {blas['version']}, through NumPy", works=True)


def _cache() -> Finding:
    folder = location()
    if told := prepare():
        return Finding("compile cache", told, works=False)
    if broken := find_damaged(folder):
        seen = f"{folder} holds damaged files ({len(broken)}), such as {broken[0].name}"
        return Finding("compile cache", seen, works=False, remedy=f"delete {folder}")
    free = shutil.disk_usage(folder).free
    seen = f"{folder}, {_size(folder) / 2**20:.0f} MB used, {free / 2**30:.1f} GB free"
    remedy = f"free some space, or delete {folder}"
    return Finding("compile cache", seen, free > ENOUGH_BYTES, remedy)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _backends() -> list[Finding]:
    """Return what a trial of each backend gave, each in a process of its own, two at a time."""
    listed = _run_trial()
    if "names" not in listed:
        return [Finding("PyTensor", str(listed["seen"]), works=False, remedy=REINSTALL)]
    names = list(listed["names"])
    with ThreadPoolExecutor(2) as pool:
        found = [
            Finding(f"backend {name}", **found, optional=name == "jax")
            for name, found in zip(names, pool.map(_run_trial, names), strict=True)
        ]
    return [*found, Finding("vector functions", str(listed["vectors"]), works=True)]


def _run_trial(*name: str) -> dict[str, Any]:
    """Return what the trial's process printed, or how it ended."""
    command = [sys.executable, "-m", "symlab.lab.backend_trial", *name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {"seen": f"no answer within {TIMEOUT} s", "works": False, "remedy": REINSTALL}
    if done.returncode == 0:
        return json.loads(done.stdout)
    return {"seen": _describe_end(done), "works": False, "remedy": REINSTALL}


def _describe_end(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"the trial's process was ended by {signal.Signals(-done.returncode).name}"
    lines = done.stderr.strip().splitlines() or ["no message"]
    return f"the trial failed: {shown(lines[-1])[1:-1]}"
