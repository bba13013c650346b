r"""
A perceptron of several layers: a boundary that bends
=====================================================
Two moons cannot be separated by a line. What do layers add to a neuron, how does what they learnt
look, and why was the second accuracy in the chapter so much better than the first?

Chapter, section 3. Errata E13, E24: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# A thousand points on two moons, noise 0.1: 700 to learn from and 300 to be tested on. (Here the
# chapter set seeds, so these are its points to the last digit.) No line separates them.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import symlab as sl
from symlab import nn

X, y = sl.data.moons()
X_train, X_test, y_train, y_test = sl.data.split(X, y)
print(f"{len(X_train)} to train with {np.bincount(y_train)}, {len(X_test)} to test", end=" ")
print(f"with {np.bincount(y_test)}")

# %%
# Layers of 4, 2 and 1 units, each with a weight for every input and a bias, which start anywhere.
# The last unit gives the probability of class 1. How is it computed, and how wrong is it?
inputs = nn.Input((2,))
first_hidden = nn.Dense(4, activation="sigmoid")(inputs)
hidden = nn.Dense(2, activation="sigmoid")(first_hidden)
outputs = nn.Dense(1, activation="sigmoid")(hidden)
seed = 132
model = nn.Model(inputs, outputs, seed=seed)
weights = list(model.get_weights().values())

# %%
# The equation
# ------------
# z is what comes in over a unit's arrows, each number times the arrow's weight, plus the bias; p is
# what goes out. The cost J of a point is small where the p of the last unit is near its label y.
cost_of_p, p_of_z, *_ = sl.derive("cross_entropy").steps
print("LaTeX:", p_of_z.latex, r"\quad", cost_of_p.latex)
print("text: ", f"{p_of_z.shown};", cost_of_p.shown)
p_of_z

# %%
# The plain loop
# --------------
# By hand, all points at once: a turn of the loop is a layer. Then the mean of the costs.
values = X_train
for kernel, bias in weights:
    sums = values @ kernel + bias
    values = 1 / (1 + np.exp(-sums))
p = values[:, 0]
by_hand = -np.mean(y_train * np.log(p) + (1 - y_train) * np.log(1 - p))

# %%
# The library's call
# ------------------
# The model computes the same as one graph, which PyTensor can also differentiate.
found = model.evaluate(X_train, y_train, loss="binary_crossentropy")["loss"]
print(f"mean cost before any step: {found:.4f}")
print(f"the same numbers: the largest difference is {abs(by_hand - found):.0e}")
assert abs(by_hand - found) < 1e-14

# %%
# The drawing of the book
# -----------------------
# Every circle sums what its arrows bring, each times a weight, and passes the sum through a
# sigmoid. Between the inputs and the outputs are two hidden layers (the book's caption counts one),
# and every circle is joined to all of the next layer (the book's drawing forgets one arrow).
sl.plots.use_book_style()
figure = plt.figure(figsize=(1725 / 72, 891 / 72))
axes = figure.add_axes((0, 0, 1, 1))
sl.diagrams.network(axes, (3, 3, 3, 3), ellipsis=True, weights=True)
print("drawn:", *sl.save_figure("MLP", figure, axes))

# %%
# The moons: class 0 in blue, class 1 in red.
print("first points", X[:2].round(6).tolist(), "labels", y[:12])
figure, ax = plt.subplots(figsize=(6, 4))
ax.plot(*X[y == 0].T, "ob", alpha=0.3)
ax.plot(*X[y == 1].T, "sr", alpha=0.3)
sl.plots.open_axes(ax)
print("drawn:", *sl.save_figure("deep_learning_004", figure, X))

# %%
# The model
# ---------
# Weights and biases are 4 (2 + 1) + 2 (4 + 1) + 1 (2 + 1) = 25 parameters.
print(model.summary())
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
sl.diagrams.network(ax, (2, 4, 2, 1))
print("drawn:", sl.plots.save_picture(figure, "network_2_4_2_1"))

# %%
# Run A
# -----
# The method is Adam with step size 0.05, and an epoch 22 batches of 32 at most.
print("compiling the training loop for Numba ...")
settings = {"loss": "binary_crossentropy", "method": sl.adam(step_size=0.05), "epochs": 100}
first = model.fit(X_train, y_train, seed=seed, **settings)
train_accuracy = model.evaluate(X_train, y_train)["accuracy"]
test_accuracy = model.evaluate(X_test, y_test)["accuracy"]
print(f"after run A: train {train_accuracy:.4f}, test {test_accuracy:.4f}")
assert np.mean((model.predict(X_test)[:, 0] > 0.5) == y_test) == test_accuracy

# %%
# The boundary after run A: the output on a grid, behind the points. The book's run was still on its
# way, with 38 of 300 wrong. To show that, this seed was looked for among 200, of which 15 are below
# 0.97 after run A; it is no typical one.
low, high = X.min(axis=0) - 0.1, X.max(axis=0) + 0.1
across, up = np.meshgrid(*np.linspace(low, high, 150).T)
height = model.predict(np.column_stack([across.ravel(), up.ravel()])).reshape(across.shape)
figure, ax = plt.subplots(figsize=(6, 4))
ax.plot(*X[y == 0].T, "ob", alpha=0.3)
ax.plot(*X[y == 1].T, "sr", alpha=0.3)
ax.contourf(across, up, height, cmap="bwr", alpha=0.2)
print("drawn:", *sl.save_figure("deep_learning_005", figure, first, test_accuracy, seed=seed))

# %%
# Run B
# -----
# The chapter compiles the model once more, to ask for another metric, and fits again; the accuracy
# it then prints is that of 200 epochs, because compiling leaves the weights as they are. So does a
# second call of fit. (Only the memory of Adam starts anew.)
second = model.fit(X_train, y_train, seed=seed + 1, **settings)
after_B = model.evaluate(X_test, y_test)["accuracy"]
print(f"loss at the end of A {first.loss[-1]:.4f}, at the start of B {second.loss[0]:.4f}")
print(f"after run B: test {after_B:.4f}, and {model.epochs} epochs in all")

# %%
# The loss of both runs: the second begins where the first ended.
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.plot(np.concatenate([first.loss, second.loss]), "-k")
ax.axvline(len(first), color="gray", linestyle="--", label="compiled again here")
ax.legend()
ax.set(xlabel="epochs", ylabel="Loss")
print("drawn:", sl.plots.save_picture(sl.plots.open_axes(ax).figure, "runs_A_and_B"))

# %%
# A fair repeat starts from new weights. For most seeds a hundred epochs are enough: the chapter's
# 0.873 was a slow start and not what the network is able to do.
rows = []
for other in range(24):
    model = nn.Model(inputs, outputs, seed=other)
    accuracies = []
    for run in (0, 1):
        model.fit(X_train, y_train, seed=other + run, **settings)
        accuracies.append(model.evaluate(X_test, y_test)["accuracy"])
    rows.append(accuracies)

# %%
# What the 24 networks got right of the 300 points, after one run and after two.
table = pd.DataFrame(rows, columns=["100 epochs", "200 epochs"])
print(table.describe().loc[["min", "50%", "max"]].round(4).to_string())
print("seeds below 0.97 after 100 epochs:", *table.index[table["100 epochs"] < 0.97])
assert table["100 epochs"].min() >= 0.8
assert table["200 epochs"].min() >= 0.98

# %%
# What we saw
# -----------
# Layers of sigmoids bend a boundary to what the points need. Weights outlive a fit, so a second
# number belongs to a longer run; to compare settings, start again with reset=True or a new model.
# Not shown: which network is small enough. This one has 25 parameters for 700 easy points.
#
# Exercise. Draw the boundary after run B. Which of the four units of the first layer could be left
# out? Find its line in model.get_weights() first. Practise: `symlab exercise 03`.
