"""The command fit: a model and a table, parameters with standard errors; refusals take one line."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import symlab as sl
from symlab.cli import app

STEEL = sl.problems.nist["Chwirut2"]
MODEL = "exp(-b1*x)/(b2 + b3*x)"


@pytest.fixture
def fit(tmp_path, monkeypatch):
    """Run the command in a folder with a table of Chwirut2, and one that is none."""
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(
        f"{x!r},{y!r}" for x, y in zip(STEEL.x.tolist(), STEEL.y.tolist(), strict=True)
    )
    (tmp_path / "steel.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    (tmp_path / "more.csv").write_text("x,y,z\n1,2,3\n2,3,5\n3,5,8\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    return lambda *words: CliRunner().invoke(app, ["fit", *words])


def test_parameters_and_standard_errors_are_those_that_nist_certifies(fit):
    """As plain data, for other programs."""
    ran = fit(MODEL, "steel.csv", "--start", "b2=0.008, b3=0.01, b1=0.15", "--json")
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    certified = np.array(STEEL.certified, dtype=float)
    np.testing.assert_allclose(list(found["parameters"].values()), certified, rtol=1e-9)
    errors = np.array(STEEL.standard_errors, dtype=float)
    np.testing.assert_allclose(list(found["standard_errors"].values()), errors, rtol=1e-9)
    assert found["degrees_of_freedom"] == 51


def test_the_text_has_a_row_for_each_parameter(fit):
    """And how far the data scatter about the curve."""
    ran = fit(MODEL, "steel.csv", "--start", "0.15,0.008,0.01")
    assert ran.stdout.splitlines()[1].split()[0] == "b1"
    assert "residual standard deviation 3.171713" in ran.stdout


def test_the_response_is_chosen_and_missing_errors_are_explained(fit):
    """Two parameters that are one cannot be told apart."""
    ran = fit("(a + b)*x", "more.csv", "--start", "1,1", "--response", "z")
    assert ran.exit_code == 0
    assert "No standard errors: the data do not tell the parameters apart" in ran.stdout


@pytest.mark.parametrize(
    "words, said",
    [
        ([MODEL, "none.csv", "--start", "1,1,1"], "'none.csv' cannot be read: no such file"),
        ([MODEL, ".", "--start", "1,1,1"], "'.' cannot be read: this is no file"),
        ([MODEL, "empty.csv", "--start", "1,1,1"], "data: 'empty.csv' is no table"),
        ([MODEL, "steel.csv", "--start", "1,1"], "start: expected a number for each of b1, b2, b3"),
        ([MODEL, "steel.csv", "--start", "b1=1,b2=1,b4=1"], "start: unknown parameter 'b4'"),
        ([MODEL, "steel.csv", "--start", "b1=1,b2=1,b2=1"], "start: a parameter is given twice"),
        ([MODEL, "steel.csv", "--start", "1,one,1"], "start: expected numbers"),
        (["a*x", "more.csv", "--start", "1"], "response: expected just one column"),
        (["a*", "more.csv", "--start", "1"], "formula:"),
        (["a*x", "more.csv", "--start", "1", "--response", "y", "--method", "newtn"], "newton"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(fit, words, said):
    """With exit code 2, and nothing on stdout."""
    ran = fit(*words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert max(map(len, ran.stderr.splitlines())) < 200
