"""Trials: a claimed gradient against all estimators at every point; of a Hessian, each row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symlab.algebra.objective import Objective
from symlab.engine.compiled.functions import compile_everywhere
from symlab.lab.verify.candidate import Claim
from symlab.lab.verify.diagnosis import Evidence, Mistake, diagnose
from symlab.lab.verify.estimators import Estimate, Estimators, Place
from symlab.lab.verify.reference import Reference

Entry = tuple[int, str, float, Estimate]
"""The number of the point, the component, the claimed value there, and an estimate of it."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One claimed gradient, the points it is verified at, and further points for the diagnosis."""

    estimators: Estimators
    claim: Claim
    points: Sequence[np.ndarray]
    further: Sequence[np.ndarray]
    own: bool
    row: str = ""

    @property
    def objective(self) -> Objective:
        """What the gradient is claimed of."""
        return self.estimators.objective

    @property
    def reference(self) -> Reference:
        """The objective, to 50 digits."""
        return self.estimators.reference

    @property
    def components(self) -> tuple[str, ...]:
        """The components' names: the variable, or for a Hessian's entry both variables."""
        names = [variable.name for variable in self.objective.variables]
        return tuple(f"({self.row}, {name})" if self.row else name for name in names)

    @property
    def subject(self) -> str:
        """What is verified, to begin a sentence."""
        return (
            "The claimed Hessian"
            if self.row
            else f"The {'derived' if self.own else 'claimed'} gradient"
        )

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The wrong components, each with what is wrong."""
        return diagnose(self.evidence())

    def place(self, point: np.ndarray) -> Place:
        """Return a point with the claim there."""
        return Place(
            point,
            self.claim.at(point),
            self.reference.rounding(point),
            bool(self.claim.expressions),
        )

    def estimates(self) -> Iterator[Entry]:
        """Yield every estimate, with its point, its component and the claimed value."""
        checks = (
            self.estimators.checks
            if self.own
            else (self.estimators.symbolic, *self.estimators.checks)
        )
        for j, place in enumerate(map(self.place, self.points)):
            for i, component in enumerate(self.components):
                obstacle = self.reference.obstacle(place.point, i)
                for check in checks:
                    estimate = check(place, i)
                    if obstacle:
                        estimate = Estimate(estimate.check, estimate.measured, note=obstacle)
                    yield j, component, float(place.claimed[i]), estimate

    def evidence(self) -> Evidence:
        """Return claimed and true values wherever both exist, for the hypotheses."""
        places = [
            place for place in map(self._place_or_none, [*self.points, *self.further]) if place
        ]
        size = len(self.components)
        return Evidence(
            names=self.components,
            points=np.array([place.point for place in places]).reshape(-1, size),
            claimed=np.array([[float(c) for c in place.claimed] for place in places]).reshape(
                -1, size
            ),
            true=np.array([self._slopes(place.point) for place in places]).reshape(-1, size),
            tolerance=np.array([place.rounding[1:] for place in places]).reshape(-1, size),
            derivatives=tuple(self.objective.gradient),
            variables=self.objective.variables,
            claims=self.claim.expressions,
        )

    def _slopes(self, point: np.ndarray) -> list[float]:
        return [float(self.reference.slope(point, i)) for i in range(len(self.components))]

    def _place_or_none(self, point: np.ndarray) -> Place | None:
        """Return the place, or None where there is no derivative or the claim cannot be called."""
        if any(self.reference.obstacle(point, i) for i in range(len(self.components))):
            return None
        try:
            return self.place(point)
        except (TypeError, ValueError):
            return None


def rows_of_hessian(trial: Trial, second: Claim) -> list[Trial]:
    """Return a trial of each row of a Hessian, which is the gradient of a derivative."""
    objective = trial.objective
    size = objective.dimension

    def row(i: int) -> Trial:
        derivative = Objective(objective.gradient[i], objective.variables)
        claim = Claim(
            "hessian",
            lambda point: second.at(point)[i * size : (i + 1) * size],
            second.expressions[i * size : (i + 1) * size],
        )
        # Each row needs functions of its own, which take longer to compile than to interpret.
        estimators = Estimators(
            Reference(derivative), compile_everywhere(derivative, "interpreted")
        )
        name = objective.variables[i].name
        return Trial(estimators, claim, trial.points, trial.further, own=False, row=name)

    return [row(i) for i in range(size)]


def symmetry(trial: Trial, second: Claim) -> Iterator[Entry]:
    """Yield whether mirrored entries of a claimed Hessian are equal, at each point."""
    names, size = trial.components, len(trial.components)
    for j, place in enumerate(map(trial.place, trial.points)):
        entries = second.at(place.point)
        for row in range(size):
            for column in range(row):
                entry, mirrored = entries[row * size + column], entries[column * size + row]
                bound = place.rounding[row + 1] + place.rounding[column + 1]
                estimate = Estimate(
                    "symmetry", float(mirrored), float(abs(entry - mirrored)), bound
                )
                yield j, f"({names[row]}, {names[column]})", float(entry), estimate
