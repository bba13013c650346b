r"""
Moving averages: what a mean remembers
======================================
A running mean can forget all at once or little by little. Which formula does the little-by-little
kind follow, when the text, the library call and the optimiser that uses it each seem to differ?

Chapter, section 14. Erratum E16: see `symlab errata E16`.
"""

# %%
# The question
# ------------
# Twenty-one numbers: a 1, the kick, and twenty zeros. What a mean makes of them shows how long it
# remembers. A window of three drops the 1 after three steps. What does a mean do that forgets half
# of what it knows at every step?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
a = sp.symbols("a", positive=True)
n = sp.symbols("n", integer=True, nonnegative=True)
kick = np.eye(1, 21)[0]

# %%
# The equation
# ------------
# The new mean y is a share a of the new number x and the rest of the old mean. It begins with x_0.
# This is the exponentially weighted moving average (EWMA) as the chapter's text states it.
derivation = sl.derive("moving_average")
stated, solved = derivation.steps[0], derivation.steps[2]
print("LaTeX:", stated.latex)
print("text: ", stated)
stated

# %%
# The plain loop
# --------------
# The same by hand, with a = 1/2. The kick halves at every step and is never quite gone.
share, by_hand = 1 / 2, [kick[0]]
for number in kick[1:]:
    old_mean = by_hand[-1]
    by_hand.append(share * number + (1 - share) * old_mean)

# %%
# The library's call
# ------------------
# After the kick x is zero, so every step multiplies by 1 - a. symlab proves it by induction.
print("text, kick at 0:", solved.shown.right, " ", solved.verified_by)
formula = solved.shown.right.subs(a, sp.Rational(1, 2))
gap = max(abs(formula.subs(n, step) - mean) for step, mean in enumerate(by_hand))
print(f"the same numbers: the largest difference is {float(gap):.0e}")
assert gap == 0

# %%
# A kick, and two means
# ---------------------
# The chapter's figure draws a window of three and pandas' EWMA with com=1, which means a = 1/2. But
# pandas' numbers are 1, 1/3, 1/7, and not 1, 1/2, 1/4.
window = pd.Series(kick).rolling(window=3).mean()
weighted = pd.Series(kick).ewm(com=1).mean()
print("window:", window.head(6).tolist())
print("pandas:", *(sp.nsimplify(value, rational=True, tolerance=1e-12) for value in weighted[:7]))

# %%
# The picture shows one of the three points at which the window holds the kick: the first two need
# numbers from before the series began. (The chapter prints it under another figure's caption.)
figure, ax = plt.subplots(figsize=(6, 4))
ax.plot(window, "k-", label="Moving average")
ax.plot(weighted, "b-", label="EWMA")
ax.set_xlim(0, 20)
ax.set_xlabel("$n$", fontsize=18)
ax.legend(fontsize=18)
print("drawn:", *sl.save_figure("gradient_descent_005", figure, window, weighted))
print("values of the window that are missing:", int(window.isna().sum()))

# %%
# pandas' mean
# ------------
# What pandas calls adjust, on unless switched off, makes the weights add to 1: a sum of
# (1 - a)^i x_(n-i) over the sum of (1 - a)^i. Both sums have a recursion too, and SymPy solves it.
y, total, mass = (sp.Function(name) for name in ("y", "total", "mass"))
above = sp.rsolve(total(n) - (1 - a) * total(n - 1), total(n), {total(0): 1})
below = sp.rsolve(mass(n) - (1 - a) * mass(n - 1) - 1, mass(n), {mass(0): 1})
normalised = sp.simplify(above / below)
at_half = normalised.subs(a, sp.Rational(1, 2))
print("pandas, kick at 0:", normalised, "  at a = 1/2:", sp.simplify(at_half))
assert sp.simplify(at_half - 1 / (2 ** (n + 1) - 1)) == 0
assert np.allclose(weighted, [float(at_half.subs(n, i)) for i in range(21)], rtol=1e-12)

# %%
# Side by side: as printed in the text, and as drawn in its figure. They part at once, by 1/6, and
# `adjust=False` gives the text's.
plain = pd.Series(kick).ewm(alpha=0.5, adjust=False).mean()
table = pd.DataFrame({"text": plain, "drawn": weighted, "difference": plain - weighted})
print(table.head(6).round(4).T.to_string())
assert np.array_equal(plain, by_hand)

