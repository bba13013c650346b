"""Formulas that two parts of the library must read alike: kinds K2, K4, K6 and K9 together."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl

x, y, w, b, u, v = sp.symbols("x y w b u v", real=True)
RESIDUAL = v - w * u - b
INPUTS = np.array([-2.0, -1, 0, 1, 2, 3])
LABELS = np.array([0.0, 1, 0, 1, 0, 1])


def guarded(formula, value):
    """Return a formula in x with a value of its own at 0."""
    return sp.Piecewise((formula, sp.Ne(x, 0)), (value, True))


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        (guarded(sp.sin(x) / x, 1), 0),
        (guarded(x / (sp.exp(x) - 1), 1) + x**2, 0),
        (sp.sinc(x), 1e-7),
        ((sp.exp(x) - 1) / x, 1e-6),
        ((1 - sp.cos(x)) / x**2, 1e-5),
        (-sp.log(1 - sp.exp(-x)) + x, 1e-6),
    ],
)
def test_k9_verify_and_compare_agree_where_a_formula_is_continued(formula, at):
    """No witness blames a right derivative for the digits that its own formula loses."""
    objective = sl.Objective(formula)
    assert sl.verify(objective, at=[at], backend="interpreted").passed
    method = sl.gradient_descent(step_size=0.01)
    backends = ["sympy", "interpreted"]
    assert sl.compare(objective, start=[at], method=method, max_steps=3, backends=backends).agrees


@pytest.mark.parametrize("at", [0.0, 1e-9])
def test_k9_autodiff_takes_the_slope_of_the_function_at_its_guard(at):
    """x/(e^x - 1) has the slope -1/2 + x/6 at 0, not that of the constant that guards it."""
    bernoulli = sl.Objective(guarded(x / (sp.exp(x) - 1), 1))
    compiled = sl.compile(bernoulli, backend="interpreted", derived_by="autodiff")
    assert compiled.gradient([at])[0] == pytest.approx(-0.5 + at / 6, rel=1e-14)


def test_k9_autodiff_of_a_risk_takes_the_slope_at_the_guard():
    """(e^z - 1)/z has the slope 1/2 at 0: over u = 1, 2 the mean is 3/4."""
    z = w * u
    loss = sp.Piecewise(((sp.exp(z) - 1) / z, sp.Ne(z, 0)), (1, True))
    risk = sl.EmpiricalRisk(loss, parameters=(w,), data=(u,)).on({u: [1.0, 2.0]})
    compiled = sl.compile(risk, backend="interpreted", derived_by="autodiff")
    assert compiled.gradient([0.0])[0] == pytest.approx(0.75, rel=1e-14)


@pytest.mark.parametrize(
    "loss",
    [
        sp.Piecewise((3 * RESIDUAL / 10, RESIDUAL >= 0), (-7 * RESIDUAL / 10, True)),
        sp.Max(0, sp.Abs(RESIDUAL) - sp.Rational(1, 10)),
    ],
)
def test_k2_a_loss_of_straight_pieces_passes_its_trial(loss):
    """Between its kinks it is linear, and there is no order of a remainder to be wrong."""
    targets = 2 * INPUTS + 1 + LABELS / 3
    risk = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: INPUTS, v: targets})
    assert sl.verify(risk, at=[0.5, 0.2], backend="interpreted").passed


def test_k4_exact_search_over_the_point_of_a_cone_in_many_digits():
    """The distance from 0 has no slope at 0, where the search from (3, 4) ends."""
    cone = sl.Objective(sp.sqrt(x**2 + y**2))
    method = sl.exact_line_search()
    trace = sl.minimize(cone, start=[3, 4], method=method, backend="sympy")
    assert trace.value == 0


@pytest.mark.parametrize(("loss", "of"), [(sp.exp(w * u), mpmath.exp), (sp.sin(w * u), mpmath.sin)])
def test_k2_a_datum_of_zero_divides_nothing(loss, of):
    """W = z/u would do for w*u = z, but not where u is 0."""
    risk = sl.EmpiricalRisk(w + loss, parameters=(w,), data=(u,)).on({u: INPUTS})
    right = mpmath.fsum(mpmath.mpf(0.1) + of(mpmath.mpf(0.1) * each) for each in INPUTS) / 6
    value = sl.compile(risk, backend="interpreted").value([0.1])
    assert float(value) == pytest.approx(float(right), rel=1e-14)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (sp.exp(w * u + b) - v * (w * u + b) + sp.loggamma(v + 1), LABELS),
        (sp.exp(-((w * u + b) ** 2) / 2) / sp.erfc(w * u + b) + RESIDUAL**2, LABELS),
        (sl.logsumexp(w * u, b * u, 0) - v * w * u + w**2 + b**2, LABELS),
        (sp.log(sp.cosh(RESIDUAL)), 2 * INPUTS + LABELS),
    ],
    ids=["poisson", "mills ratio", "softmax", "log cosh"],
)
def test_k6_losses_of_special_functions_are_compared_and_analysed(loss, targets):
    """Replays and analyses evaluate on columns what the backends evaluate, in the same words."""
    risk = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: INPUTS, v: targets})
    backends = ["sympy", "interpreted"]
    assert sl.compare(risk, start=[0.1, 0.2], method="bfgs", max_steps=3, backends=backends).agrees
    found = sl.analyze(risk, "newton")
    assert "attracts" in found.verdict
    assert not any("left out" in note for note in found.notes)


def test_a_saddle_of_a_risk_is_not_noted_as_a_minimum():
    """(v - b atan(w u))^2 is flat at 0, where Newton's method comes to a saddle."""
    loss = (v - b * sp.atan(w * u)) ** 2
    risk = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: INPUTS, v: LABELS})
    notes = sl.analyze(risk, sl.gradient_descent(step_size=0.1)).notes
    assert not any("minimum was found" in note for note in notes)


def test_a_singular_hessian_of_many_weights_is_one_short_sentence():
    """Softmax without a penalty: a shift of all classes changes nothing."""
    weights, row = sp.MatrixSymbol("W", 5, 3), sp.MatrixSymbol("X", 1, 5)
    target = sp.MatrixSymbol("Y", 1, 3)
    scores = row * weights
    parts = [scores[0, k] for k in range(3)]
    loss = sl.logsumexp(*parts) - sum(target[0, k] * parts[k] for k in range(3))
    rows = np.random.default_rng(3).normal(size=(30, 5))
    risk = sl.EmpiricalRisk(loss, parameters=(weights,), data=(row, target))
    bound = risk.on({row: rows, target: np.eye(3)[np.arange(30) % 3]})
    with pytest.raises(ValueError, match="the value does not change") as caught:
        sl.minimize(bound, start=[0] * 15, method="newton", backend="interpreted")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["Newton", "nelder-mead", "q" * 400])
def test_an_unknown_method_is_refused_in_a_short_sentence(name):
    """However many methods there are, the message stays under 200 characters."""
    with pytest.raises(ValueError, match="method: unknown name") as caught:
        sl.minimize(sl.Objective(x**2), start=[1], method=name)
    assert len(str(caught.value)) <= 200
