"""Separable classes: decided as geometry decides, in fractions."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from sympy import exp, log, symbols

from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.theory.analyze import analyze
from symlab.theory.separation import separation

x, y, u, v, w, b, a, c = symbols("x y u v w b a c", real=True)
LINE = w * x + b
ON_A_LINE = EmpiricalRisk(log(1 + exp(LINE)) - y * LINE, parameters=(w, b), data=(x, y))
PLANE = a * u + c * v + b
IN_A_PLANE = EmpiricalRisk(log(1 + exp(-y * PLANE)), parameters=(a, c, b), data=(u, v, y))


def apart(points, labels):
    """Return how two classes on a line lie: no threshold between them, one, or at a shared place.

    Albert and Anderson 1984, by hand: the classes are apart where all of one lie left of the other.
    """
    low, high = ([p for p, label in zip(points, labels, strict=True) if label == k] for k in (0, 1))
    if not low or not high or max(low) < min(high) or max(high) < min(low):
        return "complete"
    return "quasi" if max(low) <= min(high) or max(high) <= min(low) else "overlap"


@pytest.mark.parametrize("points", [[1, 2, 2, 3], [0.1, 0.2, 0.3, 0.7]], ids=str)
def test_all_labels_of_four_points_are_decided_as_on_paper(points):
    """Complete, with ties at a place that both classes share, or not at all."""
    for labels in product((0, 1), repeat=4):
        found = separation(ON_A_LINE.on({x: points, y: labels}))
        kind = "overlap" if found is None else "complete" if found.is_complete else "quasi"
        assert kind == apart(points, labels), labels
        if found is not None:
            slope, level = found.direction
            margins = [
                (2 * label - 1) * (slope * Fraction(point) + level)
                for point, label in zip(points, labels, strict=True)
            ]
            assert min(margins) >= 0
            assert sum(margin == 0 for margin in margins) == found.ties < 4


@pytest.mark.parametrize("gap, ties", [(1e-5, 0), (0, 2)])
def test_a_narrow_gap_separates_and_none_leaves_ties(gap, ties):
    """The classes meet at 1, or nearly."""
    found = separation(ON_A_LINE.on({x: [0, 1, 1 + gap, 2], y: [0, 0, 1, 1]}))
    assert found.ties == ties


def test_a_line_in_the_plane_is_found_and_one_wrong_label_undoes_it():
    """400 points beside a known line; then the point in the middle of one class changes sides."""
    points = np.random.default_rng(0).normal(size=(400, 2))
    side = points @ [1, -2] + 0.3
    labels = np.where(side > 0, 1.0, -1.0)
    data = {u: points[:, 0], v: points[:, 1], y: labels}
    found = separation(IN_A_PLANE.on(data))
    assert found.is_complete
    margins = labels * (
        points @ [float(d) for d in found.direction[:2]] + float(found.direction[2])
    )
    assert margins.min() > 0
    deep = int(np.argmin(np.abs(side - np.median(side[side > 0]))))
    assert (
        separation(IN_A_PLANE.on({**data, y: np.where(np.arange(400) == deep, -labels, labels)}))
        is None
    )


def test_ties_are_told_by_the_theory_too():
    """Newton never comes to rest there, and the reason is known before a run."""
    told = analyze(ON_A_LINE.on({x: [1, 2, 2, 3], y: [0, 0, 1, 1]}))
    assert (told.points, told.complete) == ((), True)
    assert any("separable up to ties" in note for note in told.notes)


def test_a_penalty_or_another_loss_is_not_asked():
    """With a penalty there is a minimum; a squared loss always has one."""
    data = {x: [1, 2, 4, 5], y: [0, 0, 1, 1]}
    assert separation(ON_A_LINE.on(data)) is not None
    penalised = EmpiricalRisk(
        ON_A_LINE.loss, parameters=(w, b), data=(x, y), penalty=(w**2 + b**2) / 100
    )
    squared = EmpiricalRisk((LINE - y) ** 2, parameters=(w, b), data=(x, y))
    assert separation(penalised.on(data)) is separation(squared.on(data)) is None
