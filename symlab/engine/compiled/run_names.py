"""What variables, state and data are called in the C text of a run."""

import re
from dataclasses import dataclass
from functools import cached_property

UNROLLED = 4
"""Variables up to which each has a name of its own in the text."""

WORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept
    const constexpr continue decltype default delete do double else enum explicit export extern
    false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr
    operator or or_eq private protected public register requires return short signed sizeof static
    struct switch template this throw true try typedef typeid typename union unsigned using virtual
    void volatile wchar_t while xor xor_eq
    I Run linux unix errno stderr stdin stdout
    acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 fabs floor
    fmod gamma isfinite isinf isnan j0 j1 jn larger length_of lgamma log log10 log1p log2 main
    next_due pow round signgam sin sinh smaller sqrt tan tanh tgamma total trunc y0
    y1 yn
    add_rows at batch batch_size block columns data ending ending_at finite first g gradient held i
    k lane last length loss loss_and_slopes next numbers Part parts_of_blocks point product result
    row rows run samples score share slope slopes step_size steps stride sum_of_blocks sums to_come
    unchanged value
    all before cutoff done due ends flag flags going many may_end moved room seen_at squares which
"""
"""Of C++ itself, its library and compiler, and the text around."""

RESERVED = frozenset(WORDS.split())
"""Names that mean something in the text already."""

CAPITALS = re.compile(r"[A-Z][A-Z0-9_]+")
"""What may be a macro of some header, or one of the endings."""

TEMPORARY = re.compile(r"[tuvrps]\d+|new_\w*")
"""What the programs call what lies in between."""


@dataclass(frozen=True)
class Names:
    """What variables, state and data are called in the text.

    Few variables have names like the user's own; more are the entries of arrays.

    Parameters
    ----------
    variables : tuple of n str
        The user's names.
    letters : tuple of str
        The iterate's letter and those of the state.
    data : tuple of str
        The names of the columns that a sample reads.
    numbers : tuple of str
        The rule's numbers that are inputs of the run.
    """

    variables: tuple[str, ...]
    letters: tuple[str, ...]
    data: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def unrolled(self) -> bool:
        """Whether each variable has a name of its own."""
        return self.size <= UNROLLED

    @cached_property
    def _chosen(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """Names of iterate and state, the gradient, the columns and numbers; none twice."""
        taken = set(RESERVED)
        if self.unrolled:
            iterate = [unused(name, taken) for name in self.variables]
            states = [f"{letter}_{name}" for letter in self.letters[1:] for name in iterate]
            held = [*iterate, *(unused(name, taken) for name in states)]
            gradient = [unused(f"d_{name}", taken) for name in iterate]
        else:
            taken.update(self.arrays)
            held = [f"{array}[{i}]" for array in self.arrays for i in range(self.size)]
            gradient = [f"g[{i}]" for i in range(self.size)]
        columns, numbers = (
            [unused(name, taken) for name in names] for names in (self.data, self.numbers)
        )
        return held, gradient, columns, numbers

    @property
    def held(self) -> list[str]:
        """The iterate, then each letter of the state."""
        return self._chosen[0]

    @property
    def iterate(self) -> list[str]:
        """The coordinates of the iterate."""
        return self.held[: self.size]

    @property
    def gradient(self) -> list[str]:
        """The slopes in each variable."""
        return self._chosen[1]

    @property
    def columns(self) -> list[str]:
        """What a sample reads of the data."""
        return self._chosen[2]

    @property
    def constants(self) -> list[str]:
        """The rule's numbers."""
        return self._chosen[3]

    @property
    def arrays(self) -> list[str]:
        """Where there are many variables: the iterate, then each letter of the state."""
        return ["x", *(f"s{j}" for j in range(1, len(self.letters)))]

    def coordinate(self, i: int | None = None) -> list[str]:
        """Return iterate and state of a coordinate; of the one a loop has come to without `i`."""
        if i is None:
            return [f"{array}[i]" for array in self.arrays]
        return self.held[i :: self.size]


def unused(name: str, taken: set[str]) -> str:
    """Return a C name like this one that is not taken yet, and take it.

    Examples
    --------
    >>> taken = {"double"}
    >>> [unused(name, taken) for name in ("double", "β_1", "x", "x", "new_x", "EOF")]
    ['double_', 'b__1', 'x', 'x_', 'b_new_x', 'EOF_']
    """
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not re.match(r"[A-Za-z]", plain):
        plain = f"b{plain}"
    if CAPITALS.fullmatch(plain):
        plain += "_"
    if TEMPORARY.fullmatch(plain):
        plain = f"b_{plain}"
    while plain in taken:
        plain += "_"
    taken.add(plain)
    return plain
