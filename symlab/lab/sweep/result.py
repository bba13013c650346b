"""What a sweep found: a row for each run, and the best of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from symlab.algebra.objective import Objective
from symlab.lab.sweep.block import Block, Outcome, Settings
from symlab.lab.sweep.configured import configured
from symlab.lab.sweep.design import BATCH_SIZE, METHOD, SEED, Design, Runnable
from symlab.markup import paragraph

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDED_WELL = ("converged", "precision")
"""Statuses of runs that found a minimum."""

AS_LOW = 1e-9
"""Values that differ by no more, relative to 1 and themselves, are taken for the same minimum."""

MOST_SHOWN = 12


class Best(NamedTuple):
    """The best run of a sweep.

    Parameters
    ----------
    row : pandas.Series
        Its row of the frame.
    method : rule or method
        With the hyperparameters of that run.
    """

    row: pd.Series
    method: Any


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """Many runs, and how each of them ended.

    Parameters
    ----------
    objective : Objective
    design : Design
        What was to be run.
    settings : Settings
        What all runs have in common.
    outcomes : mapping of array to Outcome
        The rows that were run, and how they ended.
    computed : int
        Blocks that were run just now, not found in the store.
    """

    objective: Objective
    design: Design
    settings: Settings
    outcomes: tuple[np.ndarray, Outcome]
    computed: int

    def __len__(self) -> int:
        return len(self.outcomes[0])

    @property
    def complete(self) -> bool:
        """Whether every run was made."""
        return len(self) == len(self.design)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a run, a new table on each sweep.

        First what was swept; the start, as `start_x` for a variable x; then `status`, `steps`,
        `value`, the last iterate by the names of the variables (see `ends`), its `distance` to
        `minimiser`, the end of the best run, and the measured linear `rate` at which its steps
        shrank.
        """
        rows, found = self.outcomes
        names = [variable.name for variable in self.objective.variables]
        columns: dict[str, Any] = {name: self._swept(name)[rows] for name in self.design.swept}
        for i, name in enumerate(names):
            columns.setdefault(f"start_{name}", self.design.starts[rows, i])
        columns |= {"status": _words(found.status), "steps": found.steps, "value": found.value}
        columns |= dict(zip(self.ends, found.point.T, strict=True))
        columns |= {"distance": self._distance(), "rate": found.rate}
        frame = pd.DataFrame(columns)
        return frame if self.complete else frame.set_index(rows)

    @property
    def ends(self) -> tuple[str, ...]:
        """The columns of the last iterate: a variable's name, with `end_` before one that is taken.

        A variable may be called `value`, or as what is swept.
        """
        taken = {"status", "steps", "value", "distance", "rate", *self.design.swept}
        names = [variable.name for variable in self.objective.variables]
        taken |= {f"start_{name}" for name in names}
        return tuple(f"end_{name}" if name in taken else name for name in names)

    @cached_property
    def minimiser(self) -> np.ndarray | None:
        """The last iterate of the best run, shape (n,): the minimiser found; None if none is."""
        place = self._best
        return None if place is None else self.outcomes[1].point[place]

    def best(self) -> Best:
        """Return the best run: of those that reached the lowest minimum the one in fewest steps.

        Returns
        -------
        Best
            Its row of the frame, and the method with its hyperparameters.

        Raises
        ------
        ValueError
            If no run has a finite value.
        """
        if self._best is None:
            raise ValueError("best: no run of this sweep ended at a finite value.")
        return Best(self.frame.iloc[self._best], self.method(self._best))

    def method(self, place: int) -> Runnable:
        """Return the method of a row of the frame, counted from 0."""
        row = self.outcomes[0][place]
        values = {word: column[row] for word, column in self.design.numbers.items()}
        return configured(self.design.methods[self.design.method[row]], values)

    def plot(self, quantity: str | None = None) -> "Figure":
        """Return a picture of one or two swept quantities: a curve, or a map.

        Where a linear theory of the rule is known, the derived step limit and best step are drawn
        over what was measured.

        Parameters
        ----------
        quantity : str, optional
            The column that is shown: `"steps"`, `"value"`, `"distance"`, `"rate"` or `"status"`;
            how far a run came, and how fast, when left out.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If the sweep is of no or of more than two quantities, or no such column is there.
        """
        from symlab.lab.sweep.picture import picture_of

        return picture_of(self, quantity)

    @cached_property
    def _best(self) -> int | None:
        found = self.outcomes[1]
        values = np.where(np.isfinite(found.value), found.value, np.inf)
        for wanted in (np.isin(found.status, ENDED_WELL), found.status != "diverged"):
            if (some := np.flatnonzero(wanted & np.isfinite(values))).size:
                lowest = values[some].min()
                same = some[values[some] <= lowest + AS_LOW * (1 + abs(lowest))]
                order = np.lexsort((values[same], found.steps[same]))
                return int(same[order[0]])
        return None

    def _distance(self) -> np.ndarray:
        found = self.outcomes[1]
        if self.minimiser is None:
            return np.full(len(self), np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.linalg.norm(found.point - self.minimiser, axis=1))

    def _swept(self, name: str) -> np.ndarray:
        design = self.design
        if name in design.numbers:
            return design.numbers[name]
        if name == METHOD:
            return np.array([repr(method) for method in design.methods], object)[design.method]
        whole = {SEED: design.seeds, BATCH_SIZE: design.batch_sizes}.get(name)
        if whole is not None:
            return whole
        names = [f"start_{variable.name}" for variable in self.objective.variables]
        return design.starts[:, names.index(name)]

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON: how many runs ended how, and the best of them."""
        counts = Counter(self.outcomes[1].status.tolist())
        best: dict[str, object] | None = None
        if self._best is not None:
            row, method = self.best()
            numbers = {str(name): _plain(value) for name, value in row.items()}
            best = {"method": repr(method), **numbers}
        return {
            "runs": len(self),
            "complete": self.complete,
            "statuses": dict(counts.most_common()),
            "best": best,
        }

    def __repr__(self) -> str:
        of_all = "" if self.complete else f" of {len(self.design)}"
        extent = f"{len(self)}{of_all} run{'s' * (len(self.design) != 1)}"
        counts = Counter(self.outcomes[1].status.tolist())
        told = ", ".join(f"{count} {status}" for status, count in counts.most_common())
        best = "" if self._best is None else f"; best {self._best_words()}"
        return f"Sweep({extent} over {', '.join(self.design.swept)}: {told}{best})"

    def _best_words(self) -> str:
        row, method = self.best()
        return f"{method!r}: value {row['value']:.6g} in {row['steps']} steps"

    def _repr_html_(self) -> str:
        return f"{paragraph(repr(self))}{self.frame.to_html(index=False, max_rows=MOST_SHOWN)}"


def joined(
    planned: Sequence[tuple[np.ndarray, Block]], done: Mapping[int, Outcome]
) -> tuple[np.ndarray, Outcome]:
    """Return the rows that were run, in order, and how they ended."""
    numbers = sorted(done)
    if not numbers:
        size = planned[0][1].starts.shape[1]
        none = np.empty(0)
        return np.empty(0, dtype=int), Outcome(
            none.astype(object), none.astype(np.int64), none, none, np.empty((0, size))
        )
    rows = np.concatenate([planned[i][0] for i in numbers])
    order = np.argsort(rows)
    parts = {
        name: np.concatenate([getattr(done[i], name) for i in numbers])[order]
        for name in ("status", "steps", "value", "rate", "point")
    }
    return rows[order], Outcome(**parts)


def _words(status: np.ndarray) -> pd.Series:
    """Return words as a column: each different one is made once."""
    known = {word: number for number, word in enumerate(dict.fromkeys(status))}
    places = np.fromiter(map(known.__getitem__, status), dtype=int, count=len(status))
    return pd.Series(list(known), dtype="str").take(places).reset_index(drop=True)


def _plain(value: Any) -> object:
    """Return an entry of a frame as JSON has it, which has no number for NaN."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain != plain else plain
