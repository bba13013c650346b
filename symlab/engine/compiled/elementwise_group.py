"""Elementwise operations of one shape that share a loop over places."""

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pytensor.scalar as ps
from pytensor.graph.basic import Variable

from symlab.engine.compiled.c_program import Program, Translation, as_double
from symlab.engine.compiled.lane_memory import LaneMemory


@dataclass
class ElementwiseGroup:
    """Elementwise operations of one shape, as operations of scalars.

    Parameters
    ----------
    shape : tuple of int
    scalars : Translation
    inputs : dict
        By places and whether they are read as true or false: the scalar of what is read there.
    made : dict of tensor variable to pair
        The scalar of each result, and its places.
    """

    shape: tuple[int, ...]
    scalars: Translation
    inputs: dict[tuple[bytes, bool], tuple[Any, np.ndarray]] = field(default_factory=dict)
    made: dict[Variable, tuple[Any, np.ndarray]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How often the loop runs."""
        return prod(self.shape)

    def reads_across(self, places: np.ndarray) -> bool:
        """Return whether an operation would read what the group makes, but not in its order."""
        if not self.made or self._find_result(places) is not None:
            return False
        return any(np.isin(places, own).any() for _, own in self.made.values())

    def add(self, op: Any, variable: Variable, operands: list[Any], places: np.ndarray) -> None:
        """Add an operation of scalars, its result and where that goes."""
        self.made[variable] = self.scalars.apply(op, operands), places

    def read(self, places: np.ndarray, variable: Variable, memory: LaneMemory) -> Any:
        """Return the scalar of what is read at some places: a result, a constant or an input."""
        inner = self._find_result(places)
        if inner is not None:
            return inner
        first = int(places.flat[0])
        number = memory.constant_at(first)
        if number is not None and (places == first).all():
            is_float = variable.dtype.startswith("float")
            return self.scalars.constant(np.asarray(number if is_float else int(number)))
        is_bool = variable.dtype == "bool"
        key = places.tobytes(), is_bool
        if key not in self.inputs:
            self.inputs[key] = ps.float64(), places
        scalar = self.inputs[key][0]
        zero = self.scalars.constant(np.asarray(0.0))
        return self.scalars.apply(ps.neq, [scalar, zero]) if is_bool else scalar

    def program(self, results: list[Variable]) -> Program:
        """Return what one turn of the loop computes."""
        inputs = tuple(scalar for scalar, _ in self.inputs.values())
        return Program(inputs, tuple(as_double(self.made[each][0]) for each in results))

    def _find_result(self, places: np.ndarray) -> Any:
        """Return the scalar of a result that has these places, or None."""
        for scalar, own in self.made.values():
            if own.shape == places.shape and (own == places).all():
                return scalar
        return None
