"""The rules whose steps are all of one scale: of the gradient, a velocity, or a sign."""

from sympy import Eq, Piecewise, sign

from symlab.algebra.alphabet import (
    alpha,
    beta1,
    beta2,
    dampening,
    eta,
    g,
    k,
    m,
    v,
    weight_decay,
    x,
)
from symlab.methods.libraries import KERAS, KERAS3, OPTAX, TORCH
from symlab.methods.momentum_forms import accumulated_momentum
from symlab.methods.rule import Rule, Variant

gradient_descent = Rule(
    "gradient_descent",
    {x: x - alpha * g},
    {alpha: 0.1},
    "Cauchy 1847; chapter, section 9",
    variants={
        "torch": Variant(f"{TORCH}.SGD", {alpha: 0.001}),
        "optax": Variant(f"{OPTAX}, sgd; it has no step size of its own", {}),
        "keras": Variant(f"{KERAS}, SGD", {alpha: 0.01}),
        "keras3": Variant(f"{KERAS3}.SGD", {alpha: 0.01}),
    },
)

_velocity = eta * v - alpha * g
_NO_MOMENTUM = "whose own momentum is 0"

# The first gradient is not dampened, because PyTorch starts its buffer with it.
_taken = Piecewise((1, Eq(k, 0)), (1 - dampening, True))

momentum = Rule(
    "momentum",
    {v: _velocity, x: x + v},
    {alpha: 0.1, eta: 0.9},
    "Polyak 1964, heavy ball; chapter, section 13 with the indices put right",
    variants={
        "torch": Variant(
            f"{TORCH}.SGD, {_NO_MOMENTUM}: a velocity in units of the gradient",
            {alpha: 0.001, dampening: 0},
            {v: eta * v + _taken * g, x: x - alpha * v},
        ),
        "optax": Variant(
            f"{OPTAX}, sgd, which has no step size and no momentum of its own: "
            "a velocity in units of the gradient",
            {},
            accumulated_momentum.recurrence,
        ),
        "keras": Variant(f"{KERAS}, SGD, {_NO_MOMENTUM}", {alpha: 0.01}),
        "keras3": Variant(f"{KERAS3}.SGD, {_NO_MOMENTUM}", {alpha: 0.01}),
    },
)

_look_ahead = {v: eta * v + g, x: x - alpha * (g + eta * v)}

nesterov = Rule(
    "nesterov",
    {v: _velocity, x: x + _velocity},
    {alpha: 0.1, eta: 0.9},
    "Nesterov 1983; Sutskever et al. 2013, with the gradient taken at x as Keras does",
    variants={
        "torch": Variant(
            f"{TORCH}.SGD(nesterov=True), {_NO_MOMENTUM}: a velocity in units of the gradient",
            {alpha: 0.001},
            _look_ahead,
        ),
        "optax": Variant(
            f"{OPTAX}, sgd(nesterov=True), which has no step size and no momentum of its own: "
            "a velocity in units of the gradient",
            {},
            _look_ahead,
        ),
        "keras": Variant(f"{KERAS}, SGD(nesterov=True), {_NO_MOMENTUM}", {alpha: 0.01}),
        "keras3": Variant(f"{KERAS3}.SGD(nesterov=True), {_NO_MOMENTUM}", {alpha: 0.01}),
    },
)

signsgd = Rule(
    "signsgd",
    {x: x - alpha * sign(g)},
    {alpha: 0.001},
    "Bernstein et al. 2018, algorithm 1 (signSGD), which leaves the step size open",
    variants={"optax": Variant(f"{OPTAX}, sign_sgd; it has no step size of its own", {})},
)

_mean = beta1 * m + (1 - beta1) * g

signum = Rule(
    "signum",
    {m: _mean, x: x - alpha * sign(m)},
    {alpha: 0.001, beta1: 0.9},
    "Bernstein et al. 2018, algorithm 2 (Signum), which leaves the step size open",
    variants={"optax": Variant(f"{OPTAX}, signum; it has no step size of its own", {})},
)

lion = Rule(
    "lion",
    {
        x: x - alpha * (sign(_mean) + weight_decay * x),
        m: beta2 * m + (1 - beta2) * g,
    },
    {alpha: 0.0001, beta1: 0.9, beta2: 0.99, weight_decay: 0},
    "Chen et al. 2023, algorithm 2; the step size of the authors' program",
    variants={
        "optax": Variant(
            f"{OPTAX}, lion, which decays weights; it has no step size of its own",
            {weight_decay: 0.001},
        ),
        "keras3": Variant(f"{KERAS3}.Lion", {alpha: 0.001}),
    },
)
