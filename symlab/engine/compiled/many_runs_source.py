"""The C text of many runs at once: each lane of a vector is a run with its own start and numbers.

The statements of value, gradient and rule are those of a single run, so that every lane takes the
steps of that run to the last bit. The loop over lanes only asks whether one of them may end; then
each is looked at by itself, and the next run takes the place of one that has ended.
"""

from dataclasses import dataclass

from symlab.engine.compiled.c_text import indent
from symlab.engine.compiled.many_runs_head import columns_of, row_length
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.run_source import RunText, short_title


@dataclass(frozen=True)
class ManyRunsText:
    """The text of many runs, made of the parts of a single one that has a name for each variable.

    Parameters
    ----------
    run : RunText
    """

    run: RunText

    @property
    def names(self) -> Names:
        """What variables, state and numbers are called."""
        return self.run.names

    @property
    def size(self) -> int:
        """The number of variables."""
        return self.run.size

    @property
    def numbers(self) -> int:
        """How many numbers a run has, its step size among them."""
        return 1 + len(self.names.constants)

    def text(self) -> str:
        """Return the function `many_runs`, and those that it calls."""
        width = self.run.width
        loop = [
            "double may_end = 0.0;",
            f"double *at = many->path + row * {self.size} * WIDE;",
            "#pragma omp simd reduction(+:may_end)",
            "for (int i = 0; i < WIDE; i++) {",
            *indent(self._lane()),
            "}",
            "if (may_end > 0.0) {",
            "    for (int i = 0; i < WIDE; i++) {",
            *indent(self._look(), 2),
            "    }",
            "}",
            "double (*last)[WIDE] = before;",
            "before = held; held = moved; moved = last;",
            "row = row + 1 == many->last + 2 ? 0 : row + 1;",
        ]
        body = [
            f"double room[3][{width}][WIDE] = {{}}, numbers[{self.numbers}][WIDE] = {{}};",
            "double (*before)[WIDE] = room[0], (*held)[WIDE] = room[1], (*moved)[WIDE] = room[2];",
            "double done[WIDE], due[WIDE], flags[WIDE];",
            "npy_int64 which[WIDE], next = 0, row = 0;",
            "int going = 0;",
            f"const double cutoff = {self._cutoff()};",
            "for (int i = 0; i < WIDE; i++) {",
            *indent([*self._begin("held", "before"), "going += which[i] >= 0;"]),
            "}",
            "while (going > 0) {",
            *indent(loop),
            "}",
        ]
        lines = [
            f"/* {short_title(self.run.title)} */",
            *self._seen_at(),
            "",
            "template <bool RATES> static void many_runs(const struct Many *many)",
            "{",
            *indent(body),
            "}",
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _seen_at(self) -> list[str]:
        """Return a function of value and gradient at a point."""
        names = self.names
        coordinates = [f"{name} = point[{c}]" for c, name in enumerate(names.iterate)]
        body = [
            f"const double {', '.join(coordinates)};",
            f"double {', '.join(['value', *names.gradient])};",
            *self.run.value_and_gradient(),
            " ".join(f"gradient[{c}] = {name};" for c, name in enumerate(names.gradient)),
            "return value;",
        ]
        head = "static double seen_at(const double *point, double *gradient)"
        return [head, "{", *indent(body), "}"]

    def _begin(self, held: str, before: str) -> list[str]:
        """Return what puts the next run into a lane, or leaves it without one."""
        size, width = self.size, self.run.width
        given = "many->given[{} * many->stride + next]"
        start = [f"point[{c}] = {held}[{c}][i] = {given.format(c)};" for c in range(size)]
        rest = [f"{held}[{j}][i] = 0.0;" for j in range(size, width)]
        unknown = [f"{before}[{j}][i] = NAN;" for j in range(width)]
        read = [f"numbers[{j}][i] = {given.format(size + j)};" for j in range(self.numbers)]
        first = f"{row_length(size)} * next + {columns_of(size)['first_value'].start}"
        return [
            "const bool is_there = next < many->runs;",
            "which[i] = is_there ? next : -1;",
            "done[i] = 0.0; due[i] = is_there ? (double)(many->last / 2) : INFINITY;",
            "if (is_there) {",
            f"    double point[{size}], gradient[{size}];",
            *indent([" ".join([*start, *rest]), " ".join(unknown), *read]),
            f"    many->ends[{first}] = seen_at(point, gradient);",
            "    next++;",
            "}",
        ]

    def _lane(self) -> list[str]:
        """Return a step of one lane: value and gradient, whether it may end, the rule."""
        names = self.names
        held = [f"double {name} = held[{j}][i];" for j, name in enumerate(names.held)]
        constants = ["step_size", *names.constants]
        numbers = [f"const double {name} = numbers[{j}][i];" for j, name in enumerate(constants)]
        kept = [f"at[{c} * WIDE + i] = {name};" for c, name in enumerate(names.iterate)]
        moved = [f"moved[{j}][i] = {name};" for j, name in enumerate(names.held)]
        return [
            *held,
            *numbers,
            "const double k = done[i];",
            f"double {', '.join(['value', *names.gradient])};",
            *self.run.value_and_gradient(),
            *self._suspicion(),
            f"if (RATES) {{ {' '.join(kept)} }}",
            *self.run.step(),
            " ".join(moved),
            "done[i] = k + 1.0;",
        ]

    def _suspicion(self) -> list[str]:
        """Return what tells whether a lane may end here, in few operations and without a branch."""
        names = self.names
        unchanged = " & ".join(f"({name} == before[{j}][i])" for j, name in enumerate(names.held))
        outside = "".join(f" | !({each})" for each in self.run.conditions())
        squares = " + ".join(f"{name} * {name}" for name in names.gradient)
        small = f"fabs({names.gradient[0]}) <= cutoff" if self.size == 1 else "squares <= cutoff"
        return [
            *([f"const double squares = {squares};"] if self.size > 1 else []),
            # A sum is finite only where all its terms are.
            f"const double all = {' + '.join(['value', *names.held, *names.gradient])};",
            f"const bool unchanged = {unchanged};",
            f"const bool ends = !(fabs(all) < INFINITY) | ({small}) | unchanged"
            f" | (k >= due[i]){outside};",
            "const double flag = ends & (due[i] < INFINITY) ? (unchanged ? 2.0 : 1.0) : 0.0;",
            "flags[i] = flag; may_end += flag;",
        ]

    def _look(self) -> list[str]:
        """Return what looks at a lane by itself: whether it ends, what is noted, what is next."""
        size, places = self.size, {n: p.start for n, p in columns_of(self.size).items()}
        point = ", ".join(f"held[{c}][i]" for c in range(size))
        middle = [
            "if (k == many->last / 2) {",
            f"    end[{places['half_value']}] = value;",
            *(f"    end[{places['half'] + c}] = point[{c}];" for c in range(size)),
            "    due[i] = (double)many->last;",
            "}",
        ]
        last = [
            "const bool left = ending == NOT_FINITE || ending == LEFT_DOMAIN;",
            "double (*at_end)[WIDE] = left ? before : held;",
            "const npy_int64 rows = left ? k : k + 1;",
            *(f"point[{c}] = at_end[{c}][i];" for c in range(size)),
            f"end[{places['ending']}] = ending; end[{places['rows']}] = (double)rows;",
            f"end[{places['value']}] = seen_at(point, gradient);",
            *(f"end[{places['last'] + c}] = point[{c}];" for c in range(size)),
            *(f"end[{places['gradient'] + c}] = gradient[{c}];" for c in range(size)),
            "const npy_int64 from = row - k < 0 ? row - k + many->last + 2 : row - k;",
            f"if (RATES) end[{places['rate']}] = rate_of(many, from, rows, {size}, i);",
        ]
        return [
            "if (flags[i] == 0.0) continue;",
            "const npy_int64 k = (npy_int64)done[i] - 1;",
            f"double *end = many->ends + which[i] * {row_length(size)};",
            f"double point[] = {{{point}}}, gradient[{size}];",
            "const double value = seen_at(point, gradient);",
            *middle,
            f"const double length = {self._length()};",
            *self._ending(),
            "if (ending == GOES_ON) continue;",
            *last,
            *self._begin("moved", "held"),
            "going -= which[i] < 0;",
        ]

    def _cutoff(self) -> str:
        """Return below what a gradient, or the sum of its squares, is looked at closely.

        Where squares underflow their sum says nothing of the length.
        """
        if self.size == 1:
            return "many->tolerance"
        return "larger(1e-292, 1.000001 * many->tolerance * many->tolerance)"

    def _length(self) -> str:
        return "fabs(gradient[0])" if self.size == 1 else f"length_of(gradient, {self.size})"

    def _ending(self) -> list[str]:
        """Return what names the ending of a lane, in the order in which a single run asks."""
        held = [f"isfinite(held[{j}][i])" for j in range(self.run.width)]
        lines = ["int ending = GOES_ON;"]
        if self.run.domain.conditions:
            point = [f"held[{c}][i]" for c in range(self.size)]
            outside = " || ".join(f"!({each})" for each in self.run.conditions(point))
            lines += [f"if ({outside}) ending = LEFT_DOMAIN;", "else"]
        return [
            *lines,
            f"if (!(isfinite(value) && {' && '.join(held)})) ending = NOT_FINITE;",
            "else if (length <= many->tolerance) ending = SMALL_GRADIENT;",
            "else if (!isfinite(length)) ending = NO_GRADIENT;",
            "else if (flags[i] > 1.0 && many->tolerance >= 0) ending = UNCHANGED;",
            "else if (k >= many->last) ending = LAST_STEP;",
        ]
