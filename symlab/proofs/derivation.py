"""A derivation: statements, and inferences between them that are verified when it is made.

Each step says what is so, why, and from which step by what kind of inference. All inferences are
verified when the derivation is made; one that does not hold is refused with the step named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Basic, Eq, FiniteSet, Interval, Set, Symbol

from symlab.checks import check_type, nearest, several, shown, whole
from symlab.proofs.equality import Finding
from symlab.proofs.inference import KINDS, Inference, given
from symlab.proofs.statement import Statement, as_statement
from symlab.proofs.text import as_latex, as_markdown, as_text, origin_of

BY: dict[str, tuple[tuple[type, ...], str]] = {
    "substitute": ((Mapping,), "a mapping of what to put in"),
    "differentiate": ((Basic, tuple), "a letter, or a tuple of letters"),
    "induction": ((Mapping,), "a mapping of the first member to its value"),
}
"""What `by` must be for the kinds of inference that need it, and how a message says so."""


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation.

    Parameters
    ----------
    formula : sympy.Expr, Matrix or Relational
        What is stated: an expression, an equation or an inequality.
    why : str
        A sentence for the reader.
    kind : str
        How it follows. "given": a premise. "equal": the same, written otherwise. "substitute": with
        values put in. "differentiate": in a letter, or in several. "solve": for the letter on the
        left. "rearrange": both sides moved about or multiplied. "bound": what the right side is at
        most, or at least. "induction": a formula for every member, from a recurrence. "refuted":
        NOT so.
    by : object, optional
        For "substitute" a mapping of what to put in, with a `Lambda` for a function. For
        "differentiate" a letter, or a tuple of them. For "induction" the first member and its
        value. For "refuted", if you wish, the point at which to compare.
    after : int, optional
        The number of the step it follows from; the one before if left out.
    using : sequence of int
        The numbers of equations among the other steps whose left sides stand for their right.
    number : int
        Its number in a derivation, from 1; given by the derivation.
    origin : str
        From which step it follows and how, in a few words; given by the derivation.
    finding : Finding, optional
        How the inference was verified; given by the derivation.

    Examples
    --------
    >>> from sympy.abc import x
    >>> Step(2 * x, "The slope of the square.", "diffrentiate", by=x)
    Traceback (most recent call last):
        ...
    ValueError: kind: unknown kind 'diffrentiate'; did you mean 'differentiate'? Known: given, \
equal, substitute, differentiate, solve, rearrange, bound, induction, refuted.
    """

    formula: object
    why: str
    kind: str = "given"
    by: Any = None
    after: int | None = None
    using: Sequence[int] = ()
    number: int = 0
    origin: str = ""
    finding: Finding | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str):
            raise TypeError(f"kind: expected a word, got {shown(self.kind)}.")
        if self.kind not in KINDS:
            raise ValueError(
                f"kind: unknown kind {shown(self.kind)}{nearest(self.kind, KINDS)} "
                f"Known: {', '.join(KINDS)}."
            )
        check_type(self.why, str, "why", "a sentence")
        types, wanted = BY.get(self.kind, ((object,), ""))
        if not isinstance(self.by, types):
            raise TypeError(f"by: the kind {self.kind!r} needs {wanted}, got {shown(self.by)}.")
        _ = self.statement  # so that what is no statement is refused here

    def __str__(self) -> str:
        return f"({self.number}) {self.shown}"

    @cached_property
    def statement(self) -> Statement:
        """The formula, taken apart into its sides."""
        return as_statement(self.formula)

    @property
    def latex(self) -> str:
        """The formula as LaTeX; one that is refuted with the sign of inequality."""
        return self.shown.latex

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"

    @property
    def shown(self) -> Statement:
        """The statement as it holds: of one that is refuted, that it does not."""
        return self.statement.deny() if self.kind == "refuted" else self.statement

    @property
    def verified_by(self) -> str:
        """How the inference was verified, in words; empty before it was."""
        return "" if self.finding is None else str(self.finding)

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {
            "number": self.number,
            "statement": str(self.shown),
            "latex": self.latex,
            "why": self.why,
            "kind": self.kind,
            "after": self.after,
            "origin": self.origin,
            "using": list(self.using),
            "how": "" if self.finding is None else self.finding.how,
            "points": 0 if self.finding is None else self.finding.points,
            "verified_by": self.verified_by,
        }


