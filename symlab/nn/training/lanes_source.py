"""The C text of a fit: a loop over steps, in it one over the samples of a batch, and the rule.

Some samples are taken at a time, one in each lane of a vector register. Their forward pass, loss
and gradient are one program of scalars, written out, or loops over tensors; each lane adds to sums
of its own.
"""

from dataclasses import dataclass, field
from typing import Protocol

from symlab.engine.compiled.c_program import Program
from symlab.engine.compiled.c_text import indent
from symlab.engine.compiled.loops import Loops
from symlab.engine.compiled.run_head import LANES


class SampleText(Protocol):
    """What a fit computes with some samples: they are the first rows of `v`, the weights in `w`."""

    @property
    def constants(self) -> list[float]:
        """What stands in `w` behind the weights."""

    def storage(self, vectors: dict[str, int]) -> list[str]:
        """Return declarations of the rows `v`, of the sums, and of some vectors of numbers."""

    def at_step(self) -> list[str]:
        """Return what is done when the weights have moved; the sums are zero then."""

    def lines(self) -> list[str]:
        """Return what adds to each lane of the sums, times its share."""

    def sum(self, output: int) -> str:
        """Return the lanes in which the i-th entry of an output is added up."""


@dataclass(frozen=True)
class UnrolledSample:
    """A sample's numbers written out one by one.

    Parameters
    ----------
    program : Program
        From data and weights.
    columns, recorded : int
        How many numbers are data, and how many outputs are what a step records.
    """

    program: Program
    columns: int
    recorded: int

    constants: list[float] = field(default_factory=list)

    @property
    def results(self) -> int:
        """How many numbers a sample adds to the sums."""
        return len(self.program.outputs)

    def storage(self, vectors: dict[str, int]) -> list[str]:
        """Return arrays on the stack: they are small."""
        return [
            f"double v[{self.columns}][LANES], sums[{self.results}][LANES];",
            *(f"double {name}[{size}];" for name, size in vectors.items()),
        ]

    def at_step(self) -> list[str]:
        """Return what sets the sums to zero."""
        return ["memset(sums, 0, sizeof(sums));"]

    def sum(self, output: int) -> str:
        """Return the lanes in which the i-th entry of an output is added up."""
        return f"sums[{output}]" if output < self.recorded else f"sums[{self.recorded} + i]"

    def lines(self) -> list[str]:
        """Return one loop over lanes."""
        names = [f"v[{j}][lane]" for j in range(self.columns)]
        names += [f"w[{i}]" for i in range(len(self.program.inputs) - self.columns)]
        adds = [f"sums[{j}][lane] += share[lane] * ({{}});" for j in range(self.results)]
        return [
            "#pragma omp simd",
            "for (int lane = 0; lane < LANES; lane++) {",
            *indent(self.program.lines(names, adds)),
            "}",
        ]


