"""Reading what was answered: text, numbers, SymPy objects, methods and traces.

Text is read by the parser of formulas, piece by piece, and never runs as code.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from sympy import Expr, Float, Interval, MatrixBase, Rational, Symbol, oo, symbols
from sympy import Set as SympySet

from symlab.algebra.alphabet import g, k, x
from symlab.algebra.exactly import rationalize
from symlab.algebra.formula.parse import parse
from symlab.algebra.formula.spelling import FormulaError
from symlab.algebra.gate import TEXT, as_matrix, as_real_scalar
from symlab.book.exercises.answer import Answer, in_order, wanted
from symlab.book.exercises.text import (
    as_plain_text,
    enclosed,
    split_call,
    split_interval,
    split_list,
    split_numbers,
)
from symlab.checks import lookup, shown, whole
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES

STEPS = 3
"""After so many steps two rules that remember are told apart by where they have come."""
MOST_DIGITS = 12
"""Digits up to which a float is trusted: what was computed has lost the last of its sixteen."""
DECIMAL = re.compile(r"\s*[-+−]?0*\.?0*(\d*\.?\d*)(e[-+]?\d+)?\s*", re.IGNORECASE)
INFINITE = {"oo": oo, "inf": oo, "infinity": oo, "∞": oo}

NO_LETTERS = "The variables are none."
"""What the parser says where a number is expected."""
SIGMOID = re.compile(r"\b(sigma|σ)(?=\s*\()")

Letters = Sequence[Symbol]
Entry = tuple[Expr, int | None]


def read_answer(given: object, kind: str, letters: Letters) -> Answer:
    """Return an answer in the form that all judging works on.

    Parameters
    ----------
    given : text, number, SymPy object, sequence, method or trace
    kind : str
        What is expected, one of `symlab.book.exercises.answer.WANTED`.
    letters : sequence of Symbol
        Those that may occur; a symbol given with the same name stands for its own.

    Raises
    ------
    ValueError, TypeError
        If it is no such answer; the message is one line and begins with `answer:`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(read_answer("2x + 1", "expression", [x]), read_answer("(0, 1/2]", "interval", []))
    2*x + 1 (0, 1/2]
    >>> read_answer("2y", "expression", [x])
    Traceback (most recent call last):
        ...
    ValueError: answer: unknown name 'y'. The variables are x.
    """
    try:
        plain = as_plain_text(given) if isinstance(given, str) else given
        return READERS[kind](plain, letters)
    except FormulaError as error:
        told = str(error).replace("formula:", "answer:", 1)
        raise ValueError(told.replace(NO_LETTERS, "It has no letters.")) from None
    except RecursionError:
        raise ValueError(_refusal(given, kind, letters)) from None


def _refusal(given: object, kind: str, letters: Letters) -> str:
    return f"answer: expected {wanted(kind, letters)}; got {shown(given)}."


def _entry(given: object, letters: Letters) -> Entry:
    """Return one expression, and how many digits it has if it is a rounded decimal."""
    if isinstance(given, str):
        _refuse_endings(given)
        parsed = parse(SIGMOID.sub("sigmoid", given), tuple(letters))
        return parsed, None if parsed.free_symbols else _digits_of_text(given)
    stated = as_real_scalar(given, "answer")
    exact = rationalize(stated)
    if not exact.is_finite and exact.is_number:
        raise ValueError(f"answer: expected something finite, got {shown(given)}.")
    if stated.is_Float:
        return exact, _digits_of_text(str(float(stated)))
    _refuse_rounded(stated)
    return _in_letters(exact, letters), None


def _refuse_endings(text: str) -> None:
    if len(text.splitlines()) > 1:
        raise ValueError("answer: expected one line.")


def _digits_of_text(text: str) -> int | None:
    """Return how many digits a decimal has; None for what is no decimal, or a whole number."""
    typed = text.replace(",", ".")
    found = DECIMAL.fullmatch(typed)
    if found is None or "." not in typed:
        return None
    return min(len(found[1].replace(".", "")), MOST_DIGITS)


def _refuse_rounded(stated: Expr) -> None:
    """Refuse a formula with a number that was rounded: no point tells it from a wrong one."""
    for number in stated.atoms(Float):
        if (_digits_of_text(str(float(number))) or 0) >= MOST_DIGITS:
            raise ValueError(
                f"answer: {float(number):.6g} in it was rounded; write it exactly, as a fraction."
            )


def _in_letters(stated: Expr, letters: Letters) -> Expr:
    """Return an expression in the letters of the exercise, whatever is assumed of those given."""
    known = {letter.name: letter for letter in letters}
    given = {letter.name: letter for letter in sorted(stated.free_symbols, key=str)}
    if strange := [name for name in given if name not in known]:
        among = f"The variables are {', '.join(known)}." if known else "It has no letters."
        raise ValueError(f"answer: unknown name {shown(strange[0])}. {among}")
    return stated.xreplace({letter: known[name] for name, letter in given.items()})


def _several(given: Iterable[object], letters: Letters) -> tuple[tuple[Expr, ...], tuple[Any, ...]]:
    read = [_entry(each, letters) for each in given]
    return tuple(value for value, _ in read), tuple(digits for _, digits in read)


def _read_expression(given: object, letters: Letters) -> Answer:
    value, digits = _entry(given, letters)
    return Answer("expression", (value,), digits=(digits,))


def _read_number(given: object, letters: Letters) -> Answer:
    value, digits = _entry(given, letters)
    return Answer("number", (value,), digits=(digits,))


def _read_interval(given: object, letters: Letters) -> Answer:
    if isinstance(given, str):
        low, high, closed = split_interval(given)
    elif isinstance(given, Interval):
        low, high = given.start, given.end
        closed = (not given.left_open, not given.right_open)
    elif isinstance(given, (tuple, list)) and len(given) == 2:
        low, high = given
        closed = (isinstance(given, list),) * 2
    else:
        raise TypeError(_refusal(given, "interval", letters))
    ends, digits = zip(_end(low, letters), _end(high, letters), strict=True)
    if (ends[1] - ends[0]).is_nonpositive:
        raise ValueError(f"answer: expected an interval with its smaller end first, got {given}.")
    return Answer("interval", tuple(ends), closed=closed, digits=tuple(digits))


def _end(given: object, letters: Letters) -> Entry:
    """Return an end of an interval, which may be infinite."""
    if isinstance(given, str) and given.strip().lstrip("-+−") in INFINITE:
        size = INFINITE[given.strip().lstrip("-+−")]
        return (-size if given.strip()[0] in "-−" else size), None
    if given in (oo, -oo):
        return (oo if given == oo else -oo), None
    return _entry(given, letters)


def _members(given: object, kind: str, letters: Letters) -> Sequence[object]:
    """Return the members of text, of a SymPy set or of a sequence."""
    if isinstance(given, str):
        return split_numbers(given)
    if isinstance(given, SympySet) and given.is_FiniteSet:
        return list(given)
    if isinstance(given, (set, frozenset, list, tuple)):
        return list(given)
    if isinstance(given, (np.ndarray, MatrixBase)):
        return list(given.flat) if isinstance(given, np.ndarray) else list(given.flat())
    raise TypeError(_refusal(given, kind, letters))


def _read_set(given: object, letters: Letters) -> Answer:
    entries, digits = _several(_members(given, "set", letters), letters)
    ordered = in_order(tuple(dict.fromkeys(entries)))
    return Answer("set", ordered, digits=tuple(digits[entries.index(each)] for each in ordered))


def _read_matrix(given: object, letters: Letters) -> Answer:
    if isinstance(given, TEXT) or not hasattr(given, "__len__"):
        if not isinstance(given, str):
            raise TypeError(_refusal(given, "matrix", letters))
        rows = [split_list(row) if enclosed(row) else [row] for row in split_list(given)]
    else:
        explicit = given if isinstance(given, MatrixBase) else as_matrix(given, "answer")
        rows = explicit.tolist()
    widths = {len(row) for row in rows}
    if len(widths) != 1 or widths == {0}:
        raise ValueError(_refusal(given, "matrix", letters))
    entries, digits = _several((each for row in rows for each in row), letters)
    is_vector = 1 in (len(rows), *widths)
    shape = (len(entries),) if is_vector else (len(rows), *widths)
    return Answer("matrix", entries, shape, digits=digits)


def _read_trace(given: Any, letters: Letters) -> Answer:
    if hasattr(given, "iterates"):  # a Trace, without importing what it brings
        given = [row[0] for row in (getattr(given, "exact", None) or given.iterates)]
    entries, digits = _several(_members(given, "trace", letters), letters)
    return Answer("trace", entries, digits=digits)


def _read_method(given: object, letters: Letters) -> Answer:
    rule = _rule_of(given) if isinstance(given, str) else given
    if not isinstance(rule, Rule):
        raise TypeError(_refusal(given, "method", letters))
    return Answer("method", (place_after(rule),), text=repr(rule))


def _rule_of(text: str) -> Rule:
    """Return the rule that a call in text names, with the hyperparameters it gives."""
    name, words = split_call(text)
    rule: Rule = lookup(name.removeprefix("sl."), RULES, "answer")
    return rule(**{word: parse(number, ()) for word, number in words.items()})


def place_after(rule: Rule, steps: int = STEPS) -> Expr:
    """Return where a rule has come after some steps from x, whatever the gradients were.

    Two rules that agree in this agree in what they do, however they write what they remember.

    Examples
    --------
    >>> from symlab.methods.rules import gradient_descent
    >>> place_after(gradient_descent(step_size=1), 2)
    -g_0 - g_1 + x
    """
    letters = (x, *rule.state)
    values: dict[Any, Expr] = {letter: Rational(0) for letter in rule.state} | {x: x}
    for step, gradient in enumerate(symbols(f"g_:{whole(steps, 'steps', 1)}", real=True)):
        here = {**values, g: gradient, k: Rational(step)}
        values = {letter: rule.step[letter].subs(here, simultaneous=True) for letter in letters}
    return values[x].expand()


READERS: dict[str, Callable[[Any, Letters], Answer]] = {
    "expression": _read_expression,
    "number": _read_number,
    "interval": _read_interval,
    "set": _read_set,
    "matrix": _read_matrix,
    "trace": _read_trace,
    "method": _read_method,
}
"""How an answer of each kind is read."""
