r"""
One neuron: the perceptron made smooth
======================================
The same points and the same line as before, but learnt by gradients. What must take the place of
the sign, which cost goes with it, and is that still the perceptron's rule?

Chapter, section 2. Erratum E19 (`symlab errata E19`).
"""

# %%
# The question
# ------------
# A point has two coordinates; one unit has two weights w for them and a bias b, and gives softsign
# of w.x + b, where `softsign(t) = t/(1 + |t|)`. How do its three numbers learn the labels?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl
from symlab import nn

seed = 18
X, y = sl.data.half_plane(samples=100, seed=seed, labels=(-1, 1))
inputs = nn.Input((2,))
outputs = nn.Dense(1, activation="softsign", name="unit")(inputs)
model = nn.Model(inputs, outputs, seed=seed)
kernel, bias = model.get_weights()["unit"]

# %%
# The equation
# ------------
# The margin m of a point is y times the sum w.x + b: how clearly it is on its side. The cost is the
# hinge, max(0, 1 - y output), and its slope in m is nowhere 0.
steps = {step.number: step for step in sl.derive("hinge_of_softsign").steps}
print("LaTeX:", steps[1].latex, r"\quad", steps[3].latex)
print("text: ", f"{steps[1].shown};", steps[3].shown)
steps[3]

# %%
# The plain loop
# --------------
# By hand, 300 steps of 0.01 times the mean pull. A point of label 1 pulls w towards itself, one of
# label -1 pushes it away, by the slope in m; and `|m|` is `|w.x + b|`, because y is 1 or -1.
w, b = kernel[:, 0], bias[0]
for _ in range(300):
    pull = y / (1 + np.abs(X @ w + b)) ** 2
    w = w + 0.01 * X.T @ pull / 100
    b = b + 0.01 * pull.mean()

# %%
# The library's call
# ------------------
# The model knows its activation and the name of the loss, and PyTensor finds the slopes.
settings = {"loss": "hinge", "method": sl.gradient_descent(step_size=0.01), "epochs": 300}
model.fit(X, y, batch_size=100, backend="interpreted", **settings)
kernel, bias = model.get_weights()["unit"]
gap = max(np.abs(w - kernel[:, 0]).max(), abs(b - bias[0]))
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-12

# %%
# A sign that has a slope
# -----------------------
# The sign is flat wherever it is not broken; its derivative says nothing. Softsign, `t/(1 + |t|)`,
# has the same two levels and a slope everywhere. Its first derivative is continuous at 0 and its
# second is not, since `|t|` has a corner: it is smooth once.
t = sp.symbols("t", real=True)
right, left = sp.symbols("t", positive=True), sp.symbols("t", negative=True)
print("slope of softsign:", sl.softsign(t).diff(t))
sides = [sl.softsign(side).diff(side).doit() for side in (left, right)]
second = [each.diff(side).limit(side, 0) for each, side in zip(sides, (left, right), strict=True)]
print("second derivative left and right of 0:", *second)
print("softsign(10):", sl.softsign(10), "softsign(10/99):", sl.softsign(sp.Rational(10, 99)))

# %%
# The book's grid of 100 points has none at 0, so the step of the sign is drawn as a steep segment.
grid = np.linspace(-10, 10, 100)
sl.plots.use_book_style()
figure, ax = plt.subplots(figsize=(6, 4))
ax.plot(grid, sl.plots.values(sl.softsign(t), [t], grid), "-k", label="softsign")
ax.plot(grid, np.sign(grid), "--k", label="sign")
ax.legend()
sl.plots.open_axes(ax, bottom_at_zero=True)
print("drawn:", *sl.save_figure("deep_learning_002", figure, sl.softsign))

