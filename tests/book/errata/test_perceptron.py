"""The errata of section 1: their numbers, and what if points were such as no line separates."""

from dataclasses import fields, replace

import numpy as np
import pytest

from symlab.book import data
from symlab.book.errata import perceptron
from symlab.book.errata.perceptron import AS_CODED, AS_PRINTED, EXACT, LOOSE, accuracies
from symlab.book.errata.register import ERRATA


def forget():
    """Forget all runs, so that the next check runs anew."""
    for each in (perceptron.clouds, perceptron.accuracies, perceptron.in_the_end):
        each.cache_clear()


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What one test breaks must not be found by the next."""
    yield
    forget()


def test_accuracies_under_either_sign_are_those_measured_elsewhere():
    """Other draws of 200 clouds gave these after 1, 2, 5 and 50 epochs."""
    found = {rule: accuracies(rule)[[0, 1, 4, 49]].mean(axis=1) for rule in (AS_CODED, AS_PRINTED)}
    assert found[AS_CODED] == pytest.approx([0.938, 0.951, 0.975, 0.997], abs=0.01)
    assert found[AS_PRINTED][:2] == pytest.approx([0.104, 0.097], abs=0.01)
    assert found[AS_PRINTED].max() < 0.11


def test_the_score_for_an_answer_explodes_as_measured_elsewhere():
    """A single cloud had |w| of 2.5e46 and 2.8e64; ours, all two hundred, lie about that."""
    for rule, measured in ((AS_CODED, 2.5e46), (AS_PRINTED, 2.8e64)):
        weights, _ = next(perceptron.passes(rule, perceptron.score))
        lengths = np.linalg.norm(weights, axis=1)
        assert lengths.min() < measured < lengths.max()


def test_passes_get_worse_as_often_as_measured_elsewhere(examination):
    """Other draws: 26.5 % in the second pass, 69 % within ten, by 0.18; 40 of 40 in the end."""
    numbers = examination("E33").numbers
    assert numbers["worse than after one pass"] == pytest.approx(0.265, abs=0.06)
    assert numbers["some drop in the first ten"] == pytest.approx(0.69, abs=0.08)
    assert numbers["largest drop in the first ten"] == pytest.approx(0.18, abs=0.05)
    assert numbers["clouds without a mistake in the end"] == 1
    assert numbers["passes until then"] < 1000


CLAIMS = {
    "answers": {"explode", "two functions", "neither class"},
    "inputs": {"one coordinate less"},
    "last": {"not there"},
    "labels": {"listing's comment"},
    "better": {"more passes"},
}


@pytest.mark.parametrize("name", [field.name for field in fields(LOOSE)])
def test_correcting_one_letter_refutes_what_is_said_of_it_and_no_more(name):
    """Each claim hangs on the words it is about."""
    corrected = replace(LOOSE, **{name: getattr(EXACT, name)})
    found = ERRATA["E33"].examine(corrected, EXACT)
    failing = [seen.claim for seen in found.observations if not seen.holds]
    assert len(failing) == len(CLAIMS[name])
    assert all(any(words in claim for claim in failing) for words in CLAIMS[name])


def test_the_forms_exchanged_are_refuted():
    """Had the formula been the one that learns, nothing would be wrong with it."""
    assert ERRATA["E05"].examine(AS_CODED, AS_PRINTED).verdict == "refuted"


def test_points_without_a_line_between_them_refute_the_good_end(monkeypatch):
    """Labels drawn by chance: no number of passes separates them, so nothing gets better."""

    def mixed(samples, seed, labels):
        generator = np.random.default_rng(seed)
        return generator.uniform(-3, 3, (samples, 2)), generator.choice(labels, samples)

    monkeypatch.setattr(data, "half_plane", mixed)
    monkeypatch.setattr(perceptron, "END", 20)
    forget()
    found = ERRATA["E33"].examine(LOOSE, replace(EXACT, better=20))
    assert found.verdict == "refuted"
    assert [seen.claim[:11] for seen in found.observations if not seen.holds] == ["more passes"]
