"""Scalar operations written as C statements, one line each, what is used once within another."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytensor.scalar as ps
from pytensor.graph.basic import Apply, Constant
from pytensor.graph.utils import MethodNotDefined

LONGEST_PART = 60
"""Characters up to which what is used once is written into the line that uses it."""

MOST_REASON = 110
"""Characters of a reason in a message, so that it stays one line."""

TOKEN = re.compile(r"INPUT(\d+)_|RESULT")
"""What stands in an operation's code for its inputs and its result."""

RESULT = re.compile(r"\s*RESULT\s*=\s*([^;]+);\s*", re.DOTALL)
CAST = re.compile(r"\((?:double|npy_float64|npy_double)\)\s*")
ALONE = re.compile(r"(?<!\w)\((?!npy_|double\b|float\b|bool\b|int\b|unsigned\b)([\w.]+)\)")
SIMPLE = re.compile(r"[\w.\[\]]+(?:e-\d+)?")


WRITTEN = {
    ps.Maximum: "larger(INPUT0_, INPUT1_)",
    ps.Minimum: "smaller(INPUT0_, INPUT1_)",
}
"""Operations whose own C code is harder to read than a call."""

HELPERS = """\
static inline double larger(double a, double b) { return a > b ? a : b >= a ? b : NAN; }
static inline double smaller(double a, double b) { return a < b ? a : b <= a ? b : NAN; }
"""
"""What those calls call: NaN where either is NaN."""


class NoProgramError(Exception):
    """A graph that cannot become C text; the message says which part, and why."""


def no_source(reason: object) -> ValueError:
    """Return the error that says why there is no text, and what there is instead."""
    why = " ".join(str(reason).split())[:MOST_REASON].rstrip(": ")
    return ValueError(
        f"source: no single piece of C, because {why}; its functions and sl.minimize need none."
    )


@contextmanager
def or_no_program() -> Iterator[None]:
    """Turn the compiler's refusal of a text of ours into a `NoProgramError`: there is another road.

    Raises
    ------
    NoProgramError
    """
    try:
        yield
    except Exception as error:
        # Imported here, because it brings setuptools.
        from pytensor.link.c.exceptions import CompileError

        if not isinstance(error, CompileError):
            raise
        raise NoProgramError("the C++ compiler refuses the text") from error


@dataclass
class Writer:
    """The statements of one program, as they are written.

    Parameters
    ----------
    named : dict of PyTensor scalar to str
        The C names of the inputs, and of whatever gets a line of its own.
    outputs : tuple of PyTensor scalars
    prefix : str
        Numbered, it names what lies in between.
    """

    named: dict[Any, str]
    outputs: tuple[Any, ...]
    prefix: str
    text: list[str] = field(default_factory=list)
    pending: dict[Any, str] = field(default_factory=dict)
    uses: Counter[Any] = field(default_factory=Counter)
    count: int = 0

    def write(self, nodes: Sequence[Apply], results: Sequence[str]) -> list[str]:
        """Return the statements, those that the outputs end in last."""
        self.uses.update(i for node in nodes for i in node.inputs)
        self.uses.update(self.outputs)
        for node in nodes:
            self._take(node)
        last = [self._bare(output) for output in self.outputs]
        ends = [line.replace("{}", part) for line, part in zip(results, last, strict=True)]
        return [plain(line) for line in (*self.text, *ends)]

    def _take(self, node: Apply) -> None:
        """Keep an operation for the line that uses it, or write it on a line of its own."""
        (output,) = node.outputs
        code = _code_of(node)
        found = RESULT.fullmatch(code)
        doubles = all(i.dtype == "float64" for i in node.inputs)
        right = " ".join((found[1] if found else code).split())
        right = CAST.sub("", right) if found and doubles else right
        parts = []
        for i, variable in enumerate(node.inputs):
            is_once = bool(found) and right.count(f"INPUT{i}_") == 1
            part = self._part(variable, once=is_once)
            if part is not self.named.get(variable) and _needs_brackets(part, variable, node, i):
                part = f"({part})"
            parts.append(part)
        # All at once: the name of a variable may look like the token of another.
        if found:
            self._keep(output, TOKEN.sub(lambda token: parts[int(token[1])], right))
        else:
            name = self._name(output)
            self.text.append(f"{_type(output)} {name};")
            self.text.append(TOKEN.sub(lambda t: parts[int(t[1])] if t[1] else name, right))

    def _keep(self, output: Any, right: str) -> None:
        """Keep an expression for the one place that uses it, or give it a line."""
        if self.uses[output] == 1 or output in self.outputs:
            self.pending[output] = right
        else:
            self._line(output, right)

    def _part(self, variable: Any, *, once: bool) -> str:
        """Return what stands for a variable within an expression."""
        if isinstance(variable, Constant) and variable not in self.named:
            return _literal(variable)
        text = self.pending.get(variable, "")
        if text and (not once or self.uses[variable] > 1 or len(text) > LONGEST_PART):
            self._line(variable, self.pending.pop(variable))
        elif text:
            del self.pending[variable]
            return text
        return self.named[variable]

    def _bare(self, output: Any) -> str:
        """Return an output's own expression, without brackets around it."""
        if output in self.pending and self.uses[output] == 1:
            return self.pending.pop(output)
        return self._part(output, once=False)

    def _line(self, variable: Any, right: str) -> None:
        self.text.append(f"const {_type(variable)} {self._name(variable)} = {right};")

    def _name(self, variable: Any) -> str:
        self.count += 1
        return self.named.setdefault(variable, f"{self.prefix}{self.count}")


