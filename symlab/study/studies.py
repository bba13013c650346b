"""The chapter's experiments as studies: what `symlab compare` runs on every backend."""

from dataclasses import dataclass

from symlab.algebra.directions import bfgs, newton
from symlab.algebra.method import Method, as_method, method
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.algebra.rule import Rule, nearest
from symlab.algebra.rules import gradient_descent, momentum, nesterov
from symlab.algebra.searches import armijo, backtracking, exact_line_search
from symlab.study.compare import Comparison, compare


@dataclass(frozen=True)
class Study:
    """An experiment of the chapter: what is run, from where, and for how many steps."""

    name: str
    section: str
    problem: str
    start: tuple[object, ...]
    method: Rule | Method
    max_steps: int

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return PROBLEMS[self.problem].objective

    def run(self, backends: tuple[str, ...]) -> Comparison:
        """Run the study on several backends."""
        return compare(self.objective, self.start, self.method, self.max_steps, backends=backends)


def _study(name: str, where: tuple[str, str], start: tuple, how: object, max_steps: int) -> Study:
    section, problem = where
    return Study(name, section, problem, start, as_method(how), max_steps)


_ROSENBROCK = ("beyond the chapter", "rosenbrock")

STUDIES = {
    study.name: study
    for study in (
        _study("gradient_descent", ("9", "quartic"), (0.1,), gradient_descent(step_size=0.1), 20),
        _study("newton", ("10", "quartic"), (2,), newton, 5),
        _study("backtracking", ("11", "quartic"), (1,), backtracking(step_size=0.5, shrink=0.8), 4),
        # Followed for as long as exact arithmetic can meet their tests (errata E03, E04).
        _study("backtracking_box", ("11", "quartic"), (1,), backtracking(test="box"), 1),
        _study("backtracking_listing", ("11", "quartic"), (1,), backtracking(test="listing"), 2),
        _study("exact_line_search", ("11", "quartic"), (1,), exact_line_search, 1),
        _study("momentum", ("13", "quartic"), (0.1,), momentum(step_size=0.1, momentum=0.5), 60),
        _study("nesterov_rosenbrock", _ROSENBROCK, (-1.2, 1), nesterov(step_size=0.001), 60),
        _study("bfgs_rosenbrock", _ROSENBROCK, (-1.2, 1), method(bfgs, armijo), 30),
    )
}


def find_study(name: str) -> Study:
    """Return the study of this name.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.
    """
    if name not in STUDIES:
        raise ValueError(
            f"study: unknown name {name!r}{nearest(name, STUDIES)} Known: {', '.join(STUDIES)}."
        )
    return STUDIES[name]
