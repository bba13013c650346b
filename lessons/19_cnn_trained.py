r"""
The same network, first fixed and then trained
==============================================
What does a library's convolution add to the one made by hand, and what do kernels become that may
learn? The chapter's two networks on its twenty images, as printed and with the labels put right.

Chapter, sections 22 to 23. Errata E06, E07, E21: see `symlab errata ID`.
"""

# %%
# The pipeline as a network
# -------------------------
# Convolution, ReLU and pooling as before; eighteen pooled numbers then decide between two classes.
# The kernels of the first network are given and held, so that only 38 numbers learn.
import matplotlib.pyplot as plt
import numpy as np

import symlab as sl
from symlab import nn
from symlab.nn import images

slashes, labels = images.fixture()
inputs, targets = slashes[:, None], nn.one_hot(labels, 2)
kern1, kern2 = images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"]

parts = {}
for name, trainable in (("fixed", False), ("trained", True)):
    pixels = nn.Input((1, 6, 6))
    layer = nn.Conv2D(
        2, (3, 3), padding="same", use_bias=False, trainable=trainable, name="kernels"
    )
    convolved = layer(pixels)
    pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(convolved))
    scores = nn.Dense(2, activation="softmax", name="softmax")(nn.Flatten()(pooled))
    parts[name] = {"pixels": pixels, "convolved": convolved, "pooled": pooled, "scores": scores}

given = {"kernels": [np.stack([kern1, kern2])[:, None]]}
fixed = nn.Model(parts["fixed"]["pixels"], parts["fixed"]["scores"], seed=0)
fixed.set_weights({**fixed.get_weights(), **given})
print(fixed.summary())

# %%
# The same numbers as by hand
# ---------------------------
# A network correlates where the hand-made loop convolves, which turns the kernel over. These two
# kernels do not change when they are turned by half a circle; a lopsided one would tell.
responses = fixed.function(parts["fixed"]["convolved"])(inputs)
by_hand = np.array([[images.convolve(each, k) for k in (kern1, kern2)] for each in slashes])
print("largest difference to the hand-made convolution:", np.abs(responses - by_hand).max())
lopsided = np.arange(9.0).reshape(3, 3)
turned = images.convolve(slashes[0], lopsided) - images.correlate(slashes[0], lopsided)
print("between convolving and correlating a lopsided kernel:", np.abs(turned).max())
assert np.array_equal(responses, by_hand)

sl.plots.use_book_style()
for id, kernel, name in (("015", 0, "kern1"), ("016", 1, "kern2")):
    figure, axes = plt.subplots(4, 5, figsize=(10, 10), layout="tight")
    sl.array_plots.grid_of_arrays(axes, responses[:, kernel])
    figure.suptitle(f"Keras convolution layer output given {name}", fontsize=22)
    ran = {"numbers": {"sum in ninths": 9 * responses[:, kernel].sum()}, "backend": "interpreted"}
    print("drawn:", *sl.save_figure(f"image_processing_{id}", figure, **ran))

reduced = fixed.function(parts["fixed"]["pooled"])(inputs)
figure, axes = plt.subplots(4, 5, figsize=(10, 10), layout="tight")
sl.array_plots.grid_of_arrays(axes, reduced[:, 0])
figure.suptitle("Keras Pooling layer output given kern1", fontsize=22)
ninths = np.round(9 * reduced[0, 0]).astype(int).ravel().tolist()
ran = {"numbers": {"sum in ninths": 9 * reduced[:, 0].sum()}, "backend": "interpreted"}
print("drawn:", *sl.save_figure("image_processing_017", figure, **ran))
print("first image, pooled, in ninths:", ninths)

# %%
# Training what is left
# ---------------------
# Five hundred steps of Nesterov's method; a batch would hold 32 images, so each step sees all 20.
# How many come out right depends on the first weights of the last layer: we try some.
print("compiling the training loops ...")
nesterov = sl.nesterov(step_size=0.01, momentum=0.9)
how = {"loss": "categorical_crossentropy", "method": nesterov, "epochs": 500, "batch_size": 32}

