"""`sl.compiled_view`: what the compiler did is named, measured, told and drawn."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure

import symlab as sl
from symlab import nn
from symlab.engine.computation_graph import Graph, Node
from symlab.lab.compiled_view import measure
from symlab.lab.compiled_view.picture import MOST_OPERATIONS, Layout, draw
from symlab.lab.compiled_view.view import COLUMNS

x, y, u, v, w = sp.symbols("x y u v w", real=True)
SQUARE = sp.Mul(x, x, evaluate=False)
WHOLE = sp.symbols("m n", integer=True, nonzero=True)
TWICE = sp.Add(SQUARE, SQUARE, evaluate=False)


@cache
def loss_view():
    """The chapter's loss for one sample, compiled for C."""
    return sl.compiled_view("log(1 + exp(x))")


@cache
def risk_view():
    """A sum over data, interpreted."""
    risk = sl.EmpiricalRisk((w * u - v) ** 2 / 2, parameters=(w,), data=(u, v))
    return sl.compiled_view(risk.on({u: [1, 2, 3], v: [0, 1, 2]}), backend="interpreted")


def test_the_loss_names_its_stability_rewrite_and_keeps_its_digits():
    """As stated it overflows, and where it does not it has lost all it had left of 1."""
    view = loss_view()
    first = view.frame.iloc[0]
    assert (first["name"], first["kind"]) == ("log-sum-exp", "stability")
    assert first["replaced"] == "log(exp(x) + 1) -> softplus(x)"
    assert math.isinf(first["ulps_before"])
    assert first["ulps_after"] < 1
    assert (view.before.ulps, view.after.ulps) == (math.inf, view.frame.iloc[-1]["ulps_after"])


def test_in_c_the_operations_are_fused_into_one_loop():
    """And both ends say what they hold."""
    view = loss_view()
    assert "fusion" in set(view.frame["kind"])
    assert view.after.loops == 1
    assert len(view.after.graph.operations) == view.frame["nodes_before"].iloc[-2:].max()
    assert str(view.before) == "3 operations in 3 loops"
    assert view.in_a_run == (7, 7)
    assert "A run's C" not in view.summary
    shared = replace(view, in_a_run=(17, 11)).summary
    assert shared.endswith("ns a point. A run's C has 11 operations: 17 with nothing shared.")


def test_each_row_begins_where_the_last_one_ended():
    """Nothing happens between two rewrites."""
    rows = loss_view().frame
    assert list(rows) == COLUMNS
    for name in ("nodes", "ulps", "ns"):
        before, after = rows[f"{name}_before"].tolist(), rows[f"{name}_after"].tolist()
        assert before[1:] == after[:-1]
    assert (rows[["ns_before", "ns_after"]] > 0).all(axis=None)
    assert (rows["places"] >= 1).all()


def test_the_digits_are_those_that_ulp_error_measures():
    """Another road: the stabilised formula compiled as a whole, point by point."""
    points = [-40.0, -1.0, 0.25, 30.0, 800.0]
    view = sl.compiled_view("log(1 + exp(x))", points, backend="interpreted")
    form = sl.parse("log(1 + exp(x))")
    found = sl.ulp_error(form, at=points, systems=["interpreted"]).frame
    assert view.after.ulps == found[found["stable"]]["ulps"].max()


def test_what_is_written_twice_is_computed_once():
    """x*x + x*x, which SymPy would have added up."""
    view = sl.compiled_view(TWICE, backend="interpreted")
    (row,) = view.frame.to_dict("records")
    assert (row["kind"], row["replaced"]) == ("common subexpression", "x*x")
    assert (row["nodes_before"], row["nodes_after"]) == (3, 2)


def test_of_a_minimal_formula_nothing_changed():
    """And that is what it says."""
    view = sl.compiled_view(x + y, backend="interpreted")
    assert view.frame.empty
    assert list(view.frame) == COLUMNS
    assert view.before.graph == view.after.graph
    assert "Nothing changed: 1 operation in 1 loop, 0.5 ulps" in repr(view)
    assert "<table>" not in view._repr_html_()


def test_an_objective_over_data_names_blas():
    """Its value and gradient are products of the table of data."""
    view = risk_view()
    assert "BLAS" in set(view.frame["kind"])
    assert view.results == ("value", "gradient")
    assert view.after.ulps < 16
    assert view.unit == "a call"


