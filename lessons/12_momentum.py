r"""
Momentum: a memory that widens the limit
========================================
A heavy ball keeps a share of its last step. Why does that help in a ravine, how large a step is
still stable, and what does an equation say that has the next iterate on both of its sides?

Chapter, section 13. Erratum E08: see `symlab errata E08`.
"""

# %%
# The question
# ------------
# This ravine is twenty times steeper across than along, and one step size must serve both. A ball
# that rolls keeps part of its speed. Does that help?
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import symlab as sl

sl.plots.use_book_style()
ravine, start = sl.problems["ravine"].objective, (-5, -2)
low, high = sorted(ravine.hessian.eigenvals())
print("f =", ravine.expression, "  start", start, "  curvatures", low, high)

# %%
# The equation
# ------------
# The new velocity v is a share eta of the old one, less alpha times the slope g. Then x moves by v.
# Steps that alternate in sign cancel; steps that agree add up, towards 1/(1 - eta) times the step.
(v, x), (alpha, eta) = sl.momentum.recurrence, sl.momentum.hyperparameters
print("LaTeX:", sl.momentum.latex())
print("text: ", "; ".join(f"{letter} <- {row}" for letter, row in sl.momentum.recurrence.items()))
sl.momentum

# %%
# The plain loop
# --------------
# The same by hand, with alpha = 0.1 and eta = 1/2. The slope is the curvature times the place.
place, velocity, by_hand = np.array([-5.0, -2.0]), np.zeros(2), []
for _ in range(20):
    gradient = [0.1, 2.0] * place
    velocity = 0.5 * velocity - 0.1 * gradient
    place = place + velocity
    by_hand.append(place)

# %%
# The library's call
# ------------------
# symlab derives the slope from f and takes the two rows from the rule.
ball = sl.momentum(step_size=0.1, momentum=0.5)
trace = sl.minimize(ravine, start, ball, 20, backend="interpreted")
gap = np.abs(by_hand - trace.iterates[1:]).max()
print(f"the same numbers: the largest difference is {gap:.0e}")
assert gap < 1e-14

# %%
# The limit, derived
# ------------------
# Near a minimum of curvature L the gradient is L x, so a step is a matrix on (v, x). Distances stop
# shrinking where an eigenvalue z passes -1, and that fixes the largest step size. The limit of the
# heavy ball is 1 + eta times the 2/L of plain descent; that of Nesterov's form is below 2/L.
z, L = sp.symbols("z L", positive=True)
g = sp.symbols("g", real=True)
characteristic = {}
for rule in (sl.momentum, sl.nesterov):
    step = sp.Matrix([rule.update[letter].subs(g, L * x) for letter in (v, x)])
    characteristic[rule.name] = step.jacobian([v, x]).charpoly(z).as_expr(z)
    (limit,) = sp.solve(characteristic[rule.name].subs(z, -1), alpha)
    print(f"{rule.name}: alpha < {sp.factor(limit)}")
    on_ravine = limit.subs({eta: sp.Rational(1, 2), L: high})
    assert sl.analyze(ravine, rule(momentum=0.5)).step_limit == on_ravine

# %%
# The best pair
# -------------
# The heavy ball's two roots z have product eta, so no step does better than `|z| = sqrt(eta) = r`.
# Both curvatures attain it when their roots are double, r for the one and -r for the other: two
# equations. The best share comes out of the condition number c, the ratio of the curvatures.
r = sp.symbols("r", positive=True)
polynomial = characteristic["momentum"].subs(eta, r**2)
both_double = [polynomial.subs({L: low, z: r}), polynomial.subs({L: high, z: -r})]
best = next(pair for pair in sp.solve(both_double, [alpha, r], dict=True) if pair[r] < 1)
print(f"alpha = {best[alpha].evalf(6)}, eta = {(best[r] ** 2).evalf(6)}, rate {best[r].evalf(6)}")
rate = (sp.sqrt(high / low) - 1) / (sp.sqrt(high / low) + 1)
assert sp.simplify(best[r] - rate) == sp.simplify(best[r] - sl.polyak_optimum(low, high).rate) == 0

