"""A formula typed in the page: read as symlab reads it, and derived by dual numbers."""

import json

import pytest
import sympy as sp

import symlab as sl

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


FORMULAS = [
    "x^2/20 + y^2", "2 - 3x³ + x⁴", "(1-x)^2 + 100(y-x²)²", "-x^2 + x^4", "x^-2 + 2^x", "2^3^2*x",
    "3(x + 1)(x - 1)", "2 x y + x^4 + y^4", "sin x + cos(2x)", "sin^2 x + sin(x)^2", "|x - 2| + x²",
    "½x² + √x", "exp(-x^2)", "log(1 + exp(x))", "ln x + x", "max(x, 2, x^2) + min(x, 1)",
    "sigmoid(3x) + softplus(-x) + relu(x) + hinge(x) + softsign(x)", "pi*x + e^x", "x^1.5 + x**2",
    "f(x) = x^2 + x", "x₁² + 2x₂²", "1.5e-3x^2 + .5x", "tanh(x)^2 + atan x", "x^x", "abs(x)*x^3",
    "[x + 1]^2 + {x}", "--x^2", "x*-2 + x^2", "log10(x) + log2(x) + sqrt(1 + x^2)", "x^(1/3) + x^2",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_means_what_it_means_to_symlab(page, text):
    """Value, gradient and Hessian at a point, against SymPy's."""
    objective = sl.Objective(sl.parse(text))
    point = [0.7, 1.3][: objective.dimension]
    here = dict(zip(objective.variables, map(sp.Rational, map(str, point)), strict=True))
    script = (
        f"(() => {{ const f = symlab.typed({json.dumps(text)}), x = {json.dumps(point)};"
        " return [f.value(x), ...f.gradient(x), ...f.hessian(x).flat()]; })()"
    )
    stated = [objective.expression, *objective.gradient, *objective.hessian]
    exact = [float(each.subs(here).evalf(30)) for each in stated]
    assert page.evaluate(script) == pytest.approx(exact, rel=1e-12, abs=1e-13)


REFUSED = [
    "1/2x", "e^2x", "sin x y", "sin x^2", "x^2y", "x 2", "foo(x)", "f(x)", "x +", "(x", "x)", "|x",
    "x = 2", "x # 2", "", "2", "sin", "max(x)", "sin(x, 2)", "alert(1); x", "x.constructor", "x''",
    "a + b + c", "__proto__ + constructor.x", "constructor(x)", "toString(x)",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_has_no_meaning_or_two_is_refused_in_a_sentence(page, text):
    """What symlab refuses the page refuses too, and what cannot be drawn besides."""
    page.fill("#text", text)
    page.click("#typed button[type=submit]")
    assert page.text_content("#refusal").endswith((".", "…"))
    assert page.text_content("#formula") == "f(x) = x²"


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
