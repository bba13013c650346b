r"""
The perceptron: a rule that learns, and the same rule with one sign turned
==========================================================================
A line is to separate two kinds of points, and is corrected by each point that it gets wrong. By how
much, in which direction, and does it get better with every pass?

Chapter, section 1. Errata E05, E33: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# A hundred points of a square; those above the diagonal have label 1, the others -1. A line is to
# tell them apart: three numbers w that start anywhere, the last of them for a column of ones, which
# lets the line miss the origin. What does a point that stands on the wrong side do to w?
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

seed = 4
points, y = sl.data.half_plane(samples=100, seed=seed, labels=(-1, 1))
X = np.column_stack([points, np.ones(len(points))])
start = sl.data.initial_weights(3, seed=seed)
order = sl.draw_batches(100, 1, 200, seed=seed).ravel()  # two passes, each point once in each
print(f"before: w = {start.round(3)}, right on {np.mean(np.sign(X @ start) == y):.0%}")

# %%
# The equation
# ------------
# The answer is the sign of the score w.x. A point whose answer is its label changes nothing; any
# other adds twice its label times itself.
rule = sl.derive("perceptron").steps[0]
print("LaTeX:", rule.latex)
print("text: ", rule.shown)
rule

# %%
# The plain loop
# --------------
# By hand, point by point. Where the answer is right, y - answer is 0.
by_hand = start.copy()
for i in order:
    answer = np.sign(X[i] @ by_hand)
    by_hand = by_hand + (y[i] - answer) * X[i]

# %%
# The library's call
# ------------------
# symlab has no perceptron; it has gradient descent, and wants a cost. A point costs nothing on its
# own side, and its distance in score on the other: max(0, -y score).
x0, x1, w0, w1, w2, label = sp.symbols("x0 x1 w0 w1 w2 y", real=True)
score = w0 * x0 + w1 * x1 + w2
cost = sl.relu(-label * score)
risk = sl.EmpiricalRisk(cost, parameters=(w0, w1, w2), data=(x0, x1, label))
print("slope of the cost:", list(risk.gradient))

# %%
# So a point on its own side has slope 0, and one on the other adds y x, times the step size. The
# rule adds 2 y x: it is gradient descent with step size 2, one point at a time.
bound = risk.on({x0: X[:, 0], x1: X[:, 1], label: y})
descent = sl.gradient_descent(step_size=2)
trace = sl.minimize(
    bound, start, descent, 200, batch_size=1, seed=seed, tolerance=0, backend="interpreted"
)
print("by hand   ", by_hand, "\nby descent", trace.x)
gap = np.abs(by_hand - trace.x).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-12

# %%
# One pass, then another
# ----------------------
# The chapter takes the points as they are stored, and the second pass goes on from the first. (That
# a score may be exactly 0 is no case here. The answer would be 0, which is neither class; the rule
# would then move by half as much.)
w = start.copy()
for epoch in (1, 2):
    for x, target in zip(X, y, strict=True):
        w = w - (np.sign(x @ w) - target) * x
    print(f"after epoch {epoch}: w = {w.round(3)}, right on {np.mean(np.sign(X @ w) == y):.0%}")

# %%
# One sign turned
# ---------------
# As printed, the rule subtracts (y - answer) x. Take a point x of label 1 whose score is -1: its
# score should rise. The rule as coded lifts it by 2 x.x; as printed, it pushes it down by as much.
x, wrong = sp.Matrix([1, 2, 1]), sp.Matrix([-1, 0, 0])
miss = 1 - sp.sign(wrong.dot(x))
print("score before", wrong.dot(x), end=": ")
print("corrected", (wrong + miss * x).dot(x), end=", ")
print("as printed", (wrong - miss * x).dot(x))

# %%
# One cloud may be an accident, so here are two hundred, each with its own start.
clouds = [sl.data.half_plane(samples=100, seed=s, labels=(-1, 1)) for s in range(200)]
many = np.array([np.column_stack([each, np.ones(100)]) for each, _ in clouds])
labels = np.array([each for _, each in clouds])
initial = np.array([sl.data.initial_weights(3, seed=s) for s in range(200)])

# %%
# All are trained at once: a row of W is the line of one cloud. In the sums, c counts the clouds, i
# their points, and j the three numbers.
shares = {}
for name, sign in (("corrected", 1), ("as printed", -1)):
    W, history = initial.copy(), []
    for _ in range(50):
        for i in range(100):
            answer = np.sign(np.sum(many[:, i] * W, axis=1))
            W += sign * (labels[:, i] - answer)[:, None] * many[:, i]
        right = np.sign(np.einsum("cij,cj->ci", many, W)) == labels
        history.append(right.mean(axis=1))
    shares[name] = np.array(history)

# %%
# With the sign as printed the outcome is an anti-classifier, worse than guessing.
means = {name: share.mean(axis=1) for name, share in shares.items()}
table = pd.DataFrame(means, index=pd.RangeIndex(1, 51, name="epochs")).loc[[1, 2, 5, 10, 50]]
print("mean accuracy over 200 clouds")
print(table.round(3).to_string())
ready = (np.sign(np.einsum("cij,cj->ci", many, initial)) == labels).all(axis=1)
print(f"started without a mistake, and so never moved: {ready.sum()}")
print(f"best of the others as printed, after 50: {shares['as printed'][-1][~ready].max():.2f}")
assert table["corrected"].min() > 0.9
assert table["as printed"].max() < 0.2

# %%
# Better with every pass?
# -----------------------
# On average and in the end, yes: where a line exists that separates the points, only finitely many
# corrections are possible. From one pass to the next, no: what one point asks for may undo another.
good = shares["corrected"]
print(f"second pass worse than the first: {np.mean(good[1] < good[0]):.1%} of clouds")
print(f"some drop in the first ten: {np.mean((np.diff(good[:10], axis=0) < 0).any(axis=0)):.0%}")
print(f"largest drop: {-np.diff(good, axis=0).min():.2f}")
print(f"without a mistake after 50: {np.mean(good[-1] == 1):.0%}")

# %%
# The answer is a sign
# --------------------
# The chapter first writes the answer as the score itself. With that the rule corrects by how far
# the score is from y, with step size 1, which is far too long, and the weights explode.
for name, sign in (("corrected", 1), ("as printed", -1)):
    w = start.copy()
    for x, target in zip(X, y, strict=True):
        w = w + sign * (target - x @ w) * x
    print(f"score for answer, {name}: |w| = {np.linalg.norm(w):.0e} after one pass")

# %%
# What we saw
# -----------
# The perceptron rule is a gradient step on a cost that is zero on the right side, so it stops when
# all is right and not before; one turned sign makes it climb. It needs no calculus to be written,
# and no smoothness, but gives no reason to prefer one separating line to another. Not shown: points
# that no line separates. There the rule never comes to rest.
#
# Exercise. Shuffle the points before each pass. Does the share of clouds that are separated after
# ten passes change? And what becomes of the table if all start from w = 0?
# Practise: `symlab exercise 01`.
