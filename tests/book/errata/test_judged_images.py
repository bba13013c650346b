"""The erratum of what judges the networks: its numbers, exact ones exactly, and acquittals."""

from dataclasses import replace

import pytest

from symlab.book.errata import judged_images
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.judged_images import PRINTED, RIGHT, different, evenly
from symlab.book.errata.register import find_erratum

E21 = find_erratum("E21")


@pytest.fixture(scope="module")
def numbers(examination):
    """What one examination found."""
    return examination("E21").numbers


def test_the_record_shows_margins_and_not_accuracies(numbers):
    """Both 20 of 20; cross-entropy 0.329 -> 0.0055, mean 0.734 -> 0.995, margin 0.0083 -> 0.481."""
    for name, printed in {
        "accuracy": (1, 1),
        "cross-entropy": (0.329, 0.0055),
        "mean chance": (0.734, 0.995),
        "smallest margin": (0.0083, 0.481),
    }.items():
        found = [numbers[f"{name}, {network}"] for network in ("fixed", "trained")]
        assert found == pytest.approx(printed, rel=0.005, abs=5e-5)


def test_on_all_slashes_four_in_five_are_named(numbers):
    """0.773 and 0.808 over twenty other draws, and 1 on what was trained on."""
    assert numbers["fixed, all 110"] == pytest.approx(0.773, abs=0.02)
    assert numbers["trained, all 110"] == pytest.approx(0.808, abs=0.02)
    assert numbers["trained, as judged"] == 1


def test_the_generator_is_counted_exactly(numbers):
    """23 and 15 of 55; 49.8 and 28.6 % of tries fail; 14.8 different images, 16 in the record."""
    assert (numbers["back slashes of 55"], numbers["forward slashes of 55"]) == (23, 15)
    assert numbers["back, tries that fail"] == pytest.approx(0.498, abs=5e-4)
    assert numbers["forward, tries that fail"] == pytest.approx(0.286, abs=5e-4)
    assert numbers["different images of twenty"] == pytest.approx(14.8, abs=0.05)
    assert numbers["in the recorded run"] == 16
    assert numbers["fewest pixels"] == 2


def test_a_blank_image_answers_in_ninths(numbers):
    """3, 2 and 0 ninths, because the kernel adds up to minus a third."""
    places = ("inside", "at an edge", "in two corners")
    assert [9 * numbers[f"blank, {place}"] for place in places] == [3, 2, 0]
    assert 3 * numbers["sum of kern1"] == -1


def test_as_many_different_images_are_expected_as_draws_give():
    """One that always comes counts once, and of two alike in ten draws both are nearly sure."""
    assert different({(0, 0, 2): 1}) == 1
    assert different(dict.fromkeys([(0, 0, 2), (0, 0, 3)], 0.25)) == pytest.approx(2 - 2 / 2**10)
    assert len(evenly("back")) == len(evenly("forward")) == 55
    assert sum(evenly("back").values()) == 1


@pytest.mark.parametrize(
    "changed",
    [{"asked": RIGHT.asked}, {"drawable": RIGHT.drawable}, {"padding": RIGHT.padding}],
    ids=["test set", "generator", "padding"],
)
def test_each_part_of_the_trial_is_looked_at(changed):
    """Any of them corrected alone fails a claim."""
    assert E21.examine(replace(PRINTED, **changed), RIGHT).verdict == "refuted"


def test_networks_that_named_every_slash_would_acquit(monkeypatch):
    """Then nothing would be hidden by asking about twenty."""
    monkeypatch.setattr(judged_images, "accuracy", lambda chances, labels: 1.0)
    assert E21.examine().verdict == "refuted"


def test_a_record_in_which_accuracy_improved_would_acquit(monkeypatch):
    """If the fixed network had named one image wrongly."""
    worse = recorded.FIXED.copy()
    worse[3] = worse[3, ::-1]
    monkeypatch.setattr(recorded, "FIXED", worse)
    assert E21.examine().verdict == "refuted"
