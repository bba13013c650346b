"""An erratum of the logistic regression on a line: two fits that agree by accident.

Chapter, section 8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sympy import Expr, exp, lambdify, solve, symbols

from symlab.book import data
from symlab.book.errata import ensembles as many
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.risks import step_risk

w, b, z = symbols("w b z", real=True)
C, total = symbols("C total", positive=True)

SAMPLES, STEP_SIZE, START = 500, 0.0002, 0.1
RUNS, FEW = 10, 5
SIZES = (10, 20, 50, 500)
STEPS = (1000, 2000, 5000, 10_000)
GRID = np.linspace(0, data.WIDTH, 20)
"""Where the chapter draws its curves."""

SOLVED = {"liblinear": (w**2 + b**2) / 2, "lbfgs": w**2 / 2}
"""The penalty that each of scikit-learn's solvers adds when C is 1."""


@dataclass(frozen=True)
class Fit:
    """How a curve is fitted, and whose fit it is laid on.

    Parameters
    ----------
    penalty : sympy.Expr
        In w and b, added to the sum of the losses.
    steps : int
        Of gradient descent.
    solver : str
        scikit-learn's, by default C = 1.
    probability : sympy.Expr
        Of the upper class, in the score z.
    """

    penalty: Expr
    steps: int
    solver: str
    probability: Expr


PRINTED = Fit(w**2, STEPS[0], "liblinear", exp(z) / (1 + exp(z)))
RIGHT = Fit(w**2 / 2, STEPS[-1], "lbfgs", 1 / (1 + exp(-z)))


def curves(fits: np.ndarray) -> np.ndarray:
    """Return the probabilities on the `GRID` of fits (w and b, runs), shape (20, runs)."""
    return np.asarray(expit(fits[0] * GRID[:, None] + fits[1]))


