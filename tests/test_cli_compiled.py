"""`symlab compiled` as a user meets it: the table, a picture, JSON, refusals."""

import json

import pytest
from typer.testing import CliRunner

from symlab.cli import app

run = CliRunner().invoke
QUICK = ["--backend", "interpreted"]


def test_a_typed_formula_is_shown_and_drawn(tmp_path):
    """How it was read is said on stderr, and the picture is a picture."""
    picture = tmp_path / "graphs.png"
    done = run(app, ["compiled", "ln(1 + exp(2x))", *QUICK, "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert "log-sum-exp" in done.stdout
    assert "read as" in done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_json_is_json_alone():
    """An error that is infinite is null."""
    found = json.loads(run(app, ["compiled", "log(1 + exp(x))", *QUICK, "--json"]).stdout)
    assert found["backend"] == "interpreted"
    assert found["rewrites"][0]["name"] == "log-sum-exp"
    assert found["rewrites"][0]["ulps_before"] is None
    assert found["rewrites"][0]["nodes_before"] == 3


@pytest.mark.parametrize(
    "arguments, hint",
    [(["x +"], "formula"), (["x^2", "--backend", "d"], "backend: unknown name 'd'")],
)
def test_a_wrong_word_is_refused(arguments, hint):
    """With exit code 2."""
    done = run(app, ["compiled", *arguments])
    assert done.exit_code == 2
    assert hint in done.stderr
