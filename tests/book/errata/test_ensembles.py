"""Many runs at once are the runs that the engine makes one by one."""

import numpy as np
import pytest

from symlab.book import data
from symlab.book.errata import ensembles as many
from symlab.book.errata import plane
from symlab.book.risks import logistic_plane, plane_risk, step_risk
from symlab.engine.minimize import minimize
from symlab.methods.directions import newton
from symlab.methods.rules import gradient_descent

RUN = 3


@pytest.mark.parametrize("size, replacement", [(None, False), (1, True), (50, False)])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_run_among_many_is_the_run_of_its_seed(reduction, size, replacement):
    """Data, start and batches of seed 3, against `minimize`, to the rounding of 30 steps."""
    starts, clouds, batches = plane.near_starts(RUN + 1), plane.clouds(RUN + 1), None
    drawing = {}
    if size:
        batches = many.draw_samples(plane.SAMPLES, 30, RUN + 1, size, replacement=replacement)
        drawing = {"batch_size": size, "order": "step", "replacement": replacement, "seed": RUN}
    alone = logistic_plane(plane.SAMPLES, RUN, "mean" if size else reduction)
    risk = plane_risk("mean" if size else reduction)
    found = many.descend(risk, starts, clouds, 0.01, 30, batches)
    method = gradient_descent(step_size=0.01)
    single = minimize(alone, starts[:, RUN], method, 30, backend="interpreted", **drawing)
    assert found[:, :, RUN] == pytest.approx(single.iterates, rel=1e-12)
    total = single.values[-1] * (1 if risk.reduction == "sum" else plane.SAMPLES)
    assert many.totals(risk, found[-1], clouds)[RUN] == pytest.approx(total, rel=1e-12)


def test_a_minimum_among_many_is_newtons_of_its_seed():
    """With its penalty, against the engine's Newton method on the data of seed 3."""
    points = np.array([data.step_data(50, seed, labels=(-1, 1)) for seed in range(RUN + 1)])
    found = many.find_minima(step_risk(), np.full((2, RUN + 1), 0.1), points.transpose(1, 0, 2))
    bound = step_risk().on({"x": points[RUN, 0], "y": points[RUN, 1]})
    single = minimize(bound, [0.1, 0.1], newton(), backend="interpreted")
    assert found[:, RUN] == pytest.approx(single.x, rel=1e-9)


def test_a_run_that_has_no_minimum_is_not_said_to_have_one():
    """On separable points Newton's steps never come to rest, or meet a singular Hessian."""
    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        many.find_minima(plane_risk(), plane.near_starts(1), plane.clouds(1))


def test_large_scores_do_not_overflow():
    """A thousand to either side, where exp is infinite, a loss is the score's size or 0."""
    weights = np.array([[1000.0, -1000.0], [0, 0], [0, 0]])
    sample = np.array([[[1.0], [1.0]], [[0], [0]], [[0], [0]]])
    assert many.totals(plane_risk(), weights, sample).tolist() == [1000, 0]
