"""Every rule against other programs: 200 steps of optax, and of Keras 2.2.4's formulas.

The numbers in `tests/oracle/rules.json` were made by `tests/oracle/make_rules.py`, which shares no
code with symlab. An interpreted run takes every trajectory; the fused and the compiled run take
a few rules, and fifty digits a few steps, because those cost seconds apiece. The other variants of
the rules are held to their libraries in `test_variant_oracles.py`.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.methods.rules import RULES

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracle" / "rules.json").read_text(encoding="utf-8")
)
RUNS = ORACLE["runs"]

RELATIVE = {"quadratic": 1e-12, "rosenbrock": 1e-10, "logistic": 1e-12}
"""What two float64 programs may differ by; Rosenbrock's valley amplifies each step's rounding."""

x, y, z = sp.symbols("x y z", real=True)


def logistic():
    """Return the log loss of the stored points, term by term."""
    data = ORACLE["problems"]["logistic"]
    margins = [a * x + b * y + z for a, b in data["points"]]
    terms = [
        sp.log(1 + sp.exp(margin)) - label * margin
        for margin, label in zip(margins, data["labels"], strict=True)
    ]
    return sl.Objective(sp.Add(*terms), variables=(x, y, z))


OBJECTIVES = {
    "quadratic": sl.Objective(
        25 * x**2 + 20 * x * y + 15 * y**2 + 2 * x * z + y * z + z**2 / 20 - x + z / 10
    ),
    "rosenbrock": sl.Objective((1 - x) ** 2 + 100 * (y - x**2) ** 2),
    "logistic": logistic(),
}


def named(run):
    """Return an entry's name: adam-keras-logistic."""
    return "-".join(filter(None, (run["rule"], run["variant"], run["problem"])))


def chosen(keep):
    """Parametrize over the stored runs that `keep` accepts."""
    runs = [run for run in RUNS if keep(run)]
    return pytest.mark.parametrize("run", runs, ids=named)


def largest_difference(run, backend, max_steps=200, **options):
    """Return the largest |ours - theirs| / |theirs| over the stored steps."""
    rule = RULES[run["rule"]]
    rule = rule(variant=run["variant"]) if run["variant"] else rule
    trace = sl.minimize(
        OBJECTIVES[run["problem"]],
        ORACLE["problems"][run["problem"]]["start"],
        rule(**run["given"]),
        max_steps,
        backend=backend,
        tolerance=0,
        **options,
    )
    assert (trace.status, len(trace.iterates)) == ("max_steps", max_steps + 1)
    stored = {int(step): np.array(point) for step, point in run["iterates"].items()}
    return max(
        np.linalg.norm(trace.iterates[step] - point) / np.linalg.norm(point)
        for step, point in stored.items()
        if step <= max_steps
    )


def test_every_rule_of_the_table_is_stored_with_every_problem():
    """Adding a row without its numbers fails here."""
    stored = {(run["rule"], run["variant"], run["problem"]) for run in RUNS}
    assert stored == {
        (rule.name, form, name)
        for rule in RULES.values()
        for form in ("", *({"keras", "paper"} & {*rule.variants}))
        for name in OBJECTIVES
    }


@chosen(lambda run: True)
def test_two_hundred_interpreted_steps_are_the_other_programs(run):
    """Position and, because each step reads what the last one left, state as well."""
    assert largest_difference(run, "interpreted") < RELATIVE[run["problem"]]


FUSED = {"nesterov", "adadelta", "adamax", "nadam", "yogi"}
"""A rule of each kind of row; one with pieces is held in test_variant_oracles.py."""


@chosen(lambda run: run["problem"] == "quadratic" and run["rule"] in FUSED and not run["variant"])
def test_two_hundred_fused_steps_are_the_other_programs(run):
    """The whole loop as one Numba function."""
    assert largest_difference(run, "numba") < RELATIVE[run["problem"]]


@chosen(lambda run: run["problem"] == "logistic" and run["rule"] in {"adam", "amsgrad"})
def test_two_hundred_compiled_steps_are_the_other_programs(run):
    """One call of a C function per step."""
    assert largest_difference(run, "c") < RELATIVE[run["problem"]]


@chosen(lambda run: run["problem"] == "quadratic")
def test_fifty_steps_to_fifty_digits_are_the_other_programs(run):
    """What is left of a difference here is the other program's rounding alone."""
    assert largest_difference(run, "sympy", max_steps=50) < RELATIVE[run["problem"]]
