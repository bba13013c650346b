r"""
Convolution: a small picture slid over a large one
==================================================
An image is an array of numbers, and a kernel a smaller one. What does sliding one over the other
find, what does it find that is not there, and what do two libraries mean by the same word?

Chapter, sections 17 to 20. Errata E17, E25, E27, E28: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# The image holds two diagonals of ones, the kernel one. Where in the image does it find itself?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from sklearn.datasets import load_digits

import symlab as sl
from symlab.nn import images

sl.plots.use_book_style()
kernel = np.eye(3, dtype=int)
x = np.hstack([np.vstack([kernel, kernel]), np.zeros((6, 3), dtype=int)])

# %%
# The equation
# ------------
# Lay the kernel's middle on a pixel, multiply what lies on each other, and add: nine products. The
# kernel is first turned by half a turn, so that its entry (0,0) meets the pixel (2,2).
pixels, entries = sp.symarray("x", (3, 3)), sp.symarray("k", (3, 3))
at_the_middle = images.convolve(pixels, entries)[1, 1]
print("LaTeX:", sp.latex(at_the_middle))
print("text: ", at_the_middle)
at_the_middle

# %%
# The plain loop
# --------------
# The same by hand, one sum for each pixel. Outside the image everything is 0.
padded, turned, by_hand = np.pad(x, 1), kernel[::-1, ::-1], np.zeros((6, 6), dtype=int)
for row in range(6):
    for column in range(6):
        window = padded[row : row + 3, column : column + 3]
        by_hand[row, column] = (window * turned).sum()

# %%
# The library's call
# ------------------
# Two entries are 3: the middles of the two diagonals.
res = images.convolve(x, kernel)
print(res)
print(f"the same numbers: the largest difference is {np.abs(by_hand - res).max()}")
assert np.array_equal(by_hand, res)

# %%
# An image is an array
# --------------------
# Rows count from the top. These digits are often taken for MNIST (28 by 28 pixels, 0 to 255), and
# the chapter says so; they are the UCI digits, 1797 images of 8 by 8 pixels from 0 to 16. The name
# of a panel is the label that comes with the image, not its place in line.
digits = load_digits()
print("images", digits.images.shape, "from", digits.images.min(), "to", digits.images.max())
print(digits.images[0].astype(int))
figure, ax = plt.subplots(figsize=(6, 4))
sl.array_plots.gray(ax, digits.images[0], cmap="gray")
print("drawn:", *sl.save_figure("image_processing_001", figure, digits.images))

figure, axes = plt.subplots(2, 5, figsize=(6, 4), layout="tight")
for ax, digit, label in zip(axes.flat, digits.images, digits.target, strict=False):
    sl.array_plots.gray(ax, digit, cmap="gray").set_title(f"digit {label}")
    ax.axis("off")
print("drawn:", *sl.save_figure("image_processing_002", figure, digits.images))

# %%
# The kernel, laid on every pixel
# -------------------------------
# As printed, the entry (0,0) is 3, for the whole corner of three by three. But that is the sum
# about pixel (1,1); about the corner's own pixel the kernel hangs over, and finds only 2.
figure = plt.figure(figsize=(10, 10))
sl.array_plots.convolution_walk(figure, x, kernel)
print("drawn:", *sl.save_figure("image_processing_003", figure, res))
print("res[0,0]: printed 3, found", res[0, 0], "  res[1,1]:", res[1, 1])
figure, ax = plt.subplots(figsize=(6, 4), layout="tight")
sl.array_plots.array_as_text(ax, res, fontsize=20)
print("drawn:", *sl.save_figure("image_processing_004", figure, res))

# %%
# Divide by what a full match gives, the sum of the kernel's entries, and 1 will stand for one. The
# chapter calls that the number of its pixels; those are 9, of which three are not zero.
print(f"full match: {res.max() / kernel.sum()} by the sum, {res.max() / kernel.size:.3f} by pixels")

# %%
# Two meanings of one word
# ------------------------
# Convolution, as mathematics and SciPy have it, turns the kernel; correlation, which networks call
# convolution, does not. The chapter means the second and calls SciPy. It cannot notice: a diagonal
# turned by 180 degrees is itself. A corner is not, and on a frame the two find opposite ones.
line, weights = np.array([sp.symbols("x:3")]), np.array([sp.symbols("k:3")])
print("convolve  at the middle:", images.convolve(line, weights)[0, 1])
print("correlate at the middle:", images.correlate(line, weights)[0, 1])
frame = np.pad(1 - np.pad(np.ones((2, 2), dtype=int), 1), 1)
corner = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 0]])
for slide in (images.convolve, images.correlate):
    print(slide.__name__, "finds the corner at", np.argwhere(slide(frame, corner) == 3).tolist())
assert np.array_equal(images.convolve(x, kernel), images.correlate(x, kernel))

# %%
# It answers the wrong slash too
# ------------------------------
# A forward slash is nothing like the kernel; yet wherever the two share a pixel, the answer is 1.
slash = np.fliplr(np.eye(6, dtype=int))
false = images.convolve(slash, kernel)
print(false)
figure, ax = plt.subplots(figsize=(3, 3), layout="tight")
sl.array_plots.array_as_text(ax, false)
print("drawn:", *sl.save_figure("image_processing_006", figure, false))

# %%
# The book's picture of this walk has the digits of the image before: on blank pixels, and on no
# black one but (4,1), which both images have. Ours has them on the slash.
figure = plt.figure(figsize=(10, 10))
sl.array_plots.convolution_walk(figure, slash, kernel)
print("drawn:", *sl.save_figure("image_processing_005", figure, false))
figure, axes = plt.subplots(1, 2, figsize=(6, 3))
for ax, title, ones in zip(axes, ("as printed", "corrected"), (x, slash), strict=True):
    sl.array_plots.gray(ax, slash).set_title(title)
    sl.array_plots.numbers(ax, ones, fontsize=14)
print("drawn:", sl.plots.save_picture(figure, "digits_of_two_images"))

# %%
# Two kernels, two answers
# ------------------------
# Each kernel finds its own diagonal, marked 3, among crossings of the other, marked 1. Image and
# kernels are mirrored alike, and so are the answers.
cross, mirrored = np.eye(6, dtype=int) | slash, images.KERNELS["antidiagonal"]
res1, res2 = images.convolve(cross, kernel), images.convolve(cross, mirrored)
figure = plt.figure(figsize=(6, 4), layout="tight")
sl.array_plots.responses(figure, cross, [kernel, mirrored], [res1, res2])
print("drawn:", *sl.save_figure("image_processing_007", figure, res1))
assert np.array_equal(res2, np.flipud(res1))

# %%
# Keep the largest
# ----------------
# Two kernels made 36 numbers into 72. Pooling keeps the largest of each tile of two by two: where
# the feature was, roughly, and how strongly, in a quarter of the numbers.
pooled = images.max_pool(np.stack([res1, res2]))
figure, axes = plt.subplots(2, 2, figsize=(6, 4), layout="tight")
for row, name, full, small in zip(axes, ("res1", "res2"), (res1, res2), pooled, strict=True):
    sl.array_plots.array_as_text(row[0], full, title=name, fontsize=16)
    sl.array_plots.array_as_text(row[1], small, title=f"max_pool({name})", fontsize=16)
print("drawn:", *sl.save_figure("image_processing_008", figure, pooled))

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
# A kernel is a template: the answer is largest where the image looks like it, and not zero where it
# looks a little like it. Turned or not is the same only for a kernel that is its own half turn.
# Not shown: steps of more than one pixel.
#
# Exercise. Which kernels of three by three give the same under both meanings for every image? Fill
# both with symbols, as above, and count how many entries are free. Practise: `symlab exercise 17`.
