"""Moving averages and Adam: the numbers of the errata, and what would acquit the chapter."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, simplify

from symlab.algebra.alphabet import beta2, g, m, s
from symlab.book.errata import averages
from symlab.book.errata.averages import (
    AS_DRAWN,
    AS_PUBLISHED,
    IN_PRINT,
    adam,
    average_as_listed,
    kick,
    n,
    recursion,
)
from symlab.book.errata.register import ERRATA


def test_the_figure_shows_one_over_two_to_the_n_plus_one_less_one():
    """The closed form of the normalised mean at a = 1/2, proved for all n."""
    at_half = AS_DRAWN.subs(averages.a, Rational(1, 2)).doit()
    assert simplify(at_half - 1 / (2 ** (n + 1) - 1)) == 0


def test_the_answers_to_a_kick_are_those_of_the_audit(examination):
    """As called, as stated, and the largest gap between them."""
    assert average_as_listed(kick())[:5].tolist() == pytest.approx(
        [1, 0.3333, 0.1429, 0.0667, 0.0323], abs=5e-5
    )
    assert recursion(kick())[:5].tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    numbers = examination("E16").numbers
    assert (numbers["largest gap"], numbers["at n"]) == (pytest.approx(1 / 6), 1)
    assert [numbers[f"n = {k}"] for k in (5, 6, 7)] == [0.5, 0.25, 0.125]
    assert numbers["sum for a = 0.1"] == pytest.approx(10)
    assert [numbers[k] for k in ("missing values", "points not zero")] == [2, 1]


def test_a_listing_that_took_the_recursion_would_show_the_text(monkeypatch):
    """With `adjust=False` in the call the text is right, and so the check acquits it."""
    monkeypatch.setattr(averages, "average_as_listed", recursion)
    assert ERRATA["E16"].examine().verdict == "refuted"


def test_adams_numbers_are_those_of_the_audit(examination):
    """Near 26 where the variance is near 1; means of unit gradients that start at 0."""
    numbers = examination("E34").numbers
    assert numbers["tracked, of N(5, 1)"] == pytest.approx(26, abs=0.5)
    assert numbers["variance of the same"] == pytest.approx(1, abs=0.05)
    raw = [numbers[f"m after {k} gradients of 1"] for k in (1, 2, 5, 10)]
    assert np.round(raw, 3).tolist() == [0.1, 0.19, 0.41, 0.651]
    assert numbers["weight of the newest"] == Rational(1, 10)


@pytest.mark.parametrize("name", ["tracks", "first", "share"])
def test_each_of_the_wordings_is_decided_by_itself(name):
    """With one of them put right, the check no longer confirms what it says of all."""
    mended = replace(IN_PRINT, **{name: getattr(AS_PUBLISHED, name)})
    found = ERRATA["E34"].examine(mended, AS_PUBLISHED)
    assert found.verdict == "refuted"
    assert sum(not seen.holds for seen in found.observations) == 1


def test_an_adam_that_took_the_mean_off_would_not_confirm(monkeypatch):
    """The check reads the rule's row: centred, it no longer tends to the mean of squares."""
    centred = beta2 * s + (1 - beta2) * (g - m) ** 2
    monkeypatch.setattr(averages, "adam", replace(adam, recurrence={**adam.recurrence, s: centred}))
    assert ERRATA["E34"].examine().verdict == "refuted"
