"""Columns of a trace that are made when they are read."""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational, sqrt

import symlab as sl
from symlab.algebra.exactly import nearest_float
from symlab.engine.column import Later

MADE_LATER = ("k", "evaluations", "step_sizes")


def descent(**options) -> sl.Trace:
    """Fifty steps on a parabola."""
    rule = sl.gradient_descent(step_size=0.01)
    f = sl.problems["quartic"].objective
    return sl.minimize(f, [2], rule, 50, tolerance=0, **options)


def test_columns_that_nobody_reads_are_not_made():
    """Their numbers are known without them."""
    trace = descent()
    assert all(isinstance(vars(trace)[name], Later) for name in MADE_LATER)
    assert len(trace) == 51
    assert "50 steps" in trace.message


@pytest.mark.parametrize("every", [1, 7, 50, 60])
def test_columns_made_later_are_those_of_a_run_that_makes_them_at_once(every):
    """The interpreted run keeps them row by row."""
    later, once = descent(record_every=every), descent(record_every=every, backend="interpreted")
    for name in MADE_LATER:
        made, kept = getattr(later, name), getattr(once, name)
        assert made.dtype == kept.dtype
        np.testing.assert_array_equal(made, kept)
        assert getattr(later, name) is made


def test_a_column_can_be_written_to_without_changing_another():
    """Each has memory of its own."""
    trace, other = descent(), descent()
    trace.k[3] = 100
    assert trace.evaluations[3] == other.k[3] + 1 == 4


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
def test_a_copy_of_a_trace_has_all_columns(again):
    """Also where they had not been made."""
    trace, known = again(descent()), descent()
    for name in MADE_LATER:
        np.testing.assert_array_equal(getattr(trace, name), getattr(known, name))


def test_a_column_cannot_be_replaced():
    """A trace is frozen."""
    with pytest.raises(AttributeError):
        descent().k = np.arange(51)


def test_the_nearest_float_is_that_of_pythons_own_fractions():
    """Of which division is rounded once."""
    generator = np.random.default_rng(0)
    for _ in range(500):
        p, q = (int(generator.integers(1, 2**62)) ** int(generator.integers(1, 6)) for _ in "pq")
        assert nearest_float(Rational(p, q)) == float(Fraction(p, q))
    assert nearest_float(sqrt(2)) == math.sqrt(2)
    assert nearest_float(Rational(10) ** 400) == math.inf
