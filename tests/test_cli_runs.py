"""`symlab compare`, `analyze` and `doctor` as a user meets them: output, exit codes, refusals."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symlab.book.experiments import STUDIES
from symlab.cli import app
from symlab.engine.compiled import functions as compiled
from symlab.lab.compare.compare import summary
from symlab.lab.doctor import examine
from symlab.lab.typed_formula import analyze_text

run = CliRunner().invoke
QUARTIC = "2 - 3*x**3 + x**4"


def test_compare_prints_every_backend_and_exits_0():
    """The chapter's descent is right on all of them."""
    done = run(app, ["compare", "gradient_descent"])
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name in ("sympy", "c", "numba", "interpreted", "speed-up"))
    assert "right to within rounding" in done.stdout


def test_compare_exits_1_when_a_result_is_wrong(monkeypatch):
    """A gradient that is off by 1e-12 is found, and the study is named."""
    right = compiled.CompiledObjective.value_and_gradient

    def wrong(self, point):
        value, gradient = right(self, point)
        return value, gradient * (1 + 1e-12)

    monkeypatch.setattr(compiled.CompiledObjective, "value_and_gradient", wrong)
    done = run(app, ["compare", "newton", "gradient_descent", "--backends", "interpreted"])
    assert done.exit_code == 1
    assert "do NOT agree with exact arithmetic: newton, gradient_descent" in done.stdout


def test_compare_json_is_json_alone():
    """Progress is on stderr; each row names study, backend and agreement."""
    done = run(app, ["compare", "newton", "--backends", "interpreted", "--json"])
    rows = json.loads(done.stdout)
    assert [row["backend"] for row in rows] == ["sympy", "interpreted"]
    assert all(row["study"] == "newton" and row["agrees"] is True for row in rows)
    assert "newton ..." in done.stderr


