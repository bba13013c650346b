"""Errata of momentum: its formula and its queue of iterates (chapter, sections 13 and 15)."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sympy import lambdify, simplify, symbols

from symlab.algebra.alphabet import alpha, eta, x
from symlab.algebra.exactly import exactly
from symlab.algebra.problems import PROBLEMS
from symlab.book import data
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.momentum_printed import printed_momentum
from symlab.book.risks import logistic_plane
from symlab.engine.batches import draw_batches
from symlab.engine.minimize import minimize
from symlab.engine.trace import Trace
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent, momentum
from symlab.theory.analyze import analyze

f = PROBLEMS["quartic"].objective
MINIMISER = float(exactly(PROBLEMS["quartic"].minimisers[0][0]))

Queue = tuple[Any, Any]
Remember = Callable[[Queue, Any], Queue]

SAMPLES, BATCH, STEPS, STEP_SIZE, SHARE = 100, 10, 200, 0.1, 0.5
SEEDS = range(200)
HIGH = 300
"""Runs whose J starts below this are over too soon to compare by."""
FIGURE_SEED = 4632
"""A start like that of the chapter's figure; lesson `logistic_symbolic` has the same."""


def never_filled(queue: Queue, new: Any) -> Queue:
    """Return the two slots of the chapter's listing after a step: as they were."""
    return queue


def first_out(queue: Queue, new: Any) -> Queue:
    """Return the two slots with the new iterate in, and the older one out."""
    return queue[1], new


@lru_cache(maxsize=32)
def heights(
    remember: Remember,
    share: float = SHARE,
    batch: int = BATCH,
    *,
    seeds: Sequence[int] = SEEDS,
    later: int = 0,
) -> np.ndarray:
    """Return J after each step of descents in batches, shape (steps + 1, seeds).

    A step adds a share of the difference between the two slots. Each seed has its own points and
    start, and all are run at once; `later` takes the batches of a seed so much further on.
    """
    risk = logistic_plane().risk
    letters = (*risk.parameters, *risk.data)
    loss, slopes = lambdify(letters, risk.loss), lambdify(letters, list(risk.gradient))
    clouds = [data.half_plane(SAMPLES, seed) for seed in seeds]
    samples = np.array([np.column_stack(cloud) for cloud in clouds]).transpose(2, 0, 1)
    drawn = _draw_samples(batch, [seed + later for seed in seeds])
    weights = np.array([data.initial_weights(3, 20, seed) for seed in seeds])
    queue, rows = (weights, weights), np.arange(len(weights))[:, None]
    found = [loss(*weights.T[:, :, None], *samples).sum(axis=1)]
    for batches in drawn:
        gradient = slopes(*weights.T[:, :, None], *samples[:, rows, batches])
        down = weights - STEP_SIZE * np.mean(gradient, axis=2).T
        weights = down + share * (queue[1] - queue[0])
        queue = remember(queue, weights)
        found.append(loss(*weights.T[:, :, None], *samples).sum(axis=1))
    return np.array(found)


def _draw_samples(batch: int, seeds: Sequence[int]) -> np.ndarray:
    """Return the samples of each step, with replacement, shape (steps, seeds, batch)."""
    each = [
        draw_batches(SAMPLES, batch, STEPS, seed, order="step", replacement=True) for seed in seeds
    ]
    return np.array(each).transpose(1, 0, 2)


def _falls(runs: np.ndarray, plain: np.ndarray, step: int) -> float:
    """Return how many times as far J has fallen as in the plain runs, in the median."""
    high = plain[0] >= HIGH
    return float(np.median(((runs[0] - runs[step]) / (plain[0] - plain[step]))[high]))


