"""Lessons in processes of their own: how many, what ends them, and what a death takes with it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from symlab.book.figures.saving import Output
from symlab.book.figures.worker_pool import draw, usable_cores
from symlab.book.lessons import Lesson

DRAWS = """
from matplotlib.figure import Figure
import symlab as sl
sl.save_figure("adder", Figure(), backend="sympy")
"""

ENDURES = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({place!r}, "w").write(f"{{os.getpid()}} {{child.pid}}\\n")
time.sleep(60)
"""
"""A lesson in the middle of something, such as a compiler at work."""

ONLY_WITH_ANOTHER_CACHE = """
import os, signal
if "symlab-figures-" not in os.environ.get("PYTENSOR_FLAGS", ""):
    {code}
"""


@pytest.fixture
def lesson(tmp_path):
    """Make a lesson of some code."""

    def make(code, name="made_up"):
        path = tmp_path / f"09_{name}.py"
        path.write_text(code)
        return Lesson(9, name, "Made up", path)

    return make


def outcomes(lessons, jobs=1):
    """What becomes of lessons, by name, with the names of the files they drew."""
    with closing(draw(lessons, Output(only=frozenset({"adder"})), jobs)) as drawn:
        return {
            each.lesson.name: (each, [file.name for paths in files.values() for file in paths])
            for each, files in drawn
        }


def is_gone(process):
    """Whether a process has ended; one that nobody has asked about counts as such."""
    ran = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return ran.stdout.strip() in {"", "Z", "Zs"}


def eventually(condition, seconds=20):
    """Whether something becomes true before long."""
    end = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return done


def test_a_lesson_draws_into_a_scratch_folder(lesson, tmp_path, monkeypatch):
    """Its own pictures too: the folder in which figures were asked for is none of its business."""
    monkeypatch.chdir(tmp_path)
    code = f"{DRAWS}\nopen('left', 'w').write('here')\nprint('for readers')"
    (outcome, names) = outcomes([lesson(code)])["made_up"]
    assert (outcome.error, outcome.remedy, outcome.stderr) == ("", "", "")
    assert names == ["adder.png", "adder.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["09_made_up.py"]


def test_at_most_as_many_processes_as_asked_for_each_on_one_thread(lesson):
    """Five lessons, two processes, so some run several; what they say on stderr is kept."""
    code = "import os, sys\nprint(os.getpid(), os.environ['OMP_NUM_THREADS'], file=sys.stderr)"
    found = outcomes([lesson(code, f"number_{n}") for n in range(5)], jobs=2)
    said = [outcome.stderr.split() for outcome, _ in found.values()]
    assert len(said) == 5
    assert len({process for process, _ in said}) <= 2
    assert {threads for _, threads in said} == {"1"}
    assert usable_cores() >= 1


def test_a_process_that_is_killed_fails_its_lesson_and_no_other(lesson):
    """As when memory runs out; the next lesson gets a new process."""
    killed = lesson("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed")
    found = outcomes([killed, lesson(DRAWS)])
    assert found["killed"][0].error == (
        "the process that ran it ended with SIGKILL; if memory is short, try --jobs 1\n"
    )
    assert found["made_up"][1] == ["adder.png", "adder.json"]


@pytest.mark.parametrize(
    "code, words",
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "ended with SIGSEGV, as with a damaged"),
        (
            "exec(compile('pickle.loads(bytes())', 'numba/core/caching.py', 'exec'))",
            "is damaged (NameError",
        ),
    ],
)
def test_a_lesson_that_a_damaged_cache_brings_down_runs_again_with_a_new_one(
    lesson, caplog, code, words
):
    """The figure is drawn, and one sentence tells which folder to delete, however many lessons."""
    text = ONLY_WITH_ANOTHER_CACHE.format(code=code) + DRAWS
    found = outcomes([lesson(text), lesson(text, "other")], jobs=2)
    assert [names for _, names in found.values()] == 2 * [["adder.png", "adder.json"]]
    (record,) = caplog.records
    assert words in record.getMessage()
    assert record.getMessage().endswith(" Meanwhile a new one is used.")


def test_a_lesson_that_brings_itself_down_is_not_run_for_ever(lesson):
    """With a new cache as well: then it is the lesson's fault."""
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    outcome, _ = outcomes([lesson(code)])["made_up"]
    assert (outcome.remedy, outcome.is_cache) == ("", False)
    assert "ended with SIGSEGV" in outcome.error


def test_a_full_disk_is_a_remedy_and_not_a_matter_of_the_cache(lesson, caplog):
    """A new cache would not help."""
    outcome, _ = outcomes([lesson("raise OSError(28, 'No space left on device', 'x.csv')")])[
        "made_up"
    ]
    assert outcome.remedy.startswith("There is no space left for ")
    assert not outcome.is_cache
    assert caplog.records == []


def test_leaving_early_ends_whatever_runs(lesson, tmp_path):
    """After an error or Ctrl-C nothing goes on in the background."""
    place = tmp_path / "processes"
    endures = lesson(ENDURES.format(place=str(place)), "endures")
    wait = lesson(f"import os, time\nwhile not os.path.exists({str(place)!r}): time.sleep(0.05)")
    with closing(draw([endures, wait], Output(), 2)) as drawn:
        assert next(drawn)[0].lesson.name == "made_up"
    processes = place.read_text().split()
    assert len(processes) == 2
    assert all(eventually(lambda each=each: is_gone(each)) for each in processes)


def test_workers_do_not_outlive_whoever_started_them(lesson, tmp_path):
    """Not even a kill that leaves no time to clean up, and not their children either."""
    place = tmp_path / "processes"
    endures = lesson(ENDURES.format(place=str(place)))
    code = (
        "import sys; from pathlib import Path; from symlab.book.figures.worker_pool import draw\n"
        "from symlab.book.figures.saving import Output\n"
        "from symlab.book.lessons import Lesson\n"
        "list(draw([Lesson(9, 'made_up', 'Made up', Path(sys.argv[1]))], Output(), 1))"
    )
    arguments = [sys.executable, "-c", code, str(endures.path)]
    with subprocess.Popen(arguments, env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
        assert eventually(place.exists)
        assert eventually(lambda: len(place.read_text().split()) == 2)
        process.send_signal(signal.SIGKILL)
    assert all(eventually(lambda each=each: is_gone(each)) for each in place.read_text().split())
    assert list(tmp_path.glob("symlab-*")) == []