def test_a_page_gets_the_table_between_its_marks(tmp_path):
    """What stands before and behind stays; a page without marks is refused and not changed."""
    page, bare = tmp_path / "page.md", tmp_path / "bare.md"
    page.write_text("above\n<!-- compare -->\nold\n<!-- end -->\nbelow\n", encoding="utf-8")
    bare.write_text("above\n", encoding="utf-8")
    wanted = ["compare", "newton", "--backends", "interpreted", "--page"]
    done = run(app, [*wanted, str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert text.startswith("above\n<!-- compare -->\n```text\nstudy ")
    assert text.endswith("is right to within rounding.\n```\n<!-- end -->\nbelow\n")
    assert "old" not in text
    refused = run(app, [*wanted, str(bare)])
    assert refused.exit_code == 2
    assert "page: bare.md has no lines" in refused.stderr
    assert "newton ..." not in refused.stderr, "a run of minutes is not begun for nothing"
    assert bare.read_text(encoding="utf-8") == "above\n"


def test_the_published_table_has_every_study_on_every_backend():
    """As `symlab compare` would print it today, but for the numbers."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "agreement.md").read_text("utf-8")
    table = page.split("<!-- compare -->\n```text\n")[1].split("\n\n")[0].splitlines()
    headings, _ = summary({})
    assert re.split(r"  +", table[0].strip()) == list(headings)
    rows = [re.split(r"  +", line) for line in table[2:]]  # a name, or nothing, comes first
    assert [row[0] for row in rows if row[0]] == list(STUDIES)
    backends = [row[1] for row in rows]
    assert backends == ["sympy", "c", "numba", "interpreted"] * len(STUDIES)
    assert all("yes" in row for row in rows)


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (["compare", "newtn"], "did you mean 'newton'"),
        (["compare", "newton", "--backends", "nunba"], "did you mean 'numba'"),
        (["analyze", QUARTIC, "--method", "momentun"], "did you mean 'momentum'"),
        (["analyze", QUARTIC, "--step-size", "-1"], "step_size must lie in (0, ∞)"),
        (["analyze", QUARTIC, "--start", "1,2"], "start: expected 1 coordinate, got 2"),
        (["analyze", QUARTIC, "--start", "1.5", "--method", "newton"], "Hessian is singular"),
        (["analyze", QUARTIC, "--start", "y"], "start: expected numbers, got 'y'"),
        (["analyze", QUARTIC, "--plot", "p.png"], "plot: there is a run to draw only with --start"),
        (["analyze", "log(-1)"], "not"),
        (["analyze", "2"], "no variable to minimise over"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_2(arguments, hint):
    """No traceback, nothing on stdout."""
    done = run(app, arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert hint in done.stderr.splitlines()[-1]


ATTACKS = [
    "__import__('os').system('true')",
    "x.__class__",
    "(lambda: 0)()",
    "9**9**9**9",
    "x" * 100_000,
    "(" * 10_000,
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("formula", ATTACKS, ids=lambda formula: formula[:20])
def test_an_attack_on_the_parser_is_refused_at_once(formula):
    """Text is parsed, never evaluated, and is refused before anything heavy is done."""
    done = run(app, ["analyze", formula])
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert len(done.stderr) < 400


def test_analyze_says_why_the_chapters_descent_oscillates():
    """Limit, best step, multiplier and cycle come out of the formula as typed."""
    done = run(app, ["analyze", QUARTIC, "--step-size", "0.1"])
    assert done.exit_code == 0, done.output
    assert all(part in done.stdout for part in ("8/81", "4/81", "-41/40", "2.1475, 2.3366"))


def test_analyze_runs_from_a_start_and_draws(tmp_path):
    """With --start there is a run; with --plot a picture of it."""
    picture = tmp_path / "run.png"
    arguments = ["analyze", "(1-x)^2 + 100*(y-x^2)^2", "--method", "newton"]
    done = run(app, [*arguments, "--start", "-1.2,1", "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert "After 7 steps" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_analyze_json_holds_analysis_and_run():
    """Numbers come exact and as floats."""
    done = run(app, ["analyze", QUARTIC, "--start", "0.1", "--max-steps", "3", "--json"])
    found = json.loads(done.stdout)
    assert found["analysis"]["step_limit"]["exact"] == "8/81"
    assert len(found["run"]["iterates"]) == 4


def test_predicted_and_measured_rate_stand_side_by_side():
    """On a quadratic they are the same number."""
    told = analyze_text("x^2/20 + y^2", "gradient_descent", "0.4", "-5,-2", max_steps=400).text
    assert "Rate per step: predicted 0.96, measured 0.96." in told


def test_a_method_of_order_two_has_no_rate():
    """Its errors fall faster at every step, so it is the order that is measured."""
    told = analyze_text("2 - 3x^3 + x^4", "newton", None, "2").text
    assert "Order: predicted 2, measured 2; errors fall by no constant rate." in told
    assert "Rate" not in told


def test_doctor_looks_at_every_backend(once, monkeypatch):
    """All that the tests need works, so it exits 0."""
    found = once.result("doctor", "", examine)
    monkeypatch.setattr("symlab.lab.doctor.examine", lambda: found)
    done = run(app, ["doctor"])
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name in ("BLAS", "compile cache", "numba", "interpreted"))


def test_without_a_compiler_one_sentence_and_a_result(tmp_path):
    """PyTensor finds no g++ on an empty PATH: the c backend then runs interpreted."""
    script = (
        "import symlab as sl\n"
        "f = sl.problems['quartic'].objective\n"
        "trace = sl.minimize(f, [2], 'newton', backend='c')\n"
        "print(trace.backend, trace.x[0])\n"
    )
    flags = f"base_compiledir={tmp_path}"
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", script],
        env={**os.environ, "PATH": str(tmp_path), "PYTENSOR_FLAGS": flags},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "interpreted 2.25\n", done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "no C++ compiler was found" in done.stderr
