"""The surrogate and the words around backtracking: numbers, and what would acquit the chapter."""

from dataclasses import replace

import pytest
from sympy import Integer, Rational, sqrt

from symlab.algebra.objective import Objective
from symlab.book.errata import surrogate
from symlab.book.errata.register import ERRATA
from symlab.book.errata.surrogate import AS_DERIVED, IN_PRINT, x


def test_f_crosses_the_surrogate_where_the_audit_says(examination):
    """At 1, twice, and at (2 +- sqrt 77)/4; beyond, f is the larger."""
    numbers = examination("E11").numbers
    assert numbers["f above h right of"] == Rational(1, 2) + sqrt(77) / 4
    assert numbers["f = h at"] == "-1.6937, 1.0000, 2.6937"
    assert [numbers[name] for name in ("h at 3", "f at 3")] == [Rational(-15, 4), 2]
    assert float(numbers["h at 2.75"]) == pytest.approx(-3.965, abs=5e-4)
    assert float(numbers["f at 2.75"]) == pytest.approx(-3.199, abs=5e-4)
    assert float(numbers["f - h at the new point"]) == pytest.approx(-5.0304 + 4, abs=1e-12)


def test_the_sure_step_is_eleven_times_shorter(examination):
    """One over the largest curvature between 1 and 2.6."""
    numbers = examination("E11").numbers
    assert float(numbers["largest curvature"]) == 34.32
    assert float(numbers["step that is sure"]) == pytest.approx(0.029, abs=2e-4)
    assert 10.5 < numbers["step"] / numbers["step that is sure"] < 11.5


def test_a_parabola_flatter_than_its_surrogate_stays_below(monkeypatch):
    """With 1/alpha above the curvature the bound does hold everywhere, and the claim is right."""
    monkeypatch.setattr(surrogate, "f", Objective(x**2 / 2))
    assert ERRATA["E11"].examine().verdict == "refuted"


@pytest.mark.parametrize(
    "name", ["sign", "vanishes_at", "tested_at", "curvature", "shrink", "derivatives", "ways"]
)
def test_each_of_the_wordings_is_decided_by_itself(name):
    """With one of them put right, the check no longer confirms what it says of all."""
    mended = replace(IN_PRINT, **{name: getattr(AS_DERIVED, name)})
    found = ERRATA["E30"].examine(mended, AS_DERIVED)
    assert found.verdict == "refuted"
    assert sum(not seen.holds for seen in found.observations) == 1


def test_where_every_stationary_point_is_a_minimum_one_sentence_is_right(monkeypatch):
    """On a parabola the last term does vanish at the minimum alone."""
    monkeypatch.setattr(surrogate, "f", Objective((x - 2) ** 2))
    found = ERRATA["E30"].examine()
    assert found.verdict == "refuted"
    assert not found.observations[0].holds


def test_a_factor_of_zero_keeps_x_where_it_is(examination):
    """The numbers of the audit: the step becomes 0, and 2.6 is 0.35 away from 9/4."""
    numbers = examination("E30").numbers
    assert numbers["step with factor 0"] == 0
    assert numbers["distance"] == Rational(7, 20)
    assert float(numbers["f there"]) == pytest.approx(-5.03, abs=5e-3)
    assert numbers["f at 0"] == Integer(2)
