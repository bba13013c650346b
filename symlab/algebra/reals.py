"""Every variable is a real number, whether its symbol says so or not.

`symbols("x")` says nothing, and SymPy then takes x for a complex number: |x| gets a derivative that
has real and imaginary parts in it. So calculus is done with twins: the same symbols, declared
real. The result is put back in the symbols that were given.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache

from sympy import (
    Abs,
    Add,
    Basic,
    Dummy,
    Expr,
    Heaviside,
    Mul,
    Pow,
    Rational,
    Symbol,
    arg,
    conjugate,
    cos,
    exp,
    im,
    pi,
    preorder_traversal,
    re,
    sign,
    sin,
    tanh,
)

from symlab.algebra.order import natural_key

_log = logging.getLogger("symlab")

COMPLEX = (Abs, sign, re, im, conjugate, arg)
"""Functions that SymPy differentiates otherwise where it may take their argument for complex."""


@lru_cache(maxsize=4096)
def real_twin(symbol: Symbol) -> Symbol:
    """Return the symbol declared real, with all else it says of itself; itself if it is real.

    Examples
    --------
    >>> x = Symbol("x")
    >>> real_twin(x) == Symbol("x", real=True), real_twin(Symbol("k", integer=True)).is_integer
    (True, True)
    """
    if symbol.is_real is not None:
        return symbol
    said = {**symbol.assumptions0, "real": True}
    return Dummy(symbol.name, **said) if isinstance(symbol, Dummy) else Symbol(symbol.name, **said)


def real_twins(expression: Basic) -> dict[Symbol, Symbol]:
    """Return the twin of each symbol of an expression that does not say it is real."""
    free = (symbol for symbol in expression.free_symbols if isinstance(symbol, Symbol))
    return {symbol: real_twin(symbol) for symbol in free if symbol.is_real is None}


def simplify_as_real(expression: Expr) -> Expr:
    """Return an expression simplified as one of real variables, in the symbols it came in.

    Examples
    --------
    >>> x = Symbol("x")
    >>> simplify_as_real(re(x) * conjugate(x) + im(x))
    x**2
    """
    known = real_twins(expression)
    taken = expression.xreplace(known)
    # The angle of a real number is 0 or pi: a step, which every backend has.
    plain = taken.replace(arg, lambda z: pi * Heaviside(-z, 0) if z.is_real else arg(z))
    return plain.xreplace({twin: symbol for symbol, twin in known.items()})


def is_elementary(expression: Basic) -> bool:
    """Return whether an expression is made of sums, products and functions real for all numbers.

    SymPy knows that it is real then, but takes seconds to find out for a thousand terms.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> is_elementary((1 - x)**2 / 3 + exp(x)), is_elementary(x**pi), is_elementary(1 / x)
    (True, False, False)
    """
    return all(_is_elementary_node(node) for node in preorder_traversal(expression))


def _is_elementary_node(node: Basic) -> bool:
    if isinstance(node, Pow):
        return node.exp.is_Integer and bool(node.exp > 0)
    if isinstance(node, Symbol):
        return node.is_real is not False
    return isinstance(node, (Rational, Add, Mul, exp, sin, cos, tanh))


def check_real(symbols: Iterable[Symbol], argument: str) -> None:
    """Refuse symbols that say they are not real.

    Raises
    ------
    ValueError
        Naming the argument and the symbol.
    """
    for symbol in symbols:
        if symbol.is_real is False:
            raise ValueError(
                f"{argument}: expected real symbols, got {symbol}, which is declared not real."
            )


def different_assumptions(unknown: Iterable[Symbol], names: Iterable[str]) -> str:
    """Return what to add to an error on unknown symbols, if their names are known after all."""
    same = [symbol.name for symbol in unknown if symbol.name in set(names)]
    return "; symbols of one name with different assumptions are different" if same else ""


def note_taken_as_real(expression: object, symbols: Iterable[Symbol]) -> None:
    """Say once that symbols are taken as real, where it makes a difference."""
    unsaid = tuple(sorted({s.name for s in symbols if s.is_real is None}, key=natural_key))
    if unsaid and isinstance(expression, Basic) and expression.has(*COMPLEX):
        _note(unsaid)


@lru_cache(maxsize=1024)
def _note(names: tuple[str, ...]) -> None:
    _log.warning(
        "%s: taken as real; symbols(%r, real=True) says so.", ", ".join(names), " ".join(names)
    )
