"""An empirical risk: three ways to state it, one objective; and every kind of bad data refused."""

import numpy as np
import pandas as pd
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.risk.labels import label_set
from symlab.algebra.risk.linear_predictor import linear_predictor

x0, x1, y, b0, b1, bias = sp.symbols("x0 x1 y b0 b1 bias", real=True)
Z = b0 * x0 + b1 * x1 + bias
LOGISTIC = sp.log(1 + sp.exp(Z)) - y * Z
i, n = sp.symbols("i n", integer=True)
X = np.array([[1.0, 2.0], [0.5, -1.0], [-3.0, 0.25]])
LABELS = np.array([1, 0, 1])


def logistic(**options):
    """The chapter's cross-entropy, section 15."""
    return sl.EmpiricalRisk(LOGISTIC, parameters=(b0, b1, bias), data=(x0, x1, y), **options)


def bound(**options):
    """The same on three samples."""
    return logistic(**options).on({x0: X[:, 0], x1: X[:, 1], y: LABELS})


def test_the_per_sample_gradient_is_the_chapters():
    """Chapter, section 15: (sigma(u) - y) times each input, in the order b0, b1, bias."""
    sigma = sp.exp(Z) / (1 + sp.exp(Z))
    printed = sp.Matrix([-x0 * y + x0 * sigma, -x1 * y + x1 * sigma, -y + sigma])
    assert sp.simplify(logistic().gradient - printed) == sp.zeros(3, 1)


def test_bound_it_is_the_mean_of_the_losses_written_out():
    """Each sample's loss evaluated by SymPy, and added up here."""
    point = {b0: sp.Rational(1, 3), b1: -1, bias: 2}
    terms = [
        LOGISTIC.subs({**point, x0: row[0], x1: row[1], y: label})
        for row, label in zip(X.tolist(), LABELS.tolist(), strict=True)
    ]
    value = bound().at([sp.Rational(1, 3), -1, 2])
    assert float(value) == pytest.approx(float(sum(terms) / 3), rel=1e-14)


def test_a_sum_is_m_means_and_a_penalty_is_added_once():
    """The penalty does not grow with the data."""
    at = [1, 0, 0]
    total, mean = bound(reduction="sum").at(at), bound().at(at)
    assert float(total) == pytest.approx(3 * float(mean), rel=1e-15)
    assert float(bound(penalty=b0**2).at(at) - mean) == pytest.approx(1, rel=1e-15)


def test_a_bound_risk_is_an_objective():
    """Gradient, Hessian, Taylor approximant and slice come from the sum written out."""
    f = bound()
    assert isinstance(f, sl.Objective)
    assert f.gradient.shape == (3, 1)
    assert f.hessian.shape == (3, 3)
    assert f.taylor([0, 0, 0], order=1).free_symbols == {b0, b1, bias}


@pytest.mark.parametrize("length", [n, sp.Integer(3)], ids=["symbolic", "numeric"])
@pytest.mark.parametrize("is_mean", [True, False])
def test_the_summation_form_is_the_same_risk(length, is_mean):
    """Sum over Indexed data, divided by n for a mean; the parameters are what is left."""
    a, c, t = sp.IndexedBase("x0"), sp.IndexedBase("x1"), sp.IndexedBase("y")
    loss = LOGISTIC.subs({x0: a[i], x1: c[i], y: t[i]})
    stated = sp.Sum(loss, (i, 0, length - 1)) / (length if is_mean else 1)
    risk = sl.EmpiricalRisk(stated)
    assert risk.parameters == (b0, b1, bias)
    assert risk.reduction == ("mean" if is_mean else "sum")
    data = {a: X[:, 0], c: X[:, 1], t: LABELS}
    same = bound(reduction=risk.reduction)
    assert float(risk.on(data).at([1, 2, 3])) == pytest.approx(float(same.at([1, 2, 3])), rel=1e-15)


def test_a_sum_with_two_indices_reads_columns_of_one_array():
    """X[i, 0] and X[i, 1] are the columns of X; what stands beside the sum is the penalty."""
    table, target = sp.IndexedBase("X"), sp.IndexedBase("t")
    residual = b0 * table[i, 0] + b1 * table[i, 1] - target[i]
    risk = sl.EmpiricalRisk(sp.Sum(residual**2, (i, 0, n - 1)) + b0**2)
    assert risk.penalty == b0**2
    value = risk.on({table: X, "t": LABELS}).at([1, 2])
    assert float(value) == pytest.approx(((X @ [1, 2] - LABELS) ** 2).sum() + 1, rel=1e-15)


