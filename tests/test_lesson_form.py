"""The form of a lesson, read from its source: the opening, the length of a cell, what is left out.

Every check is a function from a source to the breaches it finds. The last test hands each of them a
lesson that breaks its rule, so that no check passes because it looks at nothing.
"""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

LESSONS = sorted((Path(__file__).resolve().parents[1] / "lessons").glob("[0-9][0-9]_*.py"))

OPENING = ("The question", "The equation", "The plain loop", "The library's call")
"""The titles that every lesson begins with."""

MOST_IN_A_CELL = 12
MOST_IN_THE_LOOP = 6
"""Lines of code; comments and empty lines are not counted."""

PLAIN = {"math", "np"}
"""The modules that the plain loop may use."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson: the title it stands under, whether it bears it, prose and code."""

    title: str
    titled: bool
    prose: str
    code: tuple[str, ...]


def cells_of(source: str) -> list[Cell]:
    """Return the cells of a lesson; a cell without a title belongs to the one above it."""
    cells: list[Cell] = []
    for text in source.split("\n# %%\n")[1:]:
        lines = text.splitlines()
        titled = len(lines) > 1 and lines[1].startswith("# ---")
        title = lines[0].removeprefix("# ") if titled else cells[-1].title if cells else ""
        prose = "\n".join(line for line in lines if line.startswith("#"))
        code = tuple(line for line in lines if line.strip() and not line.strip().startswith("#"))
        cells.append(Cell(title, titled, prose, code))
    return cells


def code_under(source: str, title: str) -> str:
    """Return the code of all cells under a title."""
    return "\n".join(line for cell in cells_of(source) if cell.title == title for line in cell.code)


def modules_in(source: str) -> set[str]:
    """Return the names that the imports of a lesson bind."""
    imports = (
        each
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.Import | ast.ImportFrom)
    )
    return {(name.asname or name.name).partition(".")[0] for each in imports for name in each.names}


def names_in(code: str) -> set[str]:
    """Return every name that a piece of code reads."""
    return {each.id for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Name)}


def every_call(code: str) -> list[ast.Call]:
    """Return all calls in a piece of code."""
    return [each for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Call)]


def calls_of(code: str, function: str) -> list[ast.Call]:
    """Return the calls of a function by its name, dots and all."""
    return [each for each in every_call(code) if ast.unparse(each.func) == function]


def wrong_opening(source: str) -> list[str]:
    """Question, equation, loop and call come first, in this order."""
    titles = [cell.title for cell in cells_of(source) if cell.titled][: len(OPENING)]
    untitled_start = not cells_of(source)[0].titled
    return titles * (titles != list(OPENING) or untitled_start)


def missing_question(source: str) -> list[str]:
    """What stands under the first title asks."""
    prose = [cell.prose for cell in cells_of(source) if cell.title == OPENING[0]]
    return prose * ("?" not in "".join(prose))


def missing_equation(source: str) -> list[str]:
    """The equation is printed twice, as LaTeX and as text, and neither is typed by hand."""
    printed = calls_of(code_under(source, "The equation"), "print")
    missing = []
    for word in ("LaTeX:", "text:"):
        computed = [
            call
            for call in printed
            if ast.unparse(call.args[0]).strip("'").strip() == word
            and not all(isinstance(each, ast.Constant) for each in call.args[1:])
        ]
        missing += [word] * (not computed)
    return missing


def not_a_plain_loop(source: str) -> list[str]:
    """The loop is short, and knows Python, `math` and NumPy alone."""
    code = code_under(source, "The plain loop")
    foreign = sorted(names_in(code) & (modules_in(source) - PLAIN))
    lines = code.splitlines()
    if not lines:
        return ["no loop"]
    return foreign + lines * (len(lines) > MOST_IN_THE_LOOP)


def no_comparison(source: str) -> list[str]:
    """The library is called, held against the loop by an assertion, and the reader is told."""
    code = code_under(source, "The library's call")
    roots = {ast.unparse(call.func).partition(".")[0] for call in every_call(code)}
    called = roots - PLAIN - {"plt", "pd", "sp", *dir(builtins)}
    asserted = any(isinstance(each, ast.Assert) for each in ast.walk(ast.parse(code)))
    told = any("the same numbers:" in ast.unparse(call) for call in calls_of(code, "print"))
    found = {"call": called, "assert": asserted, "print": told}
    return [part for part, there in found.items() if not there]