@dataclass(frozen=True)
class LoopedSample:
    """A sample's tensors computed in loops.

    Parameters
    ----------
    graph : Loops
    """

    graph: Loops

    @property
    def constants(self) -> list[float]:
        """What stands in `w` behind the weights."""
        return self.graph.constants

    def storage(self, vectors: dict[str, int]) -> list[str]:
        """Return arrays in one piece of memory, each row a cache line of its own."""
        names, row = [], self.graph.rows
        for name, size in vectors.items():
            names.append(f"double *{name} = v[{row}];")
            row += -(-size // LANES)
        return [
            *self.graph.tables,
            f"const size_t bytes = {row} * sizeof(double[LANES]);",
            "double (*v)[LANES] = (double (*)[LANES])aligned_alloc(64, bytes);",
            "if (!v) return false;",
            "const struct Free free_at_end = {v};",
            *names,
        ]

    def at_step(self) -> list[str]:
        """Return what sets the sums to zero, and puts weights into all lanes of a row."""
        zero = "memset(v[{}], 0, sizeof(v[0]));"
        return [
            *(
                f"for (int i = 0; i < {size}; i++) {zero.format(row)}"
                for row, size in zip(self.graph.sums, self.graph.sizes, strict=True)
            ),
            *(
                f"for (int lane = 0; lane < LANES; lane++) v[{row}][lane] = w[{entry}];"
                for entry, row in self.graph.copies.items()
            ),
        ]

    def lines(self) -> list[str]:
        """Return the loops."""
        return self.graph.lines

    def sum(self, output: int) -> str:
        """Return the lanes in which the i-th entry of an output is added up."""
        return f"v[{self.graph.sums[output]}]"


@dataclass(frozen=True)
class FitText:
    """All that the text of a fit is made of.

    Parameters
    ----------
    sample : SampleText
    once, rule : Program
        What the rule computes once a step from k and step size, and what for each weight.
    columns, width, frozen : int
        How many numbers a sample has, and how many trainable and frozen weights there are.
    letters : int
        How many vectors the rule moves: the weights and its state.
    recorded : int
        How many numbers a step records.
    whole : bool
        Whether a batch is all the data, in the order they have.
    """

    sample: SampleText
    once: Program
    rule: Program
    columns: int
    width: int
    frozen: int
    letters: int
    recorded: int
    whole: bool

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
            *self.sample.at_step(),
            "for (npy_int64 block = 0; block < size; block += LANES) {",
            *indent([*self._gathered(), *self.sample.lines()]),
            "}",
            *self._record(),
            "",
            "/* the rule */",
            *self._step(),
        ]
        lines = [
            f"/* {self.width} weights, {self.columns} numbers in a sample */",
            "static bool train(const struct Fit *fit)",
            "{",
            *indent(self._storage()),
            *indent(self._copied("{0}[i] = fit->held[{1}i];")),
            "    for (npy_int64 step = 0; step < fit->count; step++) {",
            *indent(step, 2),
            "    }",
            *indent(self._copied("fit->held[{1}i] = {0}[i];")),
            "    return true;",
            "}",
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _storage(self) -> list[str]:
        """Return declarations, and what is set once."""
        constants, first = self.sample.constants, self.width + self.frozen
        sizes = dict.fromkeys(["w", *self.vectors[1:], "g"], self.width)
        sizes["w"] = first + len(constants)
        fixed = f"for (int i = 0; i < {self.frozen}; i++) w[{self.width} + i] = fit->frozen[i];"
        return [
            "const double step_size = fit->step_size;",
            *self.sample.storage(sizes),
            *([fixed] if self.frozen else []),
            *(f"w[{first + i}] = {literal(each)};" for i, each in enumerate(constants)),
        ]

    def _copied(self, statement: str) -> list[str]:
        """Return a loop for each vector, between its own array and its place in all of them."""
        return [
            f"for (int i = 0; i < {self.width}; i++) "
            + statement.format(name, f"{j * self.width} + " if j else "")
            for j, name in enumerate(self.vectors)
        ]

    def _gathered(self) -> list[str]:
        """Return the lines that put some samples side by side."""
        # Lanes beyond the last sample look at the first one again, and add nothing.
        first = "0" if self.whole else "batch[0]"
        other = "at" if self.whole else "batch[at]"
        return [
            "npy_int64 places[LANES];",
            "alignas(64) double share[LANES];",
            "for (int lane = 0; lane < LANES; lane++) {",
            "    const npy_int64 at = block + lane;",
            f"    places[lane] = at < size ? {other} : {first};",
            "    share[lane] = at < size ? 1.0 : 0.0;",
            "}",
            f"for (int j = 0; j < {self.columns}; j++)",
            "    for (int lane = 0; lane < LANES; lane++)",
            "        v[j][lane] = fit->data[j * fit->samples + places[lane]];",
        ]

    def _record(self) -> list[str]:
        """Return the lines that store what is recorded, and leave the slopes in `g`."""
        return [
            *(
                f"fit->records[{f'{j} * fit->count + ' if j else ''}step] "
                f"= total({self.sample.sum(j)}) / (double)size;"
                for j in range(self.recorded)
            ),
            f"for (int i = 0; i < {self.width}; i++)",
            f"    g[i] = total({self.sample.sum(self.recorded)}) / (double)size;",
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
            *indent(moved),
            "}",
        ]


def literal(number: float) -> str:
    """Return a number as C writes it."""
    special = {"inf": "INFINITY", "-inf": "-INFINITY", "nan": "NAN"}
    return special.get(repr(number), repr(number))
