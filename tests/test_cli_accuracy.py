"""`symlab accuracy` as a user meets it: the list, a table, a picture, JSON, refusals."""

import json

import pytest
from typer.testing import CliRunner

from symlab.cli import app
from symlab.lab.accuracy.cases import ULP_CASES

run = CliRunner().invoke
QUICK = ["--systems", "lambdify, interpreted"]


def test_without_a_name_the_cases_are_listed():
    """Whoever does not know a name finds it here."""
    done = run(app, ["accuracy"])
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name in ULP_CASES)
    listed = json.loads(run(app, ["accuracy", "--json"]).stdout)
    assert [each["name"] for each in listed] == list(ULP_CASES)


def test_a_case_prints_its_table():
    """The chapter's sigmoid loses numbers as stated; progress is on stderr."""
    done = run(app, ["accuracy", "sigmoid", *QUICK])
    assert done.exit_code == 0, done.output
    assert "stabilised: sigmoid(z)" in done.stdout
    assert "2 lost" in done.stdout
    assert "measuring" not in done.stdout
    assert "measuring" in done.stderr


def test_json_is_json_alone():
    """A row for each system, precision and form."""
    done = run(app, ["accuracy", "newton_correction", *QUICK, "--json"])
    found = json.loads(done.stdout)
    assert found["name"] == "newton_correction"
    assert len(found["errors"]) == 2 * 2 * 2
    assert {row["precision"] for row in found["errors"]} == {"float64", "float32"}
    stated = [row["max_ulps"] for row in found["errors"] if not row["stable"]]
    assert min(stated) > 1e6


def test_a_typed_formula_is_measured_where_it_is_asked_for_and_drawn(tmp_path):
    """It may begin with a minus, which is no option."""
    picture = tmp_path / "errors.png"
    ends = ["--from", "-2", "--to", "2.5"]
    done = run(app, ["accuracy", "-x + exp(x)", *ends, *QUICK, "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert "as stated:  -x + exp(x)" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (["sigmod"], "did you mean 'sigmoid'"),
        (["sigmoid", "--systems", "nunba"], "did you mean 'numba'"),
        (["sigmoid", "--from", "0", "--to", "1"], "a named case has points of its own"),
        (["x + 1", "--from", "0"], "from, to: expected two numbers that increase"),
        (["x + y"], "expected a formula in one symbol, got x, y"),
        (["sigmoid", "--plot", "errors.pgn"], "did you mean 'png'"),
        (["__import__('os').system('true')"], "formula"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_2(arguments, hint):
    """No traceback, nothing on stdout."""
    done = run(app, ["accuracy", *arguments])
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert hint in done.stderr.splitlines()[-1]
