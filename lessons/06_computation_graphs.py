r"""
Computation graphs: an adder, a multiplier, and one that feeds the other
========================================================================
A framework does not add when it reads a + b: it notes that an addition is to be done. What is in
that note, when is the sum really formed, and what is the detour good for?

Chapter, section 6.
"""

# %%
# A note, then a number
# ---------------------
# Two constants and their sum. The sum is a graph of three nodes, and nothing has been added yet;
# `eval` asks for the number. (What the chapter's day called a session is here a compiled function,
# or this one word.)
import matplotlib.pyplot as plt
import numpy as np
import pytensor
import pytensor.tensor as pt
import sympy as sp

import symlab as sl

a, b = pt.constant(2, name="a"), pt.constant(3, name="b")
total = a + b
for node in sl.computation_graph(total).nodes:
    print("noted:", node)
print(f"the number: a = {a.eval()}, b = {b.eval()}, a + b = {total.eval(mode='FAST_COMPILE')}")

# %%
# Values fed at run time
# ----------------------
# A placeholder has a type and a name, and gets its value with each call. For these small graphs we
# want no optimisation, hence the quick mode.
quick = {"mode": "FAST_COMPILE"}
a, b = (pt.scalar(name, dtype="int16") for name in "ab")
add = pytensor.function([a, b], a + b, **quick)
print("2 + 3 =", add(2, 3))

# %%
# The same name on matrices is the same graph on another type. What goes in: ones, and the numbers
# from 0 to 14, row by row.
a, b = pt.fmatrices("a", "b")
adder = a + b
add = pytensor.function([a, b], adder, **quick)
ones = np.ones((3, 5), dtype="float32")
fifteen = np.arange(15, dtype="float32").reshape(3, 5)
print(added := add(ones, fifteen))
assert np.array_equal(added, fifteen + 1)

# %%
# The first figure is drawn from this graph: from what was built and has just run.
sl.plots.use_book_style()
figure = plt.figure(figsize=(379 / 72, 248 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), sl.computation_graph(adder))
numbers = {f"row {i}, column {j}": value for (i, j), value in np.ndenumerate(added)}
print("drawn:", *sl.save_figure("adder", figure, numbers=numbers, backend="interpreted"))

# %%
# A multiplier
# ------------
# It is the product of matrices, so the inner lengths must agree. PyTensor knows the two types and
# not yet the shapes; a second axis of b that is free is therefore nothing special.
multiplier = a @ b
multiply = pytensor.function([a, b], multiplier, **quick)
twenty = np.arange(20, dtype="float32").reshape(5, 4)
print(multiplied := multiply(ones, twenty))
assert np.array_equal(multiplied, np.tile(twenty.sum(axis=0), (3, 1)))
try:
    multiply(ones, fifteen)
except ValueError as error:
    print("refused, when it runs:", str(error).splitlines()[0])

figure = plt.figure(figsize=(394 / 72, 241 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), sl.computation_graph(multiplier))
numbers = {f"row {i}, column {j}": value for (i, j), value in np.ndenumerate(multiplied)}
print("drawn:", *sl.save_figure("multiplier", figure, numbers=numbers, backend="interpreted"))

# %%
# One feeds the other
# -------------------
# Graphs are joined by naming one in the other. Of the sum in between nobody ever sees a number.
c = pt.fmatrix("c")
joined = adder @ c
run = pytensor.function([a, b, c], joined, **quick)
print(chained := run(ones, fifteen, twenty))
assert np.array_equal(chained, multiply(added, twenty))

graph = sl.computation_graph(joined)
figure = plt.figure(figsize=(585 / 72, 233 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), graph)
numbers = {f"row {i}, column {j}": value for (i, j), value in np.ndenumerate(chained)}
print("drawn:", *sl.save_figure("add_mult", figure, numbers=numbers, backend="interpreted"))
print(f"{len(graph.inputs)} inputs, {len(graph.operations)} operations, {len(graph.edges)} arrows")

# %%
# What a note is good for
# -----------------------
# It can be read before it is run. Differentiation is a walk along its arrows backwards: here, of
# the sum of all twelve numbers. And a compiler may rewrite it: log(1 + exp(z)) as it stands
# overflows at 800 in double precision, but the rewritten graph has another operation.
total = joined.sum()
slope = pytensor.function([a, b, c], pytensor.grad(total, b), **quick)(ones, fifteen, twenty)
print("d total / d b, first row:", slope[0])
assert np.array_equal(slope, np.tile(twenty.sum(axis=1), (3, 1)))

z = pt.dscalar("z")
softplus = pt.log(1 + pt.exp(z))
plain = pytensor.function([z], softplus, mode="FAST_COMPILE")
rewritten = pytensor.function([z], softplus, mode=pytensor.compile.mode.Mode("py", "fast_run"))
with np.errstate(over="ignore"):
    print(f"as noted: {plain(800.0)}, rewritten: {rewritten(800.0)}")

# %%
# A formula is such a note as well, and SymPy reads it as algebra. This is the joined graph of three
# numbers, stated as a formula: the derivative is a formula again.
formula = sp.prod([sp.Symbol("a") + sp.Symbol("b"), sp.Symbol("c")])
print(formula, "| by b:", formula.diff("b"), "| expanded:", formula.expand())

# %%
# What we saw
# -----------
# An expression builds a graph; a function made from it runs the graph, as often as one likes, with
# other values each time. Between the two it can be drawn, differentiated and improved. Symbols of
# SymPy and variables of PyTensor are two kinds of note; what this laboratory does is to carry one
# to the other. Not shown: graphs with loops, and how a compiler joins operations into one pass.
#
# Exercise. sl.computation_graph(pytensor.grad(total, b)) still holds the sum a + b, inside
# operations named "second". Draw it, look up what they do, and say which of its numbers matter.
