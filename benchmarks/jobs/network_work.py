"""The operations of a network's parts, forward and backward, for one sample.

The delta recursion of the chapter: what a layer passes back, and the slopes of its weights.
"""

from typing import Any

import sympy as sp

from benchmarks.floors import Work, total, work_of, work_of_rule

a, b, d, p, w, y, z = sp.symbols("a b d p w y z", real=True)

MULTIPLY_ADD = work_of([b + w * a])
SIGMOID = work_of([1 / (1 + sp.exp(-z))])
SIGMOID_BACK = work_of([d * a * (1 - a)])


def dense(inputs: int, units: int, *, first: bool = False) -> Work:
    """Return the work of an affine layer: forward, its slopes, and what it passes back.

    The first layer passes nothing back.
    """
    weights = inputs * units
    slopes = total((weights, MULTIPLY_ADD), (units, work_of([b + d])))
    back = {} if first else total((weights, MULTIPLY_ADD), (-inputs, work_of([a + b])))
    return total((weights, MULTIPLY_ADD), (1, slopes), (1, back))


def logistic_output() -> Work:
    """Return the work of one sigmoid output with cross-entropy: p, its loss and its delta."""
    return total((1, SIGMOID), (1, work_of([sp.log(p), p - y])))


def softmax_output(classes: int) -> Work:
    """Return the work of softmax with cross-entropy: as many exponentials, one logarithm."""
    each = work_of([sp.exp(z) / (a + b), p - y])
    return total((classes, each), (1, work_of([sp.log(p)])))


def convolution(side: int, filters: int) -> Work:
    """Return the work of 3 x 3 kernels on a square image, padded, then relu and 2 x 2 maxima.

    A border pixel has fewer neighbours; only the largest pixel of a tile passes a slope on.
    """
    forward = total(((3 * side - 2) ** 2, MULTIPLY_ADD), (-(side**2), work_of([a + b])))
    tiles = side // 2
    pooled = (4 * tiles**2, work_of([sp.Max(a, b)]))
    return total((filters, total((1, forward), pooled, ((3 * tiles - 2) ** 2, MULTIPLY_ADD))))


def update(rule: Any, parameters: int) -> Work:
    """Return the work of a rule on all parameters."""
    letters = set().union(*(e.free_symbols for e in rule.recurrence.values()))
    varying = letters - set(rule.hyperparameters) - {k for k in letters if k.name == "k"}
    return total((parameters, work_of_rule(rule, varying)))
