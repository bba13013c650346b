r"""
One name, many rules: what a library means by Adam
==================================================
Two programs are told "AMSGrad, step size 0.001", start at the same place, and part at the first
step. What do PyTorch, optax and Keras mean by a name, when does it matter, what came after Adam?

Chapter, section 14.
"""

# %%
# The question
# ------------
# A paper leaves open what a program must decide: where epsilon stands, what a sum starts with,
# which means are corrected. Each library decided for itself. Who writes which Adam?
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import symlab as sl

sl.plots.use_book_style()
ravine, start = sl.problems["ravine"].objective, (-5, -2)
settings = {"backend": "interpreted", "tolerance": 0}

# %%
# The equation
# ------------
# Keras adds epsilon to the root of s before the root is corrected, the paper after. So for small k
# the epsilon of Keras is larger, by one over the root of 1 - beta2^(k + 1): 32 at first.
keras = sl.adam(variant="keras3")
print("LaTeX:", keras.latex())
print("text: ", "; ".join(f"{letter} <- {row}" for letter, row in keras.recurrence.items()))
keras

# %%
# The plain loop
# --------------
# Keras' Adam by hand, with an epsilon that can be seen.
place, m, s = np.array([-5.0, -2.0]), np.zeros(2), np.zeros(2)
for t in range(1, 51):
    gradient = [0.1, 2.0] * place
    m, s = 0.9 * m + 0.1 * gradient, 0.999 * s + 0.001 * gradient**2
    size = 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    place = place - size * m / (np.sqrt(s) + 0.01)

# %%
# The library's call
# ------------------
# A variant is the rule as a library has it, with that library's defaults. It is symlab's own rule
# otherwise: it is set, run, compiled and exported as the others are.
chosen = {"step_size": 0.1, "epsilon": 0.01}
trace = sl.minimize(ravine, start, keras(**chosen), 50, **settings)
paper = sl.minimize(ravine, start, sl.adam(**chosen), 50, **settings)
gap = np.abs(place - trace.x).max()
print(f"the same numbers: the largest difference is {gap:.0e}; the paper's Adam is elsewhere,")
print(f"by {np.abs(paper.x - trace.x).max():.2f} after 50 steps")
assert gap < 1e-13

# %%
# Side by side
# ------------
# A column for each library; where nothing is marked, it writes what the source writes.
print(sl.rule_variants(sl.adamax))
sl.rule_variants(sl.adamax)

# %%
# Which libraries write a formula of their own, and not another number alone?
for rule in sl.rules.values():
    table = sl.rule_variants(rule)
    print(f"{rule.name:17}{', '.join(rule.variants):36}{', '.join(table.differing())}")

# %%
# A library that has no such rule is not imitated.
try:
    sl.lion(variant="torch")
except ValueError as refused:
    print(refused)

# %%
# When it matters
# ---------------
# AMSGrad never forgets the largest s. The paper corrects neither mean, and its first step is 3.2
# step sizes long. PyTorch corrects the largest, optax takes the largest of the corrected, which in
# the ravine is the first of all: 2.4 per cent are between them at the second step.
lengths = pd.DataFrame()
for name in sl.amsgrad.variants:
    run = sl.minimize(ravine, start, sl.amsgrad(variant=name, step_size=0.1), 40, **settings)
    lengths[name] = np.abs(np.diff(run.iterates[:, 1]))[[0, 1, 9, 39]]
print(lengths.set_axis([1, 2, 10, 40]).to_string(float_format="{:.4f}".format))
assert np.isclose(lengths["paper"][0] / lengths["torch"][0], 0.1 / np.sqrt(0.001), rtol=1e-6)

# %%
# RMSProp with epsilon under the root has a linear part at rest: s is 0 there, and a step is the
# gradient over the root of epsilon. So theory gives a limit, which the paper's form does not have.
limit = sl.analyze(ravine, sl.rmsprop(variant="optax")).step_limit
print(f"RMSProp, epsilon under the root: steps below {float(limit):.1e} settle")
print("PyTorch's:", sl.analyze(ravine, sl.rmsprop(variant="torch")).notes[0])