@dataclass(frozen=True, eq=False)
class Derivation:
    """Steps whose inferences all hold.

    Parameters
    ----------
    name : str
    title : str
    steps : sequence of Step
        In order; each follows from the one before unless it says otherwise.
    section : int, optional
        Of the chapter.
    remark : str
        A sentence on the source, or on what is printed elsewhere.
    domains : mapping of symbol to Interval, or FiniteSet
        Of letters whose assumptions do not say it all, such as a label that is -1 or 1.

    Raises
    ------
    ValueError
        If a step does not follow, with its number, its sentence, both formulas, and a point at
        which they can be seen to differ where one is found; if a step follows from one that does
        not come before it; or if nothing follows from a premise.

    Examples
    --------
    >>> from sympy import Eq, symbols
    >>> from symlab import smooth
    >>> x = symbols("x", real=True)
    >>> f = smooth("f")
    >>> steps = [
    ...     Step(Eq(f(x), x**2 + 2*x), "A parabola."),
    ...     Step(Eq(f(x), (x + 1)**2 - 1), "Complete the square.", "equal"),
    ...     Step(f(x) >= -1, "A square is not negative.", "bound"),
    ... ]
    >>> print(Derivation("square", "The lowest value of a parabola", steps).steps[1].verified_by)
    proved: the difference expands to 0

    A step that does not follow is refused:

    >>> steps[1] = Step(Eq(f(x), (x + 1)**2 + 1), "Complete the square.", "equal")
    >>> Derivation("square", "The lowest value of a parabola", steps)
    Traceback (most recent call last):
        ...
    ValueError: square, step 2 ("Complete the square."): f(x) = (x + 1)**2 + 1 does not \
follow, by 'equal', from (1) f(x) = x**2 + 2*x: of the right sides, at x = 0 they are 0 and 2.
    """

    name: str
    title: str
    steps: Sequence[Step]
    section: int | None = None
    remark: str = ""
    domains: Mapping[Symbol, Set] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given_steps = several(self.steps, "steps", "a sequence of Step")
        for each in given_steps:
            check_type(each, Step, "steps", "a sequence of Step")
        check_type(self.domains, Mapping, "domains", "a mapping of letters to sets")
        stated = tuple(replace(step, number=i) for i, step in enumerate(given_steps, start=1))
        if not stated:
            raise ValueError(f"{self.name}: steps: expected at least one, got none.")
        for letter, domain in self.domains.items():
            check_type(letter, Symbol, "domains", "a letter for each set")
            if not isinstance(domain, FiniteSet if letter.is_integer else (Interval, FiniteSet)):
                wanted = "a FiniteSet" if letter.is_integer else "an Interval or a FiniteSet"
                raise TypeError(
                    f"{self.name}: domains: expected {wanted} for {letter}, got {shown(domain)}."
                )
        object.__setattr__(self, "steps", stated)
        object.__setattr__(self, "steps", tuple(map(self._verify, stated)))
        self._check_premises()

    def _verify(self, step: Step) -> Step:
        """Return a step with what was found out about its inference, or refuse it."""
        if step.kind == "given":
            return replace(step, finding=given(), origin=origin_of(step, None))
        old = self.before(step)
        known = [self._find_earlier(number, step) for number in step.using]
        inference = Inference(
            old.statement,
            step.statement,
            step.by,
            {equation.left: equation.right for equation in known},
            tuple(self.domains.items()),
        )
        found = KINDS[step.kind](inference)
        if not found.holds:
            raise ValueError(
                f"{self._name_place(step)}: {step.statement} {_describe_failure(step.kind)} "
                f"({old.number}) {old.statement}: {found.detail}."
            )
        return replace(step, after=old.number, finding=found, origin=origin_of(step, old.number))

    def before(self, step: Step) -> Step:
        """Return the step that a step follows from: the last one not refuted, if it names none.

        Raises
        ------
        ValueError
            If there is none, or the one named does not come before it.
        """
        check_type(step, Step, "step", "a Step")
        earlier = [each for each in self.steps[: step.number - 1] if each.kind != "refuted"]
        named = [each for each in earlier if step.after in (None, each.number)]
        if not named:
            raise ValueError(
                f"{self._name_place(step)}: after: expected the number of an earlier step "
                f"that holds, got {shown(step.after)}."
            )
        return named[-1]

    def _find_earlier(self, number: int, step: Step) -> Statement:
        """Return an earlier equation; a later one could rest on the very step that uses it."""
        for each in self.steps[: step.number - 1]:
            if each.number == number and each.kind != "refuted" and each.statement.relation is Eq:
                return each.statement
        raise ValueError(
            f"{self._name_place(step)}: using: expected numbers of earlier equations, "
            f"got {shown(number)}."
        )

    def _check_premises(self) -> None:
        """Refuse a premise from which nothing follows: it would look derived and is not."""
        followers = [step for step in self.steps if step.kind != "given"]
        used = {number for step in followers for number in step.using}
        used |= {self.before(step).number for step in followers}
        for step in self.steps:
            if step.kind == "given" and step.number not in used:
                raise ValueError(f"{self._name_place(step)}: nothing follows from this premise.")

    def _name_place(self, step: Step) -> str:
        return f'{self.name}, step {step.number} ("{step.why}")'

    @property
    def conclusion(self) -> Basic:
        """What the last step states, as SymPy has it."""
        return self.steps[-1].statement.formula

    @property
    def source(self) -> str:
        """Where the derivation stands, and the remark."""
        chapter = f"Chapter, section {self.section}." if self.section else ""
        return f"{chapter} {self.remark}".strip()

    def latex(self) -> str:
        """Return the steps as one `align*` block, each with its number."""
        return as_latex(self)

    def markdown(self) -> str:
        """Return numbered steps: sentence, formula, and how the inference was verified."""
        return as_markdown(self)

    def text(self, width: int = 100) -> str:
        """Return the steps for a terminal of `width` columns, formulas drawn where they fit."""
        return as_text(self, whole(width, "width", 1))

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "section": self.section,
            "remark": self.remark,
            "steps": [step.to_dict() for step in self.steps],
        }

    def __repr__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_latex_(self) -> str:
        return self.latex()


def _describe_failure(kind: str) -> str:
    """Return how a message says that an inference of this kind does not hold."""
    return "is not refuted by" if kind == "refuted" else f"does not follow, by {kind!r}, from"
