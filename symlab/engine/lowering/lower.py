"""From SymPy to PyTensor: the only file where the two meet.

sympytensor prints; a subclass adds what it lacks. Expressions of scalars become graphs of float64
scalars; a rule, stated for one coordinate, becomes a graph on whatever tensors it is given; a
matrix recurrence becomes a graph on matrices of the run's dimension; a sum over indexed data
becomes a reduction over vectors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable
from pytensor.graph.replace import vectorize_graph
from pytensor.graph.traversal import explicit_graph_inputs

from symlab.algebra import functions
from symlab.algebra.reductions import reduce_functions
from symlab.checks import shown
from symlab.engine.lowering.counterparts import ADDED, DIFFERENTIABLE
from symlab.engine.lowering.precision import check_precision, in_single_precision
from symlab.engine.lowering.printer import PytensorPrinter
from symlab.engine.lowering.special import LoweringError, apply_function, take_apart
from symlab.engine.lowering.stable_forms import StablePrinting
from symlab.engine.lowering.stable_power_forms import PowerPrinting


class _Printer(StablePrinting, PowerPrinting, PytensorPrinter):
    """sympytensor's printer with our additions, and an error that shows the way out."""

    def __init__(self, added: Mapping[type, Any] = ADDED) -> None:
        super().__init__(cache={}, settings={})
        self.added = added
        self.tensors: dict[sp.Basic, Variable] = {}
        """What stands for each array of data, and for each symbolic length."""

    def _get_or_create(self, symbol: sp.Basic, name: str | None = None, **kwargs: Any) -> Any:
        return super()._get_or_create(symbol, _plain_name(name or symbol.name), **kwargs)

    def _print_Basic(self, expr: sp.Basic, **kwargs: Any) -> Any:
        if type(expr) in self.added:
            printed = (self._print(argument, **kwargs) for argument in expr.args)
            return self.added[type(expr)](*printed)
        try:
            return super()._print_Basic(expr, **kwargs)
        except NotImplementedError:
            return self._print_special(expr, **kwargs)

    def _print_special(self, expr: sp.Basic, **kwargs: Any) -> Any:
        function = take_apart(expr) if isinstance(expr, sp.Expr) else None
        if function is None:
            raise LoweringError(
                f"{shown(expr)} cannot be computed: no backend has {type(expr).__name__}; "
                "write it in other functions."
            )
        return apply_function(
            function, [self._print(part, **kwargs) for part in function.arguments]
        )

    _print_Derivative = _print_Subs = _print_special

    def _print_Integral(self, expr: sp.Integral, **_: Any) -> Any:
        raise LoweringError(
            f"{shown(expr)} cannot be compiled: SymPy finds no closed form. "
            'Run with backend="sympy", which integrates numerically.'
        )

    def _print_unmemoized(self, expr: sp.Basic, **kwargs: Any) -> Any:
        printed = super()._print_unmemoized(expr, **kwargs)
        if isinstance(printed, float) and _is_out_of_range(printed, expr):
            raise LoweringError(
                f"{shown(expr.n(6))} is beyond the range of floats, 2.2e-308 to 1.8e+308."
            )
        return printed

    def _print_xlogx(self, expr: sp.Basic, **kwargs: Any) -> Any:
        # log1p keeps the digits of (1 - x) log(1 - x) near x = 0.
        constant, rest = expr.args[0].as_coeff_Add()
        x = self._print(expr.args[0], **kwargs)
        if constant != 1 or rest == 0:
            return self.added[functions.xlogx](x)
        return pt.switch(pt.eq(x, 0), 0.0, x * pt.log1p(self._print(rest, **kwargs)))

    def _print_Symbol(self, symbol: sp.Symbol, **kwargs: Any) -> Any:
        known = {**self.tensors, **kwargs.get("counters", {})}
        return known[symbol] if symbol in known else super()._print_Symbol(symbol, **kwargs)

    _print_Idx = _print_Dummy = _print_Symbol

    def _print_IndexedBase(self, base: sp.IndexedBase, **_: Any) -> Any:
        if base not in self.tensors:
            raise LoweringError(f"{base} has no value: it is none of the symbols given.")
        return self.tensors[base]

    def _print_Indexed(self, expr: sp.Indexed, **kwargs: Any) -> Any:
        base, counters = self._print_IndexedBase(expr.base), kwargs.get("counters", {})
        if set(expr.indices) <= kwargs.get("whole", frozenset()) and _are_distinct(expr.indices):
            return _spread_axes(base, [list(counters).index(counter) for counter in expr.indices])
        return base[tuple(self._print(index, **kwargs) for index in expr.indices)]

    def _print_reduction(self, X: Any, op: str = "sum", **kwargs: Any) -> Any:
        # Each counter has an axis of its own, in front of those of the sums around it, so that
        # what depends on fewer of them broadcasts by itself.
        counters = dict(kwargs.pop("counters", {}))
        whole = kwargs.pop("whole", frozenset())
        counts: list[tuple[sp.Symbol, Any]] = []
        for counter, first, last in reversed(X.limits):
            if first == 0 and last + 1 in self.tensors:
                whole |= {counter}
            start, stop = (self._print(b, counters=counters, **kwargs) for b in (first, last + 1))
            counts.insert(0, (counter, stop - start))
            numbers = pt.arange(start, stop, dtype="int64")
            counters[counter] = numbers.reshape((-1, *(1,) * len(counters)))
        result = self._print(X.function, counters=counters, whole=whole, **kwargs)
        return _reduce(result, X.function, counts, op)

    def _print_polygamma(self, expr: sp.Basic, **kwargs: Any) -> Any:
        order, z = expr.args
        argument = self._print(z, **kwargs)
        return pt.psi(argument) if order == 0 else pt.polygamma(self._print(order), argument)

    def _print_Piecewise(self, expr: sp.Basic, **kwargs: Any) -> Any:
        # Whole-number pieces would make a 16-bit integer, whose products overflow silently.
        return _cast_to_double(pt.as_tensor(super()._print_Piecewise(expr, **kwargs)))

    def _print_NDimArray(self, expr: Any, **kwargs: Any) -> Any:
        entries = [pt.as_tensor(self._print(entry, **kwargs)) for entry in sp.flatten(expr)]
        return pt.stack(entries).reshape([int(size) for size in expr.shape])

    _print_ImmutableDenseNDimArray = _print_MutableDenseNDimArray = _print_NDimArray


