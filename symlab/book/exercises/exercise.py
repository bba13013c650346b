"""An exercise: what it asks, the right answer, which is derived, and what helps to find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Set, Symbol

from symlab.book.exercises.answer import Answer, wanted
from symlab.book.exercises.judging import Terms, judge
from symlab.book.exercises.mistakes import Mistake, Slip, find_mistake
from symlab.book.exercises.question import Question
from symlab.book.exercises.reading import read_answer
from symlab.book.exercises.stage import Stage, stage_page
from symlab.book.exercises.verdict import Verdict
from symlab.budget import OutOfTime, run_within
from symlab.checks import shown, whole
from symlab.markup import paragraph

if TYPE_CHECKING:
    from symlab.lab.explorer.explorer import Explorer

SECONDS = 20.0
"""What judging an answer may take; a formula that grows beyond that is refused."""

UNKNOWN = "None of the mistakes that are known here leads to it; a hint may help."

HELPS = 5
"""Three hints, then the way, then the answer."""


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """One exercise of a lesson.

    Parameters
    ----------
    id : str
        The lesson's number, a point and its own, such as "09.2".
    title : str
    question : Question
    kind : str
        What an answer is, one of `symlab.book.exercises.answer.WANTED`.
    derive : callable
        Returns the right answer; it is asked once.
    hints : tuple of str
        Three, of which none says the answer.
    way : str
        How the answer is come by, in a sentence or two.
    letters : tuple of Symbol
        Those that an answer may have.
    domains : mapping of Symbol to Set
        Where those lie whose assumptions do not say it.
    slips : callable
        Returns the mistakes that are made in this exercise above all.
    consequence : callable, optional
        Takes a wrong number and returns a sentence about what would follow from it.
    stage : callable, optional
        Returns what the explorer plays with, if the exercise is about a run.
    """

    id: str
    title: str
    question: Question
    kind: str
    derive: Callable[[], Any]
    hints: tuple[str, str, str]
    way: str
    letters: tuple[Symbol, ...] = ()
    domains: Mapping[Symbol, Set] = field(default_factory=dict)
    slips: Callable[[], tuple[Slip, ...]] = tuple
    consequence: Callable[[Any], str] | None = None
    stage: Callable[[], Stage] | None = None

    @property
    def lesson(self) -> int:
        """The number of its lesson."""
        return int(self.id.partition(".")[0])

    @property
    def wanted(self) -> str:
        """What is expected of an answer, in words."""
        return wanted(self.kind, self.letters)

    @property
    def terms(self) -> Terms:
        """Its letters, and where they lie."""
        return Terms(self.letters, self.domains)

    @cached_property
    def right(self) -> Answer:
        """The right answer."""
        return read_answer(self.derive(), self.kind, self.letters)

    @cached_property
    def known_slips(self) -> tuple[Slip, ...]:
        """The mistakes that are made in this exercise above all."""
        return self.slips()

    def check(self, answer: object) -> Verdict:
        """Return whether an answer is right and, if not, where and why it is wrong.

        Parameters
        ----------
        answer : text, number, SymPy object, sequence, method or trace
            In any form that is equal to the right one.

        Raises
        ------
        ValueError, TypeError
            If it is no answer to such a question, or takes too long to compare.

        Examples
        --------
        >>> from symlab.book.exercises.register import find_exercise
        >>> find_exercise("09.1").check("x^2 (4x - 9)").right
        True
        """
        try:
            return run_within(SECONDS, lambda: self._judge(answer))
        except OutOfTime:
            raise ValueError(
                f"answer: {shown(answer)} takes too long to compare; simplify it."
            ) from None

    def _judge(self, answer: object) -> Verdict:
        given = read_answer(answer, self.kind, self.letters)
        found = judge(given, self.right, self.terms)
        if found.holds:
            detail = found.detail if found.how == "proved" else f"it agrees {found.detail}"
            return Verdict(right=True, detail=detail)
        mistake = find_mistake(given, self.right, self.known_slips, self.terms)
        return Verdict(
            right=False, detail=found.detail, mistake=mistake, advice=self._advise(given, mistake)
        )

    def _advise(self, given: Answer, mistake: Mistake | None) -> str:
        """Return what follows from a wrong answer or, where nothing is known of it, what helps."""
        if self.consequence is not None and given.size == 1:
            return self.consequence(given.entries[0])
        return UNKNOWN if mistake is None else ""

    def hint(self, number: int = 1) -> str:
        """Return the first, second or third hint; the fourth is the way, the fifth the answer.

        Parameters
        ----------
        number : int
            1 to 5.

        Raises
        ------
        ValueError, TypeError
            If it is no such number.
        """
        if whole(number, "number", 1) > HELPS:
            raise ValueError(f"number: expected 1 to {HELPS}, got {shown(number)}.")
        if number > len(self.hints):
            return f"The answer: {self.right}" if number == HELPS else f"The way: {self.way}"
        return f"Hint {number} of {len(self.hints)}: {self.hints[number - 1]}"

    def explore(self) -> "Explorer":
        """Return a page to see it on: what is asked, hints, and the explorer of a run.

        The explorer marks what is derived, which may be the answer: it is for afterwards.

        Raises
        ------
        ValueError
            If the exercise is not about a run.
        """
        if self.stage is None:
            raise ValueError(
                f"exercise: {self.id} is not about a run, and has no page to see it on."
            )
        heading = f"Exercise {self.id}: {self.title}"
        command = f'symlab exercise {self.id} --answer "..."'
        told = (self.question.text, f"Answer with {self.wanted}:", command)
        return stage_page(self.stage(), heading, told, self.hints)

    def __str__(self) -> str:
        return f"{self.id} {self.title}\n{self.question.text}\nAnswer with {self.wanted}."

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        head = f"<p><b>{self.id} {self.title}</b></p>"
        return f"{head}\n{self.question._repr_html_()}\n{paragraph(f'Answer with {self.wanted}.')}"
