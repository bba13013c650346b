"""Points drawn from the domains of the letters: random with 50 digits, or plain for a reader.

A letter's domain is the one given for it, its own in the alphabet, or what its assumptions say. A
matrix of symbolic size gets a size and entries, and a function of which nothing is known becomes a
polynomial.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

from sympy import (
    Basic,
    Dummy,
    Expr,
    FiniteSet,
    ImmutableMatrix,
    Indexed,
    IndexedBase,
    Integer,
    Interval,
    Lambda,
    MatrixSymbol,
    Mul,
    Pow,
    Rational,
    S,
    Set,
    Symbol,
    oo,
    symbols,
)
from sympy.core.function import AppliedUndef

from symlab.algebra.alphabet import HYPERPARAMETERS, NONNEGATIVE, POSITIVE
from symlab.proofs.evaluation import DIGITS, Point, function_and_order, of_matrices, sizes_in
from symlab.proofs.unknowns import SmoothFunction

REACHES = (3, 30, Rational(1, 3), 300)
"""How far from zero a letter without bounds is drawn: max(x, -10) is x nearby."""
DEGREE, PLAIN_DEGREE = 5, 3
"""The degree of a polynomial drawn for an unknown function: its derivatives are unrelated."""
SIZES = (2, 3, 4)
PLAIN = tuple(Rational(n, 2) for n in (4, 2, -2, 6, 1, -4, 3, -1))
PLAIN_FRACTIONS = (Rational(1, 2), Rational(1, 4), Rational(9, 10))

ANYWHERE, NEGATIVE = Interval(-oo, oo), Interval.open(-oo, 0)

Domains = tuple[tuple[Symbol, Set], ...]


def draw(
    expressions: Iterable[Basic],
    domains: Domains,
    source: Random,
    *,
    style: str = "random",
) -> Point:
    """Return a point that gives every expression a value.

    Parameters
    ----------
    expressions : expressions or matrices
    domains : pairs of letter and set
        Of those letters whose assumptions do not say it all.
    source : random.Random
    style : str
        "random" numbers of 50 digits, "plain" small ones for a reader, or the "origin", where each
        letter is 0 if it may be: there a strict inequality can fail, and nowhere else.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(draw([x**2], (), Random(0), style="plain"))
    x = 3/2
    """
    every = list(expressions)
    numbers = _Source(dict(domains), source, style)
    functions = {
        name: numbers.polynomial(arguments) for name, arguments in sorted(_functions(every).items())
    }
    letters = {letter: numbers.number(letter) for letter in _order(_scalars(every))}
    for matrix in _order(symbol for e in every for symbol in e.atoms(MatrixSymbol)):
        rows, columns = (int(size.subs(letters)) for size in matrix.shape)
        reach = source.choice(REACHES)
        entries = [numbers.entry(reach) for _ in range(rows * columns)]
        letters[matrix] = ImmutableMatrix(rows, columns, entries)
    # Only once sums are carried out is it known which members of a sequence occur.
    carried = [Point(letters, functions).put_into(e) for e in every if e.has(Indexed)]
    for member in _order(each for e in carried for each in e.atoms(Indexed)):
        letters[member] = numbers.entry(REACHES[0])
    return Point(letters, functions)


def finite_cases(expressions: Iterable[Basic], domains: Domains) -> list[dict[Symbol, Expr]]:
    """Return every choice of values for the letters that have only finitely many.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> finite_cases([x * y], ((y, FiniteSet(-1, 1)),))
    [{y: -1}, {y: 1}]
    """
    present = set().union(*(expression.free_symbols for expression in expressions))
    few = {s: set_ for s, set_ in domains if s in present and isinstance(set_, FiniteSet)}
    return [dict(zip(few, values, strict=True)) for values in product(*few.values())]


def positive_letters(expression: Basic, domains: Domains) -> dict[Symbol, Symbol]:
    """Return a letter that SymPy knows to be positive for each whose domain says so.

    Examples
    --------
    >>> from symlab.algebra.alphabet import q
    >>> q.is_positive, [letter.is_positive for letter in positive_letters(q**2, ()).values()]
    (None, [True])
    """
    sets = {letter: _domain(letter) for letter in _scalars([expression])} | dict(domains)
    return {
        letter: Dummy(letter.name, positive=True)
        for letter, domain in sets.items()
        if isinstance(letter, Symbol) and domain.is_subset(POSITIVE)
    }


@dataclass(frozen=True)
class _Source:
    """What numbers are drawn from."""

    domains: Mapping[Symbol, Set]
    source: Random
    style: str

    def number(self, letter: Basic) -> Expr:
        domain = self.domains.get(letter) or _domain(letter)
        if isinstance(domain, FiniteSet):
            return self.source.choice(list(domain))
        if letter.is_integer:
            return Integer(self._draw_whole(letter))
        if self.style == "origin" and 0 in domain and not letter.is_nonzero:
            return S.Zero
        return self._draw_between(domain, self.source.choice(REACHES))

    def _draw_whole(self, letter: Basic) -> int:
        if self.style == "origin":
            return 1 if letter.is_positive else 0
        if letter.is_positive:
            return self.source.choice(SIZES)
        return self.source.randint(0 if letter.is_nonnegative else -SIZES[-1], 2 * SIZES[-1])

    def _draw_between(self, domain: Set, reach: Expr) -> Expr:
        low, high = domain.start, domain.end
        if self.style != "random":
            # A bound itself is left out: a domain may or may not contain it.
            inside = [n for n in (*PLAIN, *PLAIN_FRACTIONS) if low < n < high]
            return self.source.choice(inside[: len(PLAIN)] or [_draw_inside(low, high)])
        bottom = max(low, -reach) if low < reach else low
        top = min(high, bottom + 2 * reach)
        return bottom + (top - bottom) * self._draw_share()

    def entry(self, reach: Expr) -> Expr:
        """Return a coordinate that may be anything up to so far from zero."""
        return S.Zero if self.style == "origin" else self._draw_between(ANYWHERE, reach)

    def _draw_share(self) -> Rational:
        return Rational(self.source.randrange(1, 10**DIGITS), 10**DIGITS)

    def _draw_coefficient(self) -> Expr:
        return self.source.choice(PLAIN) if self.style == "origin" else self.entry(REACHES[0])

    def polynomial(self, arguments: int) -> Lambda:
        variables = symbols("t") if arguments == 1 else symbols(f"t1:{arguments + 1}")
        letters = variables if isinstance(variables, tuple) else (variables,)
        most = DEGREE if self.style == "random" else PLAIN_DEGREE
        powers = [p for p in product(range(most + 1), repeat=arguments) if sum(p) <= most]
        terms = [self._draw_coefficient() * Mul(*map(Pow, letters, power)) for power in powers]
        return Lambda(letters, sum(terms))


def _draw_inside(low: Expr, high: Expr) -> Expr:
    if high == oo:
        return low + 1
    return high - 1 if low == -oo else (low + high) / 2


def _domain(letter: Basic) -> Set:
    if letter in HYPERPARAMETERS:
        return HYPERPARAMETERS[letter].domain
    if letter.is_positive:
        return POSITIVE
    if letter.is_negative:
        return NEGATIVE
    return NONNEGATIVE if letter.is_nonnegative else ANYWHERE


def _functions(expressions: Iterable[Basic]) -> dict[str, int]:
    """Return the number of arguments of every unknown function, by name."""
    nodes = [
        node
        for e in expressions
        for node in e.atoms(SmoothFunction, AppliedUndef)
        if not of_matrices(node)
    ]
    return {function_and_order(node)[0]: len(node.args) for node in nodes}


def _scalars(expressions: Iterable[Basic]) -> set[Basic]:
    """Return the letters that stand for one number, sizes of matrices among them."""
    every = list(expressions)
    sequences = {base: IndexedBase(Dummy()) for e in every for base in e.atoms(IndexedBase)}
    outside = set().union(*(e.xreplace(sequences).free_symbols for e in every))
    if both := {base.label for base in sequences} & outside:
        raise ValueError(f"{_order(both)[0]} is a sequence and a number; rename one of them.")
    free = outside | sizes_in(every)
    labels = {dummy.label for dummy in sequences.values()}
    values = {node for e in every for node in e.atoms(SmoothFunction) if of_matrices(node)}
    return {s for s in free if isinstance(s, Symbol) and s not in labels} | values


def _order(letters: Iterable[Basic]) -> list[Basic]:
    """Return letters once each, in an order that does not change from run to run."""
    return sorted(set(letters), key=str)
