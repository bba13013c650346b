"""Exact arithmetic without rounding: numbers grow with every step, which is fine for a few."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Integer, Matrix, Poly, Symbol, real_roots

from symlab.algebra.alphabet import g, k, q, x
from symlab.algebra.objective import Objective
from symlab.algebra.squares import squares_of
from symlab.engine.calculus import LineStep, State
from symlab.engine.domain import Domain
from symlab.engine.exact.squares import ExactSquares
from symlab.engine.exact.vectors import ExactVectors
from symlab.engine.line_minimum import UNBOUNDED
from symlab.engine.line_restriction import line_polynomial
from symlab.engine.stopping import Ending
from symlab.methods.method import Method
from symlab.methods.rule import Rule


@dataclass(frozen=True)
class RationalCalculus(ExactVectors):
    """Numbers without rounding; transcendental values stay expressions."""

    objective: Objective

    @property
    def working(self) -> AbstractContextManager[Any]:
        """No precision at all: nothing is rounded."""
        return nullcontext()

    @property
    def working_digits(self) -> None:
        """None: nothing is rounded."""
        return

    @cached_property
    def squares(self) -> ExactSquares:
        """The objective as a sum of squares."""
        return ExactSquares(squares_of(self.objective), None)

    def number(self, exact: Expr) -> Expr:
        return exact

    def symbolic(self, number: Expr) -> Expr:
        """Return a number as SymPy's."""
        return number

    def export(self, number: Expr) -> Expr:
        """Return a number as a trace keeps it."""
        return number

    def _put(self, expression: Expr, point: tuple) -> Expr:
        return expression.subs(dict(zip(self.objective.variables, point, strict=True)))

    def value_and_gradient(self, point: tuple) -> tuple[Expr, tuple]:
        gradient = tuple(self._put(entry, point) for entry in self.objective.gradient)
        return self._put(self.objective.expression, point), gradient

    def value(self, point: tuple) -> Expr:
        return self._put(self.objective.expression, point)

    def spacing(self, value: Expr) -> Expr:
        return Integer(0)

    def batch_value_and_gradient(self, point: tuple, batch: np.ndarray) -> tuple[Expr, tuple]:
        return RationalCalculus(self.objective.part(batch)).value_and_gradient(point)

    def hessian(self, point: tuple) -> Matrix:
        return self._put(self.objective.hessian, point)

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        return {letter.name: (Integer(0),) * self.objective.dimension for letter in letters}

    def apply_rule(
        self, rule: Rule, point: tuple, gradient: tuple, step: int, state: State
    ) -> tuple[tuple, State]:
        def update(letter: Symbol) -> tuple:
            return tuple(
                rule.step[letter].subs({x: a, g: d, k: step, **_coordinate(rule, state, i)})
                for i, (a, d) in enumerate(zip(point, gradient, strict=True))
            )

        return update(x), {letter.name: update(letter) for letter in rule.state}

    def direction(
        self, method: Method, gradient: tuple, hessian: Any, memory: State
    ) -> tuple | None:
        solved = self.direction_of(method, gradient, hessian, memory)
        return None if solved is None else tuple(solved)

    def evaluate(self, formula: Expr, known: Mapping[Symbol, Expr]) -> Any:
        return formula.subs(known)

    def best_length(self, point: tuple, direction: tuple, domain: Domain) -> LineStep:
        restriction = line_polynomial(self.objective)
        if restriction is None:
            return _stop(
                0, "the slice is no polynomial, so its minimum is not exact; run with digits=50"
            )
        numbers = dict(zip(restriction.symbols, (*point, *direction), strict=True))
        phi = Poly([coefficient.subs(numbers) for coefficient in restriction.coefficients], q)
        if phi.degree() < 1 or phi.LC() < 0:
            return LineStep(None, 1, UNBOUNDED)
        roots = [root for root in real_roots(phi.diff(q)) if root > 0]
        if not roots:
            return LineStep(None, 1, UNBOUNDED)
        best = min(roots, key=phi.eval)
        if not domain.holds(self.move(point, best, direction)):
            reason = "the best step leaves the domain of the variables; run with digits=50"
            return _stop(1, reason)
        if not best.is_Rational:
            return _stop(1, "the best step is irrational; run with digits=50")
        return LineStep(best, 1)


def _stop(trials: int, reason: str) -> LineStep:
    return LineStep(None, trials, Ending("stopped", reason))


def _coordinate(rule: Rule, state: State, i: int) -> dict[Symbol, Expr]:
    return {letter: state[letter.name][i] for letter in rule.state}
