"""The verdict on an answer: right and how that was found, or wrong, where, and by which mistake."""

from dataclasses import dataclass

from symlab.book.exercises.mistakes import Mistake
from symlab.markup import paragraph


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer; it counts as true if the answer is right.

    Parameters
    ----------
    right : bool
    detail : str
        How the answer was found to be right, or the plainest point at which it is not.
    mistake : Mistake or None
        What leads from the right answer to this one, if that was found.
    advice : str
        What else may help: what follows from the answer, or where to find a hint.

    Examples
    --------
    >>> print(Verdict(right=True, detail="the difference expands to 0"))
    Right: the difference expands to 0.
    """

    right: bool
    detail: str
    mistake: Mistake | None = None
    advice: str = ""

    def __bool__(self) -> bool:
        return self.right

    @property
    def lines(self) -> tuple[str, ...]:
        """The verdict, the mistake and the advice, a line each."""
        named = "" if self.mistake is None else f"Mistake: {self.mistake}"
        said = f"{'Right' if self.right else 'Wrong'}: {self.detail}."
        return tuple(part for part in (said, named, self.advice) if part)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "\n".join(map(paragraph, self.lines))
