"""Every erratum is decided by what is computed, and would be decided otherwise if it were none."""

import json
import re
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from symlab.book.errata.erratum import KINDS, Erratum, Observation, plain
from symlab.book.errata.register import ERRATA, find_erratum
from symlab.book.errata.text import as_text, overview, two_sides
from symlab.book.lessons import find

LESSONS = Path(__file__).resolve().parents[3] / "lessons"


EITHER_WAY = {
    "E01": 1, "E06": 2, "E10": 6, "E11": 4, "E16": 2, "E20": 4, "E21": 1, "E22": 1, "E26": 1,
    "E30": 1, "E35": 1,
}  # fmt: skip
"""Claims about what surrounds an error, which hold whichever form the chapter had printed."""


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_every_erratum_is_confirmed_by_its_check(erratum, examination):
    """The verdict is computed here and now; a check that finds nothing to observe confirms none."""
    found = examination(erratum.id)
    assert found.error == ""
    assert [seen.claim for seen in found.observations if not seen.holds] == []
    assert found.verdict == "confirmed"
    assert found.numbers


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_a_chapter_without_the_error_would_be_acquitted(erratum):
    """With the right form in both places the verdict turns, and all claims about the form fail."""
    _, right = erratum.forms
    found = erratum.examine(right, right)
    assert found.error == ""
    assert found.verdict == "refuted"
    assert sum(bool(seen.holds) for seen in found.observations) == EITHER_WAY.get(erratum.id, 0)


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_what_was_found_can_be_printed_and_is_json(erratum, examination):
    """Numbers of SymPy and NumPy included, and none without a name of its own."""
    found = examination(erratum.id)
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert len(record["numbers"]) == sum(len(seen.numbers) for seen in found.observations)
    assert len(overview([found])[1][0][-1].splitlines()) <= 2
    assert erratum.printed.split()[0] in as_text(found)


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_an_erratum_says_all_that_a_reader_asks(erratum):
    """Where, what, what instead, why it matters: in words; a kind and a lesson that exist."""
    for words in (erratum.title, erratum.place, erratum.printed, erratum.right, erratum.matters):
        assert len(words) > 10
    assert erratum.kind in KINDS
    assert find([erratum.lesson])[0].name == erratum.lesson


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=ERRATA)
def test_its_lesson_names_it(erratum):
    """A reader of the lesson is led to the entry."""
    (lesson,) = find([erratum.lesson])
    named = re.findall(r"E\d\d", lesson.path.read_text(encoding="utf-8"))
    assert erratum.id in named


@pytest.mark.parametrize("erratum", [e for e in ERRATA.values() if e.draw], ids=lambda e: e.id)
def test_its_picture_has_two_sides(erratum):
    """As printed beside corrected, and both drawn on."""
    figure = two_sides(erratum)
    assert [ax.get_title() for ax in figure.axes[:2]] == ["as printed", "corrected"]
    assert all(ax.has_data() for ax in figure.axes[:2])
    plt.close("all")


def test_lessons_name_no_erratum_that_does_not_exist():
    """A reference to nothing would send readers looking."""
    texts = (file.read_text(encoding="utf-8") for file in LESSONS.glob("*.py"))
    assert {id for text in texts for id in re.findall(r"\bE\d\d\b", text)} <= set(ERRATA)


def test_the_register_is_in_the_order_of_the_chapter():
    """By section, then by number."""
    keys = [(each.section, each.id) for each in ERRATA.values()]
    assert keys == sorted(keys)


def test_an_unknown_id_is_told_the_nearest_or_how_many_there_are():
    """And a small letter or a missing 0 is no mistake."""
    assert find_erratum("e05") is find_erratum("E5") is ERRATA["E05"]
    with pytest.raises(ValueError, match=r"unknown id '5'; did you mean 'E05'"):
        find_erratum("5")
    with pytest.raises(ValueError, match=r"unknown id 'E99'; they are numbered E01 to E37\."):
        find_erratum("E99")


def made(check) -> Erratum:
    """An erratum about nothing, with this check."""
    return replace(ERRATA["E05"], check=check, forms=(0, 1), draw=None)


def test_a_check_that_breaks_decides_nothing():
    """Its error is told in the verdict's place, and no exception leaves it."""

    def broken(printed, right):
        yield Observation("half of it held", holds=True)
        raise ZeroDivisionError("no such luck")

    found = made(broken).examine()
    assert (found.verdict, found.error) == ("undecided", "ZeroDivisionError: no such luck")
    assert "no such luck" in as_text(found)
    assert "no such luck" in overview([found])[1][0][-1]


def test_a_check_that_observes_nothing_decides_nothing():
    """Silence is not a confirmation."""
    assert made(lambda printed, right: iter(())).examine().verdict == "undecided"


def test_one_claim_that_fails_refutes():
    """And the text marks which."""

    def mixed(printed, right):
        yield Observation("first", holds=True, numbers={"a": printed})
        yield Observation("second", holds=False, numbers={"b": right})

    found = made(mixed).examine()
    assert found.verdict == "refuted"
    assert found.numbers == {"a": 0, "b": 1}
    assert re.search(r"holds +first.*\n +FAILS +second", as_text(found))


def test_numbers_become_what_json_can_hold():
    """Not a number and infinity are no JSON, so they become words."""
    assert [plain(n) for n in (3.0, 0.5, float("nan"), float("-inf"), True)] == [
        3, 0.5, "nan", "-inf", True,
    ]  # fmt: skip