# %%
# A kick elsewhere
# ----------------
# (1 - a)^n is special to a kick at 0, where y_0 = x_0 takes it whole. Later it enters with its
# share a, and the window is full and shows 1/3 three times. As weights of a mean only the second
# form makes sense: over all n it adds to 1, the first to 1/a. And the later the kick, the less the
# two formulas differ, since the sum they are divided by has by then nearly reached 1/a.
later = sp.rsolve(y(n) - (1 - a) * y(n - 1), y(n), {y(0): a})
print("text, n after a kick at k > 0:", later)
sum_of_powers = sp.limit(below.subs(a, sp.Rational(1, 10)), n, sp.oo)
print(f"a = 1/10: (1 - a)^n adds to {sum_of_powers}, a (1 - a)^n to {sum_of_powers / 10}")

# %%
# Two kicks and three means: at 0 the recursion and the normalised mean part, at 5 hardly.
figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, place in zip(axes, (0, 5), strict=True):
    series = pd.Series(np.eye(1, 21, place)[0])
    ax.plot(series.rolling(3).mean(), "ko-", ms=4, label="window of 3")
    ax.plot(series.ewm(alpha=0.5, adjust=False).mean(), "s--", ms=4, color="C1", label="recursion")
    ax.plot(series.ewm(alpha=0.5).mean(), "b.-", label="normalised")
    ax.set_title(f"kick at {place}")
    ax.set_xlabel("$n$", fontsize=14)
    print(f"kick at {place}:", series.ewm(alpha=0.5, adjust=False).mean()[place:].head(3).tolist())
axes[0].legend()
print("drawn:", sl.plots.save_picture(figure, "impulse_responses"))

# %%
# Adam's two means
# ----------------
# Adam keeps a recursion m of gradients from m = 0, with beta on the old value, so that beta = 0.9
# is a = 0.1, and divides by 1 - beta^(n+1). That looks like a third formula and is the second: m is
# 1 - beta times the upper sum, its divisor 1 - beta times the lower.
m, s, x = sl.adam.recurrence
alpha, beta1, beta2, epsilon = sl.adam.hyperparameters
print("Adam's m becomes:", sl.adam.update[m])
upper, g = sp.symbols("upper g", real=True)
next_upper, next_m = g + beta1 * upper, sl.adam.update[m].subs(m, (1 - beta1) * upper)
numerator = sp.expand(next_m - (1 - beta1) * next_upper)
divisor = sp.simplify(1 - beta1 ** (n + 1) - (1 - beta1) * below.subs(a, 1 - beta1))
print("m - (1 - beta) upper:", numerator, "  divisor likewise:", divisor)
assert numerator == divisor == 0

# %%
# So pandas, given the gradients of a run, computes Adam's corrected mean. Uncorrected, m starts at
# a tenth of the slopes it has seen, and after ten steps is still a third short of a constant one.
f = sl.problems["quartic"].objective
run = sl.minimize(f, [0.1], sl.adam(step_size=0.1), 20, backend="interpreted")
visited, means = run.iterates[:-1, 0], run.states["m"][1:, 0]
table = pd.DataFrame({"slope": sl.plots.values(f.gradient[0], f.variables, visited), "m": means})
table["share"] = 1 - 0.9 ** np.arange(1, 21)
table["corrected"] = table["m"] / table["share"]
table["pandas"] = table["slope"].ewm(alpha=0.1).mean()
print(table.iloc[[0, 1, 4, 9, 19]].round(6).to_string())
print("share of a constant slope in m:", *table["share"].iloc[[0, 1, 4, 9]].round(3))
assert np.allclose(table["corrected"], table["pandas"], rtol=1e-10)

# %%
# What we saw
# -----------
# One idea, two formulas: a recursion that trusts its first value wholly, and a weighted mean that
# counts every value it has. The text states the first, draws the second, and Adam uses the second.
# Adam's other mean is the same of squares; it is no variance, since no mean is taken off.
# Not shown: series with gaps, where pandas must say whether a gap ages what came before.
#
# Exercise. For which a does an EWMA have the same mean age of its weights as a window of length w?
# Sum n a (1 - a)^n with SymPy, and compare your answer with pandas' `span`.
# Practise: `symlab exercise 13`.
