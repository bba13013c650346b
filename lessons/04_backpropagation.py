r"""
Backpropagation: the chain rule, once per unit
==============================================
A network is functions inside functions, so its gradient is a long product. Which factors does each
weight's derivative have, which do they share, and in which direction do we go?

Chapter, section 4. Erratum E12 (`symlab errata E12`).
"""

# %%
# The question
# ------------
# The smallest network: one input and two units in a row, each with a weight, a bias and a sigmoid.
# J is half the squared error of one sample. How does J answer to each of the four numbers?
import math

import numpy as np
import sympy as sp

import symlab as sl
from symlab import nn

sample = (1.5, 1.0)  # the input x, and the answer y that is wanted
point = (0.5, 0.1, -0.8, 0.3)  # w1, b1, w2, b2

# %%
# The equation
# ------------
# p is the sum that a unit receives, z what it sends on, and its delta how J answers to p. These are
# four of the seventeen steps of a derivation, all verified (`symlab derive backpropagation`).
steps = {step.number: step for step in sl.derive("backpropagation").steps}
equation = [steps[number] for number in (10, 13, 14, 16)]
print("LaTeX:", r" \quad ".join(step.latex for step in equation))
print("text: ", "; ".join(str(step.shown) for step in equation))
equation[0]

# %%
# The plain loop
# --------------
# By hand: forward to the output in two lines, and backward in two.
(x, y), (w1, b1, w2, b2) = sample, point
z1 = 1 / (1 + math.exp(-(w1 * x + b1)))
z2 = 1 / (1 + math.exp(-(w2 * z1 + b2)))
delta2 = (z2 - y) * z2 * (1 - z2)
delta1 = delta2 * w2 * z1 * (1 - z1)
by_hand = [delta1 * x, delta1, delta2 * z1, delta2]

# %%
# The library's call
# ------------------
# symlab is given J alone, and no derivative. From here on the letters are symbols.
x, y, w1, b1, w2, b2 = sp.symbols("x y w1 b1 w2 b2", real=True)
J = (sl.sigmoid(w2 * sl.sigmoid(w1 * x + b1) + b2) - y) ** 2 / 2
print("J =", J)
network = sl.Objective(J.subs({x: sp.Rational(3, 2), y: 1}), (w1, b1, w2, b2))
by_sympy = sl.compile(network, "interpreted").gradient(point)
gap = np.abs(by_hand - by_sympy).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-15

# %%
# The factors
# -----------
# On paper every quantity is a function of the one before it alone, and J of the last.
p1, z1, p2, z2 = sp.symbols("p1 z1 p2 z2", real=True)
forward = {p1: w1 * x + b1, z1: sl.sigmoid(p1), p2: w2 * z1 + b2, z2: sl.sigmoid(p2)}
cost = (z2 - y) ** 2 / 2

# %%
# Each partial derivative along the chain, by SymPy. The slope of a sigmoid is written with its own
# value, f(1 - f): this is why the forward pass keeps what it has computed.
factor = {
    "dJ/dz2": cost.diff(z2),
    "dz2/dp2": forward[z2].diff(p2).subs(sl.sigmoid(p2), z2),
    "dp2/dw2": forward[p2].diff(w2),
    "dp2/db2": forward[p2].diff(b2),
    "dp2/dz1": forward[p2].diff(z1),
    "dz1/dp1": forward[z1].diff(p1).subs(sl.sigmoid(p1), z1),
    "dp1/dw1": forward[p1].diff(w1),
    "dp1/db1": forward[p1].diff(b1),
}
for name, partial in factor.items():
    print(f"{name} = {partial}")

# %%
# The recursion
# -------------
# The delta of the first unit is that of the second, times its weight, times a slope: all that it
# needs from the rest of the network. Its derivatives are its delta times what came in.
delta2 = factor["dJ/dz2"] * factor["dz2/dp2"]
delta1 = delta2 * factor["dp2/dz1"] * factor["dz1/dp1"]
print("delta2 =", delta2, "\ndelta1 =", delta1)
chain = {
    w1: delta1 * factor["dp1/dw1"],
    b1: delta1 * factor["dp1/db1"],  # which the chapter leaves out
    w2: delta2 * factor["dp2/dw2"],
    b2: delta2 * factor["dp2/db2"],
}

