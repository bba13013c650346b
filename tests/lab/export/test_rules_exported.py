"""Every rule and variant, exported and run for 50 steps on every problem, against mpmath."""

import exported
import pytest
from exported_cases import PROBLEMS, RULES, STARTS, STEPS, worst_of_run

import symlab as sl


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Every problem and every rule in C and in C++, compiled once."""
    folder = tmp_path_factory.mktemp("exported")
    texts = {name: sl.to_c(f, name=name) for name, f in PROBLEMS.items()}
    texts |= {name: sl.to_c(rule) for name, rule in RULES.items()}
    return {
        language: {
            name: exported.compile_program(text, language, folder) for name, text in texts.items()
        }
        for language in exported.COMPILERS
    }


def run_in_c(libraries, problem, rule):
    """Return gradient, point and state of each step, a row each."""
    name, point = rule.split(" ")[0], list(STARTS[problem])
    state = [0.0] * (len(point) * len(RULES[rule].state))
    step, rows = exported.stepper(libraries[rule], name), []
    for taken in range(STEPS):
        gradient = exported.call(libraries[problem], f"{problem}_gradient", [point], len(point))
        step(point, gradient, state, taken)
        rows.append([*gradient, *point, *state])
    return rows


@pytest.fixture(scope="module")
def runs(libraries):
    """The rows of every rule on every problem, in C."""
    return {
        (problem, rule): run_in_c(libraries["c"], problem, rule)
        for problem in PROBLEMS
        for rule in RULES
    }


@pytest.mark.parametrize("rule", RULES)
def test_each_step_of_a_program_in_c_is_right_to_within_rounding(runs, rule):
    """Fifty steps on every problem; twice the bound, as a row adds to the error of the next."""
    assert worst_of_run(runs, rule) < 2


def test_python_and_c_plus_plus_give_the_same_floats_as_c(libraries, runs):
    """They do the same operations in the same order, on the same library of functions."""
    texts = {name: sl.to_python(f, name=name) for name, f in PROBLEMS.items()}
    texts |= {name: sl.to_python(rule) for name, rule in RULES.items()}
    asked = [
        [problem, rule, STARTS[problem], len(STARTS[problem]) * len(RULES[rule].state), STEPS]
        for problem, rule in runs
    ]
    ran = exported.run_bare(texts, runs=asked)
    assert ran["runs"] == list(runs.values())
    assert not {"sympy", "numpy", "symlab", "site"} & set(ran["loaded"])
    assert {key: run_in_c(libraries["c++"], *key) for key in runs} == runs
