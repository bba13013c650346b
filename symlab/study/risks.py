"""The chapter's losses on the chapter's data, as objectives over the parameters."""

from sympy import Rational, exp, log, symbols

from symlab.algebra.functions import sigmoid
from symlab.algebra.objective import Objective
from symlab.algebra.risk import BoundRisk, EmpiricalRisk
from symlab.study.data import half_plane, least_squares_data, step_data


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


def logistic_step(samples: int = 500, seed: int = 0) -> BoundRisk:
    """Return the penalised logistic loss of section 8, on labels -1 and 1."""
    x, y, w, b = symbols("x y w b", real=True)
    points, labels = step_data(samples, seed, labels=(-1, 1))
    loss = log(1 + exp(-y * (b + w * x)))
    risk = EmpiricalRisk(loss, parameters=(w, b), data=(x, y), reduction="sum", penalty=w**2)
    return risk.on({x: points, y: labels})


def logistic_plane(samples: int = 100, seed: int = 0, reduction: str = "mean") -> BoundRisk:
    """Return the cross-entropy of sections 15 and 16, on labels 0 and 1."""
    x0, x1, y, b0, b1, bias = symbols("x0 x1 y b0 b1 bias", real=True)
    z = b0 * x0 + b1 * x1 + bias
    points, labels = half_plane(samples, seed)
    loss = log(1 + exp(z)) - y * z
    risk = EmpiricalRisk(loss, parameters=(b0, b1, bias), data=(x0, x1, y), reduction=reduction)
    return risk.on({x0: points[:, 0], x1: points[:, 1], y: labels})
