"""Expressions as functions of mpmath numbers, at the working precision.

SymPy's printer for mpmath knows most functions. What it lacks or gets wrong is in a table of ours
(`numeric.MPMATH`), or reduces to others; derivatives that have no formula are taken numerically,
to the working precision, by mpmath.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import mpmath
from sympy import (
    Basic,
    Derivative,
    Expr,
    Float,
    Indexed,
    Integral,
    Lambda,
    Piecewise,
    Product,
    Subs,
    Sum,
    Symbol,
    lambdify,
    nan,
)
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.pycode import MpmathPrinter
from sympy.utilities.lambdify import MPMATH_TRANSLATIONS

from symlab.algebra.numeric import MPMATH
from symlab.algebra.reductions import reduce_functions
from symlab.algebra.working_precision import working_digits
from symlab.checks import shown

WHOLE = (Derivative, Integral, Lambda, Piecewise, Product, Subs, Sum)
"""Nodes out of which no common part may be taken.

They have letters of their own; or branches, of which one must be chosen before 1/x is evaluated.
"""

LARGE = 10_000
"""Whole numbers beyond this one are put in as floats with all their digits."""

MANY = 20
"""Variables beyond which their numbers are put in all at once."""

MOST_TERMS = 100_000
"""Terms of a sum up to which it is added up; for more, SymPy's own formula takes less time."""

GUARDS = (10, 20, 50, 100, 200)
"""Digits beyond those asked for with which a sum is added up, until two in a row agree."""

NO_VALUE = (ZeroDivisionError, ValueError, OverflowError, TypeError, mpmath.libmp.NoConvergence)
"""What mpmath raises at a pole, where numbers are not real, or where a series does not converge."""


class NotComputable(ValueError):
    """An expression has a part that mpmath cannot compute."""


class _Printer(MpmathPrinter):
    """SymPy's printer for mpmath with our table before its own, and what it refuses to print."""

    def _print_from_table(self, expr: Expr) -> str:
        return f"{type(expr).__name__}({', '.join(map(self._print, expr.args))})"

    def _print_Function(self, expr: Expr) -> str:
        name = type(expr).__name__
        if name in self.known_functions:
            return super()._print_Function(expr)
        if name not in MPMATH_TRANSLATIONS and not hasattr(mpmath, name):
            raise _not_computable(expr)
        return self._print_from_table(expr)

    def _print_Derivative(self, expr: Derivative) -> str:
        letters = ", ".join(self._print(letter) for letter, _ in expr.variable_count)
        orders = ", ".join(str(int(order)) for _, order in expr.variable_count)
        one = len(expr.variable_count) == 1
        place, order = (letters, orders) if one else (f"({letters})", f"({orders})")
        diff = self._module_format("mpmath.diff")
        return f"{diff}(lambda {letters}: {self._print(expr.expr)}, {place}, {order})"

    def _print_Subs(self, expr: Subs) -> str:
        letters = ", ".join(map(self._print, expr.variables))
        values = ", ".join(map(self._print, expr.point))
        return f"(lambda {letters}: {self._print(expr.expr)})({values})"

    def _print_Sum(self, expr: Sum) -> str:
        return self._print_terms(expr, "fsum")

    def _print_Product(self, expr: Product) -> str:
        return self._print_terms(expr, "fprod")

    def _print_terms(self, expr: Sum | Product, gathered: str) -> str:
        # A counter is a number of mpmath's too: 1/i of whole numbers would be a float.
        mpf = self._module_format("mpmath.mpf")
        loops = " ".join(
            f"for {self._print(i)} in "
            f"map({mpf}, range(int({self._print(a)}), int({self._print(b)}) + 1))"
            for i, a, b in reversed(expr.limits)
        )
        function = self._module_format(f"mpmath.{gathered}")
        return f"{function}({self._print(expr.function)} {loops})"

    def _print_Indexed(self, expr: Indexed) -> str:
        places = ", ".join(f"int({self._print(index)})" for index in expr.indices)
        return f"{self._print(expr.base.label)}[{places}]"

    def _print_Piecewise(self, expr: Piecewise) -> str:
        if expr.args[-1][1] == True:  # noqa: E712
            return super()._print_Piecewise(expr)
        return super()._print_Piecewise(Piecewise(*expr.args, (nan, True), evaluate=False))


for _name in MPMATH:
    setattr(_Printer, f"_print_{_name}", _Printer._print_from_table)


def _not_computable(part: Basic) -> NotComputable:
    return NotComputable(
        f"{shown(part)} cannot be computed: no backend has {type(part).__name__}; "
        "write it in other functions."
    )


