r"""A sum of squares, recognised in a formula: its residuals and their Jacobian.

An objective that is stated as :math:`f = c \sum_i r_i^2` has more structure than its value shows:
with the Jacobian J of the residuals r the gradient is :math:`2 c J^\top r`, and
:math:`2 c J^\top J` is the part of the Hessian that first derivatives give (Nocedal & Wright 2006,
section 10.1). Only what is written as squares is one: no square is completed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, sqrt

from symlab.algebra.differentiation import derivative, derivatives
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.checks import shown


@dataclass(frozen=True)
class Residuals:
    """Some residuals, and the parameters in which they are derived.

    Parameters
    ----------
    entries : tuple of sympy.Expr
        The residuals.
    parameters : tuple of sympy.Symbol
        The n variables of the Jacobian.
    """

    entries: tuple[Expr, ...]
    parameters: tuple[Symbol, ...]

    @cached_property
    def jacobian(self) -> tuple[tuple[Expr, ...], ...]:
        """The first derivatives: a row for each residual, a column for each parameter."""
        return tuple(tuple(derivatives(entry, self.parameters, 1)) for entry in self.entries)

    @property
    def rows(self) -> tuple[tuple[Expr, ...], ...]:
        """A residual and its derivatives, for each residual."""
        pairs = zip(self.entries, self.jacobian, strict=True)
        return tuple((entry, *slopes) for entry, slopes in pairs)


@dataclass(frozen=True)
class SumOfSquares:
    """An objective as a factor times a sum of squared residuals.

    Parameters
    ----------
    objective : Objective
    factor : sympy.Expr
        The positive number c in front of the sum.
    of_sample : Residuals
        Those that each sample has; they read the data. None of them for a formula.
    once : Residuals
        Those that stand once: all of a formula, and those of a penalty.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> found = squares_of(Objective(100*(y - x**2)**2 + (1 - x)**2))
    >>> found.once.entries
    (1 - x, -10*x**2 + 10*y)
    >>> found.once.jacobian
    ((-1, 0), (-20*x, 10))
    """

    objective: Objective
    factor: Expr
    of_sample: Residuals
    once: Residuals

    @property
    def count(self) -> int:
        """The number of residuals."""
        return len(self.of_sample.entries) * (self.objective.samples or 0) + len(self.once.entries)


def separable(squares: SumOfSquares) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return which parameters enter the residuals linearly together, and which are the others.

    They are taken in order as long as no residual has a second derivative among them; one that
    may not be any real number, such as one that is positive, is never taken.

    Raises
    ------
    ValueError
        If no parameter does, or all do.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> a, b, c, t = symbols("a b c t", real=True)
    >>> from symlab.algebra.risk.regression import least_squares
    >>> data = {"t": [0, 1, 2, 3], "y": [8, 4, 2, 1]}
    >>> separable(squares_of(least_squares(a + b*exp(-c*t), (a, b, c), data)))
    ((0, 1), (2,))
    """
    parameters = squares.of_sample.parameters
    rows = (*squares.of_sample.jacobian, *squares.once.jacobian)
    linear: list[int] = []
    for i, parameter in enumerate(parameters):
        among = [parameters[j] for j in (*linear, i)]
        if parameter == Symbol(parameter.name, real=True) and all(
            derivative(row[i], other).equals(0) for row in rows for other in among
        ):
            linear.append(i)
    others = tuple(i for i in range(len(parameters)) if i not in linear)
    if not linear:
        raise ValueError(
            f"objective: no parameter of {shown(parameters)} enters linearly, so that none can be "
            "eliminated; use sl.levenberg_marquardt."
        )
    if not others:
        raise ValueError(
            "objective: every parameter enters linearly, so that none would be left; "
            "sl.gauss_newton finds them in one step."
        )
    return tuple(linear), others


def squares_of(objective: Objective) -> SumOfSquares:
    """Return an objective as a sum of squares.

    Raises
    ------
    ValueError
        If a term of it is no square; the message shows the term.
    """
    return objective.dispatch(formula=_of_formula, data=_of_data)


def _of_formula(objective: Objective) -> SumOfSquares:
    once = _residuals(objective.expression, objective.variables, Integer(1))
    none = Residuals((), objective.variables)
    return SumOfSquares(objective, Integer(1), none, once)


def _of_data(bound: BoundRisk) -> SumOfSquares:
    risk, parameters = bound.risk, bound.variables
    terms = list(_terms(risk.loss, parameters))
    # One factor for all keeps the residuals of a single square as they are written.
    inner = terms[0][0] if len(terms) == 1 else Integer(1)
    factor = inner * bound.weight
    return SumOfSquares(
        bound,
        factor,
        _scaled(terms, parameters, inner),
        _residuals(risk.penalty, parameters, factor),
    )


def _residuals(total: Expr, parameters: tuple[Symbol, ...], factor: Expr) -> Residuals:
    return _scaled(list(_terms(total, parameters)), parameters, factor)


def _scaled(
    terms: Sequence[tuple[Expr, Expr]], parameters: tuple[Symbol, ...], factor: Expr
) -> Residuals:
    """Return residuals whose squares, times the factor, add up to the terms."""
    entries = (_times(sqrt(coefficient / factor), residual) for coefficient, residual in terms)
    return Residuals(tuple(entries), parameters)


def _times(number: Expr, residual: Expr) -> Expr:
    """Return a multiple of a residual, with the number inside a sum as it is written by hand."""
    if residual.is_Add:
        return Add(*(number * term for term in residual.args))
    return number * residual


def _terms(total: Expr, parameters: Sequence[Symbol]) -> Iterator[tuple[Expr, Expr]]:
    """Yield a positive coefficient and what it stands before the square of, for each term."""
    for term in Add.make_args(total):
        if term == 0:
            continue
        coefficient, rest = term.as_coeff_Mul()
        bases = [_base(factor, parameters) for factor in Mul.make_args(rest)]
        if not coefficient > 0 or None in bases:
            raise ValueError(
                "objective: expected a sum of squares, such as (y - f(x))**2; "
                f"the term {shown(term)} is no square."
            )
        yield coefficient, Mul(*(base for base in bases if base is not None))


def _base(factor: Expr, parameters: Sequence[Symbol]) -> Expr | None:
    """Return what a factor is the square of, or None; weights among the data have a root."""
    if not factor.free_symbols & set(parameters) and factor.is_nonnegative:
        return sqrt(factor)
    if isinstance(factor, Pow) and factor.exp.is_Rational:
        half = factor.exp * Rational(1, 2)
        if half.is_Integer:
            return factor.base**half
    return None
