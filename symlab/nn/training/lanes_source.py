"""The C text of a fit: a loop over steps, in it one over the samples of a batch, and the rule.

Some samples are taken at a time, one in each lane of a vector register. Their forward pass, loss
and gradient are one program of scalars, written out; each lane adds to sums of its own.
"""

from dataclasses import dataclass

from symlab.engine.compiled.c_program import Program
from symlab.engine.compiled.c_text import indented


@dataclass(frozen=True)
class FitText:
    """All that the text of a fit is made of.

    Parameters
    ----------
    sample : Program
        From data, trainable and frozen weights to what a step records, then the slopes.
    once, rule : Program
        What the rule computes once a step from k and step size, and what for each weight.
    columns, width, frozen : int
        How many numbers a sample has, and how many trainable and frozen weights there are.
    letters : int
        How many vectors the rule moves: the weights and its state.
    whole : bool
        Whether a batch is all the data, in the order they have.
    """

    sample: Program
    once: Program
    rule: Program
    columns: int
    width: int
    frozen: int
    letters: int
    whole: bool

    @property
    def programs(self) -> tuple[Program, ...]:
        """All that it computes with."""
        return self.sample, self.once, self.rule

    @property
    def recorded(self) -> int:
        """How many numbers a step records."""
        return len(self.sample.outputs) - self.width

    @property
    def vectors(self) -> list[str]:
        """What the weights and the letters of the state are called."""
        return ["w", *(f"s{j}" for j in range(1, self.letters))]

    def text(self) -> str:
        """Return the function `train`."""
        batch = [] if self.whole else ["const npy_int64 *batch = fit->batches + step * fit->rows;"]
        step = [
            *batch,
            "const npy_int64 size = fit->sizes[step];",
            f"double sums[{len(self.sample.outputs)}][LANES] = {{{{0}}}};",
            "for (npy_int64 block = 0; block < size; block += LANES) {",
            *indented(self._block()),
            "}",
            *self._record(),
            "",
            "/* the rule */",
            *self._step(),
        ]
        lines = [
            f"/* {self.width} weights, {self.columns} numbers in a sample */",
            "static void train(const struct Fit *fit)",
            "{",
            "    const double step_size = fit->step_size, *frozen = fit->frozen;",
            *(f"    double {name}[{self.width}];" for name in self.vectors),
            *indented(self._copied("{0}[i] = fit->held[{1}i];")),
            "    for (npy_int64 step = 0; step < fit->count; step++) {",
            *indented(step, 2),
            "    }",
            *indented(self._copied("fit->held[{1}i] = {0}[i];")),
            "}",
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _copied(self, statement: str) -> list[str]:
        """Return a loop for each vector, between its own array and its place in all of them."""
        return [
            f"for (int i = 0; i < {self.width}; i++) "
            + statement.format(name, f"{j * self.width} + " if j else "")
            for j, name in enumerate(self.vectors)
        ]

    def _block(self) -> list[str]:
        """Return the lines that add some samples to the sums."""
        sample = [
            "const double share = block + lane < size ? 1.0 : 0.0;",
            *self.sample.lines(
                [
                    *(f"d[{j}][lane]" for j in range(self.columns)),
                    *(f"w[{i}]" for i in range(self.width)),
                    *(f"frozen[{i}]" for i in range(self.frozen)),
                ],
                [f"sums[{j}][lane] += share * ({{}});" for j in range(len(self.sample.outputs))],
            ),
        ]
        # Lanes beyond the last sample look at the first one again, and add nothing.
        first = "0" if self.whole else "batch[0]"
        other = "at" if self.whole else "batch[at]"
        return [
            f"double d[{self.columns}][LANES];",
            "npy_int64 places[LANES];",
            "for (int lane = 0; lane < LANES; lane++) {",
            "    const npy_int64 at = block + lane;",
            f"    places[lane] = at < size ? {other} : {first};",
            "}",
            f"for (int j = 0; j < {self.columns}; j++)",
            "    for (int lane = 0; lane < LANES; lane++)",
            "        d[j][lane] = fit->data[j * fit->samples + places[lane]];",
            "#pragma omp simd",
            "for (int lane = 0; lane < LANES; lane++) {",
            *indented(sample),
            "}",
        ]

    def _record(self) -> list[str]:
        """Return the lines that store what is recorded, and leave the slopes in `g`."""
        return [
            f"double g[{self.width}];",
            *(
                f"fit->records[{f'{j} * fit->count + ' if j else ''}step] "
                f"= total(sums[{j}]) / (double)size;"
                for j in range(self.recorded)
            ),
            f"for (int i = 0; i < {self.width}; i++)",
            f"    g[i] = total(sums[{self.recorded} + i]) / (double)size;",
        ]

    def _step(self) -> list[str]:
        shared = [f"u{i + 1}" for i in range(len(self.once.outputs))]
        results = [f"const double {name} = {{}};" for name in shared]
        new = [f"new_{name}" for name in self.vectors]
        held = [f"{name}[i]" for name in self.vectors]
        inputs = [held[0], "g[i]", "k", "step_size", *held[1:], *shared]
        moved = [
            *self.rule.lines(inputs, [f"const double {name} = {{}};" for name in new], "r"),
            *(f"{place} = {name};" for place, name in zip(held, new, strict=True)),
        ]
        return [
            "const double k = (double)(fit->first + step);",
            *self.once.lines(["k", "step_size"], results, "v"),
            "#pragma omp simd",
            f"for (int i = 0; i < {self.width}; i++) {{",
            *indented(moved),
            "}",
        ]
