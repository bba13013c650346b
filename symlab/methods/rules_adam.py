"""Adam and the rules made from it: a running mean of the gradient over the root of another.

A hat of the papers, which divides by one minus a power, undoes the start of a mean at zero.
"""

from sympy import Abs, Expr, Max, Piecewise, Rational, Symbol, sign, sqrt

from symlab.algebra.alphabet import (
    alpha,
    beta1,
    beta2,
    epsilon,
    epsilon_root,
    g,
    m,
    psi,
    s,
    s_0,
    s_max,
    t,
    u,
    w,
    weight_decay,
    worth,
    x,
)
from symlab.methods.libraries import KERAS, KERAS3, OPTAX, TORCH
from symlab.methods.rule import Rule, Variant

_mean = beta1 * m + (1 - beta1) * g
_means = {m: _mean, s: beta2 * s + (1 - beta2) * g**2}
_m_hat = m / (1 - beta1**t)
_s_hat = s / (1 - beta2**t)
_root = sqrt(_s_hat) + epsilon
_adam_step = alpha * _m_hat / _root
_keras_step_size = alpha * sqrt(1 - beta2**t) / (1 - beta1**t)
_keras_step = _keras_step_size * m / (sqrt(s) + epsilon)
_BETAS = {beta1: 0.9, beta2: 0.999}
_ASKS = "it has no step size of its own"
_EARLY = "epsilon is added before the root is corrected"

adam = Rule(
    "adam",
    {**_means, x: x - _adam_step},
    {alpha: 0.001, **_BETAS, epsilon: 1e-8},
    "Kingma & Ba 2015, algorithm 1; its v is s",
    variants={
        "torch": Variant(f"{TORCH}.Adam", {}),
        "optax": Variant(f"{OPTAX}, adam; {_ASKS}", {}),
        "keras": Variant(
            f"{KERAS}, Adam: {_EARLY}", {epsilon: 1e-7}, {**_means, x: x - _keras_step}
        ),
        "keras3": Variant(
            f"{KERAS3}.Adam: {_EARLY}", {epsilon: 1e-7}, {**_means, x: x - _keras_step}
        ),
    },
)

_largest = Max(beta2 * u, Abs(g))
_largest_with_epsilon = {
    m: _mean,
    u: Max(beta2 * u, Abs(g) + epsilon),
    x: x - alpha * _m_hat / u,
}

adamax = Rule(
    "adamax",
    {m: _mean, u: _largest, x: x - alpha * _m_hat / (u + epsilon)},
    {alpha: 0.002, **_BETAS, epsilon: 1e-8},
    "Kingma & Ba 2015, algorithm 2, which has no epsilon",
    variants={
        "torch": Variant(
            f"{TORCH}.Adamax: epsilon is added to the slope", {}, _largest_with_epsilon
        ),
        "optax": Variant(
            f"{OPTAX}, adamax: epsilon is added to the slope; {_ASKS}", {}, _largest_with_epsilon
        ),
        "keras": Variant(f"{KERAS}: another epsilon", {epsilon: 1e-7}),
        "keras3": Variant(f"{KERAS3}.Adamax", {alpha: 0.001, epsilon: 1e-7}),
    },
)


def _growing(speed: Expr) -> dict[Symbol, Expr]:
    """Return the rows of a Nadam whose momentum grows to beta1, as the paper advises.

    `w` is one minus the product of the momenta, because a product would not start at zero.
    """
    mu = beta1 * (1 - Rational(96, 100) ** (speed * t) / 2)
    mu_next = beta1 * (1 - Rational(96, 100) ** (speed * (t + 1)) / 2)
    ahead = mu_next * m / (w + (1 - w) * (1 - mu_next)) + (1 - mu) * g / w
    return {**_means, w: w + (1 - w) * (1 - mu), x: x - alpha * ahead / _root}


_dozat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)

nadam = Rule(
    "nadam",
    {**_means, x: x - alpha * _dozat / _root},
    {alpha: 0.002, **_BETAS, epsilon: 1e-8},
    "Dozat 2016, algorithm 2, with one momentum for all steps and without the factor beta2 on the "
    "corrected s, as in optax",
    variants={
        "torch": Variant(
            f"{TORCH}.NAdam: a momentum that grows with k; its momentum_decay is psi",
            {psi: 0.004},
            _growing(psi),
        ),
        "optax": Variant(f"{OPTAX}, nadam; {_ASKS}", {}),
        "keras": Variant(
            f"{KERAS}, Nadam: a momentum that grows with k",
            {epsilon: 1e-7, psi: 0.004},
            _growing(psi),
        ),
        "keras3": Variant(
            f"{KERAS3}.Nadam: a momentum that grows with k, 250 times as fast",
            {alpha: 0.001, epsilon: 1e-7},
            _growing(Rational(1)),
        ),
    },
)

_maximum = {**_means, s_max: Max(s_max, s)}
_keras_maximum = {**_maximum, x: x - _keras_step_size * m / (sqrt(s_max) + epsilon)}

