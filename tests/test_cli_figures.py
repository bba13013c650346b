"""The commands list, run and figures: what they print where, and how they end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symlab import __version__, files
from symlab.book import lessons
from symlab.book.figures import check as gallery
from symlab.book.figures.register import FIGURES
from symlab.book.lessons import Lesson
from symlab.cli import app

CHEAP = "gradient_descent_004"
"""The figure whose lesson takes least time."""


@pytest.fixture
def symlab(tmp_path, monkeypatch):
    """The command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Three quick lessons, the second of which fails."""
    codes = {"one": "print('first')", "two": "1 / 0", "three": "print('third')"}
    found = []
    for number, (name, code) in enumerate(codes.items(), 1):
        path = tmp_path / f"0{number}_{name}.py"
        path.write_text(code)
        found.append(Lesson(number, name, name.title(), path))
    monkeypatch.setattr(lessons, "lessons", lambda: tuple(found))


def test_list_names_every_lesson_and_figure(symlab):
    """For people as a table."""
    ran = symlab("list")
    assert ran.exit_code == 0
    assert all(id in ran.stdout for id in FIGURES)
    assert ran.stderr == ""


def test_list_keeps_its_titles_whole_on_a_terminal_of_80_columns(symlab, monkeypatch):
    """Nothing is cut; the name of a figure is never broken over lines."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = symlab("list").stdout.splitlines()
    title = "The same network, first fixed and then trained"
    assert sum(title in line for line in lines) == 1
    assert all(any(id in line for line in lines) for id in FIGURES)
    assert max(map(len, lines)) <= 80


def test_list_as_json_is_json_alone(symlab):
    """For programs: number, name, title and figures of each."""
    every = json.loads(symlab("list", "--json").stdout)
    drawn = {lesson["name"]: [figure["id"] for figure in lesson["figures"]] for lesson in every}
    assert drawn["step_size"] == [CHEAP]
    assert drawn["newton"] == []
    numbers = {lesson["name"]: lesson["number"] for lesson in every}
    assert numbers["newton"] == 10


def test_version_and_no_command(symlab):
    """The version alone; and without a command the help, as a usage error."""
    assert symlab("--version").stdout == f"symlab {__version__}\n"
    assert "figures" in symlab().output


def test_run_prints_the_lesson_on_stdout_and_the_rest_on_stderr(symlab, shelf):
    """So that a lesson's output can be kept."""
    ran = symlab("run", "one")
    assert ran.exit_code == 0
    assert ran.stdout == "first\n"
    assert "[1/1] 01_one: One" in ran.stderr
    assert "01_one: done in" in ran.stderr


def test_a_failing_lesson_does_not_stop_the_others(symlab, shelf):
    """Its name and traceback are shown, and the exit code says that something failed."""
    ran = symlab("run", "--all")
    assert ran.exit_code == 1
    assert ran.stdout == "first\nthird\n"
    assert "ZeroDivisionError: division by zero" in ran.stderr
    assert "02_two: FAILED" in ran.stderr
    assert "failed: two" in ran.stderr


def test_ctrl_c_stops_in_one_word(symlab, shelf, monkeypatch):
    """Without a traceback, with the exit code that shells use."""

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(lessons, "run", interrupted)
    ran = symlab("run", "--all")
    assert ran.exit_code == 130
    assert ran.stderr.endswith("stopped\n")


