"""SymPy's expressions as functions of JavaScript.

SymPy's own printer knows the operations of arithmetic and the functions of JavaScript's `Math`;
here it learns the functions of the field, which `assets/numbers.js` evaluates without losing
digits, and it refuses what neither knows. A symbol prints as the place its number is read from, so
no name of a user ever becomes code.
"""

from collections.abc import Mapping, Sequence
from itertools import count

from sympy import DiracDelta, Dummy, Expr, Float, Heaviside, Pow, S, Symbol, cse, default_sort_key
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.jscode import JavascriptCodePrinter

from symlab.algebra.functions import define
from symlab.algebra.gate import as_symbolic
from symlab.checks import shown
from symlab.engine.lowering.stabilize import stabilize

HELPERS = {
    **{name: name for name in ("sigmoid", "softplus", "relu", "softsign", "hinge", "xlogx")},
    **{name: name for name in ("logsumexp", "softmax", "logcosh", "cot", "sec", "csc")},
    **{name: f"Math.{name}" for name in ("log1p", "expm1", "hypot")},
}
"""Functions that SymPy's printer lacks, by class, each with the function that evaluates it."""

MOST_MULTIPLIED = 64
"""Whole powers up to this are products: their rounding is then the same in every browser."""


class _Printer(JavascriptCodePrinter):
    """SymPy's printer with our functions, and with each symbol at its place."""

    def __init__(self, places: Mapping[Symbol, str]) -> None:
        super().__init__()
        self.places = dict(places)

    def _print_Symbol(self, expr: Symbol) -> str:
        return self.places[expr]

    _print_Dummy = _print_Symbol

    def _print_Float(self, expr: Float) -> str:
        return repr(float(expr))

    def _print_Rational(self, expr: Expr) -> str:
        # In brackets, because a power or a quotient around it would bind closer.
        return f"({int(expr.p)}/{int(expr.q)})"

    def _print_Pow(self, expr: Pow) -> str:
        base, exponent = self._print(expr.base), expr.exp
        if exponent == S.Half:
            return f"Math.sqrt({base})"
        if exponent == -S.Half:
            return f"(1/Math.sqrt({base}))"
        if exponent.is_Integer and abs(int(exponent)) <= MOST_MULTIPLIED:
            return f"power({base}, {int(exponent)})"
        return f"Math.pow({base}, {self._print(exponent)})"

    def _print_Heaviside(self, expr: Heaviside) -> str:
        return f"step({', '.join(map(self._print, expr.args))})"

    def _print_DiracDelta(self, expr: DiracDelta) -> str:
        return f"pulse({self._print(expr.args[0])})"

    def _print_Function(self, expr: Expr) -> str:
        helper = HELPERS.get(type(expr).__name__)
        if helper is None:
            return super()._print_Function(expr)
        return f"{helper}({', '.join(map(self._print, expr.args))})"


def function_source(
    arguments: str, rows: Sequence[Expr], places: Mapping[Symbol, str], *, single: bool = False
) -> str:
    """Return the source of a function that gives the values of expressions.

    Parameters
    ----------
    arguments : str
        The function's arguments, as JavaScript.
    rows : sequence of sympy.Expr
    places : mapping of symbol to str
        Where the function reads each symbol's number.
    single : bool
        Whether it returns the value of the only row, and not an array.

    Raises
    ------
    ValueError
        If a part has no counterpart; the message names it.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(function_source("x", [x**2 + 1], {x: "x[0]"}, single=True))
    (x) => {
      return power(x[0], 2) + 1;
    }
    """
    names = (Dummy(f"t{i}") for i in count())
    shared, kept = cse([as_symbolic(row, "rows") for row in rows], symbols=names)
    printer = _Printer({**places, **{letter: letter.name for letter, _ in shared}})
    lines = [f"const {letter.name} = {_print(printer, part)};" for letter, part in shared]
    values = [_print(printer, row) for row in kept]
    lines.append(f"return {values[0] if single else '[' + ', '.join(values) + ']'};")
    inside = "\n".join(f"  {line}" for line in lines)
    return f"({arguments}) => {{\n{inside}\n}}"


def stable_source(
    arguments: str, rows: Sequence[Expr], places: Mapping[Symbol, str], *, single: bool = False
) -> str:
    """Return the function of the rows in the form that keeps its digits, where that can be printed.

    Parameters and errors are those of `function_source`.
    """
    try:
        stable = [stabilize(row) for row in rows]
        return function_source(arguments, stable, places, single=single)
    except ValueError:
        plain = [define(row) for row in rows]
        return function_source(arguments, plain, places, single=single)


def _print(printer: _Printer, expression: Expr) -> str:
    try:
        return printer.doprint(expression)
    except (PrintMethodNotImplementedError, NotImplementedError, KeyError):
        part = _unprintable(printer, expression)
        raise ValueError(f"JavaScript has no counterpart of {shown(part)}.") from None


def _unprintable(printer: _Printer, expression: Expr) -> Expr:
    """Return the smallest part of an expression that cannot be printed."""
    for part in sorted(expression.args, key=default_sort_key):
        try:
            printer.doprint(part)
        except (PrintMethodNotImplementedError, NotImplementedError, KeyError):
            return _unprintable(printer, part)
    return expression
