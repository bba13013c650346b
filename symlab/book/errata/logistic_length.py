"""Errata about how long w is: weights that are never reset, and a minimum that is not there.

Chapter, sections 15 and 16.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Integer, limit, oo, symbols

from symlab.book.errata import ensembles as many
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.plane import (
    SAMPLES,
    STEP_SIZE,
    STEPS,
    clouds,
    lengths,
    near_starts,
)
from symlab.book.risks import plane_risk

RUNS = 100

Next = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From the start of a loop and its end to the start of the next."""


def its_end(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Go on from where the last loop came to, as shared variables do."""
    return end


def its_start(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Set the weights back."""
    return start


LOOPS = {"all samples": (SAMPLES, False), "one": (1, True), "fifty": (50, False)}
"""The loops of section 16, in order: samples of a step, and whether one may come twice."""

RECORDED = float(np.hypot(*recorded.WEIGHTS))


@lru_cache(maxsize=4)
def loops(following: Next) -> np.ndarray:
    """Return the iterates of all three loops, shape (loops, steps + 1, parameters, runs)."""
    here, found = near_starts(RUNS), []
    for size, replacement in LOOPS.values():
        batches = None
        if size < SAMPLES:
            batches = many.draw_samples(SAMPLES, STEPS, RUNS, size, replacement=replacement)
        run = many.descend(plane_risk(), here, clouds(RUNS), STEP_SIZE, STEPS, batches)
        found.append(run)
        here = following(here, run[-1])
    return np.array(found)


def _shared_weights(printed: Next, right: Next) -> Iterator[Observation]:
    together, alone = lengths(loops(printed)), lengths(loops(right))
    last, longest = together[-1, -1], alone[:, -1].max()
    yield Observation(
        f"the recorded w is as long as after all three loops, in {RUNS} runs of them as printed, "
        "and longer than after any single one",
        bool(last.min() < RECORDED < last.max() and longest < RECORDED),
        {
            "recorded |w|": RECORDED,
            "longest after one loop": longest,
            "shortest after three": last.min(),
            "longest after three": last.max(),
        },
    )
    starts = loops(printed)[:, 0]
    yield Observation(
        "as printed no loop but the first begins at the start",
        bool(np.all(np.any(starts[1:] != starts[0], axis=1))),
    )
    means = together[:, -1].mean(axis=1)
    yield Observation(
        "so that each makes w longer than it found it, and the last one has 3000 steps behind it",
        bool(np.all(np.diff(means) > 0.1 * means[:-1])),
        {f"mean |w| after {name}": mean for name, mean in zip(LOOPS, means, strict=True)},
    )


def _draw_loops(printed: Axes, right: Axes) -> None:
    for ax, form in ((printed, its_end), (right, its_start)):
        for number, (name, run) in enumerate(zip(LOOPS, lengths(loops(form)), strict=True)):
            ax.plot(STEPS * number + np.arange(STEPS + 1), run[:, 0], label=name)
        ax.axhline(RECORDED, color="k", ls=":", label="recorded")
        ax.set(xlabel="step", ylabel="$|w|$", ylim=(0, 8))
        ax.legend(loc="lower right")


DECADES = (100, 1000, 10_000)
FEW = 5
"""Enough runs of ten thousand steps to see that they are alike."""

b0, b1, bias, x0, x1, y, t = symbols("b0 b1 bias x0 x1 y t", real=True)
m = symbols("m", positive=True)

NO_PENALTY = Integer(0)
A_PENALTY = (b0**2 + b1**2) / 100


@lru_cache(maxsize=4)
def long_runs(penalty: Expr) -> np.ndarray:
    """Return the iterates of steps of 1 over all samples, shape (steps + 1, parameters, runs)."""
    return many.descend(
        plane_risk(penalty=penalty), near_starts(FEW), clouds(FEW), 1.0, DECADES[-1]
    )


def beside_the_line(expression: Expr) -> list[Expr]:
    """Return an expression of a sample for both labels, at a distance m from x1 = x0."""
    return [expression.subs({y: label, x1: x0 + (2 * label - 1) * m}) for label in (0, 1)]


def _no_minimum(printed: Expr, right: Expr) -> Iterator[Observation]:
    grown, stopped = (
        lengths(long_runs(form))[list(DECADES)].mean(axis=1) for form in (printed, right)
    )
    sums = [many.totals(plane_risk(), long_runs(printed)[k], clouds(FEW)).mean() for k in DECADES]
    yield Observation(
        "ten times the steps make w at least half as long again; with a penalty it stays as it is",
        bool(np.all(grown[1:] > 1.5 * grown[:-1]) and stopped[-1] < 1.001 * stopped[-2]),
        {f"|w| after {k}": length for k, length in zip(DECADES[::-1], grown[::-1], strict=True)}
        | {f"J after {k}": total for k, total in zip(DECADES, sums, strict=True)}
        | {f"|w| after {DECADES[-1]}, penalty": stopped[-1]},
    )
    w = long_runs(printed)[list(DECADES), :2]
    turned = np.degrees(np.arccos((w[:, 1] - w[:, 0]) / np.sqrt(2) / np.linalg.norm(w, axis=1)))
    yield Observation(
        "what settles is the direction, within a degree or two of (-1, 1)",
        bool(turned[-1].max() < 2 < turned[0].max()),
        {f"degrees off after {k}": each.max() for k, each in zip(DECADES, turned, strict=True)},
    )
    first, second, labels = clouds(RUNS)
    yield Observation(
        "the line x1 = x0 has each point on its label's side, because it made the labels",
        bool(np.all((second - first) * (2 * labels - 1) > 0)),
    )
    risk = plane_risk(penalty=printed)
    loss = risk.loss + risk.penalty
    slopes = [slope.simplify() for slope in beside_the_line(loss.diff(b1) - loss.diff(b0))]
    yield Observation(
        "so each loss falls along (-1, 1, 0) whatever the parameters are: no gradient is 0",
        all(slope.is_negative for slope in slopes),
        {f"slope, label {label}": str(slope) for label, slope in enumerate(slopes)},
    )
    restrictions = beside_the_line(loss.subs({b0: -t, b1: t, bias: 0}))
    ends = [limit(along.expand(), t, oo) for along in restrictions]
    yield Observation(
        "and far out in that direction each is as near to 0 as one likes, which it is nowhere",
        ends == [0, 0],
        {"limit of a loss": max(ends)},
    )


def _draw_lengths(printed: Axes, right: Axes) -> None:
    for ax, form in ((printed, NO_PENALTY), (right, A_PENALTY)):
        ax.plot(lengths(long_runs(form)), color="k", lw=1)
        ax.set(xscale="symlog", xlim=(0, DECADES[-1]), ylim=(0, 30), xlabel="step", ylabel="$|w|$")
    right.text(2, 25, r"with $|w|^2/100$ added to the mean", fontsize=12)


ERRATA = (
    Erratum(
        id="E14",
        section=16,
        title="Three loops presented as alternatives train one set of weights",
        place="the three training loops, and the weights printed after them",
        printed="all samples, one sample and fifty of them a step, as three ways to train, and the "
        "weights after the last",
        right="the shared weights are never set back, so each loop goes on from the end of the one "
        "before, and what is printed has had 3000 updates and not 1000",
        matters="The printed w is longer than any of the three loops makes it, and tells nothing "
        "about the last of them, nor about which is best.",
        forms=(its_end, its_start),
        check=_shared_weights,
        lesson="logistic_compiled",
        draw=_draw_loops,
    ),
    Erratum(
        id="E22",
        section=15,
        title="The example has no minimum to reach",
        place="the labels, which are cut along x1 = x0, and all that is minimised on them",
        printed="a cross-entropy on labels that a line separates, and a w that minimises it",
        right="without noise in the labels or a penalty on w the loss only tends to 0, as |w| "
        "tends to infinity",
        matters="The printed w is where the clock stopped. Compare directions, w/|w|, and not w.",
        forms=(NO_PENALTY, A_PENALTY),
        check=_no_minimum,
        lesson="logistic_compiled",
        draw=_draw_lengths,
    ),
)
