"""Compiled runs, one call per step: formulas compiled, and where they are small called in NumPy."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pytensor.tensor as pt
from sympy import Expr, MatrixSymbol, Symbol

from symlab.algebra.alphabet import G, H, g, k, n, x
from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.squares import squares_of
from symlab.engine.calculus import LineStep, State
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.functions import (
    Functions,
    compile_everywhere,
    compiled_function,
    scalar_function,
)
from symlab.engine.compiled.numpy_calls import numpy_function
from symlab.engine.compiled.quadratic import CompiledQuadratic, quadratic_of, sizes_of
from symlab.engine.compiled.squares import EPS, CompiledSquares
from symlab.engine.domain import Domain
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import check_newton, oracle_of
from symlab.engine.iteration import follow
from symlab.engine.line_minimum import BOTTOMLESS, UNBOUNDED, line_minimum, polynomial_minimum
from symlab.engine.line_restriction import line_polynomial
from symlab.engine.lowering.lower import lower, lower_elementwise, lower_matrices
from symlab.engine.lowering.stabilize import stabilize
from symlab.engine.recording import collect, trace_of, trail_of
from symlab.engine.rounding import RESOLUTION
from symlab.engine.run import Run
from symlab.engine.trace import Trace
from symlab.methods import squares, trust_regions
from symlab.methods.directions import LEAST_PIVOT, LEAST_SHIFTED_PIVOT, SHIFTS
from symlab.methods.method import Method, Runnable
from symlab.methods.rule import Rule
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion


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

    @cached_property
    def squares(self) -> CompiledSquares:
        """The objective as a sum of squares."""
        return CompiledSquares(squares_of(self.objective), self.backend)

    def compile_seconds(self, method: Runnable) -> float:
        """Return what compiling all that a method needs has cost, in this run or an earlier one."""
        objective = self.functions.compile_seconds
        if isinstance(method, Rule):
            return objective + self._rule(method).seconds
        if isinstance(method, SquaresMethod):
            formulas = squares.FORMULAS if method.search is None else method.search.formulas
            return objective + self.squares.compile_seconds + self._formulas(formulas)
        if isinstance(method, TrustRegion):
            return objective + self._formulas(trust_regions.FORMULAS)
        direction = method.direction
        needed = [] if direction.recent else [self._towards(method)]
        if direction.memory and not direction.recent:
            needed += [
                self._memory(method, first=first) for first in {False, bool(direction.first)}
            ]
        guard = [] if direction.guard is None else [direction.guard]
        formulas = (*guard, *method.search.formulas)
        needed += [formula_function(formula, self.backend) for formula in formulas]
        polynomial = self._line_polynomial() if method.search.exact else None
        needed += [polynomial] if polynomial else []
        return objective + sum(function.seconds for function in needed)

    def _formulas(self, formulas: tuple[Expr, ...]) -> float:
        """Return what compiling formulas of numbers has cost."""
        return sum(formula_function(formula, self.backend).seconds for formula in formulas)

    def _rule(self, rule: Rule) -> Compiled:
        return rule_function(tuple(rule.step.items()), self.backend)

    def _towards(self, method: Method) -> Compiled:
        return direction_function(method.direction, self.objective.dimension, self.backend)

    def _memory(self, method: Method, *, first: bool) -> Compiled:
        dimension = self.objective.dimension
        return memory_function(method.direction, dimension, self.backend, first=first)

    def _line_polynomial(self) -> Compiled | None:
        found = line_polynomial(self.objective)
        if found is None:
            return None
        return scalar_function(found.coefficients, found.symbols, self.backend)

    @property
    def resolution(self) -> float:
        """By what part of itself a value may differ by rounding."""
        return RESOLUTION

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

    def quadratic(
        self, gradient: np.ndarray, hessian: np.ndarray, sizes: np.ndarray | None
    ) -> CompiledQuadratic | None:
        return quadratic_of(gradient, hessian, sizes)

    def spacing(self, value: float) -> float:
        return EPS * abs(value)

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

    def zeros(self) -> np.ndarray:
        return np.zeros(self.objective.dimension)

    def initial_memory(self, method: Method) -> State:
        return {
            letter.name: self.zeros() if letter.cols == 1 else np.eye(self.objective.dimension)
            for letter in method.direction.memory
        }

    def shifted(self, hessian: np.ndarray) -> tuple[np.ndarray, np.float64] | None:
        if not np.all(np.isfinite(hessian)):
            return None
        sizes = sizes_of(hessian)
        under = np.sqrt(np.outer(sizes, sizes))
        for shift, least in _SHIFTS:
            if _is_definite(hessian / under + shift * np.eye(len(sizes)), least):
                return hessian + shift * np.diag(sizes), np.float64(shift)
        return None

    def direction(
        self, method: Method, gradient: np.ndarray, hessian: Any, memory: State
    ) -> np.ndarray | None:
        known = [hessian] if method.direction.needs_hessian else []
        if known and not np.all(np.isfinite(hessian)):
            return None  # an infinite curvature would give a step of length 0
        known += [_column(memory[letter.name]) for letter in method.direction.memory]
        try:
            (towards,) = self._towards(method).call(gradient[:, None], *known)
        except np.linalg.LinAlgError:
            return None
        return towards[:, 0] if np.all(np.isfinite(towards)) else None

    def remember(
        self,
        method: Method,
        memory: State,
        step: Mapping[MatrixSymbol, np.ndarray],
        *,
        first: bool,
    ) -> State:
        letters = tuple(method.direction.memory)
        known = [_column(memory[letter.name]) for letter in letters]
        vectors = [step[letter][:, None] for letter in method.direction.learns_from]
        found = self._memory(method, first=first).call(*known, *vectors)
        return {
            letter.name: matrix[:, 0] if letter.cols == 1 else matrix
            for letter, matrix in zip(letters, found, strict=True)
        }

    def move(self, point: np.ndarray, length: Any, direction: np.ndarray) -> np.ndarray:
        return point + length * direction

    def scale(self, length: Any, direction: np.ndarray) -> np.ndarray:
        return length * direction

    def times(self, left: Any, right: Any) -> Any:
        return left * right

    def divide(self, left: Any, right: Any) -> Any:
        return left / right

    def subtract(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return left - right

    def dot(self, left: np.ndarray, right: np.ndarray) -> float:
        return float(left @ right)

    def evaluate(self, formula: Expr, known: Mapping[Symbol, Any]) -> Any:
        numbers = (np.asarray(known[letter], dtype=float) for letter in letters_of(formula))
        return formula_function(formula, self.backend).call(*numbers)[0][()]

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
    letters = (G, *((H,) if direction.needs_hessian else ()), *direction.memory)
    return _matrix_function((direction.formula,), letters, dimension, backend)


def memory_function(
    direction: Any, dimension: int, backend: str, *, first: bool = False
) -> Compiled:
    """Compile the update of a direction's memory: (memory, what it learns from) to memory."""
    letters = (*direction.memory, *direction.learns_from)
    return _matrix_function(direction.update(first=first), letters, dimension, backend)


