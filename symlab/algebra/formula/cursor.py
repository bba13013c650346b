"""The position of the reader in a formula: the next word, the depth, and how errors are raised."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from symlab.algebra.formula.spelling import MAX_DEPTH, FormulaError, Token, quote, shorten
from symlab.algebra.formula.syntax import Tree, spell_tree

END = Token("end", "", "", 0)


@dataclass(frozen=True)
class Vocabulary:
    """What the names of a formula stand for.

    `functions` maps a name to the most arguments it takes; `variables` are names that are known
    to be no functions, whatever stands behind them.
    """

    functions: Mapping[str, int]
    constants: Collection[str]
    variables: Collection[str]


@dataclass(eq=False)
class Cursor:
    """The words of one formula, and the position of the reader.

    Afterwards `is_free` says whether something was read that a strict grammar refuses, and `notes`
    holds sentences for the user.
    """

    text: str
    tokens: Sequence[Token]
    vocabulary: Vocabulary
    place: int = 0
    depth: int = 0
    is_free: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def now(self) -> Token:
        """The word that comes next."""
        return self._ahead(0)

    def _ahead(self, count: int) -> Token:
        place = self.place + count
        return self.tokens[place] if place < len(self.tokens) else END

    def _take(self) -> Token:
        token = self.now
        self.place += 1
        self.is_free |= token.typed != token.text and token.kind != "end"
        return token

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(f"nested more than {MAX_DEPTH} levels deep.")

    def _since(self, place: int) -> str:
        """Return the text from a word to where we are."""
        return quote(self.text[self.tokens[place].start : self._ahead(-1).end])

    def _two(self, place: int, one: Tree, other: Tree) -> NoReturn:
        readings = f"{shorten(spell_tree(one))} or {shorten(spell_tree(other))}"
        raise FormulaError(f"{self._since(place)} has two readings; write {readings}.")

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
