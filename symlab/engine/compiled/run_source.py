"""The C text of a rule's whole run: one loop of value and gradient, tests of the end, and the rule.

The text is meant to be read. Few variables are scalars by their own names, which the compiler keeps
in registers; more are arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from symlab.engine.compiled.c_program import Program
from symlab.engine.compiled.c_text import indent
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.sample_source import (
    DataSum,
    Formula,
    sample_functions,
    sample_lines,
)
from symlab.engine.domain import Domain

C_CONDITIONS = {
    "positive": "{0} > 0",
    "negative": "{0} < 0",
    "nonnegative": "{0} >= 0",
    "nonpositive": "{0} <= 0",
    "zero": "{0} == 0",
    "nonzero": "{0} != 0",
    "odd": "{0} - 2 * floor({0} / 2) == 1",
    "even": "{0} - 2 * floor({0} / 2) == 0",
    "integer": "{0} == floor({0})",
    "noninteger": "{0} != floor({0})",
}
"""What a coordinate must fulfil, as `symlab.engine.domain` has it."""

LONGEST_TITLE = 90


def short_title(title: str) -> str:
    r"""Return a title as one line of a comment.

    Examples
    --------
    >>> short_title("a */ b\n  c")
    'a * / b c'
    """
    words = " ".join(title.split()).replace("*/", "* /")
    return words if len(words) <= LONGEST_TITLE else f"{words[:LONGEST_TITLE]} ..."


@dataclass(frozen=True)
class RunText:
    """All that the text of a run is made of.

    Parameters
    ----------
    title : str
        A comment above it.
    names : Names
    objective : Formula or DataSum
    once, rule : Program
        What the rule computes once a step from k and step size, and what for each coordinate.
    domain : Domain
    """

    title: str
    names: Names
    objective: Formula | DataSum
    once: Program
    rule: Program
    domain: Domain

    @property
    def support(self) -> tuple[str, ...]:
        """The C functions that its programs call."""
        programs = (*self.objective.programs, self.once, self.rule)
        return tuple(sorted({text for program in programs for text in program.support}))

    @property
    def size(self) -> int:
        """The number of variables."""
        return self.names.size

    @property
    def width(self) -> int:
        """Numbers in iterate and state."""
        return len(self.names.held)

    def text(self) -> str:
        """Return the function `run`, and before it those that it calls."""
        body = [
            "/* value and gradient */",
            *self.value_and_gradient(),
            "",
            *self._tests(),
            "",
            "/* record this iterate, and see whether the run ends with it */",
            *self._record(),
            "",
            "/* the rule */",
            *self.step(),
        ]
        lines = [
            f"/* {short_title(self.title)} */",
            *self._functions(),
            "static int run(struct Run *run)",
            "{",
            *indent(self._before()),
            "",
            "    for (; k < run->first + run->count; k++) {",
            *indent(body, 2),
            "    }",
            *indent(self._after()),
            "    return ending;",
            "}",
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _functions(self) -> list[str]:
        if isinstance(self.objective, Formula):
            return []
        return sample_functions(self.objective, self.names)

    def _before(self) -> list[str]:
        names, value = self.names, "NAN" if self.objective.together else "0.0"
        if names.unrolled:
            declared = _scalars(names)
            gradient = ", ".join(f"{name} = NAN" for name in names.gradient)
        else:
            declared = [f"double {array}[{names.size}];" for array in names.arrays]
            declared.append(self._each("{array}[i] = run->held[{at} + i];"))
            gradient = f"g[{names.size}]"
        return [
            *declared,
            f"double value = {value}, {gradient};",
            "const double step_size = run->step_size;",
            *(
                f"const double {name} = run->numbers[{i}];"
                for i, name in enumerate(names.constants)
            ),
            *self.objective.locals,
            "double *row = run->rows;",
            "npy_int64 k = run->first;",
            "int ending = GOES_ON;",
        ]

    def _each(self, line: str) -> str:
        """Return a loop over the coordinates, with a line for each array."""
        copies = [
            line.format(array=array, at=j * self.size) for j, array in enumerate(self.names.arrays)
        ]
        return f"for (int i = 0; i < {self.size}; i++) {{ {' '.join(copies)} }}"

    def _after(self) -> list[str]:
        if self.names.unrolled:
            held = _assigned("run->held", self.names.held)
            seen = _assigned("run->seen", ["value", *self.names.gradient])
        else:
            held = [self._each("run->held[{at} + i] = {array}[i];")]
            gradient = f"for (int i = 0; i < {self.size}; i++) run->seen[i + 1] = g[i];"
            seen = ["run->seen[0] = value;", gradient]
        return [*held, *seen, "run->rows = row;", "run->first = k;"]

    def value_and_gradient(self) -> list[str]:
        """Return the statements of value and gradient."""
        results = ["value", *self.names.gradient]
        if isinstance(self.objective, Formula):
            ends = [f"{name} = {{}};" for name in results]
            return self.objective.both.lines(self.names.iterate, ends)
        return sample_lines(self.objective, self.names)

    def conditions(self, point: Sequence[str] = ()) -> list[str]:
        """Return what holds where an iterate, if it is finite, is in the domain."""
        names = point or self.names.iterate
        return [
            f"!isfinite({names[each.index]}) || {C_CONDITIONS[each.word].format(names[each.index])}"
            for each in self.domain.conditions
        ]

    def _tests(self) -> list[str]:
        left = [f"if (!({each})) {{ ending = LEFT_DOMAIN; break; }}" for each in self.conditions()]
        if self.names.unrolled:
            finite = _wrapped("bool finite = ", self.names.held, "isfinite({})", "isfinite(value);")
        else:
            parts = " & ".join(f"isfinite({name})" for name in self.names.coordinate())
            loop = f"for (int i = 0; i < {self.size}; i++) finite = finite & {parts};"
            finite = ["bool finite = isfinite(value);", loop]
        return [*left, *finite, "if (!finite) { ending = NOT_FINITE; break; }"]

    def _record(self) -> list[str]:
        names, width, size = self.names, self.width, self.size
        if names.unrolled:
            compared = [f"{name} == row[{i}]" for i, name in enumerate(names.held)]
            same = _wrapped("const bool unchanged = ", compared[:-1], "{}", f"{compared[-1]};")
            kept = _assigned("row", names.held)
            gathered = [f"const double gradient[] = {{{', '.join(names.gradient)}}};"]
            length = f"fabs({names.gradient[0]})" if size == 1 else f"length_of(gradient, {size})"
        else:
            step = self._each("unchanged = unchanged & ({array}[i] == row[{at} + i]);")
            same = ["bool unchanged = true;", step]
            kept = [self._each("row[{at} + i] = {array}[i];")]
            gathered, length = [], f"length_of(g, {size})"
        lines = [
            *(gathered if size > 1 else []),
            f"const double length = {length};",
            *same,
            f"row += {width + 2};",
            *kept,
            f"row[{width}] = value; row[{width + 1}] = length;",
            "run->due = next_due(run, k);",
            "ending = ending_at(run, k, length, unchanged);",
            "if (ending) break;",
        ]
        return ["if (k == run->due) {", *indent(lines), "}"]

    def step(self) -> list[str]:
        """Return the statements of the rule."""
        shared = [f"u{i + 1}" for i in range(len(self.once.outputs))]
        results = [f"const double {name} = {{}};" for name in shared]
        lines = self.once.lines(["steps", "step_size", *self.names.constants], results, "v")
        if self.once.reads(0) or self.rule.reads(2):
            lines = ["const double steps = (double)k;", *lines]
        if not self.names.unrolled:
            moved = self._moved("g[i]", shared, self.names.coordinate())
            loop = f"for (int i = 0; i < {self.size}; i++) {{"
            return [*lines, "#pragma omp simd", loop, *indent(moved), "}"]
        for i, slope in enumerate(self.names.gradient):
            moved = self._moved(slope, shared, self.names.coordinate(i))
            lines += moved if len(moved) == 1 else ["{", *indent(moved), "}"]
        return lines

    def _moved(self, slope: str, shared: list[str], held: list[str]) -> list[str]:
        """Return the rule's lines for one coordinate."""
        known = [*held[1:], *self.names.constants, *shared]
        inputs = [held[0], slope, "steps", "step_size", *known]
        if len(held) == 1:
            return self.rule.lines(inputs, [f"{held[0]} = {{}};"], "r")
        new = [f"new_{letter}" for letter in self.names.letters]
        lines = self.rule.lines(inputs, [f"const double {name} = {{}};" for name in new], "r")
        return [*lines, " ".join(f"{a} = {b};" for a, b in zip(held, new, strict=True))]


def _scalars(names: Names) -> list[str]:
    """Return the declarations of iterate and state, a line for each letter."""
    given = [f"{name} = run->held[{i}]" for i, name in enumerate(names.held)]
    rows = [given[i : i + names.size] for i in range(0, len(given), names.size)]
    return [f"double {', '.join(row)};" for row in rows]


def _assigned(array: str, names: Sequence[str]) -> list[str]:
    """Return statements that store numbers in an array, some in a line."""
    stored = [f"{array}[{i}] = {name};" for i, name in enumerate(names)]
    return [" ".join(stored[i : i + 4]) for i in range(0, len(stored), 4)]


def _wrapped(start: str, names: Sequence[str], part: str, end: str) -> list[str]:
    """Return a conjunction, some parts in a line."""
    parts = [f"{part.format(name)} && " for name in names] + [end]
    rows = ["".join(parts[i : i + 4]).rstrip() for i in range(0, len(parts), 4)]
    return [start + rows[0], *(f"    {row}" for row in rows[1:])]
