"""Bars around absolute values: which of them open and which close.

A bar looks the same on both sides, so `|a|b|c|` is `|a|*b*|c|` or `|a*|b|*c|`. Every way to pair
the bars is tried. If one way makes sense it is taken, and if two do, both are spelt out.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from symlab.algebra.formula.spelling import FormulaError, Token

MAX_BARS = 20
"""Bars at most: the ways to pair them double with every two; this many take milliseconds."""


def pair_bars(tokens: Sequence[Token], functions: Collection[str]) -> list[list[Token]]:
    """Return the formula with opening and closing bars distinguished, in each of one or two ways.

    Each opening bar becomes the name `abs` and an opening bracket.

    Parameters
    ----------
    tokens : sequence of Token
        A whole formula.
    functions : collection of str
        Names after which an operand is expected, as in `sin |x|`.

    Raises
    ------
    FormulaError
        If they cannot be paired, or are too many to try.
    """
    count = sum(token.kind == "bar" for token in tokens)
    if not count:
        return [list(tokens)]
    if count > MAX_BARS:
        raise FormulaError(f"there are {count} bars, more than {MAX_BARS}; write abs(...).")
    find_ways = _Pairing(tokens, functions).find_ways()
    if not find_ways:
        raise FormulaError("the bars | | do not match; write abs(...) for an absolute value.")
    # ||x|| is a norm; nobody means |x| ||y|| |z| by three absolute values in a row.
    fewest = min(map(len, find_ways.values()))
    likely = [sides for sides, doubled in find_ways.items() if len(doubled) == fewest]
    return [_mark_sides(tokens, sides) for sides in likely[:2]]


class _Pairing:
    """The search for all ways, bar by bar."""

    def __init__(self, tokens: Sequence[Token], functions: Collection[str]) -> None:
        self.tokens, self.functions = tokens, functions
        self.found: dict[str, set[int]] = {}

    def find_ways(self) -> dict[str, set[int]]:
        """Return each way as a text of `<` and `>`, with the bars that only double another."""
        self._search(0, (), "", frozenset())
        return self.found

    def _search(
        self, place: int, unclosed: tuple[int, ...], sides: str, doubled: frozenset[int]
    ) -> None:
        while place < len(self.tokens) and self.tokens[place].kind != "bar":
            kind = self.tokens[place].kind
            if kind == "open":
                unclosed = (*unclosed, -1)
            elif kind == "close":
                if not unclosed or unclosed[-1] >= 0:
                    return
                unclosed = unclosed[:-1]
            place += 1
        if place == len(self.tokens):
            if not unclosed:
                self.found[sides] = set(doubled)
            return
        self._try_both(place, unclosed, sides, doubled)

    def _try_both(
        self, place: int, unclosed: tuple[int, ...], sides: str, doubled: frozenset[int]
    ) -> None:
        after_operand = self._after_operand(place, sides)
        if after_operand and unclosed and unclosed[-1] >= 0:
            more = doubled | {place} if self._doubles(unclosed[-1], place, sides) else doubled
            self._search(place + 1, unclosed[:-1], f"{sides}>", more)
        if self._can_open(place):
            self._search(place + 1, (*unclosed, place), f"{sides}<", doubled)

    def _after_operand(self, place: int, sides: str) -> bool:
        if place == 0:
            return False
        before = self.tokens[place - 1]
        if before.kind == "bar":
            return sides[-1] == ">"
        if before.kind == "name":
            return before.text not in self.functions
        return before.kind in {"number", "fraction", "close"} or before.text == "!"

    def _can_open(self, place: int) -> bool:
        after = self.tokens[place + 1] if place + 1 < len(self.tokens) else None
        starts = {"number", "fraction", "name", "open", "bar", "root", "quotient"}
        return after is not None and (after.kind in starts or after.text in {"+", "-"})

    def _doubles(self, opening: int, closing: int, sides: str) -> bool:
        """Tell whether a pair holds nothing but another pair."""
        if self.tokens[opening + 1].kind != "bar" or self.tokens[closing - 1].kind != "bar":
            return False
        first = sum(token.kind == "bar" for token in self.tokens[:opening])
        level = 0
        for side in sides[first + 1 : -1]:
            level += 1 if side == "<" else -1
            if level == 0:
                return False
        return True


def _mark_sides(tokens: Sequence[Token], sides: str) -> list[Token]:
    left, applied = iter(sides), []
    for token in tokens:
        if token.kind != "bar":
            applied.append(token)
        elif next(left) == "<":
            applied += [replace(token, kind="name", text="abs"), Token("open", "(", "", token.end)]
        else:
            applied.append(replace(token, kind="close", text=")"))
    return applied
