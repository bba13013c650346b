"""The command export: a program on stdout or in a file; refusals take one line."""

from pathlib import Path

import exported
import pytest
from typer.testing import CliRunner

from symlab.cli import app


@pytest.fixture
def export(tmp_path, monkeypatch):
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["export", *words])


def test_a_program_goes_to_stdout_and_the_reading_to_stderr(export):
    """So that it can be piped into a compiler."""
    ran = export("x²/20 + 3x", "--to", "python")
    assert ran.exit_code == 0
    assert "read as" in ran.stderr
    answers = exported.run_bare({"f": ran.stdout}, [["f", "f_value", [[2.0]]]])["answers"]
    assert answers == [6.2]


def test_method_step_size_name_and_file_are_chosen(export):
    """In C where no language is named; nothing goes to stdout."""
    ran = export("-x^2 + x^4", "--method", "adam", "--step-size", "1/4", "--name", "loss",
                 "--out", "loss.c")  # fmt: skip
    assert (ran.exit_code, ran.stdout) == (0, "")
    text = Path("loss.c").read_text("utf-8")
    assert "double loss_value(" in text
    assert "const double step_size = 0.25;" in text


def test_a_method_needs_no_formula(export):
    """A step by itself, for gradients of one's own."""
    assert "function adam_step(" in export("--method", "adam", "--to", "javascript").stdout


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "EXPR: expected a formula, or --method with a name."),
        (["x +"], "formula:"),
        (["x^2", "--method", "adm"], "method: unknown name 'adm'; did you mean 'adam'"),
        (["x^2", "--method", "bfgs"], "method: only rules, and newton and steepest with fixed"),
        (["x^2", "--name", "2nd"], "name: expected letters"),
        (["x^2", "--to", "fortran"], "fortran"),
        (["x^2", "--out", "."], "cannot write to .: is a directory"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(export, words, said):
    """With exit code 2, and nothing on stdout."""
    ran = export(*words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
