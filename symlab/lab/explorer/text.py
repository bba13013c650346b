"""Formulas as a page shows them: in Unicode, and with gaps that numbers are put into."""

import re
from collections.abc import Iterable

from sympy import Add, Expr, Symbol
from sympy.printing.pretty.pretty_symbology import pretty_symbol
from sympy.printing.str import StrPrinter

from symlab.algebra.printing import spell

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def as_unicode(expression: Expr) -> str:
    """Return a formula as it is read, with signs and superscripts of Unicode.

    Examples
    --------
    >>> from sympy.abc import x
    >>> as_unicode(2 - 3*x**3 + x**4)
    'x⁴ − 3x³ + 2'
    """
    stated = _dress(with_letters(spell(expression), expression.free_symbols))
    return re.sub(r"(?<![\w.])(\d+)·(?=[^\W\d])", r"\1", stated)


def with_letters(text: str, letters: Iterable[Symbol]) -> str:
    """Return a text in which the names of letters stand as they are written.

    Examples
    --------
    >>> with_letters("x1 = 2, alpha = 1", [Symbol("x1"), Symbol("alpha")])
    'x₁ = 2, α = 1'
    """
    written = {letter.name: letter_text(letter) for letter in letters}
    return re.sub(r"\w+", lambda found: written.get(found[0], found[0]), text)


def template(expression: Expr, letters: Iterable[Symbol], first: Symbol | None = None) -> str:
    """Return a formula in which every one of `letters` stands in braces, to be replaced.

    Where `first` is one of the terms, it comes before the others.

    Examples
    --------
    >>> from sympy.abc import a, x
    >>> template(x - a * x**2, [a, x], first=x)
    '{x} − {a}·{x}²'
    """
    terms = Add.make_args(expression)
    ordered = sorted(terms, key=lambda term: term != first) if first in terms else terms
    gaps = {letter: Symbol("{" + letter.name + "}") for letter in letters}
    stated = [term.xreplace(gaps) for term in ordered]
    order = "none" if first in terms else None
    return _dress(StrPrinter({"order": order}).doprint(Add(*stated, evaluate=False)))


def letter_text(letter: Symbol) -> str:
    """Return a letter as it is written, such as β₁ for beta1."""
    return pretty_symbol(letter.name)


def _dress(text: str) -> str:
    raised = re.sub(r"\*\*(\d+)", lambda found: found[1].translate(SUPERSCRIPTS), text)
    signs = (("**", "^"), ("*", "·"), ("-", "−"), ("sqrt(", "√("), ("Max(", "max("))
    for old, new in (*signs, ("Abs(", "abs(")):
        raised = raised.replace(old, new)
    return raised
