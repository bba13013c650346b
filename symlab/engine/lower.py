"""From SymPy to PyTensor: the only file where the two meet.

sympytensor prints; a subclass adds what it lacks. Expressions of scalars become graphs of float64
scalars; a rule, stated for one coordinate, becomes a graph on whatever tensors it is given; a
matrix recurrence becomes a graph on matrices of the run's dimension.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable
from pytensor.graph.replace import vectorize_graph
from pytensor.graph.traversal import explicit_graph_inputs
from sympy.codegen import cfunctions
from sympytensor.pytensor import PytensorPrinter

from symlab.algebra import functions


class LoweringError(ValueError):
    """An expression has a part that PyTensor cannot compute."""


def _sigmoid(z: Variable) -> Variable:
    # exp never overflows here, and small results keep their digits down to the subnormal numbers.
    return pt.exp(pt.minimum(z, 0)) / (1 + pt.exp(-pt.abs(z)))


def _heaviside(z: Variable, at_zero: Any = 0.5) -> Variable:
    return pt.switch(pt.eq(z, 0), at_zero, pt.cast(pt.gt(z, 0), "float64"))


def _dirac_delta(z: Variable, *_: Any) -> Variable:
    # The slope of a jump: nothing beside it, and no finite number on it.
    return pt.switch(pt.eq(z, 0), np.inf, pt.zeros_like(z))


ADDED = {
    functions.sigmoid: _sigmoid,
    functions.softplus: pt.softplus,
    functions.relu: lambda z: pt.maximum(z, 0),
    functions.softsign: lambda z: z / (1 + pt.abs(z)),
    functions.hinge: lambda z: pt.maximum(1 - z, 0),
    cfunctions.log1p: pt.log1p,
    cfunctions.expm1: pt.expm1,
    cfunctions.exp2: pt.exp2,
    cfunctions.log2: pt.log2,
    cfunctions.log10: pt.log10,
    sp.Heaviside: _heaviside,
    sp.DiracDelta: _dirac_delta,
    sp.sec: lambda z: 1 / pt.cos(z),
    sp.csc: lambda z: 1 / pt.sin(z),
    sp.cot: lambda z: 1 / pt.tan(z),
    sp.sech: lambda z: 1 / pt.cosh(z),
    sp.csch: lambda z: 1 / pt.sinh(z),
    sp.coth: lambda z: 1 / pt.tanh(z),
    sp.sinc: lambda z: pt.switch(pt.eq(z, 0), 1.0, pt.sin(z) / z),
    sp.erfc: pt.erfc,
    sp.erfinv: pt.erfinv,
    sp.polygamma: pt.polygamma,
    sp.digamma: pt.psi,
}
"""What sympytensor does not print, by SymPy class."""


class _Printer(PytensorPrinter):
    """sympytensor's printer with our additions, and an error that shows the way out."""

    def _print_Basic(self, expr: sp.Basic, **kwargs: Any) -> Any:
        if type(expr) in ADDED:
            return ADDED[type(expr)](*(self._print(argument, **kwargs) for argument in expr.args))
        try:
            return super()._print_Basic(expr, **kwargs)
        except NotImplementedError:
            raise LoweringError(
                f"{expr} cannot be compiled: PyTensor has no {type(expr).__name__}. Rewrite it in "
                'elementary functions (expression.rewrite(...)), or run with backend="sympy".'
            ) from None

    def _print_polygamma(self, expr: sp.Basic, **kwargs: Any) -> Any:
        order, z = expr.args
        argument = self._print(z, **kwargs)
        return pt.psi(argument) if order == 0 else pt.polygamma(self._print(order), argument)

    def _print_Piecewise(self, expr: sp.Basic, **kwargs: Any) -> Any:
        # Whole-number pieces would make a 16-bit integer, whose products overflow silently.
        return _in_doubles(pt.as_tensor(super()._print_Piecewise(expr, **kwargs)))

    def _print_NDimArray(self, expr: Any, **kwargs: Any) -> Any:
        entries = [pt.as_tensor(self._print(entry, **kwargs)) for entry in sp.flatten(expr)]
        return pt.stack(entries).reshape(expr.shape)

    _print_ImmutableDenseNDimArray = _print_MutableDenseNDimArray = _print_NDimArray


