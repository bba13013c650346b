"""The page: whole, complete in itself, readable by everyone, and true to what was found."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from types import SimpleNamespace

import pytest

from symlab.book.errata.erratum import Observation
from symlab.book.errata.register import ERRATA
from symlab.book.figures.register import FIGURES
from symlab.book.lessons import folder
from symlab.book.report.entry import Entry
from symlab.book.report.page import page, save_page
from symlab.book.report.report import Report, report
from symlab.book.report.results import examine_erratum, present_derivation
from symlab.lab.web.pages import style_sheet

STYLE = style_sheet("symlab.book.report", "page.css")


def test_the_page_is_well_formed_and_its_links_lead_somewhere(tree):
    """Every tag closed in order (the fixture sees to that), every id once, every # an id."""
    ids = [e.attributes["id"] for e in tree.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids)) > 10
    targets = [e.attributes["href"] for e in tree.all("a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    labels = [e.attributes["aria-labelledby"] for e in tree.all("section", "nav")]
    assert set(labels) <= set(ids)


def test_the_page_asks_for_nothing_outside_itself(html, tree):
    """No address but data: and #, no script, no import, and a policy that would forbid them."""
    addresses = [
        e.attributes[name] for e in tree.elements for name in e.attributes.keys() & {"src", "href"}
    ]
    assert addresses
    assert [a[:60] for a in addresses if not a.startswith(("data:", "#"))] == []
    assert tree.all("script", "iframe", "object", "form") == []
    handlers = [
        name for e in tree.elements for name in e.attributes if re.match(r"on|style$", name)
    ]
    assert handlers == []
    assert not re.search(r"url\(|@import", STYLE)
    (policy,) = tree.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert "default-src 'none'" in policy.attributes["content"]


def test_the_policy_names_the_very_style_sheet_that_is_inside(html, tree):
    """A browser would ignore a style sheet with another digest, and the page would be bare."""
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = tree.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert f"style-src 'sha256-{digest}'" in policy.attributes["content"]


def test_headings_go_down_one_level_at_a_time(tree):
    """Whoever reads by headings must not fall through a gap; and there is one title."""
    levels = [int(e.tag[1]) for e in tree.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def test_there_are_landmarks_and_everything_has_a_name(tree):
    """Header, contents, main, footer once; tables with captions and scopes; pictures in words."""
    for tag in ("header", "nav", "main", "footer"):
        assert len(tree.all(tag)) == 1
    assert len(tree.all("table")) == len(tree.all("caption")) > 3
    assert all(e.text for e in tree.all("caption"))
    assert {e.attributes.get("scope") for e in tree.all("th")} == {"row", "col"}
    assert all(e.attributes["alt"] for e in tree.all("img"))
    assert all(e.attributes.keys() >= {"width", "height"} for e in tree.all("img"))
    assert all(e.attributes.get("aria-label") for e in tree.all("div", role="region"))


def test_every_figure_of_the_book_is_there_with_its_caption(parsed):
    """All of them, from the committed pictures; a caption is also what a picture says in words."""
    tree = parsed(report({"figures": ()}, figures=folder("figures")))
    shown = {e.attributes["id"]: e for e in tree.all("figure")}
    assert list(shown) == list(FIGURES)
    for id, figure in FIGURES.items():
        assert figure.caption in shown[id].text
    assert [e.attributes["alt"] for e in tree.all("img")] == [f.caption for f in FIGURES.values()]
    assert "36 of 36" in tree.all("header")[0].text


def test_the_numbers_of_a_figure_are_those_of_its_passport(tree):
    """To the last bit in the source, and to ten digits for the eye."""
    for id in ("gradient_descent_004", "LS_cost"):
        passport = json.loads((folder("figures") / f"{id}.json").read_text("utf-8"))
        wanted = [number["value"] for number in passport["numbers"].values()]
        inside = tree.at(id).text
        assert all(name in inside for name in passport["numbers"])
        start = tree.elements.index(tree.at(id))
        values = [e for e in tree.elements[start:] if e.tag == "data"][: len(wanted)]
        assert [float(e.attributes["value"]) for e in values] == wanted
        assert [e.text for e in values] == [f"{n:.10g}".replace("-", "−") for n in wanted]
    assert "= 8/25" in tree.at("gradient_descent_004").text


def test_what_is_printed_stands_beside_what_is_right(tree):
    """Two versions in one exhibit, each under its own name."""
    printed, right = tree.at("gradient_descent_006"), tree.at("gradient_descent_006_corrected")
    assert "As printed" in printed.text
    assert "Corrected" in right.text
    start = tree.elements.index(tree.at("figures-gradient_descent_006"))
    pair = [e.attributes["id"] for e in tree.elements[start:] if e.tag == "figure"][:2]
    assert pair == ["gradient_descent_006", "gradient_descent_006_corrected"]


def test_an_erratum_says_what_was_observed(tree):
    """Both forms, why it matters, each claim with its numbers, the verdict, and two pictures."""
    erratum, shown = ERRATA["E05"], tree.at("errata-E05").text
    for words in (erratum.title, erratum.place, erratum.printed, erratum.right, erratum.matters):
        assert words in shown
    for seen in erratum.examine().observations:
        assert f"holds {seen.claim}" in shown
    assert "score as printed −13" in shown
    assert "confirmed" in shown
    alternatives = [e.attributes["alt"] for e in tree.all("img")]
    for side in ("As printed", "Corrected"):
        assert f"{erratum.title}: {side}." in alternatives


def test_a_study_shows_each_backend(tree):
    """A row each, with the columns of `symlab compare`."""
    shown = tree.at("studies-newton").text
    assert "agrees" in shown
    for words in ("sympy", "c", "numba", "interpreted", "ulps / allowed", "µs/step", "speed-up"):
        assert words in shown


def test_the_page_says_when_and_with_what_it_was_made(small, tree):
    """A date for machines and people, versions, and no name of a machine or a folder."""
    (when,) = tree.all("time")
    assert date.fromisoformat(when.attributes["datetime"]) == small.made
    versions = tree.at("versions").text
    assert re.search(r"sympy \d", versions)
    assert re.search(r"Python ?\d\.\d+", versions)
    assert not re.search(r"/(?:home|root|tmp|Users|work)\b", " ".join(tree.all("body")[0].texts))


def test_the_same_report_gives_the_same_page(small, html):
    """So that two pages can be compared; only the results, the date and the timings vary."""
    assert page(small) == html
    assert page(replace(small, made=date(2020, 2, 2))) != html


def made(entry: Entry) -> Report:
    """A report of one entry."""
    return Report((entry,), (), date(2020, 2, 2), 1.0)


def test_an_entry_that_failed_says_so_in_its_place(parsed):
    """With its reason, in its section and at the top."""
    entry = Entry("studies", "newton", "newton", 10, error="ValueError: no luck")
    tree = parsed(made(entry))
    assert "This could not be made: ValueError: no luck" in tree.at("studies-newton").text
    assert "studies newton: ValueError: no luck" in tree.at("troubles").text
    assert "10 Newton's method" in tree.at("section-10").text
    assert "0 of 1" in tree.all("header")[0].text


@pytest.mark.parametrize("part", ["figures", "derivations", "errata", "studies", "accuracy"])
def test_a_part_of_which_nothing_could_be_made_keeps_its_place(parsed, part):
    """As when its registry cannot be loaded."""
    tree = parsed(made(Entry(part, "all", "Nothing", 0, error="ImportError: gone")))
    assert "ImportError: gone" in tree.at(f"{part}-all").text
    levels = [int(e.tag[1]) for e in tree.all("h1", "h2", "h3", "h4")]
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels))


def erratum(check, **changes):
    """The entry of an erratum about nothing, with this check."""
    found, passed = examine_erratum(replace(ERRATA["E05"], check=check, forms=(0, 1), **changes))
    return made(Entry("errata", "E05", "E05", 1, found, passed))


def test_a_refuted_erratum_is_shown_as_such(parsed):
    """Which claim failed, with its number, and the verdict in words."""

    def mixed(printed, right):
        yield Observation("first", holds=True)
        yield Observation("second", holds=False, numbers={"b": right})

    tree = parsed(erratum(mixed, draw=None))
    assert "FAILS second b 1" in tree.at("errata-E05").text
    assert "refuted" in tree.at("errata-E05").text
    assert tree.at("troubles")


def test_an_erratum_whose_check_or_picture_breaks_is_told_with_the_reason(parsed):
    """What it observed before stays, and so does the verdict if only the picture is lost."""

    def broken(printed, right):
        yield Observation("half of it held", holds=True)
        raise ZeroDivisionError("no such luck")

    def undrawable(printed, right):
        raise ValueError("no ink")

    shown = parsed(erratum(broken, draw=undrawable)).at("errata-E05").text
    assert "holds half of it held" in shown
    assert "The check could not finish: ZeroDivisionError: no such luck" in shown
    assert "Its picture could not be drawn: ValueError: no ink" in shown
    assert "undecided" in shown


HOSTILE = '<script>alert("&")</script>'


def test_whatever_is_said_stays_text(parsed):
    """Words of an erratum and the error of an entry, with everything HTML reads as its own."""
    spoken = dict.fromkeys(("title", "place", "printed", "right", "matters", "lesson"), HOSTILE)
    found = erratum(
        lambda printed, right: iter([Observation(HOSTILE, holds=True, numbers={HOSTILE: HOSTILE})]),
        draw=None,
        **spoken,
    )
    failed = Entry("studies", HOSTILE, HOSTILE, 9, error=HOSTILE)
    tree = parsed(replace(found, entries=(*found.entries, failed)))
    assert tree.all("script") == []
    assert tree.at("errata-E05").text.count(HOSTILE) == len(spoken) + 3


def derivation(*formulas):
    """Something with the steps of a derivation, whose formulas are these."""
    steps = [
        SimpleNamespace(
            number=i,
            latex=latex,
            why=f"reason `{i}`",
            kind="equal",
            origin=f"From ({i})",
            verified_by=f"proved {i}",
        )
        for i, latex in enumerate(formulas, 1)
    ]
    return SimpleNamespace(remark="A remark.", steps=steps)


def test_each_step_of_a_derivation_has_its_formula_its_reason_and_its_proof(parsed):
    """A `<` in a formula is a sign and not a tag; what cannot be converted is shown as written."""
    found, verified = present_derivation(
        derivation(r"x < \frac{1}{2}", r"f\left(x\right)", r"\unheard{of}")
    )
    assert verified
    tree = parsed(made(Entry("derivations", "one", "A title", 9, found, verified)))
    steps = [e for e in tree.all("li") if e.parents[-1] == "ol"]
    formulas = tree.all("math")
    assert [e.text for e in formulas] == ["x<12", "f(x)"]
    assert formulas[0].attributes["alttext"] == r"x < \frac{1}{2}"
    assert [e.parents[-2:] for e in formulas] == [("div", "div"), ("div", "div")]
    assert r"\unheard{of}" in steps[2].text
    for number, step in enumerate(steps, 1):
        assert step.text.startswith(f"reason {number}")
        assert step.text.endswith(f"From ({number}); proved {number}")
    assert [e.text for e in tree.all("code")] == ["1", "2", "3", r"\unheard{of}", "symlab report"]


def test_a_step_that_was_not_verified_spoils_its_derivation():
    """Only a premise needs no proof."""
    unproved = derivation("x", "y")
    unproved.steps[1].verified_by = ""
    assert present_derivation(unproved)[1] is False
    unproved.steps[1].kind = "given"
    assert present_derivation(unproved)[1] is True


def luminance(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    pairs = [2 * digit for digit in digits] if len(digits) == 3 else re.findall("..", digits)
    shares = [int(pair, 16) / 255 for pair in pairs]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", range(3), ids=["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "link", "good", "bad"])
def test_text_can_be_read_against_its_ground(scheme, ink):
    """By day, by night and on paper, at least 4.5 to 1, which is what small text needs."""
    palettes = [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in STYLE.split(":root")[1:]]
    colours = {**palettes[0], **palettes[scheme]}
    for ground in ("paper", "sheet"):
        assert contrast(colours[ink], colours[ground]) >= 4.5
    assert round(contrast("#000", "#fff")) == 21


def test_a_page_is_written_whole(small, tmp_path):
    """Its size is told, and nothing else is left in the folder."""
    size = save_page(small, tmp_path / "page.html")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").stat().st_size == size