@pytest.mark.parametrize("factor", [1, sp.Rational(1, 2)])
def test_the_matrix_form_is_least_squares(factor):
    """(A x - b)'(A x - b), with the number of rows left open."""
    m = sp.Symbol("m", integer=True, positive=True)
    a, w, b = sp.MatrixSymbol("A", m, 2), sp.MatrixSymbol("w", 2, 1), sp.MatrixSymbol("b", m, 1)
    risk = sl.EmpiricalRisk(factor * (a * w - b).T * (a * w - b), parameters=w)
    value = risk.on({a: X, b: LABELS}).at([1, 2])
    assert float(value) == pytest.approx(float(factor) * ((X @ [1, 2] - LABELS) ** 2).sum())
    assert [p.name for p in risk.parameters] == ["w0", "w1"]


def test_a_data_frame_binds_by_column_name_and_may_have_more_columns():
    """A table is used as it comes."""
    frame = pd.DataFrame({"x0": X[:, 0], "x1": X[:, 1], "y": LABELS, "other": 0})
    assert logistic().on(frame).at([1, 2, 3]) == bound().at([1, 2, 3])


BAD = [
    ({}, ValueError, r"\['x0', 'x1', 'y'\] are missing"),
    ({"y": [1, 0]}, ValueError, "lengths differ"),
    ({"y": [1, np.nan, 0]}, ValueError, "y: expected finite numbers, got nan in row 1"),
    ({"x0": [1, np.inf, 0]}, ValueError, "x0: expected finite numbers, got inf in row 1"),
    ({"y": [1, -1, 1]}, ValueError, "y holds the labels -1, 1; this loss is made for 0 and 1"),
    ({"x0": np.array([1, "a", 2], dtype=object)}, TypeError, "x0: .* text in row 1"),
    ({"x0": ["a", "b", "c"]}, TypeError, "x0: expected real numbers, got text in row 0"),
    ({"x0": [1j, 0, 0]}, TypeError, "x0: expected real numbers, got complex numbers; take .real"),
    ({"x0": [[1, 2], [3, 4], [5, 6]]}, ValueError, r"x0 must have shape \(m,\), got \(3, 2\)"),
    ({"x_0": [1, 2, 3]}, ValueError, "'x_0' is no data symbol; did you mean 'x0'"),
]


@pytest.mark.parametrize("change, error, message", BAD, ids=[message for *_, message in BAD])
def test_bad_data_are_named_before_anything_runs(change, error, message):
    """The symbol, what came, and what is expected."""
    data = {**{"x0": X[:, 0], "x1": X[:, 1], "y": LABELS}, **change} if change else {}
    with pytest.raises(error, match=message):
        logistic().on(data)


def test_empty_data_and_a_missing_column_are_named():
    """A DataFrame that lacks a column is the commonest slip."""
    with pytest.raises(ValueError, match="x0 is empty"):
        logistic().on({"x0": [], "x1": [], "y": []})
    with pytest.raises(ValueError, match=r"\['x1'\] are missing; got \['x0', 'y'\]"):
        logistic().on(pd.DataFrame({"x0": X[:, 0], "y": LABELS}))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"reduction": "men"}, ValueError, "did you mean 'mean'"),
        ({"penalty": x0**2}, ValueError, r"may read the parameters alone, not \['x0'\]"),
        ({"data": (x0, x1)}, ValueError, r"the symbols \['y'\] are neither parameters"),
        ({"data": (x0, x1, y, bias)}, ValueError, r"\['bias'\] are also named as data"),
        ({"loss": "log(x)"}, TypeError, "got the text 'log"),
        ({"parameters": (3,)}, TypeError, "parameters: expected SymPy symbols"),
        ({"loss": y**2, "data": (y,)}, ValueError, "has none of"),
    ],
)
def test_a_badly_stated_risk_is_refused(arguments, error, message):
    """At the statement, not at the run."""
    stated = {"loss": LOGISTIC, "parameters": (b0, b1, bias), "data": (x0, x1, y)}
    with pytest.raises(error, match=message):
        sl.EmpiricalRisk(**{**stated, **arguments})


def test_labels_are_known_for_the_two_logistic_forms_only():
    """A squared loss takes any target."""
    assert label_set(LOGISTIC, y) == (0, 1)
    assert label_set(sp.log(1 + sp.exp(-y * Z)), y) == (-1, 1)
    assert label_set((Z - y) ** 2, y) is None
    assert label_set(LOGISTIC, x0) is None


