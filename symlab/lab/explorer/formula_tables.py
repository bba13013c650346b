"""The tables of the parser of formulas, so that a page reads a formula as symlab reads it."""

import keyword
import unicodedata

from symlab.algebra.formula import spelling
from symlab.algebra.formula.grammar import INVERSES, LIKELY_FUNCTIONS, TWO_MEANINGS
from symlab.algebra.formula.parse import CONSTANTS, FUNCTIONS
from symlab.lab.explorer.methods import as_json

NAMED = [*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0x100)), *"€→⇒≈∈∝√"]
"""Characters that a message calls by their names; the others it calls by their numbers."""


def formula_tables() -> str:
    """Return the tables as statements of JavaScript."""
    tables = {
        "signs": spelling.SIGNS,
        "raised": spelling.RAISED,
        "lowered": spelling.LOWERED,
        "fractions": spelling.FRACTIONS,
        "commands": spelling.COMMANDS,
        "words": spelling.WORDS.pattern,
        "aliases": spelling.ALIASES,
        "hints": spelling.HINTS,
        "madeOf": spelling.MADE_OF,
        "names": {each: unicodedata.name(each).lower() for each in [*NAMED, *spelling.HINTS]
                  if unicodedata.name(each, "")},
        "keywords": keyword.kwlist,
        "mostCharacters": spelling.MAX_LENGTH,
        "longestName": spelling.MAX_NAME,
        "deepest": spelling.MAX_DEPTH,
        "twoMeanings": TWO_MEANINGS,
        "inverses": INVERSES,
        "likelyFunctions": sorted(LIKELY_FUNCTIONS),
    }  # fmt: skip
    calls = {name: [callee.fewest, callee.most] for name, callee in FUNCTIONS.items()}
    constants = {name: float(number) for name, number in CONSTANTS.items()}
    return (
        f"const SPELLING = {as_json(tables)};\n"
        f"const CALLS = {as_json(calls)};\n"
        f"const CONSTANTS = {as_json(constants)};\n"
    )
