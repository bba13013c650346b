"""What a call of minimize keeps for the next one: each of it is found again by content alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sympy import Rational, Symbol, exp, log

import symlab as sl
from symlab.algebra.exactly import exactly
from symlab.engine.domain import domain_of
from symlab.engine.minimize import start_of

X, Y = Symbol("x", real=True), Symbol("y", real=True)


def descend(step_size, slope, start, steps=20):
    """Return the iterates of descent on slope/2 x^2 as Python's floats have them."""
    iterates = [start]
    for _ in range(steps):
        iterates.append(iterates[-1] - slope * iterates[-1] * step_size)
    return iterates


def test_another_objective_step_size_or_start_is_another_run():
    """In any order, the kept ones in between."""
    asked = [(0.25, 2, 1.5), (0.125, 2, 1.5), (0.25, 4, 1.5), (0.25, 2, -3.0), (0.25, 2, 1.5)]
    for step_size, slope, start in asked:
        rule = sl.gradient_descent(step_size=step_size)
        trace = sl.minimize(sl.Objective(slope * X**2 / 2), [start], rule, 20, tolerance=0)
        expected = descend(step_size, slope, start)[: len(trace)]
        assert trace.iterates[:, 0].tolist() == expected
        assert trace.step_sizes[1:].tolist() == [step_size] * (len(trace) - 1)


def test_methods_equal_by_value_are_one_run_and_others_are_not():
    """A hyperparameter is part of what is looked up."""
    f = sl.Objective(X**2 + exp(-X))
    runs = [
        sl.minimize(f, [2], sl.momentum(step_size=0.1, momentum=beta), 30)
        for beta in (0.5, 0.8, 0.5)
    ]
    first, other, again = (run.iterates.tolist() for run in runs)
    assert first == again != other


def test_other_data_of_the_same_shape_are_seen():
    """The compiled run is the same, and what it goes over is not."""
    w = Symbol("w", real=True)
    risk = sl.EmpiricalRisk((w - X) ** 2, [w], [X])
    for shift in (0.0, 5.0, 0.0):
        data = np.array([1.0, 2.0, 6.0]) + shift
        trace = sl.minimize(risk.on({X: data}), [0.0], sl.gradient_descent(step_size=0.25), 200)
        assert trace.x[0] == pytest.approx(data.mean(), rel=1e-9)


def test_the_type_of_a_start_is_no_matter_and_its_digits_are():
    """A float stands for the decimal it prints as; 2.0 and 2 are one number."""
    assert [exactly(each) for each in (0.1, np.float64(0.1), 0.1)] == [Rational(1, 10)] * 3
    assert [exactly(each) for each in (2, 2.0, np.int64(2), -0.0)] == [2, 2, 2, 0]
    assert exactly(np.float32(0.1)) != exactly(0.1)
    assert start_of(sl.Objective(X**2 + Y**2), np.array([0.5, 3])) == (Rational(1, 2), 3)
    for wrong in (True, float("nan"), float("inf")):
        with pytest.raises((TypeError, ValueError), match=r"^value: expected"):
            exactly(wrong)


def test_variables_of_one_name_keep_what_each_assumes():
    """They are different symbols, and so is where they may lie."""
    plain, positive = Symbol("v", real=True), Symbol("v", positive=True)
    assert domain_of([plain]).conditions == ()
    assert [each.word for each in domain_of([positive]).conditions] == ["positive"]
    for _ in range(2):
        sl.minimize(sl.Objective(plain**2), [-1], "gradient_descent", 1)
        with pytest.raises(ValueError, match="outside the domain"):
            sl.minimize(sl.Objective(positive**2), [-1], "gradient_descent", 1)


def test_a_start_that_is_refused_is_refused_again():
    """The reason is kept with the start, and another start has its own."""
    f = sl.Objective(log(X) ** 2)
    for _ in range(2):
        with pytest.raises(ValueError, match="not a finite real number"):
            sl.minimize(f, [0], "gradient_descent", 1)
        assert sl.minimize(f, [1.5], "gradient_descent", 1).status == "max_steps"


def test_threads_that_call_at_once_get_what_each_asked_for():
    """Two objectives, two step sizes, from two threads, many times."""

    def work(slope):
        rule = sl.gradient_descent(step_size=0.25 / slope)
        runs = [
            sl.minimize(sl.Objective(slope * X**2 / 2), [1.5], rule, 20, tolerance=0)
            for _ in range(20)
        ]
        return {tuple(run.iterates[:, 0].tolist()) for run in runs}

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(work, (1, 2))
    assert (one, two) == (
        {tuple(descend(0.25, 1, 1.5))},
        {tuple(descend(0.125, 2, 1.5))},
    )


def test_a_smooth_minimum_without_a_tolerance_is_no_kink():
    """Descent in Rosenbrock's valley ends where a step is lost in rounding."""
    rosenbrock = sl.problems["rosenbrock"].objective
    rule = sl.gradient_descent(step_size=0.001)
    trace = sl.minimize(rosenbrock, [-1.2, 1.0], rule, 100_000, tolerance=0)
    assert trace.status == "precision"
    assert "nothing smaller can be told apart" in trace.message
    assert "kink" not in trace.message
