"""Which way is down: the direction that a memory gives, and how a step changes the memory.

Written over a calculus, so that an exact run and a compiled one remember the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Integer, MatrixSymbol

from symlab.algebra.alphabet import S, Y, pairs, ss, sy, yy
from symlab.engine.calculus import Calculus, Number, Point, State
from symlab.methods.method import Method

NEAR = 1e-6
"""Distance from the identity within which a remembered matrix has learnt nothing yet."""

Step = Mapping[MatrixSymbol, Point]


@dataclass(frozen=True)
class Course:
    """A direction, the slope along it, and the memory that gave it."""

    direction: Point
    slope: Number
    memory: State


def initial_memory(calculus: Calculus, method: Method) -> State:
    """Return what a direction remembers before its first step; pairs that are zero are none."""
    if not method.direction.recent:
        return calculus.initial_memory(method)
    return {name: calculus.zeros() for name in pair_names(method)}


def pair_names(method: Method) -> list[str]:
    """Return the names of the pairs that a direction remembers: S1, Y1, S2, ..., newest first."""
    most = int(method.direction.hyperparameters[pairs])
    return [f"{letter.name}{i}" for i in range(1, most + 1) for letter in (S, Y)]


def known_pairs(calculus: Calculus, memory: State) -> list[tuple[Point, Point]]:
    """Return the pairs of displacement and change of gradient in a memory, the newest first."""
    vectors = list(memory.values())
    both = zip(vectors[::2], vectors[1::2], strict=True)
    return [(moved, changed) for moved, changed in both if calculus.dot(moved, changed) != 0]


def downhill(
    calculus: Calculus, method: Method, gradient: Point, hessian: object, memory: State
) -> Course | None:
    """Return the direction; a memory whose direction does not go down is forgotten first.

    None where the matrix to invert is singular. Without a memory, or with one that knows nothing
    yet, a direction may climb: that is for the search to judge.
    """
    course = _course(calculus, method, gradient, hessian, memory)
    if memory and (course is None or not course.slope < 0):
        return _course(calculus, method, gradient, hessian, initial_memory(calculus, method))
    return course


def _course(
    calculus: Calculus, method: Method, gradient: Point, hessian: object, memory: State
) -> Course | None:
    if method.direction.recent:
        towards = two_loops(calculus, gradient, known_pairs(calculus, memory))
    else:
        towards = calculus.direction(method, gradient, hessian, memory)
    if towards is None:
        return None
    return Course(towards, calculus.dot(gradient, towards), memory)


def two_loops(calculus: Calculus, gradient: Point, known: list[tuple[Point, Point]]) -> Point:
    """Return -B G where B is BFGS's matrix of these pairs alone, without ever forming it.

    Nocedal & Wright 2006, algorithm 7.4, with the first matrix of eq. 7.20.
    """
    minus = calculus.number(Integer(-1))
    towards, weights = calculus.scale(minus, gradient), []
    for moved, changed in known:
        weight = calculus.divide(calculus.dot(moved, towards), calculus.dot(moved, changed))
        towards = calculus.move(towards, calculus.times(minus, weight), changed)
        weights.append(weight)
    if known:
        moved, changed = known[0]
        first = calculus.divide(calculus.dot(moved, changed), calculus.dot(changed, changed))
        towards = calculus.scale(first, towards)
    for (moved, changed), weight in reversed(list(zip(known, weights, strict=True))):
        back = calculus.divide(calculus.dot(changed, towards), calculus.dot(moved, changed))
        towards = calculus.move(towards, weight, moved)
        towards = calculus.move(towards, calculus.times(minus, back), moved)
    return towards


def remember(calculus: Calculus, method: Method, memory: State, step: Step) -> State:
    """Return the memory after a step, or as it was where the direction's guard forbids to learn.

    Parameters
    ----------
    calculus : Calculus
    method : Method
    memory : mapping of str to matrix or vector
    step : mapping of letter to vector
        The displacement S, the change of gradient Y, the new gradient G, and the direction P.
    """
    if not _may_learn(calculus, method, step):
        return memory
    if method.direction.recent:
        kept = list(memory.values())[:-2]
        return dict(zip(memory, (step[S], step[Y], *kept), strict=True))
    first = bool(method.direction.first) and _knows_nothing(calculus, method, memory)
    return calculus.remember(method, memory, step, first=first)


def _may_learn(calculus: Calculus, method: Method, step: Step) -> bool:
    """Return whether the guard of a direction holds for a step."""
    guard = method.direction.guard
    if guard is None:
        return True
    ends = {ss: (S, S), sy: (S, Y), yy: (Y, Y)}
    known = {
        letter: calculus.dot(step[left], step[right])
        for letter, (left, right) in ends.items()
        if guard.has(letter)
    }
    return bool(calculus.evaluate(guard, known))


def _knows_nothing(calculus: Calculus, method: Method, memory: State) -> bool:
    """Return whether a memory is still the first one, or as good as it."""
    start = calculus.initial_memory(method)
    now = {name: np.array(memory[name], dtype=float) for name in start}
    return all(
        np.abs(now[name] - np.array(start[name], dtype=float)).max() <= NEAR for name in start
    )