@pytest.mark.parametrize(
    "words, message",
    [
        (["run"], "run: name at least one lesson, or give --all"),
        (["run", "newton", "--all"], "not both"),
        (["run", "netwon"], "unknown lesson 'netwon'; did you mean 'newton'?"),
        (["figures", "gradient_descent_01"], "did you mean 'gradient_descent_001'?"),
        (["figures", "--check", "nothing"], "unknown id 'nothing'"),
        (["figures", "--format", "jpeg"], "unknown format 'jpeg'"),
        (["figures", "--format", ""], "expected some of png, svg, pdf"),
        (["figures", "--check", "--format", "svg"], "leave --format out"),
        (["figures", "--jobs", "0"], "jobs: expected a whole number of at least 1, got 0."),
        (["figures", "--check", "--jobs", "-2"], "jobs: expected a whole number of at least 1"),
        (["figures", "--out", "file/below"], "cannot write to file/below: not a directory."),
        (["figures", "--out", "file"], "cannot write to file: file exists."),
        (["figures", "--check", "--out", "file"], "cannot write to file: file exists."),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(symlab, words, message):
    """No traceback, nothing on stdout, and nothing written."""
    Path("file").write_text("in the way")
    ran = symlab(*words)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_figures_writes_what_was_asked_for_where_it_was_asked(symlab):
    """One id, two formats, a folder that did not exist, and nothing else anywhere."""
    ran = symlab("figures", CHEAP, "--out", "deep/er", "--format", "png,pdf")
    assert ran.exit_code == 0
    names = {path.as_posix() for path in Path().rglob("*") if path.is_file()}
    assert names == {f"deep/er/{CHEAP}.{ending}" for ending in ("png", "pdf", "json")}
    assert CHEAP in ran.stdout
    assert "[1/1] 11_step_size: done in" in ran.stderr


def test_a_full_disk_is_one_line_and_leaves_whole_files(symlab, monkeypatch):
    """What was there stays, and what could not be written is named."""
    Path("figures").mkdir()
    Path("figures/adder.png").write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    ran = symlab("figures", "adder")
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert ran.stderr.endswith("cannot write to figures/adder.png: no space left on device.\n")
    assert [path.name for path in Path("figures").iterdir()] == ["adder.png"]
    assert Path("figures/adder.png").read_bytes() == b"old"


def test_two_runs_at_once_and_what_a_killed_one_left(tmp_path):
    """Both end well, with the same files, and the temporary file of the dead one is gone."""
    (tmp_path / f"{files.MARK}adder.png.x").write_bytes(b"half")
    command = [sys.executable, "-m", "symlab", "figures", "adder", "--out", str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    assert all(b"adder" in run.communicate()[0] for run in both)
    assert [run.returncode for run in both] == [0, 0]
    assert {path.name for path in tmp_path.iterdir()} == {"adder.png", "adder.json"}
    assert gallery.compare_files("adder", lessons.folder("figures"), tmp_path, tmp_path).passed


def test_ctrl_c_while_lessons_run_is_one_word_and_leaves_nothing(tmp_path):
    """The real thing: a signal, sent when the lesson's process has been started."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "symlab", "figures", CHEAP, "--out", str(tmp_path / "out")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as run:
        while not any(tmp_path.glob("symlab-figures-*/*")):
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate()
    assert (run.returncode, out, err) == (130, "", "stopped\n")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert list((tmp_path / "out").iterdir()) == []


def test_trouble_with_the_machine_is_a_sentence_and_no_traceback(symlab, shelf, monkeypatch):
    """Of a lesson that a full disk stopped, only what to do is shown."""
    stopped = lessons.Outcome(lessons.lessons()[0], 1.0, "Traceback ...\n", "There is no space.")
    monkeypatch.setattr(lessons, "run", lambda _: stopped)
    ran = symlab("run", "one")
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[1:] == ["There is no space.", "01_one: FAILED in 1.0 s"]


def test_what_every_process_says_is_shown_once(symlab, monkeypatch):
    """A missing compiler is missed by each of them."""
    found = [lessons.Outcome(each, 1.0, stderr="No g++.\n") for each in lessons.lessons()[:2]]

    def regenerate(_, output, progress, *, jobs):
        for outcome in found:
            progress(outcome)
        return tuple(found)

    monkeypatch.setattr(gallery, "regenerate", regenerate)
    ran = symlab("figures", "MLP", "adder", "--jobs", "2")
    assert ran.stderr.splitlines() == [
        "No g++.",
        "[1/2] 01_perceptron: done in 1.0 s",
        "[2/2] 02_one_neuron: done in 1.0 s",
    ]


def test_check_passes_on_the_committed_figures_and_leaves_nothing(symlab):
    """No evidence folder either."""
    ran = symlab("figures", "--check", CHEAP)
    assert ran.exit_code == 0
    assert "passed" in ran.stdout
    assert "1 figure: 1 of 1 passed" in ran.stderr
    assert list(Path().iterdir()) == []


def drawn_before(drawn):
    """What draws figures, by taking each from where its lesson has drawn it in this test run."""

    def regenerate(ids, output, *_, **__):
        for id in ids:
            names = (f"{id}.png", f"{id}.json")
            files = [shutil.copy(drawn(id) / name, output.directory) for name in names]
            output.written[id] = tuple(map(Path, files))
        return ()

    return regenerate


def test_check_names_each_figure_and_number_that_is_wrong(symlab, drawn, tmp_path, monkeypatch):
    """Exit code 1, one picture of the difference a figure, and no complaint of the sound one."""
    baseline = tmp_path / "baseline"
    shutil.copytree(lessons.folder("figures"), baseline)
    for id, kind, name in (
        (CHEAP, "numbers", "new iterate"),
        ("adder", "words", "axes 0, text 0"),
        ("gradient_descent_005", "numbers", "EWMA at 3"),
    ):
        wrong = json.loads((baseline / f"{id}.json").read_text())
        if kind == "words":
            wrong[kind][name] = "minus"
        else:
            wrong[kind][name]["value"] += 10 * wrong[kind][name]["tolerance"]
        (baseline / f"{id}.json").write_text(json.dumps(wrong))
    monkeypatch.setattr(gallery, "folder", lambda _: baseline)
    monkeypatch.setattr(gallery, "regenerate", drawn_before(drawn))
    asked = (CHEAP, "adder", "gradient_descent_005", "multiplier")
    ran = symlab("figures", "--check", *asked, "--out", "evidence")
    assert ran.exit_code == 1
    words = " ".join(ran.stdout.split())
    assert "new iterate: committed 2.6" in words
    assert "axes 0, text 0: committed minus, drawn" in words
    assert "EWMA at 3: committed 0.0666" in words
    assert re.search(r"multiplier +passed", ran.stdout)
    left = {path.name for path in Path("evidence").iterdir()}
    assert left == {f"{id}-difference.png" for id in asked[:3]}


def test_the_module_is_the_command_and_starts_light():
    """`python -m symlab`; asking for the version must not wait for a compiler or a plot."""
    code = (
        "import sys; sys.argv = ['symlab', '--version']\n"
        "import runpy, atexit\n"
        "heavy = {'pytensor', 'matplotlib', 'pandas', 'numba', 'sklearn'}\n"
        "atexit.register(lambda: print(sorted(heavy & sys.modules.keys())))\n"
        "runpy.run_module('symlab', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert ran.stdout == f"symlab {__version__}\n[]\n"
    assert (ran.returncode, ran.stderr) == (0, "")
