"""Points and trial inputs of compiled functions: what every compiled function checks or needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.engine.compiled.function import Compiled, compile_graph
from symlab.engine.domain import Domain


def compiled_function(inputs: Sequence[Any], outputs: Sequence[Any], backend: str) -> Compiled:
    """Compile a PyTensor graph for a backend; Numba and JAX do it in the first call, made here."""
    # Inputs are made by us, as arrays of the right type, so the check of each call can be left out.
    sample = [_sample(variable) for variable in inputs]
    return compile_graph(inputs, outputs, backend, sample, trust_input=True)


def _sample(variable: Any) -> np.ndarray:
    """Return an input to try a function on: ones, or the identity, which can be inverted."""
    known = tuple(size or 1 for size in variable.type.shape)
    ones = np.eye(*known) if len(known) == 2 else np.ones(known)
    return ones.astype(variable.type.dtype)


def check_point(x: Any, dimension: int, domain: Domain) -> np.ndarray:
    """Return a point as floats, shape (dimension,).

    Raises
    ------
    TypeError, ValueError
        If it is none, has another length, or lies outside the domain.
    """
    # A run may evaluate where numbers are no longer finite; what is no number is refused.
    point = real_array(x, "x", finite=False, rounds=True)
    if dimension == 1:
        point = np.atleast_1d(point)
    if point.shape != (dimension,):
        raise ValueError(f"x: expected shape ({dimension},), got {point.shape}.")
    if domain.conditions and (breach := domain.breach(point)):
        raise ValueError(f"x: outside the domain: {breach}.")
    return point
