r"""
The same network, first fixed and then trained
==============================================
What does a library's convolution add to the one made by hand, and what do kernels become that may
learn? The chapter's two networks on its twenty images, as printed and with the labels put right.

Chapter, sections 22 to 23. Errata E06, E07, E21: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# The twenty slashes of lesson 18, and its two kernels. Of each image eighteen pooled numbers are
# left. How does a network decide from them, and what is there to learn?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl
from symlab import nn
from symlab.nn import images

sl.plots.use_book_style()
slashes, labels = images.fixture()
inputs, targets = slashes[:, None], nn.one_hot(labels, 2)
kernels = np.stack([images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"]])

# %%
# The kernels of the first network are given and held, so that only 38 numbers learn.
options = {"padding": "same", "use_bias": False, "name": "kernels"}
pixels = nn.Input((1, 6, 6))
convolved = nn.Conv2D(2, (3, 3), trainable=False, **options)(pixels)
pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(convolved))
scores = nn.Dense(2, activation="softmax", name="softmax")(nn.Flatten()(pooled))
fixed, given = nn.Model(pixels, scores, seed=0), {"kernels": [kernels[:, None]]}
fixed.set_weights({**fixed.get_weights(), **given})
weights, bias = fixed.get_weights()["softmax"]
print(fixed.summary())

# %%
# The equation
# ------------
# Each class has a score z, a weighted sum. Softmax turns scores into chances that add to 1: with
# two classes, into the sigmoid of their difference.
z0, z1 = sp.symbols("z0 z1", real=True)
chance_of_0 = sl.softmax(z0, z1)
print("LaTeX:", sp.latex(chance_of_0))
print("text: ", chance_of_0)
chance_of_0

# %%
# The plain loop
# --------------
# The same by hand, all images, windows and kernels at once. The kernel is laid on as it is.
padded = np.pad(slashes, ((0, 0), (1, 1), (1, 1)))
windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
responses = (windows[:, None] * kernels[:, None, None]).sum(axis=(-2, -1))
features = np.maximum(responses, 0).reshape(20, 2, 3, 2, 3, 2).max(axis=(3, 5)).reshape(20, 18)
z0, z1 = (features @ weights + bias).T
by_hand = 1 / (1 + np.exp(z1 - z0))

# %%
# The library's call
# ------------------
# Column 0 holds the chances of class 0.
gap = np.abs(by_hand - fixed.predict(inputs)[:, 0]).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-14

# %%
# A network correlates where lesson 18 convolved, which turns the kernel over. These two kernels do
# not change when they are turned by half a circle; a lopsided one would tell.
layer_output = fixed.function(convolved)(inputs)
convolutions = np.stack([images.convolve(slashes, kernel) for kernel in kernels], axis=1)
print("largest difference to the hand-made convolution:", np.abs(layer_output - convolutions).max())
lopsided = np.arange(9.0).reshape(3, 3)
turned = images.convolve(slashes[0], lopsided) - images.correlate(slashes[0], lopsided)
print("between convolving and correlating a lopsided kernel:", np.abs(turned).max())
assert np.array_equal(layer_output, convolutions)

# %%
# What the two layers give, as the book draws it. Ninths make whole numbers of it.
pooled_by_first = fixed.function(pooled)(inputs)[:, 0]
print("first image, pooled, in ninths:", [round(9 * number) for number in pooled_by_first[0].flat])
drawings = (
    ("015", layer_output[:, 0], "Keras convolution layer output given kern1"),
    ("016", layer_output[:, 1], "Keras convolution layer output given kern2"),
    ("017", pooled_by_first, "Keras Pooling layer output given kern1"),
)
for place, arrays, title in drawings:
    figure, axes = plt.subplots(4, 5, figsize=(10, 10), layout="tight")
    sl.array_plots.grid_of_arrays(axes, arrays)
    figure.suptitle(title, fontsize=22)
    print("drawn:", *sl.save_figure(f"image_processing_{place}", figure, arrays))

# %%
# Training what is left
# ---------------------
# Five hundred steps of Nesterov's method on all images. How many come out right depends on the
# first weights of the last layer: we try twenty.
print("compiling the training loops ...")
nesterov = sl.nesterov(step_size=0.01, momentum=0.9)
how = {"loss": "categorical_crossentropy", "method": nesterov, "epochs": 500, "batch_size": 32}
counts = []
for seed in range(20):
    model = nn.Model(pixels, scores, seed=seed)
    model.set_weights({**model.get_weights(), **given})
    model.fit(inputs, targets, **how, seed=seed)
    counts.append(int((model.predict(inputs).argmax(axis=1) == labels).sum()))
print("fixed kernels, right of 20 from twenty first weights:", sorted(counts))

# %%
# Kernels that learn
# ------------------
# The second network of the chapter is new from the start: its kernels are drawn, not the two above
# let loose. To compare what they become with kern1 and kern2 explains nothing (errata E06).
free_pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(nn.Conv2D(2, (3, 3), **options)(pixels)))
free_scores = nn.Dense(2, activation="softmax", name="softmax")(nn.Flatten()(free_pooled))
trained = nn.Model(pixels, free_scores, seed=0)
history = trained.fit(inputs, targets, **how, seed=0)
fixed.fit(inputs, targets, **how, seed=0)

# %%
# All images come out right, and the margins are wide.
chances = {"fixed": fixed.predict(inputs), "trained": trained.predict(inputs)}
for name, columns in chances.items():
    hits = (columns.argmax(axis=1) == labels).sum()
    least = (columns * targets).sum(axis=1).min()
    print(f"{name}: {hits} of 20 right, smallest chance of the right class {least:.4f}")
assert np.array_equal(chances["trained"].argmax(axis=1), labels)
figure, axes = plt.subplots(1, 2, figsize=(6, 4), sharex=True, sharey=True)
learnt, titles = trained.get_weights()["kernels"][0][:, 0], ["Updated kern1", "Updated kern2"]
sl.array_plots.grid_of_arrays(axes, learnt, titles=titles, fontsize=10)
shown = (history, labels, chances["fixed"], chances["trained"])
print("drawn:", *sl.save_figure("image_processing_018", figure, *shown))

# %%
# Is the training right?
# ----------------------
# Each of three compiled steps is taken again from its own weights, in fifty digits, by the chain
# rule written out layer by layer (lesson 04): what rounding does not explain would be a mistake.
print("comparing three steps on Numba with exact ones ...")
three = how | {"epochs": 3, "backends": ["numba"]}
comparison = sl.compare_training(nn.Model(pixels, free_scores, seed=0), inputs, targets, **three)
print(comparison.frame[["local_ulps", "allowed_ulps"]].tail(1).round().to_string(index=False))
print(comparison.derivatives.verdict)
assert comparison.agrees

# %%
# As printed, and corrected
# -------------------------
# One-hot columns stand in the order of the labels. The chapter draws column 0 and writes category 1
# beside it (errata E07).
for id, column, corner in (("", 0, "upper left"), ("_corrected", 1, "lower left")):
    figure, ax = plt.subplots()
    ax.plot(chances["fixed"][:, column], label="fixed kernels")
    ax.plot(chances["trained"][:, column], label="updated kernels")
    sl.plots.open_axes(ax).legend(loc=corner)
    ax.set_xlabel("Training index", fontsize=16)
    ax.set_ylabel("Probability of Category 1", fontsize=16)
    ax.set_title("Updated kernels improve classification", fontsize=22)
    print("drawn:", *sl.save_figure(f"image_processing_019{id}", figure, *shown))

# %%
# What we saw
# -----------
# The layers are the hand-made operations. Fixed kernels with luck, learnt ones always, get right
# the twenty images they were shown. The generator's habits (lesson 18) are easier to learn than
# slants. Not shown: a test set.
#
# Exercise. Ask both about images.every_slash(). How many are right? Practise: `symlab exercise 19`.
