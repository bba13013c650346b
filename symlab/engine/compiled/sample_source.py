"""The C text of value and gradient as a sum over samples, some at a time.

Each of `LANES` samples adds to sums of its own, which are added up at the end in an order of their
own, so that a sum does not depend on how many of them the machine takes at once. Up to a block of
samples the loop stands in the run itself; more are functions of their own, called for each block.
Where one linear predictor has many parameters, a function reads the data row by row, once for the
predictor and at once again for the gradient, so that memory is read once.
"""

from dataclasses import dataclass

from symlab.engine.compiled.block_source import blocks_worth_a_thread
from symlab.engine.compiled.c_program import Program
from symlab.engine.compiled.c_text import indent
from symlab.engine.compiled.run_names import Names


@dataclass(frozen=True)
class Formula:
    """Value and gradient of a formula: one program from the variables."""

    both: Program

    @property
    def programs(self) -> list[Program]:
        """All that it computes with."""
        return [self.both]

    @property
    def together(self) -> bool:
        """Whether value and gradient are computed at once: always."""
        return True

    @property
    def batches(self) -> bool:
        """Whether each step sees samples of its own: there are none."""
        return False

    @property
    def locals(self) -> list[str]:
        """What a run declares for it: nothing."""
        return []


@dataclass(frozen=True)
class DataSum:
    """Value and gradient of a sum over samples.

    Parameters
    ----------
    both : Program or None
        Loss and gradient of a sample, where each step needs both.
    loss, gradient : Program or None
        Each alone, where the value is asked for at recorded iterates only.
    penalty : Program or None
        Penalty and its gradient, from the parameters.
    mean : bool
        Whether the sum is divided by the number of samples.
    batches : bool
        Whether each step sees samples of its own.
    only_batches : bool
        Whether values, too, are of these samples alone. The data of a sample then lie together: of
        much data each that is drawn comes from memory, a line of it at a time.
    by_rows : bool
        Whether the programs take one linear predictor, with a coefficient for each parameter in a
        row of the data.
    blocks : bool
        Whether there are more samples than a block has.
    handed : bool
        Whether the sums are made outside, before each step, from data that are read in pieces. They
        then stand where the data would: that of the losses, and those of the slopes.
    scattered : bool
        Whether each column lies by itself, as it was read.
    """

    both: Program | None
    loss: Program | None
    gradient: Program | None
    penalty: Program | None
    mean: bool
    batches: bool
    only_batches: bool = False
    by_rows: bool = False
    blocks: bool = False
    handed: bool = False
    scattered: bool = False

    @property
    def together(self) -> bool:
        """Whether value and gradient come from one loop over the samples."""
        return self.both is not None

    @property
    def programs(self) -> list[Program]:
        """All that it computes with."""
        return [program for program in (*self.sums.values(), self.penalty) if program is not None]

    @property
    def sums(self) -> dict[str, Program | None]:
        """What is added up over samples, by the name of its function in the text."""
        return {"loss_and_slopes": self.both, "slopes": self.gradient, "loss": self.loss}

    def of_step(self, name: str) -> bool:
        """Whether a sum is over the samples of the step, not over all."""
        return self.only_batches or (self.batches and name == "slopes")

    def in_run(self, name: str) -> bool:
        """Whether a sum is a loop in the run itself, not a function of its own."""
        return not self.by_rows and (self.of_step(name) or not self.blocks)

    @property
    def locals(self) -> list[str]:
        """What a run declares for it."""
        if self.handed:
            batch = ", batch_size = run->batch_size" if self.batches else ""
            return [f"const npy_int64 samples = run->samples{batch};"]
        batch = ", batch_size = run->batch_size" if self.batches else ""
        return [
            "const double *data = run->data;",
            f"const npy_int64 samples = run->samples, stride = run->stride{batch};",
        ]


def sample_functions(objective: DataSum, names: Names) -> list[str]:
    """Return the functions that sum over some of the samples, where the run does not itself."""
    text = _SampleText(objective, names)
    made: list[str] = []
    for name, program in {} if objective.handed else objective.sums.items():
        if program is not None and not objective.in_run(name):
            made += [*text.function(name, program), ""]
    return made


def part_function(objective: DataSum, names: Names, name: str) -> list[str]:
    """Return the function of one of the sums, over some of all samples or of those of a step."""
    program = objective.sums[name]
    assert program is not None
    return _SampleText(objective, names).function(name, program)


