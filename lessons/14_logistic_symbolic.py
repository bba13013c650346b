r"""
Logistic regression, symbol by symbol: one sample, ten, or all of them
======================================================================
The loss is written for one sample and differentiated once. What does a step see of the data in four
variants of descent, what does it cost, and does momentum really make no difference?

Chapter, section 15. Errata E01, E15: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# A hundred points of a square, each labelled by its side of the diagonal. Which weights name the
# side? The start is far out. Its seed was picked because J there, the sum of all losses, is near
# that of the book's figure: from seed to seed it varies from tens to thousands.
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
seed = 4632
X, labels = sl.data.half_plane(samples=100, seed=seed)
start = sl.data.initial_weights(3, scale=20, seed=seed)

# %%
# The equation
# ------------
# The loss of one sample: cross-entropy for a label y of 0 or 1, in the score u.
b0, b1, bias, x0, x1, y = sp.symbols("b0 b1 bias x0 x1 y", real=True)
u = b0 * x0 + b1 * x1 + bias
loss = sp.log(1 + sp.exp(u)) - y * u
print("LaTeX:", sp.latex(loss))
print("text: ", loss)
loss

# %%
# The plain loop
# --------------
# The same by hand, for the mean over the samples. A point's error is its probability less y.
inputs, weights, by_hand = np.column_stack([X, np.ones(100)]), start, [start]
for _ in range(3):
    probability = 1 / (1 + np.exp(-inputs @ weights))
    gradient = inputs.T @ (probability - labels) / 100
    weights = weights - 0.1 * gradient
    by_hand.append(weights)

# %%
# The library's call
# ------------------
# symlab is given the loss of one sample, derives its gradient, and takes the mean over the data.
mean = sl.EmpiricalRisk(loss, parameters=(b0, b1, bias), data=(x0, x1, y))
arrays = {x0: X[:, 0], x1: X[:, 1], y: labels}
J = mean.on(arrays)
plain = sl.gradient_descent(step_size=0.1)
trace = sl.minimize(J, start, plain, 3, backend="interpreted")
gap = np.abs(by_hand - trace.iterates).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-13

# %%
# One sample
# ----------
# In each component of the gradient the same error multiplies what the parameter does.
print(*mean.gradient, sep="\n")
print(*sl.derive("cross_entropy").steps[7:9], sep="\n")

# %%
# At a score of 800 the slope is 1, but the formula as derived says infinity over infinity. So
# compiled runs use a rewritten form, equal for real numbers, and can say how they came to it.
z = sp.symbols("z", real=True)
softplus = sl.Objective(sp.log(1 + sp.exp(z)), z)
(slope,) = softplus.gradient
with np.errstate(all="ignore"):
    print("naive slope at 800:", sp.lambdify(z, slope)(np.float64(800)))
print(sl.explain(slope))
stable = sl.compile(softplus, "interpreted").gradient([800])[0]
print("stable slope at 800:", stable)
assert stable == 1

# %%
# A step is substitution
# ----------------------
# Done literally, with SymPy alone: the weights, and one sample after the other, are put in.
here = dict(zip(mean.parameters, map(sp.Float, start), strict=True))
began, total = perf_counter(), sp.zeros(3, 1)
for (first, second), label in zip(X.tolist(), labels.tolist(), strict=True):
    total += mean.gradient.subs({x0: first, x1: second, y: label}).subs(here)
substituted = perf_counter() - began
print("gradient of the sum:", *total.evalf(6), f" in {substituted:.1f} s by substitution")

# %%
# The exact runner does the same arithmetic, to 50 digits, without walking through the formula.
exact = sl.minimize(J, start, plain, 3, backend="sympy")
print(f"a step is {substituted / (exact.seconds / 3):.0f} times faster by the exact runner,")
print(f"and differs from floats by {np.abs(exact.iterates - trace.iterates).max():.1e}")
assert np.allclose(exact.iterates, trace.iterates, rtol=1e-13)

# %%
# What a step sees
# ----------------
# All samples, one, or ten drawn with replacement: the cost of a step falls from O(mp) to O(p), and
# the noise grows. The chapter sums over all, but averages over ten. With one step size for both the
# sum's step is a hundredfold longer, far above what its curvature bears at 0, where it is largest.
whole = sl.EmpiricalRisk(loss, mean.parameters, mean.data, reduction="sum").on(arrays)
steepest = np.linalg.eigvalsh(sl.compile(whole, "interpreted").hessian([0, 0, 0])).max()
print(f"2/L of the sum {2 / steepest:.4f}, of the mean {200 / steepest:.2f}; the step is 0.1")
repeat = 1 - np.prod(1 - np.arange(10) / 100)
print(f"ten draws of a hundred repeat a sample with probability {repeat:.3f}")

# %%
# Five runs of 200 steps. The sum ends low all the same, because far out the curvature is small.
ball = sl.momentum(step_size=0.1, momentum=0.5)
one = {"batch_size": 1, "order": "step", "replacement": True, "backend": "interpreted"}
ten = one | {"batch_size": 10}
runs = {
    "one": sl.minimize(J, start, plain, 200, seed=seed, **one),
    "ten": sl.minimize(J, start, plain, 200, seed=seed, **ten),
    "ten, other draws": sl.minimize(J, start, plain, 200, seed=seed + 1, **ten),
    "ten, momentum": sl.minimize(J, start, ball, 200, seed=seed, **ten),
}
sums = {name: 100 * run.values for name, run in runs.items()}
sums["all, summed"] = sl.minimize(whole, start, plain, 200, backend="interpreted").values

# %%
# How far J came, and how much its change varies from step to step.
for name, heights in sums.items():
    scatter = np.diff(heights).std()
    print(f"{name:17} J {heights[0]:.1f} -> {heights[-1]:6.1f}, steps scatter by {scatter:.2f}")

# %%
# The figure as printed
# ---------------------
# The chapter adds half the difference of two iterates in a buffer, which is filled with the start,
# twice, and never again. So the term is always zero, and the curve called momentum is a second
# mini-batch run with other draws. J is recorded after each step.
names = ("Stochastic gradient descent", "Mini-batch gradient descent", "Mini-batch with momentum")
for suffix, third in (("", "ten, other draws"), ("_corrected", "ten, momentum")):
    shown = sums["one"], sums["ten"], sums[third]
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    for heights, style, name in zip(shown, ("k--", "b-", "g-"), names, strict=True):
        ax.plot(heights[1:], style, label=name)
    ax.set_xlabel("iteration ($k$)", fontsize=18)
    ax.set_ylabel(r"$J(\beta)$", fontsize=18)
    sl.plots.open_axes(ax).legend(loc="lower left", fontsize=12)
    print("drawn:", *sl.save_figure(f"gradient_descent_006{suffix}", figure, *shown, seed=seed))

# %%
# The corrected figure has the same draws for blue and green, and a memory that works: the ball adds
# up to 1/(1 - 0.5) = 2 steps where steps agree. With no memory the same draws give the same path.
fallen = {name: heights[0] - heights[20] for name, heights in sums.items()}
ratio = fallen["ten, momentum"] / fallen["ten"]
gap = np.abs(sums["ten"] - sums["ten, other draws"]).max()
print(f"J fell {ratio:.2f} times as far in 20 steps; other draws alone move it by up to {gap:.1f}")
assert sums["ten, momentum"][-1] < min(sums["ten"][-1], sums["ten, other draws"][-1])
frozen = sl.minimize(J, start, ball(momentum=0), 200, seed=seed, **ten)
print("no memory, same draws, same bits:", np.array_equal(frozen.iterates, runs["ten"].iterates))
assert np.array_equal(frozen.iterates, runs["ten"].iterates)

# %%
# What we saw
# -----------
# One formula served every variant; only the sample indices and the memory differ. The printed
# remark that momentum changes little, and lies between the others, was an empty buffer. Not shown:
# that these data have no minimum to arrive at, which the next lesson needs.
#
# Exercise. Give the plain mini-batch run the step size 0.2 and the momentum run 0.1, with the same
# draws. How far apart are they after 20 steps, and 200? Say why. Practise: `symlab exercise 14`.
