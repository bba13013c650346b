r"""
A convolutional network, by hand
================================
Twenty small pictures of slashes, two kernels, and three operations on arrays. How much is decided
before anything is learned, and what did the generator of the pictures decide unnoticed?

Chapter, section 21. Errata E21, E26, E36: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# Six by six pixels, -1 but for a slash of 1: a back slash (category 1) or a forward one (0). Two
# kernels look for the two kinds. How far do convolution, ReLU and pooling tell them apart?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl
from symlab.nn import images

sl.plots.use_book_style()
slashes, labels = images.fixture()
kern1, kern2 = images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"]

# %%
# The equation
# ------------
# The three operations on a row of two pixels: weighted sums, negatives cut, the larger one kept.
line, weights = np.array([sp.symbols("x:2", real=True)]), np.array([sp.symbols("k:3", real=True)])
kept = sp.Max(*(sl.relu(answer) for answer in images.convolve(line, weights).flat))
print("LaTeX:", sp.latex(kept))
print("text: ", kept)
kept

# %%
# The plain loop
# --------------
# The same by hand for the first picture. Of 36 numbers 9 are left: the largest of each tile of 2x2.
padded, rectified = np.pad(slashes[0], 1), np.zeros((6, 6))
for row, column in np.ndindex(6, 6):
    window = padded[row : row + 3, column : column + 3]
    rectified[row, column] = max(0, (window * kern1[::-1, ::-1]).sum())
tiles = rectified.reshape(3, 2, 3, 2)
by_hand = tiles.max(axis=(1, 3))

# %%
# The library's call
# ------------------
# Three functions on arrays, one inside the other.
features = images.max_pool(images.relu(images.convolve(slashes[0], kern1)))
gap = np.abs(by_hand - features).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-14

# %%
# The pictures
# ------------
# The chapter draws them without a seed; these twenty are read off its figures, so that all that
# follows can be compared with them number by number.
print("images", slashes.shape, "labels", labels)
print("different images:", len(np.unique(slashes, axis=0)), "of", len(slashes))
figure, axes = plt.subplots(4, 5, figsize=(8, 8), layout="tight")
titles = [f"category={label}" for label in labels]
sl.array_plots.grid_of_arrays(axes, slashes, None, titles=titles)
print("drawn:", *sl.save_figure("image_processing_009", figure, slashes, labels))

# %%
# What the generator cannot draw
# ------------------------------
# It puts ones on a diagonal of a square just large enough, turns that square over for a forward
# slash, and draws again if the result does not fit. What can come, and how often, can be counted.
every, every_kind = images.every_slash()
seen = {}
for label, kind in ((1, "back"), (0, "forward")):
    chances = images.slash_chances(kind)
    shares = [float(share) for share in chances.values()]
    pictures = [images.slash(*start, kind) > 0 for start in chances]
    seen[kind] = np.average(pictures, axis=0, weights=shares)
    print(f"{kind}: {len(chances)} of {np.sum(every_kind == label)} slashes can be drawn,")
    print(f"  {1 - sum(shares):.1%} of tries fail; on average {seen[kind].sum():.2f} pixels long")

# %%
# The two kinds are not mirror images, then: back slashes always touch the top or the left edge, and
# a forward one always lies across the main diagonal. A network may learn that instead of the slant.
figure, axes = plt.subplots(1, 2, figsize=(6, 3), layout="tight")
sl.array_plots.grid_of_arrays(axes, list(seen.values()), ".2f", titles=list(seen), fontsize=8)
print("drawn:", sl.plots.save_picture(figure, "where_slashes_are"))

# %%
# Why the kernels are scaled
# --------------------------
# A kernel of ones and zeros never answers below 0 on ones and zeros, so that ReLU has nothing to
# cut. With -1 off the diagonal a mismatch counts against a match. The ninth keeps answers within 1
# and changes nothing else: ReLU lets a positive factor through.
answers = images.convolve(slashes, kern1)
plain = images.convolve(slashes > 0, images.KERNELS["diagonal"])
print(f"least answer: of ones and zeros {plain.min()}, scaled {answers.min():.4f}")
assert np.allclose(images.relu(9 * answers), 9 * images.relu(answers))
figure, axes = plt.subplots(1, 2, figsize=(356 / 72, 186 / 72), layout="tight")
sl.array_plots.grid_of_arrays(axes, [kern1, kern2], titles=["kern1", "kern2"], fontsize=10)
print("drawn:", *sl.save_figure("image_processing_010", figure, kern1))

# %%
# Convolution, exactly
# --------------------
# Every answer is a whole number of ninths. Given SymPy's ninths for floats, the same function finds
# them exactly; the floats are off by rounding, but not where the answer is 0.
ninths = (2 * images.KERNELS["diagonal"] - 1) * sp.Rational(1, 9)
exact = images.convolve(slashes.astype(int), ninths)
print("image 0, in ninths:", *(9 * exact[0]), sep="\n")
print(f"largest error of the floats: {np.abs(answers - exact.astype(float)).max():.1e}")
assert np.array_equal(answers == 0, exact == 0)

# %%
# An empty picture does not answer 0. The kernel's entries add to -1/3, so a background of -1 gives
# 1/3 inside, and less at the edge, where it meets the padding's 0. Padding with -1 would give 1/3
# everywhere; ReLU, which cuts what is negative, removes none of it.
for padding in (0, -1):
    print(f"blank, padding {padding}: in ninths")
    print(9 * images.convolve(np.full((6, 6), -1), ninths, padding=padding))

# %%
# ReLU, and the largest of each tile
# ----------------------------------
# The chapter announces pooling before ReLU and computes it after. The order does not matter, since
# ReLU never turns a larger number into a smaller one.
rectified = images.relu(answers)
pooled = images.max_pool(rectified)
assert np.array_equal(pooled, images.relu(images.max_pool(answers)))
earlier, _ = images.fixture_014()
earlier_pooled = images.max_pool(images.relu(images.convolve(earlier, kern2)))

# %%
# The book's four pictures of the way. The last is of the second kernel, on an earlier draw, and is
# a file that the book has and never shows.
drawings = (
    ("011", 10, answers, "Training Set Convolution with kern1"),
    ("012", 10, rectified, "ReLU of Convolution with kern1"),
    ("013", 8, pooled, "Max-pool of ReLU Output for kern1"),
    ("014", 8, earlier_pooled, "Max-pool of ReLU Output for kern2"),
)
for number, inches, arrays, title in drawings:
    figure, axes = plt.subplots(4, 5, figsize=(inches, inches))
    sl.array_plots.grid_of_arrays(axes, arrays)
    figure.tight_layout()
    figure.suptitle(title, fontsize=22)
    print("drawn:", *sl.save_figure(f"image_processing_{number}", figure, arrays))

# %%
# What a classifier is left with
# ------------------------------
# Eighteen numbers an image. Keep the largest of each kernel's nine, and let the larger of the two
# name the slash. Nothing was trained, and not one of all the slashes there are is named wrongly.
sets = {"chapter's": (slashes, labels), "all": (every, every_kind)}
for name, (pictures, kinds) in sets.items():
    first, second = (images.convolve(pictures, each).max(axis=(1, 2)) for each in (kern1, kern2))
    right, margin = (first > second) == kinds, abs(first - second).min()
    print(f"{name}: {right.sum()} of {len(right)} right, closest call {margin:.3f}")
    assert right.all()

# %%
# What we saw
# -----------
# Convolution asks how much each place looks like a kernel, ReLU forgets how much it does not, and
# pooling where exactly it did. Here that is all there is to learn, because we chose the kernels for
# the question. Not shown: what a network does with the nine places, which it need not ignore, and
# whether it would find the kernels itself; lesson 19 trains both.
#
# Exercise. How many background pixels of a two-pixel back slash must be turned to 1 before it is
# called forward? What does the picture that fools them look like? Practise: `symlab exercise 18`.
