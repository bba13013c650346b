"""Are two formulas the same function? A proof where SymPy finds one, else many points at 50 digits.

What is proved holds for every value of the letters. What is only checked holds at the points drawn,
which is no proof, but two different formulas of readable size do not agree at twelve random points
of 50 digits. A formula that is not the other comes with a point, plain if one is found, where the
two can be seen to differ.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

from sympy import Basic, Expr, MatrixBase, MatrixExpr, Rational, factor

from symlab.algebra.functions import define
from symlab.algebra.numbers import as_decimal
from symlab.proofs.evaluation import DIGITS, Point, Values, point_of
from symlab.proofs.printing import line
from symlab.proofs.sampling import Domains, draw, finite_cases, positive_letters
from symlab.proofs.vanishing import expand_difference, is_square, simplify_difference, vanishes

POINTS, POINTS_OF_INEQUALITY = 12, 100
"""Two unequal formulas differ almost everywhere, but an inequality may fail in a corner only."""
PLAIN_TRIALS = 30
DRAWS = 10
"""Draws for each point wanted, after which a formula counts as nowhere real."""
TOLERANCE = Rational(1, 10**DIGITS)
SEED = 0
FAILURES = ("wrong", "undecided")
IDENTICAL = "SymPy arrives at this very expression"


@dataclass(frozen=True)
class Finding:
    """What was found out, and how.

    Parameters
    ----------
    how : str
        "given", "proved", "checked" at points, "refuted"; or, for what does not hold, "wrong", and
        "undecided" where neither proof nor counterexample was found.
    detail : str
        A clause that says by which means, or where it fails.
    points : int
        At how many points it was checked; 0 for a proof.
    """

    how: str
    detail: str
    points: int = 0

    @property
    def holds(self) -> bool:
        """Whether what was claimed is so."""
        return self.how not in FAILURES

    def if_failed(self, where: str) -> "Finding":
        """Return the finding, if it is a failure, with words before it that say where."""
        return self if self.holds else replace(self, detail=f"{where}{self.detail}")

    def __str__(self) -> str:
        return f"{self.how}: {self.detail}" if self.detail else self.how


def weakest(findings: Iterable[Finding]) -> Finding:
    """Return the finding that says least: one that fails, else one checked, else a proof.

    Examples
    --------
    >>> print(weakest([Finding("proved", "by cases"), Finding("checked", "at 12 points", 12)]))
    checked: at 12 points
    """
    order = (*FAILURES, "checked", "proved")
    return min(findings, key=lambda found: (order.index(found.how), found.detail == IDENTICAL))


def same(one: Basic, other: Basic, domains: Domains = ()) -> Finding:
    """Return whether two expressions, or matrices, are the same function of their letters.

    Parameters
    ----------
    one, other : expressions
    domains : pairs of letter and set
        Of the letters whose assumptions do not say it all.

    Examples
    --------
    >>> from sympy import Abs, cos, exp, log, Max, sin, symbols
    >>> x = symbols("x", real=True)
    >>> print(same((x + 1)**2, x**2 + 2*x + 1))
    proved: the difference expands to 0
    >>> print(same(log(1 + exp(x)), Max(x, 0) + log(1 + exp(-Abs(x)))))
    checked: at 12 random points to 50 digits
    >>> print(same(sin(x)**2, 1 + cos(x)**2))
    wrong: at x = 0 they are 0 and 2
    """
    return _decide(*map(_as_immutable, (one, other)), domains)


def _as_immutable(expression: Basic) -> Basic:
    return expression.as_immutable() if isinstance(expression, MatrixBase) else expression


@lru_cache(maxsize=4096)
def _decide(one: Basic, other: Basic, domains: Domains) -> Finding:
    if one == other:
        return Finding("proved", IDENTICAL)
    if _shape(one) != _shape(other):
        return Finding("wrong", f"their shapes are {_shape(one)} and {_shape(other)}")
    cases = finite_cases([one, other], domains)
    if len(cases) == 1 and not cases[0]:
        return _same(one, other, domains)
    found = weakest(_same(one.subs(case), other.subs(case), domains) for case in cases)
    letters = " and ".join(map(str, cases[0]))
    return replace(found, detail=f"{found.detail}, for every {letters}") if found.holds else found


def _same(one: Basic, other: Basic, domains: Domains) -> Finding:
    # A false claim is found out here, before algebra spends seconds on it.
    probe = _test_at_random_points((one, other), domains, _are_equal, points=1)
    if probe.how == "wrong":
        return probe
    if vanishes(one - other, expand_difference):
        return Finding("proved", "the difference expands to 0")
    if vanishes(one - other, simplify_difference):
        return Finding("proved", "the difference simplifies to 0")
    return _test_at_random_points((one, other), domains, _are_equal)


def differ_at(values: Mapping[Any, Any], one: Basic, other: Basic) -> Finding:
    """Return "wrong" with both values if two expressions differ at a given point.

    Parameters
    ----------
    values : mapping
        A number or matrix for each letter, a `Lambda` for each function.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(differ_at({x: 3}, x**2, 2 * x))
    wrong: at x = 3 they are 9 and 6
    """
    point = point_of(values)
    found = _test_at((one, other), point, _are_equal)
    if found is None:
        raise ValueError(f"by: at {point} the two sides are no real numbers.")
    return found


def at_least(expression: Expr, domains: Domains = (), *, strictly: bool = False) -> Finding:
    """Return whether an expression is nowhere negative, or everywhere positive.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, a = symbols("x a", positive=True)
    >>> print(at_least(a * x**2), at_least(x**2 - 2*x + 1), sep="; ")
    proved: a*x**2 is nowhere negative; proved: (x - 1)**2 is nowhere negative
    >>> print(at_least(x - 2))
    wrong: at x = 1/4 it is -1.75
    """
    if is_square(expression):
        return Finding("proved", "it is a multiple of a sum of squares")
    if not isinstance(expression, (MatrixExpr, MatrixBase)):
        factored = factor(define(expression))
        known = factored.xreplace(positive_letters(factored, domains))
        if known.is_positive if strictly else known.is_nonnegative:
            kind = "positive" if strictly else "nowhere negative"
            return Finding("proved", f"{line(factored)} is {kind}")
    holds = _are_positive if strictly else _are_nonnegative
    return _test_at_random_points((expression,), domains, holds, POINTS_OF_INEQUALITY)


def _shape(expression: Basic) -> tuple[object, ...]:
    """Return the rows and columns of a matrix, and nothing for a number."""
    return tuple(getattr(expression, "shape", ()))


def _are_equal(entries: tuple[Values, ...]) -> bool:
    return all(
        abs(left - right) <= TOLERANCE * max(1, abs(left), abs(right))
        for left, right in zip(*entries, strict=True)
    )


def _are_nonnegative(entries: tuple[Values, ...]) -> bool:
    return all(number >= -TOLERANCE for number in entries[0])


def _are_positive(entries: tuple[Values, ...]) -> bool:
    return all(number > 0 for number in entries[0])


Test = Callable[[tuple[Values, ...]], bool]


def _test_at_random_points(
    expressions: Sequence[Basic], domains: Domains, test: Test, points: int = POINTS
) -> Finding:
    """Put a test to expressions at the origin and at random points."""
    source, passed = Random(SEED), 0
    origin = _test_at(expressions, draw(expressions, domains, source, style="origin"), test)
    if origin is not None and not origin.holds:
        return origin
    for _ in range(DRAWS * points):
        found = _test_at(expressions, draw(expressions, domains, source), test)
        if found is not None and not found.holds:
            return _find_plain_counterexample(expressions, domains, test) or found
        passed += found is not None
        if passed == points:
            return Finding("checked", f"at {points} random points to {DIGITS} digits", points)
    return Finding("undecided", "no point was found at which both sides are real numbers")


def _find_plain_counterexample(
    expressions: Sequence[Basic], domains: Domains, test: Test
) -> Finding | None:
    """Return a point at which a reader can see by hand that a test fails, or None."""
    source = Random(SEED)
    for _ in range(PLAIN_TRIALS):
        point = draw(expressions, domains, source, style="plain")
        found = _test_at(expressions, point, test)
        if found is not None and not found.holds:
            return found
    return None


def _test_at(expressions: Sequence[Basic], point: Point, test: Test) -> Finding | None:
    """Return the outcome of a test at a point; None where an expression has no value there."""
    values = _values(expressions, point)
    if values is None:
        return None
    return Finding("checked", f"at {point}", 1) if test(values) else _failure_at(point, values)


def _values(expressions: Sequence[Basic], point: Point) -> tuple[Values, ...] | None:
    found = [point.values(expression) for expression in expressions]
    known = tuple(values for values in found if values is not None)
    return known if len(known) == len(found) else None


def _failure_at(point: Point, values: tuple[Values, ...]) -> Finding:
    written = [", ".join(as_decimal(number) for number in entries) for entries in values]
    detail = (
        f"they are {written[0]} and {written[1]}" if len(written) > 1 else f"it is {written[0]}"
    )
    return Finding("wrong", f"at {point} {detail}" if str(point) else detail)
