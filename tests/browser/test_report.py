"""The report in a real browser: on a telephone, on a wide screen, by day, by night and on paper."""

import re
import time
from io import BytesIO

import numpy as np
import pytest
from matplotlib import image

from symlab.book.figures.register import FIGURES
from symlab.book.lessons import folder
from symlab.book.report.page import save_page
from symlab.book.report.report import report

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 600, 768, 1024, 1200, 1400, 1600)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """All figures, an erratum and two studies, opened in the browser from a file."""
    found = report(
        {"figures": (), "errata": ("E05",), "studies": ("newton", "backtracking")},
        figures=folder("figures"),
    )
    assert found.sound
    path = tmp_path_factory.mktemp("report") / "report.html"
    save_page(found, path)
    browser.view(1400)
    browser.open(path)
    return browser


def pixels(screenshot: bytes) -> np.ndarray:
    """A screenshot as numbers from 0 to 255, shape (height, width, 3)."""
    return 255 * image.imread(BytesIO(screenshot))[..., :3]


def test_nothing_is_loaded_but_the_file_itself(page):
    """Neither from a network nor from a disk, and the browser has nothing to complain of."""
    events = [event["params"] for event in page.events]
    asked = [each["request"]["url"] for each in events if "request" in each]
    complaints = [each["entry"]["text"] for each in events if "entry" in each]
    assert [url[:40] for url in asked if url.startswith("file:")] == [asked[0][:40]]
    assert {url.split(":")[0] for url in asked} == {"file", "data"}
    assert complaints == []


def test_every_picture_is_decoded_and_shown(page):
    """All figures of the book, each with a size of its own, and something drawn on it."""
    sizes = page.evaluate(
        "[...document.images].map(image => [image.naturalWidth, image.width, image.height])"
    )
    assert len(sizes) == len(FIGURES) + 2
    assert all(min(size) > 0 for size in sizes)
    page.evaluate("document.getElementById('deep_learning_005').scrollIntoView()")
    shown = pixels(page.screenshot())
    assert np.any((shown[..., 0] > 200) & (shown[..., 1] < 120)), "the red points are not seen"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_moves_sideways(page, width):
    """At any width; a table that is wider than the screen moves in a box of its own."""
    page.view(width)
    across = page.evaluate("document.documentElement.scrollWidth")
    assert across <= width
    sticking_out = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(one =>"
        " !one.closest('.scroll, .formula, .hidden') &&"
        " one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML)"
    )
    assert sticking_out == []


def test_a_wide_table_can_be_moved_in_its_box_on_a_telephone(page):
    """Nothing of it is out of reach."""
    page.view(360)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.scroll')].map(box => [box.scrollWidth, box.clientWidth])"
    )
    assert len(boxes) == 2
    assert all(inside > outside for inside, outside in boxes)


def test_prose_is_no_wider_than_seventy_letters_on_a_wide_screen(page):
    """A longer line loses its reader; the width of a 0 is what CSS calls a letter."""
    page.view(1600)
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main p, main dd')].map(p => {"
        " const probe = document.createElement('span'); probe.textContent = '0'.repeat(70);"
        " probe.style.whiteSpace = 'nowrap';"
        " p.append(probe); const limit = probe.getBoundingClientRect().width; probe.remove();"
        " return p.getBoundingClientRect().width / limit; }))"
    )
    assert widest <= 1.01


def test_the_page_is_light_by_day_and_dark_by_night_and_never_blank(page):
    """The ground turns; the text turns with it; figures stay on white."""
    grounds = {}
    for scheme in ("light", "dark"):
        page.view(1400, scheme=scheme)
        page.evaluate("scrollTo(0, 0)")
        shown = pixels(page.screenshot())
        grounds[scheme] = np.median(shown)
        assert shown.std() > 10, f"{scheme}: nothing to be seen"
    assert grounds["light"] > 230
    assert grounds["dark"] < 40
    page.evaluate("document.getElementById('gradient_descent_003').scrollIntoView()")
    share = np.mean(pixels(page.screenshot()) > 250)
    assert 0.1 < share < 0.9, "the white mat is missing"


def test_on_paper_it_is_black_on_white_in_pages_with_everything_open(page):
    """Also if it is night when it is printed; a PDF with a page tree, pictures and text."""
    page.view(1400, scheme="dark")
    paper = page.printed()
    assert paper.startswith(b"%PDF")
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 10 < sheets < 60
    page.ask("Emulation.setEmulatedMedia", media="print")
    closed = "[...document.querySelectorAll('details:not([open]) table')]"
    assert page.evaluate(f"{closed}.length") > 0
    visible = "table.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})"
    deadline = time.monotonic() + 30  # a busy browser lays the page out for paper when it can
    while not (shown := page.evaluate(f"{closed}.every(table => {visible})")):
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert shown
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    blue = page.evaluate("getComputedStyle(document.querySelector('nav a')).color")
    assert blue == "rgb(0, 0, 0)"
