"""The tables of the kept runs, put where they are read: nothing in them is typed.

`benchmarks/results.json` has the runs, `results.md` their short table, which a wheel holds for
lessons. In a document what stands between `<!-- short: benchmarks/results.json -->`, or
`<!-- systems: ...`, and `<!-- end -->` is replaced.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.kept import load
from benchmarks.records import Run
from benchmarks.table import every_system, in_short

HERE = Path(__file__).resolve().parent
RESULTS, TABLE = HERE / "results.json", HERE / "results.md"
DOCUMENTS = (HERE.parent / "README.md", HERE.parent / "docs" / "speed.md")
MARKED = re.compile(
    r"(<!-- (short|systems): benchmarks/results\.json -->\n).*?(<!-- end -->)", re.S
)
TABLES = {"short": in_short, "systems": every_system}


def filled(text: str, runs: Sequence[Run]) -> str:
    """Return a document with the tables of some runs between its marks.

    Raises
    ------
    ValueError
        If there are no marks.
    """
    found, count = MARKED.subn(lambda m: f"{m[1]}{TABLES[m[2]](runs)}\n{m[3]}", text)
    if not count:
        raise ValueError("document: expected the marks of a table, got none.")
    return found


def published() -> Iterator[tuple[Path, str]]:
    """Yield every file that shows the kept run, and what it should hold."""
    runs = load(RESULTS)
    yield TABLE, f"{in_short(runs)}\n"
    for document in DOCUMENTS:
        yield document, filled(document.read_text(encoding="utf-8"), runs)


def publish() -> list[Path]:
    """Write the tables of the kept runs into every file that shows it; return the files."""
    files = list(published())
    for file, text in files:
        file.write_text(text, encoding="utf-8")
    return [file for file, _ in files]
