"""Races: counts against SciPy's own, profiles against ones made by hand, fair step sizes."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import sympy as sp
from scipy.optimize import minimize as scipy_minimize

import symlab as sl
from symlab.engine.compiled.functions import CompiledObjective, compile_everywhere
from symlab.engine.compiled.stepwise import CompiledCalculus
from symlab.engine.iteration import follow
from symlab.engine.minimize import start_of
from symlab.engine.recording import collect
from symlab.engine.run import Run
from symlab.interrupts import pass_interrupts_on
from symlab.lab.race.course import spent_by
from symlab.lab.race.profile import performance_profile, ratios
from symlab.lab.race.scipy_methods import DERIVATIVES, run_scipy
from symlab.methods.method import as_runnable

x, y = sp.symbols("x y", real=True)
VALLEY = sl.problems["rosenbrock"]
BOWL = sl.Objective(x**2 / 2 + 2 * y**2, (x, y))


@pytest.mark.parametrize("name", DERIVATIVES)
def test_what_scipy_evaluates_is_what_it_says_it_evaluated(name):
    """Values, gradients and Hessians, each against its own count."""
    functions = compile_everywhere(BOWL, "interpreted", order=2)
    course, result = run_scipy(name, functions, BOWL.dimension * np.ones(2), 1000, 1e-8)
    assert course.spent.values == result.nfev
    # TNC asks for both at once and counts them together.
    gradients = result.get("njev", result.nfev) if DERIVATIVES[name] else 0
    assert course.spent.gradients == gradients
    # Three of SciPy's trust regions leave the Hessian at the start out of their count.
    left_out = name in ("dogleg", "trust-ncg", "trust-krylov")
    hessians = result.nhev + left_out if DERIVATIVES[name] > 1 else 0
    assert course.spent.hessians == hessians
    assert course.value == pytest.approx(0, abs=1e-3)
    assert course.evaluations[-1] <= sum(vars(course.spent).values())


@pytest.mark.parametrize("name", ["BFGS", "TNC", "SLSQP", "COBYLA"])
def test_the_value_of_a_method_of_scipy_is_the_one_at_its_answer(name):
    """TNC and COBYLA end with trials that they do not take; the last of these was reported."""
    functions = compile_everywhere(VALLEY.objective, "interpreted", order=2)
    course, result = run_scipy(name, functions, np.array([-1.2, 1.0]), 300, 1e-10)
    assert course.value == result.fun
    assert course.value == pytest.approx(float(functions.value(course.x)), rel=1e-12)


def test_a_value_that_is_no_number_is_nobodys_lowest():
    """Powell's method steps to where log(x) is no number, and then nobody solved it."""
    found = sl.race(sl.Objective(x - sp.log(x)), ["scipy:Powell", "bfgs"], [0.001])
    assert found.frame["value"].tolist() == [np.inf, pytest.approx(1)]
    assert np.isfinite(found.costs()["bfgs"]).all()


def test_a_budget_ends_a_method_of_scipy_where_it_is_spent():
    """And what it found until then is kept."""
    functions = compile_everywhere(VALLEY.objective, "interpreted", order=2)
    course, result = run_scipy("BFGS", functions, np.array([-1.2, 1.0]), 7, 1e-8)
    assert (course.status, result) == ("budget", None)
    assert course.evaluations.tolist() == list(range(1, 8))
    free = scipy_minimize(
        functions.value, [-1.2, 1.0], jac=functions.gradient, method="BFGS", tol=1e-8
    )
    assert course.values.min() > free.fun


METHODS = [sl.gradient_descent(step_size=0.001), "newton", "bfgs", "l_bfgs", "trust_region"]


