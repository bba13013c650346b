r"""
What a model is trusted for: regions, and what a line search cannot see
=======================================================================
Newton's step leads to where the model of f is lowest. How far does the model hold, who says so, and
what is lost if only the length of a step is chosen, and never its direction?

Chapter, sections 10 to 11. Beyond them: Nocedal & Wright 2006, chapter 4.
"""

# %%
# The question
# ------------
# Near the iterate the model of second order is f itself; far away it may be anything. A line search
# keeps the direction and shortens the step. A trust region first says how far the model is
# believed, and then asks: where is it lowest in there?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
x, y = sp.symbols("x y", real=True)
rosenbrock = sl.problems["rosenbrock"].objective

# %%
# The equation
# ------------
# The damping mu makes the step P shorter and turns it towards the descent; E, in general the
# diagonal of the Hessian without signs, measures each variable by its own curvature. In these sizes
# the step is l long, Delta is the radius, and kappa half of what l^2 falls by per unit of damping.
# psi is the fall that the model foresees, rho the ratio of the fall of f to it: it decides how far
# the model is believed next, and above c the step is taken.
method = sl.trust_region(radius=0.5)
print("LaTeX:", method.latex())
print("text: ", method.expression)
method

# %%
# The plain loop
# --------------
# At (-1.2, 1): how much damping brings the step into a radius of 2.22? That is 0.5 in the unit of
# radii: the length of the step down the gradient, measured in E, to where the model is lowest.
# Newton's method on the damping itself (Hebden 1973); a tenth too long is near enough.
g, H, E = np.array([-215.6, -88]), np.array([[1330, 480], [480, 200]]), np.diag([1330, 200])
radius, mu, p = 2.224227052806858, 0.0, -np.linalg.solve(H, g)
while (length := np.sqrt(p @ E @ p)) > 1.1 * radius:
    bend = p @ E @ np.linalg.solve(H + mu * E, E @ p)
    mu = mu + length**2 * (length - radius) / (bend * radius)
    p = -np.linalg.solve(H + mu * E, g)

# %%
# The library's call
# ------------------
# Gradient, Hessian and sizes E are derived. The trace keeps radius, ratio and damping of each step.
first = sl.minimize(rosenbrock, [-1.2, 1], method, max_steps=1, backend="interpreted")
gap = max(np.abs(first.x - [-1.2, 1] - p).max(), abs(first.states["mu"][1, 0] - mu))
print(f"the same numbers: damping {mu:.4f}, the largest difference is below 1e-12: {gap < 1e-12}")
assert gap < 1e-12
assert first.states["radius"][0, 0] == radius

# %%
# A longer radius needs less damping, and Newton's own step none: the steps lie on a curve from
# the descent to Newton's point.
for radius in (0.1, 0.5, 1, 2):
    run = sl.minimize(rosenbrock, [-1.2, 1], method(radius=radius), 1, backend="interpreted")
    step = (run.x - [-1.2, 1]) / np.linalg.norm(run.x - [-1.2, 1])
    print(f"radius {radius:<3} mu {run.states['mu'][1, 0]:7.3f}  direction {step.round(3)}")

# %%
# The ratio decides
# -----------------
# A run, step by step. Where the ratio is high the radius follows the length of the step, twice as
# far; where it is low, or a step is refused, it shrinks to a quarter. Rosenbrock's valley is bent:
# on its way through the bend the model is believed for short stretches only.
run = sl.minimize(rosenbrock, [-1.2, 1], sl.trust_region, backend="interpreted")
shown = {name: run.states[name].ravel() for name in ("radius", "reach", "ratio", "mu", "edge")}
table = pd.DataFrame({"f": run.values, **shown, "evaluations": run.evaluations})
print(table.iloc[:12].to_string(float_format="{:.3g}".format))
print(f"{run.steps} steps, {int(run.states['edge'].sum())} of them to the edge; {run.status}")

