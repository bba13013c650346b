r"""
Logistic regression, symbol by symbol: one sample, ten, or all of them
======================================================================
The loss is written for one sample and differentiated once. What does a step see of the data in four
variants of descent, what does it cost, and does momentum really make no difference?

Chapter, section 15. Errata E01, E15: see `symlab errata ID`.
"""

# %%
# One sample
# ----------
# Cross-entropy for a label 0 or 1, in the score u. Nobody types the gradient: SymPy derives it.
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl

b0, b1, bias, x0, x1, y = sp.symbols("b0 b1 bias x0 x1 y", real=True)
u = b0 * x0 + b1 * x1 + bias
loss = sp.log(1 + sp.exp(u)) - y * u
mean = sl.EmpiricalRisk(loss, parameters=(b0, b1, bias), data=(x0, x1, y))
# In each component the same error, probability less label, multiplies what the parameter does.
print(*mean.gradient, sep="\n")
print(*sl.derive("cross_entropy").steps[7:9], sep="\n")

# %%
# Right on paper is not right in floats. At a score of 800, on the right side of the line, the slope
# is 1, and the formula as derived says infinity over infinity. Every compiled run therefore uses a
# rewritten form, equal for real numbers, and can say how it came to it.
z = sp.symbols("z", real=True)
slope = sp.log(1 + sp.exp(z)).diff(z)
with np.errstate(all="ignore"):
    print("naive slope at 800:", sp.lambdify(z, slope)(np.float64(800)))
print(sl.explain(slope))
stable = sl.compile(sl.Objective(sp.log(1 + sp.exp(z)), z), "interpreted")
print("stable slope at 800:", stable.gradient([800])[0])
assert stable.gradient([800])[0] == 1

# %%
# A hundred samples
# -----------------
# Points of a square, labelled by the side of its diagonal, and a start far out, where J (the sum of
# all losses) is some hundreds. J at such starts varies from tens to thousands, and this seed was
# picked because it looks like the book's figure: judge the picture as an example, not as a proof.
seed = 4632
X, labels = sl.data.half_plane(samples=100, seed=seed)
start = sl.data.initial_weights(3, scale=20, seed=seed)
arrays = {x0: X[:, 0], x1: X[:, 1], y: labels}
J = mean.on(arrays)

# %%
# A step is nothing but substitution. Done literally, with SymPy alone, for all the samples:
here = dict(zip(mean.parameters, map(sp.Float, start), strict=True))
began = perf_counter()
samples = np.column_stack(list(arrays.values())).tolist()
rows = [dict(zip(mean.data, map(sp.Float, sample), strict=True)) for sample in samples]
total = sum((mean.gradient.subs(row).subs(here) for row in rows), sp.zeros(3, 1))
substituted = perf_counter() - began
print("gradient of the sum:", *total.evalf(6), f" in {substituted:.1f} s by substitution")

# %%
# Two hundred such steps are for the patient. The exact runner does the same arithmetic from the
# same expression, to 50 digits but without walking through the formula each time; and the compiled
# functions come from it too. Three steps of each agree to the last digits.
exact = sl.minimize(J, start, sl.gradient_descent(step_size=0.1), 3, backend="sympy")
quick = sl.minimize(J, start, sl.gradient_descent(step_size=0.1), 3, backend="interpreted")
print(f"a step is {substituted / (exact.seconds / 3):.0f} times faster by the exact runner,")
print(f"and the two ways differ by {np.abs(exact.iterates - quick.iterates).max():.1e}")
assert np.allclose(exact.iterates, quick.iterates, rtol=1e-13)

# %%
# What a step sees
# ----------------
# All samples, one, or ten drawn with replacement: the cost of a step falls in that order from
# O(mp) to O(p), and the noise grows. The chapter sums over all, but averages over ten. With one
# step size for both this is a hundredfold longer step, and far above what the sum's curvature bears
# at 0, where it is largest. It ends low all the same, because far out the curvature is small.
whole = sl.EmpiricalRisk(loss, parameters=mean.parameters, data=mean.data, reduction="sum")
steepest = np.linalg.eigvalsh(sl.compile(whole.on(arrays), "interpreted").hessian([0, 0, 0]))[-1]
print(f"2/L of the sum {2 / steepest:.4f}, of the mean {200 / steepest:.2f}; the step is 0.1")
repeat = 1 - np.prod(1 - np.arange(10) / 100)
print(f"ten draws of a hundred repeat a sample with probability {repeat:.3f}")

