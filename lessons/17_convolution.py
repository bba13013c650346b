r"""
Convolution: a small picture slid over a large one
==================================================
An image is an array of numbers, and a kernel a smaller one. What does sliding one over the other
find, what does it find that is not there, and what do two libraries mean by the same word?

Chapter, sections 17 to 20. Errata E17, E25, E27, E28: see `symlab errata ID`.
"""

# %%
# An image is an array
# --------------------
# Rows count from the top. These digits are often taken for MNIST (28 by 28 pixels, 0 to 255), and
# the chapter says so; they are the UCI digits, 1797 images of 8 by 8 pixels from 0 to 16.
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from sklearn.datasets import load_digits

import symlab as sl
from symlab.nn import images

digits = load_digits()
print("images", digits.images.shape, "from", digits.images.min(), "to", digits.images.max())
print(digits.images[0].astype(int))
known = {"numbers": {"sum of all": digits.images.sum()}, "backend": "scikit-learn"}

sl.plots.use_book_style()
figure, ax = plt.subplots(figsize=(6, 4))
sl.array_plots.gray(ax, digits.images[0], cmap="gray")
print("drawn:", *sl.save_figure("image_processing_001", figure, **known))

# %%
# Ten of them. The name of a panel is the label that comes with the image, not its place in line.
figure, axes = plt.subplots(2, 5, figsize=(6, 4), layout="tight")
for ax, digit, label in zip(axes.flat, digits.images, digits.target, strict=False):
    sl.array_plots.gray(ax, digit, cmap="gray").set_title(f"digit {label}")
    ax.axis("off")
print("drawn:", *sl.save_figure("image_processing_002", figure, **known))

# %%
# The kernel, laid on every pixel
# -------------------------------
# The image holds two diagonals, the kernel one. Lay the kernel's middle on a pixel, multiply what
# lies on each other, add; outside the image everything is 0. One sum for each pixel.
kernel = images.KERNELS["diagonal"]
x = np.hstack([np.vstack([kernel, kernel]), np.zeros((6, 3), dtype=int)])
res = images.convolve(x, kernel)
print(res)
figure = plt.figure(figsize=(10, 10))
sl.array_plots.convolution_walk(figure, x, kernel)
numbers = {"res[0,0]": res[0, 0], "res[1,1]": res[1, 1]}
print("drawn:", *sl.save_figure("image_processing_003", figure, numbers=numbers))

# %%
# As printed, the entry (0,0) is 3, for the whole corner of three by three. The window is centred on
# its pixel, so that sum is entry (1,1); at the corner the kernel hangs over, and finds only 2.
figure, ax = plt.subplots(figsize=(6, 4), layout="tight")
sl.array_plots.array_as_text(ax, res, fontsize=20)
print("drawn:", *sl.save_figure("image_processing_004", figure, numbers=numbers))
print("res[0,0]: printed 3, found", res[0, 0], "  res[1,1]:", res[1, 1])

# %%
# Divide by what a full match gives, the sum of the kernel's entries, and 1 will stand for one. The
# chapter calls that the number of its pixels; those are 9, of which three are not zero.
print(f"full match: {res.max() / kernel.sum()} by the sum, {res.max() / kernel.size:.3f} by pixels")

# %%
# Two meanings of one word
# ------------------------
# On symbols the same function shows what it does. Convolution, as mathematics and SciPy have it,
# first turns the kernel by half a turn; correlation, which networks call convolution, does not.
row, weights = np.array([sp.symbols("x:3")]), np.array([sp.symbols("k:3")])
print("convolve  at the middle:", images.convolve(row, weights)[0, 1])
print("correlate at the middle:", images.correlate(row, weights)[0, 1])

# %%
# The chapter slides as in the second line and calls SciPy for the first. It cannot notice, since a
# diagonal turned by 180 degrees is itself. A corner is not: on a frame, one finds the corner that
# the kernel shows, and the other the opposite one.
frame = np.pad(1 - np.pad(np.ones((2, 2), dtype=int), 1), 1)
corner = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 0]])
for slide in (images.convolve, images.correlate):
    print(slide.__name__, "finds the corner at", np.argwhere(slide(frame, corner) == 3).tolist())
