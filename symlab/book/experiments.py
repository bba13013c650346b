"""The chapter's experiments as studies: what `symlab compare` runs on every backend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from textwrap import shorten
from typing import Any, Protocol

import numpy as np
from sympy import Rational

from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.book.networks import Fit, convolutional, multilayer_perceptron, one_neuron
from symlab.book.risks import backpropagation, least_squares, logistic_plane, logistic_step
from symlab.checks import nearest, shown
from symlab.lab.compare.compare import Comparison, Derivatives, compare
from symlab.lab.compare.compare_training import compare_training
from symlab.lab.verify.verify import verify
from symlab.methods.directions import (
    barzilai_borwein_long,
    barzilai_borwein_short,
    bfgs,
    dai_yuan,
    fletcher_reeves,
    hestenes_stiefel,
    l_bfgs,
    modified_newton,
    newton,
    polak_ribiere,
    scaled_bfgs,
)
from symlab.methods.method import Runnable, as_runnable, method
from symlab.methods.rules import (
    adabelief,
    adam,
    gradient_descent,
    lion,
    momentum,
    nesterov,
    radam,
    signsgd,
    signum,
    yogi,
)
from symlab.methods.searches import armijo, backtracking, exact_line_search, goldstein
from symlab.methods.squares import gauss_newton, levenberg_marquardt
from symlab.methods.trust_regions import dogleg, trust_region, two_dimensional_subspace

FEW = 8
"""How many terms of a sum over data have their derivatives verified."""


class Study(Protocol):
    """An experiment of the chapter that is run on several backends."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""

    @property
    def section(self) -> str:
        """Where the chapter has it."""

    def run(self, backends: tuple[str, ...]) -> Comparison:
        """Run it, and compare every step with exact arithmetic."""


@dataclass(frozen=True)
class Descent:
    """A run of a method: of what, from where, for how many steps, and how batches are drawn."""

    name: str
    section: str
    state: Callable[[], Objective]
    start: tuple[object, ...]
    method: Runnable
    max_steps: int
    drawing: Mapping[str, Any] = field(default_factory=dict)

    def run(self, backends: tuple[str, ...]) -> Comparison:
        """Run it, and compare every step with exact arithmetic."""
        objective = self.state()
        found = compare(
            objective, self.start, self.method, self.max_steps, backends=backends, **self.drawing
        )
        return replace(found, derivatives=_verify_derivatives(objective, self.start))


def _verify_derivatives(objective: Objective, start: tuple[object, ...]) -> Derivatives:
    """Verify the derivatives at the start; of a sum over data, those of a few terms."""
    if objective.samples is not None:
        objective = objective.part(np.arange(min(FEW, objective.samples)))
    trial = verify(objective, at=start, backend="interpreted")
    return Derivatives(trial.verdict, trial.passed)


@dataclass(frozen=True)
class Training:
    """A fit of a network, for some epochs."""

    name: str
    section: str
    state: Callable[[], Fit]
    epochs: int

    def run(self, backends: tuple[str, ...]) -> Comparison:
        """Run it, and compare every step with exact arithmetic."""
        fit = self.state()
        return compare_training(
            fit.model, fit.x, fit.y, epochs=self.epochs, backends=backends, **fit.options
        )


def _study(
    name: str,
    section: str,
    state: Callable[[], Objective],
    start: tuple,
    how: object,
    steps: int,
    **drawing: Any,
) -> Descent:
    return Descent(name, section, state, start, as_runnable(how), steps, drawing)


def _problem(name: str) -> Objective:
    return PROBLEMS[name].objective


def _regression(name: str) -> Objective:
    return PROBLEMS.nist[name].objective


QUARTIC = partial(_problem, "quartic")
ROSENBROCK = partial(_problem, "rosenbrock")
BEALE = partial(_problem, "beale")
POWELL = partial(_problem, "powell")
CHWIRUT2 = partial(_regression, "Chwirut2")
NEAR = (0.15, 0.008, 0.01)
BEYOND = "beyond the chapter"
FAR = (4, -3, 1)
"""A start far from where the logistic loss is small."""

BACK = (Rational(1, 2), Rational(1, 10), Rational(-4, 5), Rational(3, 10))
"""Weights and biases w1, b1, w2, b2 at which lesson 04 works the chain rule out."""

ONE = {"batch_size": 1, "order": "step", "replacement": True, "seed": 0}
TEN = {**ONE, "batch_size": 10}

