r"""
Where descent ends, for a hundred thousand step sizes
=====================================================
Beyond the derived limit of the chapter's f a descent goes round: between two points, four, eight,
then in no order at all, until it escapes. Two thousand steps bring each run to where it stays, and
another sweep, begun at their ends, goes on step by step.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
x = sp.symbols("x", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
sizes = np.linspace(0.0401, 0.17, 100_000)
table = pd.DataFrame({"step_size": sizes, "start_x": 2.0})
ends = sl.sweep(f, grid=table, max_steps=2000, tolerance=0, rates=False).frame
print(ends["status"].value_counts().to_string())

# %%
# Sixteen steps more, each a sweep from where the last one ended.
runs = ends.loc[ends["status"] != "diverged", ["step_size", "x"]]
orbit = [runs]
for _ in range(15):
    begun = runs.rename(columns={"x": "start_x"})
    moved = sl.sweep(f, grid=begun, max_steps=1, tolerance=0, rates=False).frame
    runs = moved.loc[moved["status"] != "diverged", ["step_size", "x"]]
    orbit.append(runs)
points = pd.concat(orbit)

# %%
# The limit is derived from the curvature at the minimum. The two points of a 2-cycle have slopes
# that cancel, and lie apart by a step: with their sum s and product p, both are rational.
s, p = sp.symbols("s p", real=True)
root, slope = sp.sqrt(s**2 - 4 * p), f.gradient[0]
cancel = sp.expand(slope.subs(x, (s + root) / 2) + slope.subs(x, (s - root) / 2))
(product,) = sp.solve(cancel, p)
root = root.subs(p, product)
size = root / sp.simplify(slope.subs(x, (s + root) / 2))
sums = np.linspace(4.5, 3.2, 400)[1:]
alphas, roots = sp.lambdify(s, size)(sums), sp.lambdify(s, root)(sums)
theory = sl.analyze(f, sl.gradient_descent(step_size=0.1), start=[2])
limit = float(theory.step_limit)
width = sizes[1] - sizes[0]
apart = points.groupby("step_size")["x"].agg(np.ptp)
first = apart[apart > 1e-3].index.min()
print(f"derived limit {theory.step_limit} = {limit:.6f}, first 2-cycle at {first:.6f}")
assert abs(first - limit) < 200 * width

figure, ax = plt.subplots(figsize=(7.2, 4.8), layout="constrained")
ax.plot(points["step_size"], points["x"], ",", color="#0072B2", alpha=0.1, rasterized=True)
ax.axvline(limit, color="#D55E00", linewidth=1.2, label=f"derived limit {theory.step_limit}")
for sign, label in ((1, "derived 2-cycle"), (-1, None)):
    ax.plot(alphas, (sums + sign * roots) / 2, "--", color="#000000", linewidth=1, label=label)
ax.set(xlabel="step_size", ylabel="x after 2 000 steps and more", xlim=(sizes[0], sizes[-1]))
ax.legend(loc="lower left")
sl.plots.save_picture(figure, "bifurcation")
