"""Special functions that PyTensor lacks, or has wrong in C, as operations.

SciPy evaluates what it has, mpmath whatever is left, both outside the compiled code. The derivative
is SymPy's. What is called most, the polygamma functions, is written in
elementary operations, which every backend compiles.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import mpmath
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable
from pytensor.scalar.basic import ScalarOp, upgrade_to_float_no_complex
from pytensor.tensor.elemwise import Elemwise

from symlab.algebra.by_mpmath import NO_VALUE, NotComputable, mpmath_function
from symlab.algebra.differentiation import derivative
from symlab.algebra.working_precision import working_digits
from symlab.checks import shown

DIGITS = 30
"""Digits of mpmath's numbers where it stands in for float64, which has 16."""


class LoweringError(ValueError):
    """An expression has a part that PyTensor cannot compute."""


@contextmanager
def allow_python_calls(backend: str) -> Iterator[None]:
    """Let a backend call functions outside its code, or say in a sentence that it cannot.

    Raises
    ------
    LoweringError
        If the backend has no counterpart of an operation.
    """
    try:
        with warnings.catch_warnings():
            # Numba warns of every call that leaves its compiled code, which is intended here.
            warnings.filterwarnings("ignore", "Numba will use object mode", UserWarning)
            yield
    except (AttributeError, NotImplementedError) as error:
        if backend not in ("jax", "numba"):
            raise
        raise LoweringError(
            f"The {backend} backend lacks a function that the formula needs "
            f'({shown(str(error))}); run with backend="c" or "interpreted".'
        ) from None


def _letters(count: int) -> tuple[sp.Symbol, ...]:
    return sp.symbols(f"a0:{count}", real=True)


class Special(ScalarOp):
    """A function of real numbers, given as an expression in the letters a0, a1, ...

    Parameters
    ----------
    meaning : sympy.Expr
        The function, which mpmath can evaluate and SymPy differentiate.
    count : int
        How many letters it has.
    path : str
        Where the NumPy function is that evaluates it; without one mpmath does.
    """

    def __init__(self, meaning: sp.Expr, count: int, path: str = "") -> None:
        super().__init__(upgrade_to_float_no_complex, name=str(meaning))
        self.meaning, self.count, self.path, self.nin = meaning, count, path, count
        if path:
            self.nfunc_spec = (path, count, 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Special) and self._what() == other._what()

    def __hash__(self) -> int:
        return hash(self._what())

    def _what(self) -> tuple[sp.Expr, int, str]:
        return self.meaning, self.count, self.path

    @cached_property
    def _evaluate(self) -> Callable[..., Any]:
        if self.path:
            module, _, name = self.path.rpartition(".")
            return getattr(import_module(module), name)
        evaluate = mpmath_function((self.meaning,), _letters(self.count))
        return lambda *numbers: evaluate(*map(mpmath.mpf, map(float, numbers)))[0]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_evaluate"}

    def impl(self, *numbers: Any) -> Any:
        """Return the value at some numbers: NaN where there is none."""
        if self.path:
            return self._evaluate(*numbers)
        with working_digits(DIGITS):
            try:
                return float(self._evaluate(*numbers))
            except NO_VALUE:
                return float("nan")

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], gradients: Sequence[Variable]
    ) -> list[Variable]:
        """Return what PyTensor's derivative needs: SymPy's, evaluated by mpmath."""
        slopes = [derivative(self.meaning, letter) for letter in _letters(self.count)]
        return [gradients[0] * Special(slope, self.count)(*inputs) for slope in slopes]

    def c_code(self, *_: Any) -> str:
        """Refuse, so that the C backend calls `impl`."""
        raise NotImplementedError


def apply_function(function: "Function", printed: Sequence[Any]) -> Variable:
    """Return a function of a0, a1, ... applied to graphs, entry by entry."""
    doubles = [pt.cast(pt.as_tensor(argument), "float64") for argument in printed]
    return Elemwise(Special(function.meaning, len(doubles), function.path))(*doubles)


@dataclass(frozen=True)
class Function:
    """A node of an expression taken apart: the function, and the arguments it is applied to."""

    meaning: sp.Expr
    arguments: tuple[sp.Expr, ...]
    path: str = ""


