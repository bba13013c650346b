"""Is an answer the right one? By the equality of the proofs, entry by entry, and if not, where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sympy import Expr, Rational, Symbol, floor, log

from symlab.book.exercises.answer import Answer, spell
from symlab.book.exercises.counterexample import (
    DIGITS,
    Difference,
    Domains,
    are_close,
    between,
    show_point,
    smallest_difference,
    smallest_points,
    value_at,
)
from symlab.budget import OutOfTime, run_within
from symlab.proofs.equality import Finding, same, weakest

FEWEST_DIGITS = 3
"""Digits of a decimal from which on it can be right without being exact."""
PROOF_SECONDS = 3.0
"""What a proof of equality may take; the points at which two answers agree are counted anyhow."""
WORDS = {"matrix": "entry", "set": "member", "trace": "iterate", "interval": "end"}


@dataclass(frozen=True)
class Terms:
    """The letters of an exercise, and where those lie whose assumptions do not say it."""

    letters: tuple[Symbol, ...] = ()
    domains: Domains = field(default_factory=dict)

    def pairs(self) -> tuple[tuple[Symbol, object], ...]:
        """The domains as the proofs take them."""
        return tuple(self.domains.items())


def judge(given: Answer, right: Answer, terms: Terms) -> Finding:
    """Return whether an answer is the right one.

    Examples
    --------
    >>> from sympy.abc import x
    >>> terms = Terms((x,))
    >>> right = Answer("expression", (x * (x + 1),))
    >>> print(judge(Answer("expression", (x**2 + x,)), right, terms))
    proved: the difference expands to 0
    >>> print(judge(Answer("expression", (x**2,)), right, terms))
    wrong: at x = 1 it is 1, and the right answer is 2
    """
    if (unlike := _unlike(given, right)) is not None:
        return Finding("wrong", unlike)
    if right.kind == "method":
        gradients = given.entries[0].free_symbols | right.entries[0].free_symbols
        terms = Terms(tuple(sorted(gradients, key=str)))
    findings = []
    for index, expected in enumerate(right.entries):
        found = _compare(given.entries[index], given.digits_of(index), expected, terms)
        if isinstance(found, Difference):
            if right.kind == "interval":
                return Finding("wrong", _number_in_one_alone(found, given, right, terms))
            return Finding("wrong", _where(found, right, index))
        findings.append(found)
    return weakest([*findings, *_compare_closedness(given, right)])


def _unlike(given: Answer, right: Answer) -> str | None:
    """Return in words how two answers are arranged, if not alike."""
    if given.shape != right.shape:
        return f"it has {_shape(given)}, and the right answer {_shape(right)}"
    if given.size != right.size:
        counted = f"{given.size} number{'s' * (given.size != 1)}"
        return f"it has {counted}, and the right answer {right.size}"
    return None


def _shape(answer: Answer) -> str:
    if len(answer.shape) == 1:
        return f"{answer.shape[0]} entr{'y' if answer.shape[0] == 1 else 'ies'}"
    return f"{answer.shape[0]} rows and {answer.shape[1]} columns"


def _compare(given: Expr, digits: int | None, right: Expr, terms: Terms) -> Finding | Difference:
    """Return how two entries were found to be the same, or where they differ."""
    if given == right:
        return Finding("proved", "it is exactly this")
    if given.is_infinite or right.is_infinite:
        return Difference({}, given, right)
    if (digits or 0) >= FEWEST_DIGITS and _agree_to(digits or 0, given, right):
        return Finding("checked", f"to the {digits} digits given")
    if digits == FEWEST_DIGITS - 1 and _agree_to(digits, given, right):
        return Finding("wrong", "it is right as far as it goes; give at least three digits")
    difference = smallest_difference(given, right, terms.letters, terms.domains)
    if difference is not None:
        return difference
    try:
        found = run_within(PROOF_SECONDS, lambda: same(given, right, terms.pairs()))
    except OutOfTime:
        return Finding("checked", "at many points")
    return found if found.holds else _random_difference(given, right, terms)


def _agree_to(digits: int, given: Expr, right: Expr) -> bool:
    """Whether a decimal is a number to within one unit of its last digit."""
    if given.is_zero or right.free_symbols:
        return False
    unit = Rational(10) ** (floor(log(abs(given), 10)) - digits + 1)
    return bool(abs(given - right).evalf(DIGITS) <= unit)


def _random_difference(given: Expr, right: Expr, terms: Terms) -> Difference:
    """Return a difference of formulas that agree, or have no value, at all plain points."""
    used = [each for each in terms.letters if each in given.free_symbols | right.free_symbols]
    for point in smallest_points(used, terms.domains):
        value, expected = value_at(given, point), value_at(right, point)
        if expected is not None and (value is None or not are_close(value, expected)):
            return Difference(point, value, expected)
    return Difference({}, given, right)


def _where(found: Difference, right: Answer, index: int) -> str:
    """Return in words where an entry differs; the value of a right number is not told."""
    name = ""
    if right.kind == "matrix" and len(right.shape) == 2:
        row, column = divmod(index, right.shape[1])
        name = f"entry ({row + 1}, {column + 1}) "
    elif right.kind in WORDS:
        first = 0 if right.kind == "trace" else 1
        name = f"{WORDS[right.kind]} {index + first} "
    if right.kind == "method":
        return _where_methods_part(found)
    if not right.entries[index].free_symbols:
        return f"{name or 'it '}is too {'large' if found.is_too_large else 'small'}"
    values = "{}, and in the right answer {}".format(*found.values)
    return f"{name}at {found.place} is {values}" if name else str(found)


def _where_methods_part(found: Difference) -> str:
    values = "{}, and the right method's to {}".format(*found.values)
    return f"at {found.place} three steps lead to {values}"


def _compare_closedness(given: Answer, right: Answer) -> Iterator[Finding]:
    """Yield, of an interval, each end that belongs to one of the two alone."""
    for index, (is_closed, should_be) in enumerate(zip(given.closed, right.closed, strict=True)):
        if is_closed != should_be:
            where = "yours and not in the right one" if is_closed else "the right one, not yours"
            yield Finding("wrong", f"the end {spell(given.entries[index])} is in {where}")


def _number_in_one_alone(found: Difference, given: Answer, right: Answer, terms: Terms) -> str:
    """Return a plain number that lies in one of two intervals and not in the other."""
    point = {**next(smallest_points(terms.letters, terms.domains)), **found.point}
    ours, others = ([end.xreplace(point) for end in each.entries] for each in (given, right))
    start = f"at {show_point(point)}, " if point else ""
    if not all(end.is_extended_real for end in (*ours, *others)):
        return f"{start}one of its ends is no real number"
    for number in _between_ends(ours, others):
        inside = ours[0] < number < ours[1]
        if inside != bool(others[0] < number < others[1]):
            which = "your interval and not in the right one"
            other = "the right interval and not in yours"
            return f"{start}{number} is in {which if inside else other}"
    return f"{start}one of its ends is not right"


def _between_ends(ours: Sequence[Expr], others: Sequence[Expr]) -> list[Expr]:
    """Return a plain number between each two neighbours of four ends."""
    ends = sorted({*ours, *others}, key=lambda end: end.evalf(DIGITS))
    return [between(low, high) for low, high in pairwise(ends)]
