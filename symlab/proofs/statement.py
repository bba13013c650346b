"""What one step of a derivation says: an expression, or two of them with a relation between.

SymPy decides a relation while it builds it, and `Eq(x, x)` is then no equation but `True`. So a
relation is taken apart here, and its sides are worked on one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import (
    Basic,
    Eq,
    Expr,
    Ge,
    Gt,
    ImmutableMatrix,
    Le,
    Lt,
    MatrixBase,
    Ne,
    false,
    true,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from symlab.algebra.exactly import rationalize
from symlab.algebra.gate import as_symbolic
from symlab.checks import shown
from symlab.proofs.printing import draw_formula, latex, line

RELATIONS = {Eq: "=", Le: "≤", Lt: "<", Ge: "≥", Gt: ">", Ne: "≠"}
LATEX = {Eq: "=", Le: r"\leq", Lt: "<", Ge: r"\geq", Gt: ">", Ne: r"\neq"}


@dataclass(frozen=True)
class Statement:
    """Two sides and the relation between them; a bare expression is a right side alone."""

    right: Basic
    left: Basic | None = None
    relation: type[Relational] | None = None

    def __str__(self) -> str:
        left = "" if self.left is None else line(self.left)
        return " ".join(filter(None, (left, RELATIONS.get(self.relation), line(self.right))))

    @property
    def sides(self) -> tuple[Basic, ...]:
        """The one or two expressions."""
        return (self.right,) if self.left is None else (self.left, self.right)

    @property
    def formula(self) -> Basic:
        """The statement as SymPy has it, not evaluated."""
        if self.left is None or self.relation is None:
            return self.right
        return self.relation(self.left, self.right, evaluate=False)

    @property
    def latex(self) -> str:
        """The statement as LaTeX."""
        return " ".join(part for part in self.latex_parts if part)

    @property
    def latex_parts(self) -> tuple[str, str, str]:
        """Left side, sign and right side as LaTeX, empty where there is none."""
        left = "" if self.left is None else latex(self.left)
        return left, LATEX.get(self.relation, ""), latex(self.right)

    @property
    def pretty(self) -> str:
        """The statement drawn with Unicode over several lines, as SymPy does."""
        if self.left is None and self.relation is not None:
            return str(self)
        return draw_formula(self.formula)

    def deny(self) -> "Statement":
        """Return that an equation does not hold, or that something is not this expression."""
        return Statement(self.right, self.left, Ne)

    def map(self, change: Callable[[Basic], Basic]) -> "Statement":
        """Return the statement with each side changed."""
        left = None if self.left is None else change(self.left)
        return Statement(change(self.right), left, self.relation)


def as_statement(given: object) -> Statement:
    """Return what a user wrote, taken apart; floats stand for the decimals they print as.

    Raises
    ------
    TypeError
        If it is no expression, matrix or relation; also if it is `True`, which is what SymPy makes
        of a relation that it sees to hold.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(as_statement(Eq(x, 0.5)))
    x = 1/2
    >>> as_statement(Eq(x, x))
    Traceback (most recent call last):
        ...
    TypeError: statement: SymPy made it True while it was built; write Eq(..., evaluate=False).
    """
    if isinstance(given, (bool, np.bool_)):
        stated: Any = true if given else false
    else:
        stated = as_symbolic(given, "statement", "an expression or an equation or inequality")
    if isinstance(stated, BooleanAtom):
        raise TypeError(
            f"statement: SymPy made it {stated} while it was built; write Eq(..., evaluate=False)."
        )
    if isinstance(stated, MatrixBase):
        return Statement(rationalize(ImmutableMatrix(stated)))
    if isinstance(stated, Expr):
        return Statement(rationalize(stated))
    if type(stated) not in set(RELATIONS) - {Ne}:
        raise TypeError(
            f"statement: expected an expression or an equation or inequality, got {shown(given)}."
        )
    return Statement(rationalize(stated.rhs), rationalize(stated.lhs), type(stated))


def equation(left: object, right: object) -> Eq:
    """Return an equation as it is written, also where SymPy would make it `True` at once."""
    return Eq(as_symbolic(left, "left"), as_symbolic(right, "right"), evaluate=False)
