"""The coordinate-wise rules, sorted by how much they remember.

`m` and `s` are running means of the gradient and of its square; a hat of the papers, which divides
by one minus a power, undoes their start at zero. Where a source has no epsilon, it is added to the
root it divides by, because a coordinate whose gradient is zero would else divide by zero.
"""

from sympy import Abs, Max, Rational, sqrt

from symlab.algebra.alphabet import (
    alpha,
    beta1,
    beta2,
    epsilon,
    eta,
    g,
    m,
    psi,
    r,
    rho,
    s,
    s_max,
    t,
    u,
    v,
    w,
    weight_decay,
    x,
)
from symlab.checks import Catalog
from symlab.methods.directions import DIRECTIONS
from symlab.methods.rule import Rule, Variant
from symlab.methods.searches import SEARCHES

_KERAS = "Keras 2.2.4, optimizers.py"
_keras_descent = {"keras": Variant(f"{_KERAS}, SGD", {alpha: 0.01})}
_keras_epsilon = {"keras": Variant(f"{_KERAS}: another epsilon", {epsilon: 1e-7})}

gradient_descent = Rule(
    "gradient_descent",
    {x: x - alpha * g},
    {alpha: 0.1},
    "Cauchy 1847; chapter, section 9",
    variants=_keras_descent,
)

_velocity = eta * v - alpha * g

momentum = Rule(
    "momentum",
    {v: _velocity, x: x + v},
    {alpha: 0.1, eta: 0.9},
    "Polyak 1964, heavy ball; chapter, section 13 with the indices put right",
    variants=_keras_descent,
)

nesterov = Rule(
    "nesterov",
    {v: _velocity, x: x + _velocity},
    {alpha: 0.1, eta: 0.9},
    "Nesterov 1983; Sutskever et al. 2013, with the gradient taken at x as Keras does",
    variants=_keras_descent,
)

adagrad = Rule(
    "adagrad",
    {s: s + g**2, x: x - alpha * g / (sqrt(s) + epsilon)},
    {alpha: 0.01, epsilon: 1e-8},
    "Duchi, Hazan & Singer 2011, figure 1 with a diagonal matrix; its delta is epsilon",
    variants=_keras_epsilon,
)

_faded_square = rho * s + (1 - rho) * g**2

rmsprop = Rule(
    "rmsprop",
    {s: _faded_square, x: x - alpha * g / (sqrt(s) + epsilon)},
    {alpha: 0.001, rho: 0.9, epsilon: 1e-8},
    "Tieleman & Hinton 2012, lecture 6.5, slide 29, which has no epsilon",
    variants=_keras_epsilon,
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
    variants=_keras_epsilon,
)

_means = {m: beta1 * m + (1 - beta1) * g, s: beta2 * s + (1 - beta2) * g**2}
_m_hat = m / (1 - beta1**t)
_root = sqrt(s / (1 - beta2**t)) + epsilon
_adam_step = alpha * _m_hat / _root
_keras_step_size = alpha * sqrt(1 - beta2**t) / (1 - beta1**t)

adam = Rule(
    "adam",
    {**_means, x: x - _adam_step},
    {alpha: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
    "Kingma & Ba 2015, algorithm 1; its v is s",
    variants={
        "keras": Variant(
            f"{_KERAS}, Adam: epsilon is added before the root is corrected",
            {epsilon: 1e-7},
            {**_means, x: x - _keras_step_size * m / (sqrt(s) + epsilon)},
        )
    },
)

adamax = Rule(
    "adamax",
    {
        m: _means[m],
        u: Max(beta2 * u, Abs(g)),
        x: x - alpha * _m_hat / (u + epsilon),
    },
    {alpha: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
    "Kingma & Ba 2015, algorithm 2, which has no epsilon",
    variants=_keras_epsilon,
)

# Keras follows the paper's advice to let the momentum grow to beta1, at step t and at the next.
_mu = beta1 * (1 - Rational(96, 100) ** (psi * t) / 2)
_mu_next = beta1 * (1 - Rational(96, 100) ** (psi * (t + 1)) / 2)

nadam = Rule(
    "nadam",
    {
        **_means,
        x: x
        - alpha * (beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)) / _root,
    },
    {alpha: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
    "Dozat 2016, algorithm 2, with one momentum for all steps and without the factor beta2 on the "
    "corrected s, as in PyTorch and optax",
    variants={
        "keras": Variant(
            f"{_KERAS}, Nadam: a momentum that grows with k",
            {epsilon: 1e-7, psi: 0.004},
            {
                **_means,
                w: w + (1 - w) * (1 - _mu),
                x: x
                - alpha
                * (_mu_next * m / (w + (1 - w) * (1 - _mu_next)) + (1 - _mu) * g / w)
                / _root,
            },
        )
    },
)

amsgrad = Rule(
    "amsgrad",
    {**_means, s_max: Max(s_max, s), x: x - alpha * m / (sqrt(s_max) + epsilon)},
    {alpha: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
    "Reddi, Kale & Kumar 2018, algorithm 2, which has no epsilon, with one step size for all steps",
    variants={
        "keras": Variant(
            f"{_KERAS}, Adam(amsgrad=True): the step size corrected as in Adam",
            {epsilon: 1e-7},
            {
                **_means,
                s_max: Max(s_max, s),
                x: x - _keras_step_size * m / (sqrt(s_max) + epsilon),
            },
        )
    },
)

adamw = Rule(
    "adamw",
    {**_means, x: x - _adam_step - alpha * weight_decay * x},
    {alpha: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01},
    "Loshchilov & Hutter 2019, algorithm 2, with the decay scaled by the step size, as in PyTorch",
    variants={
        "keras": Variant("epsilon of Keras 2.2.4, which has no AdamW", {epsilon: 1e-7}),
    },
)

_ELSEWHERE = {
    name: f"sl.{name} is a {kind}, which sl.method pairs with a {other}"
    for kind, other, names in (
        ("direction", "search", DIRECTIONS),
        ("search", "direction", SEARCHES),
    )
    for name in names
}

RULES = Catalog(
    "rules",
    (
        gradient_descent,
        momentum,
        nesterov,
        adagrad,
        rmsprop,
        adadelta,
        adam,
        adamax,
        nadam,
        amsgrad,
        adamw,
    ),
    elsewhere=_ELSEWHERE,
)
"""Every rule by name."""