@pytest.mark.parametrize("given", METHODS, ids=str)
def test_what_ours_spent_is_where_the_functions_were_called(given, monkeypatch):
    """Counted at the functions themselves; a slope counts wherever one may have been read."""
    called = {"value": set(), "value_and_gradient": set(), "hessian": set()}
    for each, points in called.items():
        honest = getattr(CompiledObjective, each)

        def counted(self, point, points=points, honest=honest):
            points.add(np.asarray(point).tobytes())
            return honest(self, point)

        monkeypatch.setattr(CompiledObjective, each, counted)
    method = as_runnable(given)
    start = start_of(VALLEY.objective, VALLEY.start)
    run = Run(VALLEY.objective, start, method, 40, 1e-10, backend="interpreted")
    functions = compile_everywhere(run.objective, "interpreted", order=2)
    record, _, _ = collect(follow(CompiledCalculus(functions), run.point, run), run)
    told = spent_by(method, np.array(record.points), int(record.evaluations[-1]))
    values, gradients, hessians = (len(points) for points in called.values())
    everywhere = len(called["value"] | called["value_and_gradient"])
    assert max(told.values, told.gradients) == everywhere
    assert gradients <= told.gradients <= everywhere
    assert told.hessians in (hessians, hessians + (hessians > 0))
    assert (told.values == 0) == (values == 0)


def test_a_profile_is_the_one_made_by_hand():
    """Three problems, three solvers: ratios and shares by the definition of Dolan and Moré."""
    costs = pd.DataFrame(
        {"A": [10, 30, math.inf], "B": [20, 10, math.inf], "C": [40, math.inf, math.inf]},
        ["p", "q", "r"],
    )
    assert ratios(costs).to_numpy().tolist() == [
        [1, 2, 4],
        [3, 1, math.inf],
        [math.inf, math.inf, math.inf],
    ]
    profile = performance_profile(costs)
    assert profile.index.tolist() == [1, 2, 3, 4]
    third = 1 / 3
    assert profile["A"].tolist() == [third, third, 2 * third, 2 * third]
    assert profile["B"].tolist() == [third, 2 * third, 2 * third, 2 * third]
    assert profile["C"].tolist() == [0, 0, 0, third]


@pytest.fixture(scope="module")
def several():
    """Two problems, three of ours and one of SciPy's."""
    problems = [VALLEY, sl.problems["freudenstein_roth"]]
    return sl.race(
        problems, [None, "levenberg_marquardt", sl.adam, "scipy:trust-exact"], budget=300
    )


def test_a_cost_is_when_a_run_is_first_low_enough(several):
    """Read off the trace of the same run, by the definition."""
    run = sl.minimize(VALLEY.objective, VALLEY.start, sl.levenberg_marquardt, backend="interpreted")
    allowed = 1e-10 * run.values[0]
    first = run.evaluations[run.values <= allowed][0]
    assert several.costs().loc["rosenbrock", "levenberg_marquardt"] == first
    assert several.costs(0.9).loc["rosenbrock", "levenberg_marquardt"] < first


def test_every_published_minimum_counts(several):
    """Freudenstein and Roth's function has two, and from the usual start all come to the higher."""
    ends = several.frame.query("problem == 'freudenstein_roth'").set_index("method")
    assert ends.loc["levenberg_marquardt", "value"] == pytest.approx(48.98425, abs=1e-5)
    assert ends.loc["levenberg_marquardt", "gap"] == pytest.approx(0, abs=1e-8)
    assert np.isfinite(several.costs().loc["freudenstein_roth"]).sum() >= 3


def test_a_race_shows_who_solved_what(several):
    """As text, as HTML, as profiles in a picture."""
    told = repr(several)
    assert told.startswith("Race of 4 methods on 2 objectives, 300 evaluations each")
    assert "best of 4" in told or "limit / 2" in told
    assert "<table" in several._repr_html_()
    (ax,) = several.plot().axes
    assert [line.get_label() for line in ax.lines] == list(several.methods)
    assert several.profile().iloc[-1].max() == 1
    assert several.frame["evaluations"].max() <= 300


def test_step_sizes_are_given_derived_or_tried():
    """Half of the limit 2/4 of the bowl for descent; Adam has no limit; a given one stays."""
    rules = {"own": sl.momentum(step_size=0.01), "descent": sl.gradient_descent, "adam": sl.adam}
    found = sl.race(BOWL, rules, [1, 1], 50, step_sizes=(0.1, 1e-3))
    chosen = found.frame.set_index("method")[["step_size", "chosen"]]
    assert chosen.loc["own"].tolist() == [0.01, "given"]
    assert chosen.loc["descent"].tolist() == [0.25, "limit / 2"]
    assert chosen.loc["adam"].tolist() == [0.1, "best of 2"]


