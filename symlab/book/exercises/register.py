"""The register of exercises, in the order of the lessons, and how one is found."""

from symlab.book.exercises.collection import (
    averages,
    chain_rule,
    descent,
    images,
    losses,
    machine,
    maps,
    memory,
    regions,
    regression,
    searches,
    squares,
    units,
    variants,
)
from symlab.book.exercises.exercise import Exercise
from symlab.checks import Catalog, nearest, shown, whole


class Exercises(Catalog[Exercise]):
    """A read-only mapping of exercises by id, which shows itself as a list of titles."""

    def __repr__(self) -> str:
        return "\n".join(f"{each.id}  {each.title}" for each in self.values())

    def of_lesson(self, number: int) -> tuple[Exercise, ...]:
        """Return the exercises of one lesson, by its number.

        Raises
        ------
        ValueError, TypeError
            If it is no number of a lesson.
        """
        if whole(number, "number", 1) not in {each.lesson for each in self.values()}:
            raise ValueError(f"number: expected the number of a lesson, got {shown(number)}.")
        return tuple(each for each in self.values() if each.lesson == number)


_MODULES = (
    units,
    chain_rule,
    squares,
    losses,
    descent,
    searches,
    memory,
    averages,
    images,
    machine,
    regions,
    regression,
    variants,
    maps,
)

EXERCISES = Exercises(
    "exercises",
    sorted((each for module in _MODULES for each in module.EXERCISES), key=lambda each: each.id),
    key="id",
)
"""Every exercise by its id, in the order of the lessons."""


def find_exercise(id: str) -> Exercise:
    """Return the exercise of this id, with or without the lesson's leading 0.

    Parameters
    ----------
    id : str
        The number of the lesson, a point, and that of the exercise.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.
    TypeError
        If it is no text.

    Examples
    --------
    >>> find_exercise("9.1").id
    '09.1'
    >>> find_exercise("9")
    Traceback (most recent call last):
        ...
    ValueError: exercise: '9' is a lesson; its exercises are 09.1, 09.2, 09.3, 09.4.
    """
    if not isinstance(id, str):
        raise TypeError(f"exercise: expected text such as '09.1', in quotes, got {shown(id)}.")
    lesson, _, number = id.strip().partition(".")
    wanted = f"{lesson:>02}.{number}"
    if wanted in EXERCISES:
        return EXERCISES[wanted]
    if same_lesson := [each for each in EXERCISES if each.startswith(f"{lesson:>02}.")]:
        told = (
            "unknown id {}; the lesson has {}."
            if number
            else "{} is a lesson; its exercises are {}."
        )
        raise ValueError("exercise: " + told.format(shown(id), ", ".join(same_lesson)))
    hint = nearest(wanted, EXERCISES)
    raise ValueError(f"exercise: unknown id {shown(id)}{hint} `symlab exercise` lists them all.")