def lower(
    expressions: Sequence[sp.Basic], symbols: Sequence[sp.Symbol]
) -> tuple[list[Variable], list[Variable]]:
    """Return PyTensor scalars for the symbols, and the expressions as graphs in them.

    Parameters
    ----------
    expressions : sequence of SymPy expressions or relations
    symbols : sequence of SymPy symbols
        Every free symbol of the expressions, in the order of the inputs.

    Raises
    ------
    LoweringError
        If a part has no counterpart in PyTensor, or a result is not real.

    Examples
    --------
    >>> from sympy.abc import x
    >>> (z,), (square,) = lower([x**2], [x])
    >>> float(square.eval({z: 3.0}))
    9.0
    """
    printer = _Printer(cache={}, settings={})
    inputs = [printer.doprint(symbol, dtypes={symbol: "float64"}) for symbol in symbols]
    dtypes = dict.fromkeys(symbols, "float64")
    outputs = [
        _real(_printed(printer, expression, dtypes), expression) for expression in expressions
    ]
    strangers = [entry for entry in explicit_graph_inputs(outputs) if entry not in inputs]
    if strangers:
        raise LoweringError(
            f"{strangers[0]} has no value: it is none of the symbols {list(symbols)}. If it counts "
            "the terms of a sum, write the sum out with expression.doit()."
        )
    return inputs, outputs


def _printed(printer: PytensorPrinter, expression: sp.Basic, dtypes: dict[sp.Symbol, str]) -> Any:
    try:
        return printer.doprint(expression, dtypes=dtypes)
    except OverflowError:
        raise LoweringError(f"{expression} has a number beyond the range of floats.") from None


def _real(printed: Any, expression: sp.Basic) -> Variable:
    variable = pt.as_tensor(printed)
    if variable.dtype.startswith("complex"):
        raise LoweringError(f"{expression} is complex; declare its symbols real=True.")
    return variable if variable.dtype == "bool" else _in_doubles(variable)


def _in_doubles(variable: Variable) -> Variable:
    kept = variable.dtype == "float64" or variable.dtype.startswith("complex")
    return variable if kept else pt.cast(variable, "float64")


def lower_elementwise(
    expressions: Sequence[sp.Expr], tensors: Mapping[sp.Symbol, Variable]
) -> list[Variable]:
    """Return expressions stated for one coordinate as graphs on tensors of any shape.

    Parameters
    ----------
    expressions : sequence of scalar expressions
    tensors : mapping of symbol to tensor
        What stands for each symbol; the shapes broadcast against each other.

    Examples
    --------
    >>> from sympy.abc import x
    >>> v = pt.dvector()
    >>> lower_elementwise([x + 1], {x: v})[0].eval({v: [1.0, 2.0]}).tolist()
    [2.0, 3.0]
    """
    symbols = list(tensors)
    scalars, graphs = lower(expressions, symbols)
    # An output that is the bare input, or a constant, is no graph that could be vectorised.
    outputs = vectorize_graph(
        [pt.identity(graph) if graph in scalars else graph for graph in graphs],
        dict(zip(scalars, tensors.values(), strict=True)),
    )
    return list(outputs)


def lower_matrices(
    expressions: Sequence[sp.MatrixExpr],
    letters: Sequence[sp.MatrixSymbol],
    sizes: Mapping[sp.Symbol, int],
) -> tuple[list[Variable], list[Variable]]:
    """Return PyTensor matrices for the letters, and matrix expressions as graphs in them.

    Parameters
    ----------
    expressions : sequence of matrix expressions
        Their scalar symbols must have been replaced by numbers.
    letters : sequence of MatrixSymbol
        The inputs, of symbolic dimension.
    sizes : mapping of symbol to int
        The value of each symbolic dimension.
    """
    printer = _Printer(cache={}, settings={})
    sized = [letter.subs(sizes) for letter in letters]
    inputs = [printer.doprint(letter, dtypes={letter: "float64"}) for letter in sized]
    dtypes = dict.fromkeys(sized, "float64")
    outputs = [
        printer.doprint(expression.subs(sizes).doit(), dtypes=dtypes) for expression in expressions
    ]
    return inputs, outputs
