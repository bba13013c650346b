"""The C text of value and gradient as a sum over samples, some at a time.

Each of `LANES` samples adds to sums of its own, which are added up at the end in an order of their
own, so that a sum does not depend on how many of them the machine takes at once.
"""

from dataclasses import dataclass

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
        Loss and gradient of a sample, where each step needs both, of the same samples.
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
    """

    both: Program | None
    loss: Program | None
    gradient: Program | None
    penalty: Program | None
    mean: bool
    batches: bool
    only_batches: bool = False

    @property
    def together(self) -> bool:
        """Whether value and gradient come from one loop over the samples."""
        return self.both is not None

    @property
    def programs(self) -> list[Program]:
        """All that it computes with."""
        every = (self.both, self.loss, self.gradient, self.penalty)
        return [program for program in every if program is not None]

    @property
    def locals(self) -> list[str]:
        """What a run declares for it."""
        batch = ", batch_size = run->batch_size" if self.batches else ""
        return [
            "const double *data = run->data;",
            f"const npy_int64 samples = run->samples, stride = run->stride{batch};",
        ]


def sample_lines(objective: DataSum, names: Names) -> list[str]:
    """Return the lines that leave `value` and the gradient behind, the penalty added."""
    text, slopes = _SampleText(objective, names), names.gradient
    lines = text.prefetch() if objective.only_batches else []
    if objective.both is not None:
        results = ["value", *slopes]
        lines += text.loop(objective.both, results, batches=objective.batches)
        return [*lines, *text.penalty(results, 0)]
    if objective.gradient is not None:
        lines += text.loop(objective.gradient, slopes, batches=objective.batches)
        lines += text.penalty(slopes, 1)
    if objective.loss is not None:
        value = text.loop(objective.loss, ["value"], batches=objective.only_batches)
        value += text.penalty(["value"], 0)
        lines += ["if (k == run->due) {", *indent(value), "}"]
    return lines


@dataclass(frozen=True)
class _SampleText:
    """The loops over samples, and what is added to them."""

    objective: DataSum
    names: Names

    def loop(self, program: Program, results: list[str], *, batches: bool = False) -> list[str]:
        """Return a loop over all samples, or over those of the step."""
        count = "batch_size" if batches else "samples"
        weight = f" / (double){count}" if self.objective.mean else ""
        lines = [
            *([BATCH] if batches else []),
            f"double sums[{len(results)}][LANES] = {{{{0}}}};",
            f"for (npy_int64 block = 0; block < {count}; block += LANES) {{",
            "    #pragma omp simd",
            "    for (int lane = 0; lane < LANES; lane++) {",
            *indent(self._sample(program, count, batches=batches), 2),
            "    }",
            "}",
            *(f"{name} = total(sums[{j}]){weight};" for j, name in enumerate(results)),
        ]
        return ["{", *indent(lines), "}"]

    def _sample(self, program: Program, count: str, *, batches: bool) -> list[str]:
        place = "batch[at < batch_size ? at : 0]" if batches else "at"
        columns = [
            f"const double {name} = data[{self._place(j)}];"
            for j, name in enumerate(self.names.columns)
        ]
        # Lanes beyond the last sample look at another one again, and add nothing. A choice instead
        # of the product would let the compiler put all before it under a condition.
        adds = [f"sums[{j}][lane] += share * ({{}});" for j in range(len(program.outputs))]
        return [
            f"const npy_int64 at = block + lane, i = {place};",
            f"const double share = at < {count} ? 1.0 : 0.0;",
            *columns,
            *program.lines([*self.names.iterate, *self.names.columns], adds),
        ]

    def _place(self, j: int) -> str:
        """Return where the j-th number of sample i lies."""
        if self.objective.only_batches:
            return f"i * stride + {j}" if j else "i * stride"
        return f"{j} * stride + i" if j else "i"

    def prefetch(self) -> list[str]:
        """Return what fetches the samples of the next step while those of this one are summed."""
        numbers = len(self.names.columns)
        lines = [
            "const npy_int64 *next = run->batches + (k + 1 - run->first) * batch_size;",
            "for (npy_int64 at = 0; at < batch_size; at++) {",
            *(
                f"    __builtin_prefetch(data + next[at] * stride + {j});"
                for j in range(0, numbers, 8)
            ),
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


BATCH = "const npy_int64 *batch = run->batches + (k - run->first) * batch_size;"
