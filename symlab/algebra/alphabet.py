"""The letters in which rules, directions and searches are written, and what each may be.

Coordinate-wise rules use lower-case letters: `x` is the iterate, `g` the gradient there, `k` the
number of steps already taken (so `t`, the papers' count from one, is `k + 1`). Directions use
matrices of symbolic dimension `n`. A hyperparameter has a letter, which formulas and LaTeX show, a
word, by which users name it, and a domain.
"""

from dataclasses import dataclass

from sympy import Interval, MatrixSymbol, Symbol, oo, symbols

x, g = symbols("x g", real=True)
k = Symbol("k", integer=True, nonnegative=True)
t = k + 1
v, m, s = symbols("v m s", real=True)

alpha, epsilon = symbols("alpha epsilon", positive=True)
eta, rho, beta1, beta2, damping = symbols("eta rho beta1 beta2 lambda", nonnegative=True)

# A search moves along x + q p; phi is the objective on that ray, slope its derivative at q = 0.
q = Symbol("q", nonnegative=True)
phi_0, phi_q, slope = symbols("phi_0 phi_q slope", real=True)
square = Symbol("gamma", nonnegative=True)  # the squared length of the gradient
beta, decrease = symbols("beta c", positive=True)

n = Symbol("n", integer=True, positive=True)
X, G, P, S, Y = (MatrixSymbol(letter, n, 1) for letter in "XGPSY")
H, B = MatrixSymbol("H", n, n), MatrixSymbol("B", n, n)

POSITIVE = Interval.open(0, oo)
NONNEGATIVE = Interval.Ropen(0, oo)
FRACTION = Interval.Ropen(0, 1)
OPEN_FRACTION = Interval.open(0, 1)


@dataclass(frozen=True)
class Hyperparameter:
    """A letter, the word users know it by, and the set it must lie in."""

    letter: Symbol
    word: str
    domain: Interval


HYPERPARAMETERS = {
    entry.letter: entry
    for entry in (
        Hyperparameter(alpha, "step_size", POSITIVE),
        Hyperparameter(eta, "momentum", FRACTION),
        Hyperparameter(rho, "decay", FRACTION),
        Hyperparameter(beta1, "beta1", FRACTION),
        Hyperparameter(beta2, "beta2", FRACTION),
        Hyperparameter(epsilon, "epsilon", POSITIVE),
        Hyperparameter(damping, "damping", NONNEGATIVE),
        Hyperparameter(q, "step_size", POSITIVE),
        Hyperparameter(beta, "shrink", OPEN_FRACTION),
        Hyperparameter(decrease, "decrease", Interval.Lopen(0, 1)),
    )
}
