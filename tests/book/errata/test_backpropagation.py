"""The erratum of section 4: the numbers of a step up and a step down, and what if they changed."""

from dataclasses import fields, replace

import pytest
from chapter import BACKPROPAGATION
from sympy import expand
from sympy.core.cache import clear_cache

from symlab.algebra.functions import sigmoid
from symlab.book.errata import backpropagation
from symlab.book.errata.backpropagation import AS_DESCENT, AS_PRINTED, COST, WEIGHTS, whole
from symlab.book.errata.register import ERRATA

E12 = ERRATA["E12"]


def test_one_step_up_and_one_down_to_all_digits(examination):
    """J before, after adding what is printed, and after subtracting it."""
    numbers = examination("E12").numbers
    found = [numbers[name] for name in ("J", "J as printed", "J with their negatives")]
    assert found == pytest.approx(BACKPROPAGATION, abs=5e-6)
    assert numbers["J with b1 moved as well"] < numbers["J with their negatives"]


@pytest.mark.parametrize("weight", WEIGHTS, ids=str)
def test_the_corrected_updates_are_the_negative_derivatives(weight):
    """Of all four weights, with no remainder."""
    assert expand(whole(AS_DESCENT.updates[weight]) + whole(COST).diff(weight)) == 0


def test_b1_is_what_was_forgotten(examination):
    """And delta2 and w2 are what the first unit needs of the next."""
    numbers = examination("E12").numbers
    assert numbers["without an update"] == "b1"
    assert numbers["updates without a step size"] == "b2"
    assert numbers["needed beside its own"] == "delta2, w2"
    assert numbers["left out of delta2"] == "-y + z2"


CLAIMS = {
    "updates": ["added to", "each is the", "a weight whose"],
    "exact": ["one update"],
    "delta2": ["delta2 holds"],
    "needs": ["the first unit"],
}


@pytest.mark.parametrize("name", [field.name for field in fields(AS_PRINTED)])
def test_correcting_one_part_refutes_what_is_said_of_it_and_no_more(name):
    """Each claim hangs on the formula it is about."""
    corrected = replace(AS_PRINTED, **{name: getattr(AS_DESCENT, name)})
    found = E12.examine(corrected, AS_DESCENT).observations
    failing = [seen.claim for seen in found if not seen.holds]
    assert len(failing) == len(CLAIMS[name])
    assert all(a.startswith(b) for a, b in zip(failing, CLAIMS[name], strict=True))


def test_a_sigmoid_that_falls_has_other_derivatives_and_flips_the_verdict(monkeypatch):
    """With the slope's sign turned SymPy no longer finds what is printed."""
    slope = sigmoid.fdiff
    monkeypatch.setattr(sigmoid, "fdiff", lambda self, argindex=1: -slope(self, argindex))
    clear_cache()
    assert E12.examine().verdict == "refuted"
    monkeypatch.undo()
    clear_cache()
    assert E12.examine().verdict == "confirmed"


def test_with_a_negative_step_size_the_printed_updates_would_descend(monkeypatch):
    """All that is missing from them is that sign, so with it the check must acquit them."""
    monkeypatch.setattr(backpropagation, "STEP", -backpropagation.STEP)
    assert E12.examine().verdict == "refuted"