counts = []
for seed in range(20):
    model = nn.Model(parts["fixed"]["pixels"], parts["fixed"]["scores"], seed=seed)
    model.set_weights({**model.get_weights(), **given})
    model.fit(inputs, targets, **how, seed=seed)
    counts.append(int((model.predict(inputs).argmax(1) == labels).sum()))
print("fixed kernels, right of 20 from twenty first weights:", sorted(counts))
fixed.fit(inputs, targets, **how, seed=0)

# %%
# Kernels that learn
# ------------------
# The second network of the chapter is new from the start: its kernels are drawn, not the two above
# let loose. All images come out right and the margins are wide; but the kernels it ends with are no
# updates of anything, so that comparing them with kern1 and kern2 explains nothing (errata E06).
trained = nn.Model(parts["trained"]["pixels"], parts["trained"]["scores"], seed=0)
history, numbers = trained.fit(inputs, targets, **how, seed=0), {}
for name, model in (("fixed", fixed), ("trained", trained)):
    chances = model.predict(inputs)
    least = chances[np.arange(len(labels)), labels].min()
    hits = (chances.argmax(1) == labels).sum()
    numbers |= {f"{name}, right of 20": hits, f"{name}, least chance": least}
    print(f"{name}: {hits} of 20 right, smallest chance of the right class {least:.4f}")
assert np.array_equal(trained.predict(inputs).argmax(1), labels)

learnt = trained.get_weights()["kernels"][0][:, 0]
figure, axes = plt.subplots(1, 2, figsize=(6, 4), sharex=True, sharey=True)
titles = ["Updated kern1", "Updated kern2"]
sl.array_plots.grid_of_arrays(axes, learnt, titles=titles, fontsize=10)
ran = {"numbers": numbers, "seed": 0, "backend": history.backend}
print("drawn:", *sl.save_figure("image_processing_018", figure, **ran))

# %%
# Is the training right?
# ----------------------
# Each of three compiled steps is taken again from its own weights, in fifty digits, by the chain
# rule written out layer by layer (lesson 04): what rounding does not explain would be a mistake.
start = nn.Model(parts["trained"]["pixels"], parts["trained"]["scores"], seed=0)
three = {**how, "epochs": 3}
print("comparing three steps on Numba with exact ones ...")
comparison = sl.compare_training(start, inputs, targets, **three, backends=["numba"])
worst = comparison.frame.iloc[-1]
print(f"at most {worst.local_ulps:.0f} ulps off, {worst.allowed_ulps:.0f} allowed there")
print(comparison.derivatives.verdict)
assert comparison.agrees

# %%
# As printed, and corrected
# -------------------------
# Column 0 is the chance of category 0, since one-hot columns stand in the order of the labels. The
# chapter draws it and writes category 1 beside it (errata E07).
columns = {"fixed kernels": fixed, "updated kernels": trained}
for id, column, said in (("", 0, 1), ("_corrected", 1, 1)):
    figure, ax = plt.subplots()
    for name, model in columns.items():
        ax.plot(model.predict(inputs)[:, column], label=name)
    sl.plots.open_axes(ax).legend(loc="upper left" if column == 0 else "lower left")
    ax.set_xlabel("Training index", fontsize=16)
    ax.set_ylabel(f"Probability of Category {said}", fontsize=16)
    ax.set_title("Updated kernels improve classification", fontsize=22)
    print("drawn:", *sl.save_figure(f"image_processing_019{id}", figure, **ran))

# %%
# What we saw
# -----------
# The layers are the hand-made operations. Fixed kernels with luck, learnt ones always, put twenty
# images right that both have been shown; neither was asked about an image it had not seen, and the
# generator's habits (lesson 18) are easier to learn than slants. Not shown: a test set.
#
# Exercise. Ask both models about images.every_slash(): all 110 slashes. How many are right?
