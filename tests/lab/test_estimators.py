"""Risks as estimators: scikit-learn's own checks, its models as oracles, and its pipelines."""

import numpy as np
import pytest
import sympy as sp
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import symlab as sl

x1, x2, y, w1, w2, b, lam = sp.symbols("x1 x2 y w1 w2 b lambda", real=True)
Z = w1 * x1 + w2 * x2 + b
TWO_CLASSES = make_classification(
    200, 2, n_redundant=0, flip_y=0.2, class_sep=0.7, random_state=1
)  # fmt: skip
NOISY = make_regression(100, 2, noise=5.0, random_state=1)


@pytest.mark.parametrize("estimator", [sl.RiskClassifier(), sl.RiskRegressor()], ids=str)
@pytest.mark.filterwarnings("ignore")  # what scikit-learn provokes on purpose
def test_scikit_learn_accepts_the_estimator(estimator):
    """All of its checks: cloning, pickling, names, shapes, errors, more and fewer features."""
    found = check_estimator(estimator, on_skip=None, on_fail="raise")
    failed = [each for each in found if each["status"] not in {"passed", "skipped"}]
    assert failed == []
    assert len(found) > 40


def test_the_classifier_is_logistic_regression_without_penalty():
    """Parameters, decision, probabilities and classes."""
    x, labels = TWO_CLASSES
    named = np.array(["no", "yes"])[labels]
    ours, theirs = sl.RiskClassifier(), LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    ours.fit(x, named)
    theirs.fit(x, named)
    assert ours.trace_.converged
    fitted = [*theirs.coef_[0], theirs.intercept_[0]]
    np.testing.assert_allclose(list(ours.parameters_.values()), fitted, rtol=1e-6)
    assert list(ours.parameters_) == ["w1", "w2", "b"]
    np.testing.assert_allclose(ours.decision_function(x), theirs.decision_function(x), rtol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), atol=1e-7)
    assert (ours.predict(x) == theirs.predict(x)).all()
    assert ours.score(x, named) == theirs.score(x, named)


def test_the_regressor_is_least_squares():
    """And with a penalty, whose weight is a constant of the risk, ridge regression."""
    x, target = NOISY
    plain = sl.RiskRegressor().fit(x, target)
    np.testing.assert_allclose(
        plain.predict(x), LinearRegression().fit(x, target).predict(x), rtol=1e-7
    )
    squared = sl.EmpiricalRisk(
        (Z - y) ** 2, (w1, w2, b), (x1, x2, y), "sum", lam * (w1**2 + w2**2), (lam,)
    )
    ridge = sl.RiskRegressor(squared, "newton", constants={"lambda": 7.0}).fit(x, target)
    np.testing.assert_allclose(
        ridge.predict(x), Ridge(alpha=7.0).fit(x, target).predict(x), rtol=1e-9
    )


def test_a_prediction_that_is_no_residual_is_stated():
    """The Poisson loss: its mean is exp(z), at which no derivative in y vanishes."""
    x, rng = NOISY[0], np.random.default_rng(0)
    counts = rng.poisson(np.exp(0.3 * x[:, 0] + 0.5)).astype(float)
    risk = sl.EmpiricalRisk(sp.exp(Z) - y * Z, (w1, w2, b), (x1, x2, y))
    ours = sl.RiskRegressor(risk, prediction=sp.exp(Z)).fit(x, counts)
    theirs = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(x, counts)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-5)
    with pytest.raises(ValueError, match=r"^prediction: no one formula for the best y"):
        sl.RiskRegressor(risk).fit(x, counts)


@pytest.mark.parametrize(
    "loss, rows",
    [
        (sp.log(sp.cosh(Z - y)), (w1, w2, b)),
        (sl.softplus(-y * Z) + sl.softplus(y * Z), (w1, w2, b)),
        ((sp.sinh(w1 * x1) - 3 * y) ** 2, (w1,)),
    ],
)
def test_the_best_target_has_the_least_loss(loss, rows):
    """At random places; a formula follows from residuals, and else from the derivative."""
    from symlab.lab.prediction import best_target

    risk = sl.EmpiricalRisk(loss, rows, tuple(s for s in (x1, x2, y) if loss.has(s)))
    best = best_target(risk, y)
    at = {x1: 0.5, x2: -1, w1: 0.75, w2: 2, b: 0.25}
    here = best.subs(at) if isinstance(best, sp.Expr) else best
    around = [float(loss.subs(at).subs(y, here + shift)) for shift in (-0.1, 0.0, 0.1)]
    assert around[1] <= min(around[0], around[2])


