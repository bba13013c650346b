"""K2, K11 and matrices: the forms a risk is stated in, against NumPy, SciPy and scikit-learn."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import approx_fprime, linprog
from scipy.optimize import minimize as scipy_minimize
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

import symlab as sl
from symlab.algebra.risk.linear_predictor import linear_predictor
from symlab.algebra.risk.predictors import linear_predictors

w, b, u, v, lam = sp.symbols("w b u v lambda", real=True)
i, j, m = sp.symbols("i j m", integer=True)
U, V = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 40.0])
SIGNS = np.array([-1.0, 1.0, 1.0, -1.0])
residual = v - w * u - b
margin = v * (w * u + b)
half = sp.S.Half

PIECEWISE = {
    "huber": (
        sp.Piecewise((residual**2 / 2, sp.Abs(residual) <= 1), (sp.Abs(residual) - half, True)),
        lambda r, _: np.where(abs(r) <= 1, r**2 / 2, abs(r) - 0.5),
    ),
    "hinge": (
        sp.Piecewise((1 - margin, margin < 1), (0, True)),
        lambda _, t: np.maximum(1 - t, 0),
    ),
    "squared hinge": (
        sp.Piecewise(((1 - margin) ** 2, margin < 1), (0, True)),
        lambda _, t: np.maximum(1 - t, 0) ** 2,
    ),
    "pinball": (
        sp.Piecewise((0.3 * residual, residual >= 0), (-0.7 * residual, True)),
        lambda r, _: np.maximum(0.3 * r, -0.7 * r),
    ),
    "tukey": (
        sp.Piecewise(
            ((1 - (1 - (residual / 3) ** 2) ** 3) * 1.5, sp.Abs(residual) <= 3), (1.5, True)
        ),
        lambda r, _: 1.5 * (1 - np.clip(1 - (r / 3) ** 2, 0, None) ** 3),
    ),
    "insensitive": (
        sp.Piecewise((0, sp.Abs(residual) < half), (sp.Abs(residual) - half, True)),
        lambda r, _: np.maximum(abs(r) - 0.5, 0),
    ),
    "on data": (
        sp.Piecewise((residual**2, u < 2.5), (2 * residual**2, True)),
        lambda r, _: np.where(U < 2.5, 1, 2) * r**2,
    ),
    "on a parameter": (
        sp.Piecewise((residual**2, w > 0), (residual**2 + w**2, True)),
        lambda r, _: r**2,
    ),
}
POINT = np.array([0.3, -0.2])


@pytest.mark.parametrize("loss, losses", PIECEWISE.values(), ids=PIECEWISE)
def test_k2_a_piecewise_loss_runs_on_data(loss, losses):
    """Value against NumPy, gradient against a difference of it, on two backends."""
    objective = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: U, v: V})

    def reference(at):
        line = at[0] * U + at[1]
        return losses(V - line, V * line).mean()

    compiled = sl.compile(objective, backend="interpreted")
    assert compiled.value(POINT) == pytest.approx(reference(POINT), rel=1e-14)
    slope = approx_fprime(POINT, reference, 1e-7)
    assert compiled.gradient(POINT) == pytest.approx(slope, rel=1e-5, abs=1e-5)
    one = sl.gradient_descent(step_size=0.01)
    there = sl.minimize(objective, start=POINT, method=one, max_steps=1, backend="sympy").x
    assert there == pytest.approx(POINT - 0.01 * compiled.gradient(POINT), rel=1e-12)


def test_k2_hubers_minimum_is_scipys():
    """R13: three points on a line and an outlier."""
    loss, losses = PIECEWISE["huber"]
    objective = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: U, v: V})
    found = sl.minimize(
        objective,
        start=[0, 0],
        method=sl.gradient_descent(step_size=0.05),
        max_steps=5000,
        backend="interpreted",
    )
    best = scipy_minimize(lambda at: losses(V - at[0] * U - at[1], 0).mean(), [0, 0]).fun
    assert found.value == pytest.approx(best, abs=1e-6)
    assert linear_predictor(objective.risk) is not None


def test_k2_the_pinball_loss_is_least_where_the_linear_program_says():
    """The 0.3-quantile line by SciPy's linprog; no neighbour of it is lower."""
    loss, _ = PIECEWISE["pinball"]
    objective = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v)).on({u: U, v: V})
    ones = np.eye(4)
    solved = linprog(
        np.r_[0, 0, np.full(4, 0.3), np.full(4, 0.7)] / 4,
        A_eq=np.c_[U, np.ones(4), ones, -ones],
        b_eq=V,
        bounds=[(None, None)] * 2 + [(0, None)] * 8,
    )
    compiled = sl.compile(objective, backend="interpreted")
    assert compiled.value(solved.x[:2]) == pytest.approx(solved.fun, abs=1e-9)


