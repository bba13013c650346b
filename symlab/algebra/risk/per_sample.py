"""The loss of every sample and its derivatives, in NumPy, for the theory of a risk on data.

Where the loss has one linear predictor, the derivatives are a design matrix and one number a
sample; otherwise each entry is an expression evaluated on the columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Symbol, Wild, exp, lambdify, log

from symlab.algebra.differentiation import derivative, derivatives
from symlab.algebra.functions import softplus
from symlab.algebra.numeric import NUMPY
from symlab.algebra.risk.linear_predictor import Predictor, linear_predictor
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk

Compiled = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Samples:
    """A risk on data, sample by sample.

    Parameters
    ----------
    bound : BoundRisk

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y, w = symbols("x y w", real=True)
    >>> risk = EmpiricalRisk((w*x - y)**2 / 2, parameters=(w,), data=(x, y))
    >>> seen = Samples(risk.on({x: [1, 2], y: [1, 4]}))
    >>> seen.gradients([0.0]).tolist(), seen.hessian([0.0]).tolist()
    ([[-1.0], [-8.0]], [[2.5]])
    """

    bound: BoundRisk

    @cached_property
    def predictor(self) -> Predictor | None:
        """The loss's linear predictor, if it has one."""
        return _predictor(self.bound.risk)

    @cached_property
    def design(self) -> np.ndarray:
        """What each sample multiplies the parameters with in the predictor, shape (m, n)."""
        if self.predictor is None:
            raise ValueError(f"design: the loss {self.bound.risk.loss} has no linear predictor.")
        columns = numpy_table(self.bound.risk.data, self.predictor.coefficients)(*self.bound.arrays)
        return np.column_stack([self._broadcast(column) for column in columns])

    @property
    def weight(self) -> float:
        """What the sum of the losses is multiplied with: 1/m for a mean, 1 for a sum."""
        return float(self.bound.weight)

    def losses(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the loss of each sample at a point of shape (n,), shape (m,)."""
        return self._evaluate((), point)[0]

    def value(self, point: Sequence[float] | np.ndarray) -> float:
        """Return the whole objective at a point of shape (n,)."""
        return self.weight * float(self.losses(point).sum()) + float(
            self._evaluate_penalty(0, point)
        )

    def slopes(self, point: Sequence[float] | np.ndarray, order: int = 1) -> np.ndarray:
        """Return the loss's derivative of this order in the predictor, shape (m,)."""
        return self._evaluate((order,), point)[0]

    def gradients(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the gradient of each sample's loss, shape (m, n); the penalty is not in it."""
        if self.predictor is not None:
            return self.design * self.slopes(point)[:, None]
        return np.column_stack(self._evaluate((1,), point))

    def penalty_gradient(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the gradient of the penalty, shape (n,)."""
        return self._evaluate_penalty(1, point)

    def gradient(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the gradient of the whole objective, shape (n,)."""
        return self.weight * self.gradients(point).sum(axis=0) + self.penalty_gradient(point)

    def loss_hessian(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the sum of the losses' second derivatives, shape (n, n)."""
        n = self.bound.dimension
        if self.predictor is not None:
            return self.design.T @ (self.design * self.slopes(point, 2)[:, None])
        entries = [entry.sum() for entry in self._evaluate((2,), point)]
        return np.array(entries).reshape(n, n)

    def penalty_hessian(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the second derivatives of the penalty, shape (n, n)."""
        return self._evaluate_penalty(2, point)

    def hessian(self, point: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the second derivatives of the whole objective, shape (n, n)."""
        return self.weight * self.loss_hessian(point) + self.penalty_hessian(point)

    def _evaluate(self, orders: tuple[int, ...], point: Any) -> list[np.ndarray]:
        """Return the loss or its derivatives on every sample, each shape (m,)."""
        function = _loss_function(self.bound.risk, sum(orders))
        with np.errstate(all="ignore"):
            found = function(*np.asarray(point, dtype=float), *self.bound.arrays)
        return [self._broadcast(column) for column in found]

    def _evaluate_penalty(self, order: int, point: Any) -> np.ndarray:
        found = _penalty_function(self.bound.risk, order)(*np.asarray(point, dtype=float))
        return np.array(found, dtype=float).reshape((self.bound.dimension,) * order)

    def _broadcast(self, column: Any) -> np.ndarray:
        return np.broadcast_to(np.asarray(column, dtype=float), (self.bound.samples,))


@lru_cache(maxsize=64)
def _predictor(risk: EmpiricalRisk) -> Predictor | None:
    return linear_predictor(risk)


@lru_cache(maxsize=128)
def _loss_function(risk: EmpiricalRisk, order: int) -> Compiled:
    """Return the derivatives of this order, of parameters and data: in the predictor if any."""
    predictor = _predictor(risk)
    if predictor is None:
        given = (*risk.parameters, *risk.data)
        return numpy_table(
            given, derivatives(_stabilize_logarithm(risk.loss), risk.parameters, order)
        )
    terms = zip(predictor.coefficients, risk.parameters, strict=True)
    by = (predictor.symbol,) * order
    kernel = numpy_table(
        (predictor.symbol, *risk.data), [derivative(_stabilize_logarithm(predictor.loss), *by)]
    )
    # The predictor stays one number: written out it would be evaluated wherever z stands.
    z = numpy_table(
        (*risk.parameters, *risk.data), [sum((c * p for c, p in terms), predictor.offset)]
    )
    n = len(risk.parameters)
    return lambda *given: kernel(z(*given)[0], *given[n:])


@lru_cache(maxsize=128)
def _penalty_function(risk: EmpiricalRisk, order: int) -> Compiled:
    return numpy_table(risk.parameters, risk.penalty_derivatives(order))


def _stabilize_logarithm(loss: Expr) -> Expr:
    """Write log(1 + e^u) as the ramp it is, so that NumPy's exp does not overflow."""
    u = Wild("u")
    return loss.replace(log(1 + exp(u)), softplus(u))


def numpy_table(symbols: Sequence[Symbol], expressions: Sequence[Expr]) -> Compiled:
    """Return a function of numbers or arrays that lists the values of expressions.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> numpy_table([x, y], [x + y, x * y])(2, 3)
    [5, 6]
    """
    # SciPy has what NumPy lacks: the error function of a probit, the log-gamma of a count.
    return lambdify(list(symbols), list(expressions), [NUMPY, "scipy", "numpy"], cse=True)
