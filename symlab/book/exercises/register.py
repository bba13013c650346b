"""The register of exercises, in the order of the lessons, and how one is found."""

from symlab.book.exercises.collection import (
    averages,
    chain_rule,
    descent,
    images,
    losses,
    machine,
    memory,
    searches,
    squares,
    units,
)
from symlab.book.exercises.exercise import Exercise
from symlab.checks import Catalog, nearest, shown


class Exercises(Catalog[Exercise]):
    """A read-only mapping of exercises by id, which shows itself as a list of titles."""

    def __repr__(self) -> str:
        return "\n".join(f"{each.id}  {each.title}" for each in self.values())

    def of_lesson(self, number: int) -> tuple[Exercise, ...]:
        """Return the exercises of one lesson."""
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
)

EXERCISES = Exercises(
    "exercises",
    sorted((each for module in _MODULES for each in module.EXERCISES), key=lambda each: each.id),
    key="id",
)
"""Every exercise by its id, in the order of the lessons."""


def find_exercise(id: str) -> Exercise:
    """Return the exercise of this id, with or without the lesson's leading 0.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.

    Examples
    --------
    >>> find_exercise("9.1").id
    '09.1'
    """
    lesson, _, number = str(id).strip().partition(".")
    wanted = f"{lesson:>02}.{number}"
    if wanted not in EXERCISES:
        hint = nearest(wanted, EXERCISES)
        raise ValueError(
            f"exercise: unknown id {shown(id)}{hint} `symlab exercise` lists them all."
        )
    return EXERCISES[wanted]
