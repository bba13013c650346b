"""Errata about the length of w: the recorded number, and data or loops that would acquit."""

import numpy as np
import pytest

from symlab.book.errata import ensembles as many
from symlab.book.errata import logistic_length, plane
from symlab.book.errata.logistic_length import RECORDED, its_end, its_start
from symlab.book.errata.register import find_erratum

E14, E22 = find_erratum("E14"), find_erratum("E22")


@pytest.fixture
def fresh():
    """No cached run, before and after."""
    cached = (logistic_length.loops, logistic_length.long_runs)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def test_the_recorded_weights_are_three_loops_long(examination):
    """6.518; one loop makes 4.1 to 5.1, three make 6.0 to 7.6, and the means are 4.6, 5.9, 6.7."""
    assert pytest.approx(6.518, abs=5e-4) == RECORDED
    numbers = examination("E14").numbers
    means = [numbers[f"mean |w| after {name}"] for name in logistic_length.LOOPS]
    assert means == pytest.approx([4.58, 5.87, 6.74], abs=0.05)
    assert numbers["shortest after three"] == pytest.approx(6.15, abs=0.2)
    assert numbers["longest after three"] == pytest.approx(7.64, abs=0.2)
    assert numbers["longest after one loop"] == pytest.approx(5.01, abs=0.2)


def test_one_fresh_loop_of_fifty_samples_ends_where_the_audit_found_it():
    """4.26 to 5.01 in a hundred seeds."""
    last = plane.lengths(logistic_length.loops(its_start)[-1, -1])
    assert (last.min(), last.max()) == pytest.approx((4.26, 5.01), abs=0.2)


def test_the_first_run_is_the_lessons():
    """Lesson 15 prints w and b after the first loop, of seed 0."""
    found = logistic_length.loops(its_end)[0, -1, :, 0]
    assert found == pytest.approx([-3.4306, 3.3107, 0.3327], abs=5.1e-5)


def test_loops_that_do_not_move_would_acquit(monkeypatch, fresh):
    """If a step changed nothing, the loops would share no progress."""

    def resting(risk, starts, data, step_size, steps, batches=None):
        return np.repeat(starts[None], steps + 1, axis=0)

    monkeypatch.setattr(many, "descend", resting)
    assert E14.examine().verdict == "refuted"


def test_the_weights_grow_as_the_audit_found(examination):
    """|w| 9.9 and 22.3 and J 2.9 and 0.8 after 10^3 and 10^4 steps, on other clouds."""
    numbers = examination("E22").numbers
    assert numbers["|w| after 1000"] == pytest.approx(9.9, abs=0.1)
    assert numbers["|w| after 10000"] == pytest.approx(22.3, abs=1)
    assert numbers["J after 1000"] == pytest.approx(2.94, abs=0.6)
    assert numbers["limit of a loss"] == 0


def test_noise_in_the_labels_would_acquit(monkeypatch, fresh):
    """With one label in twenty turned no line separates them, and w stops growing."""

    def noisy(count):
        clouds = plane.clouds(count).copy()
        clouds[2, :, ::20] = 1 - clouds[2, :, ::20]
        return clouds

    monkeypatch.setattr(logistic_length, "clouds", noisy)
    found = E22.examine()
    assert found.verdict == "refuted"
    grows, _, separated, *_ = (seen.holds for seen in found.observations)
    assert not grows
    assert not separated


def test_a_penalty_has_a_minimum_where_the_gradient_is_zero():
    """What the corrected form promises: Newton's method comes to rest there."""
    risk = logistic_length.plane_risk(penalty=logistic_length.A_PENALTY)
    found = logistic_length.long_runs(logistic_length.A_PENALTY)
    still = many.descend(risk, found[-1], plane.clouds(logistic_length.FEW), 1.0, 1)
    assert np.abs(still[1] - still[0]).max() < 1e-12
