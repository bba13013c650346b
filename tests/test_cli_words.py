"""The command line's words: a short line for each mistake and for output that cannot be written."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from symlab.cli import app

run = CliRunner().invoke
LONG = "a" * 6000


@pytest.mark.parametrize(
    "words, hint",
    [
        (["analyze", "x^2", "--methd", "newton"], "there is no option --methd; did you mean"),
        (["analyze", "x^2", "--methd=newton"], "did you mean '--method'?"),
        (["accuracy", "exp(x)", "--system", "c"], "did you mean '--systems'?"),
        (["compare", "newton", "--backend", "c"], "did you mean '--backends'?"),
        (["analyze", "x", "^", "2"], "put it in quotes"),
        (["analyze", "x^2", "--max-steps", "abc"], "--max-steps"),
        (["analyze"], "analyze: missing argument 'EXPR'."),
        (["analyse", "x^2"], "'analyze'?"),
        (["errata", "8"], "erratum: unknown id '8'; did you mean 'E08'?"),
        (["errata", "99"], "erratum: unknown id '99'; they are numbered E01 to E37. `symlab"),
        (["run", "99"], "they are numbered 1 to"),
        (["analyze", "x^2", "--method", "newtn"], "did you mean 'newton'?"),
        (["analyze", "x^2", "--start", "1", "--backend", "C"], "did you mean 'c'?"),
        (["figures", "foo"], "unknown id 'foo'"),
        (["compare", "foo"], "study: unknown name 'foo'. Known: one_neuron"),
        (["list", "foo"], "list: got unexpected extra argument"),
        (["accuracy", "exp(x)", "--from", "-1e308", "--to", "1e308"], "is beyond float64"),
        (["errata", "E08", "--out", "/proc"], "cannot write to /proc"),
        (["errata", "E03", "--out", "/proc"], "cannot write to /proc"),
        (["figures", "adder", "--out", LONG], "file name too long."),
        (["analyze", "x^2", "--method", LONG], "method: unknown name"),
        (["errata", LONG], "unknown id"),
        (["compare", LONG], "unknown name"),
        (["run", LONG], "unknown lesson"),
        ([LONG], "No such command ... a"),
        (["analyze", "√2x"], "'√2x' has two readings; write sqrt(2)*x or sqrt(2*x)."),
    ],
)
def test_a_mistake_is_one_line_under_200_characters_and_exit_2(words, hint):
    """On stderr, with the nearest thing that exists; nothing was done and nothing is on stdout."""
    done = run(app, words)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert hint in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) <= 200


@pytest.mark.parametrize(
    "formula, said",
    [
        ("sin^2 x + x^2/10", ["read as sin(x)**2 + x**2/10"]),
        ("|x - 2| + x^2", ["read as abs(x - 2) + x**2"]),
        ("xy + x^2 + y^2", ["xy is read as one name; write x*y for a product."]),
        ("π·x^2", ["read as pi*x**2"]),
        ("x^2 + 1", []),
        ("-x + x**2", []),
    ],
)
def test_k16_analyze_echoes_how_a_formula_was_read(formula, said, caplog):
    """Case R45. On stderr, and only where it was not typed as programs spell it."""
    done = run(app, ["analyze", formula, "--json"])
    assert done.exit_code == 0, done.output
    json.loads(done.stdout)
    told = [*done.stderr.splitlines(), *caplog.messages]  # pytest takes the logger's part
    assert len(told) == len(said)
    assert all(line in "".join(told) for line in said)


def shell(command, **variables):
    """Run a line of the shell with the command `symlab` of this Python."""
    line = command.replace("symlab", f"{sys.executable} -m symlab")
    environment = {**os.environ, **variables}
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=environment, check=False
    )


def test_a_full_disk_behind_stdout_is_one_sentence():
    """Exit 2, no traceback, and no complaint of Python's at its end."""
    done = shell("symlab list > /dev/full")
    assert done.stderr == "symlab: cannot write the output: no space left on device.\n"
    assert done.returncode == 2


def test_a_reader_that_closes_the_pipe_ends_the_command_without_a_word():
    """As `| head -1` does; 141 is what a shell says of a program that the pipe ended."""
    done = shell("symlab derive newton | true; echo ${PIPESTATUS[0]}")
    assert done.stderr == ""
    assert done.stdout in {"141\n", "0\n"}


@pytest.mark.parametrize("command", ["analyze 'α²'", "derive newton --json", "list", "analyze √2x"])
def test_a_terminal_without_greek_gets_no_traceback(command):
    """The command ends as it does elsewhere."""
    done = shell(f"symlab {command}", PYTHONIOENCODING="ascii")
    assert done.returncode == (2 if "√" in command else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_while_packages_are_imported_is_one_word():
    """The whole import of symlab, which takes most of a second, and 130 as shells expect."""
    done = shell("timeout --preserve-status -s INT 0.2 symlab list")
    assert done.stderr in {"stopped\n", ""}
    assert done.returncode in {130, -2}
