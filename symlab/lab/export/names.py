"""Names that may stand in a program of any of the languages, whatever symbols are called."""

import keyword
import re
import unicodedata
from dataclasses import dataclass, field
from importlib.resources import files

from symlab.checks import shown
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C

LONGEST_NAME = 60
"""Characters of a name, at most."""

WORDS = frozenset(files("symlab.lab.export").joinpath("assets/reserved.txt").read_text().split())
"""Words of C, C++ and JavaScript, functions they have ready, and names that all programs use."""

RESERVED = frozenset(
    {*WORDS, *keyword.kwlist, *keyword.softkwlist}
    | {
        part
        for language in (C, PYTHON, JAVASCRIPT)
        for word in language.functions.values()
        for part in word.split(".")
    }
)


@dataclass(frozen=True)
class Names:
    """The names given in one program, and others taken there; no two things have the same."""

    taken: set[str] = field(default_factory=set)

    def give(self, wanted: str) -> str:
        """Return a name close to any wanted text that no language reserves and nothing has.

        Examples
        --------
        >>> names = Names()
        >>> [names.give(word) for word in ("w", "double", "lambda", "α_1", "x'", "w", "2nd")]
        ['w', 'double_', 'lambda_', 'alpha_1', 'x_', 'w_', 'v_2nd']
        """
        name = _as_identifier(wanted)
        while name in self.taken or name in RESERVED:
            name += "_"
        self.taken.add(name)
        return name


def check_prefix(name: object) -> str:
    """Return the name that functions begin with, or refuse what no language takes as one.

    Examples
    --------
    >>> check_prefix("2nd loss")
    Traceback (most recent call last):
        ...
    ValueError: name: expected letters, digits and _ that begin with a letter, got '2nd loss'.
    """
    if not isinstance(name, str):
        raise TypeError(f"name: expected text, got {shown(name)}.")
    if not re.fullmatch(rf"[A-Za-z][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}}", name):
        raise ValueError(
            f"name: expected letters, digits and _ that begin with a letter, got {shown(name)}."
        )
    return name


def _as_identifier(wanted: str) -> str:
    """Return letters of ASCII for any text; Greek ones by their names."""
    spelled = "".join(map(_spell_letter, unicodedata.normalize("NFKD", wanted)))[:LONGEST_NAME]
    return spelled if re.match("[A-Za-z]", spelled) else f"v_{spelled.lstrip('_')}"


def _spell_letter(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalnum() else "_"
    if unicodedata.combining(letter):
        return ""
    words = unicodedata.name(letter, "").split()
    greek = words[:1] == ["GREEK"] and "LETTER" in words
    return words[-1].lower() if greek else "_"
