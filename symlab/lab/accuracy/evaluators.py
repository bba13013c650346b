"""A formula as a function of floats, on each system whose errors are measured."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
from scipy import special
from sympy import Expr, Float, Symbol, lambdify

from symlab.algebra.numeric import GAMMAS, NUMPY, NUMPY_POWERS, TAILS
from symlab.checks import MOST_SHOWN, choice, several
from symlab.engine.backends import BACKENDS, COMPILED, find_backend, usable
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.functions import compiled_function
from symlab.engine.compiled.sample_values import sample_values, value_in_lanes
from symlab.engine.lowering.lower import lower

IN_LANES = "c-lanes"

SYSTEMS = ("lambdify", *COMPILED, IN_LANES)
"""SymPy to NumPy, the compiled backends, and C as a run over data has it: in lanes of samples, by
libmvec's vector functions where there are any."""

FORMS = {False: "as stated", True: "stabilised"}
"""What the forms are called, by whether they are stable."""


def _entry_by_entry(function: Callable[..., Any]) -> Callable[..., Any]:
    return np.vectorize(lambda *z: float(function(*map(mpmath.mpf, z))), otypes=[float])


MEASURED = ("lambdify", "interpreted", "c", "numba")
"""The systems measured by default: those that every installation has."""

TABLE = {
    **NUMPY,
    **NUMPY_POWERS,
    # NumPy has neither; mpmath evaluates them, in as many digits as a float has.
    **{name: _entry_by_entry(function) for name, function in {**TAILS, **GAMMAS}.items()},
    # SciPy's keep a float32 what it is, and the last digit.
    "xlogx": lambda x: special.xlogy(x, x),
    "logsumexp": lambda *arguments: special.logsumexp(_stack(arguments)),
    "softmax": lambda *arguments: special.softmax(_stack(arguments))[0],
}
"""How NumPy evaluates what SymPy's printer for it does not know, by name."""


def _stack(arguments: Sequence[Any]) -> np.ndarray:
    # An array made of a float32 and a plain number would be float64.
    return np.array(arguments, dtype=np.result_type(*arguments))


def check_systems(systems: Sequence[str], precisions: Sequence[str] = ()) -> list[str]:
    """Return the names of systems; one name may stand alone.

    Raises
    ------
    ValueError
        If one is unknown, with the nearest name, is an optional one not installed, or does not
        compute in a precision.
    """
    names = [systems] if isinstance(systems, str) else several(systems, "systems", "names")
    for name in names:
        choice(name, SYSTEMS, "systems")
    if not names:
        raise ValueError(f"systems: expected some of {', '.join(SYSTEMS)}, got none.")
    if IN_LANES in names and "float32" in precisions:
        raise ValueError(f"systems: {IN_LANES!r} computes in float64 alone, as runs over data do.")
    return [find_backend(name).name if name in COMPILED else name for name in names]


def evaluator(
    system: str, form: Expr, symbols: Sequence[Symbol], precision: str
) -> Callable[..., float]:
    """Return a formula's value as a function of floats of a precision; NaN where it is not real.

    Examples
    --------
    >>> from sympy.abc import x
    >>> evaluator("lambdify", 1 + x, [x], "float32")(1e-8)
    1.0
    """
    number = np.dtype(precision).type
    if system == "lambdify":
        # NumPy's log(2) would make a float64 of everything; as a plain number it adapts.
        plain = form.replace(_is_irrational, lambda part: Float(part.evalf(17), 17))
        function = lambdify(list(symbols), plain, [TABLE, "numpy"])
        return lambda *place: _evaluate_real(function, [number(each) for each in place], precision)
    if system == IN_LANES:
        return _in_lanes(form, symbols)
    inputs, outputs = lower([form], symbols, precision=precision)
    compiled = compiled_function(inputs, outputs, usable(system).name)
    return lambda *place: float(compiled.call(*(np.asarray(v, precision) for v in place))[0])


def _in_lanes(form: Expr, symbols: Sequence[Symbol]) -> Callable[..., float]:
    if lack := BACKENDS["c"].lacks():
        raise ValueError(f"systems: {IN_LANES!r} cannot run here: {lack}.")
    try:
        values = sample_values(form, tuple(symbols))
    except NoProgramError as reason:
        why = " ".join(str(reason).split())[:MOST_SHOWN].rstrip(": ")
        raise ValueError(f"systems: {IN_LANES!r} has no C for this formula: {why}.") from None
    return lambda *place: value_in_lanes(values, place)


def _is_irrational(part: Any) -> bool:
    return bool(part.is_number and part.is_real and not part.is_Rational and not part.is_Float)


def _evaluate_real(function: Callable[..., Any], place: Sequence[Any], precision: str) -> float:
    try:
        value = np.asarray(function(*place))
        array = np.asarray(np.real(value)).astype(precision)
    except OverflowError:  # from an integer in the formula that is no float
        return math.nan
    return float(array) if np.isrealobj(value) else math.nan
