"""Runs as Markdown: nothing in it is typed, all is made from the runs."""

from collections.abc import Iterable, Iterator, Sequence
from math import isinf

from benchmarks.kept import together
from benchmarks.machine import busy_reasons
from benchmarks.ratios import OURS, above_floor, base_of, break_even, mean_ratio, ratio
from benchmarks.records import FloorRecord, Machine, Measurement, Reading, Run, WorkloadRecord
from benchmarks.thresholds import Threshold, thresholds

NOTHING = "–"
SUMMARY = ("jax", "torch", "numpy", "scikit-learn", "lambdify", "sympy-loop")
"""The peers of the short table."""


CACHE = {
    True: "Compile seconds are those of a first time, from an empty cache.",
    False: "Compile seconds depend on what the compile cache held before; `--cold` empties it.",
}


def markdown(runs: Sequence[Run]) -> str:
    """Return the whole report of some runs, each with its machine."""
    parts = [part for run in runs for part in _report(run)]
    return "\n\n".join([*parts, "## Done when", threshold_table(thresholds(together(runs)))])


def _report(run: Run) -> Iterator[str]:
    yield from (machine_words(run.machine, quick=run.quick), CACHE[run.empty_cache])
    if run.workloads:
        yield from ("## In short", summary(run), "## Every system")
        yield from (workload_words(each) for each in run.workloads)
    yield from (reading_words(id, rows) for id, rows in _by_id(run.readings))


def in_short(runs: Sequence[Run]) -> str:
    """Return the short tables of W1 to W8, each with its machine, for a README."""
    tables = [
        f"{machine_words(run.machine, quick=run.quick)}\n\n{summary(run)}"
        for run in runs
        if run.workloads
    ]
    return "\n\n".join(tables)


def every_system(runs: Sequence[Run]) -> str:
    """Return every workload with all its systems, for a page of its own."""
    words = []
    for run in runs:
        words += [machine_words(run.machine, quick=run.quick), CACHE[run.empty_cache]]
        words += [workload_words(each) for each in run.workloads]
        words += [reading_words(id, rows, level=3) for id, rows in _by_id(run.readings)]
    return "\n\n".join(words)


def machine_words(machine: Machine, *, quick: bool = False) -> str:
    """Return the sentence that names the machine, and whether it had something else to do."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    others = NOTHING if machine.others is None else number(machine.others)
    lines = [
        f"One run on {machine.cpu}, {machine.cores} cores, {machine.system}; {machine.compiler}; "
        f"{versions}.",
        f"Load {machine.load_before:.2f} before and {machine.load_after:.2f} after; cores kept "
        f"busy by other processes: {others}. {idle_words(machine)}",
    ]
    if quick:
        lines.append("**A quick run: fewer steps and smaller sizes, not for quoting.**")
    return "\n".join(lines)


def idle_words(machine: Machine) -> str:
    """Return whether the machine was idle, with the reasons where it was not."""
    reasons = busy_reasons(machine)
    if not reasons:
        return "The machine was idle otherwise."
    return f"**The machine was not idle ({'; '.join(reasons)}): only ratios mean something.**"


def summary(run: Run) -> str:
    """Return the short table: one row for each workload, ratios to symlab's default backend."""
    peers = [peer for peer in SUMMARY if any(w.of(peer) for w in run.workloads)]
    head = ["", "workload", "floor, µs", f"{OURS}, µs", "× floor", *(f"{p} ÷" for p in peers)]
    rows = [_summary_row(workload, peers) for workload in run.workloads]
    mean = ["", "geometric mean, W1–W6 and W8", "", "", ""]
    means = [number(mean_ratio(run, peer)) for peer in peers]
    return grid(head, [*rows, [*mean, *means]])


def _summary_row(workload: WorkloadRecord, peers: Sequence[str]) -> list[str]:
    ours = workload.of(OURS)
    return [
        workload.id,
        workload.title,
        number(workload.floor.microseconds),
        number(ours.microseconds_per_step if ours else None),
        number(above_floor(workload, ours) if ours else None),
        *(number(ratio(workload, peer)) for peer in peers),
    ]


