"""Who takes part in a race, and how a rule comes to its step size.

A step size decides as much as the rule. It is half of the limit that theory derives, or else the
best of a few that are tried, which is disclosed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sympy import Expr

from symlab.algebra.alphabet import alpha
from symlab.algebra.objective import Objective
from symlab.checks import several
from symlab.lab.race.course import Course
from symlab.lab.race.scipy_methods import PREFIX, scipy_name
from symlab.methods.method import Method, as_runnable, method
from symlab.methods.rule import Rule
from symlab.theory.analyze import analyze

DEFAULT = "default"
"""What the method is called that `minimize` chooses."""

FRACTION = 2
"""A step size is the derived limit divided by this: near the limit a run hardly settles."""

SECONDS = 5.0
"""What the derivation of one limit may take."""


@dataclass(frozen=True)
class Entrant:
    """A method in a race: one of ours, or the name that SciPy has for one of its own.

    Parameters
    ----------
    label : str
        What tables and pictures call it.
    method : what `minimize` runs, or None
        None stands for the method that `minimize` chooses, and for SciPy's.
    scipy : str
        Empty for ours.
    """

    label: str
    method: Any
    scipy: str = ""


@dataclass(frozen=True)
class Tuned:
    """A method as it ran, with its step size in words: where it comes from."""

    method: Any
    step_size: float | None
    origin: str
    courses: tuple[Course, ...]


def entrants_of(methods: object) -> list[Entrant]:
    """Return who takes part.

    Parameters
    ----------
    methods : sequence, or mapping of label to method
        What `minimize` takes as a method; None or `"default"` for what it chooses itself;
        `"scipy:BFGS"` and so on for SciPy's.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> [each.label for each in entrants_of([None, "adam", "scipy:BFGS"])]
    ['default', 'adam', 'scipy:BFGS']
    >>> entrants_of(["default"]) == entrants_of([None])
    True
    """
    if isinstance(methods, Mapping):
        entrants = [_entrant(each, str(label)) for label, each in methods.items()]
    else:
        wanted = "several methods, such as ['adam', 'bfgs', 'scipy:BFGS']"
        entrants = [_entrant(each) for each in several(methods, "methods", wanted)]
        entrants = [_told_apart(each, entrants) for each in entrants]
    if not entrants:
        raise ValueError("methods: expected at least one, got none.")
    if len({each.label for each in entrants}) < len(entrants):
        raise ValueError("methods: one of them is given twice; give a mapping of labels.")
    return entrants


def _entrant(given: object, label: str = "") -> Entrant:
    if given is None or (isinstance(given, str) and given == DEFAULT):
        return Entrant(label or DEFAULT, None)
    if name := scipy_name(given):
        return Entrant(label or f"{PREFIX}{name}", None, name)
    found = as_runnable(given)
    return Entrant(label or _name_of(found), found)


def _name_of(found: Any) -> str:
    """Return the short name: that of the direction where its search is the usual one."""
    if not isinstance(found, Method):
        return str(found.name)
    if found == method(found.direction):
        return found.direction.name
    return f"{found.direction.name}, {found.search.name}"


def _told_apart(entrant: Entrant, all_of_them: Sequence[Entrant]) -> Entrant:
    """Return an entrant whose label says all, where another has the same name."""
    same = [each for each in all_of_them if each.label == entrant.label]
    if len(same) == 1 or entrant.method is None:
        return entrant
    return Entrant(repr(entrant.method), entrant.method)


def tuned(
    objective: Objective,
    entrant: Entrant,
    step_sizes: Sequence[float],
    run: Callable[[Any], tuple[Course, ...]],
) -> Tuned:
    """Return a method as it runs, with the courses of its runs.

    Parameters
    ----------
    objective : Objective
    entrant : Entrant
        One of ours.
    step_sizes : sequence of number
        Tried for a rule without a derived limit.
    run : callable
        Makes all runs of a method on the objective.
    """
    rule = entrant.method
    if not isinstance(rule, Rule) or alpha not in rule.defaults:
        return Tuned(rule, None, "", run(rule))
    if alpha in rule.values:
        return Tuned(rule, rule.constant_step_size, "given", run(rule))
    limit = _limit(objective, rule)
    if limit is not None:
        size = float(limit) / FRACTION
        chosen = rule(step_size=size)
        return Tuned(chosen, size, f"limit / {FRACTION}", run(chosen))
    tried = [(size, rule(step_size=size)) for size in step_sizes]
    all_runs = [(size, each, run(each)) for size, each in tried]
    size, chosen, courses = min(all_runs, key=lambda one: _middle(one[2]))
    return Tuned(chosen, float(size), f"best of {len(tried)}", courses)


def _middle(courses: Sequence[Course]) -> float:
    """Return the middle one of the values at which runs end."""
    return median(course.value for course in courses)


def _limit(objective: Objective, rule: Rule) -> Expr | None:
    return analyze(objective, rule, seconds=SECONDS).step_limit
