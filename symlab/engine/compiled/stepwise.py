"""Compiled runs, one call per step: formulas compiled, and where they are small called in NumPy."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from sympy import Expr, Symbol

from symlab.algebra.alphabet import G, H, S, Y, g, k, n, phi_0, phi_q, q, slope, square, x
from symlab.algebra.objective import Objective
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.functions import (
    Functions,
    compile_everywhere,
    compiled_function,
    scalar_function,
)
from symlab.engine.compiled.numpy_calls import numpy_function
from symlab.engine.domain import Domain
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import check_newton, oracle_of
from symlab.engine.iteration import Line, LineStep, State, follow
from symlab.engine.line_minimum import BOTTOMLESS, UNBOUNDED, line_minimum, polynomial_minimum
from symlab.engine.line_restriction import line_polynomial
from symlab.engine.lowering.lower import lower, lower_elementwise, lower_matrices
from symlab.engine.lowering.stabilize import stabilize
from symlab.engine.recording import collect, trace_of, trail_of
from symlab.engine.run import Run
from symlab.engine.trace import Trace
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import Search


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
        polynomial = self._line_polynomial() if method.search.exact else None
        needed += [polynomial] if polynomial else []
        return objective + sum(function.seconds for function in needed)

    def _rule(self, rule: Rule) -> Compiled:
        return rule_function(tuple(rule.step.items()), self.backend)

    def _towards(self, method: Method) -> Compiled:
        return direction_function(method.direction, self.objective.dimension, self.backend)

    def _memory(self, method: Method) -> Compiled:
        return memory_function(method.direction, self.objective.dimension, self.backend)

    def _accept(self, search: Search) -> Compiled:
        return condition_function(search.condition, self.backend)

    def _line_polynomial(self) -> Compiled | None:
        found = line_polynomial(self.objective)
        if found is None:
            return None
        return scalar_function(found.coefficients, found.symbols, self.backend)

    def number(self, exact: Expr) -> np.float64:
        return np.float64(exact)

    def value_and_gradient(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        return self.functions.value_and_gradient(point)

    def value(self, point: np.ndarray) -> float:
        return self.functions.value(point)

    def batch_value_and_gradient(
        self, point: np.ndarray, batch: np.ndarray
    ) -> tuple[float, np.ndarray]:
        return self.functions.batch_value_and_gradient(point, batch)

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
        if known and not np.all(np.isfinite(hessian)):
            return None  # an infinite curvature would give a step of length 0
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

    def trial(self, search: Search, line: Line, length: Any) -> tuple[float, bool]:
        value = self.functions.value(self.move(line.point, length, line.direction))
        known = (line.value, line.slope, line.square, value, length)
        (accepted,) = self._accept(search).call(*map(np.asarray, known))
        return value, bool(accepted)

    def best_length(self, point: np.ndarray, direction: np.ndarray, domain: Domain) -> LineStep:
        def phi(length: float) -> float:
            tried = self.move(point, length, direction)
            return self.functions.value(tried) if domain.holds(tried) else math.inf

        def slope_at(length: float) -> float:
            return self.dot(self.functions.gradient(self.move(point, length, direction)), direction)

        polynomial = self._line_polynomial()
        if polynomial is not None:
            coefficients = polynomial.call(*map(np.asarray, (*point, *direction)))
            length = polynomial_minimum(np.array(coefficients, dtype=float), phi)
            if np.isnan(length):
                return LineStep(None, 1, UNBOUNDED)
            if length < math.inf and domain.holds(self.move(point, length, direction)):
                return LineStep(length, 1)
        length = line_minimum(phi, slope_at)
        return LineStep(length, 1) if np.isfinite(length) else LineStep(None, 1, BOTTOMLESS)


@once(64)
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


@once(64)
def condition_function(condition: Expr, backend: str) -> Compiled:
    """Compile the condition under which a search accepts a step, in its five letters."""
    letters = (phi_0, slope, square, phi_q, q)
    if backend == "c":
        made = numpy_function(*lower([stabilize(condition)], letters))
        if made is not None:
            return made
    return scalar_function((condition,), letters, backend)


@once(64)
def _matrix_function(
    expressions: tuple[Any, ...], letters: tuple[Any, ...], dimension: int, backend: str
) -> Compiled:
    inputs, outputs = lower_matrices(expressions, letters, {n: dimension})
    if backend == "c" and (made := numpy_function(inputs, outputs)) is not None:
        return made
    return compiled_function(inputs, outputs, backend)


def run_stepwise(run: Run) -> Trace:
    """Run a method with one compiled call per step and return its trace."""
    order = 2 if run.needs_hessian else 1
    functions = compile_everywhere(run.objective, run.backend, run.derived_by, order=order)
    calculus = CompiledCalculus(functions)
    hessian = functions.hessian if run.needs_hessian else None
    oracle = oracle_of(run.objective, functions.value_and_gradient, hessian)
    point = run.point
    # What is not finite ends the run with a status, and needs no warning beside it.
    with np.errstate(all="ignore"):
        check_newton(oracle, point, run.method)
        # A first step, so that nothing is left to compile while the run is timed.
        collect(follow(calculus, point, run.rehearsal), run.rehearsal)
        record, ending, seconds = collect(follow(calculus, point, run), run)
        ending = judge(ending, trail_of(record, run), oracle)
    compile_seconds = calculus.compile_seconds(run.method)
    return trace_of(record, ending, run, seconds=seconds, compile_seconds=compile_seconds)
