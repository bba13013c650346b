"""Every lesson is a notebook as well: valid, the same code; formulas and figures are shown."""

import ast
import json
import re

import nbformat
import pytest
import sympy as sp
from typer.testing import CliRunner

import symlab as sl
from symlab import nn
from symlab.book.lessons import lessons
from symlab.book.notebook import notebook_of
from symlab.cli import app

run = CliRunner().invoke
LESSONS = {lesson.name: lesson for lesson in lessons()}
EXECUTED = tuple(LESSONS)[1::4]
"""Lessons executed as notebooks, about a minute less than all; the code of each is its script's."""

x, y = sp.symbols("x y", real=True)


def code_of(notebook):
    """The code cells, one after the other."""
    return "\n".join(c["source"] for c in notebook["cells"] if c["cell_type"] == "code")


def shown_by(notebook):
    """Every output of every cell, by its type, in order."""
    return [
        (kind, content)
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        for kind, content in output.get("data", {output["output_type"]: output}).items()
    ]


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_is_valid_and_has_the_lessons_code(name):
    """The prose is Markdown: no comment is left where the script has a cell's text."""
    notebook = notebook_of(LESSONS[name])
    nbformat.validate(nbformat.from_dict(notebook))
    script = ast.parse(LESSONS[name].path.read_text(encoding="utf-8"))
    assert ast.dump(ast.parse(code_of(notebook))) == ast.dump(
        ast.Module(script.body[1:], script.type_ignores)
    )
    first, *rest = notebook["cells"]
    assert first["source"].startswith("# ")
    titles = [c["source"] for c in rest if c["cell_type"] == "markdown"]
    assert not any(re.search("^(#{3,}|---|===)", title, re.MULTILINE) for title in titles)
    assert not any(cell["source"].startswith("# ") for cell in rest if cell["cell_type"] == "code")


@pytest.mark.parametrize("name", EXECUTED)
def test_a_notebook_runs_and_shows_a_formula_and_its_figures(name, once):
    """In a kernel of its own; `nbclient` raises where a cell does."""
    shown = shown_by(once.notebook(LESSONS[name].path))
    kinds = {kind for kind, _ in shown}
    assert kinds & {"text/latex", "text/html"}
    pictures = sum(kind == "image/png" for kind, _ in shown)
    assert pictures >= len({f.id.removesuffix("_corrected") for f in LESSONS[name].figures})
    printed = [output for kind, output in shown if kind == "stream" and output["name"] == "stdout"]
    assert printed


def test_the_command_writes_one_or_all(tmp_path):
    """Into the folder asked for; one line for each file, and the nearest name for a typo."""
    done = run(app, ["notebook", "newton", "--out", str(tmp_path)])
    assert done.stdout.split() == [str(tmp_path / "10_newton.ipynb")]
    cells = json.loads((tmp_path / "10_newton.ipynb").read_text("utf-8"))["cells"]
    assert cells[0]["source"].startswith("# Newton")
    done = run(app, ["notebook", "--all", "--out", str(tmp_path / "all")])
    assert len(list((tmp_path / "all").glob("*.ipynb"))) == len(LESSONS)
    assert "did you mean 'newton'" in run(app, ["notebook", "newtn"]).stderr
    assert run(app, ["notebook"]).exit_code == 2


def test_lessons_are_copied_to_where_they_can_be_edited(tmp_path):
    """What the reader has edited there already is kept."""
    (tmp_path / "10_newton.py").write_text("mine")
    done = run(app, ["lessons", "--copy", str(tmp_path)])
    assert done.exit_code == 0
    assert "kept" in done.stderr
    assert (tmp_path / "10_newton.py").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {
        lesson.path.name for lesson in LESSONS.values()
    }
    copied = tmp_path / "12_momentum.py"
    assert copied.read_text("utf-8") == LESSONS["momentum"].path.read_text("utf-8")


def test_results_show_themselves_in_a_notebook():
    """As a table or a formula, whatever characters they hold."""
    f = sl.Objective(2 - 3 * x**3 + x**4)
    analysis = sl.analyze(f, sl.gradient_descent(step_size=0.1))._repr_html_()
    assert "<td>x = 9/4</td><td>minimum</td>" in analysis
    assert "2.1475" in analysis
    inputs = nn.Input((2,))
    model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(nn.Dense(4)(inputs)))
    assert "<td>dense (Dense)</td><td>(n, 4)</td><td>12</td>" in model._repr_html_()
    history = model.fit(
        [[0.0, 1.0], [1.0, 0.0]], [[0.0], [1.0]], loss="mean_squared_error", epochs=2,
        backend="interpreted",
    )  # fmt: skip
    assert history._repr_html_().count("<tr") == 3
    assert r"\leftarrow" in sl.momentum._repr_latex_()
    method = sl.method(direction=sl.newton, search=sl.armijo)._repr_latex_()
    assert r"\qquad" in method
    assert method.startswith(r"$\displaystyle")
