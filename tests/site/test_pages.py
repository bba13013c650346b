"""The site as files: everything has a page, links lead somewhere, nothing comes from a net."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import symlab
from symlab.book.derivations.register import DERIVATIONS
from symlab.book.errata.register import ERRATA
from symlab.book.experiments import STUDIES
from symlab.book.lessons import lessons
from symlab.book.report.figures import exhibits
from symlab.methods.rules import RULES

pytestmark = pytest.mark.timeout(1200)  # whoever comes first builds the site

PAGES = [
    *(f"figures/{name}" for name in exhibits()),
    *(f"errata/{id}" for id in ERRATA),
    *(f"derivations/{name}" for name in DERIVATIONS),
    *(f"studies/{name}" for name in STUDIES),
    *(f"methods/{name}" for name in RULES),
    *(f"lessons/{lesson.path.stem}" for lesson in lessons()),
]

ADDRESS = re.compile(r'\b(?:href|src|srcset)="([^"]*)"')
ANCHOR = re.compile(r'\b(?:id|name)="([^"]*)"')
LOADED = re.compile(
    r'<(?:script|img|iframe|source)[^>]*\bsrc="([^"]*)"|<link\b[^>]*\bhref="([^"]*)"'
)


@pytest.fixture(scope="session")
def texts(site):
    """The text of every page of the site, by its path; explorers are whole in themselves."""
    return {
        path: path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
        if path.parent.name not in {"play", "_static"}
    }


def dead_links(path: Path, text: str, anchors: dict[Path, set[str]]) -> list[str]:
    """Addresses on a page that lead to no file of the site, or to no anchor on it."""
    dead = []
    for address in map(unescape, ADDRESS.findall(text)):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        known = anchors.get(target)
        lost = parts.fragment and known is not None and unquote(parts.fragment) not in known
        if not target.is_file() or lost:
            dead.append(address)
    return dead


def test_everything_of_the_chapter_has_a_page(texts, site):
    """At an address that stays, because it is made of a name that stays."""
    assert [page for page in PAGES if site / f"{page}.html" not in texts] == []
    assert [name for name in symlab.__all__ if f"symlab.{name}" not in inventory(site)] == []


def inventory(site: Path) -> str:
    """The names that the pages document, as other sites would look them up."""
    from zlib import decompress

    head = b"zlib.\n"
    packed = (site / "objects.inv").read_bytes()
    return decompress(packed[packed.index(head) + len(head) :]).decode("utf-8")


def test_every_link_leads_somewhere(texts):
    """To a file of the site, and where it names an anchor, to one that is there."""
    anchors = {path: {unescape(id) for id in ANCHOR.findall(text)} for path, text in texts.items()}
    found = {path.name: dead_links(path, text, anchors) for path, text in texts.items()}
    assert {name: dead for name, dead in found.items() if dead} == {}


def test_a_dead_link_is_seen(tmp_path):
    """To a page that is not there, and to an anchor that is not."""
    page = tmp_path / "page.html"
    page.write_text("", encoding="utf-8")
    text = '<a href="gone.html">a</a> <a href="#gone">b</a> <a href="#here" id="here">c</a>'
    assert dead_links(page, text, {page: {"here"}}) == ["gone.html", "#gone"]


def test_no_page_loads_anything_from_a_network(texts):
    """A link may lead out; a script, a style, a font or a picture may not come in."""
    loaded = {
        path.name: [a or b for a, b in LOADED.findall(text) if urlsplit(a or b).netloc]
        for path, text in texts.items()
    }
    assert {name: those for name, those in loaded.items() if those} == {}


@pytest.mark.parametrize(
    "page, words",
    [
        ("errata/E10", ["confirmed", "local maximum", "symlab errata E10"]),
        ("figures/gradient_descent_003", ["21", "slope at x_20", "gradient_descent_003.png"]),
        ("figures/gradient_descent_006", ["As printed", "Corrected"]),
        ("derivations/newton", ["<math", "proved", "symlab derive newton"]),
        ("methods/gradient_descent", ["8/81", "4/81", "Cauchy 1847", "<math", "keras", "iframe"]),
        ("methods/backtracking", ["chapter, section 11", "box", "listing"]),
        ("studies/momentum", ["sympy", "interpreted", "every backend agrees"]),
        ("lessons/10_newton", ["10_newton.ipynb", "10_newton.py", "E10", "<iframe", "<math"]),
        ("commands", ["symlab explore", "--rule", "explorer.html"]),
        ("api/minimize", ["max_steps", "Lessons that use it", "Examples"]),
        ("chapter", ["11 The step size", "E03", "backtracking_printed"]),
        ("exercises", ["09.1", "symlab exercise", "<math"]),
        ("guide/first-hour", ["A first hour", "sl.minimize"]),
        ("changelog", ["Unreleased"]),
    ],
)
def test_a_page_has_what_readers_come_for(texts, site, page, words):
    """One page of each kind, by what only that kind has."""
    marked = texts[site / f"{page}.html"]
    text = marked + unescape(re.sub("<[^>]*>", "", marked))
    assert [word for word in words if word not in text] == []


def test_code_in_a_lesson_leads_to_the_page_of_the_name(texts, site):
    """A reader who meets `sl.minimize` is one click from what it takes."""
    text = texts[site / "lessons" / "10_newton.html"]
    assert "../api/minimize.html#symlab.minimize" in text
