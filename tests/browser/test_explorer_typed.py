"""A formula typed in the page: read as symlab reads it, and derived by dual numbers."""

import json
import re

import numpy as np
import pytest
import sympy as sp
from formulas import ACCEPTED, ATTACKS, ONE_MEANING, REFUSED, TWO_MEANINGS

import symlab as sl
from symlab.algebra.formula.parse import parse_with_notes
from symlab.algebra.formula.spelling import FormulaError

pytestmark = pytest.mark.browser

x = sp.Symbol("x", real=True)


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """A page to type in."""
    file = tmp_path_factory.mktemp("typed") / "page.html"
    sl.explore(sl.Objective(x**2)).save(file)
    tab = chromium.new_page()
    tab.goto(file.as_uri())
    yield tab
    tab.close()


MORE = [
    "x^2/20 + y^2", "(1-x)^2 + 100(y-x²)²", "x^-2 + 2^x", "2^3^2*x", "sin^2 x + sin(x)^2",
    "½x² + √x", "log(1 + exp(x))", "sigmoid(3x) + softplus(-x) + relu(x) + hinge(x) + softsign(x)",
    "x₁² + 2x₂²", "1.5e-3x^2 + .5x", "x^x", "[x + 1]^2 + {x}", "x*-2 + x^2", "x^(1/3) + x^2",
    "acosh(x + 1) + atanh x/3", "sec x + csc(x)", "alert(1); x", "x.constructor", "toString(x)",
    "__proto__ + constructor.x", "xy + x", "sin2x + x", "x^1/2", "y = x^2", "𝒙² + 2𝒙", "cotan(x)",
]  # fmt: skip

TEXTS = list(dict.fromkeys([*ACCEPTED, *ATTACKS, *ONE_MEANING, *TWO_MEANINGS, *REFUSED, *MORE]))

ALGEBRA = [
    "are too fine; round them", "cannot be told from zero", "is too intricate for SymPy",
    "is beyond SymPy", "chooses among more than 10 values", "the exponent in '2**(x + 1e300)'",
    "the exponent in 'exp(1000000*log(2))'", "'exp(exp(10 + x - x))' is beyond",
    "'x/(y - y)' divides by zero", "'tan(pi/2)' is not finite", "'log(-x**2 - 1)' is not real",
]  # fmt: skip
"""What only algebra can know, or only algebra has to fear."""

NAMES = re.compile(r" \([^()]*\) in column")


def read_by_symlab(text):
    """A text as symlab reads it: its plain spelling and notes, or its refusal."""
    try:
        reading = parse_with_notes(text)
    except FormulaError as refusal:
        return {"refusal": str(refusal).removeprefix("formula: ")}
    return {"text": reading.text, "notes": list(reading.notes)}


def test_every_text_is_read_or_refused_as_by_symlab(page):
    """The same spelling and notes, or the same message; a rare character is named by its number."""
    known = [text for text in TEXTS if "\ud800" not in text]
    found = page.evaluate("texts => texts.map(symlab.read)", known)
    compared = 0
    for text, answer in zip(known, found, strict=True):
        expected = read_by_symlab(text)
        if any(each in expected.get("refusal", "") for each in ALGEBRA):
            continue
        if "(U+" in answer.get("refusal", ""):
            answer, expected = (
                {"refusal": NAMES.sub("", each["refusal"])} for each in (answer, expected)
            )
        assert answer == expected, text
        compared += 1
    assert compared > 300


ASKED = "(f, x) => [f.names, f.value(x), ...f.gradient(x), ...f.hessian(x).flat()]"


def test_every_text_that_is_read_has_the_same_value(page):
    """At a point where all of them are real, with gradient and Hessian, against SymPy's."""
    point = {"x": 0.7, "y": 1.3}
    stated = {**ACCEPTED, **ONE_MEANING}
    shown = {text: each for text, each in stated.items() if 0 < len(each.free_symbols) <= 2}
    shown = {
        text: each
        for text, each in shown.items()
        if {str(s) for s in each.free_symbols} <= set(point)
    }
    assert len(shown) > 90
    for text, expression in shown.items():
        letters = sorted(expression.free_symbols, key=str)
        here = [point[str(letter)] for letter in letters]
        asked = f"({ASKED})(symlab.typed({json.dumps(text)}), {here})"
        names, *numbers = page.evaluate(asked)
        assert names == [str(letter) for letter in letters]
        slopes = [expression.diff(one) for one in letters]
        rows = [expression, *slopes, *(slope.diff(one) for slope in slopes for one in letters)]
        at = dict(zip(letters, map(sp.Float, here), strict=True))
        exact = [float(row.doit().subs(at).evalf(30)) for row in rows]
        assert numbers == pytest.approx(exact, rel=1e-12, abs=1e-13), text


