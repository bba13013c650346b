"""What is raced on: objectives by name, where runs start, and which values count as minima."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr

from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.problems.problem import Problem
from symlab.algebra.problems.regression import Regression
from symlab.checks import several, shown
from symlab.engine.minimize import start_of

Start = tuple[Expr, ...]


@dataclass(frozen=True)
class Contest:
    """An objective, the starts of its runs, and the values of its minima as far as published.

    Parameters
    ----------
    name : str
    objective : Objective
    starts : tuple of tuple
        Each with n exact coordinates.
    minima : tuple of float
        Empty where nothing is known: then the lowest value found counts.
    """

    name: str
    objective: Objective
    starts: tuple[Start, ...]
    minima: tuple[float, ...]


def contests_of(objectives: object, start: object) -> list[Contest]:
    """Return what is raced on, from one objective or several.

    Parameters
    ----------
    objectives : Objective, Problem or Regression, or a sequence or mapping of them
        A mapping, such as `sl.problems.mgh`, gives them names.
    start : point, or sequence of points, or mapping of name to either
        Of one objective a start or several; of several objectives one for each, by name. Problems
        and regressions have their own.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    named = _named(objectives)
    starts = _starts(list(named), start)
    return [_contest(name, given, starts.get(name)) for name, given in named.items()]


def _named(objectives: object) -> dict[str, Any]:
    if isinstance(objectives, (Objective, Problem, Regression)):
        return {_name_of(objectives, 1): objectives}
    if isinstance(objectives, Mapping):
        named = {str(name): each for name, each in objectives.items()}
    else:
        wanted = "an objective, a problem, or several of them"
        listed = several(objectives, "objectives", wanted)
        named = {_name_of(each, i): each for i, each in enumerate(listed, start=1)}
        if len(named) < len(listed):
            raise ValueError("objectives: two of them have the same name; give a mapping of names.")
    if not named:
        raise ValueError("objectives: expected at least one, got none.")
    return named


def _name_of(given: object, number: int) -> str:
    return str(getattr(given, "name", f"objective {number}"))


def _starts(names: list[str], start: object) -> dict[str, object]:
    """Return the start that was given for each name, as far as one was."""
    if start is None:
        return {}
    if len(names) == 1 and not (isinstance(start, Mapping) and set(start) == set(names)):
        return {names[0]: start}
    if not isinstance(start, Mapping) or not set(start) <= set(names):
        raise ValueError(
            f"start: expected a mapping of the objectives' names to starts, got {shown(start)}."
        )
    return dict(start)


def _contest(name: str, given: object, start: object) -> Contest:
    objective, own, minima = _parts(given)
    if start is None and not own:
        raise ValueError(f"start: {name} has none of its own, so one is needed.")
    chosen = own if start is None else tuple(_points(start))
    return Contest(name, objective, tuple(start_of(objective, each) for each in chosen), minima)


def _parts(given: object) -> tuple[Objective, tuple[Any, ...], tuple[float, ...]]:
    """Return an objective, the starts that come with it, and the minima that are known."""
    if isinstance(given, Problem):
        known = [*given.minima, *(given.objective.at(each) for each in given.minimisers[:1])]
        return given.objective, (given.start,), tuple(float(each) for each in known)
    if isinstance(given, Regression):
        return given.objective, given.starts, (float(given.residual_sum_of_squares),)
    return check_objective(given), (), ()


def _points(start: object) -> list[object]:
    """Return the starts of one objective: a sequence of points is several."""
    if isinstance(start, np.ndarray) and start.ndim == 2:
        return list(start)
    if isinstance(start, (list, tuple)) and start and all(map(_is_point, start)):
        return list(start)
    return [start]


def _is_point(each: object) -> bool:
    return isinstance(each, (list, tuple, Mapping, np.ndarray))
