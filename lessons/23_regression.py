r"""
Regression: digits that are certified, and how far to trust them
================================================================
How does a fit use that it is a sum of squares, what bends its step from Newton's towards descent,
and how many digits of a parameter do the data know? NIST has certified the answers.

Chapter, section 10.
"""

# %%
# The question
# ------------
# 54 measurements of an ultrasonic echo over a distance, and a model with three parameters. NIST
# gives eleven certified digits of each. Which of them do we get, and which do the data know?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp

import symlab as sl

steel = sl.problems.nist["Chwirut2"]
at, response = steel.x, steel.y
fit = sl.least_squares(steel.model, steel.parameters, {"x": at, "y": response})
print("model:", steel.model, " certified:", *(f"{float(b):.10g}" for b in steel.certified))

# %%
# The equation
# ------------
# The residuals R are replaced by a line in the step P, with their Jacobian J; squares of lines have
# a minimum that algebra finds. Gauss and Newton go there.
steps = {step.number: step for step in sl.derive("levenberg_marquardt").steps}
print("LaTeX:", steps[7].latex)
print("text: ", steps[7].shown)
steps[7]

# %%
# The plain loop
# --------------
# The Jacobian typed in; `lstsq` factorises it: solving with J'J can lose twice as many digits.
by_hand = np.array([0.15, 0.008, 0.01])
for _ in range(12):
    under = by_hand[1] + by_hand[2] * at
    model = np.exp(-by_hand[0] * at) / under
    slopes = model[:, None] * np.stack([at, 1 / under, at / under], axis=1)
    by_hand -= np.linalg.lstsq(slopes, response - model)[0]

# %%
# The library's call
# ------------------
# symlab finds that the objective is a sum of squares, and derives residual and Jacobian.
full_steps = sl.gauss_newton(search=sl.fixed)
gauss = sl.minimize(fit, steel.starts[1], full_steps, backend="interpreted")
gap = np.abs(gauss.x / by_hand - 1).max()
print(f"the same numbers: to 1e-11: {gap < 1e-11}")
assert gap < 1e-11
print(gauss.message)

# %%
# Where the step comes from
# -------------------------
# `sl.derive` verifies each arrow. A Hessian has one more part than J'J: the residuals times their
# second derivatives. It is left out, which costs nothing where residuals are small.
print(*(f"{steps[number]}   {steps[number].verified_by}" for number in (1, 3, 4, 7)), sep="\n")
x, y = sp.symbols("x y", real=True)
for parameter in steel.parameters:
    print(f"dr/d{parameter}:", sp.simplify(sp.diff(y - steel.model, parameter)))

# %%
# Too far to trust the line
# -------------------------
# Hahn1: the expansion of copper, a quotient of cubics, seven parameters from 10 down to 1e-7; and
# Eckerle4, a narrow bell. From NIST's far starts full steps lead astray, from the second even
# searched ones. Levenberg and Marquardt put a price mu on the length, in units that J sets.
searched, damped, table = sl.gauss_newton, sl.levenberg_marquardt, []
for name in ("Hahn1", "Eckerle4"):
    far = sl.problems.nist[name]
    for how, method in (("full", full_steps), ("armijo", searched), ("price", damped)):
        run = sl.minimize(far.objective, far.starts[0], method, 100, backend="interpreted")
        right = np.allclose(run.x, np.array(far.certified, float), rtol=1e-6)
        table.append([name, how, run.status, run.steps, right])
print(pd.DataFrame(table, columns=["set", "steps are", "status", "steps", "right"]).to_string())

# %%
# The bridge
# ----------
# One end, mu = 0, is the step of Gauss and Newton; the other, mu without bound, a short step down
# the gradient in units of the sizes E. Between them each step is the best within its own length.
print(*(f"{steps[number]}   {steps[number].verified_by}" for number in (14, 17, 22, 25)), sep="\n")

