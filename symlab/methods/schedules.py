"""Step sizes that change with k, the number of steps already taken, as expressions in k.

A schedule stands wherever a rule takes a step size: `momentum(step_size=exponential(decay=0.99))`.
The first step uses k = 0, so every schedule starts at its own `step_size`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Min, Symbol, cos, floor, latex, pi

from symlab.algebra.alphabet import alpha_0, delta, every, factor, k, rho, steps
from symlab.methods.configurable import Configurable


@dataclass(frozen=True, repr=False)
class Schedule(Configurable):
    """A step size as a formula in k; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    formula : sympy.Expr
        The step size at step k, in the letters of `defaults`.
    defaults : mapping of symbol to number
    source : str
        Author, year, and where the formula stands.
    values : mapping of symbol to number
        The hyperparameters chosen by calling the schedule.

    Examples
    --------
    >>> inverse_time(step_size=0.1, decay=0.01)
    inverse_time(step_size=0.1, decay=0.01)
    >>> inverse_time(step_size=0.1, decay=0.01).expression
    1/(10*(k/100 + 1))
    """

    name: str
    formula: Expr
    defaults: Mapping[Symbol, object]
    source: str
    values: Mapping[Symbol, object] = field(default_factory=dict)

    @cached_property
    def expression(self) -> Expr:
        """The step size in k alone, with the exact hyperparameters put in."""
        return self.formula.xreplace(self.hyperparameters)

    def _sympy_(self) -> Expr:
        # SymPy asks for this, so a schedule may stand in an expression, as `schedule / 2`.
        return self.expression

    def latex(self) -> str:
        r"""Return the formula, in letters, as LaTeX.

        Examples
        --------
        >>> print(exponential.latex())
        \alpha_{k} = \alpha_{0} \rho^{k}
        """
        return rf"\alpha_{{{latex(k)}}} = {latex(self.formula)}"


constant = Schedule("constant", alpha_0, {alpha_0: 0.1}, "chapter, section 9")

inverse_time = Schedule(
    "inverse_time",
    alpha_0 / (1 + delta * k),
    {alpha_0: 0.1, delta: 0.01},
    "Robbins & Monro 1951, the sequence 1/k; Keras 2.2.4, `decay` of SGD",
)

exponential = Schedule(
    "exponential",
    alpha_0 * rho**k,
    {alpha_0: 0.1, rho: 0.99},
    "Bottou 2012, section 5.2, among others; a constant factor per step",
)

cosine = Schedule(
    "cosine",
    alpha_0 / 2 * (1 + cos(pi * Min(k, steps) / steps)),
    {alpha_0: 0.1, steps: 100},
    "Loshchilov & Hutter 2017, eq. 5: one period down to zero, where it stays",
)

step = Schedule(
    "step",
    alpha_0 * factor ** floor(k / every),
    {alpha_0: 0.1, factor: 0.1, every: 100},
    "He et al. 2016, section 3.4: a tenth of the step size now and then",
)
