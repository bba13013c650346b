"""Formulas as text, in natural order: x2 before x10."""

import re
from collections.abc import Iterable

from sympy import Basic, Dummy, Indexed, Symbol
from sympy.printing.str import StrPrinter

from symlab.algebra.order import natural_key


def spell(expression: Basic) -> str:
    """Return a formula as SymPy prints it, but with x2 before x10.

    SymPy orders terms by the letters of names. So they are printed under names whose numbers have
    equally many digits, and those are then spelled as they were.

    Examples
    --------
    >>> from sympy import symbols
    >>> x1, x9, x10 = symbols("x1 x9 x10")
    >>> spell(x1**2 + x10**2 + x9**2), str(x1**2 + x10**2 + x9**2)
    ('x1**2 + x9**2 + x10**2', 'x1**2 + x10**2 + x9**2')
    """
    symbols = sorted(expression.atoms(Symbol), key=natural_key)
    names = [symbol.name for symbol in symbols]
    if names == sorted(names) or expression.atoms(Dummy, Indexed):
        return str(expression)
    ranked = {symbol: _pad_numbers(symbol, symbols) for symbol in symbols}
    if len({padded.name for padded in ranked.values()}) < len(symbols):  # x1 beside x01
        return str(expression)
    names_of = {padded: symbol.name for symbol, padded in ranked.items()}
    return _Natural(names_of).doprint(expression.xreplace(ranked))


def _pad_numbers(symbol: Symbol, symbols: Iterable[Symbol]) -> Symbol:
    """Return a symbol whose name sorts among others as people count."""
    width = max(len(digits) for s in symbols for digits in re.findall("[0-9]+", s.name) or [""])
    name = re.sub("[0-9]+", lambda found: found[0].zfill(width), symbol.name)
    return Symbol(name, **symbol.assumptions0)


class _Natural(StrPrinter):
    """SymPy's printer, which prints other names than it sorts by."""

    def __init__(self, names: dict[Symbol, str]) -> None:
        super().__init__()
        self.names = names

    def _print_Symbol(self, expr: Symbol) -> str:
        return self.names.get(expr, expr.name)
