"""An objective: one real expression in named variables, and what calculus says of it.

Everything here is derived from the expression and comes out as plain SymPy; nothing is typed twice.
The formulas are those of the chapter: sections 9 (first-order approximant), 10 (Hessian, quadratic
model) and 11 (surrogate, ray).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import (
    DiracDelta,
    Dummy,
    Expr,
    I,
    ImmutableDenseMatrix,
    Integer,
    Matrix,
    Symbol,
    factorial,
    nan,
    zoo,
)
from sympy.core.function import AppliedUndef

from symlab.algebra.differentiation import derivative, derivatives
from symlab.algebra.exactly import exact_point, exactly, rationalize
from symlab.algebra.gate import as_scalar, as_symbol, symbols_of
from symlab.algebra.order import natural_key
from symlab.algebra.printing import spell
from symlab.algebra.reals import (
    check_real,
    different_assumptions,
    is_elementary,
    note_taken_as_real,
    simplify_as_real,
)
from symlab.algebra.unevaluated import work_out
from symlab.checks import shown, whole

if TYPE_CHECKING:
    from symlab.algebra.risk.blocked import BlockedRisk
    from symlab.algebra.risk.bound import BoundRisk

NO_SAMPLES = "batch_size: only an EmpiricalRisk on data has samples to draw from."

MOST_ORDER = 100
"""The highest order of a Taylor polynomial; each derivative may have more terms than the last."""


@dataclass(frozen=True)
class Objective:
    """A real function of n variables, stated once.

    Parameters
    ----------
    expression : sympy.Expr
        A real expression; floats in it stand for the decimals they print as.
    variables : sequence of sympy.Symbol, optional
        The n variables in order; when left out, the free symbols sorted as people count: v2
        before v10. A symbol that does not say it is real is taken as real.

    Raises
    ------
    TypeError
        If the expression is not a SymPy expression, or a variable is not a symbol.
    ValueError
        If a free symbol is not among the variables, a variable is named twice, there is no
        variable, or the expression is not real.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> f = Objective(2 - 3*x**3 + x**4)
    >>> f
    Objective(x**4 - 3*x**3 + 2, variables=(x,))
    >>> f.gradient
    Matrix([[4*x**3 - 9*x**2]])
    >>> f.taylor(at=[1], order=1)
    5 - 5*x
    """

    expression: Expr
    variables: tuple[Symbol, ...] = ()

    def __post_init__(self) -> None:
        expression = _check_expression(self.expression)
        variables = _check_variables(expression, self.variables)
        check_real(variables, "variables")
        note_taken_as_real(self.expression, variables)
        object.__setattr__(self, "expression", _check_value(simplify_as_real(expression)))
        object.__setattr__(self, "variables", variables)

    def __repr__(self) -> str:
        names = ", ".join(map(str, self.variables)) + "," * (len(self.variables) == 1)
        return f"Objective({spell(self.expression)}, variables=({names}))"

    def _repr_latex_(self) -> str:
        from sympy import latex

        names = ", ".join(map(latex, self.variables))
        return rf"$\displaystyle f({names}) = {latex(self.expression)}$"

    @property
    def dimension(self) -> int:
        """The number of variables, n."""
        return len(self.variables)

    @property
    def samples(self) -> int | None:
        """The number of samples, m, where the objective adds up losses; None for a formula."""
        return None

    def part(self, batch: np.ndarray) -> "BoundRisk":
        """Return the same loss on some of its samples, given by their indices.

        Raises
        ------
        ValueError
            If there are no samples.
        """
        raise ValueError(NO_SAMPLES)

    def dispatch[Answer](
        self,
        *,
        formula: Callable[["Objective"], Answer],
        data: Callable[["BoundRisk"], Answer],
        blocks: "Callable[[BlockedRisk], Answer] | None" = None,
    ) -> Answer:
        """Return what one of some functions makes of the objective, by what it is.

        A floor that treats a formula and a sum over data differently does so here, in one place.

        Parameters
        ----------
        formula : callable
            Takes an objective that is one expression.
        data : callable
            Takes an objective that adds up losses over samples.
        blocks : callable, optional
            Takes one whose samples are read in pieces; the one before does when left out.
        """
        return formula(self)

    @cached_property
    def _gradient(self) -> ImmutableDenseMatrix:
        return ImmutableDenseMatrix(derivatives(self.expression, self.variables, 1))

    @cached_property
    def _hessian(self) -> ImmutableDenseMatrix:
        return ImmutableDenseMatrix([derivatives(d, self.variables, 1) for d in self._gradient])

    @property
    def gradient(self) -> Matrix:
        """The column of first derivatives, shape (n, 1)."""
        return Matrix(self._gradient)

    @property
    def hessian(self) -> Matrix:
        """The symmetric matrix of second derivatives, shape (n, n)."""
        return Matrix(self._hessian)

    def at(self, point: Sequence[object]) -> Expr:
        """Return the exact value at a point with n coordinates.

        Raises
        ------
        ValueError
            If the value is not finite and real, or `point` has the wrong length.

        Examples
        --------
        >>> from sympy.abc import x
        >>> Objective(x**2).at([0.1])
        1/100
        """
        value = self.expression.subs(self._substitution(point, "point"))
        if _is_improper(value):
            raise ValueError(
                f"point: the objective is {shown(value)} at {shown(point)}; expected a real number."
            )
        return value

    def taylor(self, at: Sequence[object], order: int = 1) -> Expr:
        r"""Return the Taylor polynomial about a point, of total order at most `order`.

        With :math:`\varphi(q) = f(a + q (x - a))` it is
        :math:`\sum_{j \le order} \varphi^{(j)}(0)/j!`, in any number of variables.

        Parameters
        ----------
        at : sequence of n numbers
            The point a.
        order : int
            The highest total order kept, 0 or more.

        Raises
        ------
        ValueError
            If `order` is negative, `at` has the wrong length, or f has no finite derivative there.

        Examples
        --------
        >>> from sympy import symbols, exp
        >>> x, y = symbols("x y")
        >>> Objective(exp(x) * y).taylor(at=[0, 1], order=2)
        x**2/2 + x*(y - 1) + x + y
        """
        highest = whole(order, "order", 0)
        if highest > MOST_ORDER:
            raise ValueError(f"order: expected at most {MOST_ORDER}, got {shown(order)}.")
        here = self._substitution(at, "at")
        displacement = {variable: variable - here[variable] for variable in self.variables}
        q = Dummy("q", real=True)
        along = self.expression.subs(
            {variable: here[variable] + q * displacement[variable] for variable in self.variables},
            simultaneous=True,
        )
        total: Expr = Integer(0)
        for j in range(highest + 1):
            coefficient = along.subs(q, 0)
            if _is_improper(coefficient):
                raise ValueError(
                    f"at: the objective has no finite real derivative of order {j} at {shown(at)}."
                )
            total += coefficient / factorial(j)
            along = derivative(along, q)
        return total

    def surrogate(self, at: Sequence[object], step_size: object) -> Expr:
        r"""Return the quadratic :math:`f(a) + g \cdot (x-a) + |x-a|^2 / (2\alpha)`.

        Its minimiser is the gradient step :math:`a - \alpha g` (chapter, section 11).

        Parameters
        ----------
        at : sequence of n numbers
            The point a.
        step_size : number
            :math:`\alpha`, positive.

        Raises
        ------
        ValueError
            If `step_size` is not positive or `at` has the wrong length.

        Examples
        --------
        >>> from sympy import Rational, symbols
        >>> x = symbols("x", real=True)
        >>> Objective(2 - 3*x**3 + x**4).surrogate(at=[1], step_size=Rational(8, 25)).subs(x, 2.6)
        -4.00000000000000
        """
        size = exactly(step_size, "step_size")
        if not size.is_positive:
            raise ValueError(f"step_size: expected a positive number, got {shown(step_size)}.")
        here = self._substitution(at, "at")
        square = sum((variable - here[variable]) ** 2 for variable in self.variables)
        return self.taylor(at, order=1) + square / (2 * size)

    def along(self, point: Sequence[object], direction: Sequence[object], symbol: Symbol) -> Expr:
        """Return the slice f(point + symbol * direction), an expression in `symbol` alone.

        Parameters
        ----------
        point, direction : sequence of n numbers
        symbol : sympy.Symbol
            The coordinate along the ray.

        Examples
        --------
        >>> from sympy import symbols
        >>> x, q = symbols("x q", real=True)
        >>> Objective(x**2).along(point=[1], direction=[-2], symbol=q)
        (1 - 2*q)**2
        """
        length = as_symbol(symbol, "symbol")
        here = self._substitution(point, "point")
        towards = exact_point(direction, self.dimension, "direction", self.variables)
        ray = {
            variable: here[variable] + length * component
            for variable, component in zip(self.variables, towards, strict=True)
        }
        return self.expression.subs(ray, simultaneous=True)

    def _substitution(self, point: Sequence[object], name: str) -> dict[Symbol, Expr]:
        coordinates = exact_point(point, self.dimension, name, self.variables)
        return dict(zip(self.variables, coordinates, strict=True))


def check_objective(value: object) -> Objective:
    """Return an objective, or say what makes one.

    Raises
    ------
    TypeError
        If it is none.

    Examples
    --------
    >>> check_objective("x^2 + 1")
    Traceback (most recent call last):
        ...
    TypeError: objective: expected an Objective, got 'x^2 + 1'; \
