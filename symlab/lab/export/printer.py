"""SymPy's expressions as source text of a programming language.

One printer for all languages: what differs between them is in a table (`language`). It knows the
functions of the field, whose helpers lose no digits, and refuses what a language does not have. A
symbol prints as the place its number is read from, so no name of a user ever becomes code.
"""

import math
import re
from collections.abc import Mapping
from functools import reduce
from typing import Any

from sympy import Add, Basic, Expr, Mul, Pow, Rational, S, Symbol, default_sort_key, exp, expand
from sympy.printing.printer import Printer

from symlab.checks import shown
from symlab.lab.export.language import Language

MOST_MULTIPLIED = 64
"""Whole powers up to this are printed as such; beyond, as powers of floats."""

EXACT = 2**53
"""Whole numbers below this are floats."""

RELATIONS = {"StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">="}

DIGITS = 40
"""Digits to which a constant is worked out before it is rounded to a float."""

ATOM = re.compile(r"[\w.]+|\d+(\.\d+)?e[+-]?\d+")


class NoCounterpart(ValueError):
    """A part of an expression that a language does not have."""


class SourcePrinter(Printer):
    """Prints expressions in one language, each symbol at its place."""

    def __init__(self, language: Language, places: Mapping[Symbol, str]) -> None:
        super().__init__()
        self.language = language
        self.places = dict(places)

    def doprint(self, expr: Basic) -> str:
        """Return the text of an expression.

        Raises
        ------
        NoCounterpart
            If the language lacks a part; the message names it.
        """
        return str(self._print(expr))

    def emptyPrinter(self, expr: Any) -> str:
        """Refuse what no method below prints."""
        raise NoCounterpart(f"{self.language.name} has no counterpart of {shown(expr)}.")

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if isinstance(expr, Expr) and expr.is_number and not expr.is_Rational:
            return _spell_float(self._constant(expr))
        return str(super()._print(expr, **kwargs))

    def _constant(self, expr: Expr) -> Expr:
        """Return the number that a constant is, worked out before it is rounded."""
        if expr in (S.Infinity, S.NegativeInfinity, S.NaN):
            return expr
        value = expr.evalf(DIGITS)
        if not (value.is_extended_real and value.is_number):
            self.emptyPrinter(expr)
        return value

    def _print_Symbol(self, expr: Symbol) -> str:
        if expr not in self.places:
            self.emptyPrinter(expr)
        return self.places[expr]

    _print_Dummy = _print_Symbol

    def _print_Integer(self, expr: Any) -> str:
        return str(int(expr)) if abs(int(expr)) < 2**31 else _spell_float(expr)

    def _print_Rational(self, expr: Any) -> str:
        p, q = int(expr.p), int(expr.q)
        decimal = repr(p / q) if abs(p) < EXACT and q < EXACT else _spell_float(expr)
        if len(decimal) <= len(f"{p}/{q}") + 6 or max(abs(p), q) >= EXACT:
            return decimal
        return f"{p}{self.language.decimal}/{q}{self.language.decimal}"

    def _print_Infinity(self, _: Expr) -> str:
        return self.language.infinity

    def _print_NegativeInfinity(self, _: Expr) -> str:
        return f"-{self.language.infinity}"

    def _print_NaN(self, _: Expr) -> str:
        return self.language.nan

    def _print_Add(self, expr: Add) -> str:
        text = ""
        for term in self._terms(expr):
            printed = self._print(term)
            negative = printed.startswith("-")
            joined = " - " if negative else " + "
            text += (joined if text else "-" * negative) + printed.removeprefix("-")
        return text

    def _terms(self, expr: Add) -> list[Expr]:
        """Return the terms as SymPy writes them, one without a minus first where there is one."""
        ordered = expr.as_ordered_terms()
        first = next((t for t in ordered if not t.could_extract_minus_sign()), ordered[0])
        return [first, *(term for term in ordered if term is not first)]

    def _print_Mul(self, expr: Mul) -> str:
        number, rest = expr.as_coeff_Mul()
        sign = "-" if number.is_negative else ""
        above, below = _fraction(rest)
        p, q = _quotient(abs(number))
        top = [self._factor(p)] * (p != 1 or not above) + [self._factor(each) for each in above]
        bottom = [self._factor(q)] * (q != 1) + [self._factor(each) for each in below]
        product = "*".join(top)
        if not bottom:
            return sign + product
        under = bottom[0] if len(bottom) == 1 and _is_atom(bottom[0]) else f"({'*'.join(bottom)})"
        return f"{sign}{product}/{under}"

    def _factor(self, expr: Expr) -> str:
        """Return the text of a factor, in brackets where it is a sum or a quotient."""
        text = self._print(expr)
        return text if _is_product(text) else f"({text})"

    def _operand(self, expr: Expr) -> str:
        text = self._print(expr)
        return text if _is_atom(text) else f"({text})"

    def _print_Pow(self, expr: Pow) -> str:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent.is_negative:
            return self._print_Mul(expr)
        if exponent == S.Half:
            return self.language.root.format(base=self._print(base))
        if exponent == 2 and base.is_Symbol:
            return f"{self._print(base)}*{self._print(base)}"
        whole = exponent.is_Integer and int(exponent) <= MOST_MULTIPLIED
        form = self.language.whole_power if whole else self.language.power
        inner = self._operand(base) if form.startswith("{") else self._print(base)
        return form.format(base=inner, exponent=self._print(exponent))

    def _print_ExpBase(self, expr: Expr) -> str:
        return self._call("exp", [expr.exp])

    _print_exp = _print_ExpBase

    def _print_Function(self, expr: Expr) -> str:
        name = type(expr).__name__
        if name in self.language.functions:
            return self._call(name, list(expr.args))
        if hasattr(expr, "definition"):
            return f"({self._print(expr.definition())})"
        return self.emptyPrinter(expr)

    def _call(self, name: str, arguments: list[Expr]) -> str:
        word = self.language.functions[name]
        printed = [self._print(argument) for argument in arguments]
        if name in self.language.in_pairs and len(printed) > 1:
            return reduce(lambda one, other: f"{word}({one}, {other})", printed)
        return f"{word}({', '.join(printed)})"

    def _print_exp2(self, expr: Any) -> str:
        return self._print(Pow(2, expr.args[0]))

    _print_Abs = _print_Mod = _print_Max = _print_Min = _print_Heaviside = _print_DiracDelta = (
        _print_Function
    )

    def _print_logquotient(self, expr: Any) -> str:
        return self._call(type(expr).__name__, [*expr.args, expr.difference()])

    _print_logdifference = _print_xlogquotient = _print_logquotient

    def _print_lineless(self, expr: Any) -> str:
        return self._call("lineless", [*expr.args, expr.square_difference()])

    def _print_logpowers(self, expr: Any) -> str:
        """Print a logarithm of 1 + x² by log1p, which keeps its digits near x = 0."""
        constant = Add(*(term for term in expr.args if term.is_number))
        rest = expand(Add(*expr.args) - 1)
        return self._call(*(("log1p", [rest]) if constant >= S.Half else ("log", [rest + 1])))

    def _print_softmax(self, expr: Any) -> str:
        """Print the quotient by exp of the others: C has no function of any number of numbers."""
        if "softmax" in self.language.functions:
            return self._call("softmax", list(expr.args))
        first, *others = expr.args
        return f"1/({self._print(1 + Add(*(exp(each - first) for each in others)))})"

    def _print_unit(self, expr: Any) -> str:
        length = self._call("hypot", list(expr.args))
        return f"{self._operand(expr.args[0])}/{length}"

    def _print_Piecewise(self, expr: Any) -> str:
        text = self.language.nan
        for value, test in reversed(expr.args):
            printed = self._print(value)
            if test == True:  # noqa: E712
                text = printed
                continue
            text = self.language.conditional.format(test=self._print(test), yes=printed, no=text)
        return text

    def _print_And(self, expr: Any) -> str:
        return f"({self.language.both.join(self._print(each) for each in _ordered(expr))})"

    def _print_Or(self, expr: Any) -> str:
        return f"({self.language.either.join(self._print(each) for each in _ordered(expr))})"

    def _print_Not(self, expr: Any) -> str:
        return f"{self.language.negated}({self._print(expr.args[0])})"

    def _print_Relational(self, expr: Any) -> str:
        signs = {"Equality": self.language.equal, "Unequality": self.language.unequal, **RELATIONS}
        return f"{self._print(expr.lhs)} {signs[type(expr).__name__]} {self._print(expr.rhs)}"


def _ordered(expr: Any) -> list[Any]:
    return sorted(expr.args, key=default_sort_key)


def _fraction(expr: Expr) -> tuple[list[Expr], list[Expr]]:
    """Return the factors above and below the line."""
    above, below = [], []
    for factor in [] if expr == 1 else expr.as_ordered_factors():
        if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return above, below


def _quotient(number: Expr) -> tuple[Expr, Expr]:
    """Return numerator and denominator, where both are floats; else the number over 1."""
    if number.is_Rational and max(int(number.p), int(number.q)) < EXACT:
        return Rational(number.p), Rational(number.q)
    return number, S.One


def _spell_float(number: Expr) -> str:
    """Return the shortest decimal that is the float next to a number."""
    try:
        value = int(number.p) / int(number.q) if number.is_Rational else float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value) or (value == 0) != (number == 0):
        raise ValueError(f"{shown(number.n(6))} is beyond the range of floats.")
    return repr(value)


def _outermost(text: str) -> str:
    """Return a text without what stands in brackets."""
    depth, kept = 0, []
    for sign in re.sub(r"(?<![\w.])(\d+(\.\d+)?)e[+-]?\d+", r"\1", text):
        depth -= sign in ")]"
        if not depth and sign not in ")]":
            kept.append(sign)
        depth += sign in "(["
    return "".join(kept)


def _is_atom(text: str) -> bool:
    """Whether a text is a name, a number, a call or in brackets."""
    return re.fullmatch(r"[\w.]*[(\[]?", _outermost(text)) is not None


def _is_product(text: str) -> bool:
    """Whether a text may stand in a product as it is."""
    return re.fullmatch(r"[\w.(\[*]*", _outermost(text)) is not None
