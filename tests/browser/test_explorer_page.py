"""The page of `sl.explore` as a reader uses it: with mouse, keys and finger, wide and narrow."""

import json
import time
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from axe_playwright_python.base import AXE_FILE_PATH
from matplotlib import image

import symlab as sl
from symlab.book.explored import explore_named
from symlab.lab.explorer.page import Page
from symlab.methods.method import as_method
from symlab.theory.prediction import predict

pytestmark = pytest.mark.browser

x, y = sp.symbols("x y", real=True)
QUARTIC = sl.problems["quartic"].objective
RAVINE = sl.problems["ravine"].objective


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A page in one variable, one in two, and that of a network."""
    folder = tmp_path_factory.mktemp("explorer")
    shown = ["gradient_descent", "momentum", sl.adam(step_size=0.3)]
    return {
        1: sl.explore(QUARTIC, sl.gradient_descent(step_size=0.1)).save(folder / "one.html"),
        2: sl.explore(RAVINE, shown).save(folder / "two.html"),
        "network": explore_named("neuron").save(folder / "network.html"),
    }


def step_size(tab) -> float:
    """The step size in the address, which holds everything that is shown."""
    words = tab.evaluate("new URLSearchParams(location.hash.slice(1)).get('run')")
    return float(dict(pair.split("=") for pair in words.split(";")[1:])["alpha"])


def start(tab) -> list[float]:
    """The start in the address."""
    return [float(each) for each in tab.evaluate(
        "new URLSearchParams(location.hash.slice(1)).get('start').split(',')"
    )]  # fmt: skip


def wait(come) -> None:
    """Ask until it has come true; the page's policy lets playwright evaluate no text there."""
    deadline = time.monotonic() + 30
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def verdict(tab) -> str:
    """The sentence above the pictures."""
    return tab.text_content("#verdict")


def test_the_verdict_is_that_of_the_analysis(tab, pages):
    """The chapter's objective at 0.1: its 2-cycle, multiplier, limit and best step."""
    tab.goto(pages[1].as_uri())
    told = verdict(tab)
    derived = sl.analyze(QUARTIC, sl.gradient_descent(step_size=0.1), start=[0.1]).verdict
    assert told == derived.replace("step_size", "step size").replace("-41", "−41")
    assert "2-cycle {2.1475, 2.3366}" in told


def test_a_click_on_the_best_step_sets_it_exactly(tab, pages):
    """4/81, to the last bit; one step of it near the minimum leaves next to nothing."""
    tab.goto(pages[1].as_uri())
    tab.click("[data-mark='best step']")
    assert step_size(tab) == 4 / 81
    assert tab.input_value(".slider input[type=number]") == repr(4 / 81)
    assert "multipliers are all zero" in verdict(tab)
    tab.click("[data-mark='limit']")
    assert step_size(tab) == 8 / 81
    assert "border of stability" in verdict(tab)


def test_the_mark_of_the_cycle_is_where_it_attracts_fastest(tab, pages):
    """There the derivative of two steps is zero, as the analysis finds as well."""
    tab.goto(pages[1].as_uri())
    tab.click("[data-mark='2-cycle']")
    method = sl.gradient_descent(step_size=step_size(tab))
    cycles = sl.analyze(QUARTIC, method, start=[0.1]).cycles
    (attracting,) = [cycle for cycle in cycles if cycle.attracting]
    assert abs(float(attracting.multiplier)) < 1e-4
    assert str(attracting) in verdict(tab)


