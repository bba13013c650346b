"""What an exercise asks: a sentence with formulas in it, for a terminal and for a notebook."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sympy import Basic, MatrixBase

from symlab.proofs.printing import latex

NAME = re.compile(r"\{(\w+)\}")
MATHEMATICS = re.compile(r"`([^`]*)`")

GREEK = "alpha|beta|epsilon|eta|lambda|mu|sigma"
TYPESET = (
    (r"([_^])\(([^()]*)\)", r"\1{\2}"),
    (r"([_^])(-?\w+)", r"\1{\2}"),
    (rf"\b({GREEK}|[a-zA-Z])(\d+)\b", r"\1_{\2}"),
    (rf"\b({GREEK})(?![a-z])", r"\\\1 "),
    (r"\blog\b", r"\\log"),
    (r"\b(softsign)\b", r"\\operatorname{\1}"),
    (r"<=", r"\\leq "),
)
"""How a typed formula becomes LaTeX: powers and indices, Greek letters, functions, and order."""


@dataclass(frozen=True)
class Question:
    r"""A sentence with what is typed between backticks, and SymPy's formulas as `{name}`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> asked = Question("For which `alpha` is `x0 - alpha f'` the minimum of {f}?", {"f": x**2})
    >>> print(asked)
    For which alpha is x0 - alpha f' the minimum of x^2?
    >>> asked.markdown
    "For which $\\alpha$ is $x_{0} - \\alpha  f'$ the minimum of $x^{2}$?"
    """

    sentence: str
    formulas: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence with its formulas as they are typed."""
        plain = self.sentence.replace("`", "")
        return NAME.sub(lambda name: self._typed(name[1]), plain)

    @property
    def markdown(self) -> str:
        """The sentence with its formulas as LaTeX between dollars."""
        parts = MATHEMATICS.split(self.sentence)
        around = [NAME.sub(lambda name: f"${self._latex(name[1])}$", part) for part in parts[::2]]
        typed = [f"${self._set(part)}$" for part in parts[1::2]]
        return "".join(part for pair in zip(around, [*typed, ""], strict=True) for part in pair)

    def _typed(self, name: str) -> str:
        formula = self.formulas[name]
        if isinstance(formula, MatrixBase):
            formula = formula.flat() if formula.cols == 1 else formula.tolist()
        return str(formula).replace("**", "^")

    def _latex(self, name: str) -> str:
        formula = self.formulas[name]
        return latex(formula) if isinstance(formula, Basic | MatrixBase) else str(formula)

    def _set(self, typed: str) -> str:
        """Return what was typed as LaTeX, the formulas in it put in last."""
        pieces = NAME.split(typed)
        pieces[::2] = map(typeset, pieces[::2])
        pieces[1::2] = map(self._latex, pieces[1::2])
        return "".join(pieces).strip()

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.markdown, quote=False)}</p>"


def typeset(typed: str) -> str:
    r"""Return a formula as it is typed, in LaTeX.

    Examples
    --------
    >>> print(typeset("y_n = a x_n + (1 - a) y_(n-1)"), typeset("e^-x0 <= beta1"), sep="   ")
    y_{n} = a x_{n} + (1 - a) y_{n-1}   e^{-x_{0}} \leq  \beta _{1}
    """
    for pattern, replacement in TYPESET:
        typed = re.sub(pattern, replacement, typed)
    return typed