x_, y_ = sp.IndexedBase("x"), sp.IndexedBase("y")
X_, w_, s_ = sp.IndexedBase("X"), sp.IndexedBase("w"), sp.IndexedBase("s")
xf, yf = sp.Function("x"), sp.Function("y")
error = w * x_[i] + b - y_[i]
T = np.array([2.0, 4.0, 7.0])
R = np.array([1.0, 2.0, 3.0])
TABLE = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
PLAIN = {x_: R, y_: T}
inner = sp.Sum(w_[j] * X_[i, j], (j, 0, 1))
squares = sp.Sum(error**2, (i, 1, m))

# Statement, parameters, data, point, and the value there, by hand from residuals -1, -2, -4 at
# (1, 0) and -2, -4, -7 at (0, 0).
SUMS = {
    "R39": (sp.Sum(error**2, (i, 0, m - 1)) / (2 * m), (w, b), PLAIN, [0, 0], 11.5),
    "from 1": (squares / (2 * m), (w, b), PLAIN, [0, 0], 11.5),
    "a penalty with lambda": (
        squares / (2 * m) + lam / (2 * m) * w**2,
        (w, b),
        {**PLAIN, lam: 6},
        [1, 0],
        4.5,
    ),
    "all over 2m": (
        (squares + lam * w**2) / (2 * m),
        (w, b),
        {**PLAIN, "lambda": 6},
        [1, 0],
        4.5,
    ),
    "functions of the index": (
        sp.Sum((w * xf(i) + b - yf(i)) ** 2, (i, 1, m)) / m,
        (w, b),
        {xf: R, yf: T},
        [0, 0],
        23,
    ),
    "1/m inside": (sp.Sum(error**2 / m, (i, 1, m)), (w, b), PLAIN, [0, 0], 23),
    "weights": (
        sp.Sum(s_[i] * error**2, (i, 1, m)) / m,
        (w, b),
        {**PLAIN, s_: [1, 0, 2]},
        [0, 0],
        34,
    ),
    "two sums": (
        squares / m + sp.Sum(sp.Abs(w * x_[j]), (j, 0, m - 1)) / m,
        (w, b),
        PLAIN,
        [1, 0],
        9,
    ),
    "less a constant": (squares - 3, (w, b), PLAIN, [0, 0], 66),
    "shifted index": (
        sp.Sum((w * x_[i - 1] + b - y_[i - 1]) ** 2, (i, 1, m)) / m,
        (w, b),
        PLAIN,
        [0, 0],
        23,
    ),
    "columns and indexed weights": (
        sp.Sum((inner + b - y_[i]) ** 2, (i, 0, m - 1)) / (2 * m)
        + lam / (2 * m) * sp.Sum(w_[j] ** 2, (j, 0, 1)),
        (w_, b),
        {X_: TABLE, y_: T, lam: 3},
        [1, 0, 0],
        1.5,
    ),
    "a number of rows": (sp.Sum(error**2, (i, 1, 3)) / 6, (w, b), PLAIN, [0, 0], 11.5),
}


@pytest.mark.parametrize("loss, parameters, data, at, value", SUMS.values(), ids=SUMS)
def test_k11_sums_are_read_as_books_write_them(loss, parameters, data, at, value):
    """The value by hand, the gradient against a difference."""
    objective = sl.EmpiricalRisk(loss, parameters=parameters).on(data)
    compiled = sl.compile(objective, backend="interpreted")
    assert compiled.value(at) == pytest.approx(value, rel=1e-14)
    slope = approx_fprime(np.array(at, float), compiled.value, 1e-7)
    assert compiled.gradient(at) == pytest.approx(slope, rel=1e-5, abs=1e-5)
    assert float(objective.at(at)) == pytest.approx(value, rel=1e-14)


