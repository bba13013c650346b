r"""
Computation graphs: an adder, a multiplier, and one that feeds the other
========================================================================
A framework does not add when it reads a + b: it notes that an addition is to be done. What is in
that note, when is the sum really formed, and what is the detour good for?

Chapter, section 6.
"""

# %%
# The question
# ------------
# Two matrices are added and their sum is multiplied by a third. A framework is told this once, in a
# line that looks like arithmetic, and computes nothing yet. What does that line make?
import matplotlib.pyplot as plt
import numpy as np
import pytensor
import pytensor.tensor as pt
import sympy as sp

import symlab as sl

ones = np.ones((3, 5), dtype="float32")
fifteen = np.arange(15, dtype="float32").reshape(3, 5)  # 0 to 14, row by row
twenty = np.arange(20, dtype="float32").reshape(5, 4)

# %%
# The equation
# ------------
# SymPy notes it as well: matrices with a name and a shape, and no number in them.
A, B, C = sp.MatrixSymbol("A", 3, 5), sp.MatrixSymbol("B", 3, 5), sp.MatrixSymbol("C", 5, 4)
equation = (A + B) * C
print("LaTeX:", sp.latex(equation))
print("text: ", equation)
equation

# %%
# The plain loop
# --------------
# By hand, number by number: a row of the sum meets a column of C.
by_hand = np.zeros((3, 4))
for row in range(3):
    for column in range(4):
        for inner in range(5):
            added = ones[row, inner] + fifteen[row, inner]
            by_hand[row, column] += added * twenty[inner, column]

# %%
# The library's call
# ------------------
# PyTensor's line is a note, called a graph; a function made from it is what computes. (Graphs as
# small as these need no optimisation, hence the quick mode.)
quick = {"mode": "FAST_COMPILE"}
a, b, c = pt.fmatrices("a", "b", "c")
joined = (a + b) @ c
run = pytensor.function([a, b, c], joined, **quick)
print(chained := run(ones, fifteen, twenty))
print(f"the same numbers: the largest difference is {np.abs(by_hand - chained).max():.0e}")
assert np.array_equal(by_hand, chained)

# %%
# A note, then a number
# ---------------------
# Two constants and their sum. The sum is a graph of three nodes, and nothing has been added yet;
# `eval` asks for the number. (What the chapter's day called a session is here a compiled function,
# or this one word.)
a, b = pt.constant(2, name="a"), pt.constant(3, name="b")
total = a + b
for node in sl.computation_graph(total).nodes:
    print("noted:", node)
print(f"the number: a = {a.eval()}, b = {b.eval()}, a + b = {total.eval(mode='FAST_COMPILE')}")

# %%
# Values fed at run time
# ----------------------
# A placeholder has a type and a name, and gets its value with each call.
a, b = (pt.scalar(name, dtype="int16") for name in "ab")
add = pytensor.function([a, b], a + b, **quick)
print("2 + 3 =", add(2, 3))

# %%
# The same line on matrices is the same graph on another type.
a, b = pt.fmatrices("a", "b")
adder = a + b
add = pytensor.function([a, b], adder, **quick)
print(added := add(ones, fifteen))
assert np.array_equal(added, fifteen + 1)

# %%
# The first figure is drawn from this graph: from what was built and has just run.
sl.plots.use_book_style()
figure = plt.figure(figsize=(379 / 72, 248 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), sl.computation_graph(adder))
print("drawn:", *sl.save_figure("adder", figure, added))

# %%
# A multiplier
# ------------
# It is the product of matrices, so the inner lengths must agree. PyTensor knows the two types and
# not yet the shapes; a second axis of b that is free is therefore nothing special.
multiplier = a @ b
multiply = pytensor.function([a, b], multiplier, **quick)
print(multiplied := multiply(ones, twenty))
assert np.array_equal(multiplied, np.tile(twenty.sum(axis=0), (3, 1)))
try:
    multiply(ones, fifteen)
except ValueError as error:
    print("refused, when it runs:", str(error).splitlines()[0])

# %%
# The second figure, drawn from the multiplier's graph.
figure = plt.figure(figsize=(394 / 72, 241 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), sl.computation_graph(multiplier))
print("drawn:", *sl.save_figure("multiplier", figure, multiplied))

# %%
# One feeds the other
# -------------------
# Graphs are joined by naming one in the other, as in the line at the start. Of the sum in between
# nobody ever sees a number.
joined = adder @ c
run = pytensor.function([a, b, c], joined, **quick)
chained = run(ones, fifteen, twenty)
assert np.array_equal(chained, multiply(added, twenty))

graph = sl.computation_graph(joined)
figure = plt.figure(figsize=(585 / 72, 233 / 72))
sl.diagrams.flow(figure.add_axes((0, 0, 1, 1)), graph)
print("drawn:", *sl.save_figure("add_mult", figure, chained))
print(f"{len(graph.inputs)} inputs, {len(graph.operations)} operations, {len(graph.edges)} arrows")

# %%
# What a note is good for
# -----------------------
# It can be read before it is run. Differentiation is a walk along its arrows backwards: here, of
# the sum of all twelve numbers.
total = joined.sum()
slope = pytensor.function([a, b, c], pytensor.grad(total, b), **quick)(ones, fifteen, twenty)
print("d total / d b, first row:", slope[0])
assert np.array_equal(slope, np.tile(twenty.sum(axis=1), (3, 1)))

# %%
# And a compiler may rewrite it: log(1 + exp(z)) as it stands overflows at 800 in double precision,
# but the rewritten graph has another operation.
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
# Practise: `symlab exercise 06`.
