"""Passports: what a figure shows, as numbers; and a change that is visible is a difference."""

import copy
import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from symlab.study import passports
from symlab.study.passports import differences, passport, written


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
    document = passport(figure, {"third": 1 / 3}, seed=3, version="1")
    again = json.loads(written(document))
    assert again == json.loads(json.dumps(document))
    assert again["arrays"]["axes 0, line 0"]["values"] == [0, 1, 1, None, 2, 1 / 3]
    assert again["seed"] == 3
    assert set(again["versions"]) == {"symlab", "sympy", "numpy", "matplotlib", "python"}
    assert list(differences(document, again)) == []


def test_a_named_number_keeps_its_exact_form_and_its_tolerance(figure):
    """8/81 says more than 0.0987...; the tolerance may be given or is relative."""
    numbers = passport(figure, {"limit": sp.Rational(8, 81), "rate": (0.5, 0.01)})["numbers"]
    assert numbers["limit"]["exact"] == "8/81"
    assert numbers["limit"]["value"] == 8 / 81
    assert 0 < numbers["limit"]["tolerance"] < 1e-9
    assert numbers["rate"] == {"value": 0.5, "tolerance": 0.01}
    with pytest.raises(TypeError, match="numbers: 'rate' should be a number, got 'fast'"):
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


def test_a_long_array_is_kept_as_a_digest_that_still_notices(monkeypatch):
    """Shape, a sample and four summary numbers; one entry out of the sample moves the summary."""
    monkeypatch.setattr(passports, "FULL", 100)
    values = np.sin(np.arange(5000.0))
    picture, ax = plt.subplots()
    (line,) = ax.plot(values)
    before = passport(picture)
    kept = before["arrays"]["axes 0, line 0"]
    assert kept["shape"] == [5000, 2]
    assert len(kept["sample"]) == passports.SAMPLE
    assert list(differences(before, passport(picture))) == []
    values[1234] += 0.01
    line.set_ydata(values)
    ax.set_ylim(ax.get_ylim())
    assert any("line 0, summary" in str(each) for each in differences(before, passport(picture)))
    plt.close(picture)
