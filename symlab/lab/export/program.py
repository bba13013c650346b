"""Functions of a program as data, and how each language writes them down."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import fill

from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language

INDENT = "    "
LONGEST_LINE = 92
"""Characters of a comment's line, and of a list that stands on one line."""


@dataclass(frozen=True)
class Let:
    """A number with a name, and a note on it."""

    name: str
    value: str
    note: str = ""
    changes: bool = False


@dataclass(frozen=True)
class Set:
    """A new value of something that has one; or what is added to it."""

    target: str
    value: str
    sign: str = "="


@dataclass(frozen=True)
class Fill:
    """The entries of the array that a function gives."""

    entries: tuple[str, ...]


@dataclass(frozen=True)
class Give:
    """The number that a function gives, or a name of the array."""

    value: str


@dataclass(frozen=True)
class Loop:
    """Statements for each index from 0 to below a count."""

    index: str
    count: str
    body: "tuple[Statement, ...]"


@dataclass(frozen=True)
class If:
    """Statements for the case that a condition holds."""

    test: str
    body: "tuple[Statement, ...]"


@dataclass(frozen=True)
class Plain:
    """A statement that each language writes in its own way; none where it needs none."""

    texts: Mapping[Language, str]


Statement = Let | Set | Fill | Give | Loop | If | Plain


@dataclass(frozen=True)
class Argument:
    """What a function takes: a `number`, a `count`, an array `read` or `changed`, or one `filled`.

    C is told counts; the other languages ask an array for its length. An array that is filled is
    an argument in C alone, elsewhere the function returns it.
    """

    name: str
    kind: str
    size: str = ""


@dataclass(frozen=True)
class Function:
    """A function, what it is for, what it takes and what it does; `gives` it a number or not."""

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    body: tuple[Statement, ...]
    gives: str = ""


@dataclass(frozen=True)
class Syntax:
    """The statements of a language; `{note}` is a comment behind one."""

    constant: str
    variable: str
    change: str
    note: str
    loop: str
    branch: str
    close: str
    end: str
    comment: tuple[str, str, str]


SYNTAX = {
    C: Syntax(
        "const double {name} = {value};",
        "double {name} = {value};",
        "{target} {sign} {value};",
        "  /* {text} */",
        "for (int {index} = 0; {index} < {count}; ++{index}) {{",
        "if ({test}) {{",
        "}",
        ";",
        ("/*", "   ", "*/"),
    ),
    PYTHON: Syntax(
        "{name} = {value}",
        "{name} = {value}",
        "{target} {sign} {value}",
        "  # {text}",
        "for {index} in range({count}):",
        "if {test}:",
        "",
        "",
        ("#", "# ", "#"),
    ),
    JAVASCRIPT: Syntax(
        "const {name} = {value};",
        "let {name} = {value};",
        "{target} {sign} {value};",
        "  // {text}",
        "for (let {index} = 0; {index} < {count}; {index} += 1) {{",
        "if ({test}) {{",
        "}",
        ";",
        ("//", "// ", "//"),
    ),
}


def write_function(function: Function, language: Language) -> str:
    """Return the source of a function.

    Examples
    --------
    >>> half = Function("half", "Half of z.", (Argument("z", "number"),), (Give("z/2"),), "number")
    >>> print(write_function(half, C))
    /* Half of z. */
    double half(double z)
    {
        return z/2;
    }
    <BLANKLINE>
    >>> print(write_function(half, JAVASCRIPT))
    /** Half of z. */
    function half(z) {
        return z/2;
    }
    <BLANKLINE>
    """
    lines = [line for each in function.body for line in _write(each, language, function)]
    body = "".join(f"{INDENT}{line}\n" for line in lines)
    named = ", ".join(a.name for a in function.arguments if a.kind not in {"count", "filled"})
    if language is PYTHON:
        summary = _wrapped(f'{INDENT}"""', function.summary, INDENT)
        return f'def {function.name}({named}):\n{summary}"""\n{body}'
    if language is JAVASCRIPT:
        summary = _wrapped("/** ", function.summary, " *  ")
        return f"{summary} */\nfunction {function.name}({named}) {{\n{body}}}\n"
    typed = ", ".join(_declare(argument) for argument in function.arguments)
    kind = "double" if function.gives == "number" else "void"
    unused = "".join(f"{INDENT}(void){name};\n" for name in _unused(function, body))
    summary = _wrapped("/* ", function.summary, "   ")
    return f"{summary} */\n{kind} {function.name}({typed})\n{{\n{unused}{body}}}\n"


def _wrapped(first: str, text: str, inner: str) -> str:
    """Return a text in lines, the first and the others with what they begin with."""
    return fill(
        safe_comment(text), LONGEST_LINE, initial_indent=first, subsequent_indent=inner,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def write_comment(lines: Iterable[str], language: Language) -> str:
    """Return a comment of several lines, from which no line can break out."""
    first, inner, last = SYNTAX[language].comment
    inside = "".join(f"{inner}{safe_comment(line)}".rstrip() + "\n" for line in lines)
    return f"{first}\n{inside}{last}\n" if language is C else inside


def safe_comment(text: str) -> str:
    """Return a text that ends no comment, no line and no string.

    Examples
    --------
    >>> print(safe_comment('x */ y' + chr(10) + 'z'))
    x * / y z
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line.replace("*/", "* /").replace("/*", "/ *").replace('"', "'").replace("\\", "/")


def _declare(argument: Argument) -> str:
    kinds = {
        "number": "double {name}",
        "count": "int {name}",
        "read": "const double {name}[{size}]",
        "changed": "double {name}[{size}]",
        "filled": "double {name}[{size}]",
    }
    return kinds[argument.kind].format(name=argument.name, size=argument.size)


def _unused(function: Function, body: str) -> list[str]:
    """Return the arguments that a body does not name, of which a compiler for C would warn."""
    return [
        argument.name
        for argument in function.arguments
        if not re.search(rf"\b{argument.name}\b", body)
    ]


def _write(statement: Statement, language: Language, function: Function) -> list[str]:
    """Return the lines of a statement."""
    syntax = SYNTAX[language]
    match statement:
        case Let(name, value, note, changes):
            line = (syntax.variable if changes else syntax.constant).format(name=name, value=value)
            return [line + (syntax.note.format(text=safe_comment(note)) if note else "")]
        case Set(target, value, sign):
            return [syntax.change.format(target=target, value=value, sign=sign)]
        case Fill(entries):
            return _fill(entries, language, function)
        case Give(value):
            return [f"return {value}{syntax.end}"]
        case Loop(index, count, body):
            opened = syntax.loop.format(index=index, count=count)
            return _write_block(opened, body, language, function)
        case If(test, body):
            return _write_block(syntax.branch.format(test=test), body, language, function)
    return [line for line in statement.texts.get(language, "").splitlines() if line]


def _write_block(
    opened: str, body: tuple[Statement, ...], language: Language, function: Function
) -> list[str]:
    inside = [f"{INDENT}{line}" for each in body for line in _write(each, language, function)]
    return [opened, *inside, *filter(None, [SYNTAX[language].close])]


def _fill(entries: tuple[str, ...], language: Language, function: Function) -> list[str]:
    if language is C:
        target = function.arguments[-1].name
        return [f"{target}[{i}] = {entry};" for i, entry in enumerate(entries)]
    listed = f"return [{', '.join(entries)}]{SYNTAX[language].end}"
    if len(listed) <= LONGEST_LINE:
        return [listed]
    return ["return [", *(f"{INDENT}{entry}," for entry in entries), f"]{SYNTAX[language].end}"]
