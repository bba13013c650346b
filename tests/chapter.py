"""Numbers of the chapter's experiments, as its specification prints them: each stands here once.

Tests of different floors are held to the same numbers: the engine that computes them, the figures
that show them, the derivations and errata that explain them.
"""

ITERATES = (
    0.1, 0.1086, 0.11870223, 0.13071442, 0.14519868, 0.16294860, 0.18511496, 0.21341839,
    0.25052279, 0.30071900, 0.37122989, 0.47479644, 0.63487127, 0.89526977, 1.32960059,
    1.98044731, 2.40334007, 2.04906051, 2.38653026, 2.07548556, 2.37618373,
)  # fmt: skip
"""Section 9: gradient descent on 2 - 3 x^3 + x^4 from 0.1 with step size 0.1, to 8 digits."""

CYCLE = (2.147502213140592, 2.3365805265193877)
"""The two points between which that run ends, from a long run of a loop in mpmath."""

NEWTON = (2.0, 2.3333333333333335, 2.2555555555555555, 2.2500272331154685, 2.250000000659214, 2.25)
"""Section 10: Newton's method on the same function from 2."""

COSTS = {
    0: 55, 1: 36.551736, 2: 29.051145, 3: 25.836539, 4: 24.318561, 5: 23.488682,
    10: 21.708685, 20: 20.372415, 30: 19.950594, 59: 19.750363, 499: 19.712484,
}  # fmt: skip
"""Section 7: the cost before some of 500 steps, to 6 digits after the point."""

FITTED = (-0.08000695, 0.61330101, 0.09500203)
"""Section 7: where those 500 steps end."""

BACKPROPAGATION = (0.15947, 0.17471, 0.14479)
"""Section 4: the cost at the start, after adding the printed products, after subtracting them."""
