r"""
Adaptive methods: from AdaGrad to AdamW, and a fair race
========================================================
Each of these rules gives every parameter a step size of its own, made from the gradients seen so
far. What does each remember, how is a race between them made fair, and is there a winner?

Chapter, section 14. Erratum E34: see `symlab errata E34`.
"""

# %%
# What each remembers
# -------------------
# A rule is its memory. One letter of a gradient's running mean (m) or of its squares (s), summed
# for ever in AdaGrad, forgotten exponentially in RMSProp; Adam has both.
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

rules = [sl.gradient_descent, sl.momentum, sl.nesterov, sl.adagrad, sl.rmsprop, sl.adadelta]
rules += [sl.adam, sl.adamax, sl.nadam, sl.amsgrad, sl.adamw]
for rule in rules:
    letters = ", ".join(map(str, rule.state)) or "-"
    print(f"{rule.name:17}{letters:12}{re.match('.*?[0-9]{4}', rule.source)[0]}")
print(sl.adam.latex())

# %%
# On a slope of constant gradient 1 the mean m starts at 0 and has to warm up; Adam divides that
# away. And s is the mean of squares, no variance: of gradients near 5 with variance 1 it tends to
# 26, so Adam's step is m over a size, not m over a noise.
x = sp.symbols("x", real=True)
slope = sl.minimize(sl.Objective(x), [0], sl.adam(step_size=0.1), 10, backend="interpreted")
print("raw m after 1, 2, 5, 10:", slope.states["m"][[1, 2, 5, 10], 0].round(3))
print("steps, corrected:", np.diff(slope.x - slope.iterates[:, 0]).round(6)[[0, 1, 4, 9]])
assert np.allclose(np.diff(slope.iterates[:, 0]), -0.1, rtol=1e-6)

# %%
# The rules of the race
# ---------------------
# Same start, same batches, and 100 gradients for each. The step size decides more than the rule, so
# it is chosen openly: half of the rule's own limit where theory gives one, else the best of four
# tried, a help that the others do not get. Three courses: the ravine, whose axes are those of the
# variables; the same, turned by 45 degrees; and the logistic problem, ten samples a step, with a
# penalty, because without one there is no minimum.
tried = (0.1, 0.5, 2, 10)
problem = sl.problems["ravine"]
p, q = problem.objective.variables
turn = {p: (p + q) / sp.sqrt(2), q: (p - q) / sp.sqrt(2)}
turned = sl.Objective(problem.objective.expression.subs(turn, simultaneous=True).expand(), (p, q))
turned_start = [float(turn[each].subs({p: -5, q: -2})) for each in (p, q)]

b0, b1, bias, x0, x1, y = sp.symbols("b0 b1 bias x0 x1 y", real=True)
u = b0 * x0 + b1 * x1 + bias
risk = sl.EmpiricalRisk(
    sp.log(1 + sp.exp(u)) - y * u,
    parameters=(b0, b1, bias),
    data=(x0, x1, y),
    penalty=(b0**2 + b1**2 + bias**2) / 200,
)
seed = 3
X, labels = sl.data.half_plane(samples=100, seed=seed)
J = risk.on({x0: X[:, 0], x1: X[:, 1], y: labels})
far = sl.data.initial_weights(3, scale=20, seed=seed)
lowest = sl.minimize(J, [0, 0, 0], sl.newton(), 50, backend="interpreted").value
run = {"max_steps": 100, "backend": "interpreted", "tolerance": 0}
batches = {"batch_size": 10, "seed": seed}
courses = {
    "ravine": (problem.objective, problem.start, run, 0),
    "turned": (turned, turned_start, run, 0),
    "logistic": (J, far, run | batches, lowest),
}

table, curves = pd.DataFrame(index=[rule.name for rule in rules]), {}
for course, (objective, start, settings, best) in courses.items():
    for rule in rules:
        limit = sl.analyze(objective, rule).step_limit
        steps = tried if limit is None else [float(limit) / 2]
        runs = [sl.minimize(objective, start, rule(step_size=s), **settings) for s in steps]
        chosen = min(range(len(runs)), key=lambda i: runs[i].value)
        origin = "scan" if limit is None else "half"
        table.loc[rule.name, f"{course}:"] = f"{steps[chosen]:.3g} {origin}"
        table.loc[rule.name, f"gap, {course}"] = runs[chosen].value - best
        curves[course, rule.name] = runs[chosen].values - best
print(table.to_string(float_format="{:.0e}".format))

# %%
# Who won
# -------
# Plain descent and its two relatives do not notice the turn at all. The adaptive rules do: to
# rescale coordinates is all that the first ravine asked for, and helps less in the second. On the
# logistic course the heavy ball comes to nothing with a step that theory allows: a limit derived at
# the minimum, for whole gradients, is no promise far from it, in batches. And podiums are fragile:
# try 0.3, 1, 3 instead of 0.5, 2, 10, and the last one goes to others.
gaps = table[[f"gap, {course}" for course in courses]]
print("first three:", *(", ".join(gaps[each].nsmallest(3).index) for each in gaps), sep="\n  ")
assert np.allclose(gaps.iloc[:3, 0], gaps.iloc[:3, 1], rtol=1e-6)
assert len(set(gaps.idxmin())) > 1

sl.plots.use_book_style()
figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
for ax, course in zip(axes, courses, strict=True):
    for name in ("gradient_descent", "nesterov", "adagrad", "rmsprop", "adam"):
        ax.semilogy(curves[course, name], label=name)
    sl.plots.open_axes(ax).set(title=course, xlabel="iteration ($k$)", ylim=(1e-8, 1e3))
axes[0].legend()
print("drawn:", sl.plots.save_picture(figure, "adaptive_race"))

# %%
# Small print: epsilon, and schedules
# -----------------------------------
# Epsilon is said to be there against division by zero. It is more: where it exceeds the root of s,
# Adam is momentum with the step size divided by epsilon. And in batches a constant step size keeps
# a rule trembling about the minimum; a schedule lets it settle, if it does not stop it too soon.
for epsilon in (1e-8, 1e-2, 1):
    end = sl.minimize(turned, turned_start, sl.adam(step_size=0.3, epsilon=epsilon), **run)
    print(f"turned ravine, epsilon {epsilon:5g}: gap {end.value:.1e}")
for schedule in (
    sl.schedules.constant(step_size=1),
    sl.schedules.inverse_time(step_size=1, decay=0.1),
    sl.schedules.cosine(step_size=1, steps=200),
    sl.schedules.exponential(step_size=1, decay=0.9),
):
    longer = run | batches | {"max_steps": 200}
    end = sl.minimize(J, far, sl.adam(step_size=schedule), **longer)
    print(f"logistic, {schedule}: gap {end.value - lowest:.1e}")

# %%
# What we saw
# -----------
# No rule won every course. To rescale coordinates pays where the axes of the problem are those of
# the parameters; where they are not, Nesterov's memory keeps up without any tuning. How a step size
# is chosen decides as much as the name of the rule. Not shown: networks, where the gradients of
# layers differ by orders of magnitude, which is the case that these rules were made for.
#
# Exercise. AdamW pulls the parameters towards 0. Where do its runs settle on the logistic problem
# for weight_decay 0 and 0.1, and why is that harmless on the ravine?
