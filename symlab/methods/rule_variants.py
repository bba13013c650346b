r"""The forms of a rule side by side: what each library writes, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

from sympy import Basic, Symbol, latex

from symlab.algebra.alphabet import HYPERPARAMETERS
from symlab.checks import check_type
from symlab.methods.rule import Rule

OWN = "own"
"""The name of the first column: the rule in its source's form."""


@dataclass(frozen=True)
class VariantRow:
    """One letter through all forms: its row of the recurrence, or its default.

    Parameters
    ----------
    letter : sympy.Symbol
    cells : tuple
        For each form an expression or number; None where it has none.
    """

    letter: Symbol
    cells: tuple[object, ...]

    @property
    def differs(self) -> tuple[bool, ...]:
        """For each form whether its cell is another than that of the first."""
        return tuple(cell != self.cells[0] for cell in self.cells)


@dataclass(frozen=True, repr=False)
class RuleVariants:
    """A rule in its own form and in those of other libraries, a column each.

    Parameters
    ----------
    forms : tuple of Rule
        The rule as its source has it, then its variants.

    Attributes
    ----------
    names : tuple of str
    rows, defaults : tuple of VariantRow
        The recurrences, and the hyperparameters.
    """

    forms: tuple[Rule, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each column is called: `own`, then the names of the variants."""
        return tuple(form.variant or OWN for form in self.forms)

    @cached_property
    def rows(self) -> tuple[VariantRow, ...]:
        """The recurrences, a row for each letter that any form updates."""
        return _rows([form.recurrence for form in self.forms])

    @cached_property
    def defaults(self) -> tuple[VariantRow, ...]:
        """The defaults, a row for each hyperparameter that any form takes."""
        return _rows([form.defaults for form in self.forms])

    def differing(self) -> tuple[str, ...]:
        """Return the names of the forms whose recurrence is another than the source's.

        Examples
        --------
        >>> from symlab.methods.rules import adagrad
        >>> rule_variants(adagrad).differing()
        ('torch', 'optax', 'keras3')
        """
        marks = zip(*(row.differs for row in self.rows), strict=True)
        return tuple(name for name, marked in zip(self.names, marks, strict=True) if any(marked))

    def __repr__(self) -> str:
        blocks = [
            f"{name}: {form.source}\n" + "\n".join(self._lines(column))
            for column, (name, form) in enumerate(zip(self.names, self.forms, strict=True))
        ]
        return f"{self.forms[0].name}, in {len(self.forms)} forms\n" + "\n".join(blocks)

    def _lines(self, column: int) -> list[str]:
        """Return the lines of a form: all of the first, of another what differs."""
        rows = [
            f"    {row.letter} <- {row.cells[column]}"
            for row in self.rows
            if (column == 0 or row.differs[column]) and row.cells[column] is not None
        ]
        words = [
            f"{HYPERPARAMETERS[row.letter].word}={row.cells[column]}"
            for row in self.defaults
            if (column == 0 or row.differs[column]) and row.cells[column] is not None
        ]
        return [*rows, *([f"    {', '.join(words)}"] if words else [])] or ["    the same"]

    def latex(self) -> str:
        r"""Return the table as LaTeX: a column for each form, a dot where it is as in the first.

        Examples
        --------
        >>> from symlab.methods.rules import adamax
        >>> print(rule_variants(adamax(variant="torch")).latex().splitlines()[1])
         & \text{own} & \text{torch} & \text{optax} & \text{keras} & \text{keras3} \\ \hline
        """
        head = " & ".join(["", *(rf"\text{{{name}}}" for name in self.names)])
        lines = [
            " & ".join([rf"{latex(row.letter)} {sign}", *_in_latex(row)])
            for rows, sign in ((self.rows, r"\leftarrow"), (self.defaults, "="))
            for row in rows
        ]
        body = " \\\\\n".join([rf"{head} \\ \hline" + "\n" + lines[0], *lines[1:]])
        columns = "r|" + "l" * len(self.forms)
        return rf"\begin{{array}}{{{columns}}}" + f"\n{body}\n" + r"\end{array}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def to_html(self) -> str:
        r"""Return the table as HTML: formulas as TeX in \( \), what differs in `<mark>`.

        Examples
        --------
        >>> from symlab.methods.rules import signsgd
        >>> print(rule_variants(signsgd).to_html().splitlines()[1])
        <tr><th>letter</th><th>own</th><th>optax</th></tr>
        """
        head = "".join(f"<th>{escape(name)}</th>" for name in ("letter", *self.names))
        lines = [f"<tr>{head}</tr>"]
        for row in (*self.rows, *self.defaults):
            cells = [
                f"<td><mark>{cell}</mark></td>" if mark else f"<td>{cell}</td>"
                for cell, mark in zip(map(_in_html, row.cells), row.differs, strict=True)
            ]
            lines.append(f"<tr><th>\\({latex(row.letter)}\\)</th>{''.join(cells)}</tr>")
        table = "\n".join(lines)
        return f'<table class="rule-variants">\n{table}\n</table>'

    def _repr_html_(self) -> str:
        return self.to_html()


def rule_variants(rule: Rule) -> RuleVariants:
    """Return the forms of a rule side by side, a column for each library that has it.

    Parameters
    ----------
    rule : Rule
        A rule, in any of its forms; hyperparameters that were set are not looked at.

    Returns
    -------
    RuleVariants
        Which prints what differs, and has `rows`, `defaults`, `latex()` and `to_html()`.

    Raises
    ------
    TypeError
        If it is no rule.

    Examples
    --------
    >>> from symlab.methods.rules import adamax
    >>> rule_variants(adamax)
    adamax, in 5 forms
    own: Kingma & Ba 2015, algorithm 2, which has no epsilon
        m <- beta1*m + g*(1 - beta1)
        u <- Max(beta2*u, Abs(g))
        x <- -alpha*m/((1 - beta1**(k + 1))*(epsilon + u)) + x
        step_size=0.002, beta1=0.9, beta2=0.999, epsilon=1e-08
    torch: PyTorch 2.14, torch.optim.Adamax: epsilon is added to the slope
        u <- Max(beta2*u, epsilon + Abs(g))
        x <- -alpha*m/(u*(1 - beta1**(k + 1))) + x
    optax: optax 0.2.8, adamax: epsilon is added to the slope; it has no step size of its own
        u <- Max(beta2*u, epsilon + Abs(g))
        x <- -alpha*m/(u*(1 - beta1**(k + 1))) + x
    keras: Keras 2.2.4, optimizers.py: another epsilon
        epsilon=1e-07
    keras3: Keras 3.15, keras.optimizers.Adamax
        step_size=0.001, epsilon=1e-07
    """
    own = check_type(rule, Rule, "rule", "a rule such as sl.adam").own or rule
    plain = replace(own, values={})
    return RuleVariants((plain, *(plain(variant=name) for name in own.variants)))


def _rows(tables: Sequence[object]) -> tuple[VariantRow, ...]:
    """Return a row for each letter that any of the tables has, in their order."""
    stated = [dict(table) for table in tables]  # type: ignore[call-overload]
    letters = dict.fromkeys(letter for table in stated for letter in table)
    return tuple(VariantRow(each, tuple(table.get(each) for table in stated)) for each in letters)


def _in_latex(row: VariantRow) -> list[str]:
    """Return the cells of a row: the first, and of the others what differs."""
    first, *others = (_tex(cell) for cell in row.cells)
    marks = row.differs[1:]
    return [first, *(tex if mark else r"\cdot" for tex, mark in zip(others, marks, strict=True))]


def _tex(cell: object) -> str:
    if cell is None:
        return r"\text{-}"
    return latex(cell) if isinstance(cell, Basic) else rf"\text{{{cell}}}"


def _in_html(cell: object) -> str:
    if isinstance(cell, Basic):
        return escape(rf"\({latex(cell)}\)")
    return "" if cell is None else escape(str(cell))
