"""A rule: one recurrence per letter, stated for a single coordinate.

A rule is data. From the same row come its LaTeX, the exact run, the compiled update and its
linearisation; no reader types the arithmetic again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property

from sympy import Expr, Interval, Symbol, latex

from symlab.algebra.alphabet import HYPERPARAMETERS, x
from symlab.algebra.exactly import exactly


@dataclass(frozen=True)
class Rule:
    """Recurrences read top to bottom: a row sees the rows above it already updated.

    Parameters
    ----------
    name : str
        The name users call it by.
    recurrence : mapping of symbol to expression
        New value of each letter; old values on the right. It must update `x`.
    defaults : mapping of symbol to number
        The hyperparameters and the values they have unless told otherwise.
    source : str
        Author, year, and where in the source the formula stands.
    values : mapping of symbol to number
        The hyperparameters chosen by calling the rule.

    Examples
    --------
    >>> from symlab.algebra.rules import momentum
    >>> momentum(step_size=0.1, momentum=0.5)
    momentum(step_size=0.1, momentum=0.5)
    >>> momentum(step_size=0.1, mometum=0.5)
    Traceback (most recent call last):
        ...
    TypeError: momentum has no hyperparameter 'mometum'; did you mean 'momentum'? It takes \
step_size, momentum.
    """

    name: str
    recurrence: Mapping[Symbol, Expr]
    defaults: Mapping[Symbol, object]
    source: str
    values: Mapping[Symbol, object] = field(default_factory=dict)

    def __call__(self, **values: object) -> "Rule":
        """Return the same rule with these hyperparameters, each named by its word."""
        return replace(
            self, values={**self.values, **checked_values(self.name, self.defaults, values)}
        )

    def __repr__(self) -> str:
        return called_as(self.name, {**self.defaults, **self.values})

    @cached_property
    def hyperparameters(self) -> dict[Symbol, Expr]:
        """Every hyperparameter with its exact value."""
        return {
            letter: exactly(value) for letter, value in {**self.defaults, **self.values}.items()
        }

    @cached_property
    def update(self) -> dict[Symbol, Expr]:
        """The recurrence as one simultaneous map from old values to new, letters kept."""
        new: dict[Symbol, Expr] = {}
        for letter, expression in self.recurrence.items():
            new[letter] = expression.xreplace(new)
        return new

    @cached_property
    def state(self) -> tuple[Symbol, ...]:
        """The letters remembered between steps: those some updated expression still reads.

        A named intermediate, read only by the rows below its own, is not among them. State starts
        at zero.
        """
        read = set().union(*(expression.free_symbols for expression in self.update.values()))
        return tuple(letter for letter in self.recurrence if letter in read and letter != x)

    @cached_property
    def step(self) -> dict[Symbol, Expr]:
        """The map (x, g, k, state) to (x, state), with the exact hyperparameters put in."""
        return {
            letter: self.update[letter].xreplace(self.hyperparameters)
            for letter in (x, *self.state)
        }

    def latex(self) -> str:
        r"""Return the recurrence as aligned LaTeX assignments, in the order they are carried out.

        Examples
        --------
        >>> from symlab.algebra.rules import gradient_descent
        >>> print(gradient_descent.latex())
        \begin{aligned}
        x &\leftarrow - \alpha g + x
        \end{aligned}
        """
        rows = [
            rf"{latex(letter)} &\leftarrow {latex(row)}" for letter, row in self.recurrence.items()
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


def checked_values(
    owner: str, defaults: Mapping[Symbol, object], values: Mapping[str, object]
) -> dict[Symbol, object]:
    """Return values keyed by letter, each known to `owner` and inside its domain."""
    letters = {HYPERPARAMETERS[letter].word: letter for letter in defaults}
    for word, value in values.items():
        if word not in letters:
            raise TypeError(
                f"{owner} has no hyperparameter {word!r}{nearest(word, letters)} "
                f"It takes {', '.join(letters) or 'none'}."
            )
        domain = HYPERPARAMETERS[letters[word]].domain
        if exactly(value, f"{owner}: {word}") not in domain:
            raise ValueError(f"{owner}: {word} must lie in {interval(domain)}, got {value!r}.")
    return {letters[word]: value for word, value in values.items()}


def interval(domain: Interval) -> str:
    """Return an interval as it is written by hand: `(0, 1]`."""
    left, right = "(" if domain.left_open else "[", ")" if domain.right_open else "]"
    return f"{left}{domain.start}, {domain.end}{right}".replace("oo", "∞")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the known name nearest to a mistyped one."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else "."


def called_as(name: str, values: Mapping[Symbol, object]) -> str:
    """Return the call that makes this value."""
    words = ", ".join(f"{HYPERPARAMETERS[letter].word}={value}" for letter, value in values.items())
    return f"{name}({words})"
