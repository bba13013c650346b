r"""
Sweeps: forty thousand runs, and the line that algebra draws through them
=========================================================================
One run says what one step size does. Where does a method settle, how fast, and where not? A map of
runs shows it; what is derived must run along its edges, or the derivation is wrong.

Chapter, sections 11 to 13. The map is that of Goh 2017, "Why Momentum Really Works" (Distill).
"""

# %%
# The question
# ------------
# A heavy ball has a step size and a share of its last step, and rolls in a valley of curvature 10.
# At which pairs does it come to rest? Two hundred values of each make forty thousand runs.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
sizes, shares = np.linspace(0.003, 0.4, 200), np.linspace(0, 0.995, 200)

# %%
# The equation
# ------------
# In a valley of curvature L a step multiplies place and speed by a matrix. The ball settles where
# both roots z lie inside the unit circle. Schur and Cohn say so without the roots: for a quadratic,
# where it is positive at 1 and at -1 and the product of its roots, eta, is below 1.
z, L = sp.symbols("z L", positive=True)
(u, v), (alpha, eta) = sp.symbols("u v", real=True), sl.momentum.hyperparameters
step = sp.Matrix([eta * v - alpha * L * u, u + eta * v - alpha * L * u])
polynomial = step.jacobian([v, u]).charpoly(z).as_expr(z)
conditions = [sp.factor(polynomial.subs(z, at)) for at in (1, -1)]
(limit,) = sp.solve(conditions[1], alpha)
print("LaTeX:", sp.latex(polynomial))
print("text: ", polynomial, "> 0 at 1 and -1:", conditions, " so alpha <", limit)

# %%
# The plain loop
# --------------
# NumPy takes five hundred steps of all pairs at once, in the valley 5 x^2, from 1.
alphas, etas = (each.ravel() for each in np.meshgrid(sizes, shares, indexing="ij"))
place, speed = np.ones(40_000), np.zeros(40_000)
for _ in range(500):
    speed = etas * speed - alphas * 10 * place
    place = place + speed

# %%
# The library's call
# ------------------
# `sl.sweep` makes the same runs, each of them the one that `sl.minimize` would make, to the last
# bit. They are lanes of one compiled call, for hyperparameters are its inputs. With a
# tolerance of 0 a run ends early only where its slope is exactly zero.
print("compiling the runs ...")
f = sl.Objective(5 * u**2)
grid = {"step_size": sizes, "momentum": shares}
sweep = sl.sweep(f, [1], sl.momentum, grid, max_steps=500, tolerance=0)
frame = sweep.frame
both = (frame["steps"] == 500) & (np.abs(place) < 1)
gap = np.abs(frame["u"] - place)[both].max()
print(f"the same numbers: on {both.sum()} runs the largest difference is {gap:.0e}")
assert gap < 1e-10

# %%
# The map
# -------
# `frame` has a row for each run; `plot` draws a number of it over what was swept, and the limit and
# the best step that theory knows for each share. A rate is the factor by which steps shrink, read
# from the second half of a run. Pale cells are runs whose steps do not shrink, grey ones diverged.
print(frame["status"].value_counts().to_string())
print("drawn:", sl.plots.save_picture(sweep.plot(), "sweep_momentum"))

# %%
# Derived and measured
# --------------------
# For each share the largest step size at which the ball came nearer, in two thousand steps, is the
# measured edge. Nowhere is it more than one cell from the derived line.
longer = sl.sweep(f, [1], sl.momentum, grid, max_steps=2000, tolerance=0, rates=False).frame
edge = longer[np.abs(longer["u"]) < 1].groupby("momentum")["step_size"].max()
derived = sp.lambdify(eta, limit.subs(L, 10))(edge.index.to_numpy())
cells = (derived - edge.to_numpy()) / (sizes[1] - sizes[0])
print(f"the derived edge lies {cells.min():.2f} to {cells.max():.2f} cells beyond the measured one")
assert cells.min() > -1e-9
assert cells.max() < 1 + 1e-9

