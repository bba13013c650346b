"""The mistakes that are made, and how one is told: what each makes of the right answer is tried.

Some mistakes can be made in any exercise, a sign or a factor 2. Others are made in one, where a
term is forgotten or a formula taken for its neighbour; they stand with the exercise, as `Slip`s.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from sympy import Add, Expr, Pow, Rational, sqrt

from symlab.book.exercises.answer import Answer, in_order
from symlab.book.exercises.judging import Terms, judge
from symlab.book.exercises.reading import read_answer
from symlab.checks import Catalog

FACTORS = (2, Rational(1, 2), 4, Rational(1, 4), 3, Rational(1, 3))


@dataclass(frozen=True)
class Mistake:
    """A class of mistakes: its name, and a hint that holds wherever it is made."""

    name: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name}. {self.hint}"


MISTAKES = Catalog(
    "mistakes",
    [
        Mistake("sign", "The size is right, the sign is not: ask which way things move."),
        Mistake("sign of a term", "One of the terms has the wrong sign; the others are right."),
        Mistake("factor", "It is right but for a constant factor: count powers and halves again."),
        Mistake("missing term", "One term of the sum has been lost on the way."),
        Mistake("missing factor", "One of the factors has been lost on the way."),
        Mistake("chain rule", "An inner function has a derivative too, and it is a factor."),
        Mistake("product rule", "Each factor takes its turn to be differentiated; add them up."),
        Mistake(
            "transpose", "Rows and columns are interchanged: write the shapes under the letters."
        ),
        Mistake("order", "Two things are done in the other order than the one that is asked for."),
        Mistake("sum for mean", "A sum and a mean differ by the number of what is added up."),
        Mistake("boundary excluded", "An end that belongs to it is left out: try the end itself."),
        Mistake("boundary included", "An end does not belong to it: try the end itself."),
        Mistake("reciprocal", "It is upside down: which of the two should grow with the other?"),
        Mistake("exponent", "A power is off: differentiate, or count the steps, once more."),
        Mistake("off by one", "One too many or too few: count the smallest case by hand."),
        Mistake("missing bias", "Each unit adds one number of its own to the weighted sum."),
        Mistake("root", "A square, or a square root, is one too many."),
        Mistake("complement", "This is the chance, or the share, of the opposite."),
        Mistake("incomplete", "What is there is right, but something is left out."),
        Mistake("old value", "A value is used again after it should have been replaced."),
        Mistake("no memory", "What was remembered from the steps before is left out."),
        Mistake("another formula", "This answers another question, with a formula much like it."),
    ],
)
"""Every class of mistakes, by name."""


@dataclass(frozen=True)
class Slip:
    """What a mistake makes of an exercise.

    Parameters
    ----------
    mistake : str
        Its class, one of `MISTAKES`.
    value : anything that can be answered
    hint : str
        A hint for this exercise alone, in place of the one of its class.
    """

    mistake: str
    value: Any
    hint: str = ""


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, with the mistake that leads to it."""

    mistake: Mistake
    answer: Answer


def wrong_answers(right: Answer, slips: Sequence[Slip], terms: Terms) -> Iterator[Wrong]:
    """Yield the wrong answers that a mistake leads to, those of the exercise itself first."""
    for slip in slips:
        usual = MISTAKES[slip.mistake]
        told = replace(usual, hint=slip.hint) if slip.hint else usual
        yield Wrong(told, read_answer(slip.value, right.kind, terms.letters))
    itself = right.map(lambda entry: entry)
    for name, answer in _usual_answers(right):
        if answer != itself:
            yield Wrong(MISTAKES[name], answer)


def find_mistake(
    given: Answer, right: Answer, slips: Sequence[Slip], terms: Terms
) -> Mistake | None:
    """Return the mistake that makes of the right answer what was given, if one does.

    Examples
    --------
    >>> from sympy.abc import x
    >>> right = Answer("expression", (x**2 - x,))
    >>> find_mistake(Answer("expression", (x**2 + x,)), right, (), Terms((x,))).name
    'sign of a term'
    """
    for wrong in wrong_answers(right, slips, terms):
        if judge(given, wrong.answer, terms).holds:
            return wrong.mistake
    return None


def _usual_answers(right: Answer) -> Iterator[tuple[str, Answer]]:
    """Yield what the mistakes that can be made anywhere make of an answer."""
    for change in CHANGES[right.kind]:
        yield from change(right)


Named = Iterator[tuple[str, Answer]]


def _signs(right: Answer) -> Named:
    turned = right.map(lambda entry: -entry)
    yield "sign", replace(turned, entries=in_order(turned.entries)) if _is_set(right) else turned


