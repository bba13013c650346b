"""The rules that divide a gradient by the root of its squares, summed or averaged."""

from sympy import sqrt

from symlab.algebra.alphabet import (
    ahead,
    alpha,
    centered,
    epsilon,
    eta,
    g,
    m,
    r,
    rho,
    s,
    s_0,
    v,
    x,
)
from symlab.methods.libraries import KERAS, KERAS3, OPTAX, TORCH
from symlab.methods.rule import Rule, Variant

KERAS_EPSILON = {"keras": Variant(f"{KERAS}: another epsilon", {epsilon: 1e-7})}

# State starts at zero, so that what another program starts its sum with is added where it is read.
_summed_inside = {s: s + g**2, x: x - alpha * g / sqrt(s + s_0 + epsilon)}

adagrad = Rule(
    "adagrad",
    {s: s + g**2, x: x - alpha * g / (sqrt(s) + epsilon)},
    {alpha: 0.01, epsilon: 1e-8},
    "Duchi, Hazan & Singer 2011, figure 1 with a diagonal matrix; its delta is epsilon",
    variants={
        "torch": Variant(
            f"{TORCH}.Adagrad: the sum may start at s_0",
            {epsilon: 1e-10, s_0: 0},
            {s: s + g**2, x: x - alpha * g / (sqrt(s + s_0) + epsilon)},
        ),
        "optax": Variant(
            f"{OPTAX}, adagrad: the sum starts at s_0, and epsilon is under the root; "
            "it has no step size of its own",
            {epsilon: 1e-7, s_0: 0.1},
            _summed_inside,
        ),
        **KERAS_EPSILON,
        "keras3": Variant(
            f"{KERAS3}.Adagrad: the sum starts at s_0, and epsilon is under the root",
            {alpha: 0.001, epsilon: 1e-7, s_0: 0.1},
            _summed_inside,
        ),
    },
)

_faded_square = rho * s + (1 - rho) * g**2
_both_means = {s: _faded_square, m: rho * m + (1 - rho) * g}
_spread = s - centered * m**2
"""The mean of the squares, or what is left of it without the square of the mean: a variance."""

_scaled_inside = alpha * g / sqrt(_spread + epsilon)

rmsprop = Rule(
    "rmsprop",
    {s: _faded_square, x: x - alpha * g / (sqrt(s) + epsilon)},
    {alpha: 0.001, rho: 0.9, epsilon: 1e-8},
    "Tieleman & Hinton 2012, lecture 6.5, slide 29, which has no epsilon",
    variants={
        "torch": Variant(
            f"{TORCH}.RMSprop: with a velocity in units of the scaled gradient",
            {alpha: 0.01, rho: 0.99, eta: 0, centered: 0},
            {**_both_means, v: eta * v + g / (sqrt(_spread) + epsilon), x: x - alpha * v},
        ),
        "optax": Variant(
            f"{OPTAX}, rmsprop: epsilon is under the root; it has no step size of its own",
            {eta: 0, centered: 0, ahead: 0},
            {
                **_both_means,
                v: eta * v + _scaled_inside,
                x: x - (1 - ahead) * v - ahead * (eta * v + _scaled_inside),
            },
        ),
        **KERAS_EPSILON,
        "keras3": Variant(
            f"{KERAS3}.RMSprop: epsilon is under the root",
            {epsilon: 1e-7, eta: 0, centered: 0},
            {**_both_means, v: eta * v + _scaled_inside, x: x - v},
        ),
    },
)

adadelta = Rule(
    "adadelta",
    {
        s: _faded_square,
        v: -sqrt(r + epsilon) / sqrt(s + epsilon) * g,
        r: rho * r + (1 - rho) * v**2,
        x: x + alpha * v,
    },
    {alpha: 1, rho: 0.95, epsilon: 1e-6},
    "Zeiler 2012, algorithm 1, which has no step size: 1",
    variants={
        "torch": Variant(f"{TORCH}.Adadelta: another decay", {rho: 0.9}),
        "optax": Variant(f"{OPTAX}, adadelta: another decay, no step size", {rho: 0.9}),
        **KERAS_EPSILON,
        "keras3": Variant(
            f"{KERAS3}.Adadelta: a thousandth of the paper's step", {alpha: 0.001, epsilon: 1e-7}
        ),
    },
)
