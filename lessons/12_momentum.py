r"""
Momentum: a memory that widens the limit
========================================
A heavy ball keeps a share of its last step. Why does that help in a ravine, how much larger a step
does it stand, and what does an equation say that has the next iterate on both of its sides?

Chapter, section 13. Erratum E08: see `symlab errata E08`.
"""

# %%
# A ravine
# --------
# Twenty times steeper across than along, and one step size must serve both. The heavy ball adds a
# share eta of the step before. Across, where steps alternate in sign, the shares cancel; along,
# where they agree, they add up, towards 1/(1 - eta) times the step.
import matplotlib.pyplot as plt
import pandas as pd
import sympy as sp

import symlab as sl

problem = sl.problems["ravine"]
ravine = problem.objective
curvatures = sorted(ravine.hessian.eigenvals())
print("curvatures", *curvatures, "  heavy ball:", sl.momentum.recurrence)

# %%
# The limit, derived
# ------------------
# Near a minimum of curvature L the gradient is L x, so a step is a matrix on (v, x). Distances stop
# shrinking where an eigenvalue z passes -1, and that fixes the largest step size. The heavy ball
# stands 1 + eta times the 2/L of plain descent; Nesterov's form stands less than plain descent.
z, L = sp.symbols("z L", positive=True)
v, x = sl.momentum.recurrence
alpha, eta, g = sorted(sum(sl.momentum.update.values()).free_symbols - {v, x}, key=str)
characteristic = {}
for rule in (sl.momentum, sl.nesterov):
    step = sp.Matrix([rule.update[letter].subs(g, L * x) for letter in (v, x)])
    characteristic[rule.name] = step.jacobian([v, x]).charpoly(z).as_expr(z)
    (limit,) = sp.solve(characteristic[rule.name].subs(z, -1), alpha)
    print(f"{rule.name}: alpha < {sp.factor(limit)}")
    known = {eta: sp.Rational(1, 2), L: curvatures[-1]}
    assert sl.analyze(ravine, rule(momentum=0.5)).step_limit == limit.subs(known)

# %%
# The best pair
# -------------
# The polynomial of the heavy ball has product of roots eta, so no step does better than |z| =
# sqrt(eta) = r. Both curvatures attain it when their roots are double, r for the one and -r for the
# other: two equations, and the share that helps most comes out of the condition number.
r = sp.symbols("r", positive=True)
double = [
    characteristic["momentum"].subs({eta: r**2, L: curve, z: root})
    for curve, root in zip(curvatures, (r, -r), strict=True)
]
best = next(pair for pair in sp.solve(double, [alpha, r], dict=True) if pair[r] < 1)
condition = curvatures[-1] / curvatures[0]
print(f"alpha = {best[alpha].evalf(6)}, eta = {(best[r] ** 2).evalf(6)}, rate {best[r].evalf(6)}")
assert sp.simplify(best[r] - (sp.sqrt(condition) - 1) / (sp.sqrt(condition) + 1)) == 0
assert sp.simplify(sl.polyak_optimum(*curvatures).rate - best[r]) == 0

# %%
# Predicted beside measured, each rule at its best step. A double root costs a factor k beside r**k,
# so the measured rate of the best pair is a little above r, and in the picture its first swings go
# wider than those of plain descent before they shrink faster.
plain = sl.gradient_descent(step_size=sl.analyze(ravine).best_step)
halves = [rule(momentum=0.5) for rule in (sl.momentum, sl.nesterov)]
halves = [each(step_size=sl.analyze(ravine, each).best_step) for each in halves]
ball = sl.momentum(step_size=best[alpha].evalf(17), momentum=(best[r] ** 2).evalf(17))
rows, runs = [], {}
names = ("plain", "heavy ball, 1/2", "nesterov, 1/2", "heavy ball, best")
for name, method in zip(names, (plain, *halves, ball), strict=True):
    run = runs[name] = sl.minimize(ravine, problem.start, method, 400, backend="interpreted")
    predicted, size = sl.analyze(ravine, method).rate, method.hyperparameters[alpha]
    rows.append((name, float(size), float(predicted), run.rate([0, 0]), run.steps))