def take_apart(node: sp.Expr) -> Function | None:
    """Return the function that a node applies, or None where neither SciPy nor mpmath has it."""
    path = PATHS[type(node)](*node.args) if type(node) in PATHS else ""
    if isinstance(node, (sp.Derivative, sp.Subs)):
        arguments = sorted(node.free_symbols, key=str)
    else:
        entries = [entry for argument in node.args for entry in _entries(argument)]
        arguments = [entry for entry in entries if path or not entry.is_number]
    if path:
        return Function(
            type(node)(*_replace_entries(node.args, iter(_letters(len(arguments))))),
            tuple(arguments),
            path,
        )
    arguments = list(dict.fromkeys(arguments))
    meaning = node.xreplace(dict(zip(arguments, _letters(len(arguments)), strict=True)))
    return Function(meaning, tuple(arguments)) if _is_known_to_mpmath(meaning) else None


def _entries(argument: sp.Basic) -> list[sp.Expr]:
    if isinstance(argument, sp.Tuple):
        return [entry for part in argument for entry in _entries(part)]
    return [argument]


def _replace_entries(arguments: Sequence[sp.Basic], letters: Iterator[sp.Symbol]) -> list[Any]:
    """Put a letter for each entry of the arguments, which may be tuples of entries."""
    return [
        tuple(_replace_entries(argument, letters))
        if isinstance(argument, sp.Tuple)
        else next(letters)
        for argument in arguments
    ]


def _is_known_to_mpmath(meaning: sp.Expr) -> bool:
    try:
        mpmath_function((meaning,), tuple(sorted(meaning.free_symbols, key=str)))
    except NotComputable:
        return False
    return True


def _hypergeometric(upper: sp.Tuple, lower: sp.Tuple, _z: sp.Expr) -> str:
    names = {(0, 1): "hyp0f1", (1, 1): "hyp1f1", (2, 1): "hyp2f1"}
    name = names.get((len(upper), len(lower)))
    return f"scipy.special.{name}" if name else ""


def _zeta(s: sp.Expr, *q: sp.Expr) -> str:
    if not q:
        return f"{OURS}.riemann_zeta"
    return "scipy.special.zeta" if s.is_number and s > 1 else ""


OURS = "symlab.engine.lowering.scipy_functions"

PATHS: dict[type, Callable[..., str]] = {
    sp.Ei: lambda z: "scipy.special.expi",
    sp.expint: lambda n, z: "scipy.special.expn" if n.is_Integer and n >= 0 else "",
    sp.Si: lambda z: f"{OURS}.sine_integral",
    sp.Ci: lambda z: f"{OURS}.cosine_integral",
    sp.Shi: lambda z: f"{OURS}.hyperbolic_sine_integral",
    sp.Chi: lambda z: f"{OURS}.hyperbolic_cosine_integral",
    sp.fresnels: lambda z: f"{OURS}.fresnel_sine",
    sp.fresnelc: lambda z: f"{OURS}.fresnel_cosine",
    sp.erfi: lambda z: "scipy.special.erfi",
    sp.erfcinv: lambda z: "scipy.special.erfcinv",
    sp.airyai: lambda z: f"{OURS}.airy_ai",
    sp.airybi: lambda z: f"{OURS}.airy_bi",
    sp.airyaiprime: lambda z: f"{OURS}.airy_ai_slope",
    sp.airybiprime: lambda z: f"{OURS}.airy_bi_slope",
    sp.besselj: lambda n, z: "scipy.special.jv",
    sp.bessely: lambda n, z: "scipy.special.yv",
    sp.besseli: lambda n, z: "scipy.special.iv",
    sp.besselk: lambda n, z: "scipy.special.kv",
    sp.elliptic_k: lambda m: "scipy.special.ellipk",
    sp.elliptic_f: lambda z, m: "scipy.special.ellipkinc",
    sp.elliptic_e: lambda *a: f"scipy.special.{'ellipe' if len(a) == 1 else 'ellipeinc'}",
    sp.LambertW: lambda z, *k: f"{OURS}.lambert",
    sp.zeta: _zeta,
    sp.hyper: _hypergeometric,
    sp.beta: lambda a, b: "scipy.special.beta",
    sp.binomial: lambda a, b: "scipy.special.binom",
    sp.RisingFactorial: lambda a, b: "scipy.special.poch",
}
"""Where SciPy evaluates a function of SymPy's, with the same arguments in the same order."""
