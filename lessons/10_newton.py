r"""
Newton's method: curvature buys speed, not a minimum
====================================================
What does a second derivative add to a gradient step, and where does the method go if it starts
elsewhere? We run it exactly, measure its order, start it from everywhere, and stop it at a pole.

Chapter, section 10. Errata E10, E31: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# The same f as before, with a minimum at 9/4. From 2, a method that knows the slope and the
# curvature where it stands takes five steps. How many digits of 9/4 are right then?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

x = sp.symbols("x", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
minimum = sp.Rational(9, 4)

# %%
# The equation
# ------------
# The step goes from the iterate x0 to where the quadratic model at x0 is flat.
steps = {step.number: step for step in sl.derive("newton").steps}
print("LaTeX:", steps[4].latex)
print("text: ", steps[4].shown)
steps[4]

# %%
# The plain loop
# --------------
# By hand, with f' = 4 x^3 - 9 x^2 and f'' = 12 x^2 - 18 x typed in.
by_hand = [2.0]
for _ in range(5):
    here = by_hand[-1]
    slope = 4 * here**3 - 9 * here**2
    curvature = 12 * here**2 - 18 * here
    by_hand.append(here - slope / curvature)

# %%
# The library's call
# ------------------
# symlab derives both, and runs with 50 digits. The digits that are right double at every step,
# which is what order 2 means.
exact = sl.minimize(f, start=[2], method=sl.newton(), max_steps=5, backend="sympy")
print(exact.frame[["k", "x", "value"]].to_string(index=False, float_format="{:.17g}".format))
gap = np.abs(by_hand - exact.iterates[:, 0]).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-14
print(f"measured order: {exact.order([minimum]):.3f}")
assert abs(exact.order([minimum]) - 2) < 0.05

# %%
# Where the step comes from
# -------------------------
# `sl.derive` verifies each arrow when it is made. The curvature is a number, taken at the iterate.
# The chapter prints it at the unknown; that is another equation, and from 2 it leads elsewhere.
print(*(steps[number] for number in (2, 3, 4, 5, 6)), sep="\n")
printed = {step.number: step for step in sl.derive("newton_printed").steps}
print("as printed:", printed[3].shown, " ", printed[3].verified_by)
roots = sp.Poly(printed[5].statement.right).nroots()
nearest = min(roots, key=lambda root: abs(root - 2))
print(f"solved from 2: {nearest:.5f}, not {float(steps[6].statement.right):.5f}")

# %%
# The map, and its pole
# ---------------------
# One step is a rational map. Where f'' is zero it has no value: 0 is a stationary point as well,
# but at 3/2 there is a slope and no curvature, so there is no step, and symlab says so before it
# runs.
step = sp.factor(x - f.gradient[0] / f.hessian[0])
print("step:", step, "  poles:", sp.solve(sp.denom(step), x))

try:
    sl.minimize(f, start=[1.5], method=sl.newton(), backend="interpreted")
except ValueError as error:
    print("refused:", error)

# %%
# Starts from everywhere
# ----------------------
# Only the side of 3/2 decides. On the right, where f is convex, a start as far as 1000 reaches 9/4;
# on the left every start is drawn to 0, an inflection and no minimum, even from 0.85 away from 9/4.
starts = np.array([-5, -1, 0.1, 0.5, 1, 1.4, 1.49, 1.51, 1.6, 2, 3, 10, 1000])
runs = [sl.minimize(f, [s], sl.newton(), 100, backend="interpreted") for s in starts]
table = pd.DataFrame({"start": starts})
table["end"] = [run.x[0] for run in runs]
table["steps"] = [run.steps for run in runs]
print(table.round(6).to_string(index=False))

# %%
# The same as a picture, one dot a start.
grid = np.linspace(-1, 3.05, 80)
many = [sl.minimize(f, [s], sl.newton(), 100, backend="interpreted").x[0] for s in grid]

sl.plots.use_book_style()
figure, ax = plt.subplots()
heights = sl.plots.values(f.expression, f.variables, grid)
ax = sl.plots.basins(ax, grid, np.where(np.abs(many) < 1e-3, 0, many), heights)
ax.axvline(1.5, color="gray", linestyle=":")
print("drawn:", sl.plots.save_picture(figure, "newton_basins"))
assert np.all(np.abs(np.array(many)[grid < 1.5]) < 1e-3)

# %%
# Slow where the curvature vanishes
# ---------------------------------
# At 0 the derivative has a double zero, and a step only halves the distance: the order is 1 and the
# rate 1/2. The derivation says the same: it is the slope of the map there.
trapped = sl.minimize(f, start=[0.1], method=sl.newton(), backend="interpreted")
print(f"from 0.1: {trapped.message} rate {trapped.rate([0]):.4f}")
print("slope of the map at 0:", step.diff(x).subs(x, 0), " at 9/4:", step.diff(x).subs(x, minimum))
assert abs(trapped.rate([0]) - 0.5) < 0.01

# %%
# Any stationary point will do
# ----------------------------
# f has no maximum, so Newton cannot find one here. The cosine has: from 0.3 the method climbs to
# it.
hill = sl.minimize(sl.Objective(sp.cos(x)), [0.3], sl.newton(), backend="interpreted")
print(f"cos from 0.3: x = {hill.x[0]:.1e}, value {hill.value}: a maximum")
assert hill.value > 0.999

# %%
# Damping
# -------
# A number added to the curvature keeps it positive: from 1, where f'' = -6, the damped method walks
# down to the minimum. It pays with its order: near 9/4 the error shrinks by a fixed factor.
damping = 20
damped = sl.minimize(f, [1], sl.newton(damping=damping), 100, backend="interpreted")
curvature = f.hessian[0].subs(x, minimum)
print(f"damped, from 1: {damped.message}")
print(f"end {damped.x[0]:.10f}, rate {damped.rate([minimum]):.4f}")
print(f"predicted rate: {sp.nsimplify(damping / (curvature + damping))}")
assert abs(damped.rate([minimum]) - damping / (curvature + damping)) < 0.01

# %%
# Two variables
# -------------
# In Rosenbrock's valley the Hessian turns the step along the floor. Gradient descent, which sees
# only the walls, has come a short way after 2000 steps.
problem = sl.problems["rosenbrock"]
print("running on Rosenbrock's valley ...")
valley, start = problem.objective, problem.start
newton = sl.minimize(valley, start, sl.newton(), 50, backend="interpreted")
small_steps = sl.gradient_descent(step_size=0.001)
descent = sl.minimize(valley, start, small_steps, 2000, backend="interpreted")
print("newton:          ", newton)
print("gradient descent:", descent)

# %%
# Newton's way through the valley, and its distance from the minimum at (1, 1).
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
sl.plots.path(axes[0], valley, newton, box=[(-1.6, 1.6), (-3.4, 1.8)])
sl.plots.convergence(axes[1], newton, limit=[1, 1])
print("drawn:", sl.plots.save_picture(figure, "newton_rosenbrock"))

# %%
# What we saw
# -----------
# Order 2 near a minimum with curvature, rate 1/2 at a stationary point without, a pole between the
# two basins, and a maximum reached by a method that never asked which way is down. Not shown: the
# price of an n-by-n Hessian at every step when n is a thousand.
#
# Exercise. Which start left of 3/2 jumps farthest to the left in its first step, and what happens
# to starts closer to 3/2 from that side? Use the map, then run it. Practise: `symlab exercise 10`.
