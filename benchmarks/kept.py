"""The one file in which runs are kept, JSON: each with its machine, as idle or busy as it was.

What is run again takes the place of what the file held of it. So a later run of W10 leaves those of
W1 to W8 as they are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.records import (
    FloorRecord,
    Machine,
    Measurement,
    Rates,
    Reading,
    Run,
    WorkloadRecord,
)

FORMAT = 2
"""Raised when a file of before can no longer be read."""


def keep(run: Run, file: Path) -> None:
    """Put a run into a file, in the place of what that holds of the same workloads.

    Raises
    ------
    ValueError
        If the file is there and is not one that this function writes.
    """
    before = load(file) if file.exists() else ()
    kept = [rest for each in before if (rest := _without(each, run.ids)).ids]
    given = {"format": FORMAT, "runs": [asdict(each) for each in [*kept, run]]}
    file.write_text(json.dumps(given, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _without(run: Run, ids: set[str]) -> Run:
    return replace(
        run,
        workloads=tuple(each for each in run.workloads if each.id not in ids),
        readings=tuple(each for each in run.readings if each.id not in ids),
    )


def load(file: Path) -> tuple[Run, ...]:
    """Return the runs of a file, the latest last.

    Raises
    ------
    ValueError
        If the file is not one that `keep` writes.
    """
    given = json.loads(file.read_text(encoding="utf-8"))
    try:
        if given["format"] != FORMAT:
            raise KeyError(given["format"])
        return tuple(_run(each) for each in given["runs"])
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{file.name}: expected a file of `--json`, format {FORMAT}.") from None


def together(runs: Sequence[Run]) -> Run:
    """Return what several runs have found as one run, on the machine of the latest."""
    return replace(
        runs[-1],
        workloads=tuple(each for run in runs for each in run.workloads),
        readings=tuple(each for run in runs for each in run.readings),
    )


def _run(given: Mapping[str, Any]) -> Run:
    return Run(
        Machine(**given["machine"]),
        Rates(**given["rates"]) if given["rates"] else None,
        given["quick"],
        given["empty_cache"],
        tuple(_workload(each) for each in given["workloads"]),
        _all(Reading, given["readings"]),
    )


def _workload(given: Mapping[str, Any]) -> WorkloadRecord:
    floor = FloorRecord(**given["floor"])
    measurements = _all(Measurement, given["measurements"])
    return WorkloadRecord(given["id"], given["title"], floor, measurements, given["left_out"])


def _all(kind: Any, rows: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**row) for row in rows)