# %%
# The last four steps of the derivation state the derivatives. Ours are the same products.
deltas = dict(zip(sp.symbols("delta1 delta2", real=True), (delta1, delta2), strict=True))
for number in (14, 15, 16, 17):
    step = steps[number]
    print(f"{step}   {step.verified_by}")
    assert step.statement.right.subs(deltas) == chain[step.by]

# %%
# Uphill or down
# --------------
# The chapter calls these products updates. They are right, as derivatives; but added to the weights
# they climb. A descent step subtracts them, times a step size, here 1/2.
at = sp.Matrix([sp.Rational(n, 10) for n in (5, 1, -8, 3)])
gradient = network.gradient.subs(dict(zip(network.variables, at, strict=True)))
without_b1 = sp.diag(1, 0, 1, 1) * gradient  # the chapter has no line for b1
for name, sign in (("start", 0), ("added, as printed", 1), ("subtracted", -1)):
    print(f"J {name}: {float(network.at(list(at + sign * without_b1 / 2))):.5f}")
print(f"J subtracted, b1 too: {float(network.at(list(at - gradient / 2))):.5f}")
run = sl.minimize(network, list(at), sl.gradient_descent(step_size=0.5), 20, backend="interpreted")
print("J, 20 steps down:", run.values[[0, 1, 2, 5, 10, 20]].round(5))

# %%
# Three more opinions
# -------------------
# PyTensor differentiates its graph of the network, never seeing a derivative of ours; `verify` asks
# finite differences, complex steps and others.
by_graph = sl.compile(network, "interpreted", derived_by="autodiff").gradient(point)
print("autodiff less SymPy:", np.abs(by_graph - by_sympy).max())
print(sl.verify(network, at=list(at)).verdict)
assert np.allclose(by_graph, by_sympy, rtol=1e-14, atol=0)

# %%
# A network of layers has matrices for weights, and its squared error lacks our factor 1/2: half its
# gradient is ours.
inputs = nn.Input((1,))
first = nn.Dense(1, activation="sigmoid")(inputs)
model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(first))
model.set_weights([[[0.5]], [0.1], [[-0.8]], [0.3]])
slopes = model.gradient([[1.5]], [[1.0]], loss="squared_error")
by_layers = np.concatenate([each.ravel() / 2 for layer in slopes.values() for each in layer])
print("layers less SymPy:", np.abs(by_layers - by_sympy).max())
assert np.allclose(by_layers, by_sympy, rtol=0, atol=1e-15)

# %%
# The same with 25 weights
# ------------------------
# Layers of 4, 2 and 1 on two inputs: each formula is longer, and none is new. Here J is one formula
# in 25 letters, which SymPy differentiates 25 times and PyTensor once, backwards.
z, letters = sp.Matrix([sp.Rational(1, 2), -1]), []
for layer, (width, before) in enumerate(((4, 2), (2, 4), (1, 2)), start=1):
    W = sp.Matrix(width, before, sp.symbols(f"w{layer}_:{width * before}", real=True))
    b = sp.Matrix(width, 1, sp.symbols(f"b{layer}_:{width}", real=True))
    z = (W * z + b).applyfunc(sl.sigmoid)
    letters += [*W, *b]
deep = sl.Objective((z[0] - 1) ** 2 / 2, letters)
weights = sl.data.initial_weights(len(letters), seed=0)
by_sympy = sl.compile(deep, "interpreted").gradient(weights)
by_graph = sl.compile(deep, "interpreted", derived_by="autodiff").gradient(weights)
print(len(letters), "derivatives, largest relative gap", np.abs(by_sympy / by_graph - 1).max())
assert np.allclose(by_sympy, by_graph, rtol=1e-12, atol=0)

# %%
# What we saw
# -----------
# Every derivative is a product along a path, and paths share their beginnings: computed from the
# output backwards, each delta is found once and used for everything before it. The products are
# gradients; a step that learns goes against them. Not shown: layers of many units, where a delta
# adds up what comes back along all its arrows, which is one more line of the same rule.
#
# Exercise. Give the first layer two units. Which of the printed derivatives change their form, and
# what replaces delta2 w2 in delta1? Practise: `symlab exercise 04`.
