r"""
Models as functions: what a layer that hangs loose has learnt
=============================================================
A layer is a map between spaces and a network a composition of maps, so that any part of it can be
looked at alone. What does the last hidden layer see of the moons, and was it ever trained?

Chapter, section 5. Errata E02, E29, E32: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# A layer is called on a tensor and gives a tensor. The text of the chapter describes a chain: l1
# maps the plane to three numbers, l2 those to two, and the output unit reads these two.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from sklearn.linear_model import LogisticRegression

import symlab as sl
from symlab import nn

X, y = sl.data.moons()
X_train, X_test, y_train, y_test = sl.data.split(X, y)

# %%
# The code of the chapter wires the output to l1. The slip is one argument, and the sizes of all
# arrays fit either way. What does l2 make of the moons in the one model, and what in the other?
inputs = nn.Input((2,))
l1 = nn.Dense(3, activation="sigmoid", name="l1")(inputs)
l2 = nn.Dense(2, activation="sigmoid", name="l2")(l1)
outputs = {
    "as printed": nn.Dense(1, activation="sigmoid", name="output")(l1),
    "corrected": nn.Dense(1, activation="sigmoid", name="output")(l2),
}
seed = 10
models = {name: nn.Model(inputs, output, seed=seed) for name, output in outputs.items()}
for name, model in models.items():
    print(f"{name}:\n{model.summary()}\n")
weights = models["corrected"].get_weights()

# %%
# The equation
# ------------
# A model is a composition of its layers; each is the sigmoid of a matrix times what comes in, plus
# a bias. In the composition as printed, l2 does not occur.
first, second, last = (sp.Function(name) for name in ("l1", "l2", "output"))
as_printed, corrected = last(first("x")), last(second(first("x")))
print("LaTeX:", sp.latex(as_printed), r"\quad", sp.latex(corrected))
print("text: ", f"as printed {as_printed}; corrected {corrected}")
corrected

# %%
# The plain loop
# --------------
# By hand, the inner part of the chain: what l2 makes of what l1 makes of the points.
by_hand = X_train
for kernel, bias in (weights["l1"], weights["l2"]):
    by_hand = 1 / (1 + np.exp(-(by_hand @ kernel + bias)))

# %%
# The library's call
# ------------------
# `function` gives the map from the inputs to any tensor, with the weights of the moment.
hidden = models["corrected"].function(l2)
gap = np.abs(by_hand - hidden(X_train)).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-14

# %%
# The map of the hidden layers
# ----------------------------
# Was l2 ever trained? From what l1 and l2 make of the points we can read off what l2 does: undo its
# sigmoid, and fit the weights and biases that take the three numbers of l1 to what is left. That is
# an equation solved, not an estimate. We look before and after training.
settings = {"loss": "binary_crossentropy", "method": sl.adam(step_size=0.05), "epochs": 500}
read, images = {}, {}
print("compiling two training loops for Numba ...")
for name, model in models.items():
    for moment in ("before", "after"):
        if moment == "after":
            history = model.fit(X_train, y_train, seed=seed, **settings)
        three, two = (model.function(tensor)(X_train) for tensor in (l1, l2))
        logit = np.log(two / (1 - two))
        columns = np.column_stack([three, np.ones(len(three))])
        read[name, moment] = np.linalg.lstsq(columns, logit)[0]
    images[name] = two

# %%
# The layer l2 is no part of the model as printed, and keeps what was drawn for it.
moved = {}
for name, model in models.items():
    moved[name] = np.abs(read[name, "after"] - read[name, "before"]).max()
    accuracy = model.evaluate(X_test, y_test)["accuracy"]
    print(f"{name}: weights of l2 moved by {moved[name]:.3f}, test accuracy {accuracy:.4f}")
assert moved["as printed"] < 1e-9 < moved["corrected"]

# %%
# The figure, as printed
# ----------------------
# The test accuracy reveals nothing, because a network without l2 solves the moons as well. But what
# the chapter draws is the moons as l1 sees them, thrown onto two axes by weights nobody chose.
# Points for which all of l1 is off land on (1/2, 1/2), the sigmoid of a bias that is still 0. Of
# all figures, only in this one blue is class 1.
sl.plots.use_book_style()
figure, ax = plt.subplots(figsize=(6, 4))
cloud = images["as printed"]
ax.plot(*cloud[y_train == 1].T, "ob", alpha=0.2)
ax.plot(*cloud[y_train == 0].T, "ok", alpha=0.2)
sl.plots.open_axes(ax)
knot = np.mean(np.abs(cloud - 0.5).max(axis=1) < 0.01)
print(f"{knot:.0%} of the points are within 0.01 of (1/2, 1/2); extent {np.ptp(cloud, axis=0)}")
shown = (history, knot, moved["as printed"])
print("drawn:", *sl.save_figure("deep_learning_006", figure, *shown, seed=seed))

# %%
# Corrected
# ---------
# Wired to the output, l2 is trained, and drives the classes into opposite corners of the square: a
# hidden layer prepares what the last unit, which can only draw a line, is able to finish. Blue is
# class 0 and red class 1 again, and the axes are the whole range of a sigmoid.
figure, ax = plt.subplots(figsize=(6, 4))
cloud = images["corrected"]
ax.plot(*cloud[y_train == 0].T, "ob", alpha=0.2)
ax.plot(*cloud[y_train == 1].T, "sr", alpha=0.2)
ax.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
sl.plots.open_axes(ax)
apart = np.linalg.norm(cloud[y_train == 1].mean(axis=0) - cloud[y_train == 0].mean(axis=0))
print(f"means of the classes {apart:.3f} apart; extent {np.ptp(cloud, axis=0).round(3)}")
print("drawn:", *sl.save_figure("deep_learning_006_corrected", figure, history, apart, seed=seed))

# %%
# How much a line can do on the drawn points
# ------------------------------------------
# A linear classifier on each of the images, for several initial weights. The trained image is
# separable every time; the accidental one is now and then by luck, and often not at all.
shares = []
for other in range(8):
    row = []
    for output in outputs.values():
        model = nn.Model(inputs, output, seed=other)
        image = model.function(l2)
        image(X_train[:1])  # so that a layer outside the model draws its weights here
        model.fit(X_train, y_train, seed=other, **settings)
        line = LogisticRegression(C=1e6, max_iter=5000).fit(image(X_train), y_train)
        row.append(line.score(image(X_train), y_train))
    shares.append(row)

# %%
# The share of the 700 points that a line gets right on each image.
table = pd.DataFrame(shares, columns=list(outputs))
print(table.describe().loc[["min", "50%", "max"]].round(4).to_string())
assert table["corrected"].min() > 0.995
assert table["as printed"].min() < 0.9

# %%
# What we saw
# -----------
# A composition is only what is passed on: a layer that nothing reads is no part of it, and its
# weights stay as drawn. Neither the error nor the accuracy shows such a slip; the summary does, and
# so does a picture if one asks what it should look like. Not shown: what l1 does, in three
# dimensions, and whether two numbers are the fewest that will do.
#
# Exercise. Make l2 a layer of one unit. Can the moons still be separated, and what does its image
# look like as a histogram of the two classes? Practise: `symlab exercise 05`.
