r"""
Logistic regression, compiled: what Theano taught, and what remains of it
=========================================================================
The same model as a compiled function. What were shared variables, automatic gradients and updates,
how much faster is a compiled step, and why is the weight that the chapter prints so long?

Chapter, section 16. Errata E14, E22, E23, E35: see `symlab errata ID`.
"""

# %%
# The question
# ------------
# A hundred labelled points, two weights from a normal draw, and a bias that starts at 0. What do
# a thousand steps cost, taken in several ways that give the same numbers?
from time import perf_counter

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
import sympy as sp

import symlab as sl

seed = 0
X, labels = sl.data.half_plane(samples=100, seed=seed)
start = np.append(sl.data.initial_weights(2, seed=seed), 0)

# %%
# The equation
# ------------
# Cross-entropy of one sample, as in the lesson before. J is its mean over the samples, and not its
# sum, so that one step size suits any number of them.
w0, w1, bias, x0, x1, y = sp.symbols("w0 w1 b x0 x1 y", real=True)
u = w0 * x0 + w1 * x1 + bias
risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(u)) - y * u, parameters=(w0, w1, bias), data=(x0, x1, y))
print("LaTeX:", sp.latex(risk.loss))
print("text: ", risk.loss)
risk.loss

# %%
# The plain loop
# --------------
# The same by hand, with NumPy: a thousand steps of size 0.1 on all samples.
features, by_hand = np.column_stack([X, np.ones(100)]), start
for _ in range(1000):
    probability = 1 / (1 + np.exp(-features @ by_hand))
    gradient = features.T @ (probability - labels) / 100
    by_hand = by_hand - 0.1 * gradient

# %%
# The library's call
# ------------------
# The formula is ours and the loop the library's. The gradient is derived by SymPy, or by PyTensor
# from the graph of J. A run starts where it is told to, and ends with the last row of its trace.
print("compiling the objective for C, twice ...")
J = risk.on({x0: X[:, 0], x1: X[:, 1], y: labels})
descent = sl.gradient_descent(step_size=0.1)
ways = ("sympy", "autodiff")
derived = {way: sl.minimize(J, start, descent, 1000, derived_by=way) for way in ways}
gap = max(np.abs(run.x - by_hand).max() for run in derived.values())
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-12

# %%
# The chapter's program, today
# ----------------------------
# Theano lives on as PyTensor. A shared variable is an array that outlives the call; grad is
# automatic differentiation; updates are assignments made at the end of each call. Of the names,
# theano is now pytensor, theano.tensor pytensor.tensor, T.grad pytensor.grad, T.nnet.sigmoid
# pt.sigmoid; T.nnet.binary_crossentropy is gone, so we write what it was.
inputs, targets = pt.dmatrix("X"), pt.dvector("y")
weights, offset = pytensor.shared(start[:2].copy(), "w"), pytensor.shared(0.0, "b")
p = 1 / (1 + pt.exp(-inputs @ weights - offset))
error = -targets * pt.log(p) - (1 - targets) * pt.log(1 - p)
by_weights, by_offset = pytensor.grad(error.mean(), [weights, offset])

# %%
# shared, function and its updates= keep their names; a mode string such as "FAST_COMPILE" chooses a
# linker. What the shared variables hold at the end is what the loop by hand arrived at.
updates = {weights: weights - 0.1 * by_weights, offset: offset - 0.1 * by_offset}
train = pytensor.function([inputs, targets], error, updates=updates, mode="FAST_COMPILE")
for _ in range(1000):
    train(X, labels)
ends = [*(run.x for run in derived.values()), np.append(weights.get_value(), offset.get_value())]
far = np.ptp(ends, axis=0).max()
print(f"w and b: {by_hand.round(4)}; the three ways differ by at most {far:.0e}")
assert far < 1e-12

# %%
# How much faster
# ---------------
# First the slowest: literal substitution, sample by sample.
sample, letters = np.column_stack([X, labels]), (*risk.parameters, *risk.data)
began = perf_counter()
for row in sample:
    risk.gradient.subs(dict(zip(letters, (*start, *row), strict=True)))
