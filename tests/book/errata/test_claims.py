"""No claim of an erratum is idle: each would fail if the chapter had it right."""

import json

import pytest

from symlab.book.errata import backpropagation, functional_models, networks, one_neuron, perceptron
from symlab.book.errata import small_slips as wording
from symlab.book.errata.text import overview, story

MODULES = (perceptron, one_neuron, networks, backpropagation, functional_models, wording)
ERRATA = {each.id: each for module in MODULES for each in module.ERRATA}


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_every_claim_fails_where_the_chapter_is_right(erratum):
    """Stronger than a verdict: one claim that fails would refute, here all of them do."""
    _, right = erratum.forms
    found = erratum.examined(right, right)
    assert found.error == ""
    assert [seen.claim for seen in found.observations if seen.holds] == []


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_what_was_found_can_be_printed_and_is_json(erratum):
    """Numbers of SymPy and NumPy included, and none without a name of its own."""
    found = erratum.examine()
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert len(record["numbers"]) == sum(len(seen.numbers) for seen in found.observations)
    assert len(overview([found])[1][0][-1].splitlines()) <= 2
    assert erratum.printed.split()[0] in story(found)