LOSSES = {
    "logistic": LOGISTIC,
    "margin": sp.log(1 + sp.exp(-y * Z)),
    "squares": (Z - y) ** 2,
    "hinge": sl.hinge(y * Z),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_putting_the_predictor_back_gives_the_loss(loss):
    """Z = coefficients . parameters + offset is an identity, whatever affine part was chosen."""
    risk = sl.EmpiricalRisk(loss, parameters=(b0, b1, bias), data=(x0, x1, y))
    found = linear_predictor(risk)
    z = sum(c * p for c, p in zip(found.coefficients, risk.parameters, strict=True)) + found.offset
    there = {b0: 0.3, b1: -1.1, bias: 0.7, x0: 1.3, x1: 0.2, y: -1}
    assert float((found.loss.subs(found.symbol, z) - loss).subs(there)) == pytest.approx(
        0, abs=1e-14
    )
    assert not found.loss.free_symbols & set(risk.parameters)


def test_a_loss_with_two_predictors_has_none():
    """A product of two sigmoids reads the parameters in two ways; an expanded square hides it."""
    hidden = sl.EmpiricalRisk(sp.expand((Z - y) ** 2), parameters=(b0, b1), data=(x0, x1, y, bias))
    assert linear_predictor(hidden) is None
    loss = sl.sigmoid(b0 * x0) * sl.sigmoid(b1 * x1)
    risk = sl.EmpiricalRisk(loss, parameters=(b0, b1), data=(x0, x1))
    assert linear_predictor(risk) is None


U, V, w = sp.symbols("u v w", real=True)
FEATURES = [
    sp.log(1 + sp.exp(U * w)) - U * w,
    sp.log(1 + sp.exp(-U * w)),
    -sp.log(1 / (1 + sp.exp(-U * w))),
    sp.log(sp.exp(-U * w / 2) + sp.exp(U * w / 2)) - U * w / 2,
    sp.log(1 + sp.exp(U * V * w)) - U * V * w,
]


@pytest.mark.parametrize("loss", FEATURES, ids=str)
@pytest.mark.parametrize("column", [[-2, 0, 1], [0, 1, 1], [1, 2, 3]])
def test_a_feature_of_few_values_is_no_wrong_label(loss, column):
    """All samples have the label 1, which is not written; u is a feature."""
    data = [symbol for symbol in (U, V) if symbol in loss.free_symbols]
    risk = sl.EmpiricalRisk(loss, [w], data)
    bound = risk.on({symbol.name: column for symbol in data})
    products = np.array(column, float) ** len(data)
    assert float(bound.at([1])) == pytest.approx(np.mean(np.log1p(np.exp(-products))), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (sp.log(1 + sp.exp(-V * U * w)), "-1 and 1"),
        (sp.log(1 + sp.exp(U * w)) - V * U * w, "0 and 1"),
        (sp.log(1 + sp.exp(w)) - V * w, "0 and 1"),
        ((1 + V) / 2 * sp.log(1 + sp.exp(-U * w)) + (1 - V) / 2 * sp.log(1 + sp.exp(U * w)),
         "-1 and 1"),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_that_acts_as_the_label_is_still_refused(loss, expected):
    """Labels 1 and 2 fit neither form."""
    data = [symbol for symbol in (U, V) if symbol in loss.free_symbols]
    columns = {"u": [0.5, -2, 1], "v": [1, 2, 2]}
    with pytest.raises(ValueError, match=f"v holds the labels 1, 2; .* for {expected}"):
        sl.EmpiricalRisk(loss, [w], data).on({symbol.name: columns[symbol.name] for symbol in data})


def test_a_formula_and_a_sum_over_data_answer_the_same_questions():
    """How many samples, a part of them, and which of two functions is meant: no type is asked."""
    x, w = sp.symbols("x w", real=True)
    formula = sl.Objective((w - 1) ** 2)
    total = sl.EmpiricalRisk((w * x - y) ** 2, parameters=(w,), data=(x, y)).on(
        {x: [1, 2, 3], y: [1, 2, 4]}
    )
    kinds = [
        each.dispatch(formula=lambda f: ("formula", f), data=lambda b: ("data", b))
        for each in (formula, total)
    ]
    assert kinds == [("formula", formula), ("data", total)]
    assert (formula.samples, total.samples) == (None, 3)
    assert float(total.part(np.array([2])).at([1])) == 1
    with pytest.raises(ValueError, match="only an EmpiricalRisk on data has samples"):
        formula.part(np.array([0]))