def test_k11_lambda_is_no_parameter_though_none_are_named():
    """What only stands beside the sum is a constant."""
    risk = sl.EmpiricalRisk((squares + lam * w**2) / (2 * m))
    assert risk.parameters == (b, w)
    assert risk.constants == (lam,)


REFUSED_SUMS = {
    "root": (sp.sqrt(squares / m), "expected a weighted sum over the samples"),
    "square": (squares / m**2, r"got the factor m\*\*\(-2\)"),
    "neighbours": (sp.Sum((x_[i] - w * x_[i - 1]) ** 2, (i, 1, m)), "different rows at once"),
    "late": (sp.Sum((x_[i] - w) ** 2, (i, 2, m)), "begins at 2"),
    "mixed": (squares / m + sp.Sum(w * x_[j], (j, 0, m - 1)), "all sums to be means, or none"),
    "open columns": (
        sp.Sum((sp.Sum(w_[j] * X_[i, j], (j, 0, sp.Symbol("n"))) - y_[i]) ** 2, (i, 1, m)),
        "the sum over j needs a number at its end",
    ),
    "no data": (sp.Sum(w**2, (j, 1, m)), "reads no indexed data"),
}


@pytest.mark.parametrize("loss, message", REFUSED_SUMS.values(), ids=REFUSED_SUMS)
def test_k11_other_sums_are_refused_in_one_line(loss, message):
    """Each with what was expected."""
    parameters = (w_,) if loss.has(w_) else (w, b)
    with pytest.raises(ValueError, match=message) as raised:
        sl.EmpiricalRisk(loss, parameters=parameters)
    assert len(str(raised.value)) < 200


def test_k11_a_constant_needs_a_number_and_rows_their_count():
    """By name, when data are bound."""
    risk = sl.EmpiricalRisk((squares + lam * w**2) / (2 * m), parameters=(w, b))
    with pytest.raises(ValueError, match=r"\['lambda'\] are missing"):
        risk.on(PLAIN)
    with pytest.raises(TypeError, match="lambda: expected a real number"):
        risk.on({**PLAIN, lam: [1, 2]})
    with pytest.raises(ValueError, match="expected 4 rows"):
        sl.EmpiricalRisk(sp.Sum(error**2, (i, 1, 4)), parameters=(w, b)).on(PLAIN)


def test_k11_assumptions_are_blamed_only_where_they_differ():
    """An unknown symbol is just unknown."""
    with pytest.raises(ValueError, match="neither parameters nor data") as unknown:
        sl.EmpiricalRisk((w * u - lam) ** 2, parameters=(w,), data=(u,))
    assert "assumptions" not in str(unknown.value)
    with pytest.raises(ValueError, match="different assumptions"):
        sl.EmpiricalRisk((w * sp.Symbol("u") - 1) ** 2, parameters=(w,), data=(u,))
    named = sl.EmpiricalRisk((w * u - lam) ** 2, parameters=(w,), data=(u,), constants=(lam,))
    assert named.on({u: [1, 2], lam: 2}).at([1]) == pytest.approx(0.5)


def test_a_loss_is_real_and_names_each_parameter_once():
    """An imaginary unit and a repeated parameter were accepted."""
    with pytest.raises(ValueError, match="loss: expected a real function"):
        sl.EmpiricalRisk((w * u - sp.I) ** 2, parameters=(w,), data=(u,))
    with pytest.raises(ValueError, match="parameters: w is named twice"):
        sl.EmpiricalRisk((w * u) ** 2, parameters=(w, w), data=(u,))


m_ = sp.Symbol("m", integer=True, positive=True)
GENERATOR = np.random.default_rng(4)
N, K, ROWS = 4, 3, 9
A = GENERATOR.normal(size=(ROWS, N))
LABELS = (GENERATOR.random(ROWS) < 0.5) * 1.0
CLASSES = np.eye(K)[np.arange(ROWS) % K]
XM, wm, ym = sp.MatrixSymbol("X", m_, N), sp.MatrixSymbol("w", N, 1), sp.MatrixSymbol("y", m_, 1)
WM, YM, bm = sp.MatrixSymbol("W", N, K), sp.MatrixSymbol("Y", m_, K), sp.MatrixSymbol("b", 1, K)
scores, table = XM * wm, XM * WM
ONES, ROW = sp.OneMatrix(K, 1), sp.OneMatrix(1, m_)


