r"""
Backpropagation: the chain rule, once per unit
==============================================
A network is functions inside functions, so its gradient is a long product. Which factors does each
weight's derivative have, which do they share, and in which direction do we go?

Chapter, section 4. Erratum E12 (`symlab errata E12`).
"""

# %%
# The smallest network
# --------------------
# One input, two units in a row, each with a weight and a bias; f is the sigmoid and J the cost of
# one sample. We write every quantity as a function of the one before it alone, as on paper.
import numpy as np
import sympy as sp

import symlab as sl
from symlab import nn

x, y, w1, b1, w2, b2 = sp.symbols("x y w1 b1 w2 b2", real=True)
p1, z1, p2, z2 = sp.symbols("p1 z1 p2 z2", real=True)
forward = {p1: w1 * x + b1, z1: sl.sigmoid(p1), p2: w2 * z1 + b2, z2: sl.sigmoid(p2)}
cost = (z2 - y) ** 2 / 2

# %%
# What stands on the paper's left is put into its right, from the last to the first: this is J as a
# function of the weights, the only formula that the computer needs.
J = cost
for quantity, formula in reversed(forward.items()):
    J = J.subs(quantity, formula)
print("J =", J)
network = sl.Objective(J.subs({x: sp.Rational(3, 2), y: 1}), (w1, b1, w2, b2))

# %%
# The factors
# -----------
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
# What the derivatives of one unit have in common is its delta: how J answers to the sum p that the
# unit receives. The delta of the first is made from that of the second, its weight and a slope,
# and each unit needs nothing else from the rest of the network. (The chapter leaves b1 out.)
delta2 = factor["dJ/dz2"] * factor["dz2/dp2"]
delta1 = delta2 * factor["dp2/dz1"] * factor["dz1/dp1"]
chain = {
    w1: delta1 * factor["dp1/dw1"],
    b1: delta1 * factor["dp1/db1"],
    w2: delta2 * factor["dp2/dw2"],
    b2: delta2 * factor["dp2/db2"],
}
print("delta2 =", delta2, "\ndelta1 =", delta1)

# %%
# Every arrow checked: `sl.derive` holds this chain in seventeen steps. A product that is not, with
# all quantities put in, the derivative that SymPy takes of J in one go, would have been refused by
# its number. Ours are the same products. (Type `symlab derive backpropagation` for all of it.)
deltas = dict(zip(sp.symbols("delta1 delta2", real=True), (delta1, delta2), strict=True))
for step in sl.derive("backpropagation").steps[-4:]:
    print(f"{step}   {step.verified_by}")
    assert step.statement.right.subs(deltas) == chain[step.by]

# %%
# Uphill or down
# --------------
# The chapter calls these products updates. They are derivatives, and all right; but added to the
# weights they climb. A descent step subtracts them, times a step size.
at = sp.Matrix([sp.Rational(n, 10) for n in (5, 1, -8, 3)])
gradient = network.gradient.subs(dict(zip(network.variables, at, strict=True)))
listed = sp.diag(1, 0, 1, 1) * gradient  # the chapter has no line for b1
for name, step in (("start", 0 * listed), ("added, as printed", listed), ("subtracted", -listed)):
    print(f"J {name}: {float(network.at(list(at + step / 2))):.5f}")
print(f"J subtracted, b1 too: {float(network.at(list(at - gradient / 2))):.5f}")
run = sl.minimize(network, list(at), sl.gradient_descent(step_size=0.5), 20, backend="interpreted")
print("J, 20 steps down:", run.values[[0, 1, 2, 5, 10, 20]].round(5))

# %%
# Four more opinions
# ------------------
# PyTensor differentiates its graph of the network, never seeing a derivative of ours; `verify` asks
# finite differences, complex steps and others; and a layered network learns in matrices.
point = np.array(at, dtype=float).ravel()
by_sympy = sl.compile(network, "interpreted").gradient(point)
by_graph = sl.compile(network, "interpreted", derived_by="autodiff").gradient(point)
print("autodiff less SymPy:", np.abs(by_graph - by_sympy).max())
print(sl.verify(network, at=list(at)).verdict)
assert np.allclose(by_graph, by_sympy, rtol=1e-14, atol=0)

# %%
# A layer keeps its gradient to itself, but one plain step shows it, as what the weights lost. The
# squared error lacks our factor 1/2, so half a step of it is a whole step of J.
inputs = nn.Input((1,))
unit1 = nn.Dense(1, activation="sigmoid", name="unit1")
unit2 = nn.Dense(1, activation="sigmoid", name="unit2")
model = nn.Model(inputs, unit2(unit1(inputs)))
model.set_weights([[[point[0]]], [point[1]], [[point[2]]], [point[3]]])
print("compiling the layered network's step ...")
half = sl.gradient_descent(step_size=0.5)
model.fit([[1.5]], [1.0], loss="squared_error", method=half, backend="interpreted")
after = np.concatenate([w.ravel() for pair in model.get_weights().values() for w in pair])
print("lost by the layers, less SymPy:", np.abs(point - after - by_sympy).max())
assert np.allclose(point - after, by_sympy, rtol=0, atol=1e-15)

# %%
# The same with 25 weights
# ------------------------
# Layers of 4, 2 and 1 on two inputs: each formula is longer, and none is new. Here J is one formula
# in 25 letters, which SymPy differentiates 25 times and PyTensor once, backwards.
z, letters = sp.Matrix([sp.Rational(1, 2), -1]), []
for layer, (width, before) in enumerate(((4, 2), (2, 4), (1, 2)), start=1):
    W = sp.Matrix(width, before, lambda i, j, n=layer: sp.Symbol(f"w{n}_{i}{j}", real=True))
    b = sp.Matrix(width, 1, lambda i, _, n=layer: sp.Symbol(f"b{n}_{i}", real=True))
    z = (W * z + b).applyfunc(sl.sigmoid)
    letters += [*W, *b]
deep = sl.Objective((z[0] - 1) ** 2 / 2, letters)
weights = sl.data.initial_weights(len(letters), seed=0)
print("compiling both gradients ...")
ways = [
    sl.compile(deep, "interpreted", derived_by=way).gradient(weights)
    for way in ("sympy", "autodiff")
]
print(f"{len(letters)} derivatives, largest relative gap {np.abs(ways[0] / ways[1] - 1).max():.0e}")
assert np.allclose(*ways, rtol=1e-12, atol=0)

# %%
# What we saw
# -----------
# Every derivative is a product along a path, and paths share their beginnings: computed from the
# output backwards, each delta is found once and used for everything before it. The products are
# gradients; a step that learns goes against them. Not shown: layers of many units, where a delta
# adds up what comes back along all its arrows, which is one more line of the same rule.
#
# Exercise. Give the first layer two units. Which of the printed derivatives change their form, and
# what replaces delta2 w2 in delta1?
