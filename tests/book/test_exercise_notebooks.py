"""The notebooks of exercises: the student's holds no answer and still knows one when it sees it."""

import json
import re
import subprocess
import sys

import nbformat
import pytest
import sympy as sp
from typed_answers import RIGHT

import symlab as sl
from symlab.book.exercises import grader
from symlab.book.exercises.mistakes import MISTAKES
from symlab.book.exercises.notebooks import student_notebook, teacher_notebook
from symlab.book.exercises.seal import seal
from symlab.book.lessons import lessons

SALT = "5eed"
LESSONS = lessons()
IDS = tuple(sl.exercises)


@pytest.fixture(scope="module")
def notebooks():
    """Every lesson's notebook for a student, by the lesson's number, with one salt."""
    return {lesson.number: student_notebook(lesson, SALT) for lesson in LESSONS}


@pytest.fixture(scope="module")
def sealed(notebooks):
    """What the notebooks keep of each exercise, read back from their text."""
    return {id: each for notebook in notebooks.values() for id, each in _sealed(notebook).items()}


def _sealed(notebook):
    lines = notebook["cells"][2]["source"].splitlines()
    kept = [line.removesuffix(",") for line in lines if re.match(r'"\d\d\.\d": \{', line)]
    return json.loads("{" + ", ".join(kept) + "}")


def words_of(text):
    """Return the names, numbers and signs of a text, one after the other."""
    return re.findall(r"\d+\.\d+|\w+|\S", text.replace("**", "^"))


def forms_of(exercise):
    """Return the right answer as it may be written: typed, printed, expanded, factored, LaTeX."""
    right = exercise.right
    changed = [right, right.map(sp.expand), right.map(sp.factor), right.map(sp.together)]
    written = [str(each) for each in changed] + [each.latex for each in changed]
    fractions = [each for each in right.entries if each.is_Rational and not each.is_Integer]
    decimals = [f"{float(each):.6g}" for each in fractions if exercise.kind != "trace"]
    return {*RIGHT[exercise.id], *written, *decimals}


def given_away(exercise, text):
    """Return the forms of an answer that stand in a text, not as a part of something longer."""
    words = ["", *words_of(text), ""]
    found = []
    for form in forms_of(exercise):
        wanted = words_of(form)
        for place in range(1, len(words) - len(wanted)):
            around = {words[place - 1], words[place + len(wanted)]}
            if words[place : place + len(wanted)] == wanted and not around & set("+-*/^"):
                found.append(form)
    return found


def told_of(exercise, notebook, sealed):
    """Return all that a student's notebook tells of one exercise: its cells, and what is sealed."""
    cells = notebook["cells"][3:]
    place = 2 * [each.id for each in sl.exercises.of_lesson(exercise.lesson)].index(exercise.id)
    question, code = (cell["source"] for cell in cells[place : place + 2])
    kept = sealed[exercise.id]
    hints = [*kept["hints"], *(hint for _, hint, _ in kept["mistakes"])]
    rest = {key: value for key, value in kept.items() if key not in ("hints", "mistakes")}
    return question, f"{code}\n{hints}\n{rest}"


@pytest.mark.parametrize("id", IDS)
def test_a_students_notebook_has_no_answer_in_it(id, notebooks, sealed):
    """In none of its forms: not in a question, a hint, or what is sealed."""
    exercise = sl.exercise(id)
    question, rest = told_of(exercise, notebooks[exercise.lesson], sealed)
    assert exercise.question.markdown in question
    assert given_away(exercise, f"{question}\n{rest}") == []
    assert exercise.way not in question + rest


@pytest.mark.parametrize("id", IDS)
def test_an_answer_that_is_put_in_is_found(id):
    """Without this the search could not fail."""
    exercise = sl.exercise(id)
    for form in (RIGHT[id][0], str(exercise.right)):
        assert given_away(exercise, f"Is it {form} or not?")


def as_python(exercise, answer):
    """Return an answer as a student writes it in Python."""
    if answer.kind == "interval":
        return sp.Interval(*answer.entries, *(not closed for closed in answer.closed))
    if answer.kind == "matrix":
        return sp.Matrix(*(answer.shape if len(answer.shape) > 1 else (answer.size, 1)),
                         answer.entries)  # fmt: skip
    return list(answer.entries) if answer.kind in ("set", "trace") else answer.entries[0]


