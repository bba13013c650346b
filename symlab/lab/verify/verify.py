"""Verification of derivatives: a gradient is compared with five estimates of it.

SymPy's derivative, PyTensor's automatic differentiation, a central difference, the complex step
and the order of the Taylor remainder share little but the objective. Where all agree with the
gradient within their stated bounds it is right; where they do not, the likely mistake is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from sympy import Derivative, MatrixBase

from symlab.algebra.exactly import exact_point
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.gate import entries
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.working_precision import exclusive
from symlab.checks import shown, whole
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.domain import domain_of
from symlab.lab.verify.candidate import Claim, make_claim
from symlab.lab.verify.diagnosis import Mistake
from symlab.lab.verify.estimators import Estimators
from symlab.lab.verify.reference import Reference, draw_points
from symlab.lab.verify.trials import Entry, Trial, rows_of_hessian, symmetry
from symlab.lab.verify.verdict import verdict

MOST_POINTS = 10_000
"""Random points at most, because each is evaluated in many digits."""

NEARBY = 8
"""Further points for the diagnosis of a mistake, because one point cannot tell a factor."""


@dataclass(frozen=True, eq=False)
class Verification:
    """The outcome of a verification.

    Parameters
    ----------
    objective : Objective
    points : array, shape (P, n)
        Where the derivatives were compared: the float64 numbers, exactly.
    frame : DataFrame
        One row per point, component and check: claimed and measured value, error, its tolerance,
        passed (missing where a check does not apply) and a note that says why.
    passed : bool
        Whether something was checked, and every check that applies agrees.
    verdict : str
        A sentence or two; a wrong derivative is named with its likely mistake.
    mistakes : tuple of Mistake
        The wrong components, each with `variable`, `kind` and `clause`.
    """

    objective: Objective
    points: np.ndarray
    frame: pd.DataFrame
    passed: bool
    verdict: str
    mistakes: tuple[Mistake, ...] = ()

    def __repr__(self) -> str:
        return f"{self.verdict}\n{self.summary.to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.verdict, quote=False)}</p>{self.summary.to_html()}"

    @property
    def summary(self) -> pd.DataFrame:
        """One row per check: rows passed and failed, and the largest error with its tolerance."""
        return pd.DataFrame(
            {check: _summarize(rows) for check, rows in self.frame.groupby("check", sort=False)}
        ).T


def _summarize(rows: pd.DataFrame) -> dict[str, object]:
    applied = rows[rows["passed"].notna()]
    passed = int(applied["passed"].sum())
    if applied.empty:
        return {
            "passed": 0,
            "failed": 0,
            "error": "",
            "tolerance": "",
            "note": rows["note"].iloc[0],
        }
    # An error of NaN counts as infinite.
    excess = (applied["error"] - applied["tolerance"]).fillna(np.inf)
    worst = applied.iloc[int(np.argmax(excess))]
    return {
        "passed": passed,
        "failed": len(applied) - passed,
        "error": f"{worst['error']:.2g}",
        "tolerance": f"{worst['tolerance']:.2g}",
        "note": worst["note"],
    }


@explain_words()
@exclusive
def verify(
    objective: Objective,
    at: object = None,
    *,
    gradient: object = None,
    hessian: object = None,
    points: int = 5,
    seed: int = 0,
    backend: str = "c",
) -> Verification:
    """Compare an objective's derivatives with independent estimates, and name what is wrong.

    Parameters
    ----------
    objective : Objective
        In n variables.
    at : sequence of n numbers, or of several such points, optional
        Where to compare. When left out, `points` random ones are drawn where the objective is real.
    gradient : Matrix, sequence of n expressions, or callable, optional
        The claimed gradient; a callable takes an array of shape (n,) and returns one. When left
        out, the objective's own derived gradient is verified.
    hessian : Matrix, nested sequence, or callable, optional
        A claimed matrix of second derivatives; each row is verified as a gradient.
    points, seed : int
        How many random points, and the seed of NumPy's PCG64 that draws them.
    backend : str
        What compiles value, derived gradient and automatic derivative.

    Returns
    -------
    Verification
        `.passed`, `.verdict`, `.frame`, `.mistakes`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: a point of the wrong length or where the objective is not real, a
        gradient of the wrong shape, with an unknown symbol, or that raises.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> f = Objective(x**2 * y + y**3)
    >>> verify(f, backend="interpreted").passed
    True
    >>> print(verify(f, gradient=[2*x*y, x**2 - 3*y**2], backend="interpreted").verdict)
    The claimed gradient is wrong in y: the term 3*y**2 has the wrong sign.
    """
    check_objective(objective)
    if unknown := objective.gradient.atoms(Derivative):
        raise ValueError(
            f"objective: SymPy knows no {unknown.pop()}; are its symbols declared real=True?"
        )
    compiled, reference = compile_everywhere(objective, backend), Reference(objective)
    size = objective.dimension
    claim = make_claim(
        objective.gradient if gradient is None else gradient, objective, "gradient", (size,)
    )
    second = None if hessian is None else make_claim(hessian, objective, "hessian", (size, size))
    generator = np.random.Generator(np.random.PCG64(whole(seed, "seed", 0)))
    places = _points(reference, at, _check_count(points), generator)
    further = [
        near for point in places[:NEARBY] for near in draw_points(reference, 1, generator, point)
    ]
    further += draw_points(reference, NEARBY, generator)
    trial = Trial(Estimators(reference, compiled), claim, places, further, own=gradient is None)
    trials = [trial] if second is None else [trial, *rows_of_hessian(trial, second)]
    with np.errstate(all="ignore"):  # a claim may overflow, which is then its error
        return _verification(trials, second)


def _check_count(points: object) -> int:
    """Return how many points are drawn, or refuse too many."""
    count = whole(points, "points", 1)
    if count > MOST_POINTS:
        raise ValueError(f"points: expected at most {MOST_POINTS}, got {shown(points)}.")
    return count


def _points(
    reference: Reference, at: object, count: int, generator: np.random.Generator
) -> list[np.ndarray]:
    if at is None:
        drawn = draw_points(reference, count, generator)
        if len(drawn) < count:
            raise ValueError(
                f"at: no {count} random points were found where the objective and its derivatives "
                f"are real (only {len(drawn)}); give some."
            )
        return drawn
    given = [np.array(point, dtype=float) for point in _given_points(reference.objective, at)]
    domain = domain_of(reference.objective.variables)
    for point in given:
        if breach := domain.breach(point):
            raise ValueError(f"at: outside the domain: {breach}.")
        if not reference.is_real(point):
            raise ValueError(
                f"at: f or a derivative of it is not a finite real number at {point.tolist()}."
            )
    return given


def _given_points(objective: Objective, at: object) -> list[tuple]:
    if not isinstance(at, (Mapping, MatrixBase)):
        given = entries(at, "at")
        if given and all(hasattr(point, "__len__") for point in given):
            return [
                exact_point(point, objective.dimension, f"at[{j}]", objective.variables)
                for j, point in enumerate(given)
            ]
    return [exact_point(at, objective.dimension, "at", objective.variables)]


def _verification(trials: Sequence[Trial], second: Claim | None) -> Verification:
    first = trials[0]
    rows = [row for trial in trials for row in trial.estimates()]
    if second is not None:
        rows += list(symmetry(first, second))
    frame = _frame(rows)
    applied = frame["passed"].dropna()
    passed = bool(len(applied)) and bool(applied.all())
    words = verdict(frame, trials, passed=passed)
    mistakes = () if passed else tuple(mistake for trial in trials for mistake in trial.mistakes)
    return Verification(first.objective, np.array(first.points), frame, passed, words, mistakes)


def _frame(rows: Sequence[Entry]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {
                "point": j,
                "component": component,
                "check": estimate.check,
                "claimed": claimed,
                "measured": estimate.measured,
                "error": estimate.error,
                "tolerance": estimate.tolerance,
                "passed": estimate.passed if estimate.applies else None,
                "note": estimate.note,
            }
            for j, component, claimed, estimate in rows
        ]
    )
    return frame.astype({"passed": "boolean"})