def workload_words(workload: WorkloadRecord) -> str:
    """Return a workload's systems, its floor, and what was left out and why."""
    base = base_of(workload)
    head = ["system", "µs a step", f"÷ {OURS}", "× floor", "compile, s", "pays after", "steps",
            "result"]  # fmt: skip
    rows = [_system_row(workload, each, base) for each in workload.measurements]
    parts = [f"### {workload.id}: {workload.title}", floor_words(workload.floor), grid(head, rows)]
    if base:
        parts.append(f"Compiling pays after so many steps against {base.system}.")
    parts += [f"- {name}: left out, {why}" for name, why in workload.left_out.items()]
    return "\n\n".join(parts[:3]) + "\n\n" + "\n".join(parts[3:])


def _system_row(workload: WorkloadRecord, m: Measurement, base: Measurement | None) -> list[str]:
    return [
        m.system,
        number(m.microseconds_per_step),
        number(ratio(workload, m.system)),
        number(above_floor(workload, m)),
        number(m.compile_seconds),
        _steps(break_even(m, base)),
        str(m.steps),
        f"{m.result:.12g}",
    ]


def _steps(count: float | None) -> str:
    if count is None:
        return NOTHING
    return "never" if isinf(count) else f"{count:,.0f}"


def floor_words(floor: FloorRecord) -> str:
    """Return what a step cannot do without, in words."""
    counts = [f"{n:,.0f} × {kind}" for kind, n in floor.operations.items()]
    counts += [f"a chain of {floor.chain:,.0f}"] if floor.chain else []
    counts += [f"{floor.bytes:,.0f} bytes"]
    if floor.microseconds is None:
        return f"Floor: {', '.join(counts)}; without a C++ compiler no rates were measured."
    return f"Floor: {', '.join(counts)}: {number(floor.microseconds)} µs, by the {floor.bound_by}."


def reading_words(id: str, rows: Sequence[Reading], level: int = 2) -> str:
    """Return the readings of one of W9 to W12: a row for each case and size, ours and theirs."""
    systems = list(dict.fromkeys(row.system for row in rows))
    places = list(dict.fromkeys((row.case, row.size, row.quantity) for row in rows))
    cells = {(row.case, row.size, row.quantity, row.system): row for row in rows}
    table = [
        [case, "" if size is None else f"{size:,.0f}", quantity,
         *(_cell(cells.get((case, size, quantity, system))) for system in systems)]
        for case, size, quantity in places
    ]  # fmt: skip
    notes = dict.fromkeys(f"- {row.system}: left out, {row.note}" for row in rows if row.note)
    text = f"{'#' * level} {id}\n\n" + grid(["", "size", "", *systems], table)
    return text + ("\n\n" + "\n".join(notes) if notes else "")


def reading_in_short(row: Reading) -> str:
    """Return a reading as one line.

    Examples
    --------
    >>> reading_in_short(Reading("W12", "jax", "quartic", "seconds", 0.5, 10))
    'jax, quartic, 10: 0.5 seconds'
    """
    place = [row.system, row.case, *([] if row.size is None else [f"{row.size:,.0f}"])]
    found = f"{number(row.value)} {row.quantity}" if row.value is not None else row.note
    return f"{', '.join(place)}: {found}"


def _cell(row: Reading | None) -> str:
    return number(row.value) if row else NOTHING


def threshold_table(rows: Iterable[Threshold]) -> str:
    """Return what issue 11 asks for, and whether it is reached."""
    words = {True: "reached", False: "**not reached**", None: "not measured"}
    return grid(
        ["asked", "wanted", "found", ""],
        [[row.what, row.wanted, number(row.found), words[row.reached]] for row in rows],
    )


def number(value: float | None) -> str:
    """Return a number in three digits.

    Examples
    --------
    >>> number(0.123456), number(12.3456), number(12345.6), number(None)
    ('0.123', '12.3', '12,346', '–')
    """
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _by_id(readings: Iterable[Reading]) -> Iterator[tuple[str, list[Reading]]]:
    grouped: dict[str, list[Reading]] = {}
    for reading in readings:
        grouped.setdefault(reading.id, []).append(reading)
    yield from grouped.items()