# %%
# Predicted and measured
# ----------------------
# Four methods, each at its best step size.
half, half_nesterov = sl.momentum(momentum=0.5), sl.nesterov(momentum=0.5)
best_eta = (best[r] ** 2).evalf(17)
methods = {
    "plain": sl.gradient_descent(step_size=sl.analyze(ravine).best_step),
    "heavy ball, 1/2": half(step_size=sl.analyze(ravine, half).best_step),
    "nesterov, 1/2": half_nesterov(step_size=sl.analyze(ravine, half_nesterov).best_step),
    "heavy ball, best": sl.momentum(step_size=best[alpha].evalf(17), momentum=best_eta),
}

# %%
# A double root costs a factor k beside r**k, so the best pair is measured a little above r.
runs = {}
for name, method in methods.items():
    run = runs[name] = sl.minimize(ravine, start, method, 400, backend="interpreted")
    theory, measured = float(sl.analyze(ravine, method).rate), run.rate([0, 0])
    size = float(method.step_size_at(0))
    print(f"{name}: step {size:.4f}, rate {theory:.4f}, measured {measured:.4f}, {run.steps} steps")
    assert abs(theory - measured) < 0.02

# %%
# In the picture the ball first swings wider than plain descent, and then settles sooner.
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for name in ("plain", "heavy ball, best"):
    sl.plots.path(ax, ravine, runs[name], box=[(-6, 3), (-5, 5)], label=name)
print("drawn:", sl.plots.save_picture(figure, "momentum_ravine"))

# %%
# Two forms in print, and a third
# -------------------------------
# Some books let the velocity gather gradients, others average them. Both are the heavy ball with
# the step size rescaled: by 1, and by 1/(1 - eta). The paths are equal, not just alike.
gathered = sl.accumulated_momentum(step_size=0.1, momentum=0.5)
averaged = sl.averaged_momentum(step_size=0.2, momentum=0.5)
exact, forms = {"backend": "sympy", "digits": "exact"}, (ball, gathered, averaged)
paths = [sl.minimize(ravine, start, form, 20, **exact).exact for form in forms]
print("20 steps of the three forms equal, exactly:", paths[0] == paths[1] == paths[2])
assert paths[0] == paths[1] == paths[2]

# %%
# The chapter's share multiplies x_after - x, the step being computed, not the step before. Solved
# for x_after no memory is left: it is plain descent with the step size divided by 1 - eta.
printed = sl.printed_momentum(step_size=0.1, momentum=0.5)
print("as printed:", sl.printed_momentum().recurrence, "  here:", printed.step)
meant = sl.derive("momentum_printed").steps[3]
print("the ball is not what it says:", meant.shown, " ", meant.verified_by)
assert printed.step == sl.gradient_descent(step_size=0.2).step

# %%
# Three ways from one start
# -------------------------
# On the chapter's f, from 0.1 with 0.1, plain descent ends in a 2-cycle, since 0.1 is above 8/81.
# The ball's limit is 4/27, and it settles on 9/4. The printed step, doubled, throws x back to the
# flat part, where it creeps towards the inflection at 0, which is no minimum.
f = sl.problems["quartic"].objective
three = {"plain": sl.gradient_descent(step_size=0.1), "heavy ball": ball, "as printed": printed}
ways = {}
for name, method in three.items():
    run = ways[name] = sl.minimize(f, [0.1], method, 3000, backend="interpreted")
    last_two, limit = run.iterates[-2:, 0], sl.analyze(f, method).step_limit
    print(f"{name}: {run.status} after {run.steps}, ends {last_two}, limit {limit}")
assert abs(ways["heavy ball"].x[0] - 2.25) < 1e-10

# %%
# Their first sixty iterates.
figure, ax = plt.subplots(figsize=(8, 4))
for (name, run), style in zip(ways.items(), ("k--", "g-", "r:"), strict=True):
    ax.plot(run.iterates[:60, 0], style, label=name)
ax.set(xlabel="iteration ($k$)", ylabel="$x_k$")
sl.plots.open_axes(ax).legend()
print("drawn:", sl.plots.save_picture(figure, "momentum_three_ways"))

# %%
# What we saw
# -----------
# Memory moves the limit from 2/L to 2(1 + eta)/L, and the best rate from (c - 1)/(c + 1) to the
# same with the root of c. Nesterov's form gives up part of the limit, a wrong index the memory.
# Not shown: gradients of random batches, where the ball also gathers noise.
#
# Exercise. With step size 0.1 and a small eta the printed equation still ends in a 2-cycle on f. At
# which eta does that stop? Use sl.analyze, and 0.1/(1 - eta). Practise: `symlab exercise 12`.