def _plain_name(name: str) -> str:
    """Return a name that PyTensor does not take for a misplaced dtype, as it takes `double`."""
    if len(name) <= len("f8"):
        return name  # which PyTensor allows, because every letter would be one
    try:
        np.dtype(name)
    except TypeError:
        return f"{name}_" if name == "floatX" else name
    except ValueError:  # with a comma it is read as a list of dtypes, in PyTensor too
        return name.replace(",", "_")
    return f"{name}_"


def _is_out_of_range(printed: float, number: sp.Basic) -> bool:
    if np.isinf(printed):
        return number not in (sp.oo, -sp.oo)
    return printed == 0 and number.is_zero is False


def _are_distinct(indices: Sequence[sp.Basic]) -> bool:
    return len(set(indices)) == len(indices)


def _spread_axes(tensor: Variable, places: Sequence[int]) -> Variable:
    """Put each axis of a tensor at its counter's place, counted from the last axis."""
    axes = dict(zip(places, range(tensor.ndim), strict=True))
    return tensor.dimshuffle([axes.get(place, "x") for place in range(max(places), -1, -1)])


def _reduce(
    result: Any, function: sp.Expr, counts: Sequence[tuple[sp.Symbol, Any]], op: str
) -> Variable:
    """Add up, or multiply, over the counters in front, the innermost first."""
    result = _cast_to_double(pt.as_tensor(result))
    for counter, count in counts:
        if function.has(counter):
            result = result.sum(axis=0) if op == "sum" else result.prod(axis=0)
        else:
            if result.ndim and result.type.shape[0] == 1:
                result = result[0]
            result = result * count if op == "sum" else result**count
    return result


def lower(
    expressions: Sequence[sp.Basic],
    symbols: Sequence[sp.Basic],
    *,
    differentiable: bool = False,
    precision: str = "float64",
) -> tuple[list[Variable], list[Variable]]:
    """Return PyTensor variables for the symbols, and the expressions as graphs in them.

    Parameters
    ----------
    expressions : sequence of SymPy expressions or relations
    symbols : sequence of sympy.Symbol and sympy.IndexedBase
        Every free symbol of the expressions, in the order of the inputs. A Symbol becomes a
        scalar, an IndexedBase an array of it, whose first index is 0. A symbol in the bounds of a
        sum may be left out: it is the length of what the sum runs over.
    differentiable : bool
        Whether PyTensor will differentiate the result, which must then have the slopes SymPy has,
        at kinks as well; the last digits of very small numbers are given up for that.
    precision : str
        `"float64"` or `"float32"`: that of the inputs, of the outputs and of all in between.

    Raises
    ------
    LoweringError
        If a part has no counterpart in PyTensor, or a result is not real.
    ValueError
        If the precision is unknown.

    Examples
    --------
    >>> from sympy.abc import i, n, x
    >>> (z,), (square,) = lower([x**2], [x])
    >>> float(square.eval({z: 3.0}))
    9.0
    >>> y = sp.IndexedBase("y")
    >>> (data,), (total,) = lower([sp.Sum(y[i], (i, 0, n - 1))], [y])
    >>> float(total.eval({data: [1.0, 2.0, 4.0]}))
    7.0
    """
    check_precision(precision)
    printer = _Printer(DIFFERENTIABLE if differentiable else ADDED)
    expressions = [reduce_functions(expression) for expression in expressions]
    inputs = [_make_input(printer, symbol, expressions) for symbol in symbols]
    arrays = [symbol for symbol in symbols if isinstance(symbol, sp.IndexedBase)]
    for array in arrays:
        _note_lengths(printer, array, expressions, set(symbols))
    dtypes = {symbol: "float64" for symbol in symbols if symbol not in arrays}
    outputs = [
        _check_real(_print_graph(printer, expression, dtypes), expression)
        for expression in expressions
    ]
    strangers = [entry for entry in explicit_graph_inputs(outputs) if entry not in inputs]
    if strangers:
        raise LoweringError(
            f"{strangers[0]} has no value: it is none of the symbols {list(symbols)}. If it counts "
            "the terms of a sum, write the sum out with expression.doit()."
        )
    return in_single_precision(inputs, outputs) if precision == "float32" else (inputs, outputs)