@pytest.mark.parametrize("rule", ["momentum", "nesterov", "gradient_descent", "newton"])
@pytest.mark.parametrize("problem", ["quartic", "ravine"])
def test_limits_and_best_steps_are_those_of_the_analysis(tab, tmp_path, problem, rule):
    """Numbers are put into SymPy's formulas in the page.

    At a best step two multipliers may meet, as roots do, so that the rate there has half the
    digits of the step.
    """
    stated = sl.problems[problem]
    tab.goto(sl.explore(stated.objective, rule).save(tmp_path / "page.html").as_uri())
    found = tab.evaluate(f"symlab.predict({rule!r})")
    h = tab.evaluate(f"symlab.iterates({rule!r}, {{}}, symlab.objective.start, 1).h")
    numbers = tab.evaluate(f"symlab.methods[{rule!r}].hyperparameters")
    words = {each["word"]: h[each["letter"]] for each in numbers}
    point = sl.analyze(stated.objective, "newton", start=stated.start).minimum
    method = sl.rules[rule](**words) if rule in sl.rules else as_method(rule)
    derived = predict(method, point)
    assert found["rate"] == pytest.approx(float(derived.rate), rel=1e-8, abs=1e-12)
    if rule != "newton":
        assert found["limit"] == pytest.approx(float(derived.step_limit), rel=1e-12)
        best = predict(method(step_size=found["best"]), point)
        known = predict(method(step_size=derived.best_step), point)
        assert float(best.rate) == pytest.approx(float(known.rate), rel=1e-5, abs=1e-5)


def test_the_start_is_dragged_and_moved_by_arrow_keys(tab, pages):
    """In two variables by the mouse; the keys move it by a five-hundredth of the picture."""
    tab.goto(pages[2].as_uri())
    box = tab.locator("#place").bounding_box()
    tab.mouse.move(box["x"] + 200, box["y"] + 100)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 400, box["y"] + 150, steps=4)
    tab.mouse.up()
    dragged = start(tab)
    assert dragged != [-5, -2]
    tab.focus("#place")
    tab.keyboard.press("ArrowRight")
    moved = start(tab)
    assert moved[0] > dragged[0]
    assert moved[1] == dragged[1]
    assert float(tab.input_value("#start input >> nth=0")) == moved[0]


