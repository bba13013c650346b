"""The spelling of a formula: its characters, and the words they make.

What people type or paste is brought to one spelling here, character by character: `·` and `×` are
`*`, `−` is `-`, `π` is `pi`, `x²` is `x^2`, `x₁` is `x_1`, `½` is `1/2`. What has no place in a
formula is refused with its column, counted from 1. Nothing here knows what a formula means.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from symlab.checks import shown

MAX_LENGTH = 1000
"""Characters in a formula; the chapter's longest has 60."""
MAX_DEPTH = 50
"""Levels of nesting, far from Python's own limit of recursion."""
MAX_NAME = 30


class FormulaError(ValueError):
    """A text that is not a formula; the message is one line and names the offending piece."""

    def __init__(self, message: str) -> None:
        super().__init__(f"formula: {message}")


@dataclass(frozen=True)
class Token:
    """A word of a formula: what it is, its plain spelling, what was typed, and where.

    `kind` is number, fraction (such as ½), name, open, close, raised (a superscript begins), root,
    quotient (a fraction of LaTeX), bar, or operator; `is_spaced` says whether a blank is before it.
    """

    kind: str
    text: str
    typed: str
    start: int
    is_spaced: bool = False

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.start + len(self.typed)

    @property
    def where(self) -> str:
        """The column, for a message."""
        return f"(column {self.start + 1})"


SIGNS = {
    **dict.fromkeys("·×⋅∙∗•", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–—‐‑‒﹣", "-"),
    "∣": "|",
}
RAISED = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵃᵇᶜᵈᵉᵏᵐᵖᵗᵘᵛʷᶻ", "0123456789+-()nixyabcdekmptuvwz", strict=True)
)
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₘₙₓ", "0123456789aeijkmnx", strict=True))
FRACTIONS = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
COMMANDS = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    "div": "/",
    **dict.fromkeys(("lvert", "rvert", "vert", "mid"), "|"),
    "sqrt": "√",
    **dict.fromkeys(("frac", "dfrac", "tfrac"), "frac"),
    **dict.fromkeys(("left", "right", "quad", ","), " "),
}
WORDS = re.compile(
    "(arc)?(sin|cos|tan)|(sin|cos|tan)h|cot|sec|csc|exp|ln|log|max|min|pi|alpha|beta|[gG]amma|"
    "[dD]elta|(var)?epsilon|zeta|eta|(var)?[tT]heta|iota|kappa|[lL]ambda|mu|nu|[xX]i|rho|"
    "[sS]igma|tau|upsilon|(var)?[pP]hi|chi|[pP]si|[oO]mega"
)
ALIASES = {"π": "pi", "log_2": "log2", "log_10": "log10", "varepsilon": "epsilon"}
HINTS = {
    **dict.fromkeys("<>≤≥≠", "a comparison is not a formula"),
    **dict.fromkeys("'′’", "a derivative is not read; write the function itself"),
    "%": "write x/100 for per cent",
    "°": "write x*pi/180 for degrees",
    "∞": "it is not a finite real number",
    **dict.fromkeys("∛∜", "write x^(1/3) or x^(1/4)"),
    **dict.fromkeys("∑∏∫∂∇", "write it out, or state it in SymPy"),
    **dict.fromkeys(";\n\r", "one formula at a time"),
}
MADE_OF = "a formula is made of numbers, names, calls and + - * / ^ ( ) | |"

_SUPER, _SUB = "".join(map(re.escape, RAISED)), "".join(LOWERED)
_LETTER = rf"[^\Wπ{_SUPER}{_SUB}{''.join(FRACTIONS)}]"
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    # π is a sign before it is a letter: 2πr is a product, though π₁ may be a name.
    rf"|(?P<name>π(?:_\{{\w+\}}|_\w+|[{_SUB}]+)?|{_LETTER}+_\{{\w+\}}|{_LETTER}+[{_SUB}]*)"
    rf"|(?P<raised>[{_SUPER}]+)"
    r"|(?P<operator>\*\*|[-+*/^,=!])|(?P<open>[([{])|(?P<close>[)\]}])|(?P<bar>\|)|(?P<root>√)"
    rf"|(?P<fraction>[{''.join(FRACTIONS)}])|\\(?P<command>[A-Za-z]+|,)|(?P<blank>[ \t]+)"
)