columns = ["method", "step size", "predicted", "measured", "steps to 1e-10"]
print(pd.DataFrame(rows, columns=columns).round(4).to_string(index=False))
assert all(abs(predicted - measured) < 0.02 for _, _, predicted, measured, _ in rows)

sl.plots.use_book_style()
figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
for ax, name in zip(axes, ("plain", "heavy ball, best"), strict=True):
    sl.plots.path(ax, ravine, runs[name], box=[(-6, 3), (-5, 5)]).set_title(name)
print("drawn:", sl.plots.save_picture(figure, "momentum_ravine"))

# %%
# Two forms in print, and a third
# -------------------------------
# Some books let the velocity gather gradients, others average them. Both are the heavy ball with
# the step size rescaled: by 1, and by 1/(1 - eta). The paths are equal, not just alike.
forms = (
    sl.momentum(step_size=0.1, momentum=0.5),
    sl.accumulated_momentum(step_size=0.1, momentum=0.5),
    sl.averaged_momentum(step_size=0.2, momentum=0.5),
)
exact = {"backend": "sympy", "digits": "exact"}
paths = [sl.minimize(ravine, problem.start, form, 20, **exact).exact for form in forms]
print("20 steps of the three forms equal, exactly:", paths[0] == paths[1] == paths[2])
assert paths[0] == paths[1] == paths[2]

# %%
# The chapter prints something else. Its share multiplies the step that is being computed, x_after
# minus x, where it should be the one before. Solved for x_after no memory is left: it is plain
# descent with the step size divided by 1 - eta.
printed = sl.printed_momentum(step_size=0.1, momentum=0.5)
print("as printed:", sl.printed_momentum().recurrence, "  here:", printed.step)
meant = sl.derive("momentum_printed").steps[3]
print("the ball is not what it says:", meant.shown, " ", meant.verified_by)
assert printed.step == sl.gradient_descent(step_size=0.2).step

# %%
# Three ways from one start
# -------------------------
# On the chapter's f, from 0.1 with 0.1, plain descent ends in a 2-cycle, since 0.1 is above 8/81.
# With eta = 1/2 the limit is 4/27, and the ball settles on 9/4. The printed equation does the
# opposite: doubled, the step throws the iterate back to the flat part, and it creeps towards the
# inflection at 0, which is no minimum.
f = sl.problems["quartic"].objective
trio = {
    "plain": sl.gradient_descent(step_size=0.1),
    "heavy ball": forms[0],
    "as printed": printed,
}
figure, ax = plt.subplots(figsize=(8, 4))
last = {}
for (name, method), style in zip(trio.items(), ("k--", "g-", "r:"), strict=True):
    run = sl.minimize(f, [0.1], method, 3000, backend="interpreted")
    last[name] = run.iterates[-2:, 0]
    theory = sl.analyze(f, method)
    print(f"{name}: {run.status} after {run.steps}, ends {last[name]}, limit {theory.step_limit}")
    ax.plot(run.iterates[:60, 0], style, label=name)
ax.set(xlabel="iteration ($k$)", ylabel="$x_k$")
sl.plots.open_axes(ax).legend()
print("drawn:", sl.plots.save_picture(figure, "momentum_three_ways"))
assert abs(last["heavy ball"][-1] - 2.25) < 1e-10
assert -1e-3 < last["as printed"][-1] < 0

# %%
# What we saw
# -----------
# Memory moves the limit from 2/L to 2(1 + eta)/L, and the best share turns the rate from
# (c - 1)/(c + 1) into the same with the root of the condition number c. Nesterov's form gives up
# part of the limit; an index put wrong gives up the memory. Not shown: gradients of random batches,
# where the ball also gathers noise.
#
# Exercise. With step size 0.1 and a small eta the printed equation still ends in a 2-cycle on f. At
# which eta does that stop attracting? Find the step with sl.analyze, then 0.1/(1 - eta).
