"""What an exercise asks: a sentence with formulas in it, for a terminal and for a notebook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sympy import Basic

from symlab.proofs.printing import latex


@dataclass(frozen=True)
class Question:
    r"""A sentence, and the formulas that stand in it as `{name}`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> asked = Question("Differentiate {f}.", {"f": x**2})
    >>> print(asked)
    Differentiate x**2.
    >>> asked.markdown
    'Differentiate $x^{2}$.'
    """

    sentence: str
    formulas: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence with its formulas in one line each."""
        return self._filled(str)

    @property
    def markdown(self) -> str:
        """The sentence with its formulas as LaTeX between dollars."""
        return self._filled(lambda formula: f"${_write_latex(formula)}$")

    def _filled(self, write: Callable[[Any], str]) -> str:
        return self.sentence.format(**{name: write(each) for name, each in self.formulas.items()})

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.markdown, quote=False)}</p>"


def _write_latex(formula: object) -> str:
    return latex(formula) if isinstance(formula, Basic) else str(formula)