BESIDES = {
    "2": "There is no variable to minimise over.",
    "a + b + c": "At most two variables are drawn; found a, b, c.",
    "constructor + toString + x": "At most two variables are drawn",
    "log(-1 - x^2)": "It has no real value at 1, 0.5 or 2.",
}


@pytest.mark.parametrize("text", BESIDES)
def test_what_cannot_be_drawn_is_refused_besides(page, text):
    """In a sentence beside the field; the page stays as it was."""
    page.fill("#text", text)
    page.click("#typed button[type=submit]")
    assert page.text_content("#refusal").startswith(BESIDES[text])
    assert page.text_content("#formula") == "f(x) = x²"


def test_a_run_of_a_typed_formula_does_not_begin_where_there_is_nothing_to_do(page):
    """Rosenbrock's function has its minimum at (1, 1)."""
    assert page.evaluate("symlab.typed('(1-x)^2 + 100(y-x^2)^2').start") == [0.5, 0.5]


def test_how_a_text_was_read_is_said_where_it_may_have_been_meant_otherwise(page):
    """And the formula is shown as it was read."""
    page.fill("#text", "f(x) = 3x^2 + xy")
    page.click("#typed button[type=submit]")
    assert page.text_content("#reading") == (
        "f(x) = is left out; the formula is what stands behind it. "
        "xy is read as one name; write x*y for a product."
    )
    assert page.text_content("#formula") == "f(x, xy) = 3x² + xy"
    page.click("#original")
    assert page.text_content("#reading") == ""


@pytest.mark.parametrize(
    "text", ["x^4 - 3x^3 + 2", "|x - 1|^3 + cot(2 + x^2/9) + max(x, y^2) + y^4"]
)
def test_a_typed_formula_is_taken_away_as_a_program(page, text):
    """In Python and in JavaScript; each gives the run that is shown."""
    page.fill("#text", text)
    page.click("#typed button[type=submit]")
    python, program = page.evaluate("[symlab.asPython(), symlab.asJavaScript()]")
    alone = program.replace("console.log(row.point, row.value);", "")
    iterates = page.evaluate(f"(0, eval)({json.dumps(alone + 'rows.map(row => row.point);')})")
    copied: dict = {}
    plain = python.replace("max_steps", 'backend="interpreted", max_steps')
    lines = [line for line in plain.splitlines() if not line.startswith("print")]
    exec(compile("\n".join(lines), "copied", "exec"), copied)
    shared = min(len(iterates), len(copied["trace"]))
    assert shared > 10
    assert np.abs(np.array(iterates)[:shared] - copied["trace"].iterates[:shared]).max() <= 1e-10
    page.click("#original")


def test_a_typed_formula_is_analysed_numerically_and_says_so(page):
    """Its minimum, limit and 2-cycle are those that algebra finds."""
    page.fill("#text", "x^4 - 3x^3 + 2")
    page.press("#text", "Enter")
    page.fill(".slider input[type=number]", "0.1")
    page.press(".slider input[type=number]", "Enter")
    told = page.text_content("#verdict")
    assert "minimum x = 9/4 repels" in told
    assert "the limit is 8/81" in told
    assert "2-cycle {2.1475, 2.3366}" in told
    assert told.endswith("(Points and cycles were found numerically, in this page.)")
    assert "not proved to be all" in page.text_content("#points")
    page.click("#original")
    assert page.text_content("#formula") == "f(x) = x²"


@pytest.mark.parametrize("name", ["quartic", "himmelblau", "beale", "rosenbrock", "ravine"])
def test_the_search_finds_the_points_that_algebra_finds(page, name):
    """Those in [-10, 10], with their kinds; a degenerate one it leaves undecided."""
    objective = sl.problems[name].objective
    text = json.dumps(str(objective.expression))
    found = page.evaluate(f"symlab.typed({text}).points.map(each => [each.kind, ...each.point])")
    exact = sl.stationary_points(objective).points
    assert len(found) == len(exact)
    for point in exact:
        place = [float(each) for each in point.point]
        near = [kind for kind, *other in found if other == pytest.approx(place, abs=1e-4)]
        expected = "undecided" if point.kind == "inflection" else point.kind
        assert near == [expected], str(point)
