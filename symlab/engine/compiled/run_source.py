"""The C text of a rule's whole run: value and gradient, where the run ends, and the rule, in a loop.

The text is meant to be read. Up to `UNROLLED` variables are scalars by their own names, which the
compiler keeps in registers; more are arrays. Over data the samples are taken `LANES` at a time, each
adding to a sum of its own, so that a vector register holds as many as the machine has room for and
the sums come out the same whatever that is.
"""

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent

from symlab.engine.compiled.c_program import HELPERS, Program
from symlab.engine.domain import Condition, Domain

UNROLLED = 4
"""Variables up to which each has a name of its own in the text."""

LANES = 8
"""Samples taken at a time: as many doubles as the widest vector registers hold."""

HEAD = f"""
{HELPERS}
#define LANES {LANES}

enum {{ GOES_ON, NOT_FINITE, LEFT_DOMAIN, SMALL_GRADIENT, NO_GRADIENT, UNCHANGED, LAST_STEP }};

struct Run {{
    npy_int64 first, count;      /* steps from iterate `first` on, at most `count` of them */
    npy_int64 due, every, last;  /* the next iterate to record, each so many, and the last */
    double step_size, tolerance;
    double *held;                /* iterate and state */
    double *rows;                /* recorded: iterate, state, value, length of the gradient */
    double *seen;                /* value and gradient at the last iterate looked at */
    const double *data;          /* a column of `stride` numbers for each symbol of the data */
    const npy_int64 *batches;    /* the samples of each step */
    npy_int64 samples, stride, batch_size;
}};

/* The Euclidean length; squares overflow and underflow long before lengths do. */
static double length_of(const double *g, int n)
{{
    double squares = 0.0, largest = 0.0;
    for (int i = 0; i < n; i++) squares += g[i] * g[i];
    if (squares > 1e-292 && squares < INFINITY) return sqrt(squares);
    for (int i = 0; i < n; i++) largest = fabs(g[i]) > largest ? fabs(g[i]) : largest;
    if (!(largest > 0.0 && largest < INFINITY)) return sqrt(squares);
    squares = 0.0;
    for (int i = 0; i < n; i++) squares += (g[i] / largest) * (g[i] / largest);
    return largest * sqrt(squares);
}}

/* Why a run ends at its k-th iterate, if it does. */
static inline int ending_at(const struct Run *run, npy_int64 k, double length, bool unchanged)
{{
    if (length <= run->tolerance) return SMALL_GRADIENT;
    if (!isfinite(length)) return NO_GRADIENT;
    if (unchanged && run->tolerance >= 0) return UNCHANGED;
    return k >= run->last ? LAST_STEP : GOES_ON;
}}

static inline npy_int64 next_due(const struct Run *run, npy_int64 k)
{{
    return k < run->last - run->every ? k + run->every : run->last;
}}

/* The sum of all lanes, in an order of its own. */
static inline double total(const double *s)
{{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}}
"""

ENDINGS = (
    "goes on",
    "not finite",
    "left domain",
    "small gradient",
    "no gradient",
    "unchanged",
    "last step",
)
"""The words for the numbers that a run returns, in the order of the enum above."""

RESERVED = set(keyword.kwlist) | set(
    "auto bool break case char const continue default do double else enum extern false float for "
    "goto if inline int long new delete class this template typename operator private public "
    "register return short signed sizeof static struct switch true typedef union unsigned void "
    "volatile while asm and or not xor catch throw try using namespace virtual friend "
    "gradient steps k run row rows held value length unchanged ending step_size data batch block lane i samples "
    "stride total larger smaller LANES NAN INFINITY isfinite exp log sqrt pow fabs sin cos tan "
    "floor ceil y0 y1 yn j0 j1 jn gamma signgam main".split()
)
"""Names that mean something in the text already."""

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


@dataclass(frozen=True)
class Formula:
    """Value and gradient of a formula: one program from the variables."""

    look: Program

    together = True


@dataclass(frozen=True)
class DataSum:
    """Value and gradient of a sum over samples.

    Parameters
    ----------
    look : Program or None
        Loss and gradient of a sample, where each step needs both.
    loss, gradient : Program or None
        Each alone, where the value is asked for at recorded iterates only.
    penalty : Program or None
        Penalty and its gradient, from the parameters.
    columns : tuple of str
        The data that a sample reads, in the order of the programs' inputs behind the parameters.
    mean : bool
        Whether the sum is divided by the number of samples.
    batches : bool
        Whether each step sees samples of its own.
    """

    look: Program | None
    loss: Program | None
    gradient: Program | None
    penalty: Program | None
    columns: tuple[str, ...]
    mean: bool
    batches: bool

    @property
    def together(self) -> bool:
        """Whether value and gradient come from one loop over the samples."""
        return self.look is not None

    @property
    def programs(self) -> list[Program]:
        """All that it computes with."""
        every = (self.look, self.loss, self.gradient, self.penalty)
        return [program for program in every if program is not None]


