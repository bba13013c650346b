r"""
Accuracy in ulps: how many digits of a formula survive
======================================================
A formula that is right on paper is evaluated in 53 bits, or in 24. How many of them are right at
the end, where do the others go, and does it help to compile the formula, or to rewrite it?

Chapter, sections 8 to 10.
"""

# %%
# The question
# ------------
# Floats lie on a grid that is finer near 0. One ulp, a unit in the last place, is its spacing at
# the exact result: rounding alone costs up to half of one, in float32 as in float64, and a result
# without a right digit is off by 2^53 of them, or by 2^24. How many ulps does a formula cost?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
for number in (1.0, 1e300, 1e-310):
    print(f"spacing at {number:g}: {np.spacing(number):.3g}", end="   ")
print(f"in float32 at 1: {np.spacing(np.float32(1)):.3g}")

# %%
# The equation
# ------------
# The logistic loss of lesson 14, for a label of 0. Where z is far below 0 it is about e^z.
z = sp.symbols("z", real=True)
loss = sp.log(1 + sp.exp(z))
print("LaTeX:", sp.latex(loss))
print("text: ", loss)
loss

# %%
# The plain loop
# --------------
# The same by hand, as the formula says, against NumPy's log1p(e^z), which adds no 1 to be rounded.
places, values, errors = [-40.0, -30.0, -20.0, -10.0, 0.0, 10.0], [], []
for place in places:
    value, right = np.log(1 + np.exp(place)), np.log1p(np.exp(place))
    ulps = abs(value - right) / np.spacing(right)
    values.append(value)
    errors.append(ulps)

# %%
# The library's call
# ------------------
# symlab finds the exact values with mpmath, with as many digits as it takes. NumPy's log1p is right
# within an ulp, so that the two errors, of up to 10^15 ulps, differ by no more than one.
stated = sl.ulp_error(loss, z, places, ["lambdify"], [False], precisions=["float64"]).frame
print(stated[["value", "exact", "ulps"]].to_string(index=False))
gap = np.abs(errors - stated["ulps"]).max()
print(f"the same numbers: the values are equal, the errors within {gap:.1f} ulps")
assert np.array_equal(values, stated["value"])
assert gap < 1

# %%
# At -40 the 1 swallows e^-40 whole, and nothing is left. Stabilised, the loss keeps its digits.
one = sl.ulp_error(loss, z, [-40], systems=["lambdify"])
print(one.frame[["stable", "value", "exact", "ulps"]].to_string(index=False))
assert one.frame["value"][0] == 0

# %%
# The logistic loss
# -----------------
# Now over all z at which e^z is a float: as stated and stabilised, in both precisions, by SymPy's
# own functions and by PyTensor's.
print("compiling the loss, eight ways ...")
measured = sl.ulp_case("logistic_loss").measure()
print(measured)
figure = measured.draw(plt.figure(figsize=(11, 7)))
print("drawn:", sl.plots.save_picture(figure, "accuracy_logistic_loss"))

# %%
# The ramp of the picture is e^z sinking into the 1: every step of log 2 to the left costs a bit,
# until none is left, at 53 log 2 = 37 and in float32 at 24 log 2 = 17. On the right e^z overflows.
# Compiled for C or Numba the formula as stated does well: PyTensor recognises this one and
# rewrites it too. Interpreted, it takes the formula at its word.
stated = measured.frame.query("not stable and system == 'lambdify'")
for precision, rows in stated.groupby("precision", sort=False):
    gone = rows.point[(rows.value == 0) & (rows.exact > 0)].max()
    over = rows.point[np.isinf(rows.ulps)].min()
    print(f"{precision}: 0 up to {gone:.1f}, infinite from {over:.1f} on")

# %%
# The chapter's sigmoid
# ---------------------
# e^z/(1 + e^z), as the chapter writes it, keeps its digits and then loses the number: once e^z has
# overflowed it is infinity over infinity. That is at 709.8, but at 88.7 in the float32 that most
# networks are trained in, and a score of 89 is nothing unusual.
curve = sp.exp(z) / (1 + sp.exp(z))
for precision, ends in (("float32", [88.72, 88.73]), ("float64", [709.78, 709.79])):
    edge = sl.ulp_error(curve, z, ends, ["lambdify"], [False], precisions=[precision])
    print(precision, dict(zip(ends, edge.frame["value"], strict=True)))
    assert edge.frame["value"].isna().tolist() == [False, True]

# %%
# This one PyTensor does not recognise: compiled code is as wrong as any, only sooner.
print("compiling the sigmoid, eight ways ...")
sigmoid = sl.ulp_case("sigmoid").measure()
print(sigmoid)
assert np.isinf(sigmoid.frame.query("system == 'numba' and not stable")["ulps"]).any()

# %%
# Rewriting has to come first, and can be asked what it did and why.
print(sl.explain(curve))

# %%
# More than one symbol
# --------------------
# log(e^a + e^b) overflows with the larger of the two, though the result is hardly more than that.
# One symbol varies, the other is given, and stays an input of the compiled function.
print("compiling the log-sum-exp, eight ways ...")
print(sl.ulp_case("logsumexp").measure())

# %%
# Newton near its goal
# --------------------
# The correction f'/f'' is small near 9/4 because f' is a difference of two numbers that are not:
# what rounding did to those is all that is left of it. Written as a product it has no difference of
# rounded numbers: near 9/4, 4x - 9 is computed exactly.
print("compiling Newton's correction and step, eight ways each ...")
correction = sl.ulp_case("newton_correction").measure()
print(correction)
figure = correction.draw(plt.figure(figsize=(11, 7)))
print("drawn:", sl.plots.save_picture(figure, "accuracy_newton_correction"))

# %%
# As stated, the error grows as `1/|x - 9/4|`: a straight line of slope -1 in the picture.
rows = correction.frame.query("system == 'c' and precision == 'float64' and not stable")
rows = rows[rows.ulps > 0]
slope, _ = np.polyfit(np.log(rows.point - 9 / 4), np.log(rows.ulps), 1)
print(f"error grows as distance to the power {slope:.2f}")
assert abs(slope + 1) < 0.1

# %%
# And yet the step is right: a correction that is wrong in its digits is itself below the last
# digits of x. The same numbers, and an error of an ulp or so: it depends on what is asked for.
step = sl.ulp_case("newton_step").measure()
print(step)
assert step.summary["max_ulps"].max() < 2

# %%
# Eight at a time
# ---------------
# A run over data takes eight samples at a time, by libmvec's functions of vectors: they may be off
# by 4 ulps, for which they are several times as fast. "c-lanes" evaluates as such a run does.
for form in (sp.exp(z), sp.sin(z), loss):
    both = sl.ulp_error(form, z, systems=["c", "c-lanes"], stable=[True]).summary
    print(f"{form}:", both.set_index("system")["max_ulps"].round(2).to_dict())
    assert both["max_ulps"].max() <= 4

# %%
# What we saw
# -----------
# Digits go where a small number meets a large one, in a sum or a difference; numbers go where
# something overflows on the way. A float32 has less than half the digits, and a seventh of the
# range. Compiling removes what the compiler happens to know, rewriting what the formula needs, and
# the result is then within an ulp or two in either precision. Not shown: sums over data, whose
# errors add up; and results that happen to be near 0, such as log(e^a + e^-1) at a = -0.46, which
# no rewriting here can save.
#
# Exercise. Measure sqrt(x + 1) - sqrt(x) from 1 to 10^12, then find a form that keeps its digits
# and give it as `rewrite`. Check the second part of "Not shown" with `given`.
# Practise: `symlab exercise 20`.
