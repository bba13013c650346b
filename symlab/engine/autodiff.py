"""The gradient by automatic differentiation: PyTensor's, of the lowered value alone.

Nothing of SymPy's derivative enters, so the two can be held against each other.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytensor.gradient as ptg
from sympy import Expr, Symbol

from symlab.algebra.objective import Objective
from symlab.engine import backends
from symlab.engine.compiled import Compiled, compiled_function
from symlab.engine.lower import LoweringError, lower
from symlab.engine.stable import stabilize


def autodiff_gradient(
    objective: Objective, backend: str = "c"
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the gradient that PyTensor derives from the value, from array (n,) to array (n,).

    Parameters
    ----------
    objective : Objective
    backend : str
        A compiled backend; without a compiler `"c"` becomes `"interpreted"`.

    Raises
    ------
    LoweringError
        If PyTensor cannot compute the value, or knows no derivative of a part of it.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> autodiff_gradient(Objective(x**2 * y), backend="interpreted")(np.array([3.0, 5.0]))
    array([30.,  9.])
    """
    name = backends.usable(backends.named(backend, among=backends.COMPILED).name).name
    function = _autodiff_function(objective.expression, objective.variables, name)

    def gradient(point: np.ndarray) -> np.ndarray:
        return np.array(
            function.call(*(np.asarray(coordinate) for coordinate in point)), dtype=float
        )

    return gradient


@lru_cache(maxsize=64)
def _autodiff_function(expression: Expr, symbols: tuple[Symbol, ...], backend: str) -> Compiled:
    inputs, (value,) = lower([stabilize(expression)], symbols)
    try:
        # A variable that the value does not depend on has derivative zero, which is no error.
        outputs = ptg.grad(value, inputs, disconnected_inputs="ignore")
    except (NotImplementedError, ptg.NullTypeGradError) as error:
        raise LoweringError(
            f"PyTensor has no derivative of a part of {expression}: {error}."
        ) from None
    return compiled_function(inputs, outputs, backend)