# %%
# In batches
# ----------
# The chapter does not take all points at once. An epoch has four batches, 32, 32, 32 and the 4 that
# are left, in a new order each time.
model = nn.Model(inputs, outputs, seed=seed)
print(model.summary())
print(f"initial weights are uniform between -+{nn.glorot_limit((2, 1)):.4f}")
print("compiling the training loop for Numba ...")
history = model.fit(X, y, batch_size=32, seed=seed, **settings)
reached = model.evaluate(X, y)
print(f"loss {history.loss[0]:.3f} -> {history.loss[150]:.3f} -> {history.loss[-1]:.3f}", end=", ")
print(f"accuracy {reached['accuracy']:.2f}")

# %%
# The loss, epoch by epoch.
figure, ax = plt.subplots(figsize=(6, 4))
ax.plot(history.loss, "-k")
ax.set_xlabel("epochs", fontsize=18)
ax.set_ylabel("Loss", fontsize=18)
sl.plots.open_axes(ax)
print("drawn:", *sl.save_figure("deep_learning_003", figure, history, seed=seed))

# %%
# Three costs of one margin
# -------------------------
# The chapter takes the hinge for the perceptron's cost. They are three different costs, and each
# pulls in its own way on a point of margin m.
m = sp.symbols("m", real=True)
costs = {
    "perceptron": sl.relu(-m),
    "hinge": sl.hinge(m),
    "hinge of softsign": sl.hinge(sl.softsign(m)),
}
margins = [sp.Rational(n, 10) for n in (-50, -10, 1, 10, 50)]
pull = {name: [float(-cost.diff(m).subs(m, at)) for at in margins] for name, cost in costs.items()}
print(pd.DataFrame(pull, index=[f"m = {float(at):g}" for at in margins]).round(3).to_string())

# %%
# The costs themselves, as curves.
span = np.linspace(-5, 5, 401)
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, cost in costs.items():
    ax.plot(span, sl.plots.values(cost, [m], span), label=name)
ax.legend()
ax.set(xlabel="margin $m$", ylabel="cost")
print("drawn:", sl.plots.save_picture(sl.plots.open_axes(ax).figure, "costs_of_a_margin"))

# %%
# A softsign stays below 1, so its hinge is never 0: every point pulls for ever, and a loss above 0
# means no mistake. Where the perceptron is silent about a separated cloud, the neuron is not. And a
# bad mistake pulls least, because softsign is flat out there.
kernel, bias = model.get_weights()["unit"]
margin = y * (X @ kernel[:, 0] + bias[0])
for name, cost in costs.items():
    slopes = sl.plots.values(cost.diff(m), [m], margin)
    print(f"{name:17} pulled by {np.mean(slopes != 0):4.0%} of the points")
lowest = sl.plots.values(costs["hinge of softsign"], [m], margin).mean()
assert np.isclose(lowest, reached["loss"], rtol=1e-12)

# %%
# Other seeds
# -----------
# The model draws its weights, and each epoch its order. The curve falls almost without exception;
# where it starts and ends is chance. The same program serves all seeds, so nothing is compiled.
ends = []
for other in range(24):
    X, y = sl.data.half_plane(samples=100, seed=other, labels=(-1, 1))
    model = nn.Model(inputs, outputs, seed=other)
    loss = model.fit(X, y, batch_size=32, seed=other, **settings).loss
    ends.append((loss[0], loss[-1], np.mean(np.diff(loss) < 0), model.evaluate(X, y)["accuracy"]))
table = pd.DataFrame(ends, columns=["first loss", "last loss", "falls", "accuracy"])
print(table.describe().loc[["min", "50%", "max"]].round(3).to_string())
assert table["falls"].min() > 0.98

# %%
# What we saw
# -----------
# A smooth activation makes the neuron trainable by any gradient method. The hinge on it is akin to
# the perceptron's cost and not the same: it asks for a margin, never falls to 0, and is weakest on
# the worst mistakes. Not shown: the plain hinge, without softsign, which is a support vector
# machine once a penalty is added.
#
# Exercise. Give the layer activation="linear" and keep the hinge. Does the loss now reach 0, and
# how do the weights of two seeds compare? Practise: `symlab exercise 02`.