def evaluator(
    expressions: Any,
    symbols: Any,
    table: Mapping[str, Callable[..., Any]] = MPMATH,
    *,
    share: bool = True,
) -> Callable[..., Any]:
    """Return a function of mpmath numbers that evaluates an expression, or a list of them.

    Parameters
    ----------
    expressions : expression, relation or list of them
    symbols : sequence of sympy.Symbol
        The arguments of the function, in order.
    table : mapping of name to callable
        How to evaluate what mpmath does not know under its SymPy name.
    share : bool
        Whether common parts are computed once. SymPy then rebuilds the formula around them, in
        which terms may cancel; without, it is evaluated as it is written.

    Raises
    ------
    NotComputable
        If mpmath has no word for a part.

    Examples
    --------
    >>> import mpmath
    >>> from sympy.abc import x
    >>> from sympy import zeta
    >>> print(evaluator(zeta(x) ** 2, [x])(mpmath.mpf(2)))
    2.70580808427785
    """
    listed = isinstance(expressions, (list, tuple))
    reductions = [
        reduce_functions(expression) for expression in (expressions if listed else [expressions])
    ]
    printer = _Printer(
        {
            "fully_qualified_modules": False,
            "inline": True,
            "allow_unknown_functions": True,
            "user_functions": {name: name for name in table},
        }
    )
    try:
        return lambdify(
            list(symbols),
            reductions if listed else reductions[0],
            [dict(table), "mpmath"],
            printer=printer,
            cse=share and not any(expression.has(*WHOLE) for expression in reductions),
        )
    except PrintMethodNotImplementedError as error:
        part = next((part for part in error.args if isinstance(part, Basic)), reductions[0])
        raise _not_computable(part) from None


@lru_cache(maxsize=256)
def mpmath_function(
    expressions: tuple[Any, ...], symbols: tuple[Symbol, ...]
) -> Callable[..., list[Any]]:
    """Return a function that evaluates the expressions to mpmath's working precision, as a list."""
    return evaluator(list(expressions), symbols)


def value_at(expression: Expr, here: Mapping[Symbol, Expr], digits: int = 30) -> Expr:
    """Return the value of an expression at a point, to some digits.

    SymPy evaluates it where it can; what it leaves, mpmath does, and finite sums, which it adds up
    term by term. NaN stands for no value.

    Examples
    --------
    >>> from sympy import erfcinv
    >>> from sympy.abc import x
    >>> value_at(erfcinv(x), {x: 1}, 5), value_at(x**2, {x: 3}, 5)
    (0, 9.0000)
    """
    stated, here = reduce_functions(expression), _bounded(here, digits)
    # `subs` puts numbers in one after the other, which for many variables takes long.
    at_once = len(here) > MANY and not stated.has(*WHOLE)
    value = stated.xreplace(here) if at_once else stated.subs(here)
    if _has_sums_of_few_terms(value) and (total := _add_up(value, digits)) is not None:
        return total
    value = value.evalf(digits)
    if value.is_Number or value.is_extended_real is False or value.free_symbols:
        return value
    evaluate = evaluator(value, [])
    with working_digits(digits):
        try:
            return Float(mpmath.mpf(evaluate()), digits)
        except NO_VALUE:
            return nan


def _bounded(here: Mapping[Symbol, Expr], digits: int) -> dict[Symbol, Expr]:
    """Return a point whose large whole numbers are floats that hold all their digits.

    SymPy would write 2**(10**17) out, digit by digit.
    """
    large = {
        symbol: Float(number, digits + len(str(number)))
        for symbol, number in here.items()
        if getattr(number, "is_Integer", False) and abs(number) > LARGE
    }
    return {**here, **large}


def _has_sums_of_few_terms(value: Expr) -> bool:
    """Whether an expression is a number with sums in it, each of which can be added up."""
    sums = value.atoms(Sum)
    return bool(sums) and not value.free_symbols and all(map(_has_few_terms, sums))


def _has_few_terms(total: Sum) -> bool:
    counts = [b - a + 1 for part in total.atoms(Sum) for _, a, b in part.limits]
    whole = all(count.is_Integer and count.is_positive for count in counts)
    return whole and math.prod(map(int, counts)) <= MOST_TERMS


def _add_up(value: Expr, digits: int) -> Float | None:
    """Return a real number with sums in it, to the last digit; None where there is none.

    The digits that cancel between terms are not known before: so it is computed twice, with more
    guard digits, and then with more again until both agree.
    """
    evaluate = evaluator(value, [], share=False)
    found = list[mpmath.mpf]()
    for guard in GUARDS:
        with working_digits(digits + guard):
            try:
                found.append(mpmath.mpf(evaluate()))
            except NO_VALUE:
                return None
            if len(found) > 1 and abs(found[-1] - found[-2]) <= abs(found[-1]) / 10**digits / 1000:
                return Float(found[-1], digits)
    return None
