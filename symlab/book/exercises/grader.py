"""Grading without the answers: what a student's notebook has in place of symlab.

An answer is put in at points that were drawn when the notebook was made, rounded to a number of
digits, and hashed with a salt. If the hash is the one that is kept, the answer is right; if it is
one of those of the mistakes, that mistake was made. This file needs SymPy alone, and a student's
notebook has it as its first cell.
"""

from hashlib import pbkdf2_hmac
from numbers import Integral, Real
from typing import Any

from sympy import Expr, Float, Integer, Interval, MatrixBase, Rational, oo

DIGITS, ROUNDS = 10, 2_000
"""Digits that must agree at each point, and how often a text is hashed."""

NOTHING = 1e-16
"""What is smaller is 0 that rounding has left something of."""


def grade(sealed: dict[str, Any], answer: object) -> str:
    """Return what is said of an answer, in a sentence or two."""
    if answer is None:
        return "No answer yet."
    try:
        found = fingerprint(sealed, *arrange(sealed["kind"], answer))
    except (TypeError, ValueError) as error:
        return f"This cannot be judged: {error}"
    if found == sealed["right"]:
        return "Right."
    for name, hint, print_of_mistake in sealed["mistakes"]:
        if found == print_of_mistake:
            return f"Wrong. Mistake: {name}. {hint}"
    return "Wrong. (Numbers must be exact, or as computed: a rounded 0.33 is not 1/3.)"


def arrange(kind: str, answer: Any) -> tuple[str, list[Any]]:
    """Return how an answer is arranged, in a word, and its entries one after the other."""
    if isinstance(answer, (str, bytes)):
        raise TypeError("write the answer without quotes.")
    if kind == "interval":
        return arrange_interval(answer)
    if kind in ("expression", "number", "method"):
        return kind, [answer]
    entries = list(answer.tolist() if isinstance(answer, MatrixBase) else answer)
    if kind == "set":
        return f"set of {len(entries)}", sorted(entries, key=height)
    return arrange_rows(entries)


def arrange_rows(rows: list[Any]) -> tuple[str, list[Any]]:
    """Return the rows and columns of a matrix, and its entries; one row or column is a list."""
    if not rows or not hasattr(rows[0], "__len__"):
        return f"list of {len(rows)}", rows
    entries = [entry for row in rows for entry in row]
    if 1 in (len(rows), len(rows[0])):
        return f"list of {len(entries)}", entries
    return f"{len(rows)} by {len(rows[0])}", entries


def arrange_interval(answer: object) -> tuple[str, list[Any]]:
    """Return which ends belong to an interval, and the ends; a pair is open, a list closed."""
    if isinstance(answer, Interval):
        closed = (not answer.left_open, not answer.right_open)
        return f"closed {closed}", [answer.start, answer.end]
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise TypeError("expected an interval, such as Interval.open(0, 1).")
    return f"closed {(isinstance(answer, list),) * 2}", list(answer)


def as_expression(entry: object) -> Expr:
    """Return an expression as it is, and a plain number as SymPy's."""
    if isinstance(entry, Expr):
        return entry
    if isinstance(entry, Integral):
        return Integer(int(entry))
    if isinstance(entry, Real):
        return Float(float(entry))
    raise TypeError(f"expected numbers and SymPy expressions, got a {type(entry).__name__}.")


def height(entry: object) -> float:
    """Return by what the members of a set are put in order."""
    stated = as_expression(entry)
    return float(stated.subs(dict.fromkeys(stated.free_symbols, Rational(61, 100))))


def fingerprint(sealed: dict[str, Any], arranged: str, entries: list[Any]) -> str:
    """Return the salted hash of an answer's values at the points."""
    points = [[Rational(number) for number in point] for point in sealed["points"]]
    values = [
        value_at(entry, dict(zip(sealed["letters"], point, strict=True)))
        for entry in entries
        for point in points
    ]
    text = ";".join([arranged, *map(write, values)]).encode()
    return pbkdf2_hmac("sha256", text, bytes.fromhex(sealed["salt"]), ROUNDS)[:16].hex()


def value_at(entry: object, point: dict[str, Expr]) -> Expr:
    """Return the value of an entry, given a number for the name of each letter."""
    stated = as_expression(entry)
    letters = {letter: point.get(letter.name) for letter in stated.free_symbols}
    if None in letters.values():
        raise ValueError(f"expected no letters but {', '.join(point) or 'none'}, got {entry}.")
    value = stated.xreplace(letters).doit()
    number = value if value in (oo, -oo) else value.evalf(40)
    if not number.is_extended_real:
        raise ValueError(f"{entry} is no real number everywhere.")
    return number


def write(number: Expr) -> str:
    """Return a number to so many digits; 0 for what rounding has left of 0."""
    if number in (oo, -oo):
        return str(number)
    return f"{0 if abs(number) < NOTHING else number:.{DIGITS - 1}e}"
