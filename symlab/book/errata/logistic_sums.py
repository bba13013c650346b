"""An erratum about sums and means: two listings that are called parallel and are not.

Chapter, sections 12, 15 and 16.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from symlab.book.errata import ensembles as many
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.plane import (
    FAR,
    FAR_STEPS,
    SAMPLES,
    STEP_SIZE,
    STEPS,
    clouds,
    far_starts,
    lengths,
    near_starts,
)
from symlab.book.risks import logistic_plane, plane_risk
from symlab.engine.compiled.functions import compile

RUNS = 200

HIGH = 300
"""Far starts count where the losses add up to at least this; from a low one little can fall."""


@dataclass(frozen=True)
class Listing:
    """How a listing descends.

    Parameters
    ----------
    whole, formula, batch : str
        The reduction over all samples, in the text's formula of a mini-batch, and in its listing.
    size : int
        Samples of a batch.
    replacement : bool
        Whether one of them may come twice.
    width : float
        The standard deviation of the start.
    steps : int
    """

    whole: str
    formula: str
    batch: str
    size: int
    replacement: bool
    width: float
    steps: int


SYMBOLIC = Listing("sum", "sum", "mean", 10, replacement=True, width=FAR, steps=FAR_STEPS)
COMPILED = Listing("mean", "mean", "mean", 50, replacement=False, width=1, steps=STEPS)

Pair = tuple[Listing, Listing]


def weight(reduction: str, samples: int) -> float:
    """Return the factor by which a reduction multiplies the sum over the samples."""
    return float(logistic_plane(samples, 0, reduction).weight)


def longest_step(reduction: str) -> float:
    """Return 2/L on the cloud of seed 0; L is the curvature at 0, where it is largest."""
    bound = logistic_plane(SAMPLES, 0, reduction)
    return float(2 / np.linalg.eigvalsh(compile(bound, "interpreted").hessian([0, 0, 0]))[-1])


def repeats(listing: Listing) -> float:
    """Return the probability that a batch has a sample twice."""
    different = 1 - np.arange(listing.size) / SAMPLES
    return float(1 - np.prod(different)) if listing.replacement else 0.0


@lru_cache(maxsize=4)
def mean_length(reduction: str) -> float:
    """Return the mean |w| after the steps of section 16 over all samples."""
    risk, runs = plane_risk(reduction), RUNS // 2
    found = many.descend(risk, near_starts(runs), clouds(runs), STEP_SIZE, STEPS)
    return float(lengths(found[-1]).mean())


@lru_cache(maxsize=8)
def heights(reduction: str, size: int = SAMPLES) -> np.ndarray:
    """Return J, the sum, along descents from all high starts, shape (steps + 1, runs)."""
    risk, starts, samples = plane_risk(reduction), far_starts(RUNS), clouds(RUNS)
    high = many.totals(risk, starts, samples) >= HIGH
    batches = None
    if size < SAMPLES:
        batches = many.draw_samples(SAMPLES, FAR_STEPS, RUNS, size, replacement=True)[:, high]
    samples = samples[:, high]
    run = many.descend(risk, starts[:, high], samples, STEP_SIZE, FAR_STEPS, batches)
    return np.array([many.totals(risk, each, samples) for each in run])


def _parallel(printed: Pair, right: Pair) -> Iterator[Observation]:
    yield from _steps(printed)
    yield from _descents(printed)
    first, second = printed
    yield Observation(
        "a batch of the first may have a sample twice, so that it is not the text's subset",
        repeats(first) > 0,
        {"a sample twice": repeats(first)},
    )
    names = [each.name for each in fields(Listing)]
    differ = [name for name in names if getattr(first, name) != getattr(second, name)]
    yield Observation(
        "and size, drawing, start and length of a run differ besides",
        {"size", "replacement", "width", "steps"} <= set(differ),
        {"they differ in": ", ".join(differ)},
    )


def _steps(listings: Pair) -> Iterator[Observation]:
    first, second = listings
    whole = weight(first.whole, SAMPLES) / weight(second.whole, SAMPLES)
    part = weight(first.formula, first.size) / weight(first.batch, first.size)
    yield Observation(
        "with one step size a step over all samples is as many times longer in the first listing "
        "as there are samples, and in the formula of a batch than in the listing of one",
        round(whole) == SAMPLES and round(part) == first.size,
        {"times as long, all": whole, "times as long, a batch": part},
    )
    limits = [longest_step(each.whole) for each in listings]
    yield Observation(
        "the step size that both have, 0.1, is above 2/L in the first and below it in the second",
        limits[0] < STEP_SIZE < limits[1],
        {"2/L, first": limits[0], "2/L, second": limits[1]},
    )


def _descents(listings: Pair) -> Iterator[Observation]:
    first, _ = listings
    lengths_of_w = [mean_length(each.whole) for each in listings]
    yield Observation(
        f"{STEPS} such steps make w more than three times as long in the first",
        lengths_of_w[0] > 3 * lengths_of_w[1],
        {"mean |w|, first": lengths_of_w[0], "mean |w|, second": lengths_of_w[1]},
    )
    whole, part = heights(first.whole), heights(first.batch, first.size)
    yield Observation(
        "and let all samples look a hundred times better than batches within the first",
        bool(whole[-1].mean() < 0.01 * part[-1].mean()),
        {
            "starts": whole.shape[1],
            "mean J at the start": whole[0].mean(),
            "all, after 20": whole[20].mean(),
            f"all, after {FAR_STEPS}": whole[-1].mean(),
            f"batches, after {FAR_STEPS}": part[-1].mean(),
        },
    )


def _draw_descents(printed: Axes, right: Axes) -> None:
    for ax, listing in ((printed, SYMBOLIC), (right, COMPILED)):
        runs = {
            f"all, the {listing.whole}": heights(listing.whole),
            f"ten, the {listing.batch}": heights(listing.batch, SYMBOLIC.size),
        }
        for style, (name, run) in zip(("k-", "c--"), runs.items(), strict=True):
            ax.plot(run.mean(axis=1), style, lw=2, label=name)
        ax.set(xlabel="step", ylabel="$J$, mean of the runs", yscale="log", ylim=(1, 4000))
        ax.legend(loc="center right")


ERRATA = (
    Erratum(
        id="E15",
        section=15,
        title="Sums in one listing, means in the other, under one step size",
        place="the formula and the listings of mini-batches, the descent over all samples, and the "
        "remark that the compiled program is parallel to it",
        printed="a sum over all samples and over a batch in SymPy's part, means in the compiled "
        "one and in both listings of batches, and 0.1 for every step",
        right="means throughout, or a step size divided by the number of samples; and batches, "
        "starts and numbers of steps alike where results are to be compared",
        matters="The two parts compare nothing: the same 0.1 is a hundredfold longer step in one, "
        "and a descent that sums looks better than batches for that alone.",
        forms=((SYMBOLIC, COMPILED), (COMPILED, COMPILED)),
        check=_parallel,
        lesson="logistic_symbolic",
        draw=_draw_descents,
    ),
)