def tokens_of(text: object) -> list[Token]:
    """Return the words of a formula in plain spelling, or refuse the first that can be none.

    Raises
    ------
    FormulaError
        With the first thing that is wrong and where.
    TypeError
        If it is not text.

    Examples
    --------
    >>> [token.text for token in tokens_of("2π·x₁")]
    ['2', 'pi', '*', 'x_1']
    >>> tokens_of("x # 2")
    Traceback (most recent call last):
        ...
    symlab.algebra.formula.spelling.FormulaError: formula: '#' (number sign) in column 3 is not \
    part of a formula; a formula is made of numbers, names, calls and + - * / ^ ( ) | |.
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a formula as text, got {shown(text)}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"too long: {len(text)} characters where at most {MAX_LENGTH} are read.")
    if not text.strip(" \t"):
        raise FormulaError("the text is empty; expected for instance 'x^2 + 1'.")
    return list(_split_tokens(text, _replace_characters(_blank_dollars(text))))


def shorten(piece: str) -> str:
    """Return a piece of text cut to what fits in a message."""
    return piece if len(piece) <= 40 else f"{piece[:37]}..."


def quote(piece: object) -> str:
    """Return a piece in quotes, cut to what fits in a message."""
    return repr(shorten(piece)) if isinstance(piece, str) else shorten(repr(piece))


def _blank_dollars(text: str) -> str:
    """Blank the dollar signs around a formula of LaTeX."""
    match = re.fullmatch(r"([ \t]*)(\${1,2})([^$]*)(\2)([ \t]*)", text)
    if match is None:
        return text
    blank = " " * len(match[2])
    return f"{match[1]}{blank}{match[3]}{blank}{match[5]}"


def _replace_characters(text: str) -> str:
    """Replace each character by the plain one it stands for, in place, so that columns stay."""
    folded: dict[str, str] = {}
    for column, character in enumerate(text, start=1):
        letter = _fold(character, column)
        if letter.isalpha() and folded.setdefault(letter, character) != character:
            # 𝒙 and x are one letter to some and two to others.
            both = f"{folded[letter]!r} and {character!r}"
            raise FormulaError(f"{both} look like one name; type both alike, or another name.")
    return "".join(_fold(character, 0) for character in text)


def _fold(character: str, column: int) -> str:
    if character in SIGNS:
        return SIGNS[character]
    if character in RAISED or character in LOWERED or character in FRACTIONS:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    # Mathematical and fullwidth letters, µ for μ: other forms of one character.
    fold = unicodedata.normalize("NFKC", character)
    known = fold == "\t" or "!" <= fold <= "~" or fold == "√" or fold.isalpha()
    if len(fold) == 1 and known and not _is_raised_or_lowered(character):
        return fold
    raise _unknown_character_error(character, column)


def _is_raised_or_lowered(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(("<super>", "<sub>"))


def _unknown_character_error(character: str, column: int) -> FormulaError:
    if unicodedata.combining(character):
        message = "an accent stands apart from its letter; type the two as one character."
        return FormulaError(message)
    name = unicodedata.name(character, "a control character").lower()
    hint = HINTS.get(character, MADE_OF)
    return FormulaError(
        f"{character!r} ({shorten(name)}) in column {column} is not part of a formula; {hint}."
    )


def _split_tokens(text: str, characters: str) -> Iterator[Token]:
    position, is_spaced = 0, False
    while position < len(characters):
        match = _TOKEN.match(characters, position)
        if match is None:
            raise _unknown_character_error(characters[position], position + 1)
        typed = text[position : match.end()]
        kind, word = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "command":
            kind, word = _read_command(word, position)
        if kind == "raised":
            yield from _read_superscripts(word, typed, position)
        elif kind != "blank":
            yield Token(
                kind, _SPELLED[kind](word, position), _spell_power(typed), position, is_spaced
            )
        is_spaced = kind == "blank"
        position = match.end()


def _spell_power(typed: str) -> str:
    """Both spellings of a power are plain."""
    return "^" if typed == "**" else typed


def _read_command(word: str, position: int) -> tuple[str, str]:
    """Return the kind of a LaTeX command, and what it stands for."""
    if WORDS.fullmatch(word):
        return "name", word
    if word not in COMMANDS:
        raise FormulaError(
            f"{quote(chr(92) + word)} (a reverse solidus and a word) in column {position + 1} is "
            "no command of LaTeX that is read here."
        )
    meaning = COMMANDS[word]
    kinds = {" ": "blank", "√": "root", "|": "bar", "frac": "quotient"}
    return kinds.get(meaning, "operator"), meaning


def _read_superscripts(word: str, typed: str, position: int) -> Iterator[Token]:
    """Yield the exponent that superscripts state, in brackets."""
    inside = "".join(RAISED[character] for character in word)
    if re.search("[a-z][0-9]", inside):
        raise FormulaError(f"write ^(...) for the superscripts {quote(typed)}, with ^ inside.")
    yield Token("raised", "^", typed, position)
    yield Token("open", "(", "", position)
    for token in _split_tokens(inside, inside):
        yield Token(token.kind, token.text, "", position)
    yield Token("close", ")", "", position + len(typed))


def _read_name(word: str, position: int) -> str:
    stem = word.rstrip("".join(LOWERED))
    lowered = "".join(LOWERED[character] for character in word[len(stem) :])
    name = f"{stem}_{lowered}" if lowered else re.sub(r"_\{(\w+)\}$", r"_\1", stem)
    where = f"(column {position + 1})"
    if len(name) > MAX_NAME:
        raise FormulaError(
            f"the name {quote(name)} is too long: {len(name)} letters where at most {MAX_NAME} "
            f"are read {where}."
        )
    if not name[0].isalpha():
        raise FormulaError(f"{name!r} is not a name; it must begin with a letter {where}.")
    if keyword.iskeyword(name) and name != "lambda":
        raise FormulaError(f"{name!r} is a word of Python, not a name {where}.")
    if name.lower() in {"oo", "zoo", "nan", "inf", "infinity"} or name == "I":
        raise FormulaError(f"{name!r} is not a finite real number {where}.")
    if re.fullmatch("log_[0-9]+", ALIASES.get(name, name)):
        raise FormulaError(f"write log(x)/log({name[4:]}) for {name} {where}.")
    return ALIASES.get(name, name)


_SPELLED = {
    "number": lambda word, position: word,
    "fraction": lambda word, position: FRACTIONS[word],
    "name": _read_name,
    "operator": lambda word, position: "^" if word == "**" else word,
    "open": lambda word, position: "(",
    "close": lambda word, position: ")",
    "bar": lambda word, position: "|",
    "root": lambda word, position: "sqrt",
    "quotient": lambda word, position: "/",
}
