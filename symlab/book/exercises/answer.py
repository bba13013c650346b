"""An answer in one form, whatever was given: its kind, its entries, and how these are arranged.

Whoever answers gives text, numbers or SymPy objects. Judging, looking for a mistake, and sealing an
answer for a student's notebook all work on this form alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Rational, Symbol

from symlab.proofs.printing import latex

WANTED = {
    "expression": "an expression in {letters}",
    "number": "a number, exactly or with at least three digits",
    "interval": "an interval such as (0, 1/2], or 0 < a <= 1/2",
    "set": "numbers in any order, such as {{1, 2}}",
    "matrix": "a matrix or a vector, such as [[1, 2], [3, 4]] or [1, 2]",
    "trace": "the iterates in their order, such as 1, 1/2, 1/4",
    "method": "a method such as momentum(step_size=1/10, momentum=1/2)",
}
"""What is expected of an answer of each kind, for the question and for a message."""

_UNDERSCORE = r"\_"
ANYWHERE = Rational(61, 100)
"""Stands for every letter where the members of a set are put in order."""


@dataclass(frozen=True)
class Answer:
    """What was answered.

    Parameters
    ----------
    kind : str
        One of `WANTED`.
    entries : tuple of Expr
        The expression or number; the two ends of an interval; the members of a set from the
        smallest on; a matrix row by row; a trace from its start on. Of a method it is the x that
        three steps lead to, under gradients that may be anything.
    shape : tuple of int
        Of a matrix: rows and columns, or the length of a vector.
    closed : tuple of bool
        Of an interval: which of its ends belong to it.
    digits : tuple of int or None
        For each entry that was given as a rounded decimal, how many digits were given.
    text : str
        The answer as it is shown, if its entries do not say it.
    """

    kind: str
    entries: tuple[Expr, ...]
    shape: tuple[int, ...] = ()
    closed: tuple[bool, bool] = (False, False)
    digits: tuple[int | None, ...] = ()
    text: str = ""

    def map(self, change: Callable[[Expr], Expr]) -> "Answer":
        """Return the answer with each entry changed, and nothing rounded.

        Examples
        --------
        >>> from sympy.abc import x
        >>> print(Answer("expression", (x,)).map(lambda entry: -entry))
        -x
        """
        return replace(self, entries=tuple(map(change, self.entries)), digits=(), text="")

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.entries)

    def digits_of(self, index: int) -> int | None:
        """Return to how many digits an entry was rounded, or None if it is exact."""
        return self.digits[index] if self.digits else None

    def __str__(self) -> str:
        return self.text or _arrange(self, spell)

    @property
    def latex(self) -> str:
        """The answer as LaTeX."""
        return (
            rf"\mathtt{{{self.text.replace('_', _UNDERSCORE)}}}"
            if self.text
            else _arrange(self, latex)
        )


def spell(entry: Expr) -> str:
    """Return an entry as it is typed, which the parser of formulas reads again.

    Examples
    --------
    >>> from sympy.abc import x
    >>> spell(x**2 / 2)
    'x^2/2'
    """
    return str(entry).replace("**", "^")


def _arrange(answer: Answer, write: Callable[[Expr], str]) -> str:
    """Return the entries between the brackets of their kind."""
    parts = [write(entry) for entry in answer.entries]
    inside = ", ".join(parts)
    if answer.kind == "interval":
        return f"{'(['[answer.closed[0]]}{inside}{')]'[answer.closed[1]]}"
    if answer.kind == "set":
        return f"\\{{{inside}\\}}" if write is latex else f"{{{inside}}}"
    if answer.kind == "matrix":
        return _write_rows(parts, answer.shape)
    return inside


def _write_rows(parts: Sequence[str], shape: tuple[int, ...]) -> str:
    if len(shape) < 2:
        return f"[{', '.join(parts)}]"
    rows = [", ".join(parts[i * shape[1] : (i + 1) * shape[1]]) for i in range(shape[0])]
    return f"[{', '.join(f'[{row}]' for row in rows)}]"


def in_order(entries: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return the members of a set from the smallest on, letters being somewhere above 0.

    Examples
    --------
    >>> from sympy.abc import a
    >>> in_order([a, -a])
    (-a, a)
    """

    def height(entry: Expr) -> float:
        return float(entry.subs(dict.fromkeys(entry.free_symbols, ANYWHERE)).evalf())

    return tuple(sorted(entries, key=height))


def wanted(kind: str, letters: Sequence[Symbol]) -> str:
    """Return what is expected of an answer, in words.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> wanted("expression", (x, y))
    'an expression in x, y'
    """
    listed = ", ".join(map(str, letters))
    told = WANTED[kind].format(letters=listed)
    return told if kind == "expression" or not letters else f"{told}; its letters are {listed}"
