r"""
The heavy ball on a quadratic: 40 000 runs, and the edge that algebra draws
===========================================================================
Each cell is a run of momentum with a step size and a momentum of its own. Where its steps shrink,
and how fast, is measured; the line over it is derived by the conditions of Schur and Cohn. The
diagram is that of Goh 2017, "Why momentum really works" (Distill).
"""

# %%
import numpy as np
import sympy as sp

import symlab as sl
from symlab.theory.stability import step_limit

x, y = sp.symbols("x y", real=True)
valley = sl.Objective((x**2 + 10 * y**2) / 2)
grid = {"step_size": np.linspace(0.002, 0.4, 200), "momentum": np.linspace(0, 0.995, 200)}
sweep = sl.sweep(valley, [1, 1], sl.momentum, grid, max_steps=2000, tolerance=1e-12)
print(sweep)
sl.plots.save_picture(sweep.plot(), "heavy_ball_map")

# %%
# The measured edge: for each momentum the largest step size at which the run still came nearer.
# Between the two lies at most one cell of the grid.
frame = sweep.frame
settled = (frame["status"] == "converged") | (frame["value"] < 5.5)
edge = frame[settled].groupby("momentum")["step_size"].max()
limit = step_limit(sl.momentum)
print("derived: step_size <", limit)
(eta,), (curvature,) = (
    [s for s in limit.free_symbols if s.name == name] for name in ("eta", "lambda")
)
derived = sp.lambdify(eta, limit.subs(curvature, 10))(edge.index.to_numpy())
inside = derived < grid["step_size"][-1]
apart = (derived - edge.to_numpy())[inside] / np.diff(grid["step_size"])[0]
print(f"the derived edge lies {apart.min():.2f} to {apart.max():.2f} cells beyond the measured one")
assert apart.min() > -1e-9
assert apart.max() < 1 + 1e-9
