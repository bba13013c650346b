r"""
How far to go: line search, backtracking, and the surrogate behind it
=====================================================================
A direction is not yet a step. When is a trial step good enough, and what do three ways to write the
test, which look alike in print, do from one start and the next?

Chapter, section 11. Errata E03, E04, E09, E11, E30: see `symlab errata ID`.
"""

# %%
# The test, trial by trial
# ------------------------
# Backtracking shrinks a step until f has fallen by half of what the slope promises: Eq. (1),
# with a = step size, f(x - a f') <= f(x) - (a/2) f'^2. From 1 the third trial passes.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

x, q = sp.symbols("x q", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
settings = {"step_size": 0.5, "shrink": 0.8}

slope = f.gradient[0].subs(x, 1)
ray = f.along(point=[1], direction=[-slope], symbol=q)
for trial in (sp.Rational(1, 2), sp.Rational(2, 5), sp.Rational(8, 25)):
    value, bound = ray.subs(q, trial), f.at([1]) - trial / 2 * slope**2
    print(f"a = {float(trial):<5} f = {float(value):<8} bound {float(bound):<6} {value <= bound}")

# %%
# Exactly, and compiled. The float is not 0.32, because 0.5 * 0.8 * 0.8 is not, in binary.
search = sl.backtracking(**settings)
exact = sl.minimize(f, [1], search, max_steps=1, backend="sympy", digits="exact")
print("compiling the objective ...")
compiled = sl.minimize(f, [1], search, max_steps=1, backend="c")
print(exact.step_sizes[1], exact.exact[1][0], "|", compiled.step_sizes[1], compiled.x[0])
assert exact.exact[1][0] == sp.Rational(13, 5)

# %%
# Along a direction other than -f', Eq. (1) reads the slope along it, which for -f' is the same
# number. So the test serves Newton's direction too; half of its step passes every time.
newton = sl.minimize(f, [2], sl.method(direction=sl.newton, search=search), backend="sympy")
print(newton.message, "Step sizes:", *newton.step_sizes[1:4])
assert newton.status == "converged"

# %%
# The picture behind the test
# ---------------------------
# Put 1/a for the curvature and f becomes a parabola h whose lowest point is the gradient step. The
# test holds exactly when f is at or below h at that one point.
accepted, new = sp.Rational(8, 25), exact.exact[1][0]
model = f.surrogate(at=[1], step_size=accepted)

sl.plots.use_book_style()
figure, ax = plt.subplots(figsize=(10, 5))
sl.plots.surrogate(ax, f, 1, accepted, np.linspace(0, 3, 50), foot=-6)
sl.plots.name_axes(sl.plots.open_axes(ax, bottom_at_zero=True)).legend(
    fontsize=20, loc="upper right"
)
crossing = max(sp.Poly(f.expression - model, x).nroots(n=20))
numbers = {"step size": accepted, "new iterate": new, "f there": f.at([new]), "f = h": crossing}
print("drawn:", *sl.save_figure("gradient_descent_004", figure, numbers=numbers, backend="sympy"))

# %%
# At one point only: beyond the crossing f is above h. For h to bound f everywhere, 1/a would have
# to be at least the largest curvature on the way.
at_end = [float(each.subs(x, 3)) for each in (f.expression, model)]
steepest = max(f.hessian[0].subs(x, point) for point in (1, new))
print(f"f = h at {float(crossing):.4f}; at 3, f = {at_end[0]} and h = {at_end[1]}")
print(
    f"a step that is sure: {float(1 / steepest):.3f}, eleven times shorter than {float(accepted)}"
)
assert at_end[0] > at_end[1]

# %%
# Three ways to write it
# ----------------------
# "equation" is Eq. (1). "box" forgets the half. "listing" puts f in place of its slope: both print
# the right answer from 1, since f(1) = 0 hides the slip and f''(1) < 0 hides the missing half.
run = {"tolerance": 1e-6, "backend": "interpreted"}
tests = {"equation": "corrected", "box": "as printed, boxed", "listing": "as printed, code"}
first = pd.DataFrame(index=pd.Index([1, 2, 2.5, 3], name="start"))
ends = first.copy()
for test, origin in tests.items():
    method = sl.backtracking(**settings, variant=test)
    runs = [sl.minimize(f, [s], method, 30, **run) for s in first.index]
    first[f"{test} ({origin})"] = [each.step_sizes[1] for each in runs]
    ends[test] = [f"{each.x[0]:.5f} {each.status}" for each in runs]
print("first accepted step size\n", first.map("{:.4g}".format).to_string(), sep="")
print("after at most 30 steps\n", ends.to_string(), sep="")

# %%
# From 2 the listing asks for a decrease of 18 per unit of step where the slope offers 16: no step
# can pass, and the loop ends only when rounding hides the difference. The trace says it in words.
stuck = sl.minimize(f, [2], sl.backtracking(**settings, variant="listing"), 30, **run)
print(f"listing from 2: {stuck.status}. {stuck.message}")
right = sl.minimize(f, [2], search, 30, **run)
print(f"equation from 2: {right.status}. {right.message}")
assert stuck.status == "stalled"
assert right.status == "converged"

# %%
# The box fares no better wherever f is convex, since there f lies above its tangents and cannot
# fall by the whole of what the slope promises. For a parabola of curvature L this is a few lines of
# algebra, each verified: E = f(x - q f') - (f - q f'^2) would have to be at most 0.
for step in sl.derive("backtracking_printed").steps[3:7]:
    print(f"{step}   {step.verified_by}")

# %%
# All the way along the ray
# -------------------------
# An exact line search minimises f on the ray. Printed with a plus sign the ray points uphill, where
# q = 0 is best and nothing moves; downhill, one step from anywhere right of 0 lands on 9/4.
for start in (sp.Rational(1, 2), 1, 2, sp.Rational(5, 2), 3):
    slope = f.gradient[0].subs(x, start)
    uphill = f.along([start], [slope], q).diff(q).subs(q, 0)
    step = sl.minimize(f, [start], sl.exact_line_search(), 1, backend="sympy")
    q_best, end = step.step_sizes[1], step.x[0]
    print(f"from {float(start)}: q = {q_best:.4f}, x = {end};  uphill slope {uphill} > 0")
    assert step.x[0] == 2.25

# %%
# Armijo's test is Eq. (1) with a share smaller than a half, for any direction that goes down. A
# lower share accepts longer steps; here those overshoot the minimum, and more of them are needed.
share = pd.DataFrame(index=first.index)
for decrease in (0.5, 0.1, 0.0001):
    method = sl.armijo(**settings, decrease=decrease)
    runs = [sl.minimize(f, [s], method, 100, **run) for s in share.index]
    share[f"share {decrease}"] = [
        f"{each.step_sizes[1]:.4f}, {len(each) - 1} steps" for each in runs
    ]
print(share.to_string())

# %%
# What we saw
# -----------
# One relation decides the step; the surrogate shows what it means and where its promise ends; two
# slips in print look right from the start used there and freeze from 2. Not shown: that a step can
# also be too short, which Wolfe's second condition forbids.
#
# Exercise. With "listing", find a start whose first step goes farther from 9/4 than it began, and
# say from Eq. (1) why "equation" never raises f.
