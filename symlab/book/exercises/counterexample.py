"""The smallest point at which two formulas differ, so that a reader can check it by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from sympy import Expr, Integer, Interval, Rational, Set, Symbol, floor, oo
from sympy.sets.fancysets import Naturals, Naturals0

from symlab.algebra.numbers import as_decimal

PLAIN = tuple(Rational(n, 2) for n in (0, 2, -2, 4, -4, 1, -1, 6, -6))
"""What is put in for a letter, the plainest first: 0, 1, -1, 2, -2, 1/2, -1/2, 3, -3."""
FRACTIONS = (Rational(1, 2), Rational(1, 4), Rational(3, 4))
"""What is put in for a letter that lies between 0 and 1."""
MOST_POINTS = 24
MOST_TRIED = 1000
"""Points put in order of size; of many letters only the plainest values are tried."""
MOST_DENOMINATOR = 1000
PRECISIONS = (5, 9, 13, 17)
"""Digits with which two values are shown, as many as it takes to tell them apart."""
DIGITS, TOLERANCE = 30, Rational(1, 10**25)

Domains = Mapping[Symbol, Set]
Values = Mapping[Symbol, Expr]


@dataclass(frozen=True)
class Difference:
    """A point, and the two values there, of which the second is the right one.

    Where what was given has no real value it is None.
    """

    point: Values
    given: Expr | None
    right: Expr

    @property
    def place(self) -> str:
        """The point in words, such as `x = 1, y = 0`; empty where there are no letters."""
        return show_point(self.point)

    @property
    def is_too_large(self) -> bool:
        """Whether the first value is above the right one."""
        return self.given is not None and bool(self.given > self.right)

    @property
    def values(self) -> tuple[str, str]:
        """Both values in words."""
        if self.given is None:
            return "no real number", as_decimal(self.right)
        for digits in PRECISIONS:
            given, right = as_decimal(self.given, digits), as_decimal(self.right, digits)
            if given != right:
                break
        return given, right

    def __str__(self) -> str:
        return "at {} it is {}, and the right answer is {}".format(self.place, *self.values)


def show_point(point: Values) -> str:
    """Return a point in words.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> show_point({x: Integer(1), y: Integer(0)})
    'x = 1, y = 0'
    """
    return ", ".join(f"{letter} = {value}" for letter, value in point.items())


def domain_of(letter: Symbol, domains: Domains) -> Set:
    """Return where a letter may lie: what is said of it, else what its assumptions say."""
    if letter in domains:
        return domains[letter]
    if letter.is_integer:
        return Naturals() if letter.is_positive else Naturals0()
    if letter.is_positive:
        return Interval.open(0, oo)
    return Interval.Ropen(0, oo) if letter.is_nonnegative else Interval(-oo, oo)


def smallest_points(letters: Sequence[Symbol], domains: Domains) -> Iterator[dict[Symbol, Expr]]:
    """Yield points at which to compare, the plainest first.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> [tuple(point.values()) for point in islice(smallest_points([x, y], {}), 4)]
    [(0, 0), (0, 1), (1, 0), (0, -1)]
    """
    many = max(2, int(MOST_TRIED ** (1 / max(len(letters), 1))))
    allowed = [
        [value for value in (*PLAIN, *FRACTIONS) if value in domain_of(letter, domains)][:many]
        for letter in letters
    ]
    # Each value is as large as its place in the list of its letter.
    ranked = product(*(enumerate(values) for values in allowed))
    ordered = sorted(ranked, key=lambda pairs: (sum(rank for rank, _ in pairs), pairs))
    for pairs in ordered:
        yield {letter: value for letter, (_, value) in zip(letters, pairs, strict=True)}


def value_at(expression: Expr, point: Values) -> Expr | None:
    """Return the value of an expression at a point, or None if it is no finite real number."""
    number = expression.xreplace(dict(point)).doit().evalf(DIGITS)
    is_real = number.is_number and number.is_extended_real and number.is_finite
    return number if is_real else None


def are_close(one: Expr, other: Expr) -> bool:
    """Whether two numbers of many digits are the same but for rounding."""
    return bool(abs(one - other) <= TOLERANCE * max(Integer(1), abs(one), abs(other)))


def smallest_difference(
    given: Expr, right: Expr, letters: Sequence[Symbol], domains: Domains
) -> Difference | None:
    """Return the plainest of a few points at which two expressions differ, if they do.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(smallest_difference(x**3, x**2, [x], {}))
    at x = -1 it is -1, and the right answer is 1
    """
    used = [letter for letter in letters if letter in given.free_symbols | right.free_symbols]
    for point in islice(smallest_points(used, domains), MOST_POINTS):
        expected = value_at(right, point)
        if expected is None:
            continue
        value = value_at(given, point)
        if value is not None and not are_close(value, expected):
            return Difference(point, value, expected)
    return None


def between(low: Expr, high: Expr) -> Expr:
    """Return a plain number strictly between two: of the smallest denominator, if that is small.

    Examples
    --------
    >>> between(Rational(8, 81), Rational(1, 4)), between(Integer(0), oo), between(-oo, Integer(-3))
    (1/5, 1, -4)
    """
    if low == -oo:
        return Integer(0) if high > 0 else floor(high) - 1
    for denominator in range(1, MOST_DENOMINATOR):
        number = Rational(floor(low * denominator) + 1, denominator)
        if number < high:
            return number
    return (low + high) / 2
