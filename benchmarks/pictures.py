"""Pictures of a run: the ladder of W1 to W8, growth (W9) and derivation (W12).

A ladder goes from the chapter's SymPy loop down to a whole compiled run, and to the peers.
"""

from collections.abc import Iterator, Sequence
from math import ceil, isinf
from pathlib import Path
from typing import Any

from benchmarks.machine import busy_reasons
from benchmarks.ratios import OURS, UNCOMPILED, base_of, break_even
from benchmarks.records import FLOOR, Measurement, Reading, Run, WorkloadRecord
from benchmarks.table import number

RUNGS = {
    "sympy-loop": "SymPy loop",
    "symlab-sympy": "symlab, exact",
    "lambdify": "lambdify",
    "symlab-interpreted": "symlab, interpreted",
    "symlab-c-calls": "symlab, one call per step",
    "symlab-c": "symlab, whole run in C",
    "symlab-numba": "symlab, whole run in Numba",
    "numpy": "NumPy",
    "scikit-learn": "scikit-learn",
    "torch": "PyTorch, eager",
    "jax": "JAX",
}
"""From the slowest way to the fastest, then the peers, each with its words."""

COLUMNS = 2
OURS_COLOUR, PEER_COLOUR, LOOP_COLOUR, FLOOR_COLOUR = "#1f6f8b", "#c8963e", "#9a9a9a", "#b03030"


def draw(run: Run, folder: Path) -> list[Path]:
    """Draw every picture the run has numbers for, as PNG and SVG; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [file for name, figure in _figures(run) for file in _saved(figure, folder / name)]


def _figures(run: Run) -> Iterator[tuple[str, Any]]:
    if run.workloads:
        yield "ladder", ladder(run)
    if growing := [r for r in run.readings if r.id == "W9"]:
        yield "growth", lines(growing, ("", "microseconds per step"), note(run))
    if derived := [r for r in run.readings if r.id == "W12"]:
        yield "derivation", lines(derived, ("variables", "seconds"), note(run))


def _saved(figure: Any, stem: Path) -> list[Path]:
    files = [stem.with_suffix(f".{kind}") for kind in ("png", "svg")]
    for file in files:
        figure.savefig(file, dpi=150, bbox_inches="tight")
    return files


def note(run: Run) -> str:
    """Return the line below a picture: the machine, and whether it was idle."""
    idle = "idle otherwise" if not busy_reasons(run.machine) else "NOT idle"
    quick = ", a quick run" if run.quick else ""
    return f"{run.machine.cpu}, {run.machine.cores} cores, {idle}{quick}"


def ladder(run: Run) -> Any:
    """Return a figure with one panel for each workload: a bar for each way, on a log axis."""
    count = len(run.workloads)
    figure, panels = _panels(count, (7.0, 3.4))
    for panel, workload in zip(panels, run.workloads, strict=False):
        _rungs(panel, workload)
    figure.supxlabel(
        "microseconds per step, dotted: the floor; beside a bar, after how many steps compiling "
        f"pays against {UNCOMPILED[0]} or else {UNCOMPILED[1]}\n{note(run)}",
        fontsize=9,
    )
    return figure


def _panels(count: int, size: tuple[float, float]) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure

    columns = min(COLUMNS, count)
    rows = ceil(count / columns)
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for unused in axes[count:]:
        unused.set_axis_off()
    return figure, axes


def _rungs(panel: Any, workload: WorkloadRecord) -> None:
    base = base_of(workload)
    known = [m for name in RUNGS if (m := workload.of(name))]
    for place, m in enumerate(known):
        panel.barh(place, m.microseconds_per_step, color=_colour(m.system), height=0.7)
        panel.text(m.microseconds_per_step, place, f" {_label(m, base)}", va="center", fontsize=8)
    panel.set_yticks(range(len(known)), [_words(m) for m in known], fontsize=8)
    panel.invert_yaxis()
    panel.set_xscale("log")
    floor = workload.floor.microseconds
    times = [m.microseconds_per_step for m in known] + ([floor] if floor else [])
    if floor:
        panel.axvline(floor, color=FLOOR_COLOUR, linestyle=":")
    if times:  # room on the right for the words beside the longest bar
        panel.set_xlim(min(times) / 2, 5 * max(times) * (max(times) / min(times)) ** 0.35)
    panel.set_title(f"{workload.id}: {workload.title}", fontsize=9)


def _words(m: Measurement) -> str:
    """A rung's words; where a step is all there is, nothing is a run."""
    return RUNGS[m.system].replace("whole run", "one call") if m.steps == 1 else RUNGS[m.system]


def _colour(system: str) -> str:
    if system.startswith("symlab"):
        return OURS_COLOUR
    return LOOP_COLOUR if system in ("sympy-loop", "lambdify") else PEER_COLOUR


def _label(m: Measurement, base: Measurement | None) -> str:
    count = break_even(m, base)
    text = f"{number(m.microseconds_per_step)} µs"
    return text if not count or isinf(count) else f"{text}, pays after {count:,.0f}"


def lines(readings: Sequence[Reading], units: tuple[str, str], below: str) -> Any:
    """Return a log-log figure: a panel for each case, a line for each system and stage.

    A case such as "rosenbrock: gradient derived" is a stage of the case before the colon.
    """
    cases = list(dict.fromkeys(_parts(reading)[0] for reading in readings))
    figure, panels = _panels(len(cases), (5.5, 3.8))
    for panel, case in zip(panels, cases, strict=False):
        within = [r for r in readings if _parts(r)[0] == case]
        for name in dict.fromkeys(_parts(r)[1] for r in within):
            _line(panel, name, [r for r in within if _parts(r)[1] == name])
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_title(case, fontsize=9)
        panel.set_xlabel(units[0] or case, fontsize=8)
        panel.set_ylabel(units[1], fontsize=8)
        panel.legend(fontsize=8)
    figure.supxlabel(below, fontsize=9)
    return figure


def _parts(reading: Reading) -> tuple[str, str]:
    """The panel of a reading, and its line."""
    case, _, stage = reading.case.partition(": ")
    return case, f"{reading.system}, {stage}" if stage else reading.system


def _line(panel: Any, name: str, readings: Sequence[Reading]) -> None:
    known = [(r.size, r.value) for r in readings if r.value is not None]
    panel.plot(
        [size for size, _ in known],
        [value for _, value in known],
        marker="o",
        markersize=3,
        linewidth=2 if name.startswith(OURS) else 1,
        linestyle=":" if name == FLOOR else "-",
        label=name if len(known) == len(readings) else f"{name} (no time for more)",
    )
