"""The kernels of a sum of like terms: values and derivatives of its templates, compiled."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import NullTypeGradError, grad
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol

from symlab.algebra.differentiation import derivatives
from symlab.algebra.repeated_terms import Template
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.points import compiled_function
from symlab.engine.compiled.term_tables import compiled_tables
from symlab.engine.lowering.lower import LoweringError, lower_elementwise
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff

_log = logging.getLogger("symlab")

Kind = tuple[Template, bool]
"""A template, and whether there is one term only of it, which is compiled faster as numbers."""

Letters = dict[Symbol, Variable]
Computed = Callable[[Template, Letters], list[Variable]]
"""What is computed of a template, from what stands for its letters."""


@dataclass(frozen=True)
class Kernel:
    """What computes all templates at once.

    Parameters
    ----------
    compiled : Compiled
    in_tables : bool
        Whether it takes and gives a table for each template; otherwise an array for each letter
        and each number that is computed.
    """

    compiled: Compiled
    in_tables: bool

    @property
    def call(self) -> Callable[..., list[np.ndarray]]:
        """The compiled function."""
        return self.compiled.call

    @property
    def seconds(self) -> float:
        """What compiling it has cost."""
        return self.compiled.seconds


@once(64)
def slopes_kernel(kinds: tuple[Kind, ...], derived_by: str, backend: str) -> Kernel:
    """Compile the values and slopes of templates."""
    return _kernel(kinds, backend, partial(_value_and_slopes, derived_by))


@once(64)
def second_kernel(kinds: tuple[Kind, ...], backend: str) -> Kernel:
    """Compile the second derivatives of templates that are not zero."""
    return _kernel(kinds, backend, _second_derivatives)


def _kernel(kinds: tuple[Kind, ...], backend: str, computed: Computed) -> Kernel:
    if backend == "c":
        try:
            return Kernel(_in_tables(kinds, computed), in_tables=True)
        except NoProgramError as reason:
            _log.debug("The terms are no program in C: %s.", reason)
    inputs, outputs = list[Variable](), list[Variable]()
    for template, is_single in kinds:
        letters = _inputs(template, is_single=is_single)
        inputs += letters.values()
        outputs += computed(template, letters)
    return Kernel(compiled_function(inputs, outputs, backend), in_tables=False)


def _in_tables(kinds: tuple[Kind, ...], computed: Computed) -> Compiled:
    graphs = []
    for template, _ in kinds:
        letters = _inputs(template, is_single=True)
        graphs.append((list(letters.values()), computed(template, letters)))
    return compiled_tables(graphs)


def _value_and_slopes(derived_by: str, template: Template, letters: Letters) -> list[Variable]:
    if derived_by == "autodiff":
        return _differentiated(template, letters)
    slopes = derivatives(template.expression, template.variables, 1)
    return lower_elementwise([stabilize(e) for e in (template.expression, *slopes)], letters)


def _second_derivatives(template: Template, letters: Letters) -> list[Variable]:
    return lower_elementwise([stabilize(e) for e in _second(template).values()], letters)


def _inputs(template: Template, *, is_single: bool) -> Letters:
    """Return what stands for the letters: vectors, or numbers where there is one term only."""
    kind = pt.dscalar if is_single else pt.dvector
    return {letter: kind(letter.name) for letter in (*template.variables, *template.numbers)}


def _differentiated(template: Template, letters: Letters) -> list[Variable]:
    """Return the value of a template and the slopes that PyTensor takes of it."""
    (value,) = lower_elementwise(
        [stabilize_for_autodiff(template.expression)], letters, differentiable=True
    )
    wanted = [letters[letter] for letter in template.variables]
    try:
        return [value, *grad(value.sum(), wanted, disconnected_inputs="ignore")]
    except (NotImplementedError, NullTypeGradError) as error:
        raise LoweringError(
            f"PyTensor has no derivative of a part of {template.expression}: {error}."
        ) from None


@lru_cache(maxsize=4096)
def _second(template: Template) -> dict[tuple[int, int], Expr]:
    """Return the second derivatives that are not zero, by the places of their letters."""
    letters = template.variables
    found = {}
    for i, slope in enumerate(derivatives(template.expression, letters, 1)):
        for j, entry in enumerate(derivatives(slope, letters[i:], 1), start=i):
            found[i, j] = entry
    return {pair: entry for pair, entry in found.items() if entry != 0}


def nonzero_pairs(template: Template) -> tuple[tuple[int, int], ...]:
    """Return the pairs of letters whose second derivative is not zero everywhere."""
    return tuple(_second(template))
