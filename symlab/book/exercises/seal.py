"""Sealing an exercise: all that a student's notebook needs to judge an answer, and no answer.

What is kept are salted hashes of the values that the right answer, and those of known mistakes,
have at points drawn from the salt. Whoever can check an answer can also try many: a seal keeps an
answer from being read, and not from being searched for.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Expr, Interval, Rational, Set, Symbol, oo

from symlab.book.exercises import grader
from symlab.book.exercises.answer import Answer
from symlab.book.exercises.counterexample import domain_of
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import wrong_answers

POINTS = 3
MOST_DRAWS = 50
GRAIN = 100_003
"""The denominator of every coordinate: a prime, so that no coordinate is a plain number."""
MARGIN = Rational(1, 1000)
"""How near to the middle between two roundings no value may lie, in units of its last digit."""


def seal(exercise: Exercise, salt: str) -> dict[str, Any]:
    """Return what a notebook keeps of an exercise, ready for JSON.

    Parameters
    ----------
    exercise : Exercise
    salt : str
        Hexadecimal digits; another salt makes other points and other hashes.

    Raises
    ------
    ValueError
        If no points were found at which the right answer has values that round clearly.

    Examples
    --------
    >>> from symlab.book.exercises.register import find_exercise
    >>> sealed = seal(find_exercise("09.1"), "00ff")
    >>> x = Symbol("x")
    >>> grader.grade(sealed, x**2 * (4 * x - 9))
    'Right.'
    >>> grader.grade(sealed, 9 * x**2 - 4 * x**3).partition(". ")[2].partition(". ")[0]
    'Mistake: sign'
    """
    letters = letters_of(exercise)
    sealed: dict[str, Any] = {
        "kind": exercise.kind,
        "letters": [letter.name for letter in letters],
        "salt": salt,
        "points": _points(exercise, letters, salt),
        "hints": list(exercise.hints),
    }
    sealed["right"] = _fingerprint(sealed, exercise.right)
    sealed["mistakes"] = list(_mistakes(sealed, exercise))
    return sealed


def letters_of(exercise: Exercise) -> tuple[Symbol, ...]:
    """Return the letters of an answer; a method's is written with x and the gradients."""
    if exercise.kind != "method":
        return exercise.letters
    return tuple(sorted(exercise.right.entries[0].free_symbols, key=str))


def _mistakes(sealed: dict[str, Any], exercise: Exercise) -> Iterator[list[str]]:
    """Yield name, hint and hash of each wrong answer that is known, the likeliest first."""
    seen = {sealed["right"]}
    for wrong in wrong_answers(exercise.right, exercise.known_slips, exercise.terms):
        try:
            found = _fingerprint(sealed, wrong.answer)
        except ValueError:
            continue  # it is no real number at the points, so that no answer can be equal to it
        if found not in seen:
            seen.add(found)
            yield [wrong.mistake.name, wrong.mistake.hint, found]


def _fingerprint(sealed: dict[str, Any], answer: Answer) -> str:
    if answer.kind == "interval":
        return grader.fingerprint(sealed, f"closed {answer.closed}", list(answer.entries))
    return grader.fingerprint(sealed, *grader.arrange(answer.kind, _as_object(answer)))


def _as_object(answer: Answer) -> object:
    """Return an answer as a student would write it in Python."""
    if answer.kind in ("expression", "number", "method"):
        return answer.entries[0]
    if len(answer.shape) < 2:
        return list(answer.entries)
    rows, columns = answer.shape
    return [list(answer.entries[row * columns : (row + 1) * columns]) for row in range(rows)]


def _points(exercise: Exercise, letters: tuple[Symbol, ...], salt: str) -> list[list[str]]:
    """Return points at which every value of the right answer rounds clearly, as text."""
    source = Random(f"{salt} {exercise.id}")
    points: list[list[str]] = []
    for _ in range(MOST_DRAWS):
        drawn = [
            _draw(domain_of(letter, exercise.domains), source, up=len(points) != 1)
            for letter in letters
        ]
        named = {letter.name: number for letter, number in zip(letters, drawn, strict=True)}
        if all(_rounds_clearly(entry, named) for entry in exercise.right.entries):
            points.append([str(number) for number in drawn])
        if len(points) == (POINTS if letters else 1):
            return points
    raise ValueError(f"exercise: {exercise.id} has no points at which its answer can be hashed.")


def _draw(domain: Set, source: Random, *, up: bool) -> Expr:
    """Return a number of a domain, of the size of 1; of the whole line also one below 0."""
    if not isinstance(domain, Interval):
        return Rational(source.randrange(2, 12))
    share = Rational(source.randrange(GRAIN // 10, GRAIN), GRAIN)
    low, high = domain.start, domain.end
    if low == -oo:
        return (2 * share if up else -2 * share) + Rational(1, GRAIN)
    return low + share * min(high - low, 3) * Rational(99, 100)


def _rounds_clearly(entry: Expr, point: dict[str, Expr]) -> bool:
    """Whether a value is real, and not near the middle between two numbers of so many digits."""
    try:
        value = grader.value_at(entry, point)
    except ValueError:
        return False
    if value in (oo, -oo) or value == 0:
        return True
    digits = f"{abs(value):.{grader.DIGITS + 5}e}".partition("e")[0].replace(".", "")
    rest = Rational(int(digits[grader.DIGITS :]), 10 ** len(digits[grader.DIGITS :]))
    return bool(abs(rest - Rational(1, 2)) > MARGIN)
