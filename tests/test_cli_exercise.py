"""The command exercise: what is asked is judged, and notebooks are written for two readers."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from symlab.cli import app, exercises


@pytest.fixture
def exercise(tmp_path, monkeypatch):
    """The command in an empty folder, with nobody at the keyboard."""
    monkeypatch.chdir(tmp_path)
    return lambda *words, **more: CliRunner().invoke(app, ["exercise", *words], **more)


def test_all_are_listed(exercise):
    """By id and title."""
    ran = exercise()
    assert ran.exit_code == 0
    assert "09.2   The step sizes that converge" in ran.stdout


@pytest.mark.parametrize("lesson", ["09", "9", "gradient_descent"])
def test_a_lesson_asks_its_own(exercise, lesson):
    """By number or name, as `symlab run` takes them."""
    ran = exercise(lesson)
    assert ran.exit_code == 0
    asked = [line[:4] for line in ran.stdout.splitlines() if line[2:3] == "."]
    assert asked == ["09.1", "09.2", "09.3", "09.4"]


@pytest.mark.parametrize(
    "id, answer, code, told",
    [
        ("09.2", "(0, 8/81)", 0, "Right: it is exactly this."),
        ("9.1", "-x^2 (9 - 4x)", 0, "Right: the difference expands to 0."),
        ("09.2", "(0, 8/81]", 1, "Mistake: boundary included."),
        ("09.3", "-4/81", 1, "Mistake: sign."),
    ],
)
def test_an_answer_is_judged_and_the_exit_code_says_how(exercise, id, answer, code, told):
    """0 is right, 1 is wrong, as for every check of the house."""
    ran = exercise(id, "--answer", answer)
    assert ran.exit_code == code
    assert told in ran.stdout


@pytest.mark.parametrize(
    "words, told",
    [
        (["09.2", "--answer", "8/81"], "answer: expected an interval"),
        (["09.1", "--answer", "import os"], "answer: "),
        (["09.1", "--answer", "__import__('os')"], "answer: "),
        (["09.1", "--answer", ""], "answer: the text is empty"),
        (["12.2", "--answer", "adm(step_size=1)"], "did you mean 'adam'"),
        (["12.2", "--answer", "adam(stepsize=1)"], "did you mean 'step_size'"),
        (["09", "--answer", "1"], "exercise: name one of them, such as 09.1."),
        (["09.1", "--answer", "1", "--hint"], "exclude each other"),
        (["01.1", "--explore"], "exercise: 01.1 is not about a run"),
        (["09", "--explore"], "exercise: name one of them, such as 09.1."),
        (["--explore"], "lesson: unknown lesson ''"),
        (["09.9"], "exercise: unknown id '09.9'"),
        (["nowton"], "did you mean 'newton'"),
        (["09.1", *["--hint"] * 6], "number: expected 1 to 5, got 6"),
    ],
)
def test_nonsense_is_one_line_and_exit_code_2(exercise, words, told):
    """Never a traceback."""
    ran = exercise(*words)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert told in ran.stderr
    assert ran.stderr.startswith("symlab: ")
    assert len(ran.stderr.splitlines()) == 1


def test_hints_come_one_after_the_other(exercise):
    """Three, then the way, then the answer."""
    told = [exercise("09.3", *["--hint"] * times).stdout for times in range(1, 6)]
    starts = ("Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "The way: ", "The answer: 4/81")
    assert all(start in text for start, text in zip(starts, told, strict=True))
    assert "4/81" not in "".join(told[:4])


def test_in_a_terminal_one_is_asked_until_the_answer_is_right(exercise, monkeypatch):
    """A question mark is a hint, nonsense is told, and the end of the input is no error."""
    monkeypatch.setattr(exercises, "_is_terminal", lambda: True)
    ran = exercise("09.1", input="?\nx +\n9x^2 - 4x^3\n4x^3 - 9x^2\n")
    assert ran.exit_code == 0
    said = ("Hint 1 of 3", "answer: ", "Mistake: sign", "Right: ")
    places = [ran.stdout.index(each) for each in said[:1] + said[2:]]
    assert places == sorted(places)
    assert exercise("09", input="\n4/81\n").exit_code == 0


def test_notebooks_are_written_for_student_and_teacher(exercise):
    """Of one lesson here; of all if none is named."""
    ran = exercise("13", "--student", "--teacher", "--out", "made")
    assert ran.exit_code == 0, ran.output
    written = [
        Path("made") / f"13_moving_averages_{reader}.ipynb" for reader in ("student", "teacher")
    ]
    assert ran.stdout.split() == [str(path) for path in written]
    assert all(path.exists() for path in written)


def test_a_page_is_written_to_see_it_on(exercise):
    """The explorer, with the question and its hints above."""
    ran = exercise("09.4", "--explore", "--out", "made")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.strip() == str(Path("made") / "09.4.html")
    page = Path("made/09.4.html").read_text("utf-8")
    before, after = page.split("<main>")
    assert '<section aria-label="Exercise">' in before
    assert "Exercise 09.4: Two points that map to each other" in before
    assert before.count("<details>") == 3
    assert "x**4/4" in after or "x⁴" in page
