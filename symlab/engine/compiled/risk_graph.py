"""An empirical risk as PyTensor graphs: data are inputs, the parameters are one vector.

Where the loss has linear predictors, one or one for each class, value and gradient are two matrix
products around a kernel of a few numbers a sample. Otherwise the loss of a sample is vectorised
over the data as it stands.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol, lambdify

from symlab.algebra.differentiation import derivative
from symlab.algebra.risk.linear_predictor import linear_predictor
from symlab.algebra.risk.predictors import Block, Predictors, linear_predictors
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.checks import choice
from symlab.engine.backends import DERIVED_BY
from symlab.engine.compiled.large_memory import on_a_line
from symlab.engine.lowering.lower import lower_elementwise
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff

COPIED_ROWS = 4096
"""Rows of a table that are filled at a time: so few that they stay in the caches meanwhile."""


@dataclass(frozen=True)
class DataSum:
    """Graphs of a risk's value and derivatives on whatever rows of data they are given.

    Parameters
    ----------
    risk : EmpiricalRisk
    derived_by : str
        `"sympy"`: the derivative that SymPy derives; `"autodiff"`: PyTensor's, of the value.
    rewrite : callable
        What makes formulas stable that SymPy has derived.
    """

    risk: EmpiricalRisk
    derived_by: str = "sympy"
    rewrite: Callable[[Expr], Expr] = stabilize

    @cached_property
    def predictors(self) -> Predictors | None:
        """The loss's linear predictors, if it is a function of few."""
        single = linear_predictor(self.risk)
        if single is None:
            return linear_predictors(self.risk)
        return Predictors((single.symbol,), ((single.coefficients, single.offset),), single.loss)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The predictors by the data they multiply; none where there are no predictors."""
        return () if self.predictors is None else self.predictors.blocks

    @cached_property
    def loss(self) -> Expr:
        """The loss that the kernel computes: of the predictors, or of the parameters."""
        return self.risk.loss if self.predictors is None else self.predictors.loss

    @cached_property
    def read(self) -> tuple[Symbol, ...]:
        """The data symbols that the kernel reads beside the predictors."""
        if self.predictors is None:
            return self.risk.data
        free = self.loss.free_symbols
        return tuple(symbol for symbol in self.risk.data if symbol in free)

    def arrays(self, bound: BoundRisk, backend: str) -> tuple[np.ndarray, ...]:
        """Return what the graphs take as data on a backend, a row per sample.

        With predictors: for each block of them the design matrix, shape (m, p), and the offsets,
        shape (m,) for one and (m, K) for more; then the columns that the kernel reads. Otherwise
        all columns.
        """
        columns = dict(zip(self.risk.data, bound.arrays, strict=True))
        kept = [columns[symbol] for symbol in self.read]
        parts: list[np.ndarray] = []
        for block in self.blocks:
            parts.append(data_table(block.coefficients, columns, bound.samples))
            offsets = data_table(block.offsets, columns, bound.samples)
            parts.append(offsets if len(block.members) > 1 else offsets[:, 0])
        arrays = (*parts, *kept)
        return tuple(map(on_a_line, arrays)) if backend == "jax" else arrays

    @property
    def has_one_predictor(self) -> bool:
        """Whether the loss reads the parameters through one linear predictor of them all."""
        return len(self.blocks) == 1 and self._is_all(self.blocks[0])

    def design(self, bound: BoundRisk) -> np.ndarray:
        """Return what the parameters of the one linear predictor are multiplied by, (m, n)."""
        columns = dict(zip(self.risk.data, bound.arrays, strict=True))
        return data_table(self.blocks[0].coefficients, columns, bound.samples)

    def inputs(self, samples: int | None = None) -> list[Variable]:
        """Return an input for each of `arrays`, with as many rows as are known."""
        parts: list[Variable] = []
        for block in self.blocks:
            width, count = len(block.coefficients), len(block.members)
            parts.append(pt.matrix("design", shape=(samples, width)))
            shape = (samples, count) if count > 1 else (samples,)
            parts.append(pt.tensor("offset", dtype="float64", shape=shape))
        return [*parts, *(pt.vector(symbol.name, shape=(samples,)) for symbol in self.read)]

    def weights(self) -> Variable:
        """Return an input for the parameters, a vector of static length n."""
        return pt.vector("w", shape=(self.risk.dimension,))

    def value(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the objective: losses reduced over the rows, and the penalty."""
        (losses,) = self._per_sample(w, arrays, self._kernel([]))
        return self._reduce(losses, arrays) + self._penalty(w)

    def gradient(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the gradient on the rows given, shape (n,)."""
        if self.derived_by == "autodiff":
            return grad(self.value(w, arrays), w)
        return self._data_gradient(w, arrays) + self._penalty_gradient(w)

    def hessian(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        """Return the second derivatives on the rows given, shape (n, n)."""
        return self._data_hessian(w, arrays) + self.penalty_of("hessian", w)

    def penalty_of(self, part: str, w: Variable) -> Variable:
        """Return the penalty's `"value"`, `"gradient"` or `"hessian"`."""
        if part == "value":
            return self._penalty(w)
        if part == "gradient":
            autodiff = self.derived_by == "autodiff"
            return grad(self._penalty(w), w) if autodiff else self._penalty_gradient(w)
        n = self.risk.dimension
        return self._scalars(w, self.risk.penalty_derivatives(2)).reshape((n, n))

    def _kernel(self, derivatives: list[tuple[Symbol, ...]]) -> list[Expr]:
        """Return the loss of one sample, or its derivatives, as stable expressions."""
        stable = stabilize_for_autodiff if self.derived_by == "autodiff" else self.rewrite
        return [stable(expression) for expression in self.stated(derivatives)]

    def stated(self, derivatives: list[tuple[Symbol, ...]]) -> list[Expr]:
        """Return the loss of one sample, or its derivatives, as they are derived."""
        return [derivative(self.loss, *symbols) for symbols in derivatives] or [self.loss]

    @property
    def slopes(self) -> list[tuple[Symbol, ...]]:
        """What the loss of one sample is derived by: the predictors, or the parameters."""
        read = self.risk.parameters if self.predictors is None else self.predictors.symbols
        return [(symbol,) for symbol in read]

    def _per_sample(
        self, w: Variable, arrays: Sequence[Variable], kernel: list[Expr]
    ) -> list[Variable]:
        """Return expressions of one sample on every row, each shape (rows,)."""
        if self.predictors is None:
            tensors = {symbol: w[j] for j, symbol in enumerate(self.risk.parameters)}
        else:
            tensors = self._scores(w, arrays)
        tensors |= dict(zip(self.read, arrays[2 * len(self.blocks) :], strict=True))
        # An expression that reads no data is the same on every row, but still one number a row.
        rows = pt.zeros_like(arrays[-1] if arrays[-1].ndim == 1 else arrays[-1][:, 0])
        is_derived = self.derived_by == "autodiff"
        found = lower_elementwise(kernel, tensors, differentiable=is_derived)
        return [each + rows for each in found]

    def _scores(self, w: Variable, arrays: Sequence[Variable]) -> dict[Symbol, Variable]:
        """Return the predictors on every row, each shape (rows,)."""
        scores: dict[Symbol, Variable] = {}
        for b, block in enumerate(self.blocks):
            design, offset = arrays[2 * b : 2 * b + 2]
            z = design @ self._weights_of(w, block) + offset
            columns = [z] if z.ndim == 1 else [z[:, i] for i in range(len(block.members))]
            scores |= dict(zip(block.symbols, columns, strict=True))
        return scores

    def _weights_of(self, w: Variable, block: Block) -> Variable:
        """Return the parameters of a block, shape (p,) for one predictor, (p, K) for more."""
        if self._is_all(block):
            return w
        places = np.array(block.places)
        return w[places if len(block.members) > 1 else places[:, 0]]

    def _is_all(self, block: Block) -> bool:
        """Whether a block is one predictor of all parameters, in their order."""
        return block.places == tuple((j,) for j in range(self.risk.dimension))

    def _data_gradient(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        if self.predictors is None:
            columns = self._per_sample(w, arrays, self._kernel(self.slopes))
            return pt.stack([self._reduce(column, arrays) for column in columns])
        slopes = self._per_sample(w, arrays, self._kernel(self.slopes))
        if self.has_one_predictor:
            return (arrays[0].T @ slopes[0]) * self._weight(arrays)
        total = pt.zeros(self.risk.dimension)
        for b, block in enumerate(self.blocks):
            residuals = pt.stack([slopes[k] for k in block.members], axis=1)
            # Added, not put: a parameter may stand in several predictors.
            places = np.array(block.places).ravel()
            total = total[places].inc((arrays[2 * b].T @ residuals).ravel())
        return total * self._weight(arrays)

    def _data_hessian(self, w: Variable, arrays: Sequence[Variable]) -> Variable:
        n = self.risk.dimension
        if self.predictors is None:
            pairs = [(a, b) for a in self.risk.parameters for b in self.risk.parameters]
            columns = self._per_sample(w, arrays, self._kernel(pairs))
            return pt.stack([self._reduce(column, arrays) for column in columns]).reshape((n, n))
        symbols = self.predictors.symbols
        curvatures = self._per_sample(
            w, arrays, self._kernel([(z, y) for z in symbols for y in symbols])
        )
        if self.has_one_predictor:
            design = arrays[0]
            return (design.T @ (design * curvatures[0][:, None])) * self._weight(arrays)
        total = pt.zeros(n * n)
        for one, other, curvature in self._pairs(arrays, curvatures):
            (left, at_left), (right, at_right) = one, other
            places = (at_left[:, None] * n + at_right[None, :]).ravel()
            total = total[places].inc((left.T @ (right * curvature[:, None])).ravel())
        return total.reshape((n, n)) * self._weight(arrays)

    def _pairs(
        self, arrays: Sequence[Variable], curvatures: Sequence[Variable]
    ) -> Iterator[tuple[Any, Any, Variable]]:
        """Yield for each pair of predictors their designs, parameters' places, and curvature."""
        parts = {
            k: (arrays[2 * b], np.array(block.places)[:, i])
            for b, block in enumerate(self.blocks)
            for i, k in enumerate(block.members)
        }
        for one in parts:
            for other in parts:
                yield parts[one], parts[other], curvatures[one * len(parts) + other]

    def _weight(self, arrays: Sequence[Variable]) -> Variable:
        rows = arrays[0].shape[0].astype("float64")
        return 1.0 / rows if self.risk.reduction == "mean" else pt.constant(1.0)

    def _reduce(self, column: Variable, arrays: Sequence[Variable]) -> Variable:
        return column.sum() * self._weight(arrays)

    def _penalty(self, w: Variable) -> Variable:
        return self._scalars(w, [self.risk.penalty])[0]

    def _penalty_gradient(self, w: Variable) -> Variable:
        return self._scalars(w, self.risk.penalty_derivatives(1))

    def _scalars(self, w: Variable, expressions: list[Expr]) -> Variable:
        """Return expressions in the parameters alone, as one vector."""
        if not any(expressions):
            return pt.zeros(len(expressions))
        tensors = {symbol: w[j] for j, symbol in enumerate(self.risk.parameters)}
        return pt.stack(lower_elementwise([stabilize(e) for e in expressions], tensors))


def data_table(
    expressions: tuple[Expr, ...], columns: Mapping[Symbol, np.ndarray], samples: int
) -> np.ndarray:
    """Return expressions of the data on every sample, in NumPy, a column for each."""
    table = np.empty((samples, len(expressions)))
    found = [np.broadcast_to(column, samples) for column in data_columns(expressions, columns)]
    for first in range(0, samples, COPIED_ROWS):
        rows = slice(first, first + COPIED_ROWS)
        for j, column in enumerate(found):
            table[rows, j] = column[rows]
    return table


def data_columns(expressions: tuple[Expr, ...], columns: Mapping[Symbol, np.ndarray]) -> list[Any]:
    """Return expressions of the data, in NumPy: each a column, or one number for all samples."""
    return _table_function(expressions, tuple(columns))(*columns.values())


@lru_cache(maxsize=64)
def _table_function(
    expressions: tuple[Expr, ...], symbols: tuple[Symbol, ...]
) -> Callable[..., list[Any]]:
    return lambdify(list(symbols), list(expressions), np)


@lru_cache(maxsize=64)
def _data_sum(
    loss: Expr,
    penalty: Expr,
    parameters: tuple[Symbol, ...],
    data: tuple[Symbol, ...],
    reduction: str,
    derived_by: str,
) -> DataSum:
    return DataSum(EmpiricalRisk(loss, parameters, data, reduction, penalty), derived_by)


def data_sum(risk: EmpiricalRisk, derived_by: str = "sympy") -> DataSum:
    """Return the graphs of a risk; equal risks share them, and what is compiled from them.

    Raises
    ------
    ValueError
        If `derived_by` is neither `"sympy"` nor `"autodiff"`.
    """
    choice(derived_by, DERIVED_BY, "derived_by")
    stated = (risk.loss, risk.penalty, risk.parameters, risk.data, risk.reduction)
    return _data_sum(*stated, derived_by)
