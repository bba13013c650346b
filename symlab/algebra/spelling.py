"""How a formula may be spelt: its characters, numbers and names, before any parser sees it.

What passes is safe to give to Python's parser: no quotes, dots outside numbers, comparisons,
assignments or subscripts, no names of Python's own, brackets that match and are not deep. Messages
give the column, counted from 1.
"""

import keyword
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_LENGTH = 1000
"""Characters in a formula; the chapter's longest has 60."""
MAX_DEPTH = 50
"""Levels of nesting, far from Python's own limit of recursion."""
MAX_NAME = 30


class FormulaError(ValueError):
    """A text that is not a formula; the message is one line and names the offending piece."""

    def __init__(self, message: str) -> None:
        super().__init__(f"formula: {message}")


TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep."


def check_spelling(text: object, functions: Collection[str]) -> None:
    """Refuse a text that is not spelt like a formula; `functions` may be called.

    Raises
    ------
    FormulaError
        With the first thing that is wrong and where.
    TypeError
        If it is not text.

    Examples
    --------
    >>> check_spelling("2*(x + 1", functions=())
    Traceback (most recent call last):
        ...
    symlab.algebra.spelling.FormulaError: formula: the '(' in column 3 is never closed.
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a formula as text, got {quoted(text)}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"too long: {len(text)} characters where at most {MAX_LENGTH} are read.")
    if not text.strip(" \t"):
        raise FormulaError("the text is empty; expected for instance 'x^2 + 1'.")
    _check_characters(text)
    tokens = list(_tokens(text))
    _check_brackets(tokens)
    edge = _Token("edge", "", 0)
    for before, token in pairwise([edge, *tokens, edge]):
        _check_name(token)
        _check_adjacent(before, token, functions)


def plain(piece: str) -> str:
    """Return a piece of text cut to what fits in a message."""
    return piece if len(piece) <= 40 else f"{piece[:37]}..."


def quoted(piece: object) -> str:
    """Return a piece in quotes, cut to what fits in a message."""
    return repr(plain(piece)) if isinstance(piece, str) else plain(repr(piece))


def _check_characters(text: str) -> None:
    # Python folds such characters into others while it parses, so that two names which look
    # different would be one.
    for column, character in enumerate(text, start=1):
        if not unicodedata.is_normalized("NFKC", character):
            raise FormulaError(f"{_character(character)} in column {column} is not read.")
    if not unicodedata.is_normalized("NFKC", text):
        raise FormulaError("an accent stands apart from its letter; type the two as one character.")


def _character(character: str) -> str:
    return f"{character!r} ({unicodedata.name(character, 'a control character').lower()})"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int

    @property
    def where(self) -> str:
        return f"(column {self.column})"

    @property
    def is_operand(self) -> bool:
        return self.kind in {"name", "number"}


_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<operator>\*\*|[-+*/^(),])|(?P<blank>[ \t]+)"
)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaError(
                f"{_character(text[position])} in column {position + 1} is not part of a formula; "
                "it is made of numbers, names, calls and + - * / ^ ( )."
            )
        if match.lastgroup != "blank":
            yield _Token(str(match.lastgroup), match[0], position + 1)
        position = match.end()


def _check_brackets(tokens: Sequence[_Token]) -> None:
    unclosed: list[_Token] = []
    for token in tokens:
        if token.text == "(":
            unclosed.append(token)
        elif token.text == ")" and not unclosed:
            raise FormulaError(f"the ')' in column {token.column} closes nothing.")
        elif token.text == ")":
            unclosed.pop()
        if len(unclosed) > MAX_DEPTH:
            raise FormulaError(TOO_DEEP)
    if unclosed:
        raise FormulaError(f"the '(' in column {unclosed[-1].column} is never closed.")


def _check_name(token: _Token) -> None:
    if token.kind != "name":
        return
    name = token.text
    if len(name) > MAX_NAME:
        raise FormulaError(
            f"the name {quoted(name)} is too long: {len(name)} letters where at most {MAX_NAME} "
            f"are read {token.where}."
        )
    if name.startswith("_") or not name.isidentifier():
        raise FormulaError(f"{name!r} is not a name; it must begin with a letter {token.where}.")
    if keyword.iskeyword(name):
        hint = "; write λ" if name == "lambda" else ""
        raise FormulaError(f"{name!r} is a word of Python, not a name{hint} {token.where}.")
    if name.lower() in {"oo", "zoo", "nan", "inf", "infinity"} or name == "I":
        raise FormulaError(f"{name!r} is not a finite real number {token.where}.")


def _check_adjacent(before: _Token, token: _Token, functions: Collection[str]) -> None:
    ends_operand = before.is_operand or before.text == ")"
    starts_operand = token.is_operand or token.text == "("
    is_call = before.kind == "name" and token.text == "("
    if ends_operand and starts_operand and not is_call:
        _refuse_juxtaposed(before, token, functions)
    ends_here = token.kind == "edge" or token.text in {"*", "/", "^", "**", ",", ")"}
    if ends_here and not ends_operand and before.text + token.text != "()":
        where = f"after {before.text!r} {before.where}" if before.text else "at the beginning"
        raise FormulaError(f"{where} expected a number or a name, got {token.text or 'the end'!r}.")


def _refuse_juxtaposed(before: _Token, token: _Token, functions: Collection[str]) -> None:
    gap = " " if before.kind == token.kind == "name" else ""
    pair = f"{before.text}{gap}{token.text}"
    if before.kind == token.kind == "number":
        raise FormulaError(f"{quoted(pair)} is not a number {before.where}.")
    if before.text in functions:
        raise FormulaError(f"write {before.text}(...) around its argument {before.where}.")
    product = plain(f"{before.text}*{token.text}")
    raise FormulaError(f"write {product} instead of {quoted(pair)} {before.where}.")
