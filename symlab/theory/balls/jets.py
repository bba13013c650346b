"""A formula's value, gradient and Hessian at a ball of points, by the chain rule in balls.

Nothing is derived symbolically: each node of the formula passes on its value with its first and
second derivatives (forward differentiation; Griewank & Walther 2008, chapters 3 and 13), and every
number is a ball that holds the exact one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from sympy import (
    Abs,
    Add,
    Dummy,
    E,
    EulerGamma,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    exp,
    log,
    pi,
    sign,
)
from sympy.core.function import Function
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction

from symlab.algebra.by_mpmath import NotComputable
from symlab.algebra.exactly import rationalize
from symlab.algebra.functions import define
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.theory.balls.arithmetic import Ball, Balls, Unbounded

CONSTANTS = (pi, E, EulerGamma)
BETWEEN = Dummy("z", real=True)
"""Stands for the argument of a function while it is differentiated."""


@dataclass(frozen=True)
class Jet:
    """A value with its derivatives in n variables; what is left out of a mapping is zero.

    Parameters
    ----------
    value : ball
    gradient : mapping of int to ball
    hessian : mapping of pair of int to ball
        Keys (i, j) with i <= j.
    """

    value: Ball
    gradient: Mapping[int, Ball] = field(default_factory=dict)
    hessian: Mapping[tuple[int, int], Ball] = field(default_factory=dict)

    def __add__(self, other: "Jet") -> "Jet":
        return Jet(
            self.value + other.value,
            _sum(self.gradient, other.gradient),
            _sum(self.hessian, other.hessian),
        )

    def __mul__(self, other: "Jet") -> "Jet":
        a, b = self.value, other.value
        crossed = _product(self.gradient, other.gradient)
        hessian = _sum(_scaled(self.hessian, b), _scaled(other.hessian, a), crossed)
        gradient = _sum(_scaled(self.gradient, b), _scaled(other.gradient, a))
        return Jet(a * b, gradient, hessian)

    def through(self, value: Ball, slope: Ball, curvature: Ball) -> "Jet":
        """Return a function of this jet, given its value and two derivatives there."""
        squares = {
            (i, j): curvature * a * b
            for i, a in self.gradient.items()
            for j, b in self.gradient.items()
            if i <= j
        }
        return Jet(
            value, _scaled(self.gradient, slope), _sum(_scaled(self.hessian, slope), squares)
        )


def _sum[Key](*parts: Mapping[Key, Ball]) -> dict[Key, Ball]:
    total = dict(parts[0])
    for part in parts[1:]:
        for key, ball in part.items():
            total[key] = total[key] + ball if key in total else ball
    return total


def _scaled[Key](part: Mapping[Key, Ball], factor: Ball) -> dict[Key, Ball]:
    return {key: factor * ball for key, ball in part.items()}


def _product(one: Mapping[int, Ball], other: Mapping[int, Ball]) -> dict[tuple[int, int], Ball]:
    """Return a b' + b a', the upper triangle."""
    return _sum(
        *(
            {(min(i, j), max(i, j)): a * b * (2 if i == j else 1)}
            for i, a in one.items()
            for j, b in other.items()
        ),
        {},
    )


class Walker:
    """Takes one formula through a ball of points, each common part once.

    Parameters
    ----------
    balls : Balls
    at : mapping of sympy.Symbol to Jet
    """

    def __init__(self, balls: Balls, at: Mapping[Symbol, Jet]) -> None:
        self.balls = balls
        self.known: dict[Expr, Jet] = dict(at)

    def jet(self, node: Expr) -> Jet:
        """Return a formula's jet.

        Raises
        ------
        NotComputable
            If no enclosure of a function is known.
        Unbounded
            If the formula switches, or is not defined, somewhere in the ball.
        """
        if node not in self.known:
            self.known[node] = self._make(node)
        return self.known[node]

    def _make(self, node: Expr) -> Jet:
        if isinstance(node, Number) or node in CONSTANTS:
            return Jet(self.balls.number(node))
        for kind, make in KINDS:
            if isinstance(node, kind):
                return make(self, node)
        raise NotComputable(f"no enclosure of {node} is known")

    def function(self, node: Expr) -> Jet:
        """Return the jet of a function of one argument."""
        if len(node.args) != 1:
            raise NotComputable(f"no enclosure of {node.func.__name__} is known")
        inner = self.jet(node.args[0])
        value = self.balls.call(node.func.__name__, inner.value)
        if not inner.gradient:
            return Jet(value)
        slopes = Walker(self.balls, {BETWEEN: Jet(inner.value)})
        first, second = _derivatives(node.func)
        return inner.through(value, slopes.jet(first).value, slopes.jet(second).value)

    def power(self, node: Expr) -> Jet:
        """Return the jet of a power: of a whole or a fixed exponent, else by exponentials."""
        base, exponent = node.args
        if not isinstance(exponent, Rational):
            return self.jet(exp(exponent * log(base), evaluate=False))
        inner = self.jet(base)
        p = exponent
        return inner.through(
            self._power(inner.value, p),
            self._times(p, inner.value, p - 1),
            self._times(p * (p - 1), inner.value, p - 2),
        )

    def _times(self, factor: Expr, base: Ball, exponent: Expr) -> Ball:
        if not factor:
            return self.balls.number(Integer(0))
        return self.balls.number(factor) * self._power(base, exponent)

    def _power(self, base: Ball, exponent: Expr) -> Ball:
        """Return a power of a ball; a broken exponent asks for a positive one."""
        if exponent.q > 2:
            logarithm = self.balls.call("log", base)
            return self.balls.call("exp", self.balls.number(exponent) * logarithm)
        root = base if exponent.q == 1 else self.balls.call("sqrt", base)
        power = self.balls.power(root, abs(int(exponent.p)))
        return power if exponent.p >= 0 else 1 / power

    def sign(self, node: Expr) -> int:
        """Return the sign of a formula that has one all over the ball.

        Raises
        ------
        Unbounded
            If it changes there.
        """
        value = self.jet(node).value
        if value > 0:
            return 1
        if value < 0:
            return -1
        raise Unbounded

    def holds(self, condition: object) -> bool:
        """Whether a condition holds all over the ball; False if it fails all over."""
        if condition in (True, False) or not isinstance(condition, (Relational, BooleanFunction)):
            return bool(condition)
        if isinstance(condition, BooleanFunction):
            each = {a: self.holds(a) for a in condition.atoms(Relational)}
            return bool(condition.xreplace(each))
        difference = self.sign(condition.lhs - condition.rhs)
        return bool(condition.func(Integer(difference), Integer(0)))


def _piecewise(walker: Walker, node: Expr) -> Jet:
    for branch, condition in node.args:
        if walker.holds(condition):
            return walker.jet(branch)
    raise Unbounded


def _largest(walker: Walker, node: Expr) -> Jet:
    """Return the jet of the one argument that is the largest, or the smallest, all over."""
    direction = 1 if isinstance(node, Max) else -1
    best = node.args[0]
    for other in node.args[1:]:
        best = other if walker.sign(other - best) == direction else best
    return walker.jet(best)


def _absolute(walker: Walker, node: Expr) -> Jet:
    inner = node.args[0]
    return walker.jet(inner if walker.sign(inner) > 0 else -inner)


KINDS: tuple[tuple[Any, Callable[[Walker, Expr], Jet]], ...] = (
    (Add, lambda walker, node: reduce(Jet.__add__, map(walker.jet, node.args))),
    (Mul, lambda walker, node: reduce(Jet.__mul__, map(walker.jet, node.args))),
    (Pow, Walker.power),
    (Piecewise, _piecewise),
    ((Max, Min), _largest),
    (Abs, _absolute),
    (sign, lambda walker, node: Jet(walker.balls.number(Integer(walker.sign(node.args[0]))))),
    (Function, Walker.function),
)
"""How each kind of node is made from its arguments."""


@lru_cache(maxsize=256)
def _derivatives(function: Callable[[Expr], Expr]) -> tuple[Expr, Expr]:
    """Return the first two derivatives of a function, by SymPy."""
    first = define(function(BETWEEN).diff(BETWEEN))
    return first, define(first.diff(BETWEEN))


def jet_of(objective: Objective, balls: Balls, point: Sequence[Ball]) -> Jet:
    """Return value, gradient and Hessian of an objective at a ball of points.

    Parameters
    ----------
    objective : Objective
        A formula, or a sum over data: then sample by sample.
    balls : Balls
    point : n balls

    Raises
    ------
    NotComputable
        If no enclosure of a function is known.
    Unbounded
        If a bound is infinite, or the formula switches or ends in the ball.
    """
    at = _jets_at(objective.variables, balls, point)
    return _finite(
        lambda: [
            objective.dispatch(
                formula=lambda stated: Walker(balls, at).jet(_stated(stated.expression)),
                data=lambda bound: _of_data(bound, balls, at),
            )
        ],
        balls,
    )[0]


def jets_of(
    expressions: Sequence[Expr], variables: Sequence[Symbol], balls: Balls, point: Sequence[Ball]
) -> list[Jet]:
    """Return the jets of several formulas at a ball of points; their common parts are made once.

    Parameters
    ----------
    expressions : sequence of sympy.Expr
    variables : sequence of n symbols
    balls : Balls
    point : n balls

    Raises
    ------
    NotComputable, Unbounded
        As `jet_of` does.
    """
    walker = Walker(balls, _jets_at(variables, balls, point))
    return _finite(lambda: [walker.jet(_stated(each)) for each in expressions], balls)


def _jets_at(variables: Sequence[Symbol], balls: Balls, point: Sequence[Ball]) -> dict[Symbol, Jet]:
    """Return the variables as jets at a ball of points."""
    one = balls.number(Integer(1))
    return {v: Jet(x, {i: one}) for i, (v, x) in enumerate(zip(variables, point, strict=True))}


def _finite(make: Callable[[], list[Jet]], balls: Balls) -> list[Jet]:
    """Return jets, all of whose balls are finite."""
    try:
        jets = make()
    except ZeroDivisionError:
        raise Unbounded from None
    for jet in jets:
        numbers = (jet.value, *jet.gradient.values(), *jet.hessian.values())
        if not all(map(balls.is_finite, numbers)):
            raise Unbounded
    return jets


@lru_cache(maxsize=1024)
def _stated(expression: Expr) -> Expr:
    """Return a formula in elementary functions, its decimals taken exactly."""
    return define(rationalize(expression))


def _of_data(bound: BoundRisk, balls: Balls, at: Mapping[Symbol, Jet]) -> Jet:
    """Return the sum over the samples, whose numbers are taken as the floats they are."""
    loss, penalty = _stated(bound.risk.loss), _stated(bound.risk.penalty)
    total = Jet(balls.number(Integer(0)))
    for row in np.column_stack(bound.arrays).tolist():
        data = {
            s: Jet(balls.number(Rational(x))) for s, x in zip(bound.risk.data, row, strict=True)
        }
        total = total + Walker(balls, {**at, **data}).jet(loss)
    weighted = total * Jet(balls.number(bound.weight))
    return weighted + Walker(balls, at).jet(penalty)
