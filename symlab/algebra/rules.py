"""The coordinate-wise rules, sorted by how much they remember."""

from symlab.algebra.alphabet import alpha, eta, g, v, x
from symlab.algebra.rule import Rule

gradient_descent = Rule(
    "gradient_descent",
    {x: x - alpha * g},
    {alpha: 0.1},
    "Cauchy 1847; chapter, section 9",
)

momentum = Rule(
    "momentum",
    {v: eta * v - alpha * g, x: x + v},
    {alpha: 0.1, eta: 0.9},
    "Polyak 1964, heavy ball; chapter, section 13 with the indices put right (errata E08)",
)

nesterov = Rule(
    "nesterov",
    {v: eta * v - alpha * g, x: x + eta * v - alpha * g},
    {alpha: 0.1, eta: 0.9},
    "Nesterov 1983; Sutskever et al. 2013, with the gradient taken at x as Keras does",
)

RULES = {rule.name: rule for rule in (gradient_descent, momentum, nesterov)}