@pytest.mark.parametrize("id", IDS)
def test_a_sealed_exercise_knows_right_from_wrong(id, sealed):
    """The right answer also when it is disguised; each mistake of the exercise by its class."""
    exercise = sl.exercise(id)
    right = as_python(exercise, exercise.right)
    assert grader.grade(sealed[id], right) == "Right."
    if exercise.kind in ("expression", "matrix"):
        z = sp.Symbol("z")  # which cancels before anything is put in
        disguised = (
            (right * (z + 1)).applyfunc(sp.expand) - right * z
            if exercise.kind == "matrix"
            else sp.expand(right) + z - z
        )
        assert grader.grade(sealed[id], sp.simplify(disguised)) == "Right."
    if exercise.kind == "number":
        assert grader.grade(sealed[id], float(right)) == "Right."
    for name, hint, _ in sealed[id]["mistakes"]:
        assert name in MISTAKES
        assert hint
    named = {name for name, _, _ in sealed[id]["mistakes"]}
    assert {slip.mistake for slip in exercise.known_slips} <= named


def test_a_wrong_answer_is_told_its_mistake_by_hashes_alone(sealed):
    """As the engine tells it."""
    x = sp.Symbol("x")
    told = {
        ("09.1", 9 * x**2 - 4 * x**3): "Wrong. Mistake: sign.",
        ("09.2", sp.Interval.Lopen(0, sp.Rational(8, 81))): "Wrong. Mistake: boundary included.",
        ("09.3", sp.Rational(81, 4)): "Wrong. Mistake: reciprocal.",
        ("12.3", (1, 0.75, 0.5625, 0.421875)): "Wrong. Mistake: no memory.",
        ("09.1", x**7): "Wrong. (Numbers must be exact",
    }
    for (id, answer), verdict in told.items():
        assert grader.grade(sealed[id], answer).startswith(verdict)


@pytest.mark.parametrize(
    "id, answer, told",
    [
        ("09.1", None, "No answer yet."),
        ("09.1", "4*x**3 - 9*x**2", "write the answer without quotes"),
        ("09.1", sp.Symbol("y"), "expected no letters but x, got y"),
        ("09.2", 3, "expected an interval"),
        ("09.1", sp.I, "no real number"),
        ("09.4", 3, "This cannot be judged"),
        ("04.3", object(), "This cannot be judged"),
        ("09.1", object(), "This cannot be judged"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(id, answer, told, sealed):
    """In a sentence: a student's notebook shows no traceback of the grader."""
    said = grader.grade(sealed[id], answer)
    assert told in said
    assert "\n" not in said


def test_another_salt_makes_other_points_and_hashes():
    """So that two copies of a class cannot be compared, and one salt gives one notebook."""
    exercise = sl.exercise("09.1")
    one, other, again = (seal(exercise, salt) for salt in ("00", "01", "00"))
    assert one == again
    assert one["points"] != other["points"]
    assert one["right"] != other["right"]


PLAY = """
import json, sys
sys.modules["symlab"] = None  # whoever imports it fails
for source in json.load(sys.stdin):
    exec(compile(source, "notebook", "exec"), {})
"""


def test_students_notebooks_run_with_sympy_alone(notebooks):
    """With the right answers written in as Python, each exercise of each lesson says Right."""
    sources = []
    for number, notebook in notebooks.items():
        code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for exercise in sl.exercises.of_lesson(number):
            answer = as_python(exercise, exercise.right)
            place = next(i for i, cell in enumerate(code) if f'check("{exercise.id}"' in cell)
            declared = {letter.name for letter in getattr(answer, "free_symbols", ())}
            known = set(re.findall(r'Symbol\("(\w+)"', code[place]))
            letters = "\n".join(f'{name} = Symbol("{name}")' for name in declared - known)
            code[place] = code[place].replace("answer = None", f"{letters}\nanswer = {answer}")
        sources.append("\n".join([*code, f'hint("{number:02}.1", 3)']))
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAY],
        input=json.dumps(sources), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.splitlines()
    assert said.count("Right.") == len(IDS)
    assert len(said) == len(IDS) + len(LESSONS)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_both_notebooks_are_valid(lesson, notebooks):
    """By the format's own schema; the grader's two cells are folded away."""
    student, teacher = notebooks[lesson.number], teacher_notebook(lesson)
    for notebook in (student, teacher):
        nbformat.validate(nbformat.from_dict(notebook))
    hidden = [cell["metadata"].get("jupyter") for cell in student["cells"]]
    assert hidden[1:3] == [{"source_hidden": True}] * 2
    text = "\n".join(cell["source"] for cell in teacher["cells"])
    for exercise in sl.exercises.of_lesson(lesson.number):
        assert f"${exercise.right.latex}$" in text
        assert exercise.way in text
        assert all(hint in text for hint in exercise.hints)