def test_a_finger_drags_the_start_on_a_telephone(chromium, pages):
    """At 360 pixels nothing sticks out, and what is touched is large enough."""
    with chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    ) as context:
        tab = context.new_page()
        tab.goto(pages[2].as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == 360
        box = tab.locator("#place").bounding_box()
        tab.touchscreen.tap(box["x"] + 150, box["y"] + 80)
        assert start(tab) != [-5, -2]
        tab.locator("[data-mark='best step'] >> nth=0").tap()
        assert step_size(tab) == 20 / 21
        small = tab.evaluate(
            "[...document.querySelectorAll('button')].filter(one => one.checkVisibility()"
            " && one.getBoundingClientRect().height < 24).map(one => one.textContent)"
        )
        assert small == []


def test_a_slider_changes_the_verdict_as_it_is_moved(tab, pages):
    """Below the limit the minimum attracts."""
    tab.goto(pages[1].as_uri())
    assert "repels" in verdict(tab)
    tab.fill(".track input", "400")
    assert "attracts" in verdict(tab)
    assert step_size(tab) < 8 / 81


def test_the_address_brings_back_what_was_shown(tab, pages):
    """Method, numbers, start and step."""
    tab.goto(pages[1].as_uri())
    tab.select_option("#add", "adam")
    tab.fill("#start input", "1.5")
    tab.press("#start input", "Enter")
    tab.click("#back")
    address, said = tab.url, verdict(tab)
    tab.goto("about:blank")
    tab.goto(address)
    assert tab.url == address
    assert verdict(tab) == said
    assert tab.locator(".method").count() == 2
    assert tab.text_content("#now") == "49"


def test_an_address_with_nonsense_is_read_as_far_as_it_can_be(tab, pages):
    """Nothing of it runs, and what is outside a domain is left out."""
    nonsense = "#run=adam;alpha=-1;beta1=2&run=__proto__;x=1&start=a,b&steps=1e9&f=alert(1)"
    tab.goto(pages[1].as_uri() + nonsense)
    assert tab.locator(".method").count() == 1
    assert start(tab) == [0.1]
    assert "function" in tab.text_content("#refusal")


def test_a_step_is_shown_with_its_numbers_put_in(tab, pages):
    """As on paper: the first one from the chapter's start."""
    tab.goto(pages[1].as_uri())
    tab.fill("#scrub", "1")
    lines = tab.locator("#numbers p").all_text_contents()
    assert lines == ["x ← x − α·g", "x(1) = 0.1 − 0.1·(−0.086) = 0.1086"]


def test_the_trials_of_a_search_are_told(tab, tmp_path):
    """Each with its step and value; the last is accepted."""
    page = sl.explore(QUARTIC, sl.backtracking(step_size=1, shrink=0.5), [2]).save(
        tmp_path / "p.html"
    )
    tab.goto(page.as_uri())
    tab.fill("#scrub", "1")
    lines = tab.locator("#numbers p").all_text_contents()
    told = sl.minimize(QUARTIC, [2], sl.backtracking(step_size=1, shrink=0.5), 1, backend="sympy")
    assert len(lines) - 1 == told.frame["evaluations"].iloc[-1] - 1
    assert lines[-2].endswith("accepted")


def test_a_click_on_the_map_sets_the_step_size_and_the_start(tab, pages):
    """It is found by where the cross then stands."""
    tab.goto(pages[1].as_uri())
    wait(lambda: tab.text_content("#phase-caption"))
    box = tab.locator("#phase").bounding_box()
    tab.mouse.click(box["x"] + 120, box["y"] + 100)
    assert step_size(tab) < 0.05
    assert start(tab) != [0.1]


def test_playing_goes_on_step_by_step(tab, pages):
    """From the start, if the end was shown, and until it is paused."""
    tab.goto(pages[1].as_uri())
    tab.select_option("#speed", "30")
    tab.click("#play")
    wait(lambda: 3 <= int(tab.text_content("#now")) < 50)
    tab.click("#play")
    assert tab.text_content("#play") == "Play"


def test_what_is_copied_as_python_runs_and_gives_the_run_shown(tab, pages):
    """Text of the page, carried out as a reader would."""
    tab.goto(pages[1].as_uri())
    program = tab.evaluate("symlab.asPython()")
    assert "gradient_descent(step_size=0.1)" in program
    found = {}
    lines = [line for line in program.splitlines() if not line.startswith("print")]
    compiled = compile("\n".join(lines), "copied", "exec")
    exec(compiled, found)
    shown = tab.evaluate("symlab.iterates('gradient_descent', { alpha: 0.1 }, [0.1], 50).iterates")
    assert found["trace"].iterates[:, 0] == pytest.approx([each[0] for each in shown], abs=1e-12)


def test_what_is_saved_holds_the_runs_shown(tab, pages):
    """The numbers as CSV, and the picture as PNG."""
    tab.goto(pages[2].as_uri())
    with tab.expect_download() as download:
        tab.click("#as-csv")
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "method,k,x,y,value,gradient_norm,step_size"
    assert len(rows) == 1 + 3 * 51
    with tab.expect_download() as download:
        tab.click("#as-png")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["gradient_descent", "adam", "newton", "bfgs", "backtracking"])
def test_what_is_copied_as_javascript_is_the_run_shown(tab, pages, name):
    """A program of its own, run in an empty page."""
    tab.goto(f"{pages[2].as_uri()}#run={name}&start=-5,-2&steps=20")
    program = tab.evaluate("symlab.asJavaScript()")
    stated = tab.evaluate(f"symlab.methods[{name!r}].hyperparameters")
    numbers = json.dumps({each["letter"]: each["value"] for each in stated})
    asked = f"symlab.iterates({name!r}, {numbers}, [-5, -2], 20).iterates"
    shown = tab.evaluate(asked)
    tab.goto("about:blank")
    alone = program.replace("console.log(row.point, row.value);", "")
    assert tab.evaluate(f"(0, eval)({json.dumps(alone + 'rows.map(row => row.point);')})") == shown