def long_cells(source: str) -> list[str]:
    """A cell does one thing, in few lines."""
    return [cell.code[0] for cell in cells_of(source) if len(cell.code) > MOST_IN_A_CELL]


def regular_expressions(source: str) -> list[str]:
    """No lesson reads text with patterns."""
    return sorted(modules_in(source) & {"re", "regex"})


def sorted_symbols(source: str) -> list[str]:
    """No lesson finds its letters by the alphabet: they are imported, or stated in the lesson."""
    calls = [ast.unparse(call) for call in calls_of(source, "sorted")]
    return [call for call in calls if "free_symbols" in call]


def style_calls(source: str) -> list[str]:
    """A lesson that draws sets the style of the book once."""
    wanted = "matplotlib" in source
    calls = calls_of(source, "sl.plots.use_book_style")
    return [ast.unparse(call) for call in calls] or ["none"] if len(calls) != wanted else []


def bookkeeping(source: str) -> list[str]:
    """What a figure's passport keeps is not collected in the lesson's sight."""
    stored = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Name))
    return sorted({each.id for each in stored} & {"numbers", "chance"})


Check = Callable[[str], list[str]]

CHECKS: dict[Check, tuple[str, str]] = {
    wrong_opening: ("# The plain loop\n# ------", "# By hand\n# ------"),
    missing_question: ("# What is half of x?", "# This is half of x."),
    missing_equation: ('print("text: ", rule)', 'print("text: ", "x <- x/2")'),
    not_a_plain_loop: ("by_hand = x / 2", "by_hand = sl.half(x)"),
    no_comparison: ("assert by_hand == found", "by_hand == found"),
    long_cells: ("found = sl.run(rule)", "found = sl.run(rule)\n" * 11),
    regular_expressions: ("import numpy as np", "import re"),
    sorted_symbols: ("found = sl.run(rule)", "a, b = sorted(rule.free_symbols, key=str)"),
    style_calls: ("sl.plots.use_book_style()", "pass"),
    bookkeeping: ("found = sl.run(rule)", "numbers = {'x': sl.run(rule)}"),
}
"""Each check with the change to the small lesson below that it must find."""

SMALL = '''r"""A lesson."""

# %%
# The question
# ------------
# What is half of x?
import matplotlib.pyplot as plt
import numpy as np
import symlab as sl
sl.plots.use_book_style()

# %%
# The equation
# ------------
# A rule.
print("LaTeX:", rule.latex())
print("text: ", rule)

# %%
# The plain loop
# ------
# By hand.
by_hand = x / 2

# %%
# The library's call
# ------------------
# It is the same.
found = sl.run(rule)
print(f"the same numbers: {found}")
assert by_hand == found
'''


def named(check: Check) -> str:
    """Return a check's name, as a test shows it."""
    return check.__name__


@pytest.mark.parametrize("check", CHECKS, ids=named)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_the_form_of_a_lesson(lesson, check):
    """What a student meets in one lesson stands at the same place in the next."""
    assert check(lesson.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_each_check_finds_the_breach_that_it_is_for(check):
    """The small lesson has the form; with one change it has not, and the check says so."""
    before, after = CHECKS[check]
    assert SMALL.count(before) == 1
    assert check(SMALL) == []
    assert check(SMALL.replace(before, after)) != []


@pytest.mark.parametrize(
    ("check", "before", "after"),
    [
        (wrong_opening, "# The question\n# ------------\n", ""),
        (missing_equation, 'print("LaTeX:", rule.latex())', ""),
        (not_a_plain_loop, "by_hand = x / 2", "by_hand = x\n" * 7),
        (not_a_plain_loop, "by_hand = x / 2", ""),
        (no_comparison, "the same numbers", "equal"),
        (no_comparison, "sl.run(rule)", "by_hand"),
        (style_calls, "found = sl", "sl.plots.use_book_style()\nfound = sl"),
    ],
)
def test_a_check_of_several_parts_finds_a_breach_of_each(check, before, after):
    """A rule with two halves is not held by one of them."""
    assert check(SMALL.replace(before, after)) != []
