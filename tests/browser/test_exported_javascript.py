"""Exported JavaScript, run by Chromium, against mpmath: every formula, rule, problem and risk."""

import json

import numpy as np
import pytest
import sympy as sp
from exported_cases import FORMULAS, PROBLEMS, RULES, STARTS, STEPS, allowed, exact_at, worst_of_run
from sympy import exp, log

import symlab as sl
from symlab.algebra.error_bound import rounding_bound

pytestmark = pytest.mark.browser

RUN = """
const rows = [];
for (const [gradient, step, start, size] of %s) {
  const point = [...start], state = new Array(size).fill(0), found = [];
  for (let k = 0; k < %d; k += 1) {
    const slope = gradient(point);
    step(point, slope, state, k);
    found.push([...slope, ...point, ...state]);
  }
  rows.push(found);
}
return rows;
"""


def closed(text, *names):
    """Return an expression whose value is the functions of a program, which stays by itself."""
    return f"(() => {{{text}\nreturn [{', '.join(names)}];}})()"


@pytest.fixture(scope="module")
def runs(chromium):
    """The rows of every rule on every problem, run by the browser."""
    gradients = {
        name: closed(sl.to_javascript(f, name="f"), "f_gradient") for name, f in PROBLEMS.items()
    }
    steps = {
        name: closed(sl.to_javascript(rule), f"{rule.name}_step") for name, rule in RULES.items()
    }
    keys = [(problem, rule) for problem in PROBLEMS for rule in RULES]
    asked = ",".join(
        f"[...{gradients[problem]}, ...{steps[rule]}, {STARTS[problem]}, "
        f"{len(STARTS[problem]) * len(RULES[rule].state)}]"
        for problem, rule in keys
    )
    page = chromium.new_page()
    found = page.evaluate(f"(() => {{{RUN % (f'[{asked}]', STEPS)}}})()")
    page.close()
    return dict(zip(keys, found, strict=True))


@pytest.mark.parametrize("rule", RULES)
def test_each_step_in_a_browser_is_right_to_within_rounding(runs, rule):
    """As in C: fifty steps on every problem."""
    assert worst_of_run(runs, rule) < 2


def values_of(tab, text, name, arguments):
    """Return what a function of a program gives for each list of arguments."""
    calls = f"{json.dumps(arguments)}.map((each) => {closed(text, name)}[0](...each))"
    return tab.evaluate(calls)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_browser_keeps_the_digits_that_the_stable_form_keeps(tab, name):
    """Twice what C may lose: V8 has functions of its own."""
    expression, points = FORMULAS[name]
    f = sl.Objective(expression)
    text = sl.to_javascript(f)
    for kind, row in (("value", f.expression), ("gradient", f.gradient[0])):
        found = values_of(tab, text, f"f_{kind}", [[[at]] for at in points])
        for at, number in zip(points, np.ravel(found).tolist(), strict=True):
            here = {f.variables[0]: at}
            error = abs(float(exact_at(row, here) - sp.Float(number, 60)))
            assert error <= 2 * allowed(row, here), (kind, at, number)


@pytest.mark.parametrize("name", PROBLEMS)
def test_hessian_and_newton_step_of_every_problem(tab, name):
    """At the origin moved a little, where no Hessian is singular."""
    f = PROBLEMS[name]
    text = sl.to_javascript(f, sl.newton(damping=0.5))
    point = [0.125 * (i + 1) for i in range(f.dimension)]
    here = dict(zip(f.variables, point, strict=True))
    (found,) = values_of(tab, text, "f_hessian", [[point]])
    for row, number in zip(f.hessian, found, strict=True):
        error = abs(float(exact_at(row, here) - sp.Float(number, 60)))
        assert error <= 4 * float(rounding_bound(row, here))
    step = "newton_step(p, f_gradient(p), f_hessian(p))"
    text += f"\nfunction moved(p) {{ {step}; return p; }}"
    moved = values_of(tab, text, "moved", [[point]])
    exact = {symbol: sp.Rational(at) for symbol, at in here.items()}
    matrix = f.hessian.subs(exact) + sp.eye(f.dimension) / 2
    wanted = sp.Matrix(point) - matrix.solve(f.gradient.subs(exact))
    np.testing.assert_allclose(moved[0], [float(at) for at in wanted], rtol=1e-12)


def test_a_risk_adds_up_the_samples_of_arrays(tab):
    """Its vectors are worked out by mpmath; the program gives them."""
    w, b, x, t, lam = sp.symbols("w b x t lambda", real=True)
    loss = log(1 + exp(w * x + b)) - t * (w * x + b)
    risk = sl.EmpiricalRisk(loss, (w, b), (x, t), penalty=lam * w**2, constants=(lam,))
    text = sl.to_javascript(risk)
    lines = [line for line in text.splitlines() if line.startswith("// f_")]
    assert len(lines) == 2
    for line in lines:
        call, wanted = line.removeprefix("// ").split(" = ")
        found = tab.evaluate(f"{closed(text, call)}[0]")
        np.testing.assert_allclose(found, json.loads(wanted), rtol=4e-16)
