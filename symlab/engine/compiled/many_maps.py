"""A map of few variables applied again and again from many starts, in lanes of one compiled call.

Newton's method is such a map, of its real variables or of the real and imaginary part of one that
is complex. The runs end as those of a rule do; in place of a gradient stand the residuals, which
vanish where the map rests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, I, Matrix, Symbol, diff, im, re

from symlab.engine.compiled.c_program import Program, program_of
from symlab.engine.compiled.c_text import NoProgramError, indent
from symlab.engine.compiled.function import once
from symlab.engine.compiled.many_runs import ManyRuns
from symlab.engine.compiled.many_runs_op import ManyRunsOp, compile_many
from symlab.engine.compiled.many_runs_source import ManyRunsText
from symlab.engine.compiled.run_names import UNROLLED, Names
from symlab.engine.compiled.run_source import RunText
from symlab.engine.compiled.sample_program import limited
from symlab.engine.compiled.sample_source import Formula
from symlab.engine.domain import domain_of
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import stabilize


@dataclass(frozen=True)
class MapText(RunText):
    """The parts of a run whose step is a map, and no rule for each coordinate.

    Parameters
    ----------
    update : Program
        The next iterate from the last.
    """

    update: Program

    @property
    def support(self) -> tuple[str, ...]:
        """The C functions that its programs call."""
        return tuple(sorted({*super().support, *self.update.support}))

    def step(self) -> list[str]:
        """Return the statements of the map."""
        iterate = self.names.iterate
        new = [f"new_{i}" for i in range(self.size)]
        lines = self.update.lines(iterate, [f"const double {name} = {{}};" for name in new], "r")
        moved = " ".join(f"{a} = {b};" for a, b in zip(iterate, new, strict=True))
        return ["{", *indent([*lines, moved]), "}"]


@once(64)
def many_maps_of(
    variables: tuple[Symbol, ...],
    value: Expr,
    residuals: tuple[Expr, ...],
    update: tuple[Expr, ...],
) -> ManyRuns:
    """Return runs of a map from many starts, compiled.

    Parameters
    ----------
    variables : tuple of n sympy.Symbol
    value : sympy.Expr
        What is told of each iterate.
    residuals, update : tuple of n sympy.Expr
        What vanishes where a run ends, and the next iterate.

    Raises
    ------
    NoProgramError
        If there are many variables, or a part cannot become C.
    """
    if len(variables) > UNROLLED:
        raise NoProgramError(f"lanes are for maps of at most {UNROLLED} variables")
    nothing = Program((), ())
    run = MapText(
        title=f"a map of {', '.join(map(str, variables))}",
        names=Names(tuple(variable.name for variable in variables), ("x",)),
        objective=Formula(_program([value, *residuals], variables)),
        once=nothing,
        rule=nothing,
        domain=domain_of(variables),
        update=_program(update, variables),
    )
    op = ManyRunsOp(ManyRunsText(run).text(), run.support, run.size)
    return ManyRuns(compile_many(op), run.size, 1)


def _program(expressions: Sequence[Expr], variables: Sequence[Symbol]) -> Program:
    return limited(program_of(*lower([stabilize(each) for each in expressions], variables)))


def newton_of(expression: Expr, variables: Sequence[Symbol]) -> ManyRuns:
    """Return full steps of Newton's method towards a stationary point, from many starts.

    Parameters
    ----------
    expression : sympy.Expr
        A formula of real variables.
    variables : sequence of 1 or 2 sympy.Symbol
    """
    gradient = Matrix([diff(expression, each) for each in variables])
    steps = gradient.jacobian(list(variables)).inv(method="ADJ") * gradient
    update = [each - step.cancel() for each, step in zip(variables, steps, strict=True)]
    return many_maps_of(tuple(variables), expression, tuple(gradient), tuple(update))


def complex_newton_of(expression: Expr, variable: Symbol) -> ManyRuns:
    """Return Newton's method for f'(z) = 0 in the complex plane, from many starts.

    Parameters
    ----------
    expression : sympy.Expr
        f, of one variable.
    variable : sympy.Symbol

    Returns
    -------
    ManyRuns
        Of the real and the imaginary part of z.
    """
    a, b, z = Symbol("a", real=True), Symbol("b", real=True), Symbol("z")
    first, second = (diff(expression, variable, k).xreplace({variable: z}) for k in (1, 2))
    there = {z: a + I * b}
    slope, bend = (each.xreplace(there).expand(complex=True) for each in (first, second))
    squares = re(bend) ** 2 + im(bend) ** 2
    real = (re(slope) * re(bend) + im(slope) * im(bend)) / squares
    imaginary = (im(slope) * re(bend) - re(slope) * im(bend)) / squares
    parts = tuple(part.expand() for part in (re(slope), im(slope)))
    return many_maps_of((a, b), parts[0] ** 2 + parts[1] ** 2, parts, (a - real, b - imaginary))
