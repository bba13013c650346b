"""Compiled functions: an objective's value and derivatives through PyTensor.

Functions of scalars take and give float64 scalars, so that PyTensor fuses value and gradient into
one kernel; over data the parameters are one vector. They are compiled on first use and kept for the
life of the process.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from pytensor.gradient import NullTypeGradError, grad
from sympy import Expr, Symbol

from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.risk.bound import BoundRisk
from symlab.checks import choice, renamed_keyword, shown
from symlab.engine import backends
from symlab.engine.backends import DERIVED_BY
from symlab.engine.compiled.c_source import WithSource
from symlab.engine.compiled.c_text import no_source
from symlab.engine.compiled.compiled_method import CompiledMethod
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.points import check_point, compiled_function
from symlab.engine.compiled.repeated_sum import (
    BY_TERMS,
    MOST_TOGETHER,
    CompiledSum,
    compiled_sum,
    is_run_by_terms,
)
from symlab.engine.compiled.risk_functions import CompiledRisk
from symlab.engine.domain import EVERYWHERE, Domain, domain_of
from symlab.engine.lowering.lower import LoweringError, lower
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff
from symlab.methods.method import Method, as_method
from symlab.methods.rule import Rule


@once(256)
def scalar_function(
    expressions: tuple[Expr, ...], symbols: tuple[Symbol, ...], backend: str
) -> Compiled:
    """Compile expressions of scalars, made stable first; once in the life of the process."""
    inputs, outputs = lower([stabilize(expression) for expression in expressions], symbols)
    return compiled_function(inputs, outputs, backend)


@once(64)
def autodiff_function(expression: Expr, symbols: tuple[Symbol, ...], backend: str) -> Compiled:
    """Compile an expression and the derivatives that PyTensor takes of it.

    Raises
    ------
    LoweringError
        If PyTensor knows no derivative of a part of the expression.
    """
    inputs, (value,) = lower([stabilize_for_autodiff(expression)], symbols, differentiable=True)
    try:
        # A variable that the value does not depend on has derivative zero, which is no error.
        derivatives = grad(value, inputs, disconnected_inputs="ignore")
    except (NotImplementedError, NullTypeGradError) as error:
        raise LoweringError(
            f"PyTensor has no derivative of a part of {expression}: {error}."
        ) from None
    return compiled_function(inputs, [value, *derivatives], backend)


@dataclass(frozen=True)
class CompiledObjective(WithSource):
    """An objective's value and derivatives as fast functions of NumPy arrays of shape (n,).

    A run says up to which order it reads derivatives: for a few variables one function then gives
    them all, because compiling a second takes a second and computing them all no time at all.

    A point that breaks an assumption of a variable (p positive, at -1) is a ValueError: the formula
    was simplified with it, and would give the value of another one.

    Examples
    --------
    >>> from sympy.abc import x
    >>> f = compile(Objective(x**2), backend="interpreted")
    >>> f.value([3]), f.gradient([3]), f.hessian([3])
    (9.0, array([6.]), array([[2.]]))
    """

    objective: Objective
    backend: str
    derived_by: str = "sympy"
    domain: Domain = field(default=EVERYWHERE, repr=False)
    order: int = field(default=0, repr=False)

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, backend={self.backend!r})"

    @cached_property
    def _together(self) -> bool:
        small = self.objective.dimension <= MOST_TOGETHER and self.derived_by == "sympy"
        return small and self.backend != "interpreted"

    @cached_property
    def _value(self) -> Compiled:
        if self._together and self.order:
            return self._value_and_gradient
        return self._compile((self.objective.expression,))

    @cached_property
    def _value_and_gradient(self) -> Compiled:
        if self._together and self.order > 1:
            return self._hessian
        if self.derived_by == "autodiff":
            return autodiff_function(
                self.objective.expression, self.objective.variables, self.backend
            )
        return self._compile((self.objective.expression, *self.objective.gradient))

    @cached_property
    def _hessian(self) -> Compiled:
        rows, columns = self._upper
        hessian = self.objective.hessian
        curvatures = tuple(hessian[i, j] for i, j in zip(rows, columns, strict=True))
        if self._together and self.order > 1:
            return self._compile((self.objective.expression, *self.objective.gradient, *curvatures))
        return self._compile(curvatures)

    @cached_property
    def _upper(self) -> tuple[np.ndarray, np.ndarray]:
        return np.triu_indices(self.objective.dimension)

    def _compile(self, expressions: tuple[Expr, ...]) -> Compiled:
        return scalar_function(expressions, self.objective.variables, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling the functions used so far."""
        names = ("_value", "_value_and_gradient", "_hessian")
        made = {id(each): each for name in names if (each := self.__dict__.get(name))}
        return sum(each.seconds for each in made.values())

    def value(self, x: Any) -> float:
        """Return f(x) at a point of shape (n,)."""
        return float(self._value.call(*self._point(x))[0])

    def gradient(self, x: Any) -> np.ndarray:
        """Return the gradient at a point of shape (n,), shape (n,)."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Any) -> tuple[float, np.ndarray]:
        """Return value and gradient at a point of shape (n,), from one call."""
        value, *derivatives = self._value_and_gradient.call(*self._point(x))
        return float(value), np.array(derivatives[: self.objective.dimension], dtype=float)

    def batch_gradient(self, x: Any, batch: np.ndarray) -> np.ndarray:
        """Raise a ValueError, because a formula has no samples: see `CompiledRisk`."""
        return self.batch_value_and_gradient(x, batch)[1]

    def batch_value_and_gradient(self, x: Any, batch: np.ndarray) -> tuple[float, np.ndarray]:
        """Raise a ValueError, because a formula has no samples: see `CompiledRisk`."""
        return compile_everywhere(self.objective.part(batch), self.backend).value_and_gradient(x)

    def hessian(self, x: Any) -> np.ndarray:
        """Return the Hessian at a point of shape (n,), shape (n, n)."""
        hessian = np.empty((self.objective.dimension,) * 2)
        rows, columns = self._upper
        curvatures = self._hessian.call(*self._point(x))[-len(rows) :]
        hessian[rows, columns] = hessian[columns, rows] = curvatures
        return hessian

    def _point(self, x: Any) -> list[np.ndarray]:
        point = check_point(x, self.objective.dimension, self.domain)
        return [np.asarray(coordinate) for coordinate in point]


Functions = CompiledObjective | CompiledSum | CompiledRisk
"""What `compile` returns: the same four functions, of a formula, small or large, or over data."""


@overload
def compile(
    objective: Objective, backend: str = "c", *, derived_by: str = "sympy", method: None = None
) -> Functions: ...


@overload
def compile(
    objective: Objective, backend: str = "c", *, derived_by: str = "sympy", method: object
) -> CompiledMethod: ...


@renamed_keyword("gradient", "derived_by")
@explain_words()
def compile(
    objective: Objective,
    backend: str = "c",
    *,
    derived_by: str = "sympy",
    method: object = None,
) -> Functions | CompiledMethod:
    """Return an objective compiled for a backend, ready to be called on NumPy arrays.

    On the C backend its `source` is value and gradient as a C function to be read. With a method,
    what is returned is the C of a whole run, as `source`; `preamble + source` is a whole C++ file.

    Parameters
    ----------
    objective : Objective
    backend : str
        `"c"`, `"numba"`, `"jax"` or `"interpreted"`; without a compiler `"c"` becomes
        `"interpreted"`, which one sentence says.
    derived_by : str
        `"sympy"`: the derivative that SymPy derives, lowered; `"autodiff"`: PyTensor's, of the
        lowered value.
    method : rule or name, optional
        Whose run is wanted, such as `sl.gradient_descent`.

    Raises
    ------
    TypeError
        If `objective` is not an Objective.
    ValueError
        If the backend is unknown or not installed, or `derived_by` is unknown. The functions raise
        one at a point that breaks an assumption of a variable, as `minimize` does at its start.
        With a method, if it is no rule, if the backend is another than C, or if the run is no
        single piece of C.

    Examples
    --------
    >>> from sympy import symbols
    >>> p = symbols("p", positive=True)
    >>> compile(Objective(p**2 + 1/p), backend="interpreted").value([-1])
    Traceback (most recent call last):
        ...
    ValueError: x: outside the domain: p = -1, but p is positive.
    >>> x = symbols("x", real=True)
    >>> compile(Objective(x**4 - 3*x**3 + 2)).source
    /* x**4 - 3*x**3 + 2 */
    double value_and_gradient(const double *point, double *gradient)
    {
        const double x = point[0];
        const double t1 = x * x;
        const double t2 = t1 * x;
        const double value = (2.0 + t1 * t1) - 3.0 * t2;
        gradient[0] = 4.0 * t2 - 9.0 * t1;
        return value;
    }
    """
    check_objective(objective)
    choice(derived_by, DERIVED_BY, "derived_by")
    if method is not None:
        return _compiled_method(objective, backend, derived_by, as_method(method))
    found = compile_everywhere(objective, backend, derived_by)
    return replace(found, domain=domain_of(objective.variables))


def _compiled_method(
    objective: Objective, backend: str, derived_by: str, method: Rule | Method
) -> CompiledMethod:
    """Return the C of a rule's run; what has none is refused now."""
    name = backends.find_backend(backend, among=backends.COMPILED).name
    if name != "c":
        raise ValueError(
            f"method: the run of a method has a text on the backend 'c' alone, not on {name!r}; "
            "sl.minimize runs it on either."
        )
    if not isinstance(method, Rule):
        raise ValueError(
            "method: only a rule's run is one piece of C, such as sl.gradient_descent; "
            f"got {shown(method)}."
        )
    if is_run_by_terms(objective, name):
        raise no_source(BY_TERMS)
    return CompiledMethod(objective, method, derived_by)


def compile_everywhere(
    objective: Objective, backend: str, derived_by: str = "sympy", *, order: int = 0
) -> Functions:
    """Return the functions of `compile`, without the check that a point lies in the domain.

    A run evaluates an iterate first and checks it afterwards. It also says up to which order it
    will ask for derivatives: see `CompiledObjective`.

    Raises
    ------
    TypeError, ValueError
        If the backend is not the name of one that compiles, or is not installed.
    """
    name = backends.usable(backends.find_backend(backend, among=backends.COMPILED).name).name

    def of_formula(formula: Objective) -> Functions:
        by_terms = compiled_sum(formula, name, derived_by)
        return by_terms or CompiledObjective(formula, name, derived_by, order=order)

    def of_data(bound: BoundRisk) -> Functions:
        return CompiledRisk(bound, name, derived_by)

    return objective.dispatch(formula=of_formula, data=of_data)