descent = gradient_descent(step_size=0.1)
heavy_ball = momentum(step_size=0.1, momentum=0.5)
small_region = levenberg_marquardt(radius=Rational(1, 10))
tried = backtracking(step_size=0.5, shrink=0.8)

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        Training("one_neuron", "2", one_neuron, 3),
        Training("multilayer_perceptron", "3", multilayer_perceptron, 1),
        _study("backpropagation", "4", backpropagation, BACK, descent(step_size=0.5), 20),
        _study("least_squares", "7", least_squares, (0, 0, 0), descent(step_size=0.001), 30),
        _study("logistic_1d", "8", logistic_step, (0.1, 0.1), descent(step_size=0.0002), 10),
        _study("gradient_descent", "9", QUARTIC, (0.1,), descent, 20),
        _study("newton", "10", QUARTIC, (2,), newton, 5),
        _study("backtracking", "11", QUARTIC, (1,), tried, 4),
        # Followed for as long as exact arithmetic can meet their tests (errata E03, E04).
        _study("backtracking_box", "11", QUARTIC, (1,), tried(variant="box"), 1),
        _study("backtracking_listing", "11", QUARTIC, (1,), tried(variant="listing"), 2),
        _study("exact_line_search", "11", QUARTIC, (1,), exact_line_search, 1),
        _study("momentum", "13", QUARTIC, (0.1,), heavy_ball, 60),
        _study("logistic_full", "15", logistic_plane, FAR, descent, 20),
        _study("logistic_sgd", "15", logistic_plane, FAR, descent, 20, **ONE),
        _study("logistic_batch", "15", logistic_plane, FAR, descent, 20, **TEN),
        _study("logistic_momentum", "15", logistic_plane, FAR, heavy_ball, 20, **TEN),
        _study("logistic_adam", "15", logistic_plane, FAR, adam(step_size=0.1), 20, **TEN),
        Training("cnn_fixed", "22", partial(convolutional, trainable=False), 10),
        Training("cnn_trained", "23", partial(convolutional, trainable=True), 10),
        _study("nesterov_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), nesterov(step_size=0.001), 60),
        _study("signsgd_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), signsgd(step_size=0.01), 12),
        _study("signum_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), signum(step_size=0.01), 12),
        _study("lion_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), lion(step_size=0.01), 12),
        _study("radam_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), radam(step_size=0.01), 12),
        _study(
            "adabelief_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), adabelief(step_size=0.01), 12
        ),
        _study("yogi_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), yogi(step_size=0.01), 12),
        _study("bfgs_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), method(bfgs, armijo), 30),
        _study("l_bfgs_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), l_bfgs(memory=3), 12),
        _study("conjugate_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), polak_ribiere, 10),
        _study("fletcher_reeves_beale", BEYOND, BEALE, (1, 1), fletcher_reeves, 5),
        _study("hestenes_stiefel_beale", BEYOND, BEALE, (1, 1), hestenes_stiefel, 5),
        _study("dai_yuan_beale", BEYOND, BEALE, (1, 1), dai_yuan, 5),
        _study("barzilai_borwein_powell", BEYOND, POWELL, (3, -1, 0, 1), barzilai_borwein_long, 10),
        _study("barzilai_borwein_beale", BEYOND, BEALE, (1, 1), barzilai_borwein_short, 8),
        _study("scaled_bfgs_powell", BEYOND, POWELL, (3, -1, 0, 1), scaled_bfgs, 8),
        _study("goldstein_beale", BEYOND, BEALE, (1, 1), method(bfgs, goldstein), 8),
        _study("modified_newton_beale", BEYOND, BEALE, (1, 1), modified_newton, 9),
        _study("trust_region_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), trust_region, 12),
        _study("dogleg_beale", BEYOND, BEALE, (1, 1), dogleg, 8),
        _study("subspace_powell", BEYOND, POWELL, (3, -1, 0, 1), two_dimensional_subspace, 4),
        _study("gauss_newton_rosenbrock", BEYOND, ROSENBROCK, (-1.2, 1), gauss_newton, 10),
        _study("levenberg_marquardt_beale", BEYOND, BEALE, (1, 1), small_region, 9),
        _study("levenberg_marquardt_chwirut2", BEYOND, CHWIRUT2, NEAR, levenberg_marquardt, 4),
    )
}


def find_study(name: str) -> Study:
    """Return the study of this name.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.
    """
    if name not in STUDIES:
        known = shorten(", ".join(STUDIES), 80, placeholder=" ...")
        hint = f"{nearest(name, STUDIES)} Known: {known}"
        raise ValueError(f"study: unknown name {shown(name)}{hint}")
    return STUDIES[name]
