r"""
Adam on the logistic problem: its epsilon decides whether it settles
====================================================================
Adam divides by the root of a mean of squared slopes. Near a minimum slopes vanish, and epsilon is
all that is left to divide by: the step is then alpha over epsilon, and a heavy ball of that step
size has a derived limit. Above it Adam does not come to rest, however many steps it takes.
"""

# %%
import numpy as np
import sympy as sp

import symlab as sl

w, b, u, t = sp.symbols("w b u t", real=True)
points = np.array([-2.0, -1.2, -0.7, 0.1, 0.4, 0.9, 1.5, 2.2])
labels = np.array([0, 0, 1, 0, 1, 0, 1, 1])
loss = sp.log(1 + sp.exp(b + w * u)) - t * (b + w * u)
risk = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, t), penalty=w**2 / 50)
logistic = sl.Objective(risk.on({u: points, t: labels}).expression, (w, b))
grid = {"step_size": np.geomspace(1e-2, 10, 80), "epsilon": np.geomspace(1e-4, 0.1, 80)}
adam = sl.adam(beta2=0.9)
sweep = sl.sweep(logistic, [0, 0], adam, grid, max_steps=3000, tolerance=0, rates=False)
print(sweep)

# %%
# At rest the mean of slopes is m = beta1 m + (1 - beta1) g, and x moves by -(alpha/epsilon) m:
# momentum in its averaged form, whose limit is derived from the largest curvature.
hessian = sp.lambdify((w, b), logistic.hessian)(*sweep.minimiser)
curvature = np.linalg.eigvalsh(np.array(hessian, dtype=float))[-1]
average = sl.averaged_momentum(step_size=1, momentum=0.9)
ball = sl.analyze(sl.Objective(sp.Float(curvature) * w**2 / 2), average)
print("alpha/epsilon must stay below", float(ball.step_limit))
figure = sweep.plot("distance")
ax = figure.axes[0]
limits = float(ball.step_limit) * grid["epsilon"]
ax.plot(limits, grid["epsilon"], color="#D55E00", label="derived limit")
ax.set(xlim=(1e-2, 10), ylim=(1e-4, 0.1))
figure.legend(loc="outside upper center")
sl.plots.save_picture(figure, "adam_map")
