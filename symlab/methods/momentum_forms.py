"""The forms of momentum that textbooks mix up.

`momentum` in the table is the heavy ball: its velocity is in units of x. The two here let the
velocity be in units of the gradient; all three take the same path when their step sizes are in the
right ratio.
"""

from symlab.algebra.alphabet import alpha, eta, g, v, x
from symlab.methods.rule import Rule

accumulated_momentum = Rule(
    "accumulated_momentum",
    {v: eta * v + g, x: x - alpha * v},
    {alpha: 0.1, eta: 0.9},
    "PyTorch, SGD: the heavy ball with v divided by -alpha",
)

averaged_momentum = Rule(
    "averaged_momentum",
    {v: eta * v + (1 - eta) * g, x: x - alpha * v},
    {alpha: 0.1, eta: 0.9},
    "Ng 2017, exponentially weighted average: the heavy ball with step size (1 - eta) alpha",
)
