"""An empirical risk as PyTensor graphs: data are inputs, the parameters are one vector.

Where the loss has one linear predictor, value and gradient are two matrix products around a kernel
of one number a sample. Otherwise the loss of a sample is vectorised over the data as it stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol, lambdify

from symlab.algebra.predictor import Predictor, linear_predictor
from symlab.algebra.risk import BoundRisk, EmpiricalRisk
from symlab.engine.backends import GRADIENTS
from symlab.engine.lower import lower_elementwise
from symlab.engine.stable import stabilize


@dataclass(frozen=True)
class DataSum:
    """Graphs of a risk's value and derivatives on whatever rows of data they are given.

    Parameters
    ----------
    risk : EmpiricalRisk
    gradient : str
        `"sympy"`: the derivative that SymPy derives; `"autodiff"`: PyTensor's, of the value.
    """

    risk: EmpiricalRisk
    derived_by: str = "sympy"

    @cached_property
    def predictor(self) -> Predictor | None:
        """The loss's linear predictor, if it has one."""
        return linear_predictor(self.risk)

    @cached_property
    def read(self) -> tuple[Symbol, ...]:
        """The data symbols that the kernel reads beside the predictor."""
        if self.predictor is None:
            return self.risk.data
        return tuple(s for s in self.risk.data if s in self.predictor.loss.free_symbols)

    def arrays(self, bound: BoundRisk) -> tuple[np.ndarray, ...]:
        """Return what the graphs take as data, a row per sample.

        With a predictor: the design matrix, shape (m, n), its offset, and the columns that the
        kernel reads; otherwise the columns.
        """
        columns = dict(zip(self.risk.data, bound.arrays, strict=True))
        kept = tuple(columns[symbol] for symbol in self.read)
        if self.predictor is None:
            return kept
        design = [_column(c, columns, bound.samples) for c in self.predictor.coefficients]
        offset = _column(self.predictor.offset, columns, bound.samples)
        return (np.column_stack(design), offset, *kept)

    def inputs(self, samples: int | None = None) -> list[Variable]:
        """Return an input for each of `arrays`, with as many rows as are known."""
        columns = [pt.vector(symbol.name, shape=(samples,)) for symbol in self.read]
        if self.predictor is None:
            return columns
        design = pt.matrix("design", shape=(samples, self.risk.dimension))
        return [design, pt.vector("offset", shape=(samples,)), *columns]

    def weights(self) -> Variable:
        """Return an input for the parameters, a vector of static length n."""
        return pt.vector("w", shape=(self.risk.dimension,))

    def value(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the objective: losses reduced over the rows, and the penalty."""
        (losses,) = self._per_sample(w, arrays, self._kernel([]))
        return self._reduced(losses, arrays) + self._penalty(w)

    def gradient(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the gradient on the rows given, shape (n,)."""
        if self.derived_by == "autodiff":
            return grad(self.value(w, arrays), w)
        return self._data_gradient(w, arrays) + self._penalty_gradient(w)

    def hessian(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the second derivatives on the rows given, shape (n, n)."""
        n, parameters = self.risk.dimension, self.risk.parameters
        penalty = [self.risk.penalty.diff(a, b) for a in parameters for b in parameters]
        return self._data_hessian(w, arrays) + self._scalars(w, penalty).reshape((n, n))

    def _kernel(self, derivatives: list[tuple[Symbol, ...]]) -> list[Expr]:
        """Return the loss of one sample, or its derivatives, as stable expressions."""
        loss = self.risk.loss if self.predictor is None else self.predictor.loss
        wanted = [loss.diff(*symbols) for symbols in derivatives] or [loss]
        return [stabilize(expression) for expression in wanted]

    def _per_sample(
        self, w: Variable, arrays: Sequence[Variable], kernel: list[Expr]
    ) -> list[Variable]:
        """Return expressions of one sample on every row, each shape (rows,)."""
        if self.predictor is None:
            tensors = {symbol: w[j] for j, symbol in enumerate(self.risk.parameters)}
            tensors |= dict(zip(self.read, arrays, strict=True))
        else:
            design, offset, *columns = arrays
            tensors = {self.predictor.symbol: design @ w + offset}
            tensors |= dict(zip(self.read, columns, strict=True))
        # An expression that reads no data is the same on every row, but still one number a row.
        rows = pt.zeros_like(arrays[-1])
        is_derived = self.derived_by == "autodiff"
        found = lower_elementwise(kernel, tensors, differentiable=is_derived)
        return [each + rows for each in found]

    def _data_gradient(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        if self.predictor is None:
            columns = self._per_sample(
                w, arrays, self._kernel([(p,) for p in self.risk.parameters])
            )
            return pt.stack([self._reduced(column, arrays) for column in columns])
        (residual,) = self._per_sample(w, arrays, self._kernel([(self.predictor.symbol,)]))
        return (arrays[0].T @ residual) * self._weight(arrays)

    def _data_hessian(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        n = self.risk.dimension
        if self.predictor is None:
            pairs = [(a, b) for a in self.risk.parameters for b in self.risk.parameters]
            columns = self._per_sample(w, arrays, self._kernel(pairs))
            return pt.stack([self._reduced(column, arrays) for column in columns]).reshape((n, n))
        twice = (self.predictor.symbol,) * 2
        (curvature,) = self._per_sample(w, arrays, self._kernel([twice]))
        design = arrays[0]
        return (design.T @ (design * curvature[:, None])) * self._weight(arrays)

    def _weight(self, arrays: Sequence[Variable]) -> Variable:
        rows = arrays[0].shape[0].astype("float64")
        return 1.0 / rows if self.risk.reduction == "mean" else pt.constant(1.0)

    def _reduced(self, column: Variable, arrays: Sequence[Variable]) -> Variable:
        return column.sum() * self._weight(arrays)

    def _penalty(self, w: Variable) -> Variable:
        return self._scalars(w, [self.risk.penalty])[0]

    def _penalty_gradient(self, w: Variable) -> Variable:
        return self._scalars(w, [self.risk.penalty.diff(p) for p in self.risk.parameters])

    def _scalars(self, w: Variable, expressions: list[Expr]) -> Variable:
        """Return expressions in the parameters alone, as one vector."""
        if not any(expressions):
            return pt.zeros(len(expressions))
        tensors = {symbol: w[j] for j, symbol in enumerate(self.risk.parameters)}
        return pt.stack(lower_elementwise([stabilize(e) for e in expressions], tensors))


def _column(expression: Expr, columns: dict[Symbol, np.ndarray], samples: int) -> np.ndarray:
    """Return an expression of the data on every sample, in NumPy."""
    function: Callable[..., Any] = lambdify(list(columns), expression, "numpy")
    return np.broadcast_to(np.asarray(function(*columns.values()), dtype=float), (samples,)).copy()


@lru_cache(maxsize=64)
def _shared(loss: Expr, penalty: Expr, symbols: tuple, reduction: str, derived_by: str) -> DataSum:
    parameters, data = symbols
    return DataSum(EmpiricalRisk(loss, parameters, data, reduction, penalty), derived_by)


def data_sum(risk: EmpiricalRisk, derived_by: str = "sympy") -> DataSum:
    """Return the graphs of a risk; equal risks share them, and what is compiled from them.

    Raises
    ------
    ValueError
        If `derived_by` is neither `"sympy"` nor `"autodiff"`.
    """
    if derived_by not in GRADIENTS:
        raise ValueError(f"gradient: expected 'sympy' or 'autodiff', got {derived_by!r}.")
    symbols = (risk.parameters, risk.data)
    return _shared(risk.loss, risk.penalty, symbols, risk.reduction, derived_by)