# %%
# In the picture: contours of f in grey, those of the model dashed within its region. In the third
# a step was refused, because f did not fall as foreseen, and a shorter one was taken.
figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
for ax, k in zip(axes, (0, 1, 7), strict=True):
    sl.plots.trust_region(ax, rosenbrock, run, k=k)

# %%
# Against a line search
# ---------------------
# Newton's full steps are quick here, but by luck: on the way f rises to more than a thousand.
# Armijo's search allows no rise, and neither does a trust region: they cost about the same.
ways = {
    "newton, full steps": sl.newton,
    "newton, armijo": sl.method(sl.newton, sl.armijo),
    "modified newton": sl.modified_newton,
    "trust region": sl.trust_region,
}
for name, way in ways.items():
    run = sl.minimize(rosenbrock, [-1.2, 1], way, backend="interpreted")
    print(f"{name:<19}{run.evaluations[-1]:3} evaluations, highest f {run.values.max():.4g}")

# %%
# A saddle
# --------
# Along y = 0 the slope in y is zero, and so is the y of every step made of gradient and Hessian as
# here, of whatever length. All line searches end at the saddle (0, 0), where all slopes are zero.
saddle = sl.Objective(x**2 - y**2 + y**4 / 2)
ends = {
    name: sl.minimize(saddle, [1, 0], way, 200, backend="interpreted") for name, way in ways.items()
}
for name, run in ends.items():
    print(f"{name:<19}({run.x[0]:.0f}, {run.x[1]:.0f})  f = {run.value:4.1f}  {run.status}")
assert abs(ends["modified newton"].value) < 1e-12
assert ends["trust region"].converged

# %%
# The region has an edge in every direction, and in it the model is lowest off the line: no damping
# leads there, so the step goes on along the negative curvature. This is the hard case of Moré and
# Sorensen; the trace marks the iterate as indefinite.
run = ends["trust region"]
for k, flag in enumerate(run.states["indefinite"].ravel()):
    print(k, run.iterates[k].round(4) + 0.0, "indefinite" if flag else "")

# %%
# Powell's badly scaled function
# ------------------------------
# The minimum has x1 near 1e-5 and x2 near 9. A circle that holds a step of 9 in x2 bounds nothing
# in x1; in the sizes E the region is an ellipse, thin as the valley.
powell = sl.problems["powell_badly_scaled"]
for name, way in ways.items():
    run = sl.minimize(powell.objective, powell.start, way, 500, backend="interpreted")
    print(f"{name:<19}{run.evaluations[-1]:4} evaluations, f = {run.value:8.2g}  {run.status}")
half = run.states["radius"][40, 0] / np.sqrt(run.states["E"][40])
print(f"half axes of the region at step 40: {half[0]:.1g} in x1, {half[1]:.1g} in x2")

# %%
# So no unit matters, as long as the diagonal of the Hessian outweighs the rest, which it does
# wherever all curvatures are positive. Count the x2 of Rosenbrock in steps of 2^-20: powers of two
# commute with rounding, and the run is the same, float by float.
a, b = rosenbrock.variables
counted = sl.Objective(rosenbrock.expression.subs(b, b / 2**20), (a, b))
run, other = (
    sl.minimize(f, start, sl.trust_region, 20, backend="interpreted")
    for f, start in ((rosenbrock, [-1.2, 1]), (counted, [-1.2, 2**20]))
)
print("difference in 20 steps:", np.abs(run.iterates * [1, 2**20] - other.iterates).max())
assert np.array_equal(run.iterates * [1, 2**20], other.iterates)

# %%
# What we saw
# -----------
# A region bounds the step before its direction is chosen, so that there is a step whatever the
# signs of the curvature; the ratio says how far the model holds; the sizes make the region fit.
# Not shown: models without second derivatives, of which lesson 23 has one for sums of squares; and
# that a unit may matter where entries beside the diagonal outweigh it.
#
# Exercise. Draw step 5 of `sl.dogleg` on Rosenbrock beside that of `sl.trust_region`: where do they
# end, and which foresees the larger fall? Practise: `symlab exercise 22`.
