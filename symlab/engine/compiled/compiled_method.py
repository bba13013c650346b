"""A rule's whole run in C, to be read: what `compile` returns where it is given a method."""

from dataclasses import dataclass
from functools import cached_property

from symlab.algebra.objective import Objective
from symlab.engine.compiled.c_source import Source, SourceText, source_of_run
from symlab.methods.rule import Rule


@dataclass(frozen=True)
class CompiledMethod:
    """A rule's whole run on an objective as one function in C.

    It is what `sl.minimize(objective, start, method)` compiles and runs.

    Parameters
    ----------
    objective : Objective
    method : Rule
    derived_by : str

    Examples
    --------
    >>> from sympy.abc import x
    >>> from symlab.methods.rules import gradient_descent
    >>> run = CompiledMethod(Objective(x**2), gradient_descent)
    >>> print(run.source[:64])
    /* gradient_descent: x**2 */
    static int run(struct Run *run)
    {
    """

    objective: Objective
    method: Rule
    derived_by: str = "sympy"

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, method={self.method!r})"

    @cached_property
    def _source(self) -> Source:
        return source_of_run(self.objective, self.method, self.derived_by)

    @property
    def source(self) -> SourceText:
        """The function in C: its loop holds value and gradient, the tests of the end, the rule."""
        return self._source.text

    @property
    def preamble(self) -> SourceText:
        """What stands before it in a file: its arguments, and the functions that it calls."""
        return self._source.preamble