def _make_input(printer: _Printer, symbol: sp.Basic, expressions: Sequence[sp.Basic]) -> Variable:
    if not isinstance(symbol, sp.IndexedBase):
        return printer.doprint(symbol, dtypes={symbol: "float64"})
    uses = [use for expression in expressions for use in expression.atoms(sp.Indexed)]
    rank = next((use.rank for use in uses if use.base == symbol), len(symbol.shape or (1,)))
    tensor = pt.tensor(_plain_name(str(symbol)), dtype="float64", shape=(None,) * rank)
    printer.tensors[symbol] = tensor
    return tensor


def _note_lengths(
    printer: _Printer, array: sp.IndexedBase, expressions: Sequence[sp.Basic], known: set[sp.Basic]
) -> None:
    """Let each symbolic bound of a sum over an array stand for the length of that axis."""
    tensor = printer.tensors[array]
    for axis, length in enumerate(array.shape or ()):
        if length.is_Symbol and length not in known:
            printer.tensors.setdefault(length, tensor.shape[axis])
    for total in (total for entry in expressions for total in entry.atoms(sp.Sum, sp.Product)):
        uses = [use for use in total.function.atoms(sp.Indexed) if use.base == array]
        for counter, _, last in total.limits:
            axes = [use.indices.index(counter) for use in uses if counter in use.indices]
            for length in last.free_symbols - known - set(total.variables):
                if axes:
                    _check_last(total, last, length)
                    printer.tensors.setdefault(length, tensor.shape[axes[0]])


def _check_last(total: sp.Basic, last: sp.Expr, length: sp.Symbol) -> None:
    if last == length:
        raise LoweringError(
            f"{total} runs past the data: an array of {length} numbers has the indices 0 to "
            f"{length - 1}. Let the sum run from 0 to {length - 1}."
        )


def _print_graph(
    printer: PytensorPrinter, expression: sp.Basic, dtypes: dict[sp.Symbol, str]
) -> Any:
    try:
        return printer.doprint(expression, dtypes=dtypes)
    except OverflowError:
        raise LoweringError(f"{expression} has a number beyond the range of floats.") from None


def _check_real(printed: Any, expression: sp.Basic) -> Variable:
    variable = pt.as_tensor(printed)
    if variable.dtype.startswith("complex"):
        raise LoweringError(f"{expression} is complex; declare its symbols real=True.")
    return variable if variable.dtype == "bool" else _cast_to_double(variable)


def _cast_to_double(variable: Variable) -> Variable:
    kept = variable.dtype == "float64" or variable.dtype.startswith("complex")
    return variable if kept else pt.cast(variable, "float64")


def lower_elementwise(
    expressions: Sequence[sp.Expr],
    tensors: Mapping[sp.Symbol, Variable],
    *,
    differentiable: bool = False,
) -> list[Variable]:
    """Return expressions stated for one coordinate as graphs on tensors of any shape.

    Parameters
    ----------
    expressions : sequence of scalar expressions
    tensors : mapping of symbol to tensor
        What stands for each symbol; the shapes broadcast against each other.
    differentiable : bool
        As for `lower`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> v = pt.dvector()
    >>> lower_elementwise([x + 1], {x: v})[0].eval({v: [1.0, 2.0]}).tolist()
    [2.0, 3.0]
    """
    symbols = list(tensors)
    scalars, graphs = lower(expressions, symbols, differentiable=differentiable)
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
    printer = _Printer()
    sized = [letter.subs(sizes) for letter in letters]
    inputs = [printer.doprint(letter, dtypes={letter: "float64"}) for letter in sized]
    dtypes = dict.fromkeys(sized, "float64")
    outputs = [
        printer.doprint(expression.subs(sizes).doit(), dtypes=dtypes) for expression in expressions
    ]
    return inputs, outputs
