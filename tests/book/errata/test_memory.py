"""Momentum: its queue and its formula; the numbers of the errata, and what would acquit them."""

import numpy as np
import pytest
from sympy import Eq, Rational

from symlab.algebra.alphabet import alpha, eta, g, v, x
from symlab.book import data, momentum_printed
from symlab.book.errata.memory import FIGURE_SEED, SAMPLES, first_out, heights, never_filled
from symlab.book.errata.register import ERRATA
from symlab.book.risks import logistic_plane
from symlab.engine.minimize import minimize
from symlab.methods.rules import gradient_descent, momentum


@pytest.mark.parametrize(
    "remember, rule",
    [
        (never_filled, gradient_descent(step_size=0.1)),
        (first_out, momentum(step_size=0.1, momentum=0.5)),
    ],
    ids=["never filled", "first out"],
)
def test_a_queue_never_filled_is_plain_descent_and_one_kept_up_is_the_heavy_ball(remember, rule):
    """The errata's loop over all seeds, against the engine's run of the rule on the same draws."""
    start = data.initial_weights(3, scale=20, seed=FIGURE_SEED)
    batches = {"batch_size": 10, "seed": FIGURE_SEED, "order": "step", "replacement": True}
    J = logistic_plane(SAMPLES, FIGURE_SEED)
    run = minimize(J, start, rule, 200, backend="interpreted", **batches)
    (curve,) = heights(remember, seeds=(FIGURE_SEED,)).T
    # Sums of ten and of a hundred terms in another order: rounding, carried through 200 steps.
    assert np.allclose(curve, run.values * SAMPLES, rtol=1e-10)


def test_a_filled_queue_falls_as_much_faster_as_the_audit_says(examination):
    """Medians over starts; 5, 20 and 50 steps; at 200 the fast runs have nearly arrived."""
    numbers = examination("E01").numbers
    assert numbers["fall in 20 steps over plain, printed"] == 1
    assert numbers["fall in 20 steps over plain, right"] == pytest.approx(1.87, abs=0.1)
    assert numbers["fall in 5 steps over plain, right"] == pytest.approx(1.61, abs=0.1)
    assert numbers["fall in 50 steps over plain, right"] == pytest.approx(1.82, abs=0.1)
    assert 1.1 < numbers["fall in 200 steps over plain, right"] < 1.6
    assert numbers["difference, printed"] == 0.0
    assert numbers["runs compared"] > 150


def test_if_filling_the_queue_changed_nothing_the_chapter_would_be_right():
    """A queue is an error only because one that is filled does otherwise."""
    assert ERRATA["E01"].examine(never_filled, never_filled).verdict == "refuted"


def test_a_queue_filled_from_the_wrong_end_is_another_error():
    """It pulls back instead of on; the check confirms a term that is zero, and nothing else."""
    found = ERRATA["E01"].examine(lambda queue, new: (new, queue[0]), first_out)
    assert found.verdict == "refuted"


def test_the_three_ways_end_where_the_audit_says(examination):
    """A 2-cycle, 9/4, and a creep towards 0; the heavy ball's limit is 4/27."""
    numbers = examination("E08").numbers
    assert numbers["plain, low"] == pytest.approx(2.1475, abs=5e-5)
    assert numbers["plain, high"] == pytest.approx(2.3366, abs=5e-5)
    assert numbers["end, right"] == pytest.approx(2.25, abs=1e-9)
    assert numbers["end, printed"] == pytest.approx(-1.9e-4, abs=1e-5)
    assert numbers["limit, right"] == Rational(4, 27)


def test_with_its_indices_put_right_the_printed_equation_is_no_error(monkeypatch):
    """The check solves the equation anew; with the last step in place of the next it acquits."""
    mended = Eq(momentum_printed.after, x - alpha * g + eta * v)
    monkeypatch.setattr(momentum_printed, "printed_equation", mended)
    momentum_printed._solve.cache_clear()
    try:
        assert ERRATA["E08"].examine().verdict == "refuted"
    finally:
        momentum_printed._solve.cache_clear()  # of what was solved for this test