symlab.Objective(symlab.parse(...)) makes one of text.
    """
    if isinstance(value, Objective):
        return value
    ways = (
        (str, "symlab.Objective(symlab.parse(...)) makes one of text"),
        (Expr, "symlab.Objective(...) makes one of an expression"),
        (FunctionType, 'write it as symlab.Objective(symlab.parse("x^2 + 1"))'),
    )
    way = next((f"; {way}" for kind, way in ways if isinstance(value, kind)), "")
    raise TypeError(f"objective: expected an Objective, got {shown(value)}{way}.")


def _check_expression(given: object) -> Expr:
    expression = as_scalar(given, "expression")
    if not expression.free_symbols:
        _check_value(expression)
    if expression.atoms(AppliedUndef):
        unknown = shown(sorted(map(str, expression.atoms(AppliedUndef))))
        raise ValueError(f"expression: contains undefined functions {unknown}.")
    return rationalize(work_out(expression))


def _check_value(expression: Expr) -> Expr:
    if _is_improper(expression):
        raise ValueError(f"expression: expected a real function, got {shown(expression)}.")
    return expression


def _is_improper(expression: Expr) -> bool:
    """Return whether an expression is for certain not a finite real number where it is taken."""
    if expression.has(nan, zoo, I, DiracDelta(0)):
        return True
    return not is_elementary(expression) and expression.is_real is False


def _check_variables(expression: Expr, given: Any) -> tuple[Symbol, ...]:
    free = expression.free_symbols
    variables = symbols_of(given, "variables") or tuple(sorted(free, key=natural_key))
    if not variables:
        raise ValueError(
            f"variables: the expression {shown(expression)} has no variable to minimise over."
        )
    names = [variable.name for variable in variables]
    if len(set(names)) < len(names):
        raise ValueError(f"variables: named twice in {shown(names)}.")
    if unknown := sorted(free - set(variables), key=natural_key):
        listed = [symbol.name for symbol in unknown]
        raise ValueError(
            f"expression: the symbols {shown(listed)} are not among the variables {shown(names)}"
            f"{different_assumptions(unknown, names)}."
        )
    return variables