def test_seeds_and_starts_make_a_band():
    """One objective in batches: a run for each seed and start, their median and middle half."""
    w, u = sp.symbols("w u", real=True)
    risk = sl.EmpiricalRisk((w - u) ** 2, (w,), (u,)).on({u: np.arange(20.0)})
    rule = sl.gradient_descent(step_size=0.1)
    found = sl.race(risk, [rule, "scipy:BFGS"], [[0.0], [5.0]], 30, seeds=(1, 2, 3), batch_size=4)
    ours = found.frame.query("method == 'gradient_descent'")
    assert len(ours) == 6
    one = sl.minimize(risk, [5.0], rule, 29, batch_size=4, seed=2, backend="interpreted")
    assert ours.query("start == 1 and seed == 2")["value"].item() == one.value
    assert set(found.frame.query("method == 'scipy:BFGS'")["status"]) == {"refused"}
    (ax,) = found.plot().axes
    assert len(ax.collections) == 2


def test_ctrl_c_keeps_the_runs_that_are_done(monkeypatch):
    """By itself; within a larger work it is passed on."""
    from symlab.lab.race import race as module

    honest, calls = module.minimize, []

    def pressed(*arguments, **words):
        calls.append(1)
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt
        return honest(*arguments, **words)

    monkeypatch.setattr(module, "minimize", pressed)
    found = sl.race(BOWL, ["newton", "bfgs"], [1, 1])
    assert (found.complete, len(found.frame), found.methods) == (False, 1, ("newton",))
    assert "Interrupted" in repr(found)
    with pytest.raises(KeyboardInterrupt), pass_interrupts_on():
        sl.race(BOWL, ["newton", "bfgs"], [1, 1])


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((BOWL, ["adm"], [1, 1]), "method: unknown name 'adm'; did you mean 'adam'"),
        ((BOWL, ["scipy:bfgs"], [1, 1]), "methods: unknown name 'bfgs'; did you mean 'BFGS'"),
        ((BOWL, [], [1, 1]), "methods: expected at least one"),
        ((BOWL, ["adam", "adam"], [1, 1]), "methods: one of them is given twice"),
        ((BOWL, ["adam"]), "start: objective 1 has none of its own"),
        (([], ["adam"]), "objectives: expected at least one"),
        (([VALLEY, VALLEY], ["adam"]), "objectives: two of them have the same name"),
        (({"a": BOWL, "b": BOWL}, ["adam"], [1, 1]), "start: expected a mapping"),
        ((BOWL, ["adam"], [1, 1], 0), "budget: expected at least 1"),
    ],
)
def test_what_makes_no_race_is_refused_by_name(arguments, words):
    """Before anything runs."""
    with pytest.raises(ValueError, match=words):
        sl.race(*arguments)


def test_a_method_that_cannot_run_somewhere_is_refused_there_alone():
    """Levenberg-Marquardt needs squares; the others go on."""
    found = sl.race({"waves": sl.Objective(sp.cos(x))}, ["levenberg_marquardt", "newton"], [2.5])
    assert found.frame["status"].tolist() == ["refused", "converged"]
    assert np.isinf(found.costs().loc["waves", "levenberg_marquardt"])


def test_the_terminal_races_problems_by_name(tmp_path):
    """A table of costs and one of methods, a picture; as JSON the runs."""
    from typer.testing import CliRunner

    from symlab.cli import app

    given = ["race", "beale", "--methods", "levenberg_marquardt,scipy:BFGS", "--budget", "50"]
    done = CliRunner().invoke(app, [*given, "--plot", str(tmp_path / "profiles.svg")])
    assert done.exit_code == 0, done.output
    assert "beale" in done.stdout
    assert "1 of 1" in done.stdout
    assert (tmp_path / "profiles.svg").read_text("utf-8").startswith("<?xml")
    rows = json.loads(CliRunner().invoke(app, [*given, "--json"]).stdout)
    assert [row["method"] for row in rows] == ["levenberg_marquardt", "scipy:BFGS"]
    assert all(row["cost"] <= row["evaluations"] for row in rows)
    wrong = CliRunner().invoke(app, ["race", "bael"])
    assert wrong.exit_code == 2
    assert "problem: unknown name 'bael'; did you mean 'beale'?" in wrong.stderr
