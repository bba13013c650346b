"""What goes into a page: SymPy's formulas as JavaScript, and what is refused."""

import html
import re

import pytest
import sympy as sp

import symlab as sl
from symlab import nn
from symlab.lab.explorer.javascript import function_source
from symlab.lab.explorer.methods import as_json, method_name, method_source
from symlab.lab.explorer.page import FORMULA, HELPERS, NETWORK, SHARED, read_asset
from symlab.lab.explorer.text import as_unicode, template
from symlab.lab.palette import PAGE_COLORS, PAGE_MARKERS, contrast, readable_on

x, y = sp.symbols("x y", real=True)


def test_a_name_never_becomes_code():
    """A symbol prints as a place in an array, and texts cannot end the script they stand in."""
    evil = sp.Symbol("</script><script>alert(1)//", real=True)
    page = sl.explore(sl.Objective(evil**2)).html
    assert page.count("</script>") == 1
    assert "alert(1)" not in function_source("x", [evil**2], {evil: "x[0]"})
    assert as_json("</script>\u2028") == '"\\u003c/script>\\u2028"'


def test_a_part_without_counterpart_is_named():
    """The smallest part, so that a reader sees what to replace."""
    with pytest.raises(ValueError, match=r"JavaScript has no counterpart of gamma\(x\)\."):
        function_source("x", [x**2 + sp.gamma(x) / 2], {x: "x[0]"})


@pytest.mark.parametrize("power", [sp.Rational(1, 3), sp.Rational(2, 3), sp.Rational(-1, 3)])
def test_a_root_of_a_negative_number_is_no_number(power):
    """As in SymPy; `Math.cbrt` would make it real."""
    assert "cbrt" not in function_source("x", [x**power], {x: "x[0]"})


@pytest.mark.parametrize("rule", sl.rules.values(), ids=sl.rules)
def test_every_rule_and_variant_is_printed_with_its_source(rule):
    """The row's own letters; a variant under its own name."""
    for each in (rule, *(rule(variant=name) for name in rule.variants)):
        printed = method_source(each)
        assert as_json(each.source) in printed
        assert f"name: {as_json(method_name(each))}" in printed


def test_a_switch_is_put_into_the_step_and_has_no_slider():
    """What is copied as Python still says it."""
    printed = method_source(sl.rmsprop(variant="torch", centered=True))
    assert '"chosen": ["variant=\\"torch\\"", "centered=1"]' in printed
    assert '"word": "centered"' not in printed
    assert "chi" not in printed


def test_a_schedule_is_put_into_the_step_and_has_no_slider():
    """A number that changes with k cannot be set."""
    falling = sl.gradient_descent(step_size=sl.schedules.inverse_time(step_size=0.5, decay=1))
    printed = method_source(falling)
    assert "hyperparameters: []" in printed
    assert "k" in re.search(r"update: (.*?)\n\},", printed, re.DOTALL)[1]


def test_formulas_are_dressed_for_reading():
    """Superscripts, and numbers close to their letters, but not to digits of names."""
    x1, x2 = sp.symbols("x1 x2", real=True)
    assert as_unicode(3 * x1**2 * x2 - sp.sqrt(x2)) == "3x₁²·x₂ − √(x₂)"
    assert template(x - 2 * y, [x, y], first=x) == "{x} − 2·{y}"


@pytest.mark.parametrize(
    "given, said",
    [
        ({"objective": 3}, "objective: expected an Objective, got 3."),
        ({"rules": []}, "rules: expected 1 to 6 methods, got 0."),
        ({"rules": ["adam"] * 7}, "rules: expected 1 to 6 methods, got 7."),
        ({"start": [1, 2]}, "start: "),
        ({"start": [1e300]}, "start: "),
        ({"seconds": 0}, "seconds: "),
    ],
)
def test_what_is_no_page_is_refused_by_name(given, said):
    """In one line, before anything is written."""
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(said)}"):
        sl.explore(**{"objective": sl.Objective(x**2), **given})


@pytest.mark.parametrize("method", ["l_bfgs", "modified_newton", "strong_wolfe", "nonmonotone"])
def test_a_method_that_the_script_of_a_page_cannot_take_is_refused(method):
    """A page knows three directions, and searches of one relation."""
    with pytest.raises(ValueError, match=rf"rules: the \w+ '{method}' is not one that pages know"):
        sl.explore(sl.Objective(x**2), [method])


def test_a_risk_on_data_has_no_page():
    """Its samples would all stand in it."""
    w, u, v = sp.symbols("w u v", real=True)
    risk = sl.EmpiricalRisk((w * u - v) ** 2, parameters=(w,), data=(u, v))
    with pytest.raises(ValueError, match="a risk on data has no page"):
        sl.explore(risk.on({u: [1, 2], v: [0, 1]}))