def gaps(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the largest difference of probability between two fits of each run."""
    return np.abs(curves(one) - curves(other)).max(axis=0)


@lru_cache(maxsize=16)
def samples_of(runs: int, samples: int = SAMPLES) -> np.ndarray:
    """Return points and labels, -1 and 1, of seeds 0, 1, ..., shape (2, runs, samples)."""
    drawn = [data.step_data(samples, seed, labels=(-1, 1)) for seed in range(runs)]
    return np.array(drawn).transpose(1, 0, 2)


@lru_cache(maxsize=16)
def descents(penalty: Expr, steps: int, runs: int = RUNS) -> np.ndarray:
    """Return the iterates of the chapter's descent, shape (steps + 1, 2, runs)."""
    start = np.full((2, runs), START)
    return many.descend(step_risk(penalty), start, samples_of(runs), STEP_SIZE, steps)


@lru_cache(maxsize=16)
def minima(penalty: Expr, runs: int = RUNS, samples: int = SAMPLES) -> np.ndarray:
    """Return where the objective is least, shape (2, runs)."""
    return many.find_minima(
        step_risk(penalty), np.full((2, runs), START), samples_of(runs, samples)
    )


@lru_cache(maxsize=16)
def library(solver: str, strength: float = 1.0) -> np.ndarray:
    """Return scikit-learn's w and b for some C, shape (2, FEW)."""
    found = []
    for x, y in zip(*samples_of(FEW), strict=True):
        model = LogisticRegression(C=strength, solver=solver, tol=1e-8).fit(x[:, None], y)
        found.append((model.coef_[0, 0], model.intercept_[0]))
    return np.array(found).T


def strength(penalty: Expr) -> Expr:
    """Return the C at which `C total + w^2/2` is a multiple of `total + penalty`."""
    (found,) = solve(C * total + w**2 / 2 - C * (total + penalty), C)
    return found


def _two_errors(printed: Fit, right: Fit) -> Iterator[Observation]:
    yield from _coincidence(printed, right)
    yield from _penalties(printed, right)
    ends = descents(printed.penalty, STEPS[-1], FEW)
    short = {k: gaps(ends[k], minima(printed.penalty, FEW)).max() for k in STEPS}
    yield Observation(
        "at the step where it is stopped the descent is still far from its own minimum",
        bool(short[printed.steps] > 0.01),
        {f"from its minimum after {k}": gap for k, gap in short.items()},
    )
    yield Observation(
        "the probability as it is written is no number where its score is large",
        all(isnan_beyond(printed.probability, kind) for kind in (np.float32, np.float64)),
        {
            f"largest score, {kind.__name__}": float(np.log(np.finfo(kind).max))
            for kind in (np.float32, np.float64)
        },
    )


def _coincidence(printed: Fit, right: Fit) -> Iterator[Observation]:
    ours = descents(printed.penalty, printed.steps)[-1]
    by = {name: gaps(ours, minima(SOLVED[name])) for name in (printed.solver, right.solver)}
    short = gaps(ours, minima(printed.penalty))
    yield Observation(
        "the two curves lie several times nearer to each other than ours to its own minimum, or "
        "than ours to scikit-learn's with a free intercept",
        bool(3 * by[printed.solver].mean() < min(short.mean(), by[right.solver].mean())),
        {
            f"to {printed.solver}": by[printed.solver].mean(),
            "to its own minimum": short.mean(),
            f"to {printed.solver}, most": by[printed.solver].max(),
            "to its own minimum, most": short.max(),
            f"to {right.solver}": by[right.solver].mean(),
            f"to {right.solver}, most": by[right.solver].max(),
        },
    )
    fitted = library(printed.solver)
    shrunk = gaps(fitted, minima(w**2 / 2, FEW))
    yield Observation(
        "scikit-learn's solver has shrunk the intercept too: it minimises (w^2 + b^2)/2 besides",
        bool(
            shrunk.min() > 0.01 and gaps(fitted, minima(SOLVED[printed.solver], FEW)).max() < 1e-6
        ),
        {"shrunk by": shrunk.mean(), "w": fitted[0, 0], "b": fitted[1, 0]},
    )


def _penalties(printed: Fit, right: Fit) -> Iterator[Observation]:
    share = strength(printed.penalty)
    same = gaps(minima(printed.penalty, FEW), library("lbfgs", float(share)))
    yield Observation(
        "the penalty is not that of C = 1, and at the C whose it is the minima are the same",
        bool(share != 1 and same.max() < 1e-6),
        {"C": share, "difference at that C": same.max()},
    )
    apart = {
        m: gaps(minima(printed.penalty, RUNS, m), minima(right.penalty, RUNS, m)).mean()
        for m in SIZES
    }
    yield Observation(
        "which shows where points are few",
        bool(apart[SIZES[0]] > 0.02),
        {f"difference, {m} points": gap for m, gap in apart.items()},
    )


def isnan_beyond(probability: Expr, kind: type[np.floating]) -> bool:
    """Whether a probability is no number at a score just above the logarithm of the greatest."""
    beyond = kind(np.log(np.finfo(kind).max) + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isnan(lambdify(z, probability)(beyond)))


def _draw_curves(printed: Axes, right: Axes) -> None:
    for ax, fit in ((printed, PRINTED), (right, RIGHT)):
        ours = curves(descents(fit.penalty, fit.steps, FEW)[-1])[:, 0]
        ax.plot(GRID, curves(library(fit.solver))[:, 0], "--k", alpha=0.5, label=fit.solver)
        ax.plot(GRID, ours, "ok", alpha=0.3, label=f"ours, {fit.steps} steps")
        ax.set(xlabel="$x$", ylabel="Probability of Class", ylim=(0, 1))
        ax.legend(loc="upper left")
    before = curves(descents(PRINTED.penalty, PRINTED.steps, FEW)[-1])[:, 0]
    right.plot(GRID, before, "r:", label="as printed")
    right.legend(loc="upper left")


ERRATA = (
    Erratum(
        id="E18",
        section=8,
        title="Two fits agree because two errors cancel",
        place="the figure of the two curves, and the conclusion drawn from it",
        printed="a thousand steps on the losses plus w^2 give scikit-learn's curve, so the unit is "
        "logistic regression",
        right="that objective is scikit-learn's at C = 1/2 and not 1; the thousand steps do not "
        "reach its minimum; and liblinear, the default of the day, shrinks the intercept by about "
        "as much. Done to its end, either fit leaves the other's curve",
        matters="Agreement of two programs is taken for a proof of both. With today's default "
        "solver the same listing shows a gap.",
        forms=(PRINTED, RIGHT),
        check=_two_errors,
        lesson="logistic_one_dimension",
        draw=_draw_curves,
    ),
)
