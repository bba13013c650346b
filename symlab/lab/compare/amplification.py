"""How much a run magnifies an error made on the way.

Near an unstable point a last bit grows from step to step without anything being wrong. The growth
is that of a product of the steps' Jacobians, taken along the exact run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Float, Matrix

from symlab.algebra.gate import as_symbolic
from symlab.algebra.working_precision import working_digits
from symlab.engine.trace import Trace
from symlab.lab.compare.exact_steps import Steps, chosen

STARTS = 100
"""Steps at which errors begin; sampled where a run is so long that it would take minutes."""

MOST_ENTRIES = 24
"""Iterate and state together: beyond, a Jacobian has too many columns, and directions are tried."""

DIRECTIONS, FIRST_STEPS = 1, 2
"""How many random directions are followed, from how many steps on."""


@dataclass(frozen=True)
class StepStart:
    """Where a step of the exact run begins: iterate, state, its number, and the length it took."""

    point: tuple
    state: Any
    at: int
    length: Any

    def flat(self) -> list[Any]:
        """Return iterate and state as one list of numbers."""
        return _flat(self.point, self.state)

    def is_used(self) -> np.ndarray:
        """Return which of these numbers an error may be in: none in a vector that is still zero.

        L-BFGS does not read a pair that it has not filled yet.
        """
        parts = [list(self.point), *(list(block) for block in self.state.values())]
        return np.concatenate(
            [np.full(len(part), i == 0 or any(part)) for i, part in enumerate(parts)]
        )


def amplification(steps: Steps, reference: Trace) -> float:
    """Return the largest factor by which steps in a row magnify an error, at least 1.

    It is the largest norm of a product of consecutive step Jacobians, in the iterate and in all
    that the method remembers. Where these are many, as in a network, it is the largest growth of
    some random directions: a lower bound. A Jacobian is a difference quotient in exact arithmetic
    at a step of 10^(-digits/3), so small that it is the derivative to more digits than a float has.

    Parameters
    ----------
    steps : Steps
    reference : Trace
        The exact run.
    """
    with working_digits(steps.digits):
        starts = _starts(steps, reference)
        if not starts:
            return 1.0
        if len(starts[0].flat()) <= MOST_ENTRIES:
            return _largest_norm([_jacobian(steps, start) for start in starts])
        return _largest_growth(steps, starts)


def _starts(steps: Steps, reference: Trace) -> list[StepStart]:
    """Return where each step of the exact run begins."""
    state, starts = steps.first_state(), []
    for at in range(len(reference) - 1):
        point = _exact(reference.exact[at][:-1])
        start = StepStart(point, state, at, chosen(steps, reference, at))
        starts.append(start)
        _, state = steps.advance(point, state, at, start.length)
    return starts


def _nudge() -> Any:
    return mpmath.mpf(10) ** (-mpmath.mp.dps // 3)


def _slopes(steps: Steps, start: StepStart, directions: np.ndarray) -> np.ndarray:
    """Return how a step's end moves with its beginning along directions, one a row of both."""
    nudge, here = _nudge(), start.flat()
    still = _flat(*steps.advance(start.point, start.state, start.at, start.length))
    slopes = []
    for direction in directions:
        nudged = [entry + nudge * d for entry, d in zip(here, direction, strict=True)]
        point, state = _unflat(nudged, start.point, start.state)
        moved = _flat(*steps.advance(point, state, start.at, start.length))
        slopes.append([float((a - b) / nudge) for a, b in zip(moved, still, strict=True)])
    return np.array(slopes)


def _jacobian(steps: Steps, start: StepStart) -> np.ndarray:
    return _slopes(steps, start, np.eye(len(start.flat()))).T


def _largest_norm(jacobians: list[np.ndarray]) -> float:
    stride = max(1, len(jacobians) // STARTS)
    products = np.zeros((0, *jacobians[0].shape))
    largest = 1.0
    for k, jacobian in enumerate(jacobians):
        if k % stride == 0:
            products = np.concatenate([products, np.eye(len(jacobian))[None]])
        products = jacobian @ products
        largest = max(largest, float(np.linalg.norm(products, ord=2, axis=(1, 2)).max()))
    return largest


def _largest_growth(steps: Steps, starts: list[StepStart]) -> float:
    generator = np.random.default_rng(0)
    largest = 1.0
    for first in range(0, len(starts), max(1, len(starts) // FIRST_STEPS)):
        for _ in range(DIRECTIONS):
            direction = generator.normal(size=len(starts[0].flat()))
            direction = direction * starts[first].is_used()
            length = np.linalg.norm(direction)
            for start in starts[first:]:
                (direction,) = _slopes(steps, start, direction[None])
                largest = max(largest, float(np.linalg.norm(direction) / length))
    return largest


def _exact(numbers: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(mpmath.mpf(number._to_mpmath(mpmath.mp.prec)) for number in numbers)


def _flat(point: tuple, state: Any) -> list[Any]:
    """Return an iterate and a state, vectors or matrices, as one list of numbers."""
    return [
        *point,
        *_exact([as_symbolic(entry, "state") for block in state.values() for entry in block]),
    ]


def _unflat(entries: list[Any], point: tuple, state: Any) -> tuple[tuple, dict[str, Any]]:
    """Return the iterate and state that `_flat` made a list of."""
    taken, blocks = len(point), {}
    for name, block in state.items():
        part = entries[taken : taken + len(block)]
        is_vector = isinstance(block, tuple)
        blocks[name] = tuple(part) if is_vector else Matrix(*block.shape, [_float(e) for e in part])
        taken += len(block)
    return tuple(entries[: len(point)]), blocks


def _float(number: Any) -> Float:
    return Float(number, mpmath.mp.dps)