@pytest.mark.parametrize(
    "formula, said",
    [
        (sp.Abs(x), "No smooth minimum is known: x = 0: kink, a minimum"),
        (sp.exp(x), "The gradient is never zero"),
        ((x - y) ** 2, "form a continuum: minimum x = y, y free"),
        (x**4, "is flat in some direction"),
        (sp.Abs(x) ** sp.Rational(3, 2), "is infinite: no constant step converges to it: iterates"),
        (sp.sin(x) * sp.sin(y), "attracts"),
    ],
)
def test_what_has_no_smooth_minimum_is_told_too(tab, tmp_path, formula, said):
    """Kinks, continua, plateaus, none at all, and more points than are listed."""
    objective = sl.Objective(formula)
    start = [1, 2][: objective.dimension]
    tab.goto(sl.explore(objective, start=start).save(tmp_path / "page.html").as_uri())
    assert said in verdict(tab)
    assert tab.locator("#points li").count() <= 14


@pytest.mark.parametrize("name", ["backtracking", "armijo", "exact_line_search"])
def test_what_is_said_of_a_search_is_what_the_analysis_notes(tab, tmp_path, name):
    """The largest accepted step on the parabola at the minimum, or what an exact search gains."""
    tab.goto(sl.explore(QUARTIC, name, [2]).save(tmp_path / "page.html").as_uri())
    notes = sl.analyze(QUARTIC, name, start=[2]).notes
    assert verdict(tab).split(". ", 1)[1] in notes


@pytest.mark.parametrize("size", [1, 2, "network"])
def test_axe_finds_nothing_on_any_page(tab, pages, size):
    """Wide and on a telephone, by day and by night: names, contrast, roles, order of headings."""
    tab.goto(f"{pages[size].as_uri()}#steps=20&at=3")
    tab.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    for width, scheme in product((1400, 390), ("light", "dark")):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate("axe.run({resultTypes: ['violations']})")
        assert [each["help"] for each in found["violations"]] == [], (width, scheme)
        assert len(found["passes"]) > 20
        assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("size", [1, 2, "network"])
def test_pages_are_printed_by_day_and_without_what_is_pressed(chromium, pages, size):
    """Also at night: ink on white, in the pictures too; afterwards it is night again."""
    with chromium.new_context(color_scheme="dark") as context:
        tab = context.new_page()
        tab.goto(pages[size].as_uri())
        assert brightness(tab)[0] < 130
        tab.emulate_media(media="print")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        ground, ink = brightness(tab)
        assert ground > 150
        assert ink < 120
        assert not tab.is_visible("#play")
        assert not tab.is_visible("#as-csv")
        tab.emulate_media(media="screen")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert brightness(tab)[0] < 130


def brightness(tab) -> tuple[float, float]:
    """That of most of the main picture, and of its darkest two-hundredth, of 255."""
    shown = image.imread(BytesIO(tab.locator("#place").screenshot()))[..., :3]
    grey = 255 * shown.mean(axis=-1)
    return float(np.median(grey)), float(np.quantile(grey, 0.005))


def test_the_model_of_a_step_is_drawn_in_the_plane(tab, pages):
    """Newton's is the objective itself, and the next iterate its lowest point."""
    for rule, matrix in (
        ("gradient_descent;alpha=0.5", [[2, 0], [0, 2]]),
        ("newton;q=1;mu=0.5", [[0.6, 0], [0, 2.5]]),
    ):
        tab.goto("about:blank")
        tab.goto(f"{pages[2].as_uri()}#run={rule}&start=-5,-2&steps=5&at=1")
        model = tab.evaluate("symlab.model()")
        assert model["matrix"] == pytest.approx(np.array(matrix))
        gradient = np.array([-0.5, -4])
        lowest = np.array([-5, -2]) - np.linalg.solve(matrix, gradient)
        assert model["lowest"] == pytest.approx(lowest)
        assert tab.evaluate("symlab.shown()") == pytest.approx(lowest)