def ramp(z):
    """log(1 + e^z), as a user writes it."""
    return sp.log(1 + sp.exp(z))


def logistic(at):
    """Each sample's cross-entropy, in NumPy."""
    return np.log1p(np.exp(A @ at)) - LABELS * (A @ at)


def cross_entropy(at, shift=0):
    """Each sample's softmax cross-entropy, in NumPy."""
    z = A @ at[: N * K].reshape(N, K) + shift
    return np.log(np.exp(z).sum(1)) - (CLASSES * z).sum(1)


def soft(z):
    """The column of softmax cross-entropies of a table of scores."""
    return (z.applyfunc(sp.exp) * ONES).applyfunc(sp.log) - sp.HadamardProduct(YM, z) * ONES


BINARY, MANY = {XM: A, ym: LABELS}, {XM: A, YM: CLASSES}
MATRICES = {
    "ridge": (
        (scores - ym).T * (scores - ym) / m_ + lam * wm.T * wm,
        (wm,),
        {**BINARY, lam: 0.5},
        lambda at: np.mean((A @ at - LABELS) ** 2) + 0.5 * at @ at,
    ),
    "logistic, a column": (
        scores.applyfunc(ramp) - sp.HadamardProduct(ym, scores),
        (wm,),
        BINARY,
        lambda at: logistic(at).mean(),
    ),
    "logistic, a total": (
        ROW * scores.applyfunc(ramp) - ym.T * scores,
        (wm,),
        BINARY,
        lambda at: logistic(at).sum(),
    ),
    "functions of numbers": (
        ramp(scores),
        (wm,),
        {XM: A},
        lambda at: np.log1p(np.exp(A @ at)).mean(),
    ),
    "entries in a sum": (
        sp.Sum((scores[i, 0] - ym[i, 0]) ** 2, (i, 0, m_ - 1)) / (2 * m_),
        (wm,),
        BINARY,
        lambda at: np.mean((A @ at - LABELS) ** 2) / 2,
    ),
    "weighted": (
        (scores - ym).T * sp.DiagMatrix(sp.MatrixSymbol("s", m_, 1)) * (scores - ym) / m_,
        (wm,),
        {**BINARY, "s": LABELS + 1},
        lambda at: np.mean((LABELS + 1) * (A @ at - LABELS) ** 2),
    ),
    "softmax": (soft(table), (WM,), MANY, lambda at: cross_entropy(at).mean()),
    "softmax with bias": (
        soft(table + sp.OneMatrix(m_, 1) * bm),
        (WM, bm),
        MANY,
        lambda at: cross_entropy(at, at[N * K :]).mean(),
    ),
    "softmax, a trace": (
        ((ROW * (table.applyfunc(sp.exp) * ONES).applyfunc(sp.log))[0, 0] - sp.Trace(YM.T * table))
        / m_
        + lam * sp.Trace(WM.T * WM),
        (WM,),
        {**MANY, lam: 0.1},
        lambda at: cross_entropy(at).mean() + 0.1 * at @ at,
    ),
}


@pytest.mark.parametrize("loss, parameters, data, reference", MATRICES.values(), ids=MATRICES)
def test_a_loss_of_matrices_is_numpys(loss, parameters, data, reference):
    """Value, and the gradient against a difference of NumPy's value."""
    risk = sl.EmpiricalRisk(loss, parameters=parameters)
    at = np.random.default_rng(1).normal(size=risk.dimension)
    compiled = sl.compile(risk.on(data), backend="interpreted")
    value, gradient = compiled.value_and_gradient(at)
    assert value == pytest.approx(reference(at), rel=1e-13)
    assert gradient == pytest.approx(approx_fprime(at, reference, 1e-7), rel=1e-5, abs=1e-5)


