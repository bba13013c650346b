"""What every door checks, and that what it says fits one line whatever came."""

import warnings

import numpy as np
import pytest

from symlab.algebra.foreign_words import explain_words
from symlab.checks import MOST_SHOWN, Catalog, lookup, nearest, renamed_keyword, shown, whole


class Awkward:
    """A value that cannot be printed."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000,
        "two\nlines",
        np.arange(10_000.0),
        np.zeros((5, 5)),
        list(range(10**4)),
        dict.fromkeys(range(99), "y" * 99),
        {1, 2, 3, 4, 5},
        10**5000,
        Awkward(),
        [[[[[[1]]]]]],
        None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_is_shown_in_one_short_line(value):
    """Values come from users: arrays of many lines, endless text, what cannot be printed at all."""
    text = shown(value)
    assert "\n" not in text
    assert 0 < len(text) <= MOST_SHOWN


def test_a_name_is_looked_up_or_the_nearest_is_named():
    """A typo is answered by what was probably meant, anything else by what there is."""
    assert lookup("b", {"a": 1, "b": 2}, "kind") == 2
    with pytest.raises(ValueError, match=r"kind: unknown name 'alhpa'; did you mean 'alpha'\?"):
        lookup("alhpa", {"alpha": 1}, "kind")
    for odd in (None, 3, ["alpha"], {}):
        with pytest.raises(TypeError, match=r"^kind: expected a name, got "):
            lookup(odd, {"alpha": 1}, "kind")
    assert nearest(["alpha"], ["alpha"]) == "."


def test_whole_numbers_are_those_without_a_fraction_and_no_booleans():
    """NumPy's integers count, floats and booleans do not, however round."""
    assert whole(np.int64(3), "n", 0) == 3
    for odd in (True, 2.0, "2", None, [2]):
        with pytest.raises(TypeError, match=r"^n: expected an integer, got "):
            whole(odd, "n", 0)
    with pytest.raises(ValueError, match=r"^n: expected at least 1, got 0\.$"):
        whole(0, "n", 1)


@renamed_keyword("rate", "step_size")
@explain_words()
def step(point, *, step_size=1.0):
    """A function that once called its step size a rate."""
    return point - step_size


def test_an_old_keyword_works_with_one_warning_that_points_at_the_caller():
    """The warning names the new word, and the line to be changed is the user's own."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert step(3, rate=2) == 1
    (warning,) = caught
    assert warning.category is DeprecationWarning
    assert "rate is now called step_size" in str(warning.message)
    assert warning.filename == __file__


def test_a_new_keyword_warns_of_nothing():
    """Warnings are errors in this test."""
    assert step(3, step_size=2) == 1


def test_both_names_of_one_keyword_are_refused():
    """Which of the two values is meant nobody could say."""
    with pytest.raises(TypeError, match="rate is the old name of step_size; give step_size alone"):
        step(3, rate=2, step_size=2)


def test_another_unknown_word_is_explained_as_before():
    """The decorator below sees the new name alone, and says what it takes."""
    with pytest.raises(TypeError, match=r"step: unknown argument 'step_sise'; .*'step_size'"):
        step(3, step_sise=2)


def test_a_catalog_cannot_be_changed_and_answers_a_typo_with_the_nearest_name():
    """It is shared by everybody who imports it."""
    known = Catalog("functions", [len, max], key="__name__")
    assert (known["len"], len(known), list(known.values())) == (len, 2, [len, max])
    assert "len" in known
    assert "Len" not in known
    assert known.get("Len") is None
    with pytest.raises(KeyError, match="functions: unknown name 'lem'; did you mean 'len'"):
        known["lem"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        known["len"] = max
