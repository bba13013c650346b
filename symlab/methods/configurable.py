"""What rules, directions, searches and schedules share: hyperparameters set by calling them.

Each is a frozen dataclass with a `name`, the `defaults` of its hyperparameters and the `values`
chosen instead, both keyed by letter. Users name a hyperparameter by its word (`step_size`), which
`symlab.algebra.alphabet` keeps beside its letter and its domain.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, Self

from sympy import Basic, Expr, Interval, S, Set, Symbol, latex

from symlab.algebra.alphabet import HYPERPARAMETERS
from symlab.algebra.exactly import exactly
from symlab.algebra.foreign_words import hint
from symlab.checks import shown

SWITCHES = {entry.word for entry in HYPERPARAMETERS.values() if entry.switch}


class Configurable:
    """Base of the dataclasses that are called to set their hyperparameters.

    Attributes
    ----------
    name : str
        The name users call it by.
    defaults : mapping of symbol to number
        The hyperparameters and the values they have unless they are set.
    values : mapping of symbol to number
        The values that were set.
    """

    name: str
    defaults: Mapping[Symbol, object]
    values: Mapping[Symbol, object]

    def __call__(self, **values: Any) -> Self:
        """Return the same with these hyperparameters, each named by its word.

        Raises
        ------
        TypeError
            If a word names none of the hyperparameters, or a value is no number.
        ValueError
            If a value lies outside its domain.
        """
        return self._with_values(check_values(self.name, self.defaults, values))

    def _with_values(self, chosen: Mapping[Symbol, object]) -> Self:
        """Return the same with these values, which have been checked, in place of its own."""
        return replace(self, values={**self.values, **chosen})  # type: ignore[type-var]

    def __repr__(self) -> str:
        return self._call

    @cached_property
    def _call(self) -> str:
        """The call that makes it."""
        words = {HYPERPARAMETERS[letter].word: str(value) for letter, value in self._all().items()}
        choices = {word: repr(name) for word, name in self._choices().items()}
        call = ", ".join(f"{word}={value}" for word, value in {**words, **choices}.items())
        return f"{self.name}({call})"

    def _all(self) -> dict[Symbol, object]:
        """Return every hyperparameter with the value that holds, as it was given."""
        return {**self.defaults, **self.values}

    def _choices(self) -> dict[str, str]:
        """Return what else a call chooses by name, where it is not the usual choice."""
        return {}

    @cached_property
    def hyperparameters(self) -> dict[Symbol, Expr]:
        """Every hyperparameter with its exact value."""
        return {letter: exactly(value) for letter, value in self._all().items()}

    def latex(self) -> str:
        """Return the formula as LaTeX."""
        raise NotImplementedError

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


def check_values(
    owner: str, defaults: Mapping[Symbol, object], values: Mapping[str, object]
) -> dict[Symbol, object]:
    """Return values keyed by letter, each of them known to `owner` and inside its domain."""
    letters = {HYPERPARAMETERS[letter].word: letter for letter in defaults}
    for word, value in values.items():
        if word not in letters:
            raise TypeError(
                f"{owner} has no hyperparameter {shown(word)}{hint(word, letters)} "
                f"It takes {', '.join(letters) or 'none'}."
            )
        domain = HYPERPARAMETERS[letters[word]].domain
        if not is_in(exactly(value, f"{owner}: {word}"), domain):
            raise ValueError(f"{owner}: {word} must lie in {interval(domain)}, got {shown(value)}.")
    return {letters[word]: value for word, value in values.items()}


def is_in(number: Expr, domain: Set) -> bool:
    """Return whether a number lies in a domain.

    Rational numbers are compared with the ends of an interval: asking a set takes a millisecond.

    Examples
    --------
    >>> from sympy import Rational, oo, sqrt
    >>> unit = Interval.Ropen(0, 1)
    >>> is_in(Rational(0), unit), is_in(Rational(1), unit), is_in(1 / sqrt(2), unit)
    (True, False, True)
    """
    if not (isinstance(domain, Interval) and number.is_Rational):
        return bool(domain.contains(number) == S.true)
    if number in (domain.start, domain.end):
        return not (domain.left_open if number == domain.start else domain.right_open)
    return bool(domain.start < number < domain.end)


def as_number(word: str, value: Any) -> Any:
    """Return True and False as 1 and 0 where a word is that of a switch, and all else as it is.

    Examples
    --------
    >>> as_number("centered", True), as_number("momentum", True)
    (1, True)
    """
    return int(value) if isinstance(value, bool) and word in SWITCHES else value


def interval(domain: Set) -> str:
    """Return a set of numbers as it is written by hand.

    Examples
    --------
    >>> from sympy import S
    >>> interval(Interval.Lopen(0, 1)), interval(S.Naturals)
    ('(0, 1]', '{1, 2, 3, …}')
    """
    if not isinstance(domain, Interval):
        return f"{{{', '.join(str(number) for number in islice(domain, 3))}, …}}"
    left, right = "(" if domain.left_open else "[", ")" if domain.right_open else "]"
    return f"{left}{domain.start}, {domain.end}{right}".replace("oo", "∞")


def assignments(rows: Mapping[Basic, Basic]) -> str:
    r"""Return assignments, one a line, as aligned LaTeX.

    Examples
    --------
    >>> from sympy.abc import g, x
    >>> print(assignments({x: x - g}))
    \begin{aligned}
    x &\leftarrow - g + x
    \end{aligned}
    """
    lines = [rf"{latex(letter)} &\leftarrow {latex(row)}" for letter, row in rows.items()]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
