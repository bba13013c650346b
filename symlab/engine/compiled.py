"""Compiled runs: the same expressions through PyTensor, one call per step or a whole run fused.

Functions of scalars take and give float64 scalars, so that PyTensor fuses value and gradient into
one kernel; they are compiled on first use and kept for the life of the process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from time import perf_counter
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import NullTypeGradError, grad
from sympy import Expr, Symbol

from symlab.algebra.alphabet import G, H, S, Y, g, k, n, phi_0, phi_q, q, slope, square, x
from symlab.algebra.method import Method
from symlab.algebra.objective import Objective
from symlab.algebra.ray import ray_polynomial
from symlab.algebra.risk import BoundRisk
from symlab.algebra.rule import Rule, nearest
from symlab.algebra.searches import Search
from symlab.engine import backends
from symlab.engine.backends import GRADIENTS
from symlab.engine.data_sum import DataSum, data_sum
from symlab.engine.descent import Ending, Plan, State, Step, follow
from symlab.engine.line_minimum import line_minimum, polynomial_minimum
from symlab.engine.lower import LoweringError, lower, lower_elementwise, lower_matrices
from symlab.engine.record import Limits, as_trace, collect
from symlab.engine.stable import stabilize
from symlab.engine.trace import Trace

UNBOUNDED = Ending("diverged", "the objective falls without bound along the direction")


@dataclass(frozen=True)
class Compiled:
    """A compiled function and the seconds it took to compile, its first call among them."""

    call: Callable[..., list[np.ndarray]]
    seconds: float


def compiled_function(inputs: Sequence[Any], outputs: Sequence[Any], backend: str) -> Compiled:
    """Compile a PyTensor graph for a backend; Numba and JAX do it in the first call, made here."""
    started = perf_counter()
    function = pytensor.function(
        list(inputs), list(outputs), mode=backends.mode(backend), on_unused_input="ignore"
    )
    function(*(_sample(variable.type.shape) for variable in inputs))
    # Inputs are made here as float64 arrays, so the check of each call can be left out.
    function.trust_input = True
    return Compiled(function, perf_counter() - started)


def _sample(shape: tuple[int | None, ...]) -> np.ndarray:
    """Return an input to try a function on: ones, or the identity, which can be inverted."""
    known = tuple(size or 1 for size in shape)
    return np.eye(*known) if len(known) == 2 else np.ones(known)


@lru_cache(maxsize=256)
def scalar_function(
    expressions: tuple[Expr, ...], symbols: tuple[Symbol, ...], backend: str
) -> Compiled:
    """Compile expressions of scalars, made stable first; once in the life of the process."""
    inputs, outputs = lower([stabilize(expression) for expression in expressions], symbols)
    return compiled_function(inputs, outputs, backend)


@lru_cache(maxsize=64)
def autodiff_function(expression: Expr, symbols: tuple[Symbol, ...], backend: str) -> Compiled:
    """Compile an expression and the derivatives that PyTensor takes of it.

    Raises
    ------
    LoweringError
        If PyTensor knows no derivative of a part of the expression.
    """
    inputs, (value,) = lower([stabilize(expression)], symbols, differentiable=True)
    try:
        # A variable that the value does not depend on has derivative zero, which is no error.
        derivatives = grad(value, inputs, disconnected_inputs="ignore")
    except (NotImplementedError, NullTypeGradError) as error:
        raise LoweringError(
            f"PyTensor has no derivative of a part of {expression}: {error}."
        ) from None
    return compiled_function(inputs, [value, *derivatives], backend)


@dataclass(frozen=True)
class CompiledObjective:
    """An objective's value and derivatives as fast functions of NumPy arrays of shape (n,).

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

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, backend={self.backend!r})"

    @cached_property
    def _value(self) -> Compiled:
        return self._compile((self.objective.expression,))

    @cached_property
    def _value_and_gradient(self) -> Compiled:
        if self.derived_by == "autodiff":
            return autodiff_function(
                self.objective.expression, self.objective.variables, self.backend
            )
        return self._compile((self.objective.expression, *self.objective.gradient))

    @cached_property
    def _hessian(self) -> Compiled:
        rows, columns = self._upper
        hessian = self.objective.hessian
        return self._compile(tuple(hessian[i, j] for i, j in zip(rows, columns, strict=True)))

    @cached_property
    def _upper(self) -> tuple[np.ndarray, np.ndarray]:
        return np.triu_indices(self.objective.dimension)

    def _compile(self, expressions: tuple[Expr, ...]) -> Compiled:
        return scalar_function(expressions, self.objective.variables, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling the functions used so far."""
        names = ("_value", "_value_and_gradient", "_hessian")
        return sum(self.__dict__[name].seconds for name in names if name in self.__dict__)

    def value(self, x: Any) -> float:
        """Return f(x) at a point of shape (n,)."""
        return float(self._value.call(*self._point(x))[0])

    def gradient(self, x: Any) -> np.ndarray:
        """Return the gradient at a point of shape (n,), shape (n,)."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Any) -> tuple[float, np.ndarray]:
        """Return value and gradient at a point of shape (n,), from one call."""
        value, *gradient = self._value_and_gradient.call(*self._point(x))
        return float(value), np.array(gradient, dtype=float)

    def hessian(self, x: Any) -> np.ndarray:
        """Return the Hessian at a point of shape (n,), shape (n, n)."""
        hessian = np.empty((self.objective.dimension,) * 2)
        rows, columns = self._upper
        hessian[rows, columns] = hessian[columns, rows] = self._hessian.call(*self._point(x))
        return hessian

    def _point(self, x: Any) -> list[np.ndarray]:
        point = _checked_point(x, self.objective.dimension)
        return [np.asarray(coordinate) for coordinate in point]


@dataclass(frozen=True)
class CompiledRisk:
    """An empirical risk's value and derivatives as fast functions of arrays of shape (n,)."""

    objective: BoundRisk
    backend: str
    derived_by: str = "sympy"

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, backend={self.backend!r})"

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return data_sum(self.objective.risk).arrays(self.objective)

    def _compiled(self, *parts: str) -> Compiled:
        return risk_function(data_sum(self.objective.risk, self.derived_by), parts, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds that compiling value and gradient has cost."""
        return self._compiled("value", "gradient").seconds

    def value(self, x: Any) -> float:
        """Return the objective at a point of shape (n,)."""
        return float(self._compiled("value").call(self._point(x), *self._arrays)[0])

    def gradient(self, x: Any) -> np.ndarray:
        """Return the gradient at a point of shape (n,), shape (n,)."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Any) -> tuple[float, np.ndarray]:
        """Return value and gradient at a point of shape (n,), from one call."""
        both = self._compiled("value", "gradient").call(self._point(x), *self._arrays)
        return float(both[0]), np.array(both[1], dtype=float)

    def batch_gradient(self, x: Any, batch: np.ndarray) -> np.ndarray:
        """Return the gradient on some samples, given by their indices, shape (n,)."""
        rows = [array[batch] for array in self._arrays]
        return np.array(self._compiled("gradient").call(self._point(x), *rows)[0], dtype=float)

    def hessian(self, x: Any) -> np.ndarray:
        """Return the Hessian at a point of shape (n,), shape (n, n)."""
        return np.array(
            self._compiled("hessian").call(self._point(x), *self._arrays)[0], dtype=float
        )

    def _point(self, x: Any) -> np.ndarray:
        return _checked_point(x, self.objective.dimension)


Functions = CompiledObjective | CompiledRisk
"""What `compile` returns: the same four functions, of a formula or over data."""


def _checked_point(x: Any, dimension: int) -> np.ndarray:
    point = np.asarray(x, dtype=float)
    if point.shape != (dimension,):
        raise ValueError(f"x: expected shape ({dimension},), got {point.shape}.")
    return point


@lru_cache(maxsize=128)
def risk_function(graphs: DataSum, parts: tuple[str, ...], backend: str) -> Compiled:
    """Compile parts of a risk (`"value"`, `"gradient"`, `"hessian"`) as functions of w and data."""
    w, arrays = graphs.weights(), graphs.inputs()
    outputs = [getattr(graphs, part)(w, arrays) for part in parts]
    return compiled_function([w, *arrays], outputs, backend)


def compile(objective: Objective, backend: str = "c", *, gradient: str = "sympy") -> Functions:
    """Return an objective compiled for a backend, ready to be called on NumPy arrays.

    Parameters
    ----------
    objective : Objective
    backend : str
        `"c"`, `"numba"`, `"jax"` or `"interpreted"`; without a compiler `"c"` becomes
        `"interpreted"`, which one sentence says.
    gradient : str
        `"sympy"`: the derivative that SymPy derives, lowered; `"autodiff"`: PyTensor's, of the
        lowered value.

    Raises
    ------
    TypeError
        If `objective` is not an Objective.
    ValueError
        If the backend is unknown or not installed, or `gradient` is unknown.
    """
    if not isinstance(objective, Objective):
        raise TypeError(f"objective: expected an Objective, got {objective!r}.")
    if gradient not in GRADIENTS:
        raise ValueError(
            f"gradient: expected one of {', '.join(GRADIENTS)}, got {gradient!r}"
            f"{nearest(str(gradient), GRADIENTS)}"
        )
    backends.named(backend, among=backends.COMPILED)
    name = backends.usable(backend).name
    if isinstance(objective, BoundRisk):
        return CompiledRisk(objective, name, gradient)
    return CompiledObjective(objective, name, gradient)


@dataclass(frozen=True)
class CompiledCalculus:
    """Float64 numbers and NumPy arrays; every formula is a compiled function."""

    functions: Functions

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return self.functions.objective

    @property
    def backend(self) -> str:
        """What runs it."""
        return self.functions.backend

    def compile_seconds(self, method: Rule | Method) -> float:
        """Return what compiling all that a method needs has cost, in this run or an earlier one."""
        objective = self.functions.compile_seconds
        if isinstance(method, Rule):
            return objective + self._rule(method).seconds
        needed = [self._towards(method)]
        needed += [self._memory(method)] if method.direction.memory else []
        needed += [self._accept(method.search)] if method.search.accept is not None else []
        ray = self._ray() if method.search.exact else None
        return objective + sum(function.seconds for function in [*needed, *([ray] if ray else [])])

    def _rule(self, rule: Rule) -> Compiled:
        return rule_function(tuple(rule.step.items()), self.backend)

    def _towards(self, method: Method) -> Compiled:
        return direction_function(method.direction, self.objective.dimension, self.backend)

    def _memory(self, method: Method) -> Compiled:
        return memory_function(method.direction, self.objective.dimension, self.backend)

    def _accept(self, search: Search) -> Compiled:
        return scalar_function((search.condition,), (phi_0, slope, square, phi_q, q), self.backend)

    def _ray(self) -> Compiled | None:
        ray = ray_polynomial(self.objective)
        if ray is None:
            return None
        return scalar_function(ray.coefficients, ray.symbols, self.backend)

    def number(self, exact: Expr) -> np.float64:
        return np.float64(exact)

    def look(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        return self.functions.value_and_gradient(point)

    def value(self, point: np.ndarray) -> float:
        return self.functions.value(point)

    def batch_gradient(self, point: np.ndarray, batch: np.ndarray) -> np.ndarray:
        if not isinstance(self.functions, CompiledRisk):
            raise TypeError(f"batch_size: {self.objective!r} has no samples to draw from.")
        return self.functions.batch_gradient(point, batch)

    def hessian(self, point: np.ndarray) -> np.ndarray:
        return self.functions.hessian(point)

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        return {letter.name: np.zeros(self.objective.dimension) for letter in letters}

    def apply_rule(
        self, rule: Rule, point: np.ndarray, gradient: np.ndarray, step: int, state: State
    ) -> tuple[np.ndarray, State]:
        names = [letter.name for letter in rule.state]
        moved, *rest = self._rule(rule).call(
            point, gradient, np.asarray(float(step)), *(state[name] for name in names)
        )
        return moved, dict(zip(names, rest, strict=True))

    def initial_memory(self, method: Method) -> State:
        return {letter.name: np.eye(self.objective.dimension) for letter in method.direction.memory}

    def direction(
        self, method: Method, gradient: np.ndarray, hessian: Any, memory: State
    ) -> np.ndarray | None:
        known = [hessian] if method.direction.needs_hessian else []
        known += [memory[letter.name] for letter in method.direction.memory]
        try:
            (towards,) = self._towards(method).call(gradient[:, None], *known)
        except np.linalg.LinAlgError:
            return None
        return towards[:, 0] if np.all(np.isfinite(towards)) else None

    def remember(
        self, method: Method, memory: State, displacement: np.ndarray, change: np.ndarray
    ) -> State:
        names = [letter.name for letter in method.direction.memory]
        known = [memory[name] for name in names]
        return dict(
            zip(
                names,
                self._memory(method).call(*known, displacement[:, None], change[:, None]),
                strict=True,
            )
        )

    def move(self, point: np.ndarray, length: Any, direction: np.ndarray) -> np.ndarray:
        return point + length * direction

    def times(self, left: Any, right: Any) -> Any:
        return left * right

    def subtract(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return left - right

    def dot(self, left: np.ndarray, right: np.ndarray) -> float:
        return float(left @ right)

    def trial(
        self, search: Search, point: np.ndarray, direction: np.ndarray, length: Any, facts: tuple
    ) -> tuple[float, bool]:
        value = self.functions.value(self.move(point, length, direction))
        (accepted,) = self._accept(search).call(*map(np.asarray, (*facts, value, length)))
        return value, bool(accepted)

    def best_length(self, point: np.ndarray, direction: np.ndarray) -> Step:
        def phi(length: float) -> float:
            return self.functions.value(self.move(point, length, direction))

        def slope_at(length: float) -> float:
            return self.dot(self.functions.gradient(self.move(point, length, direction)), direction)

        ray = self._ray()
        if ray is None:
            length = line_minimum(phi, slope_at)
        else:
            coefficients = ray.call(*map(np.asarray, (*point, *direction)))
            length = polynomial_minimum(np.array(coefficients, dtype=float), phi)
        return Step(length, 1) if np.isfinite(length) else Step(None, 1, UNBOUNDED)


@lru_cache(maxsize=64)
def rule_function(step: tuple[tuple[Symbol, Expr], ...], backend: str) -> Compiled:
    """Compile a rule's step on vectors: (x, g, k, state) to (x, state)."""
    letters = [letter for letter, _ in step]
    tensors = {x: pt.dvector("x"), g: pt.dvector("g"), k: pt.dscalar("k")}
    tensors |= {letter: pt.dvector(letter.name) for letter in letters if letter != x}
    outputs = lower_elementwise([expression for _, expression in step], tensors)
    return compiled_function(list(tensors.values()), outputs, backend)


def direction_function(direction: Any, dimension: int, backend: str) -> Compiled:
    """Compile a direction for runs in `dimension` variables: (G, H or memory) to P."""
    expression = direction.expression.xreplace(direction.hyperparameters)
    letters = (G, *((H,) if direction.needs_hessian else ()), *direction.memory)
    return _matrix_function((expression,), letters, dimension, backend)


def memory_function(direction: Any, dimension: int, backend: str) -> Compiled:
    """Compile the update of a direction's memory: (memory, S, Y) to memory."""
    letters = (*direction.memory, S, Y)
    return _matrix_function(tuple(direction.memory.values()), letters, dimension, backend)


@lru_cache(maxsize=64)
def _matrix_function(
    expressions: tuple[Any, ...], letters: tuple[Any, ...], dimension: int, backend: str
) -> Compiled:
    inputs, outputs = lower_matrices(expressions, letters, {n: dimension})
    return compiled_function(inputs, outputs, backend)


def run(
    objective: Objective,
    start: Sequence[float],
    method: Rule | Method,
    plan: Plan,
    limits: Limits,
    how: tuple[str, str],
) -> Trace:
    """Run a method with one compiled call per step and return its trace.

    `how` is the backend, and who derives the gradient.
    """
    backend, gradient = how
    calculus = CompiledCalculus(compile(objective, backend, gradient=gradient))
    point = np.array([float(coordinate) for coordinate in start])
    # A first step, so that nothing is left to compile while the run is timed.
    rehearsal = replace(limits, max_steps=1, callback=None, report=None)
    collect(follow(calculus, method, point, replace(plan, every=1)), rehearsal)
    record, ending, seconds = collect(follow(calculus, method, point, plan), limits)
    return as_trace(
        record,
        ending,
        variables=tuple(variable.name for variable in objective.variables),
        backend=calculus.backend,
        method=repr(method),
        seconds=seconds,
        compile_seconds=calculus.compile_seconds(method),
    )
