"""The site in a real browser: on a telephone and a wide screen, by day, by night and on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PAGES = (
    "index",
    "play",
    "exercises",
    "chapter",
    "lessons/index",
    "lessons/09_gradient_descent",
    "lessons/15_logistic_compiled",
    "figures/index",
    "figures/gradient_descent_006",
    "errata/index",
    "errata/E10",
    "derivations/backpropagation",
    "studies/logistic_adam",
    "methods/nadam",
    "methods/bfgs",
    "api/index",
    "api/minimize",
    "api/nn",
    "commands",
    "speed",
    "agreement",
)
"""One page of each kind, and the widest."""

KINDS = (
    "index",
    "play",
    "lessons/index",
    "lessons/10_newton",
    "figures/gradient_descent_006",
    "errata/E10",
    "derivations/newton",
    "studies/newton",
    "methods/gradient_descent",
    "api/minimize",
    "commands",
)
"""One short page of each kind."""

VIEWS = [(1400, "light"), (390, "dark"), (1400, "dark"), (390, "light")]
"""Each page is seen in the first two or the last two: in either width, by day and by night."""

OPTIONS = {"iframes": False, "preload": False}
"""Explorers are judged by themselves, and axe must not ask for files, which a browser refuses."""


def in_two_views(pages):
    """Return the marks that give a test each page in two of the views, the views in order."""
    seen = [
        (view, page)
        for place, view in enumerate(VIEWS)
        for number, page in enumerate(pages)
        if number % 2 == place // 2
    ]
    names = [f"{width}-{scheme}-{page}" for (width, scheme), page in seen]
    return pytest.mark.parametrize(("screen", "page"), seen, ids=names, indirect=["screen"])


@pytest.fixture(scope="module")
def screen(request, chromium):
    """A window of this width, by day or by night, and what its pages said or asked for."""
    width, scheme = request.param
    said: list[str] = []
    with chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    ) as context:
        opened = context.new_page()
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on("request", lambda request: said.extend(_foreign(request.url)))
        yield opened, said


def _foreign(url: str) -> list[str]:
    return [] if url.split(":")[0] in {"file", "data", "blob"} else [url]


@in_two_views(PAGES)
def test_a_page_fits_and_is_silent(screen, site, page):
    """Nothing sticks out, the console stays empty, and no request leaves."""
    window, said = screen
    said.clear()
    window.goto((site / f"{page}.html").as_uri())
    assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert said == []


def test_on_a_phone_no_line_of_the_reference_is_cut_off(tab, site):
    """The theme clips what is too wide, so that the page itself never sticks out."""
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto((site / "api" / "minimize.html").as_uri())
    right = "found => Math.max(...found.map(one => one.getBoundingClientRect().right))"
    assert tab.eval_on_selector_all("dl.py dt, dl.py p", right) <= 390


@in_two_views(KINDS)
def test_axe_finds_nothing(screen, site, page):
    """Contrast, names, headings and what else can be tested by rule."""
    window, _ = screen
    window.goto((site / f"{page}.html").as_uri())
    found = Axe().run(window, options=OPTIONS).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


def test_search_finds_backtracking_without_a_server(tab, site):
    """From the field in the head of the page, opened from a file."""
    tab.goto((site / "index.html").as_uri())
    tab.keyboard.press("Control+k")
    tab.keyboard.type("backtracking")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results ul.search li a")
    titles = tab.eval_on_selector_all(
        "#search-results li a", "those => those.map(a => a.textContent)"
    )
    assert "backtracking" in titles
    assert any("line search" in title for title in titles)


def test_the_explorer_of_a_lesson_plays_inside_it(tab, site):
    """It opens with the run of the lesson, and answers there; on a telephone it is a link."""
    tab.goto((site / "lessons" / "09_gradient_descent.html").as_uri())
    tab.locator("iframe.explorer").scroll_into_view_if_needed()
    inside = tab.frame_locator("iframe.explorer")
    inside.get_by_text("2-cycle {2.1475, 2.3366}").first.wait_for()
    inside.get_by_role("button", name="best step").click()
    inside.get_by_text("4/81").first.wait_for()
    tab.set_viewport_size({"width": 390, "height": 844})
    assert not tab.locator("iframe.explorer").is_visible()
    assert tab.get_by_role("link", name="Open the explorer").is_visible()


def test_on_paper_there_is_the_article_alone(tab, site):
    """Black on white, also by night; head, side and frames are left out."""
    tab.emulate_media(media="print", color_scheme="dark")
    tab.goto((site / "methods" / "newton.html").as_uri())
    hidden = (".bd-header", ".bd-sidebar-primary", "iframe.explorer", ".prev-next-area")
    assert [each for each in hidden if tab.locator(each).first.is_visible()] == []
    assert tab.locator("h1").is_visible()
    tab.goto((site / "errata" / "E10.html").as_uri())
    colours = "(found, what) => found.map(one => getComputedStyle(one)[what])"
    grounds = tab.eval_on_selector_all("body, .sd-card", colours, "backgroundColor")
    inks = tab.eval_on_selector_all("h1, p, code", colours, "color")
    assert set(grounds) == {"rgb(255, 255, 255)"}
    assert set(inks) <= {"rgb(0, 0, 0)", "rgb(68, 68, 68)"}


def test_the_versions_are_a_list_that_opens(tab, site):
    """The present one is named, and what changed is one click away."""
    tab.goto((site / "index.html").as_uri())
    tab.locator(".versions summary").first.click()
    tab.locator(".versions").get_by_role("link", name="What changed").first.click()
    assert tab.locator("h1").inner_text().startswith("Changelog")