# %%
# Only the sign
# -------------
# signSGD takes the sign of the gradient, one bit to send where many machines train; every step is
# as long. Signum follows the sign of the running mean, which one wrong sign does not turn. Lion was
# found by a search through programs: it follows one mean and keeps another, ten times as long,
# and so it swings far where no noise is to be averaged. None of them sees the scale.
steep = sl.Objective(1000 * ravine.expression, ravine.variables)
for rule in (sl.signsgd, sl.signum, sl.lion):
    runs = [sl.minimize(f, start, rule(step_size=0.03), 250, **settings) for f in (ravine, steep)]
    far = np.abs(runs[0].iterates[-20:]).max(axis=0)
    print(f"{rule.name:9}stays within {far.round(3)}; a thousand times as steep:", end=" ")
    print(f"moved by {np.abs(runs[0].iterates - runs[1].iterates).max():.0e}")
    assert np.allclose(runs[0].iterates, runs[1].iterates, atol=1e-9)

# %%
# What is s worth?
# ----------------
# A mean of few squares is a poor divisor. RAdam counts how many gradients it is worth. Up to four
# it moves by the mean of the gradients alone; then it divides, and a factor shortens the step.
*_, worth, _ = sl.radam.recurrence
count = sl.radam.recurrence[worth].subs(sl.radam.hyperparameters)
(k,) = count.free_symbols
print("worth at k = 0 to 6:", [round(float(count.subs(k, n)), 2) for n in range(7)])

# %%
# On a constant slope of 1 Adam takes steps of one length. RAdam takes four, and begins anew with
# small ones. AdaBelief divides by the spread of the gradients about their mean: where each is as
# foreseen, it walks ever faster. Yogi corrects nothing, and so begins with three step sizes.
line = sl.Objective(sl.parse("x"))
strides = pd.DataFrame()
for rule in (sl.adam, sl.radam, sl.adabelief, sl.yogi):
    run = sl.minimize(line, [0], rule(step_size=0.1), 100, **settings)
    strides[rule.name] = -np.diff(run.iterates[:, 0])
print(strides.iloc[[0, 3, 4, 5, 19, 99]].to_string(float_format="{:.3f}".format))
assert np.allclose(strides["adam"], 0.1, rtol=1e-6)

# %%
# What does a steep beginning leave behind? On x^4 from 3 the gradient falls from 108 to next to
# nothing. Adam's s falls by a fixed share, Yogi's by no more than the square that comes in: a step
# that Adam would let leap stays small.
fall = sl.Objective(sl.parse("x**4"))
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
left.semilogy(strides, label=strides.columns)
for rule in (sl.adam, sl.adabelief, sl.yogi):
    run = sl.minimize(fall, [3], rule(step_size=0.1, beta2=0.9, epsilon=1e-8), 60, **settings)
    right.semilogy(run.states["s"][1:, 0], label=rule.name)
    print(f"{rule.name:10}s after 1, 20, 60 steps:", run.states["s"][[1, 20, 60], 0].round(1))

# %%
# Left the steps on the constant slope, right the memory of the steep beginning.
sl.plots.open_axes(left).set(xlabel="iteration ($k$)", title="length of the step")
sl.plots.open_axes(right).set(xlabel="iteration ($k$)", title="s on $x^4$")
left.legend()
right.legend()
print("drawn:", sl.plots.save_picture(figure, "repaired_squares"))

# %%
# What we saw
# -----------
# A name is not a rule: say whose it is. `variant=` writes each library's own formula, and its runs
# are those of the library to 1e-12. Not shown: Adafactor, whose s is made of means over the rows
# and columns of a matrix. A rule is the same for each coordinate, so it is none.
#
# Exercise. For which epsilon does Keras' Adam end the ravine where PyTorch's does, to three digits?
# Try 1e-8, 1e-4 and 1e-2. Practise: `symlab exercise 24`.