def test_a_network_is_looked_at_forwards():
    """Its products are BLAS's, its outputs those of the exact pass to a few ulps."""
    inputs = nn.Input((2,))
    model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(nn.Dense(3)(inputs)))
    view = sl.compiled_view(model, [[0.5, -1.0], [2.0, 3.0]], backend="interpreted")
    assert "BLAS" in set(view.frame["kind"])
    assert view.after.ulps < 8
    assert view.unit == "a sample"


def test_an_objective_has_its_gradient_too():
    """One result a variable, and all parts shared."""
    view = sl.compiled_view(sl.Objective((1 - x) ** 2 + (y - x**2) ** 2), backend="interpreted")
    assert view.results == ("value", "slope in x", "slope in y")
    assert len(view.after.graph.results) == 3
    assert view.title.endswith("and its gradient")


def test_points_keep_to_the_assumptions_of_a_symbol():
    """The logarithm of what is positive has a value at every point that is looked at."""
    p = sp.Symbol("p", positive=True)
    view = sl.compiled_view(sp.log(p), backend="interpreted")
    assert view.before.ulps <= 1


def test_times_are_minima(monkeypatch):
    """On a clock of our own: a call that takes 2 ms once takes 1 µs, as all its others do."""
    clock, slow = [0.0], iter([0.0, 2e-3])
    monkeypatch.setattr(measure, "perf_counter", lambda: clock[0])

    def call(_):
        clock[0] += 1e-6 + next(slow, 0.0)

    assert measure._least_times([call], (np.zeros(1),)) == [pytest.approx(1e-6)]


def test_it_is_a_table_to_read_and_html():
    """Rewrites by name, before and after, and no markup of the formula's own."""
    view = sl.compiled_view(sp.Piecewise((x, x < 1), (x**2 + x**3, True)), backend="interpreted")
    assert "&lt; 1" in view._repr_html_()
    assert '<img src="data:image/png;base64,' in view._repr_html_()
    many = sl.compiled_view(sum((x + i) ** 2 for i in range(70)), [1.0], backend="interpreted")
    assert "<img" not in many._repr_html_(), "a graph that nobody could read is no picture"
    table = loss_view().table()
    assert list(table) == ["rewrite", "kind", "replaced", "loops", "ulps", "ns"]
    assert table["ulps"][0].startswith("lost -> 0.")
    assert repr(loss_view()).splitlines()[0] == "log(exp(x) + 1), compiled for c"


def test_the_picture_has_both_graphs_side_by_side():
    """Every operation of either graph is a box, and none lies on another."""
    view = loss_view()
    figure = view.plot()
    assert isinstance(figure, Figure)
    for ax, end in zip(figure.axes, (view.before, view.after), strict=True):
        boxes = [text.get_position() for text in ax.texts if text.get_bbox_patch()]
        layout = Layout(end.graph)
        assert len(boxes) == len(end.graph.operations) + len(layout.leaves)
        assert len(set(boxes)) == len(boxes)
        assert str(end) in ax.get_title()


def test_what_nobody_could_read_is_not_drawn():
    """One line says how much would be."""
    inputs = (Node("x", "input"),)
    chain = tuple(Node("exp", "operation", (place,)) for place in range(MOST_OPERATIONS + 1))
    graph = Graph((*inputs, *chain))
    assert draw("f", [Graph((*inputs, *chain[:-1]))], ["before"], []).axes
    with pytest.raises(ValueError, match="plot: 121 operations cannot be told apart"):
        draw("f", [graph], ["before"], [])


def test_a_sum_of_many_terms_is_interpreted_as_stated():
    """NumPy's functions take 32 operands and no more."""
    view = sl.compiled_view(sum((x + i) ** 2 for i in range(40)), [1.0], backend="interpreted")
    assert view.before.ulps < 8


@pytest.mark.parametrize(
    "formula, options, error",
    [
        ("log(1 +", {}, "formula: "),
        ("2 + 3", {}, "formula: expected a formula with a variable, got 5."),
        (None, {}, "formula: expected"),
        (x**2, {"backend": "numbra"}, "backend: unknown name 'numbra'"),
        (x * y, {"at": [1.0, 2.0]}, r"at: expected points of shape \(k, 2\), got shape \(2,\)"),
        (x**2, {"at": ["a"]}, "at: "),
        (WHOLE[0] * WHOLE[1], {}, "at: give points at which m, n may be"),
        (sl.EmpiricalRisk(w * u, parameters=(w,), data=(u,)), {}, "formula: this risk has no data"),
    ],
)
def test_a_wrong_argument_is_one_line(formula, options, error):
    """Named, with what was expected."""
    with pytest.raises((TypeError, ValueError), match=error) as caught:
        sl.compiled_view(formula, **{"backend": "interpreted", **options})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
