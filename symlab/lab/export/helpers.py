"""The helpers of each language: those that a program calls, and those that these call."""

import re
from functools import cache
from importlib.resources import files

from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language

PLACES = {
    C: ("symlab.lab.export", ("assets/helpers.c",)),
    PYTHON: ("symlab.lab.export", ("python_helpers.py",)),
    # The explorer's pages and the programs that `to_javascript` writes share these.
    JAVASCRIPT: ("symlab.lab.explorer", ("assets/numbers.js", "assets/linear.js")),
}
"""The package and the files in which a language's helpers stand."""

DEFINED = re.compile(r"^(?:static (?:double|void)|def|function|const) (\w+)", re.MULTILINE)
COMMENT = ("/*", "//", "#", "*", " *")


def helpers_for(language: Language, program: str) -> list[str]:
    """Return the source of every helper that a program needs, each after those it calls.

    Examples
    --------
    >>> print(*helpers_for(C, "return hinge(z);"), sep="")
    /* The larger of z and 0; not a number stays none. */
    static double relu(double z)
    {
        return z <= 0 ? 0 : z;
    }
    /* The larger of 1 - z and 0. */
    static double hinge(double z)
    {
        return relu(1 - z);
    }
    """
    known = _known(language)
    needed: set[str] = set()
    waiting = _called(program, known)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting |= _called(known[name], known)
    chosen = sorted(needed, key=lambda name: _depth(name, known))
    return [known[name] for name in chosen]


def _called(text: str, known: dict[str, str]) -> set[str]:
    return set(re.findall(r"(?<![\w.])(\w+)\(", text)) & set(known)


def _depth(name: str, known: dict[str, str]) -> tuple[int, int]:
    """Return how many calls deep a helper goes; helpers alike stand as in their file."""
    inside = _called(known[name], known) - {name}
    below = max((_depth(each, known)[0] for each in inside), default=-1)
    return below + 1, list(known).index(name)


@cache
def _known(language: Language) -> dict[str, str]:
    """Return the source of each helper by its name, with the comment in front of it."""
    package, places = PLACES[language]
    found: dict[str, str] = {}
    for place in places:
        text = files(package).joinpath(place).read_text(encoding="utf-8")
        found |= _split(text.splitlines(keepends=True))
    return found


def _split(lines: list[str]) -> dict[str, str]:
    """Return the definitions of a file by their names; what describes the file is left out."""
    blocks: list[str] = []
    for line in lines:
        opens = DEFINED.match(line) or line.startswith(COMMENT)
        is_described = blocks and not DEFINED.search(blocks[-1])
        if not blocks or (opens and not is_described):
            blocks.append("")
        blocks[-1] += line
    named = [(DEFINED.search(block), block) for block in blocks]
    return {
        match[1]: block[block.rfind("\n\n", 0, match.start()) + 1 :].strip("\n") + "\n"
        for match, block in named
        if match
    }
