"""The chapter's losses on the chapter's data, as objectives over the parameters."""

from sympy import Expr, Integer, Rational, exp, log, symbols

from symlab.algebra.functions import sigmoid
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.book.data import half_plane, least_squares_data, step_data


def backpropagation() -> Objective:
    """Return the cost of section 4: two sigmoid units in a row, on the sample x = 3/2, y = 1."""
    w1, b1, w2, b2 = weights = symbols("w1 b1 w2 b2", real=True)
    first = sigmoid(w1 * Rational(3, 2) + b1)
    return Objective((sigmoid(w2 * first + b2) - 1) ** 2 / 2, weights)


def least_squares() -> BoundRisk:
    """Return the squared residual of section 7, summed over its five rows."""
    a, w = symbols("a0:3", real=True), symbols("x0:3", real=True)
    b = symbols("b", real=True)
    residual = sum(x * y for x, y in zip(a, w, strict=True)) - b
    matrix, target = least_squares_data()
    risk = EmpiricalRisk(residual**2, parameters=w, data=(*a, b), reduction="sum")
    return risk.on({**dict(zip(a, matrix.T, strict=True)), b: target})


def step_risk(penalty: Expr = symbols("w", real=True) ** 2) -> EmpiricalRisk:  # noqa: B008
    """Return the logistic loss of section 8, for labels -1 and 1, with a penalty on w and b."""
    x, y, w, b = symbols("x y w b", real=True)
    loss = log(1 + exp(-y * (b + w * x)))
    return EmpiricalRisk(loss, (w, b), (x, y), reduction="sum", penalty=penalty)


def logistic_step(samples: int = 500, seed: int = 0) -> BoundRisk:
    """Return the penalised logistic loss of section 8, on labels -1 and 1."""
    points, labels = step_data(samples, seed, labels=(-1, 1))
    return step_risk().on({"x": points, "y": labels})


def plane_risk(reduction: str = "mean", penalty: Expr = Integer(0)) -> EmpiricalRisk:  # noqa: B008
    """Return the cross-entropy of sections 15 and 16, for labels 0 and 1, with a penalty."""
    x0, x1, y, b0, b1, bias = symbols("x0 x1 y b0 b1 bias", real=True)
    z = b0 * x0 + b1 * x1 + bias
    loss = log(1 + exp(z)) - y * z
    return EmpiricalRisk(loss, (b0, b1, bias), (x0, x1, y), reduction=reduction, penalty=penalty)


def logistic_plane(samples: int = 100, seed: int = 0, reduction: str = "mean") -> BoundRisk:
    """Return the cross-entropy of sections 15 and 16, on labels 0 and 1."""
    points, labels = half_plane(samples, seed)
    return plane_risk(reduction).on({"x0": points[:, 0], "x1": points[:, 1], "y": labels})