# %%
# The best run, and its method, ready to use: with one curvature alone no memory helps.
row, method = sweep.best()
print(f"best: {method} in {row['steps']} steps; derived: 1/10 without momentum")

# %%
# A limit is local
# ----------------
# The chapter's f is no parabola: its curvature grows outwards. From 0.1 a fast ball climbs beyond 3
# and is thrown out of the valley, at step sizes where a ball that is near 9/4 would settle.
quartic = sl.problems["quartic"].objective
wide = {"step_size": np.linspace(0.001, 0.2, 200), "momentum": shares}
far = sl.sweep(quartic, [0.1], sl.momentum, wide, max_steps=500).frame
near = sl.sweep(quartic, [2.2], sl.momentum, wide, max_steps=500).frame
below = far["step_size"] < 2 * (1 + far["momentum"]) / 20.25
for name, found in (("0.1", far), ("2.2", near)):
    share = (found["status"][below] == "diverged").mean()
    print(f"from {name}: {share:.1%} of the runs below the limit explode")

# %%
# Adam's epsilon
# --------------
# Adam divides by the root of mean squared slopes, plus epsilon. At rest only epsilon is left: the
# step is alpha/epsilon times a mean of slopes, a heavy ball in its averaged form, whose limit is
# 2 (1 + beta1)/((1 - beta1) L). Above it Adam cannot come to rest, however long it runs.
steps, epsilons = np.geomspace(1e-3, 1, 40), np.geomspace(1e-4, 0.1, 40)
swept = {"step_size": steps, "epsilon": epsilons}
adam = sl.sweep(f, [1], sl.adam(beta2=0.9), swept, max_steps=3000, tolerance=0, rates=False).frame
most = float(sl.analyze(f, sl.averaged_momentum(step_size=0.1, momentum=0.9)).step_limit)
rests, below = np.abs(adam["u"]) < 1e-9, adam["step_size"] < most * adam["epsilon"]
print(f"alpha/epsilon < {most:.4g}; {(rests == below).mean():.1%} of 1600 runs agree")
assert (rests == below).mean() > 0.97

# %%
# The line between rest and none, and the runs on both of its sides.
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.loglog(*adam.loc[rests, ["step_size", "epsilon"]].T.to_numpy(), "b.", label="at rest")
ax.loglog(*adam.loc[~rests, ["step_size", "epsilon"]].T.to_numpy(), "k.", ms=2, label="not at rest")
ax.loglog(most * epsilons, epsilons, "r-", label="derived limit")
ax.set(xlabel="step size", ylabel="epsilon", xlim=(1e-3, 1))
figure.legend(loc="outside upper center", ncols=3)
print("drawn:", sl.plots.save_picture(figure, "sweep_adam"))

# %%
# Many workers
# ------------
# Blocks of runs go to whatever `joblib.parallel_config` names: cores, or a Dask cluster. Say that a
# block computes for c seconds, that handing one out and storing it takes r, one after the other,
# and that blocks are many. Then W workers need c/W + r for each, and gain W/(1 + W r/c). With r one
# millisecond, Dask's own figure for a task, and blocks of a second:
W, c, r = sp.symbols("W c r", positive=True)
gain = sp.simplify(c / (c / W + r))
table = [(n, float(gain.subs({W: n, c: 1, r: sp.Rational(1, 1000)}))) for n in (2, 10, 100, 1000)]
print("gain", gain)
print(pd.DataFrame(table, columns=["workers", "times as fast"]).round(3).to_string(index=False))

# %%
# What we saw
# -----------
# A map of runs measures what a formula derives, and shows where it is silent: the limit is that of
# a ball already near. Adam's epsilon is no detail against division by zero, it decides whether Adam
# ever rests. Not shown: starts and seeds, which are swept in the same way.
#
# Exercise. Sweep Nesterov's form over the same grid. Where does its edge bend away from the heavy
# ball's? Derive it as above, from the step of `sl.nesterov`. Then sweep x^2/2 + 5 y^2, and hold the
# best run against `sl.polyak_optimum(1, 10)`. Practise: `symlab exercise 25`.