# %%
# Drawn for two parameters: where the step ends, from mu = 0 to large mu, which is at the start.
wood = sl.problems.nist["DanWood"]
start = np.array([1.1, 2.6])
curve = start[0] * wood.x ** start[1]
slopes = -np.stack([wood.x ** start[1], curve * np.log(wood.x)], axis=1)
sizes, normal, slope = (slopes**2).sum(axis=0), slopes.T @ slopes, slopes.T @ (wood.y - curve)
prices = [0, *np.logspace(-4, 3, 60)]
ends = [start - np.linalg.solve(normal + mu * np.diag(sizes), slope) for mu in prices]
lengths = [float(np.sqrt(sizes @ (end - start) ** 2)) for end in ends]
print("length of the step, mu from 0 on:", *(f"{length:.3f}" for length in lengths[::15]))
assert lengths == sorted(lengths, reverse=True)

# %%
# The contours are of the sum of squares, in logarithms.
sl.plots.use_book_style()
figure, ax = plt.subplots()
first, second = np.meshgrid(np.linspace(0.55, 1.3, 80), np.linspace(2.4, 4.3, 80))
totals = sum((b - first * a**second) ** 2 for a, b in zip(wood.x, wood.y, strict=True))
ax.contour(first, second, np.log10(totals), 14, colors="gray", linewidths=0.6, linestyles="solid")
ax.plot(*np.transpose(ends), "k-", *ends[0], "ks", *start, "ko", *map(float, wood.certified), "kx")
ax.set(xlabel="b1", ylabel="b2")
ax.legend(ax.lines, ["ends of the step", "mu = 0", "start", "certified"])
print("drawn:", sl.plots.save_picture(figure, "regression_bridge"))

# %%
# Certified digits
# ----------------
# From both of NIST's starts, parameters as they are, never scaled by hand.
rows = []
for name in ("Chwirut2", "Hahn1", "Eckerle4", "MGH10"):
    known, wanted = sl.problems.nist[name], np.array(sl.problems.nist[name].certified, float)
    for place, begin in zip(("far", "near"), known.starts, strict=True):
        run = sl.minimize(known.objective, begin, damped, 400, backend="interpreted")
        digits = -np.log10(np.abs(run.x / wanted - 1).max() + 1e-16)
        rows.append([name, place, run.status, run.steps, digits >= 9])
print(pd.DataFrame(rows, columns=["set", "start", "status", "steps", "9 digits"]).to_string())
assert all(row[-1] for row in rows)

# %%
# What the data know
# ------------------
# Eleven digits of the minimum are no eleven digits of steel: other measurements would give another.
# The covariance is s^2 (J'J)^-1, s^2 the sum of squares over 54 - 3.
errors = gauss.standard_errors()
errors["certified"] = [float(error) for error in steel.standard_errors]
print(errors.to_string(float_format="{:.8g}".format))
scatter = errors.attrs["residual_standard_deviation"]
print(f"scatter {scatter:.7f}, with {errors.attrs['degrees_of_freedom']} degrees of freedom")
assert np.allclose(errors["standard_error"], errors["certified"], rtol=1e-9)

# %%
# Six parameters become three
# ---------------------------
# Lanczos added three exponentials. Their heights enter linearly: for given rates the best ones are
# known, so that only rates need be stepped. symlab finds which they are by second derivatives.
lanczos = sl.problems.nist["Lanczos3"]
print("model:", lanczos.model)
for method in (damped, sl.variable_projection):
    run = sl.minimize(lanczos.objective, lanczos.starts[0], method, 400, backend="interpreted")
    print(f"{method.name}: {run.steps} steps of {run.states['E'].shape[1]}, b =", run.x.round(6))
    assert np.allclose(run.x, np.array(lanczos.certified, float), rtol=1e-9)

# %%
# Labels instead of measurements
# ------------------------------
# A likelihood has standard errors too, from its Hessian. That of logistic regression does not read
# the labels: it is Fisher's information, and Newton's method there is Fisher scoring.
w = sp.symbols("w", real=True)
curvature = sp.simplify(sp.diff(sp.log(1 + sp.exp(w * x)) - y * w * x, w, 2))
print("second derivative:", curvature, " reads y:", curvature.has(y))
assert not curvature.has(y)

# %%
# What we saw
# -----------
# First derivatives of residuals are enough for certified digits; a price on the length led there
# from NIST's far starts; standard errors say which digits matter. Not shown: outliers.
#
# Exercise. Fit DanWood with `sl.gauss_newton` from (1, 5), and compare its standard errors with
# NIST's. Practise: `symlab exercise 23`.
