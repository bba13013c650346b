"""The chapter's f: twenty steps of gradient descent."""

import sys

import sympy as sp

import symlab as sl

x = sp.symbols("x", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
descent = sl.gradient_descent(step_size=0.01)
trace = sl.minimize(f, [0.5], descent, max_steps=20, backend=sys.argv[2], tolerance=0)
print(trace.value)