def sample_lines(objective: DataSum, names: Names) -> list[str]:
    """Return the lines that leave `value` and the gradient behind, the penalty added."""
    text, slopes = _SampleText(objective, names), names.gradient
    lines = text.prefetch() if objective.only_batches and not objective.handed else []
    if objective.both is not None:
        results = ["value", *slopes]
        return [*lines, *text.sum("loss_and_slopes", results), *text.penalty(results, 0)]
    if objective.gradient is not None:
        lines += [*text.sum("slopes", slopes), *text.penalty(slopes, 1)]
    if objective.loss is not None:
        value = [*text.sum("loss", ["value"]), *text.penalty(["value"], 0)]
        lines += ["if (k == run->due) {", *indent(value), "}"]
    return lines


LINE = 8
"""Numbers in a line of memory."""

BATCH = "const npy_int64 *batch = run->batches + (k - run->first) * batch_size;"


@dataclass(frozen=True)
class _SampleText:
    """The sums over samples, and what is added to them."""

    objective: DataSum
    names: Names

    def sum(self, name: str, results: list[str]) -> list[str]:
        """Return what sums over all samples, or over those of the step."""
        of_step = self.objective.of_step(name)
        count = "batch_size" if of_step else "samples"
        weight = f" / (double){count}" if self.objective.mean else ""
        program = self.objective.sums[name]
        assert program is not None
        if self.objective.handed:
            place = "run->data + 1" if name == "slopes" else "run->data"
            lines = [f"const double *sums = {place};", *self._taken(results, weight)]
        elif self.objective.in_run(name):
            batch = [BATCH] if of_step else []
            lines = [*batch, *self._loop(program, "0", count, of_step=of_step)]
            lines += [f"{each} = total(sums[{j}]){weight};" for j, each in enumerate(results)]
        else:
            batch = ["run->batch = run->batches + (k - run->first) * batch_size;"] * of_step
            lines = [*batch, *self._called(name, program, count, len(results))]
            lines += self._taken(results, weight)
        return ["{", *indent(lines), "}"]

    def _called(self, name: str, program: Program, count: str, size: int) -> list[str]:
        """Return the call of a sum's function: for all samples at once, or block by block."""
        unrolled, point = self.names.unrolled, "point" if self.names.unrolled else "x"
        given = [f"const double point[] = {{{', '.join(self.names.iterate)}}};"] * unrolled
        given += [f"double sums[{size}];"]
        if not self.objective.blocks:
            return [*given, f"{name}(run, {point}, 0, {count}, sums);"]
        operations = program.operations + 4 * self.names.size * self.objective.by_rows
        each = blocks_worth_a_thread(operations)
        return [
            *given,
            f"sum_of_blocks({name}, run, {point}, {count}, {each}, {size}, sums);",
        ]

    def _taken(self, results: list[str], weight: str) -> list[str]:
        """Return what takes the sums where they belong."""
        if self.names.unrolled or results == ["value"]:
            return [f"{each} = sums[{j}]{weight};" for j, each in enumerate(results)]
        value = [f"value = sums[0]{weight};"] if results[0] == "value" else []
        place = f"i + {len(value)}" if value else "i"
        loop = f"for (int i = 0; i < {self.names.size}; i++) g[i] = sums[{place}]{weight};"
        return [*value, loop]

    def function(self, name: str, program: Program) -> list[str]:
        """Return the function that sums over some of the samples."""
        columns, of_step = self.names.columns, self.objective.of_step(name)
        strides = len(columns) > (0 if self.objective.only_batches else 1)
        scattered = self.objective.scattered
        data = [
            "const double *const *columns = run->columns;" if scattered and columns else "",
            "const double *data = run->data;" if columns and not scattered else "",
            "const npy_int64 stride = run->stride;" if strides and not scattered else "",
            "const npy_int64 *batch = run->batch;" if of_step else "",
        ]
        if self.objective.by_rows:
            body = self._row_loop(name, program, of_step=of_step)
        else:
            ends = f"for (int j = 0; j < {len(program.outputs)}; j++) result[j] = total(sums[j]);"
            body = [*self._loop(program, "first", "last", of_step=of_step), ends]
            if self.names.unrolled:
                own = [f"{each} = point[{i}]" for i, each in enumerate(self.names.iterate)]
                body = [f"const double {', '.join(own)};", *body]
            else:
                body = ["const double *x = point;", *body]
        return [
            f"static void {name}(const Run *run, const double *point,",
            f"{' ' * len(f'static void {name}(')}npy_int64 first, npy_int64 last, double *result)",
            "{",
            *indent([*filter(None, data), *body]),
            "}",
        ]

    def _loop(self, program: Program, first: str, last: str, *, of_step: bool) -> list[str]:
        """Return a loop over samples, each lane with sums of its own."""
        adds = [f"sums[{j}][lane] += share * ({{}});" for j in range(len(program.outputs))]
        computed = program.lines([*self.names.iterate, *self.names.columns], adds)
        return [
            f"double sums[{len(program.outputs)}][LANES] = {{{{0}}}};",
            f"for (npy_int64 block = {first}; block < {last}; block += LANES) {{",
            *indent(self._lanes(computed, first, last, of_step=of_step)),
            "}",
        ]

    def _row_loop(self, name: str, program: Program, *, of_step: bool) -> list[str]:
        """Return a loop over rows: the predictors of some, their kernel, and the gradient.

        The machine by itself fetches too little of the rows that come next while these are gone
        through again: without a hint one core reads at 60 percent of what it can.
        """
        size = self.names.size
        ends = {
            "loss": ["value[lane] += share * ({});"],
            "slopes": ["slope[lane] = share * ({});"],
            "loss_and_slopes": ["value[lane] += share * ({});", "slope[lane] = share * ({});"],
        }[name]
        computed = program.lines(["score[lane]", *self.names.columns], ends)
        row = "batch[{0} < last ? {0} : first]" if of_step else "({0} < last ? {0} : first)"
        here, to_come = (f"run->design + {row.format(at)} * {size}" for at in ("at", "at + LANES"))
        valued, sloped = name != "slopes", name != "loss"
        return [
            *(["double value[LANES] = {0};"] * valued),
            *([f"double g[{size}] = {{0}};"] * sloped),
            "for (npy_int64 block = first; block < last; block += LANES) {",
            "    const double *rows[LANES];",
            f"    double score[LANES]{', slope[LANES]' if sloped else ''};",
            "    for (int lane = 0; lane < LANES; lane++) {",
            "        const npy_int64 at = block + lane;",
            f"        const double *to_come = {to_come};",
            f"        rows[lane] = {here};",
            f"        score[lane] = product<{size}>(rows[lane], to_come, point);",
            "    }",
            *indent(self._lanes(computed, "first", "last", of_step=of_step)),
            *([f"    add_rows<{size}>(rows, slope, g);"] * sloped),
            "}",
            *(["result[0] = total(value);"] * valued),
            *([f"memcpy(result{' + 1' if valued else ''}, g, sizeof g);"] * sloped),
        ]

    def _lanes(self, computed: list[str], first: str, last: str, *, of_step: bool) -> list[str]:
        """Return a loop over the lanes of a block."""
        place = f"batch[at < {last} ? at : {first}]" if of_step else "at"
        columns = [
            f"const double {name} = {self._number(j)};" for j, name in enumerate(self.names.columns)
        ]
        # Lanes beyond the last sample look at another one again, and add nothing. A choice instead
        # of the product would let the compiler put all before it under a condition.
        inner = [
            f"const npy_int64 at = block + lane, i = {place};",
            f"const double share = at < {last} ? 1.0 : 0.0;",
            *columns,
            *computed,
        ]
        start = ["#pragma omp simd", "for (int lane = 0; lane < LANES; lane++) {"]
        return [*start, *indent(inner), "}"]

    def _number(self, j: int) -> str:
        """Return the j-th number of sample i."""
        if self.objective.scattered:
            return f"columns[{j}][i]"
        if self.objective.only_batches:
            return f"data[i * stride + {j}]" if j else "data[i * stride]"
        return f"data[{j} * stride + i]" if j else "data[i]"

    def prefetch(self) -> list[str]:
        """Return what fetches the samples of the next step while those of this one are summed."""
        size = self.names.size * self.objective.by_rows
        lines = [
            "const npy_int64 *next = run->batches + (k + 1 - run->first) * batch_size;",
            "for (npy_int64 at = 0; at < batch_size; at++) {",
            *indent(_fetched("data", "stride", len(self.names.columns))),
            *indent(_fetched("run->design", str(size), size)),
            "}",
        ]
        return ["if (k + 1 < run->first + run->count) {", *indent(lines), "}"]

    def penalty(self, results: list[str], first: int) -> list[str]:
        """Return what adds the penalty, from its output `first` on."""
        whole = self.objective.penalty
        if whole is None:
            return []
        part = Program(whole.inputs, whole.outputs[first : first + len(results)])
        lines = part.lines(self.names.iterate, [f"{name} += {{}};" for name in results], "p")
        return ["{", *indent(lines), "}"]


def _fetched(array: str, stride: str, numbers: int) -> list[str]:
    """Return what fetches a row, a line of memory at a time."""
    if not numbers:
        return []
    fetch = f"__builtin_prefetch({array} + next[at] * {stride} + j);"
    return [f"for (int j = 0; j < {numbers}; j += {LINE}) {fetch}"]
