r"""
How fast: what a step costs, and why
====================================
The chapter expects compiled mathematics to be many orders of magnitude faster. Faster than what,
where does the time go, what is the least it could be, and when does compiling pay?

Chapter, sections 9 to 16.
"""

# %%
# The question
# ------------
# A step of gradient descent on the chapter's f takes a dozen operations, of which a processor does
# some billions in a second. What does a program do with the rest of its time?
from time import perf_counter

import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

# %%
# The equation
# ------------
# With a step size of 0.1 the iterates end in a cycle of two, so that a run never stops by itself.
x = sp.symbols("x", real=True)
f = sl.Objective(x**4 - 3 * x**3 + 2)
step = x - sp.Rational(1, 10) * f.gradient[0]
print("LaTeX:", sp.latex(step))
print("text: ", step)
step

# %%
# The plain loop
# --------------
# Python's own floats, and the slope that the chapter writes down.
by_hand = [0.1]
for _ in range(1000):
    here = by_hand[-1]
    by_hand.append(here - 0.1 * (4 * here**3 - 9 * here**2))

# %%
# The library's call
# ------------------
# The whole run is one function in C, with the loop inside.
print("compiling the run for C ...")
descent = sl.gradient_descent(step_size=0.1)
run = sl.minimize(f, [0.1], descent, 1000)
gap = np.abs(run.iterates[:, 0] - by_hand).max()
print(f"the same numbers: after 1000 steps they differ by less than 1e-11: {gap < 1e-11}")
assert gap < 1e-11

# %%
# The C of the run
# ----------------
# Derived by SymPy, written by symlab: value, gradient, where the loop ends, records, and the rule.
print(sl.compile(f, method=descent).source)

# %%
# Before that the formula was rewritten. Each rewrite, with its worth in ulps and nanoseconds:
view = sl.compiled_view(f.expression)
print(view)
view

# %%
# Five ways to take a step
# ------------------------
# As the chapter does it first: SymPy substitutes into the formula, in every step anew.
began, here = perf_counter(), sp.Float(0.1)
for _ in range(200):
    here = step.subs(x, here)
micros = {"SymPy loop": (perf_counter() - began) * 1e6 / 200}

# %%
# lambdify makes a Python function of the formula, once. The loop is as before.
began = perf_counter()
taken = sp.lambdify(x, step)
paid = {"lambdify": perf_counter() - began}
began, here = perf_counter(), 0.1
for _ in range(20_000):
    here = taken(here)
micros["lambdify"] = (perf_counter() - began) * 1e6 / 20_000

# %%
# A compiled gradient is called once a step, from a loop in Python.
print("compiling value and gradient for C ...")
compiled, point = sl.compile(f), np.array([0.1])
compiled.gradient(point)  # the first call compiles
paid["C, a call per step"] = compiled.compile_seconds
began = perf_counter()
for _ in range(5000):
    point = point - 0.1 * compiled.gradient(point)
micros["C, a call per step"] = (perf_counter() - began) * 1e6 / 5000

# %%
# And the whole run, with every iterate recorded and with the last alone.
many = 10**6
for name, every in (("C, whole run", 1), ("C, last iterate alone", many)):
    long = sl.minimize(f, [0.1], descent, many, record_every=every)
    micros[name], paid[name] = long.seconds * 1e6 / many, long.compile_seconds
    assert long.status == "max_steps"

# %%
# What they cost here and now, and after how many steps a compiler has paid for itself, against
# lambdify: what it cost, over what each step saves. Times change from run to run, the order hardly.
table = pd.DataFrame({"µs a step": micros, "compile, s": paid}).loc[list(micros)]
table["times as fast"] = micros["SymPy loop"] / table["µs a step"]
saved = (micros["lambdify"] - table["µs a step"]).clip(lower=0)
pays = (table["compile, s"] - paid["lambdify"]).clip(lower=0) * 1e6 / saved
table["pays after"] = pays[saved > 0]
print(table.map("{:.3g}".format).to_string())
print("SymPy loop 1000 times slower than a run:", micros["SymPy loop"] > 1e3 * micros[name])
assert micros[name] < micros["lambdify"] < micros["SymPy loop"]

# %%
# The least it could be
# ---------------------
# How many operations the step has, and how many of them must wait for one another: the longest
# chain from x to the next x, a sum or a product of several counted as one.
chain = {}
for part in sp.postorder_traversal(step):
    chain[part] = max((1 + chain[each] for each in part.args), default=0)
print(f"{sp.count_ops(step)} operations, the longest chain {chain[step]}")

# %%
# What an operation takes where none waits is measured by a product of vectors. At that rate no
# program is faster than the floor. A run is slower, because its operations wait: it takes
# a few cycles of the processor for each link of the chain.
ones, took = np.ones(10**5), []
for _ in range(20):
    began = perf_counter()
    ones @ ones
    took.append((perf_counter() - began) * 1e9 / (2 * len(ones)))
floor = min(took) * sp.count_ops(step)
print(f"floor {float(floor):.2g} ns, the run {micros[name] * 1e3:.2g} ns a step")
print(f"{micros[name] * 1e3 / chain[step]:.2g} ns for each link of the chain")

# %%
# Where the time goes
# -------------------
# A call costs the same whatever it computes: here it is Python's, and nearly all of a step. In a
# run nothing is called; to record costs memory, and samples cost exponentials. Samples are taken
# in lanes of a vector register: eight of them cost hardly more than one.
w, t = sp.symbols("w t", real=True)
for loss in (sp.log(1 + sp.exp(-w * t)), (1 - w * t) ** 2):
    risk, costs = sl.EmpiricalRisk(loss, parameters=(w,), data=(t,)), {}
    for samples in (1, 8, 1000):
        J = risk.on({t: np.linspace(-1, 1.5, samples)})
        costs[samples] = sl.minimize(J, [0.1], descent, 2000, record_every=2000, tolerance=0)
    a_step = {m: each.seconds * 1e6 / max(each.k[-1], 1) for m, each in costs.items()}
    print(loss, "µs a step:", {m: f"{each:.2g}" for m, each in a_step.items()})
    assert a_step[1000] < 1000 * a_step[1]

# %%
# One run of all workloads
# ------------------------
# `python -m benchmarks` takes such times for larger problems and beside other libraries. This is
# the table of its last published run: it names the machine, and says whether that was idle.
print(sl.data.benchmark_table())

# %%
# What we saw
# -----------
# Most of the cost of a small step is not arithmetic: SymPy looks at formulas, Python looks at
# objects, a call packs and unpacks arrays. A compiled run has only the chain of its operations
# left. It pays after as many steps as its compiler costs over what a step saves; whoever takes
# twenty steps should not compile. Not shown: graphics cards, and products of large matrices.
#
# Exercise. Take the steps with sl.adam, print its C, and count the operations of its chain.
# Practise: `symlab exercise 21`.
