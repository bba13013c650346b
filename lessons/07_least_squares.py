r"""
Least squares: a minimum we can check to the last digit
=======================================================
Five equations in three unknowns have no solution, only a best compromise, and algebra gives it as
fractions. How near does gradient descent come in 500 steps, and what decides how many it takes?

Chapter, section 7. Erratum E37 (`symlab errata E37`).
"""

# %%
# The question
# ------------
# Five equations A x = b in three unknowns. Which x misses them by least, all misses squared and
# added, and how far do 500 gradient steps of size 0.001 get from x = 0?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl

matrix, target = sl.data.least_squares_data()
start = [0, 0, 0]

# %%
# The equation
# ------------
# The cost is the squared length of A x - b, its transpose times itself: no half in front, no mean.
# SymPy differentiates it as it stands.
A, x, b = sp.MatrixSymbol("A", 5, 3), sp.MatrixSymbol("x", 3, 1), sp.MatrixSymbol("b", 5, 1)
cost = (A * x - b).T * (A * x - b)
print("LaTeX:", sp.latex(cost))
print("text: ", cost)
print("gradient:", cost.diff(x))
cost

# %%
# The plain loop
# --------------
# By hand, with that gradient typed in.
by_hand = np.zeros(3)
for _ in range(500):
    residual = matrix @ by_hand - target
    by_hand = by_hand - 0.001 * 2 * matrix.T @ residual

# %%
# The library's call
# ------------------
# symlab reads the cost as a sum over the rows of A, one row a sample, and derives the rest.
print("compiling the cost and its gradient for C ...")
risk = sl.EmpiricalRisk(cost, parameters=x)
print("loss of one row:", risk.loss)
f = risk.on({A: matrix, b: target})
descent = sl.gradient_descent(step_size=0.001)
trace = sl.minimize(f, start, descent, max_steps=500, backend="c")
gap = np.abs(by_hand - trace.x).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-13

# %%
# The gradient, row by row
# ------------------------
# The five rows' derivatives, written out and added, are the gradient for any A and b: SymPy leaves
# no remainder.
rows = zip(A.as_explicit().tolist(), b.as_explicit(), strict=True)
fills = [dict(zip(risk.data, (*row, right), strict=True)) for row, right in rows]
added = sum((risk.gradient.subs(fill) for fill in fills), sp.zeros(3, 1))
unknowns = dict(zip(x.as_explicit(), risk.parameters, strict=True))
remainder = sp.expand(added - cost.diff(x).as_explicit().subs(unknowns))
print("rows' gradients less the matrix form:", list(remainder))
assert remainder == sp.zeros(3, 1)

# %%
# The answer, from algebra
# ------------------------
# Where the gradient is zero, A'A x = A'b. All numbers are whole, so the solution is a column of
# fractions, with nothing rounded.
whole, right = (sp.Matrix(each.astype(int)) for each in (matrix, target))
normal = whole.T * whole
solution = normal.LUsolve(whole.T * right)
minimum = ((whole * solution - right).T * (whole * solution - right))[0]
print("x* =", list(solution), "  cost there:", minimum, "=", float(minimum))
assert normal * solution == whole.T * right

# %%
# Five hundred steps
# ------------------
# The book ran this in single precision, 24 bits: its three numbers are ours to within that.
printed = np.array([-0.08000698, 0.6133011, 0.09500197])
limit = np.array(solution, dtype=float).ravel()
print("after 500 steps:", trace.x, "  largest distance from print:", abs(trace.x - printed).max())
print("normal equations:", limit, "  distance still to go:", np.linalg.norm(trace.x - limit))
assert np.allclose(trace.x, printed, rtol=0, atol=3e-7)

# %%
# The cost before each of the first sixty steps. Most of the fall is over after five of them, down
# the steepest direction; the other two take their time, as the next cells say.
sl.plots.use_book_style()
figure, ax = plt.subplots(figsize=(10, 5))
ax.plot(trace.k[:60], trace.values[:60], "ok-")
ax.set_xlabel("iteration count", fontsize=18)
ax.set_ylabel("cost function", fontsize=18)
figure.tight_layout()
print("drawn:", *sl.save_figure("LS_cost", figure, trace, solution, minimum))
print("costs:", *(f"[{k}] {trace.values[k]:.6f}" for k in (0, 1, 2, 5, 59, 499)))

# %%
# What decides the speed
# ----------------------
# One step maps the error e = x - x* to (1 - 2 alpha A'A) e. Along an eigenvector of A'A with
# eigenvalue L that is a factor 1 - 2 alpha L, which stays between -1 and 1 for alpha below 1/L.
error = sp.MatrixSymbol("e", 3, 1)
gained = sp.expand(cost.diff(x).subs(x, x + error).doit() - cost.diff(x))
print("what an error e adds to the gradient:", gained)

polynomial = normal.charpoly(sp.Symbol("lambda"))
eigenvalues = sp.real_roots(polynomial)
smallest, largest = eigenvalues[0], eigenvalues[-1]
print("characteristic polynomial of A'A:", polynomial.as_expr())
print("eigenvalues:", *(value.evalf(8) for value in eigenvalues))

# %%
# The largest L sets the limit, the smallest the wait.
alpha = sp.Rational(1, 1000)
factors = [1 - 2 * alpha * value for value in eigenvalues]
slowest = 1 - 2 * alpha * smallest
wait = sp.log(sp.Rational(1, 10**6)) / sp.log(slowest)
print("limit of the step size: 1 /", largest.evalf(7), "=", (1 / largest).evalf(8))
print("factors at 0.001:", *(factor.evalf(6) for factor in factors))
print(f"steps until the slowest part of the error is a millionth: {float(wait):.2f}")

# %%
# The library's own derivation comes to the same numbers, and the runs obey them: here the measured
# factor, and what 1649 more steps leave of the error.
theory = sl.analyze(f, descent)
longer = sl.minimize(f, start, descent, 3000, backend="c")
print(theory.verdict)
print(f"measured factor {longer.rate(limit):.8f}, derived {float(theory.rate):.8f}")
assert abs(longer.rate(limit) - float(theory.rate)) < 1e-6

distances = np.linalg.norm(longer.iterates - limit, axis=1)
after_500, later = distances[500], distances[500 + 1649]
print(f"share of the distance left after 1649 more steps: {later / after_500:.3e}")

# %%
# One step size on either side of the limit.
assert abs(float(theory.step_limit) * float(largest) - 1) < 1e-12
for share in (0.99, 1.01):
    method = sl.gradient_descent(step_size=share * float(theory.step_limit))
    print(f"{share} of the limit:", sl.minimize(f, start, method, 3000, backend="c").message)

# %%
# Exact against compiled
# ----------------------
# The same 500 steps with 50 digits by SymPy, and each compiled step judged on its own.
comparison = sl.compare(f, start=start, method=descent, max_steps=500, backends=("sympy", "c"))
print(comparison)
assert comparison.agrees

# %%
# What we saw
# -----------
# The chapter says that iterated and analytic answers are close. They are, to 0.002, and we know
# why they are no closer: one direction keeps 0.99165 of its error at each step. The cost hides it,
# since along that direction it is nearly flat. Not shown: systems whose columns are dependent,
# where the smallest eigenvalue is 0 and the minimum is a line.
#
# Exercise. Which step size makes the largest of the three factors as small as possible, and how
# many steps does a millionth take then? Answer from the eigenvalues, then run it.
# Practise: `symlab exercise 07`.
