"""The letters in which rules, directions and searches are written, and what each may be.

Coordinate-wise rules use lower-case letters: `x` is the iterate, `g` the gradient there, `k` the
number of steps already taken (so `t`, the papers' count from one, is `k + 1`). Directions use
matrices of symbolic dimension `n`. A hyperparameter has a letter, which formulas and LaTeX show, a
word, by which users name it, and a domain.
"""

from dataclasses import dataclass

from sympy import Interval, MatrixSymbol, Set, Symbol, oo, symbols
from sympy.sets.fancysets import Naturals

x, g = symbols("x g", real=True)
k = Symbol("k", integer=True, nonnegative=True)
t = k + 1

# What a rule remembers: a velocity, running means of the gradient (m), of its square (s) and of the
# squared steps (r), a running largest slope (u), the largest s so far, and one minus the product of
# a momentum that changes with k (w, because a product would not start at zero).
v, m = symbols("v m", real=True)
s, r, u, s_max, w = symbols("s r u s_max w", nonnegative=True)
# How many gradients a running mean of squares is worth, which only its rule's own rows read.
worth = Symbol("rho_t", real=True)

alpha, epsilon = symbols("alpha epsilon", positive=True)
eta, rho, beta1, beta2 = symbols("eta rho beta1 beta2", nonnegative=True)
damping, weight_decay, psi = symbols("mu lambda psi", nonnegative=True)
# What other programs add: the value that s starts at, the share of a gradient that a velocity does
# not take, the epsilon under a root; and two switches, 0 or 1: centering, and looking ahead.
s_0, dampening, epsilon_root = symbols("s_0 tau epsilon_r", nonnegative=True)
centered, ahead = symbols("chi nu", nonnegative=True)

# Letters of the schedules, which state the step size as a function of k.
alpha_0, factor = symbols("alpha_0 gamma", positive=True)
delta = Symbol("delta", nonnegative=True)
steps, every = symbols("T N", integer=True, positive=True)

# A search moves along x + q p; phi is the objective on that ray, slope its derivative at q = 0.
q = Symbol("q", nonnegative=True)
phi_0, phi_q, slope = symbols("phi_0 phi_q slope", real=True)
# Minus the slope: what the chapter writes as the squared length of the gradient, which it is along
# the steepest descent. Along any other direction only the slope is a decrease that steps can give.
square = Symbol("gamma", nonnegative=True)
beta, decrease = symbols("beta c", positive=True)
# The slope at the trial step, the highest of the last values, and how flat the slope must become.
slope_q, phi_max = symbols("phi'_q phi_max", real=True)
flatness = Symbol("c_2", positive=True)
# Where a search has found the ends of a stretch: their lengths, values, and the slope at the low.
q_low, q_high = symbols("q_low q_high", nonnegative=True)
phi_low, phi_high, slope_low = symbols("phi_low phi_high phi'_low", real=True)

n = Symbol("n", integer=True, positive=True)
G, P, S, Y, D = (MatrixSymbol(letter, n, 1) for letter in "GPSYD")
H, B, E = (MatrixSymbol(letter, n, n) for letter in "HBE")
# The inner products of S with itself and with Y, and of Y with itself.
ss, sy, yy = symbols("ss sy yy", real=True)
pairs = Symbol("M", integer=True, positive=True)
# Of a sum of squares: the m residuals R, and their Jacobian J. A trial step has the length `reach`
# in the sizes of E; the region in which the linear model is trusted has the radius `radius`.
residuals = Symbol("m", integer=True, positive=True)
R, J = MatrixSymbol("R", residuals, 1), MatrixSymbol("J", residuals, n)
radius, foreseen = symbols("Delta psi", positive=True)
reach, bend = symbols("ell kappa", nonnegative=True)
ratio = Symbol("varrho", real=True)
# Of a quadratic model: the lowest point U along the steepest descent, Newton's point W, how much of
# the way between them is gone, two vectors V that span a plane, and the curvature along a line.
U, W, V = MatrixSymbol("U", n, 1), MatrixSymbol("W", n, 1), MatrixSymbol("V", n, 2)
share = Symbol("tau", nonnegative=True)
curvature = Symbol("omega", real=True)
largest = Symbol("Delta_max", positive=True)
# Where l parameters enter linearly: their columns Phi of J and their step C, the other columns L,
# and K, which is L without what the linear parameters can undo.
linear = Symbol("l", integer=True, positive=True)
Phi, C = MatrixSymbol("Phi", residuals, linear), MatrixSymbol("C", linear, 1)
L, K = MatrixSymbol("L", residuals, n), MatrixSymbol("K", residuals, n)

POSITIVE = Interval.open(0, oo)
NONNEGATIVE = Interval.Ropen(0, oo)
FRACTION = Interval.Ropen(0, 1)
OPEN_FRACTION = Interval.open(0, 1)
CLOSED_FRACTION = Interval.Lopen(0, 1)
UNIT = Interval(0, 1)
COUNT = Naturals()


@dataclass(frozen=True)
class Hyperparameter:
    """A letter, the word users know it by, the set it must lie in, and whether True is meant by 1.

    A switch is a number too, so that a formula holds for both its positions.
    """

    letter: Symbol
    word: str
    domain: Set
    switch: bool = False


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
        Hyperparameter(weight_decay, "weight_decay", NONNEGATIVE),
        Hyperparameter(psi, "schedule_decay", NONNEGATIVE),
        Hyperparameter(s_0, "initial_accumulator", NONNEGATIVE),
        Hyperparameter(dampening, "dampening", UNIT),
        Hyperparameter(epsilon_root, "epsilon_root", NONNEGATIVE),
        Hyperparameter(centered, "centered", UNIT, switch=True),
        Hyperparameter(ahead, "nesterov", UNIT, switch=True),
        Hyperparameter(alpha_0, "step_size", POSITIVE),
        Hyperparameter(delta, "decay", NONNEGATIVE),
        Hyperparameter(factor, "factor", CLOSED_FRACTION),
        Hyperparameter(steps, "steps", COUNT),
        Hyperparameter(every, "every", COUNT),
        Hyperparameter(q, "step_size", POSITIVE),
        Hyperparameter(beta, "shrink", OPEN_FRACTION),
        Hyperparameter(decrease, "decrease", CLOSED_FRACTION),
        Hyperparameter(flatness, "flatness", OPEN_FRACTION),
        Hyperparameter(pairs, "memory", COUNT),
        Hyperparameter(radius, "radius", POSITIVE),
        Hyperparameter(largest, "largest", POSITIVE),
    )
}