seconds = {"substitution": perf_counter() - began}

# %%
# Then a SymPy formula that is turned into a NumPy function: inside the loop, or once before it.
began = perf_counter()
slope = sp.lambdify(letters, list(risk.gradient))
made = perf_counter() - began
began = perf_counter()
for _ in range(1000):
    start - 0.1 * np.array([np.mean(part) for part in slope(*start, *sample.T)])
once = (perf_counter() - began) / 1000
seconds |= {"lambdify in the loop": made + once, "lambdify once": once}

# %%
# Then the library, which also works out J at every step. The chapter's many orders of magnitude are
# six, against substitution: four won by making the function once, the others by compiling the loop.
print("compiling a step for C, and the whole run for Numba ...")
stepwise = sl.minimize(J, start, descent, 1000, fused=False)
fused = sl.minimize(J, start, descent, 1000, backend="numba")
seconds["C, a call per step"] = stepwise.seconds / 1000
seconds["C, whole run"] = derived["sympy"].seconds / 1000
seconds["Numba, whole run"] = fused.seconds / 1000
table = pd.DataFrame({"seconds per step": seconds})
table["times as fast"] = seconds["substitution"] / table["seconds per step"]
print(table.map("{:.3g}".format).to_string())
assert np.allclose(fused.x, by_hand, rtol=1e-12)

# %%
# Three phases, one set of weights
# --------------------------------
# All samples, then one index a step, then the first fifty of a permutation: a thousand steps each.
# The chapter presents them as alternatives but never resets the shared variables, so each starts
# from the end of the one before, and what is printed at the end has had 3000 steps. Keras shows the
# loss of a step's own batch, which costs nothing: record="batch", the last column.
one = {"batch_size": 1, "order": "step", "replacement": True}
fifty = {"batch_size": 50, "order": "step"}
rows, here = [], start
for name, drawn in (("all", {}), ("one", one), ("fifty", fifty)):
    chained = sl.minimize(J, here, descent, 1000, seed=seed, **drawn)
    reset = sl.minimize(J, start, descent, 1000, seed=seed, **drawn)
    own = sl.minimize(J, start, descent, 1000, seed=seed, record="batch", **drawn)
    here = chained.x
    lengths = (np.linalg.norm(run.x[:2]) for run in (chained, reset))
    rows.append((name, *lengths, chained.value, reset.value, own.value))
columns = ["phase", "|w| as printed", "|w| reset", "J as printed", "J reset", "of its batch"]
print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))

# %%
# The book's w = (-4.681, 4.535) has length 6.518: three phases' worth, which none reaches alone.
# Only its shape is sure: opposite signs of nearly equal size, and little bias, as x1 = x0 asks for.
w = here[:2]
print(f"w = {w.round(3)}, b = {here[2]:.3f}, |w0 + w1|/|w1| = {abs(w.sum() / w[1]):.3f}")
assert w[0] < 0 < w[1] < -1.2 * w[0]

# %%
# No end to it
# ------------
# The line separates the labels, so any w that does can be made longer, and J smaller: there is no
# minimum, and the length tells only how long the clock ran. Compare directions.
long = sl.minimize(J, start, descent(step_size=1), 10**5, backend="numba", record_every=1000)
for record in (1, 10, 100):
    w, value = long.iterates[record, :2], long.values[record]
    length = np.linalg.norm(w)
    print(f"step {1000 * record:6}: |w| {length:5.2f}, J {value:.5f}, w/|w| {w / length}")

# %%
# What we saw
# -----------
# A graph, its gradient, and an assignment: the idea survived the program. Compiled, it is a formula
# like any other, and faster by a factor that depends on what it is compared with. State that
# survives a call made one run out of three. Not shown: GPUs, for which such graphs were made.
#
# Exercise. Add the penalty (w0**2 + w1**2)/100 to the risk. Is there a minimum now? Ask sl.analyze,
# then see after how many steps `|w|` stops growing. Practise: `symlab exercise 15`.