def _code_of(node: Apply) -> str:
    """Return PyTensor's C code of an operation, with tokens for its inputs and its result."""
    if (written := WRITTEN.get(type(node.op))) is not None:
        return f"RESULT = {written};"
    tokens = [f"INPUT{i}_" for i in range(len(node.inputs))]
    try:
        code = node.op.c_code(node, "part", tokens, ["RESULT"], {"fail": "FAILS;", "id": "part"})
    except (NotImplementedError, MethodNotDefined, TypeError) as error:
        raise NoProgramError(f"{node.op} has no C code: {error}") from error
    if "FAILS;" in code or node.op.c_support_code_apply(node, "part"):
        raise NoProgramError(f"{node.op} has C code that does not stand alone")
    return code


def _type(variable: Any) -> str:
    names = {"float64": "double", "bool": "bool"}
    return names.get(variable.dtype, variable.type.dtype_specs()[1])


def _literal(constant: Any) -> str:
    """Return a number as C writes it, with all its digits."""
    number = constant.data
    if constant.dtype.startswith("float"):
        special = {"inf": "INFINITY", "-inf": "-INFINITY", "nan": "NAN"}
        return special.get(str(float(number)), repr(float(number)))
    return str(int(number))


def _needs_brackets(text: str, part: Any, node: Apply, position: int) -> bool:
    """Whether a part of an expression must stand in brackets to stay one."""
    if SIMPLE.fullmatch(text):
        return False
    opens = text.find("(")
    if opens > 0 and SIMPLE.fullmatch(text[:opens]) and _brackets(text)[opens] == len(text) - 1:
        return False  # a call
    if part.owner is None or not isinstance(part.owner.op, ps.Mul | ps.Sqr | ps.TrueDiv):
        return True
    if isinstance(node.op, ps.Add | ps.Sub):
        return False
    return position > 0 or not isinstance(node.op, ps.Mul | ps.TrueDiv)


def plain(line: str) -> str:
    """Return a statement without the brackets that say nothing.

    Examples
    --------
    >>> plain("const double a = (sqrt((1.0 + (x))));")
    'const double a = sqrt(1.0 + x);'
    """
    if "{" in line or "\n" in line:
        return line
    line = ALONE.sub(r"\1", line)
    ends = _brackets(line)
    drop = {
        place
        for start, end in ends.items()
        if ends.get(start - 1) == end + 1
        or (line[:start].endswith("= ") and line[end + 1 :] == ";")
        for place in (start, end)
    }
    return "".join(letter for place, letter in enumerate(line) if place not in drop)


def _brackets(line: str) -> dict[int, int]:
    """Return where each bracket of a line ends, by where it begins."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for place, letter in enumerate(line):
        if letter == "(":
            opened.append(place)
        elif letter == ")":
            ends[opened.pop()] = place
    return ends


def indent(lines: Sequence[str], levels: int = 1) -> list[str]:
    """Return lines of C within so many blocks."""
    return [f"{'    ' * levels}{line}" if line else line for line in lines]
