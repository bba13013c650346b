"""The exercises of a lesson as notebooks: the student's, which has no answer, and the teacher's.

A student's notebook needs SymPy alone. It grades itself by hashes of the values that an answer has
at drawn points (see `symlab.book.exercises.seal`).
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sympy import Symbol

from symlab.book.exercises import grader
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.register import EXERCISES
from symlab.book.exercises.seal import letters_of, seal
from symlab.book.lessons import Lesson
from symlab.book.notebook import assemble, code_cell, prose_cell, save

SALT_BYTES = 8

HOW_TO = """\
Write each answer in the place of `None`, in SymPy, and run the cell. Numbers must be exact, such as
`Rational(1, 3)`, or as computed. `hint("{first}", 1)` shows the first of three hints.

This notebook needs SymPy alone. It holds no answer: it knows one when it sees one, by salted hashes
of the values that an answer has at points drawn for this copy. They keep an answer from being read;
they do not keep a program from trying many.
"""

CHECKS = '''\
def check(id, answer):
    """Say whether an answer is right and, if a known mistake was made, which."""
    print(grade(SEALED[id], answer))


def hint(id, number=1):
    """Show the first, second or third hint."""
    print(SEALED[id]["hints"][number - 1])
'''

HOW = {
    "expression": "an expression in {letters}",
    "number": "a number, such as Rational(1, 3)",
    "interval": "such as Interval.open(0, 1), Interval(0, 1), Interval.Lopen(0, 1); oo is infinite",
    "set": "numbers in any order, such as [1, 2]",
    "matrix": "such as Matrix([[1, 2], [3, 4]]), or a list for a vector",
    "trace": "the iterates in their order, such as [1, Rational(1, 2)]",
    "method": "the x that three steps lead to, under the gradients g_0, g_1, g_2: x - g_0 ...",
}
"""What an answer looks like in a student's notebook."""

Notebook = dict[str, Any]


def student_notebook(lesson: Lesson, salt: str | None = None) -> Notebook:
    """Return the exercises of a lesson as a notebook that grades itself and holds no answer.

    Parameters
    ----------
    lesson : Lesson
    salt : str, optional
        Hexadecimal digits; drawn anew for each notebook if left out.

    Examples
    --------
    >>> from symlab.book.lessons import find
    >>> (lesson,) = find(["09"])
    >>> student_notebook(lesson, "00")["cells"][-1]["source"].splitlines()[-1]
    'check("09.4", answer)'
    """
    exercises = EXERCISES.of_lesson(lesson.number)
    drawn = salt or secrets.token_hex(SALT_BYTES)
    sealed = {exercise.id: seal(exercise, drawn) for exercise in exercises}
    cells = [
        prose_cell(f"# Exercises: {lesson.title}\n\n{HOW_TO.format(first=exercises[0].id)}"),
        _hidden(Path(grader.__file__).read_text(encoding="utf-8")),
        _hidden(f"{_import_sealed(sealed)}\n\n{CHECKS}"),
        *(cell for exercise in exercises for cell in _to_be_answered(exercise)),
    ]
    return assemble(f"{lesson.path.stem}-student", cells)


def teacher_notebook(lesson: Lesson) -> Notebook:
    """Return the same exercises with hints, way, answer, and the mistakes that are recognised."""
    exercises = EXERCISES.of_lesson(lesson.number)
    cells = [
        prose_cell(f"# Exercises, with answers: {lesson.title}"),
        code_cell("import symlab as sl"),
        *(cell for exercise in exercises for cell in _answered(exercise)),
    ]
    return assemble(f"{lesson.path.stem}-teacher", cells)


WAYS: Mapping[str, Any] = {"student": student_notebook, "teacher": teacher_notebook}
"""For whom notebooks are written."""


def write_exercises(lesson: Lesson, reader: str, folder: Path) -> Path:
    """Write the exercises of a lesson for a reader, "student" or "teacher"; return the path.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return save(WAYS[reader](lesson), folder / f"{lesson.path.stem}_{reader}.ipynb")


def _hidden(source: str) -> Notebook:
    """Return a code cell that is folded away when the notebook is opened."""
    return {**code_cell(source.strip()), "metadata": {"jupyter": {"source_hidden": True}}}


def _import_sealed(sealed: Mapping[str, Any]) -> str:
    """Return what a student's answers need, and all exercises sealed."""
    lines = [f'"{id}": {json.dumps(each, ensure_ascii=False)},' for id, each in sealed.items()]
    return "\n".join(["from sympy import *", "", "SEALED = {", *lines, "}"])


def _to_be_answered(exercise: Exercise) -> Iterator[Notebook]:
    yield prose_cell(f"## {exercise.id} {exercise.title}\n\n{exercise.question.markdown}")
    known = letters_of(exercise)
    letters = ", ".join(letter.name for letter in known)
    yield code_cell(
        "\n".join(
            [
                *(_declare(letter) for letter in known),
                f"answer = None  # {HOW[exercise.kind].format(letters=letters)}",
                f'check("{exercise.id}", answer)',
            ]
        )
    )


def _declare(letter: Symbol) -> str:
    """Return the line that makes a letter, with what is assumed of it."""
    known = [word for word in ("integer", "positive", "real") if getattr(letter, f"is_{word}")]
    told = "".join(f", {word}=True" for word in known if word != "real" or len(known) == 1)
    return f'{letter.name} = Symbol("{letter.name}"{told})'


def _answered(exercise: Exercise) -> Iterator[Notebook]:
    hints = "\n".join(f"{i}. {hint}" for i, hint in enumerate(exercise.hints, 1))
    slips = "\n".join(
        f"- *{slip.mistake}*{': ' if slip.hint else ''}{slip.hint}" for slip in exercise.known_slips
    )
    yield prose_cell(
        f"## {exercise.id} {exercise.title}\n\n{exercise.question.markdown}\n\n"
        f"**Answer**: ${exercise.right.latex}$\n\n**Way**: {exercise.way}\n\n"
        f"**Hints**\n\n{hints}\n\n**Mistakes that are told apart here**, beside the usual ones\n\n"
        f"{slips}"
    )
    yield code_cell(f'sl.exercise("{exercise.id}").check("{exercise.right}")')