@dataclass(frozen=True)
class RunText:
    """All that the text of a run is made of.

    Parameters
    ----------
    title : str
        A comment above it.
    variables : tuple of str
        Their names as the user has them.
    letters : tuple of str
        The iterate's letter and those of the state.
    objective : Formula or DataSum
    once, rule : Program
        What the rule computes once a step from k and step size, and what for each coordinate.
    domain : Domain
    """

    title: str
    variables: tuple[str, ...]
    letters: tuple[str, ...]
    objective: Formula | DataSum
    once: Program
    rule: Program
    domain: Domain

    @property
    def size(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def width(self) -> int:
        """Numbers in iterate and state."""
        return self.size * len(self.letters)

    @property
    def unrolled(self) -> bool:
        """Whether each variable has its own name in the text."""
        return self.size <= UNROLLED

    def text(self) -> str:
        """Return the function `run`."""
        names = _Names(self)
        body = [
            *_comment("value and gradient", self._look(names)),
            *self._tests(names),
            *self._record(names),
            "",
            *_comment("the rule", self._step(names)),
        ]
        lines = [
            f"/* {self.title.replace('*/', '* /')} */",
            "static int run(struct Run *run)",
            "{",
            *_indented(self._before(names)),
            "",
            "    for (; k < run->first + run->count; k++) {",
            *_indented(body, 2),
            "    }",
            *_indented(self._after(names)),
            "    return ending;",
            "}",
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _before(self, names: "_Names") -> list[str]:
        declared = [
            f"double {', '.join(names.declared(letter, place))};"
            for place, letter in enumerate(self.letters)
        ]
        slopes = [f"{name} = NAN" for name in names.gradients]
        gradient = ", ".join(slopes if self.unrolled else [f"g[{self.size}]"])
        return [
            *declared,
            *([] if self.unrolled else [self._copied("{0}[i] = run->held[{1} + i];")]),
            f"double value = {'NAN' if self.objective.together else '0.0'}, {gradient};",
            "const double step_size = run->step_size;",
            *_data_locals(self.objective),
            "double *row = run->rows;",
            "npy_int64 k = run->first;",
            "int ending = GOES_ON;",
        ]

    def _copied(self, line: str) -> str:
        places = [j * self.size for j in range(len(self.letters))]
        copies = [line.format(f"s{j}" if j else "x", at) for j, at in enumerate(places)]
        return f"for (int i = 0; i < {self.size}; i++) {{ {' '.join(copies)} }}"

    def _after(self, names: "_Names") -> list[str]:
        if self.unrolled:
            held = [f"run->held[{i}] = {name};" for i, name in enumerate(names.all)]
            seen = [f"run->seen[{i + 1}] = {name};" for i, name in enumerate(names.gradients)]
            ends = [" ".join(held), " ".join(["run->seen[0] = value;", *seen])]
        else:
            gradient = f"for (int i = 0; i < {self.size}; i++) run->seen[i + 1] = g[i];"
            ends = [self._copied("run->held[{1} + i] = {0}[i];"), "run->seen[0] = value;", gradient]
        return [*ends, "run->rows = row;", "run->first = k;"]

    def _look(self, names: "_Names") -> list[str]:
        if isinstance(self.objective, Formula):
            results = [f"{name} = {{}};" for name in ("value", *names.gradients)]
            return self.objective.look.lines(names.variables, results)
        return _SampleText(self.objective, names).lines()

    def _tests(self, names: "_Names") -> list[str]:
        left = [
            f"if (isfinite({name}) && !({C_CONDITIONS[each.word].format(name)})) "
            "{ ending = LEFT_DOMAIN; break; }"
            for each, name in names.conditions(self.domain.conditions)
        ]
        if self.unrolled:
            finite = " && ".join(f"isfinite({name})" for name in (*names.all, "value"))
            return ["", *left, f"if (!({finite})) {{ ending = NOT_FINITE; break; }}"]
        parts = " && ".join(f"isfinite({name})" for name in names.each)
        return [
            "",
            *left,
            "bool finite = isfinite(value);",
            f"for (int i = 0; i < {self.size}; i++) finite = finite & ({parts});",
            "if (!finite) { ending = NOT_FINITE; break; }",
        ]

    def _record(self, names: "_Names") -> list[str]:
        width = self.width
        if self.unrolled:
            same = " && ".join(f"{name} == row[{i}]" for i, name in enumerate(names.all))
            kept = " ".join(f"row[{i}] = {name};" for i, name in enumerate(names.all))
            made = [f"const bool unchanged = {same};", f"row += {width + 2};", kept]
        else:
            same = self._copied("unchanged = unchanged & ({0}[i] == row[{1} + i]);")
            made = ["bool unchanged = true;", same, f"row += {width + 2};"]
            made += [self._copied("row[{1} + i] = {0}[i];")]
        gathered = f"const double gradient[] = {{{', '.join(names.gradients)}}};"
        lines = [
            *([gathered] if self.unrolled and self.size > 1 else []),
            f"const double length = {names.length};",
            *made,
            f"row[{width}] = value; row[{width + 1}] = length;",
            "run->due = next_due(run, k);",
            "ending = ending_at(run, k, length, unchanged);",
            "if (ending) break;",
        ]
        comment = "/* record this iterate, and see whether the run ends with it */"
        return ["", comment, "if (k == run->due) {", *_indented(lines), "}"]

    def _step(self, names: "_Names") -> list[str]:
        shared = [f"u{i + 1}" for i in range(len(self.once.outputs))]
        results = [f"const double {name} = {{}};" for name in shared]
        early = self.once.lines(["steps", "step_size"], results, "v")
        if self.once.reads(0) or self.rule.reads(2):
            early = ["const double steps = (double)k;", *early]
        if not self.unrolled:
            each = self._moved(("g[i]", shared), names.each)
            pragma = "#pragma omp simd"
            loop = f"for (int i = 0; i < {self.size}; i++) {{"
            return [*early, pragma, loop, *_indented(each), "}"]
        steps: list[str] = []
        for i in range(self.size):
            moved = self._moved((names.gradients[i], shared), names.coordinate(i))
            is_one = len(moved) == 1
            steps += moved if is_one else ["{", *_indented(moved), "}"]
        return [*early, *steps]

    def _moved(self, given: tuple[str, list[str]], held: list[str]) -> list[str]:
        """Return the rule's lines for one coordinate."""
        gradient, shared = given
        inputs = [held[0], gradient, "steps", "step_size", *held[1:], *shared]
        if len(held) == 1:
            return self.rule.lines(inputs, [f"{held[0]} = {{}};"], "r")
        new = [f"new_{letter}" for letter in self.letters]
        lines = self.rule.lines(inputs, [f"const double {name} = {{}};" for name in new], "r")
        return [*lines, " ".join(f"{a} = {b};" for a, b in zip(held, new, strict=True))]


class _Names:
    """What variables, state and data are called in the text."""

    def __init__(self, run: RunText) -> None:
        self.run = run
        taken = set(RESERVED)
        if run.unrolled:
            self.variables = [unused(name, taken) for name in run.variables]
            states = [f"{letter}_{name}" for letter in run.letters[1:] for name in self.variables]
            self.all = [*self.variables, *(unused(name, taken) for name in states)]
            self.gradients = [unused(f"d_{name}", taken) for name in self.variables]
        else:
            taken |= {"x", "g", *(f"s{j}" for j in range(1, len(run.letters)))}
            self.variables = [f"x[{i}]" for i in range(run.size)]
            self.gradients = [f"g[{i}]" for i in range(run.size)]
        columns = run.objective.columns if isinstance(run.objective, DataSum) else ()
        self.columns = [unused(name, taken) for name in columns]
        self.length = f"fabs({self.gradients[0]})" if run.size == 1 else self._length()

    def _length(self) -> str:
        return f"length_of({'gradient' if self.run.unrolled else 'g'}, {self.run.size})"

    @property
    def each(self) -> list[str]:
        """Iterate and state of the i-th coordinate, in arrays."""
        return ["x[i]", *(f"s{j}[i]" for j in range(1, len(self.run.letters)))]

    def coordinate(self, i: int) -> list[str]:
        """Return iterate and state of a coordinate by their own names."""
        return self.all[i :: self.run.size]

    def declared(self, letter: str, place: int) -> list[str]:
        """Return the declarations of a letter, with their first values where they are scalars."""
        size = self.run.size
        if not self.run.unrolled:
            return [f"{f's{place}' if place else 'x'}[{size}]"]
        names = self.all[place * size : (place + 1) * size]
        return [f"{name} = run->held[{place * size + i}]" for i, name in enumerate(names)]

    def conditions(self, conditions: Iterable[Condition]) -> Iterator[tuple[Condition, str]]:
        """Yield each condition with the name of its coordinate."""
        for each in conditions:
            yield each, self.variables[each.index]


@dataclass(frozen=True)
class _SampleText:
    """The loops over samples."""

    objective: DataSum
    names: _Names

    def lines(self) -> list[str]:
        """Return what leaves `value` and the gradient behind, the penalty added."""
        sums = self.names.gradients
        if self.objective.look is not None:
            found = self._loop(self.objective.look, ["value", *sums], batches=False)
            return [*found, *self._penalty(["value", *sums], [0, *range(1, len(sums) + 1)])]
        gradient, loss = self.objective.gradient, self.objective.loss
        if gradient is None or loss is None:
            raise AssertionError("either one program or two")
        here = self._penalty(sums, list(range(1, len(sums) + 1)))
        whole = self._loop(loss, ["value"], batches=False)
        return [
            *self._loop(gradient, sums, batches=self.objective.batches),
            *here,
            "if (k == run->due) {",
            *_indented([*whole, *self._penalty(["value"], [0])]),
            "}",
        ]

    def _loop(self, program: Program, results: list[str], *, batches: bool) -> list[str]:
        count = "batch_size" if batches else "samples"
        place = "batch[at < batch_size ? at : 0]" if batches else "at"
        columns = [
            f"const double {name} = data[{f'{j} * stride + ' if j else ''}i];"
            for j, name in enumerate(self.names.columns)
        ]
        # Lanes beyond the last sample look at another one again, and add nothing. A choice instead
        # of a product would let the compiler put all before it under a condition.
        share = f"const double share = at < {count} ? 1.0 : 0.0;"
        adds = [f"sums[{j}][lane] += share * ({{}});" for j in range(len(results))]
        body = program.lines([*self.names.variables, *self.names.columns], adds)
        weight = f" / (double){count}" if self.objective.mean else ""
        batch = ["const npy_int64 *batch = run->batches + (k - run->first) * batch_size;"]
        lines = [
            *(batch if batches else []),
            f"double sums[{len(results)}][LANES] = {{{{0}}}};",
            f"for (npy_int64 block = 0; block < {count}; block += LANES) {{",
            "    #pragma omp simd",
            "    for (int lane = 0; lane < LANES; lane++) {",
            *_indented([f"const npy_int64 at = block + lane, i = {place};", share, *columns, *body], 2),
            "    }",
            "}",
            *(f"{name} = total(sums[{j}]){weight};" for j, name in enumerate(results)),
        ]
        return ["{", *_indented(lines), "}"]

    def _penalty(self, results: list[str], outputs: list[int]) -> list[str]:
        penalty = self.objective.penalty
        if penalty is None:
            return []
        part = Program(penalty.inputs, tuple(penalty.outputs[j] for j in outputs))
        sums = [f"{name} += {{}};" for name in results]
        return ["{", *_indented(part.lines(self.names.variables, sums, "p")), "}"]


def _data_locals(objective: Formula | DataSum) -> list[str]:
    if isinstance(objective, Formula):
        return []
    batch = ", batch_size = run->batch_size" if objective.batches else ""
    return [
        "const double *data = run->data;",
        f"const npy_int64 samples = run->samples, stride = run->stride{batch};",
    ]


def unused(name: str, taken: set[str]) -> str:
    """Return a C name like this one that is not taken yet, and take it.

    Examples
    --------
    >>> taken = {"double"}
    >>> unused("double", taken), unused("β_1", taken), unused("x", taken), unused("x", taken)
    ('double_', 'b__1', 'x', 'x_')
    """
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not re.match(r"[A-Za-z]", plain):
        plain = f"b{plain}"
    # t1, u1, v1, r1, p1: what the programs call what lies in between.
    while plain in taken or re.fullmatch(r"[tuvrp]\d+|new_\w*|sums|at|share|s\d+", plain):
        plain += "_"
    taken.add(plain)
    return plain


def _comment(words: str, lines: list[str]) -> list[str]:
    return [f"/* {words} */", *lines]


def _indented(lines: Sequence[str], levels: int = 1) -> list[str]:
    return indent("\n".join(lines), "    " * levels).split("\n") if lines else []
