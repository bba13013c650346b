"""Passports: what a figure shows, as numbers; and a change that is visible is a difference."""

import copy
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from symlab.book.figures.fingerprint import differences, passport, to_json


@pytest.fixture
def figure():
    """A figure with something of every kind."""
    picture, ax = plt.subplots()
    ax.plot([0, 1, 2], [1.0, np.nan, 1 / 3], color="black", marker="o", label="line")
    ax.fill_between([0, 1], [1, 2], color="gray", alpha=0.3)
    ax.scatter([5.0, 6.0], [7.0, 8.0])
    ax.imshow([[1.0, 2.0], [3.0, 4.0]])
    ax.bar([1], [2.5])
    ax.contour(np.arange(9.0).reshape(3, 3), levels=[2.5])
    ax.text(0.25, 0.5, "words")
    ax.set(xlabel="$x$", title="title")
    ax.legend()
    yield picture
    plt.close(picture)


def test_everything_drawn_is_in_the_passport(figure):
    """Lines, regions, dots, images, bars, contours, texts, labels, limits and ticks."""
    document = passport(figure)
    shapes = {name: array["shape"] for name, array in document["arrays"].items()}
    assert shapes["axes 0, line 0"] == [3, 2]
    assert shapes["axes 0, image 0"] == [2, 2]
    assert document["arrays"]["axes 0, PathCollection 1, offsets"]["values"] == [5, 7, 6, 8]
    assert any(name.startswith("axes 0, FillBetween") for name in shapes)
    assert any(name.startswith("axes 0, QuadContourSet") for name in shapes)
    assert shapes["axes 0, patch 0"][1] == 2
    words = document["words"]
    assert words["axes 0, text 0"] == "words"
    assert (words["axes 0, x label"], words["axes 0, title"]) == ("$x$", "title")
    assert words["axes 0, legend"] == "line"
    assert words["axes 0, line 0, style"] == "#000000, - 1.5, marker o 6"


def test_a_passport_survives_json_to_the_last_bit(figure):
    """NaN is null, and 1/3 keeps its 17 digits."""
    document = passport(figure, {"third": 1 / 3}, seed=3, facts={"id": "made up"})
    again = json.loads(to_json(document))
    assert again == json.loads(json.dumps(document))
    assert again["arrays"]["axes 0, line 0"]["values"] == [0, 1, 1, None, 2, 1 / 3]
    assert again["seed"] == 3
    assert again["figure"] == {"id": "made up"}
    assert {"symlab", "numpy", "matplotlib", "pytensor", "numba", "python"} <= set(
        again["versions"]
    )
    assert list(differences(document, again)) == []


def test_a_named_number_keeps_its_exact_form_and_its_tolerance(figure):
    """8/81 says more than 0.0987...; the tolerance may be given or is relative."""
    numbers = passport(figure, {"limit": sp.Rational(8, 81), "rate": (0.5, 0.01)})["numbers"]
    assert numbers["limit"]["exact"] == "8/81"
    assert numbers["limit"]["value"] == 8 / 81
    assert 0 < numbers["limit"]["tolerance"] < 1e-9
    assert numbers["rate"] == {"value": 0.5, "tolerance": 0.01}
    with pytest.raises(TypeError, match="numbers: 'rate': expected a real number, got 'fast'"):
        passport(figure, {"rate": "fast"})


@pytest.mark.parametrize("change, found", [(1e-14, 0), (1e-6, 1)])
def test_last_bits_pass_and_visible_changes_do_not(figure, change, found):
    """Machines differ by some 1e-16 of an array's scale, and nobody sees 1e-9 of it."""
    before = passport(figure)
    after = copy.deepcopy(before)
    after["arrays"]["axes 0, line 0"]["values"][5] += change
    result = [str(each) for each in differences(before, after)]
    assert len(result) == found
    assert all(each.startswith("axes 0, line 0, entry 5: committed 0.333") for each in result)


def test_a_height_is_judged_by_heights_and_not_by_how_far_right_it_stands():
    """A curve of millionths over a thousand steps: a thousandth of a height is visible."""
    picture, ax = plt.subplots()
    heights = 1e-6 * np.ones(1000)
    (line,) = ax.plot(heights)
    before = passport(picture)
    heights[5] *= 1 + 1e-3
    line.set_ydata(heights)
    assert next(differences(before, passport(picture))).what == "axes 0, line 0, entry 11"
    plt.close(picture)