@lru_cache(maxsize=256)
def letters_of(formula: Expr) -> tuple[Symbol, ...]:
    """Return the letters of a formula of numbers, by name."""
    return tuple(sorted(formula.free_symbols, key=str))


@once(64)
def formula_function(formula: Expr, backend: str) -> Compiled:
    """Compile a formula of numbers, such as the relation of a search, in its letters by name."""
    if backend == "c":
        made = numpy_function(*lower([stabilize(formula)], letters_of(formula)))
        if made is not None:
            return made
    return scalar_function((formula,), letters_of(formula), backend)


def _column(memory: np.ndarray) -> np.ndarray:
    """Return what is remembered as a matrix."""
    return memory[:, None] if memory.ndim == 1 else memory


_SHIFTS = [(float(s), float(LEAST_SHIFTED_PIVOT if s else LEAST_PIVOT)) for s in SHIFTS]


def _is_definite(matrix: np.ndarray, least: float) -> bool:
    """Return whether every pivot of a matrix is above `least`: they are Cholesky's, squared."""
    try:
        pivots = np.diag(np.linalg.cholesky(matrix)) ** 2
    except np.linalg.LinAlgError:
        return False
    return bool(np.all(pivots > least))


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
        # A first step, so that nothing is left to compile while the run is timed; data that are
        # read in pieces would be read twice more for it.
        if not isinstance(run.objective, BlockedRisk):
            collect(follow(calculus, point, run.rehearsal), run.rehearsal)
        record, ending, seconds = collect(follow(calculus, point, run), run)
        ending = judge(ending, trail_of(record, run), oracle)
    compile_seconds = calculus.compile_seconds(run.method)
    return trace_of(record, ending, run, seconds=seconds, compile_seconds=compile_seconds)
