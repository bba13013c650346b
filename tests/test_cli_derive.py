"""`symlab derive` as a user meets it: the list, four ways to print one, and refusals."""

import json

import pytest
from typer.testing import CliRunner

import symlab as sl
from symlab.book.derivations.register import DERIVATIONS
from symlab.cli import app

run = CliRunner().invoke


def test_without_a_name_it_lists_every_derivation():
    """With its section and its title; names are not broken over lines."""
    done = run(app, ["derive"])
    assert done.exit_code == 0, done.output
    assert all(f" {name} " in done.stdout for name in DERIVATIONS)
    assert "section" in done.stdout


def test_the_list_as_json_is_json_alone():
    """In the order of the chapter."""
    entries = json.loads(run(app, ["derive", "--json"]).stdout)
    assert [entry["name"] for entry in entries] == list(DERIVATIONS)
    assert entries[0] == {
        "section": 1,
        "name": "perceptron_printed",
        "title": DERIVATIONS["perceptron_printed"].title,
    }


def test_a_name_prints_the_steps_for_a_terminal():
    """A formula drawn in Unicode, and beneath it how the arrow was verified."""
    done = run(app, ["derive", "newton"])
    assert done.exit_code == 0, done.output
    assert "x = x₀ - ───────" in done.stdout
    assert "(4)   From (3), solved for x. This is the next iterate." in done.stdout
    assert "the only one where f''(x₀) is not 0" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_latex_and_markdown_are_what_the_derivation_itself_returns(form):
    """Ready to be piped into a file."""
    done = run(app, ["derive", "backtracking", f"--{form}"])
    assert done.stdout.rstrip("\n") == getattr(sl.derive("backtracking"), form)()


def test_json_gives_each_step_as_data():
    """Statement, LaTeX, reason and verification."""
    found = json.loads(run(app, ["derive", "surrogate", "--json"]).stdout)
    assert found["section"] == 11
    assert found["steps"][6]["latex"] == r"P = - \alpha G"
    assert all(step["why"] and step["verified_by"] for step in found["steps"])


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (["derive", "newtn"], "did you mean 'newton'? `symlab derive` lists all."),
        (["derive", "newton", "--latex", "--json"], "give one of --latex, --markdown and --json"),
        (["derive", "--latex"], "derive: name a derivation; `symlab derive` lists them."),
        (["derive", "--markdown"], "derive: name a derivation; `symlab derive` lists them."),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_2(arguments, hint):
    """No traceback, nothing on stdout."""
    done = run(app, arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert hint in done.stderr.splitlines()[-1]
    assert len(done.stderr.strip().splitlines()) == 1