def _queue_of_iterates(printed: Remember, right: Remember) -> Iterator[Observation]:
    plain, as_printed, as_right = heights(never_filled, 0.0), heights(printed), heights(right)
    ratios = {step: _falls(as_right, plain, step) for step in (5, 20, 50, 200)}
    yield Observation(
        "momentum lowers J nearly twice as far as batches alone, towards the 1/(1 - 0.5) = 2 of "
        "theory; as printed, just as far",
        _falls(as_printed, plain, 20) == 1 and 1.5 < ratios[20] < 1 / (1 - SHARE),
        {
            "fall in 20 steps over plain, printed": _falls(as_printed, plain, 20),
            "fall in 20 steps over plain, right": ratios[20],
            **{
                f"fall in {step} steps over plain, right": ratio
                for step, ratio in ratios.items()
                if step != 20
            },
            "runs compared": int(np.sum(plain[0] >= HIGH)),
        },
    )
    yield Observation(
        "with the same draws the curve called momentum is the mini-batch curve, to the last bit",
        np.array_equal(as_printed, plain) and not np.array_equal(as_right, plain),
        {
            "difference, printed": np.abs(as_printed - plain).max(),
            "difference, right": np.abs(as_right - plain).max(),
        },
    )
    yield _difference_of_the_slots(printed, right)
    yield from _as_in_the_figure(printed, right)


def _difference_of_the_slots(printed: Remember, right: Remember) -> Observation:
    start, *iterates = symbols("w0:5", real=True)
    differences = []
    for remember in (printed, right):
        queue: Queue = (start, start)
        for each in iterates:
            queue = remember(queue, each)
        differences.append(queue[1] - queue[0])
    return Observation(
        "whatever the iterates are, the two slots stay equal and the added term is zero",
        differences[0] == 0 and differences[1] == iterates[-1] - iterates[-2],
        {"slots, printed": str(differences[0]), "slots, right": str(differences[1])},
    )


def _as_in_the_figure(printed: Remember, right: Remember) -> Iterator[Observation]:
    plain, few = heights(printed), SEEDS[:40]
    redrawn = heights(printed, seeds=few, later=1)
    moved = np.abs(redrawn - plain[:, few]).max(axis=0)
    yield Observation(
        "other draws alone move the curve, which is why the figure shows two",
        bool(np.all(moved > 0)),
        {"moved by, median": np.median(moved), "at most": moved.max()},
    )
    single, as_right = heights(never_filled, 0.0, 1), heights(right)
    high = plain[0] >= HIGH
    lower = (as_right[-1] < np.minimum(single[-1], plain[-1]))[high].mean()
    yield Observation(
        "momentum is not between the two other curves but below both, in nearly all runs",
        bool(lower > 0.9) and not np.array_equal(as_right, plain),
        {"below both": float(lower)},
    )
    curves = _figure_curves(printed, right)
    ends = {f"J at the end, {name}": float(curve[-1]) for name, curve in curves.items()}
    yield Observation(
        "so in a run that looks like the figure's",
        curves["right"][-1] < curves["printed"][-1] == curves["mini-batch"][-1],
        {"J at the start": float(curves["right"][0]), **ends},
    )


def _figure_curves(printed: Remember, right: Remember) -> dict[str, np.ndarray]:
    seeds = (FIGURE_SEED,)
    return {
        "one sample": heights(never_filled, 0.0, 1, seeds=seeds)[:, 0],
        "mini-batch": heights(never_filled, 0.0, seeds=seeds)[:, 0],
        "printed": heights(printed, seeds=seeds)[:, 0],
        "printed, other draws": heights(printed, seeds=seeds, later=1)[:, 0],
        "right": heights(right, seeds=seeds)[:, 0],
    }


def _draw_queue(printed: Axes, right: Axes) -> None:
    curves = _figure_curves(never_filled, first_out)
    for ax, third in ((printed, "printed, other draws"), (right, "right")):
        ax.plot(curves["one sample"], "k--", label="one sample a step")
        ax.plot(curves["mini-batch"], "b-", label="mini-batch")
        ax.plot(curves[third], "g-", label="mini-batch with momentum")
        ax.set(xlabel="iteration ($k$)", ylabel=r"$J(\beta)$")
        ax.set_ylim(0, 1.05 * max(curves["mini-batch"]))
        ax.legend(loc="lower left")


