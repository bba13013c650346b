"""The tree of a formula as typed, and its plain spelling; SymPy has not seen it yet."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A decimal number, as it was typed."""

    digits: str


@dataclass(frozen=True)
class Name:
    """A variable or a constant."""

    name: str


@dataclass(frozen=True)
class Sum:
    """Terms, each with its sign (1 or -1); a lone negative term is a sum of one."""

    terms: tuple[tuple[int, "Tree"], ...]


@dataclass(frozen=True)
class Product:
    """Factors, each with `*` or `/` before it, worked off from left to right."""

    factors: tuple[tuple[str, "Tree"], ...]


@dataclass(frozen=True)
class Power:
    """A base and its exponent."""

    base: "Tree"
    exponent: "Tree"


@dataclass(frozen=True)
class Call:
    """A function's name and its arguments."""

    name: str
    arguments: tuple["Tree", ...]


type Tree = Number | Name | Sum | Product | Power | Call


def product(*factors: Tree) -> Tree:
    """Return the product of trees, the tree itself if there is one."""
    return factors[0] if len(factors) == 1 else Product(tuple(("*", each) for each in factors))


def quotient(numerator: Tree, denominator: Tree) -> Tree:
    """Return a fraction."""
    return Product((("*", numerator), ("/", denominator)))


def spell_tree(tree: Tree) -> str:
    """Return the plain spelling of a tree: every `*`, `**` and bracket that it needs.

    Examples
    --------
    >>> spell_tree(Power(Sum(((1, Name("x")), (-1, Number("1")))), Number("2")))
    '(x - 1)**2'
    """
    match tree:
        case Number(digits=digits):
            return digits
        case Name(name=name):
            return name
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(spell_tree, arguments))})"
        case Power(base=base, exponent=exponent):
            return f"{_bracket(base)}**{_bracket(exponent)}"
        case Product(factors=factors):
            return "".join(_spell_factors(factors))
        case Sum(terms=terms):
            return "".join(_spell_terms(terms))


def names_in(tree: Tree) -> Iterator[str]:
    """Yield the names of variables and constants, from left to right."""
    match tree:
        case Name(name=name):
            yield name
        case Call(arguments=inner):
            pass
        case Power(base=base, exponent=exponent):
            inner = (base, exponent)
        case Product(factors=pairs) | Sum(terms=pairs):
            inner = tuple(each for _, each in pairs)
    if not isinstance(tree, (Name, Number)):
        for each in inner:
            yield from names_in(each)


def _bracket(tree: Tree) -> str:
    return spell_tree(tree) if isinstance(tree, (Number, Name, Call)) else f"({spell_tree(tree)})"


def _spell_factors(factors: tuple[tuple[str, Tree], ...]) -> Iterator[str]:
    for place, (operator, factor) in enumerate(factors):
        inside = spell_tree(factor) if isinstance(factor, Power) else _bracket(factor)
        yield inside if place == 0 else f"{operator}{inside}"


def _spell_terms(terms: tuple[tuple[int, Tree], ...]) -> Iterator[str]:
    for place, (sign, term) in enumerate(terms):
        mark = "-" if sign < 0 else "+"
        if place:
            yield f" {mark} "
        elif sign < 0:
            yield mark
        yield f"({spell_tree(term)})" if isinstance(term, Sum) else spell_tree(term)
