"""The small slips: each a formula that SymPy or a layer decides, and each to be corrected alone."""

from dataclasses import fields, replace

import pytest
from sympy import Rational, exp

from symlab.algebra.functions import softmax
from symlab.book.errata.register import ERRATA
from symlab.book.errata.small_slips import EXACT, LOOSE, its_minimum, squares

E37 = ERRATA["E37"]


def test_the_minimum_is_that_of_section_7():
    """A fraction, 19.71246, and so nothing that x could make smaller."""
    assert its_minimum(squares()) == Rational(109759, 5568)
    assert float(its_minimum(squares())) == pytest.approx(19.71246, abs=5e-6)


def test_softmax_outputs_are_probabilities_without_a_factor(examination):
    """As formulas and in a layer."""
    numbers = examination("E37").numbers
    assert numbers["sum of the outputs"] == 1
    assert numbers["and as printed"] == "factor"
    assert numbers["sums of a model's rows, less 1"] < 1e-15


CLAIMS = {
    "minimised": "the minimum over x",
    "activations": "the activation is",
    "share": "softmax outputs",
    "risk": "without brackets",
}


@pytest.mark.parametrize("name", [field.name for field in fields(LOOSE)])
def test_correcting_one_slip_refutes_what_is_said_of_it_and_no_more(name):
    """Each claim hangs on the formula it is about."""
    corrected = replace(LOOSE, **{name: getattr(EXACT, name)})
    (failing,) = [s.claim for s in E37.examine(corrected, EXACT).observations if not s.holds]
    assert failing.startswith(CLAIMS[name])


def test_without_its_denominator_a_softmax_would_be_proportional_only(monkeypatch):
    """Then its outputs would not sum to 1, and the chapter's word would be the right one."""
    monkeypatch.setattr(
        softmax, "_eval_rewrite_as_exp", lambda self, *arguments, **_: exp(arguments[0])
    )
    found = E37.examine()
    assert found.error == ""
    assert found.verdict == "refuted"