amsgrad = Rule(
    "amsgrad",
    {**_maximum, x: x - alpha * _m_hat / (sqrt(s_max / (1 - beta2**t)) + epsilon)},
    {alpha: 0.001, **_BETAS, epsilon: 1e-8},
    "Reddi, Kale & Kumar 2018, algorithm 2, with both means corrected as in Adam: "
    "PyTorch, Adam(amsgrad=True)",
    variants={
        "paper": Variant(
            "Reddi, Kale & Kumar 2018, algorithm 2, which corrects nothing and has no epsilon, "
            "with one step size for all steps",
            {},
            {**_maximum, x: x - alpha * m / (sqrt(s_max) + epsilon)},
        ),
        "torch": Variant(f"{TORCH}.Adam(amsgrad=True)", {}),
        "optax": Variant(
            f"{OPTAX}, amsgrad: the largest of the corrected means; {_ASKS}",
            {},
            {**_means, s_max: Max(s_max, _s_hat), x: x - alpha * _m_hat / (sqrt(s_max) + epsilon)},
        ),
        "keras": Variant(f"{KERAS}, Adam(amsgrad=True): {_EARLY}", {epsilon: 1e-7}, _keras_maximum),
        "keras3": Variant(
            f"{KERAS3}.Adam(amsgrad=True): {_EARLY}", {epsilon: 1e-7}, _keras_maximum
        ),
    },
)

adamw = Rule(
    "adamw",
    {**_means, x: x - _adam_step - alpha * weight_decay * x},
    {alpha: 0.001, **_BETAS, epsilon: 1e-8, weight_decay: 0.01},
    "Loshchilov & Hutter 2019, algorithm 2, with the decay scaled by the step size, as in PyTorch",
    variants={
        "torch": Variant(f"{TORCH}.AdamW", {}),
        "optax": Variant(f"{OPTAX}, adamw; {_ASKS}", {weight_decay: 1e-4}),
        "keras3": Variant(
            f"{KERAS3}.AdamW: {_EARLY}",
            {epsilon: 1e-7, weight_decay: 0.004},
            {**_means, x: x - _keras_step - alpha * weight_decay * x},
        ),
    },
)

# The mean of squares is worth `worth` gradients; of too few its root is not used. The factor brings
# the variance of its reciprocal to what it is after many steps.
_most = 2 / (1 - beta2) - 1
_worth = {**_means, worth: _most - 2 * t * beta2**t / (1 - beta2**t)}
_rectifier = sqrt((worth - 4) * (worth - 2) * _most / ((_most - 4) * (_most - 2) * worth))


def _rectified(scaled: Expr, condition: Expr) -> dict[Symbol, Expr]:
    """Return the rows of RAdam: the scaled mean where a condition holds, else the mean alone."""
    return {**_worth, x: x - alpha * Piecewise((_rectifier * scaled, condition), (_m_hat, True))}


radam = Rule(
    "radam",
    _rectified(_m_hat / _root, worth > 4),
    {alpha: 0.001, **_BETAS, epsilon: 1e-8},
    "Liu et al. 2020, algorithm 2, which has no epsilon",
    variants={
        "torch": Variant(
            f"{TORCH}.RAdam: a mean must be worth 5 gradients, and {_EARLY}",
            {},
            _rectified(_m_hat * sqrt(1 - beta2**t) / (sqrt(s) + epsilon), worth > 5),
        ),
        "optax": Variant(
            f"{OPTAX}, radam: a mean must be worth 5 gradients; {_ASKS}",
            {},
            _rectified(_m_hat / _root, worth >= 5),
        ),
    },
)

_surprise = beta2 * s + (1 - beta2) * (g - m) ** 2

adabelief = Rule(
    "adabelief",
    {m: _mean, s: _surprise + epsilon, x: x - _adam_step},
    {alpha: 0.001, **_BETAS, epsilon: 1e-8},
    "Zhuang et al. 2020, algorithm 2, which adds epsilon to s and to its root",
    variants={
        "optax": Variant(
            f"{OPTAX}, adabelief: two epsilons; {_ASKS}",
            {epsilon: 1e-16, epsilon_root: 1e-16},
            {m: _mean, s: _surprise + epsilon_root, x: x - _adam_step},
        ),
    },
)

_filled = s + s_0

yogi = Rule(
    "yogi",
    {
        m: _mean,
        s: s - (1 - beta2) * sign(s - g**2) * g**2,
        x: x - alpha * m / (sqrt(s) + epsilon),
    },
    {alpha: 0.01, **_BETAS, epsilon: 0.001},
    "Zaheer et al. 2018, algorithm 2, with s started at zero; its v is s",
    variants={
        "optax": Variant(
            f"{OPTAX}, yogi: both means start at s_0, and are corrected; {_ASKS}",
            {s_0: 1e-6},
            {
                m: _mean,
                s: s - (1 - beta2) * sign(_filled - g**2) * g**2,
                x: x
                - alpha
                * ((m + s_0 * beta1**t) / (1 - beta1**t))
                / (sqrt(_filled / (1 - beta2**t)) + epsilon),
            },
        ),
    },
)
