r"""
Gradient descent: what a tangent can know
=========================================
A method that sees only tangents creeps, rushes, and then jumps about the minimum for ever. Why for
ever? We draw what it sees, run it, derive the largest step that works, and scan the steps beyond.

Chapter, section 9. Erratum E20: see `symlab errata E20`.
"""

# %%
# The question
# ------------
# f has a flat inflection at 0 and a minimum at 9/4. A walker at 0.1 knows the slope under its feet
# and nothing else. Where is it after twenty steps downhill, and does it come to rest?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

x = sp.symbols("x", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
print("f =", f.expression, "  f' =", sp.factor(f.gradient[0]), "  f'' =", sp.factor(f.hessian[0]))

# %%
# The equation
# ------------
# The new x is the old one less alpha times g, the slope there.
descent = sl.gradient_descent(step_size=0.1)
print("LaTeX:", descent.latex())
print("text: ", *(f"{letter} <- {row}" for letter, row in descent.recurrence.items()))
descent

# %%
# The plain loop
# --------------
# By hand, with f' = 4 x^3 - 9 x^2 typed in: alpha is 0.1, and every x is kept.
by_hand = [0.1]
for _ in range(20):
    here = by_hand[-1]
    slope = 4 * here**3 - 9 * here**2
    by_hand.append(here - 0.1 * slope)

# %%
# The library's call
# ------------------
# symlab is given f and derives the slope. It runs with 50 digits here, the loop with 16.
trace = sl.minimize(f, start=[0.1], method=descent, max_steps=20, backend="sympy")
print(trace.frame.to_string(index=False))
gap = np.abs(by_hand - trace.iterates[:, 0]).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-12

# %%
# One function, six tangents
# --------------------------
# A tangent is trusted on a window about its point. Where two windows overlap, two tangents compete.
sl.plots.use_book_style()
grid = np.linspace(0, 3, 50)
figure, ax = plt.subplots(figsize=(10, 5))
sl.plots.curve(ax, f, grid, color="black", linewidth=3)
sl.plots.windows(ax, f, np.arange(0, 3, 0.5), 0.35, grid)
sl.plots.name_axes(sl.plots.open_axes(ax, bottom_at_zero=True))
print("drawn:", *sl.save_figure("gradient_descent_001", figure, f))

# %%
# What the derivation says
# ------------------------
# The steps are short on the flat part and long on the slope; from k = 16 on, x jumps from one side
# of 9/4 to the other. Near the minimum a step multiplies the distance by 1 - alpha f''. That is
# -41/40 here: the minimum repels, by a hair.
theory = sl.analyze(f, descent)
print(theory.verdict)
print(f"multiplier at 9/4: {theory.multiplier}")

# %%
# Where does it go instead? Two points that map to each other can attract, and here two do. Nothing
# below is fitted: they are derived, and a run of 1000 steps ends on them.
cycle = next(each for each in theory.cycles if each.attracting)
low, high = (float(point) for point in cycle.points)
print(f"multiplier at the cycle: {float(cycle.multiplier):.4f}")

long_run = sl.minimize(f, start=[0.1], method=descent, max_steps=1000, backend="sympy")
last_two = np.sort(long_run.iterates[-2:, 0])
print("after 1000 steps:", *last_two, " derived:", low, high)
assert np.allclose(last_two, [low, high], rtol=1e-12)

# %%
# The twenty steps as a picture.
figure, ax = plt.subplots(figsize=(8, 5))
sl.plots.open_axes(sl.plots.iterates(ax, trace, color="black"))
ax.set_xticks(range(0, len(trace), 2))
ax.set_ylabel("$x_k$", fontsize=25)
print("drawn:", *sl.save_figure("gradient_descent_002", figure, trace, theory))

# %%
# The same run on the curve, each iterate with the tangent that decided its step.
figure, ax = plt.subplots(figsize=(10, 5))
sl.plots.curve(ax, f, grid, color="lightgray", linewidth=3, label="$f(x)$")
ax.plot(trace.iterates[:, 0], trace.values, "ok", ms=10, alpha=0.3, label="$f(x_k)$")
sl.plots.windows(ax, f, trace.iterates[:, 0], 0.1, grid, linewidth=3, label=r"$\hat f(x)$")
sl.plots.name_axes(sl.plots.open_axes(ax, bottom_at_zero=True), height=False)
print("drawn:", *sl.save_figure("gradient_descent_003", figure, trace))

# %%
# The window is not the step
# --------------------------
# The half-widths 0.35 and 0.1 are drawing choices in which alpha does not occur. How far the method
# really goes is `alpha |f'|`: tiny on the flat part, six times the window on the slope.
path = trace.iterates[:, 0]
steps = pd.DataFrame({"x": path[:-1], "step": np.abs(np.diff(path)), "window": 0.1})
flat, slope, jumps = [0, 8], [11, 13, 14], [16, 18]
print(steps.loc[flat + slope + jumps].round(4).to_string(index=False))
assert np.allclose(steps["step"], 0.1 * trace.gradient_norms[:-1])

# %%
# The best step
# -------------
# The derivation also gives the step that makes the multiplier zero. It is neither small (0.02 needs
# three times as many steps) nor the largest that works (0.098, below the limit, hardly moves).
print("limit", theory.step_limit, "  best step", theory.best_step)
print("compiling the run for Numba ...")
for alpha in (0.02, theory.best_step, 0.095, 0.098, 0.1):
    method = sl.gradient_descent(step_size=alpha)
    run = sl.minimize(f, [0.1], method, 5000, backend="numba")
    far = np.abs(run.iterates[:, 0] - 2.25) > 1e-6
    when = "never" if far[-1] else f"after {np.flatnonzero(far).max() + 1} steps"
    print(f"alpha {float(alpha):.4f}: within 1e-6 of 9/4 {when}")

# %%
# Every step size
# ---------------
# One limit, two, four, then no order at all; near 0.18 runs end at 0, which is no minimum, and from
# there on more and more of them diverge. All are results of the same recurrence.
sizes = np.linspace(0.02, 0.19, 171)
methods = [sl.gradient_descent(step_size=size) for size in sizes]
runs = [sl.minimize(f, [0.1], method, 3000, backend="numba") for method in methods]
figure, ax = plt.subplots()
sl.plots.bifurcation(ax, sizes, runs).axvline(float(theory.step_limit), color="gray", linestyle=":")
print("drawn:", sl.plots.save_picture(figure, "gradient_descent_step_sizes"))

# %%
# Five of these runs in numbers, and one with a step size beyond the picture.
for alpha in (0.09, 0.11, 0.125, 0.15, 0.18):
    run = runs[np.argmin(np.abs(sizes - alpha))]  # that of the nearest step size
    settled = run.iterates[-1:] if run.status == "converged" else run.iterates[-64:]
    print(f"alpha {alpha:<5}: {run.status:9}, ends {np.unique(settled.round(3))[:4] + 0}")
beyond = sl.minimize(f, [0.1], sl.gradient_descent(step_size=0.25), 3000, backend="interpreted")
print(f"alpha 0.25 : {beyond.status}. {beyond.message}")

# %%
# The same formula, compiled
# --------------------------
# SymPy's run is exact to 50 digits and slow. The compiled runs start from the same expression: here
# is how far each of their steps is off, in units of the last place, and how much faster they are.
print("compiling for C and Numba ...")
backends = ("sympy", "c", "numba")
comparison = sl.compare(f, start=[0.1], method=descent, max_steps=20, backends=backends)
print(comparison)
assert comparison.agrees

# %%
# What we saw
# -----------
# The jumping is no accident of the start: 0.1 lies above the limit 8/81, the minimum repels, and a
# 2-cycle attracts. Below the limit the same method converges. Not shown: objectives of several
# variables, where the largest curvature sets the limit and the smallest the speed.
#
# Exercise. The 2-cycle is born where the multiplier at 9/4 passes -1. Find where it stops
# attracting with sl.analyze, and look at the picture. Practise: `symlab exercise 09`.