assert np.array_equal(images.convolve(x, kernel), images.correlate(x, kernel))

# %%
# It answers the wrong slash too
# ------------------------------
# A forward slash is nothing like the kernel; yet wherever the two share a pixel, the answer is 1.
# The book's picture of this walk has the digits of the image before: on blank pixels, and on no
# black one but (4,1), which both images have. Ours has them on the slash.
slash = np.fliplr(np.eye(6, dtype=int))
false = images.convolve(slash, kernel)
print(false)
figure = plt.figure(figsize=(10, 10))
sl.array_plots.convolution_walk(figure, slash, kernel)
numbers = {"greatest": false.max(), "ones": np.count_nonzero(false)}
print("drawn:", *sl.save_figure("image_processing_005", figure, numbers=numbers))
figure, ax = plt.subplots(figsize=(3, 3), layout="tight")
sl.array_plots.array_as_text(ax, false)
print("drawn:", *sl.save_figure("image_processing_006", figure, numbers=numbers))
figure, axes = plt.subplots(1, 2, figsize=(6, 3))
for ax, title, ones in zip(axes, ("as printed", "corrected"), (x, slash), strict=True):
    sl.array_plots.gray(ax, slash).set_title(title)
    sl.array_plots.numbers(ax, ones, fontsize=14)
print("drawn:", sl.plots.save_picture(figure, "digits_of_two_images"))

# %%
# Two kernels, two answers
# ------------------------
# A kernel for each direction, and an image with both. Each finds its own diagonal, marked 3, among
# crossings of the other, marked 1. Image and kernels are mirrored alike, and so are the answers.
cross = np.eye(6, dtype=int) | slash
both = [kernel, images.KERNELS["antidiagonal"]]
res1, res2 = (images.convolve(cross, each) for each in both)
figure = plt.figure(figsize=(6, 4), layout="tight")
sl.array_plots.responses(figure, cross, both, [res1, res2])
print("drawn:", *sl.save_figure("image_processing_007", figure, numbers={"sum": res1.sum()}))
assert np.array_equal(res2, np.flipud(res1))

# %%
# Keep the largest
# ----------------
# Two kernels made 36 numbers into 72. Pooling keeps the largest of each tile of two by two: where
# the feature was, roughly, and how strongly, in a quarter of the numbers.
pooled = images.max_pool(np.stack([res1, res2]))
figure, axes = plt.subplots(2, 2, figsize=(6, 4), layout="tight")
for row, (name, full, small) in enumerate(zip(("res1", "res2"), (res1, res2), pooled, strict=True)):
    sl.array_plots.array_as_text(axes[row, 0], full, title=name, fontsize=16)
    sl.array_plots.array_as_text(axes[row, 1], small, title=f"max_pool({name})", fontsize=16)
print("drawn:", *sl.save_figure("image_processing_008", figure, numbers={"sum": pooled.sum()}))

# %%
# A tile has a height, in rows, and a width, in columns. As printed the two are crossed, which no
# square tile shows; and the tip there writes x[0,3], one entry, for x[slice(0, 3)], or x[0:3].
table = np.arange(24).reshape(4, 6)
print("height 2, width 3:", images.max_pool(table, height=2, width=3).tolist())
print("as printed:       ", images.max_pool(table, height=3, width=2).tolist())
print("x[0,3] is", table[0, 3], "  x[0:3] has shape", table[slice(0, 3)].shape)

# %%
# What we saw
# -----------
# A kernel is a template: the answer is largest where the image looks like it, smaller and not zero
# where it looks a little like it, and centred where the kernel's middle lay. Turned or not turned
# is the same only for kernels that do not mind. Not shown: steps of more than one pixel.
#
# Exercise. Which kernels of three by three give the same under both meanings for every image? Fill
# image and kernel with symbols, as above, and count how many of the nine entries are free.