plain = sl.gradient_descent(step_size=0.1)
ball = sl.momentum(step_size=0.1, momentum=0.5)
drawn = {"order": "step", "replacement": True, "backend": "interpreted"}
ten = {"batch_size": 10, **drawn}
runs = {
    "all, summed": sl.minimize(whole.on(arrays), start, plain, 200, backend="interpreted"),
    "one": sl.minimize(J, start, plain, 200, batch_size=1, seed=seed, **drawn),
    "ten": sl.minimize(J, start, plain, 200, seed=seed, **ten),
    "ten, other draws": sl.minimize(J, start, plain, 200, seed=seed + 1, **ten),
    "ten, momentum": sl.minimize(J, start, ball, 200, seed=seed, **ten),
}
sums = {name: run.values * (1 if "summed" in name else J.samples) for name, run in runs.items()}
for name, heights in sums.items():
    jitter = np.diff(heights).std()
    print(f"{name:17} J {heights[0]:.1f} -> {heights[-1]:6.1f}, steps scatter by {jitter:.2f}")

# %%
# The figure as printed
# ---------------------
# The chapter adds 0.5 times the difference of the two iterates in a buffer. The buffer is filled
# with the start, twice, and never again. So the term is zero at every step, and the curve called
# momentum is a second mini-batch run with other draws.
sl.plots.use_book_style()
labels_and_styles = (
    ("Stochastic gradient descent", "k--"),
    ("Mini-batch gradient descent", "b-"),
    ("Mini-batch with momentum", "g-"),
)
for suffix, third in (("", "ten, other draws"), ("_corrected", "ten, momentum")):
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    shown = ("one", "ten", third)
    for name, (label, style) in zip(shown, labels_and_styles, strict=True):
        ax.plot(sums[name][1:], style, label=label)  # the chapter records after each step
    ax.set_xlabel("iteration ($k$)", fontsize=18)
    ax.set_ylabel(r"$J(\beta)$", fontsize=18)
    sl.plots.open_axes(ax).legend(loc="lower left", fontsize=12)
    numbers = {"J at the start": (sums["ten"][0], 1e-6)}
    numbers |= {f"{name}, J at the end": (sums[name][-1], 1e-6) for name in shown}
    id = f"gradient_descent_006{suffix}"
    how = {"seed": seed, "backend": runs["ten"].backend}
    print("drawn:", *sl.save_figure(id, figure, numbers=numbers, **how))

# %%
# The corrected figure has the same draws for the blue curve and the green, and a memory that works:
# the ball adds up to 1/(1 - 0.5) = 2 steps where steps agree, and falls nearly twice as fast.
falls = {name: (heights[0] - heights[20]) for name, heights in sums.items()}
ratio = falls["ten, momentum"] / falls["ten"]
gap = np.abs(sums["ten"] - sums["ten, other draws"]).max()
print(f"J fell {ratio:.2f} times as far in 20 steps; other draws alone move it by up to {gap:.1f}")
frozen = sl.minimize(J, start, sl.momentum(step_size=0.1, momentum=0), 200, seed=seed, **ten)
print("no memory, same draws, same bits:", np.array_equal(frozen.iterates, runs["ten"].iterates))
assert np.array_equal(frozen.iterates, runs["ten"].iterates)
assert sums["ten, momentum"][-1] < min(sums["ten"][-1], sums["ten, other draws"][-1])

# %%
# What we saw
# -----------
# One formula served every variant; only the sample indices and the memory differ. The printed
# remark that momentum changes little, and lies between the others, was an empty buffer. Not shown:
# that these data have no minimum to arrive at, which the next lesson needs.
#
# Exercise. Give the plain mini-batch run the step size 0.2 and the momentum run 0.1, with the same
# draws. How far apart are they after 20 steps, and after 200? Say why, from 1/(1 - eta).
