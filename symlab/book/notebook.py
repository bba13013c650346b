"""A lesson as a Jupyter notebook: its prose as Markdown cells, its code as code cells.

A lesson is a script in cells that begin with `# %%`. The comment at the head of a cell is prose; a
line of it that is underlined is a heading. The notebook holds no results: it is there to be run.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from symlab.book.lessons import Lesson
from symlab.files import replace_file

CELL = re.compile(r"^# %%.*\n", re.MULTILINE)
PROSE = re.compile(r"(?:#.*\n)+")
HEADING = re.compile(r"^(.+)\n([=-])\2{3,}$", re.MULTILINE)
LEVELS = {"=": "#", "-": "##"}

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_of(lesson: Lesson) -> dict[str, Any]:
    """Return a lesson as a notebook in Jupyter's format 4.5.

    The same lesson always gives the same notebook.

    Examples
    --------
    >>> from symlab.book.lessons import find
    >>> (newton,) = find(["newton"])
    >>> first = notebook_of(newton)["cells"][0]
    >>> first["cell_type"], first["source"].splitlines()[0]
    ('markdown', "# Newton's method: curvature buys speed, not a minimum")
    """
    return assemble(lesson.path.stem, _cells(lesson.path.read_text(encoding="utf-8")))


def write_notebook(lesson: Lesson, folder: Path) -> Path:
    """Write a lesson as `NN_name.ipynb` into a folder, which is made if need be; return the path.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return save(notebook_of(lesson), folder / f"{lesson.path.stem}.ipynb")


def assemble(stem: str, cells: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of these cells, each with an id made of the stem and its number."""
    start = stem[:40].replace("_", "-")
    named = [{"id": f"{start}-{number:02}", **cell} for number, cell in enumerate(cells)]
    return {"cells": named, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def save(notebook: dict[str, Any], place: Path) -> Path:
    """Write a notebook to a file, whose folder is made if need be; return the path.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    replace_file(place, f"{text}\n".encode())
    return place


def _cells(text: str) -> Iterator[dict[str, Any]]:
    """Return the cells of a script, the first of which is its docstring."""
    docstring, *blocks = CELL.split(text)
    yield prose_cell(re.sub(r'^r?"""|"""$', "", docstring.strip()))
    for block in blocks:
        head = PROSE.match(block)
        prose, code = (head[0], block[head.end() :]) if head else ("", block)
        if prose:
            yield prose_cell(re.sub(r"^# ?", "", prose, flags=re.MULTILINE))
        if code.strip():
            yield code_cell(code.strip())


def prose_cell(text: str) -> dict[str, Any]:
    """Return a Markdown cell; a line that is underlined is a heading."""
    headed = HEADING.sub(lambda found: f"{LEVELS[found[2]]} {found[1]}\n", text.strip())
    return {"cell_type": "markdown", "metadata": {}, "source": headed}


def code_cell(text: str) -> dict[str, Any]:
    """Return a code cell that has not been run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
    }