def test_logistic_regression_in_matrices_is_scikit_learns():
    """The penalised minimum, without intercept, C = 2: half |w|^2 once, losses times C."""
    risk = sl.EmpiricalRisk(
        2 * (ROW * scores.applyfunc(ramp) - ym.T * scores) + wm.T * wm / 2, parameters=wm
    )
    found = sl.minimize(risk.on(BINARY), start=[0] * N, method="newton", backend="interpreted")
    model = LogisticRegression(C=2, fit_intercept=False, tol=1e-10).fit(A, LABELS)
    assert found.x == pytest.approx(model.coef_[0], abs=1e-6)


def test_the_second_derivatives_of_softmax_are_those_of_its_slopes():
    """The Hessian, put together from blocks, against differences of the gradient."""
    objective = sl.EmpiricalRisk(soft(table), parameters=(WM,)).on(MANY)
    compiled = sl.compile(objective, backend="interpreted")
    at = np.random.default_rng(2).normal(size=N * K)
    bent = np.array(
        [approx_fprime(at, lambda p, k=k: compiled.gradient(p)[k], 1e-6) for k in range(N * K)]
    )
    assert compiled.hessian(at) == pytest.approx(bent, abs=1e-5)
    assert len(linear_predictors(objective.risk).symbols) == K


REFUSED_MATRICES = {
    "a square of a total": (
        (ROW * scores) * (ROW * scores),
        (wm,),
        "expected a total over the rows",
    ),
    "an inverse": ((XM.T * XM).I * wm, (wm,), "cannot be written out"),
    "open columns": (
        sp.MatrixSymbol("X", m_, sp.Symbol("n")) * sp.MatrixSymbol("w", sp.Symbol("n"), 1),
        (sp.MatrixSymbol("w", sp.Symbol("n"), 1),),
        "must be a number, got n",
    ),
    "rows that differ": (
        (sp.MatrixSymbol("Z", 3, 2) * sp.MatrixSymbol("y", 2, 1)).T * sp.MatrixSymbol("w", 3, 1),
        (sp.MatrixSymbol("w", 3, 1),),
        "a row for each sample",
    ),
}


@pytest.mark.parametrize(
    "loss, parameters, message", REFUSED_MATRICES.values(), ids=REFUSED_MATRICES
)
def test_other_matrices_are_refused_in_one_line(loss, parameters, message):
    """Each with what was expected."""
    with pytest.raises(ValueError, match=message) as raised:
        sl.EmpiricalRisk(loss, parameters=parameters)
    assert len(str(raised.value)) < 200


def test_ten_classes_of_64_columns_are_bound_and_run():
    """Fault 10b: 640 parameters, in seconds where it took minutes; SciPy's softmax agrees."""
    X, W, Y = (
        sp.MatrixSymbol(n, *s) for n, s in {"X": (m_, 64), "W": (64, 10), "Y": (m_, 10)}.items()
    )
    z, ones = X * W, sp.OneMatrix(10, 1)
    loss = (z.applyfunc(sp.exp) * ones).applyfunc(sp.log) - sp.HadamardProduct(Y, z) * ones
    pixels = np.random.default_rng(0).integers(0, 17, (50, 64)) / 16
    labels = np.eye(10)[np.arange(50) % 10]
    objective = sl.EmpiricalRisk(loss, parameters=(W,), data=(X, Y)).on({X: pixels, Y: labels})
    at = np.random.default_rng(1).normal(size=640) / 10
    slopes = pixels.T @ (softmax(pixels @ at.reshape(64, 10), axis=1) - labels) / 50
    found = sl.compile(objective, backend="interpreted").gradient(at)
    assert found.reshape(64, 10) == pytest.approx(slopes, abs=1e-14)


def test_labels_of_either_column_will_do_where_both_could_be_them():
    """In log(1 + exp(-v u w)) a feature of values 0 and 2 is no wrong label."""
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(-v * u * w)), parameters=(w,), data=(u, v))
    assert risk.on({u: [0, 2, 2], v: [1, -1, 1]}).samples == 3
    with pytest.raises(ValueError, match="this loss is made for -1 and 1"):
        risk.on({u: [0.5, 2, 2], v: [1, 0, 1]})