@pytest.mark.parametrize("gone", [None, "inf"])
def test_a_number_that_becomes_none_is_a_difference(figure, gone):
    """A comparison with NaN is false either way round, so it must be asked for."""
    before = passport(figure)
    after = copy.deepcopy(before)
    after["arrays"]["axes 0, line 0"]["values"][5] = gone
    assert len(list(differences(before, after))) == 1
    assert len(list(differences(after, before))) == 1


def test_a_named_number_is_held_to_its_own_tolerance(figure):
    """And NaN is never within it."""
    before = passport(figure, {"rate": (0.5, 0.01)})
    assert list(differences(before, passport(figure, {"rate": 0.509}))) == []
    for wrong in (0.52, float("nan")):
        (found,) = differences(before, passport(figure, {"rate": wrong}))
        assert str(found) == f"rate: committed 0.5, drawn {wrong} (tolerance 0.01)"
    (missing,) = differences(before, passport(figure))
    assert missing.drawn is None


def test_a_word_a_shape_and_something_new_are_differences(figure):
    """Another label, a longer array, and a line that was not there."""
    before = passport(figure)
    figure.axes[0].set_xlabel("$y$")
    figure.axes[0].texts[0].set_text("others")
    figure.axes[0].lines[0].set_data([0, 1], [0, 1])
    figure.axes[0].axhline(0.5)
    found = {each.what for each in differences(before, passport(figure))}
    expected = {"x label", "text 0", "line 0, shape", "line 1", "line 1, style"}
    assert {f"axes 0, {what}" for what in expected} <= found


@pytest.fixture
def long():
    """A figure with a line of 50 000 points, one of which is missing, and its heights."""
    heights = np.sin(np.arange(50_000.0))
    heights[777] = np.nan
    picture, ax = plt.subplots()
    (line,) = ax.plot(heights)
    ax.set_ylim(-3, 3)
    yield picture, line, heights
    plt.close(picture)


def test_a_long_array_is_kept_as_a_digest(long):
    """A few thousand numbers that survive JSON, whatever the length."""
    document = passport(long[0])
    kept = document["arrays"]["axes 0, line 0"]
    assert kept["shape"] == [50_000, 2]
    assert sum(len(part) for part in kept.values() if isinstance(part, list)) < 4_000
    assert list(differences(document, json.loads(to_json(passport(long[0]))))) == []


@pytest.mark.parametrize(
    "entry, change",
    [(1234, 2e-4), (49_999, -2e-4), (0, np.nan), (777, 0.0), (25_000, np.inf)],
)
def test_a_digest_notices_any_entry_that_moves_by_more_than_the_tolerance(long, entry, change):
    """A billionth of the greatest, 49 999: not only entries that a sample happens to hold."""
    picture, line, heights = long
    before = passport(picture)
    heights[entry] = change if entry == 777 else heights[entry] + change
    line.set_ydata(heights)
    (found,) = differences(before, passport(picture))
    first, last = map(int, re.search(r"line 0, entries (\d+) to (\d+), ", found.what).groups())
    assert first <= 2 * entry + 1 <= last


def test_a_digest_notices_entries_that_change_places(long):
    """Their sum stays; its weights tell."""
    picture, line, heights = long
    before = passport(picture)
    heights[[10, 20]] = heights[[20, 10]]
    line.set_ydata(heights)
    (found,) = differences(before, passport(picture))
    assert found.what.endswith("weighted sum")


def test_a_digest_passes_the_last_bits(long):
    """All entries off by rounding are not one entry off by a billionth."""
    picture, line, heights = long
    before = passport(picture)
    line.set_ydata(heights * (1 + 2e-16) + 1e-16)
    assert list(differences(before, passport(picture))) == []


def test_what_drew_it_and_under_which_versions_is_no_difference(figure):
    """They are told, so that a difference can be explained."""
    before = passport(figure, backend="c")
    after = passport(figure, backend="numba")
    after["versions"] = dict.fromkeys(after["versions"], "0")
    assert (before["backend"], after["backend"]) == ("c", "numba")
    assert list(differences(before, after)) == []


def test_another_caption_or_lesson_is_a_difference(figure):
    """The passport repeats the registry, so it must follow it."""
    before = passport(figure, facts={"caption": "One.", "lesson": "newton"})
    (found,) = differences(before, passport(figure, facts={"caption": "Two.", "lesson": "newton"}))
    assert str(found) == "caption: committed One., drawn Two."
