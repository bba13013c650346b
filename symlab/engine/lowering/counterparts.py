"""How PyTensor evaluates the functions that sympytensor does not print, in float64."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.gradient import disconnected_grad
from pytensor.graph.basic import Variable
from sympy.codegen import cfunctions

from symlab.algebra import functions
from symlab.engine.lowering.stable_forms import STABLE


def _sigmoid(z: Variable) -> Variable:
    # exp never overflows here, small results keep their digits down to the subnormal numbers, and
    # sigmoid(-z) beside it shares the exponential.
    decay = pt.exp(-pt.abs(z))
    return pt.switch(pt.lt(z, 0), decay, 1.0) / (1 + decay)


def _softplus(z: Variable) -> Variable:
    return pt.switch(pt.le(z, 0), 0.0, z) + pt.log1p(pt.exp(-pt.abs(z)))


def _logsumexp(*arguments: Variable) -> Variable:
    # The largest stands before the logarithm; log1p sees only what the others add to it.
    largest = _maximum(arguments)
    others = [
        pt.switch(pt.eq(argument, largest), 0.0, pt.exp(argument - largest))
        for argument in arguments
    ]
    ties = [pt.cast(pt.eq(argument, largest), "float64") for argument in arguments]
    # The maximum keeps PyTensor from adding the 1 to the others first.
    more = pt.maximum(pt.add(*ties) - 1, 0.0)
    return largest + pt.log1p(pt.add(*others) + more)


def _softmax(first: Variable, *others: Variable) -> Variable:
    largest = disconnected_grad(_maximum([first, *others]))
    exponentials = [pt.exp(argument - largest) for argument in (first, *others)]
    return exponentials[0] / pt.add(*exponentials)


def _differentiable_logsumexp(*arguments: Variable) -> Variable:
    # Which one is subtracted does not matter to the value, so its slope is left out.
    largest = disconnected_grad(_maximum(arguments))
    return largest + pt.log(pt.add(*(pt.exp(argument - largest) for argument in arguments)))


def _maximum(arguments: Sequence[Variable]) -> Variable:
    return reduce(pt.maximum, map(pt.as_tensor, arguments))


def _relu(z: Variable) -> Variable:
    # At the kink the branch without z is taken, whose slope is 0; NaN takes the other, and stays.
    return pt.switch(pt.le(z, 0), 0.0, z)


def _heaviside(z: Variable, at_zero: Any = 0.5) -> Variable:
    return pt.switch(pt.eq(z, 0), at_zero, pt.cast(pt.gt(z, 0), "float64"))


def _dirac_delta(z: Variable, *_: Any) -> Variable:
    # The slope of a jump: nothing beside it, and no finite number on it.
    return pt.switch(pt.eq(z, 0), np.inf, pt.zeros_like(z))


def _hypot(a: Variable, b: Variable) -> Variable:
    # The larger stands before the root, so that no square overflows.
    large, small = pt.maximum(abs(a), abs(b)), pt.minimum(abs(a), abs(b))
    ratio = small / pt.switch(pt.eq(large, 0), 1.0, large)
    return large * pt.sqrt(1 + ratio**2)


ADDED = {
    functions.sigmoid: _sigmoid,
    functions.softplus: _softplus,
    functions.relu: _relu,
    functions.softsign: lambda z: z / (1 + pt.abs(z)),
    functions.hinge: lambda z: _relu(1 - z),
    functions.xlogx: lambda x: pt.switch(pt.eq(x, 0), 0.0, x * pt.log(x)),
    functions.logsumexp: _logsumexp,
    functions.softmax: _softmax,
    cfunctions.log1p: pt.log1p,
    cfunctions.expm1: pt.expm1,
    cfunctions.exp2: pt.exp2,
    cfunctions.log2: pt.log2,
    cfunctions.log10: pt.log10,
    sp.Heaviside: _heaviside,
    sp.DiracDelta: _dirac_delta,
    sp.sec: lambda z: 1 / pt.cos(z),
    sp.csc: lambda z: 1 / pt.sin(z),
    sp.cot: lambda z: 1 / pt.tan(z),
    sp.coth: lambda z: 1 / pt.tanh(z),
    sp.sinc: lambda z: pt.switch(pt.eq(z, 0), 1.0, pt.sin(z) / z),
    sp.erfc: pt.erfc,
    sp.erfinv: pt.erfinv,
    sp.polygamma: pt.polygamma,
    sp.digamma: pt.psi,
    sp.Mod: pt.mod,
    sp.lowergamma: lambda s, z: pt.gamma(s) * pt.gammainc(s, z),
    sp.uppergamma: lambda s, z: pt.gamma(s) * pt.gammaincc(s, z),
    sp.betainc_regularized: lambda a, b, x, y: pt.betainc(a, b, y) - pt.betainc(a, b, x),
    cfunctions.hypot: _hypot,
    **STABLE,
}
"""What sympytensor does not print, by SymPy class."""


DIFFERENTIABLE = ADDED | {
    functions.sigmoid: pt.sigmoid,
    functions.softplus: pt.softplus,
    functions.logsumexp: _differentiable_logsumexp,
}
"""The same where PyTensor is to differentiate: it would take |z| to have slope 0 at z = 0."""