def test_a_hinge_loss_has_classes_and_no_probabilities():
    """Its labels are -1 and 1, whatever the classes are called."""
    x, labels = TWO_CLASSES
    risk = sl.EmpiricalRisk(sl.hinge(y * Z), (w1, w2, b), (x1, x2, y))
    model = sl.RiskClassifier(risk, sl.gradient_descent(step_size=0.1), max_steps=200)
    model.fit(x, labels)
    at = model.parameters_
    z = at["w1"] * x[:, 0] + at["w2"] * x[:, 1] + at["b"]
    assert (model.predict(x) == (z > 0)).all()
    assert model.score(x, labels) > 0.7
    assert not hasattr(model, "predict_proba")
    assert not hasattr(model, "coef_")


def test_it_works_in_a_pipeline_and_a_search():
    """The weight of the penalty is chosen by cross-validation, as scikit-learn's own is."""
    x, target = NOISY
    penalty = lam * (w1**2 + w2**2)
    risk = sl.EmpiricalRisk((Z - y) ** 2, (w1, w2, b), (x1, x2, y), "sum", penalty, (lam,))
    weights = [0.01, 1.0, 100.0]
    ours = GridSearchCV(
        make_pipeline(StandardScaler(), sl.RiskRegressor(risk, "newton")),
        {"riskregressor__constants": [{"lambda": each} for each in weights]},
        cv=3,
    ).fit(x, target)
    theirs = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": weights}, cv=3
    ).fit(x, target)
    ours_scores, scores = (each.cv_results_["mean_test_score"] for each in (ours, theirs))
    np.testing.assert_allclose(ours_scores, scores, rtol=1e-9)
    assert ours.best_index_ == theirs.best_index_


def test_matrix_risks_and_other_targets_are_read():
    """A matrix takes the columns of X; the target is named where it is not the last."""
    m = sp.Symbol("m")
    X, W, t = sp.MatrixSymbol("X", m, 2), sp.MatrixSymbol("W", 2, 1), sp.MatrixSymbol("t", m, 1)
    risk = sl.EmpiricalRisk((X * W - t).T * (X * W - t) / m, parameters=W, data=(t, X))
    x, target = NOISY
    ours = sl.RiskRegressor(risk, target="t").fit(x, target)
    theirs = LinearRegression(fit_intercept=False).fit(x, target)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-7)


@pytest.mark.parametrize(
    "model, columns, said",
    [
        (sl.RiskRegressor("squared"), 2, "risk: expected an EmpiricalRisk"),
        (sl.RiskRegressor(method="bgfs"), 2, "method: unknown name 'bgfs'"),
        (sl.RiskRegressor(target="z"), 2, "target: unknown name 'z'"),
        (sl.RiskRegressor(prediction=sp.Symbol("q")), 2, "prediction: q is neither"),
        (
            sl.RiskRegressor(sl.EmpiricalRisk((Z - y) ** 2, (w1, w2, b), (x1, x2, y))),
            1,
            "X: the risk reads 2 features, ['x1', 'x2'], got 1.",
        ),
    ],
)
def test_what_does_not_fit_is_said_by_fit(model, columns, said):
    """As scikit-learn has it, nothing is checked before."""
    x, target = NOISY
    with pytest.raises((TypeError, ValueError)) as caught:
        model.fit(x[:, :columns], target)
    assert str(caught.value).startswith(said)


def test_columns_in_another_order_than_the_risk_names_them_are_refused():
    """They would be taken for each other in silence."""
    import pandas as pd

    x, target = NOISY
    risk = sl.EmpiricalRisk((Z - y) ** 2, (w1, w2, b), (x1, x2, y))
    table = pd.DataFrame(x, columns=["x2", "x1"])
    with pytest.raises(ValueError, match=r"^X: expected the columns in the order"):
        sl.RiskRegressor(risk).fit(table, target)
    assert sl.RiskRegressor(risk).fit(table[["x1", "x2"]], target).trace_.converged


def test_more_than_two_classes_are_refused():
    """A risk of several targets is no classifier here."""
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        sl.RiskClassifier().fit([[0.0], [1.0], [2.0]], [0, 1, 2])