Form = Callable[..., Rule]


def _run(rule: Rule, steps: int, every: int = 1) -> Trace:
    return minimize(f, [0.1], rule, steps, backend="interpreted", record_every=every)


def _unknown_on_both_sides(printed: Form, right: Form) -> Iterator[Observation]:
    yield _solved_for_the_next(printed, right)
    plain = gradient_descent(step_size=STEP_SIZE)
    rules = [plain, *(form(step_size=STEP_SIZE, momentum=SHARE) for form in (printed, right))]
    lengths = ((600, 1), (3000, 100), (400, 1))
    swinging, creeping, settled = (
        _run(rule, *length).iterates[-2:, 0] for rule, length in zip(rules, lengths, strict=True)
    )
    yield Observation(
        "on the chapter's f, momentum cures the oscillation of plain descent, and the printed "
        "equation sends the run to the inflection at 0",
        abs(settled[-1] - MINIMISER) < 1e-9 and -1e-3 < creeping[-1] < 0 and np.ptp(swinging) > 0.1,
        {
            "end, printed": creeping[-1],
            "end, right": settled[-1],
            "plain, low": swinging.min(),
            "plain, high": swinging.max(),
        },
    )
    limits: list[Any] = [analyze(f, rule).step_limit for rule in rules]
    yield Observation(
        "momentum bears a longer step than plain descent, the printed equation a shorter one",
        limits[1] < limits[0] < STEP_SIZE < limits[2],
        dict(zip(("limit, plain", "limit, printed", "limit, right"), limits, strict=True)),
    )


def _solved_for_the_next(printed: Form, right: Form) -> Observation:
    solved = printed().update[x]
    longer = gradient_descent.update[x].subs(alpha, alpha / (1 - eta))
    return Observation(
        "solved for the next iterate, the printed equation is plain descent with the step size "
        "over 1 - eta, and remembers nothing",
        simplify(solved - longer) == 0 and len(printed().state) < len(right().state),
        {"x becomes": str(solved)},
    )


def _draw_three_ways(printed: Axes, right: Axes) -> None:
    plain = _run(gradient_descent(step_size=STEP_SIZE), 60)
    for ax, form, name in (
        (printed, printed_momentum, "printed equation"),
        (right, momentum, "momentum"),
    ):
        run = _run(form(step_size=STEP_SIZE, momentum=SHARE), 60)
        ax.plot(plain.iterates[:, 0], "-", color="gray", lw=1, label="no momentum")
        ax.plot(run.iterates[:, 0], "k.-", label=name)
        ax.axhline(MINIMISER, color="k", ls=":")
        ax.set(xlabel="iteration ($k$)", ylabel="$x_k$", ylim=(-0.6, 3))
        ax.legend(loc="lower right")


ERRATA = (
    Erratum(
        id="E08",
        section=13,
        title="The formula of momentum has the unknown on both sides",
        place="the update formula, and the sentence before it",
        printed="the next iterate gains eta times its own distance from the present one",
        right="it gains eta times the distance of the present iterate from the one before",
        matters="Taken at its word the formula remembers nothing and only lengthens the step, "
        "which is the opposite of what momentum is for.",
        forms=(printed_momentum, momentum),
        check=_unknown_on_both_sides,
        lesson="momentum",
        kind="formula",
        draw=_draw_three_ways,
    ),
    Erratum(
        id="E01",
        section=15,
        title="The momentum term is zero in every step",
        place="the listing of descent with momentum, and the figure made with it",
        printed="a queue of two iterates, both the start, into which nothing is put; momentum is "
        "found to matter little and to lie between the other two curves",
        right="each iterate enters the queue and the oldest leaves; so momentum is below both",
        matters="The figure compares a method with itself under other draws, and the conclusion "
        "drawn from it is false.",
        forms=(never_filled, first_out),
        check=_queue_of_iterates,
        lesson="logistic_symbolic",
        kind="result",
        draw=_draw_queue,
    ),
)
