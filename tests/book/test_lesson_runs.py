"""Finding, naming and running lessons; what a lesson teaches is tested in tests/test_lessons.py."""

import pytest

from symlab.book import lessons
from symlab.book.lessons import Lesson, find, run


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of made-up lessons, two of which begin alike."""
    (tmp_path / "lessons").mkdir()
    for name in ("01_newton", "02_newborn", "12_step_size"):
        (tmp_path / f"lessons/{name}.py").write_text(f'"""Title of {name}\n===\nText.\n"""\n')
    (tmp_path / "lessons/helper.py").write_text("not a lesson")
    monkeypatch.setattr(lessons, "folder", lambda name: tmp_path / name)
    return tmp_path / "lessons"


def lesson_of(tmp_path, code):
    """A lesson with this code."""
    path = tmp_path / "09_made_up.py"
    path.write_text(code)
    return Lesson(9, "made_up", "Made up", path)


def test_lessons_are_numbered_files_in_order_with_their_titles(shelf):
    """The title is the docstring's first line; a file without a number is no lesson."""
    found = [(each.number, each.name, each.title) for each in lessons.lessons()]
    assert found[0] == (1, "newton", "Title of 01_newton")
    assert [number for number, _, _ in found] == [1, 2, 12]


def test_a_lesson_that_does_not_parse_is_still_listed(shelf):
    """One broken file must not hide the others; running it shows where it is broken."""
    (shelf / "03_broken.py").write_text("def (:\n")
    assert [each.title for each in lessons.lessons()][2] == "03_broken"
    assert "SyntaxError" in run(find(["broken"])[0]).error


@pytest.mark.parametrize(
    "name", ["1", "01", "newton", "newt", "01_newton", "01_newton.py", "Newton"]
)
def test_a_lesson_answers_to_number_name_and_unique_prefix(shelf, name):
    """However a reader remembers it."""
    assert [lesson.name for lesson in find([name])] == ["newton"]


def test_a_lesson_named_twice_runs_once(shelf):
    """In the order given."""
    assert [lesson.number for lesson in find(["12", "newton", "step"])] == [12, 1]


@pytest.mark.parametrize(
    "name, words",
    [
        ("new", "'new' fits several lessons: newton, newborn"),
        ("netwon", "unknown lesson 'netwon'; did you mean 'newton'"),
        ("7", "unknown lesson '7'"),
        ("", "unknown lesson ''"),
        ("²", "unknown lesson '²'"),
    ],
)
def test_other_names_are_refused_with_what_could_be_meant(shelf, name, words):
    """An ambiguous prefix lists what it fits; a superscript is a digit to Python and not to int."""
    with pytest.raises(ValueError, match=words):
        find([name])


def test_a_failing_lesson_ends_with_its_own_traceback(tmp_path):
    """From the lesson's line on: how it was started does not interest its author."""
    outcome = run(lesson_of(tmp_path, "a = 1\na / 0\n"))
    assert outcome.error.startswith("Traceback")
    assert 'made_up.py", line 2' in outcome.error
    assert "runpy" not in outcome.error
    assert "ZeroDivisionError" in outcome.error


@pytest.mark.parametrize("code, failed", [("exit(0)", False), ("exit(3)", True), ("pass", False)])
def test_an_exit_is_a_failure_if_its_code_says_so(tmp_path, code, failed):
    """As a shell would judge it."""
    assert (
        bool(run(lesson_of(tmp_path, f"import sys\nfrom sys import exit\n{code}\n")).error)
        is failed
    )


def test_ctrl_c_is_passed_on(tmp_path):
    """A reader who stops a lesson does not want the next one."""
    with pytest.raises(KeyboardInterrupt):
        run(lesson_of(tmp_path, "raise KeyboardInterrupt"))


def test_a_lesson_leaves_no_settings_and_no_figures_behind(tmp_path):
    """Else the next lesson's figures would depend on which ran before."""
    import matplotlib.pyplot as plt

    before = plt.rcParams["lines.linewidth"]
    code = (
        "import matplotlib.pyplot as plt\nplt.rcParams['lines.linewidth'] = 9\nplt.figure()\n"
        "assert __name__ == '__main__'\n"
    )
    outcome = run(lesson_of(tmp_path, code))
    assert outcome.error == ""
    assert outcome.seconds > 0
    assert plt.rcParams["lines.linewidth"] == before
    assert plt.get_fignums() == []