def _is_set(right: Answer) -> bool:
    return right.kind == "set"


def _factors(right: Answer) -> Named:
    for factor in FACTORS:
        yield "factor", right.map(lambda entry, factor=factor: factor * entry)  # type: ignore[misc]


def _terms(right: Answer) -> Named:
    """Turn, or leave out, each term of each sum in turn, also of one that is a factor."""
    for name, times in (("sign of a term", 2), ("missing term", 1)):
        for index, entry in enumerate(right.entries):
            for total in _sums(entry):
                for term in Add.make_args(total):
                    changed = {total: total - times * term}
                    whole = total if total not in entry.atoms(Add) else entry
                    yield name, _with_entry(right, index, whole.xreplace(changed))


def _sums(entry: Expr) -> list[Expr]:
    """Return the sums that an entry has, and the one that it is when multiplied out."""
    inside = sorted(entry.atoms(Add), key=str)
    expanded = entry.expand()
    return inside if expanded in inside or not expanded.is_Add else [expanded, *inside]


def _with_entry(right: Answer, index: int, entry: Expr) -> Answer:
    changed = right.map(lambda each: each)
    return replace(changed, entries=(*right.entries[:index], entry, *right.entries[index + 1 :]))


def _one_sign(right: Answer) -> Named:
    if right.size > 1:
        for index, entry in enumerate(right.entries):
            yield "sign of a term", _with_entry(right, index, -entry)


def _exponents(right: Answer) -> Named:
    """Take one power of a letter one higher or lower, everywhere in the answer."""
    powers = sorted(
        {p for entry in right.entries for p in entry.atoms(Pow) if p.exp.is_Integer}, key=str
    )
    for power, shift in product(powers, (1, -1)):
        changed = power.base ** (power.exp + shift)
        yield (
            "exponent",
            right.map(
                lambda entry, power=power, changed=changed: entry.xreplace({power: changed})  # type: ignore[misc]
            ),
        )


def _powers(right: Answer) -> Named:
    (entry,) = right.entries
    if entry.is_zero:
        return
    yield "reciprocal", right.map(lambda each: 1 / each)
    yield "root", right.map(lambda each: each**2)
    if not entry.is_negative:
        yield "root", right.map(sqrt)


def _neighbours(right: Answer) -> Named:
    if right.entries[0].is_Integer:
        for step in (1, -1):
            yield "off by one", right.map(lambda entry, step=step: entry + step)  # type: ignore[misc]


def _ends(right: Answer) -> Named:
    """Include or exclude an end, take it too far, or not far enough."""
    for closed in ((False, False), (False, True), (True, False), (True, True)):
        pairs = list(zip(closed, right.closed, strict=True))
        if closed != right.closed:
            is_more = any(now and not before for now, before in pairs)
            name = "boundary included" if is_more else "boundary excluded"
            yield name, replace(right.map(lambda end: end), closed=closed)
    for index, factor in product((1, 0), FACTORS):
        end = right.entries[index]
        if end.is_infinite or end.is_zero:
            continue
        changed = _with_entry(right, index, factor * end)
        for closed in ((False, False), right.closed, (True, True)):
            yield "factor", replace(changed, closed=closed)


def _transpose(right: Answer) -> Named:
    if len(right.shape) == 2:
        rows, columns = right.shape
        order = [row * columns + column for column in range(columns) for row in range(rows)]
        turned = replace(right, digits=(), entries=tuple(right.entries[place] for place in order))
        yield "transpose", replace(turned, shape=(columns, rows))


def _parts(right: Answer) -> Named:
    """Leave out one member of a set, or the end or the start of a trace."""
    for index in range(right.size):
        left = (*right.entries[:index], *right.entries[index + 1 :])
        yield "incomplete", replace(right, entries=left, digits=())


def _orders(right: Answer) -> Named:
    if right.size > 1 and len(right.shape) == 1:
        yield "order", replace(right, entries=right.entries[::-1], digits=())


Change = Callable[[Answer], Named]

CHANGES: dict[str, tuple[Change, ...]] = {
    "expression": (_signs, _factors, _terms, _powers, _exponents),
    "number": (_signs, _factors, _neighbours, _powers),
    "interval": (_ends,),
    "set": (_signs, _factors, _parts),
    "matrix": (_transpose, _signs, _factors, _one_sign, _orders, _terms),
    "trace": (_parts,),
    "method": (),
}
"""Which of the usual mistakes are tried for an answer of each kind, the likeliest first."""