def test_the_same_objective_gives_the_same_page():
    """So that a page under version control changes only when what it says does."""
    first, second = (sl.explore(sl.Objective(x**2 + y**4), ["adam", "newton"]) for _ in range(2))
    assert first.html == second.html


def test_every_file_of_the_program_opens_by_saying_what_it_is():
    """As every file of the package does, and none is longer than 200 lines."""
    for name in {*HELPERS, *SHARED, *FORMULA, *NETWORK}:
        lines = read_asset(name).splitlines()
        assert lines[0].startswith("// "), name
        assert len(lines) <= 200, name


def dense(*layers, inputs=2, activation="sigmoid"):
    """A network of dense layers with these numbers of units."""
    start = outputs = nn.Input(inputs)
    for units in layers:
        outputs = nn.Dense(units, activation)(outputs)
    return nn.Model(start, outputs)


def used_twice():
    """A network in which one layer stands twice."""
    inputs = nn.Input(2)
    layer = nn.Dense(2)
    return nn.Model(inputs, nn.Dense(1)(layer(layer(inputs))))


def frozen():
    """A network that cannot learn."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1, trainable=False)(inputs))


def flattened():
    """A network that is not of dense layers alone."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1)(nn.Activation("relu")(inputs)))


@pytest.mark.parametrize(
    "given, said",
    [
        ({"model": 3}, "model: expected a Model, got 3."),
        ({"model": dense(1, inputs=3)}, "model: a page takes two inputs, got the shape (3,)."),
        ({"model": flattened()}, "model: a page takes dense layers in a row, got Activation("),
        ({"model": used_twice()}, "model: a page takes dense layers in a row, got one layer"),
        ({"model": dense(9, 1)}, "model: a page takes at most 8 units a layer, got 9."),
        ({"model": dense(*[2] * 7)}, "model: a page takes 1 to 6 layers, got 7."),
        ({"model": frozen(), "loss": "mse"}, "model: no layer has trainable weights."),
        ({"model": dense(1, activation="tanh")}, "loss: a page computes binary_crossentropy of a"),
        ({"model": dense(2, activation="softmax"), "loss": "mse"}, "loss: a page computes categor"),
        ({"model": dense(2)}, "model: with binary_crossentropy a page takes one output, got 2."),
        ({"loss": nn.binary_crossentropy(clip=1e-7)}, "loss: a page computes binary_cr"),
        ({"method": "newton"}, "method: a network takes a rule"),
        ({"steps": 5001}, "steps: a page keeps at most 5000, got 5001."),
        ({"x": [[0, 0]] * 2001, "y": [0] * 2001}, "x: a page holds at most 2000 points, got 2001."),
        ({"test_data": 3}, "test_data: expected a pair, points and targets."),
        ({"test_data": ([[0, 0]], [2])}, "test_data[1]: "),
        ({"y": [0, 3]}, "y: "),
    ],
)
def test_a_network_that_has_no_page_is_refused_in_one_line(given, said):
    """Before anything is written."""
    usual = {"model": dense(2, 1), "x": [[0, 1], [1, 0]], "y": [0, 1]}
    asked = {**usual, "loss": "binary_crossentropy", **given}
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(said)}") as caught:
        sl.explore_network(**asked)
    assert len(str(caught.value)) < 200


def test_a_model_that_has_learnt_begins_where_it_is():
    """Its weights are no longer those of its seed, and the page says so."""
    model = dense(1)
    asked = {"x": [[0, 1], [1, 0]], "y": [0, 1], "loss": "binary_crossentropy"}
    assert '"seed": 0' in sl.explore_network(model, **asked).html
    model.set_weights({"dense": [[[1.0], [2.0]], [3.0]]})
    page = sl.explore_network(model, **asked).html
    assert '"weights": [1.0, 2.0, 3.0], "seed": null' in page


def test_a_page_shows_itself_in_a_notebook():
    """In a frame that holds all of it."""
    page = sl.explore(sl.Objective(x**2))
    shown = page._repr_html_()
    assert shown.startswith("<iframe ")
    assert html.unescape(re.search('srcdoc="(.*?)" loading', shown, re.DOTALL)[1]) == page.html


@pytest.mark.parametrize("ground", ["#FFFFFF", "#fcfbf8", "#15171a"])
def test_colours_of_runs_are_legible_on_any_ground(ground):
    """Each by as little change as it takes, and all different."""
    shades = [readable_on(ground, color, 4.5) for color in PAGE_COLORS]
    assert min(contrast(shade, ground) for shade in shades) >= 4.5
    assert len(set(shades)) == len(PAGE_COLORS) == len(set(PAGE_MARKERS))
