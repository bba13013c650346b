"""Logistic regression on a hundred points: a hundred steps of gradient descent."""

import sys

import numpy as np
import sympy as sp

import symlab as sl

data = np.load(sys.argv[1])
x0, x1, y, b0, b1, bias = sp.symbols("x0 x1 y b0 b1 bias", real=True)
z = b0 * x0 + b1 * x1 + bias
risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, (b0, b1, bias), (x0, x1, y))
bound = risk.on({x0: data["x"][:, 0], x1: data["x"][:, 1], y: data["y"]})
descent = sl.gradient_descent(step_size=0.1)
trace = sl.minimize(bound, [0, 0, 0], descent, max_steps=100, backend=sys.argv[2], tolerance=0)
print(trace.value)