@pytest.mark.parametrize("size", [1, "network"])
def test_a_page_stands_in_another_page(tab, tmp_path, pages, size):
    """As in a notebook or on a site: it runs, needs no bar to scroll, and touches no address."""
    page = Page(pages[size].read_text("utf-8"))
    outer = tmp_path / "outer.html"
    outer.write_text(
        f"<!doctype html><meta charset=utf-8><h1>Outside</h1>{page._repr_html_()}", "utf-8"
    )
    tab.goto(outer.as_uri())
    inner = tab.frame_locator("iframe")
    inner.locator("#forward").click()
    assert len(inner.locator("#verdict").text_content()) > 40
    body = inner.locator("html")
    height = "e => e.scrollHeight"
    wait(lambda: tab.locator("iframe").bounding_box()["height"] == body.evaluate(height))
    assert body.evaluate("e => e.scrollHeight > 900 && e.scrollHeight === innerHeight")
    assert tab.url == outer.as_uri()


def test_the_diagrams_chosen_are_in_the_address(tab, pages):
    """What the lower pictures show is brought back too."""
    tab.goto(f"{pages[2].as_uri()}#run=momentum")
    tab.click("#by-value")
    wait(lambda: tab.is_visible("#by-number"))
    tab.click("#by-number")
    address = tab.url
    tab.goto("about:blank")
    tab.goto(address)
    assert tab.get_attribute("#by-value", "aria-pressed") == "true"
    assert tab.get_attribute("#by-number", "aria-pressed") == "true"
    wait(lambda: "momentum" in tab.text_content("#phase-caption"))
    box = tab.locator("#phase").bounding_box()
    tab.mouse.click(box["x"] + 120, box["y"] + 60)
    assert "eta=0.9;" not in tab.url.replace("%3D", "=").replace("%3B", ";")
    assert start(tab) == [-5, -2]


def test_less_motion_is_played_where_it_is_asked_for(chromium, pages):
    """Slowly, unless the reader says otherwise."""
    with chromium.new_context(reduced_motion="reduce") as context:
        tab = context.new_page()
        for size in (1, "network"):
            tab.goto(pages[size].as_uri())
            assert tab.input_value("#speed") == "2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [1, 2])
def test_every_control_has_a_name_and_every_text_is_legible(chromium, pages, size, scheme):
    """By day and by night: a contrast of at least 4.5, as WCAG asks, and 3 for the colours."""
    with chromium.new_context(viewport={"width": 1400, "height": 1000}, color_scheme=scheme) as one:
        tab = one.new_page()
        tab.goto(pages[size].as_uri())
        nameless = tab.evaluate(
            "[...document.querySelectorAll('button, input, select, canvas')].filter(one =>"
            " !(one.ariaLabel || one.textContent.trim() || (one.labels && one.labels.length)))"
            ".map(one => one.outerHTML)"
        )
        assert nameless == []
        assert tab.evaluate("new Set([...document.querySelectorAll('[id]')].map(o => o.id)).size"
                            " === document.querySelectorAll('[id]').length")  # fmt: skip
        colours = tab.evaluate(
            "Object.fromEntries(['paper', 'sheet', 'ink', 'quiet', 'link', 'bad', 'c0', 'c1', 'c2',"
            " 'c3', 'c4', 'c5'].map(name => [name, getComputedStyle(document.documentElement)"
            ".getPropertyValue('--' + name).trim()]))"
        )
        for ground in ("paper", "sheet"):
            for name in ("ink", "quiet", "link", "bad"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for index in range(6):
            assert contrast(colours[f"c{index}"], colours["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour such as #0072b2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_thousand_steps_are_drawn_in_the_blink_of_an_eye(tab, pages):
    """About 40 milliseconds on two busy cores; the bound here is only for a blunder."""
    for page in pages.values():
        tab.goto(page.as_uri())
        assert tab.evaluate("symlab.redraw(1000)") < 2000


def test_the_page_runs_nothing_but_its_own_program(tab, pages):
    """The policy names style and program by their digests, and forbids all else."""
    tab.goto(pages[1].as_uri())
    policy = tab.get_attribute("meta[http-equiv]", "content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
