"""What a race found: a row for each run, what each problem cost, and the performance profiles."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from symlab.algebra.exactly import exactly, nearest_float
from symlab.checks import shown
from symlab.lab.race.contests import Contest
from symlab.lab.race.course import Course
from symlab.lab.race.profile import performance_profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACCURACY = 1e-10
"""Of the height of the start above a minimum, what a run that solved a problem has left."""

PUBLISHED = 1e-5
"""How far a minimum may be from its published value, which often has six digits."""


@dataclass(frozen=True, eq=False)
class Result:
    """One run of a race.

    Parameters
    ----------
    problem, method : str
    start : int
        The number of the start, from 0.
    seed : int
    step_size : float, optional
        The constant one of a rule.
    chosen : str
        How the step size was: "limit / 2", "best of 4", "given"; empty for other methods.
    course : Course
    """

    problem: str
    method: str
    start: int
    seed: int
    step_size: float | None
    chosen: str
    course: Course


@dataclass(frozen=True, eq=False)
class Race:
    """The runs of a race.

    Parameters
    ----------
    contests : tuple of Contest
        What was raced on.
    results : tuple of Result
    budget : int
        Evaluations that each run had.
    complete : bool
        Whether every method ran on every objective; False after Ctrl-C.
    """

    contests: tuple[Contest, ...]
    results: tuple[Result, ...]
    budget: int
    complete: bool = True

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per run.

        Columns: problem, method, start, seed, step_size, chosen, status, evaluations (points at
        which anything was evaluated), values, gradients, hessians (how often each was), value, gap
        (above the minimum it came to, or else above the lowest known) and seconds.
        """
        own = [each.name for each in fields(Result) if each.name != "course"]
        rows = [
            {
                **{name: getattr(each, name) for name in own},
                "status": each.course.status,
                "evaluations": each.course.evaluations[-1] if len(each.course.evaluations) else 0,
                **asdict(each.course.spent),
                "value": each.course.value,
                "gap": each.course.value - self._minimum(each, ACCURACY),
                "seconds": each.course.seconds,
            }
            for each in self.results
        ]
        return pd.DataFrame(rows)

    @property
    def methods(self) -> tuple[str, ...]:
        """The labels of the methods, in the order given."""
        return tuple(dict.fromkeys(each.method for each in self.results))

    def costs(self, accuracy: float = ACCURACY) -> pd.DataFrame:
        """Return after how many evaluations each method had solved each problem; infinity if never.

        Solved means at most `accuracy` of the way from the value at the start down to a minimum is
        left, at a minimum that is published, or the lowest found where none is. Runs on one problem
        are taken together by their median.

        Parameters
        ----------
        accuracy : float
            Between 0 and 1.

        Returns
        -------
        pandas.DataFrame
            A row for each problem on which all methods ran, a column for each method.

        Raises
        ------
        TypeError, ValueError
            If the accuracy is no such number.
        """
        allowed = _check_accuracy(accuracy)
        rows = {
            contest.name: [self._cost(contest.name, method, allowed) for method in self.methods]
            for contest in self.contests
            if all(self._of(contest.name, method) for method in self.methods)
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(self.methods))

    def profile(self, accuracy: float = ACCURACY) -> pd.DataFrame:
        """Return the performance profiles (Dolan & Moré 2002).

        Parameters
        ----------
        accuracy : float
            As of `costs`.

        Returns
        -------
        pandas.DataFrame
            For each ratio to the best of all methods, from 1 upwards, the share of problems that a
            method solved within it: a column for each method.

        Raises
        ------
        TypeError, ValueError
            If the accuracy is no number between 0 and 1.
        """
        return performance_profile(self.costs(accuracy))

    def plot(self, accuracy: float = ACCURACY) -> "Figure":
        """Return a picture: of several problems the profiles, of one the gaps against evaluations.

        Of several runs on one problem the median is drawn, and the band that holds the middle half
        of them.

        Parameters
        ----------
        accuracy : float
            As of `costs`, for profiles.
        """
        from symlab.lab.race.pictures import draw_gaps, draw_profiles

        if len(self.contests) > 1:
            return draw_profiles(self.profile(accuracy), len(self.costs(accuracy)))
        return draw_gaps(self)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per method: problems solved, and fastest of all; median cost and gap; step sizes.

        A problem that is not solved costs infinitely much.
        """
        table = self.costs()
        rows = {}
        for method in self.methods:
            cost = table[method]
            own = self.frame[self.frame["method"] == method]
            rows[method] = {
                "solved": f"{int(np.isfinite(cost).sum())} of {len(cost)}",
                "fastest": int((cost.eq(table.min(axis=1)) & np.isfinite(cost)).sum()),
                "median cost": cost.median(),
                "median gap": own["gap"].median(),
                "step size": ", ".join(dict.fromkeys(each for each in own["chosen"] if each)),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def records(self, accuracy: float = ACCURACY) -> list[dict[str, Any]]:
        """Return one plain dictionary per run, for JSON; what is not finite is null.

        Parameters
        ----------
        accuracy : float
            As of `costs`; the cost of a run is that of its problem and method.
        """
        costs = self.costs(accuracy)
        rows = json.loads(self.frame.to_json(orient="records", double_precision=15))
        return [{**row, "cost": _cost_in(costs, row["problem"], row["method"])} for row in rows]

    def __repr__(self) -> str:
        problems = len(self.contests)
        on = self.contests[0].name if problems == 1 else f"{problems} objectives"
        count = len(self.methods)
        methods = f"{count} method{'s' * (count != 1)}"
        title = f"Race of {methods} on {on}, {self.budget} evaluations each"
        ending = "" if self.complete else "\nInterrupted: only what was done by then is counted."
        return f"{title}\n{self.summary.to_string(float_format='{:.3g}'.format)}{ending}"

    def _repr_html_(self) -> str:
        return self.summary.to_html()

    def _of(self, problem: str, method: str) -> list[Result]:
        return [each for each in self.results if (each.problem, each.method) == (problem, method)]

    def _cost(self, problem: str, method: str, accuracy: float) -> float:
        found = []
        for each in self._of(problem, method):
            low = self._minimum(each, accuracy)
            height = self._height(each, low)
            found.append(each.course.cost(low + accuracy * height))
        return float(np.median(found))

    @staticmethod
    def _height(result: Result, low: float) -> float:
        values = result.course.values
        return abs(float(values[0]) - low) if len(values) else 0.0

    def _minimum(self, result: Result, accuracy: float) -> float:
        """Return the value of the minimum that a run came to, or of the lowest where to none."""
        minima = self._minima[result.problem]
        near = [low for low in minima if self._is_near(result, low, accuracy)]
        return min(near or minima)

    def _is_near(self, result: Result, low: float, accuracy: float) -> bool:
        return result.course.value - low <= PUBLISHED * abs(low) + accuracy * self._height(
            result, low
        )

    @cached_property
    def _minima(self) -> dict[str, list[float]]:
        """The values of the minima by problem: published digits are completed by the runs."""
        found = {}
        for contest in self.contests:
            ends = [each.course.value for each in self.results if each.problem == contest.name]
            known = [_completed(low, ends) for low in contest.minima]
            found[contest.name] = known or [min(ends, default=np.nan)]
        return found


def _cost_in(costs: pd.DataFrame, problem: str, method: str) -> float | None:
    """Return a finite cost, or None."""
    cost = float(costs[method].get(problem, np.inf))
    return cost if np.isfinite(cost) else None


def _completed(low: float, ends: Sequence[float]) -> float:
    """Return the lowest end that has the published digits of a minimum, or that value itself."""
    return min((end for end in ends if abs(end - low) <= PUBLISHED * abs(low)), default=low)


def _check_accuracy(accuracy: object) -> float:
    allowed = nearest_float(exactly(accuracy, "accuracy"))
    if not 0 < allowed < 1:
        raise ValueError(f"accuracy: expected a number between 0 and 1, got {shown(accuracy)}.")
    return allowed
