"""A sweep: every row is the run that `minimize` makes, to the last bit, and the best is found."""

import numpy as np
import pandas as pd
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.many_runs import many_runs_of
from symlab.engine.compiled.rule_numbers import numbers_of, open_recurrence_of
from symlab.lab.sweep import block
from symlab.methods.rules import RULES
from symlab.methods.schedules import exponential

x, y = sp.symbols("x y", real=True)
p = sp.symbols("p", positive=True)
F = sl.Objective(2 - 3 * x**3 + x**4)
VALLEY = sl.Objective(p - sp.log(p) + (y - p) ** 2 + sp.exp(-(y**2)))
MAP = {"step_size": np.linspace(0, 0.2, 21), "momentum": np.linspace(0, 1, 21)}


@pytest.fixture(scope="module")
def swept():
    """The diagram of momentum on the chapter's f: descents, circles, explosions, refusals."""
    return sl.sweep(F, [0.1], sl.momentum, MAP, max_steps=300)


def agrees(row, trace, names):
    """Whether a row tells of a run what its trace does, to the last bit."""
    rate = trace.rate()
    return (
        (row["status"], row["steps"], row["value"]) == (trace.status, trace.steps, trace.value)
        and [row[name] for name in names] == trace.x.tolist()
        and ((np.isnan(rate) and np.isnan(row["rate"])) or row["rate"] == pytest.approx(rate, 1e-9))
    )


def test_every_row_is_the_run_of_minimize_to_the_last_bit(swept):
    """Iterate, value, steps and status; the rate to rounding, since its logarithms are others."""
    rows = swept.frame[swept.frame.status != "refused"]
    assert set(rows.status) >= {"converged", "diverged", "max_steps"}
    for _, row in rows.sample(60, random_state=1).iterrows():
        rule = sl.momentum(step_size=row["step_size"], momentum=row["momentum"])
        assert agrees(row, sl.minimize(F, [0.1], rule, 300), "x"), row


def test_what_minimize_refuses_is_a_row_and_no_error(swept):
    """A step size of zero and a momentum of one lie on the edges of a map."""
    edge = swept.frame[(swept.frame.step_size == 0) | (swept.frame.momentum == 1)]
    assert set(edge.status) == {"refused"}
    assert edge[["value", "x", "rate"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="step_size"):
        sl.momentum(step_size=0)


def test_runs_in_a_domain_and_in_two_variables_are_those_of_minimize():
    """A start outside the domain is refused; an iterate that leaves it ends the run."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "step_size": 10 ** rng.uniform(-2, 0.5, 40),
            "beta1": rng.uniform(0, 0.99, 40),
            "beta2": rng.uniform(0.5, 0.999, 40),
            "start_p": rng.uniform(-0.3, 3, 40),
            "start_y": rng.uniform(-3, 3, 40),
        }
    )
    frame = sl.sweep(VALLEY, method=sl.adam, grid=table, max_steps=200).frame
    assert set(frame.status) >= {"converged", "diverged", "refused", "max_steps"}
    assert ((frame.start_p <= 0) == (frame.status == "refused")).all()
    for _, row in frame[frame.status != "refused"].iterrows():
        rule = sl.adam(**row[["step_size", "beta1", "beta2"]])
        trace = sl.minimize(VALLEY, [row["start_p"], row["start_y"]], rule, 200)
        assert agrees(row, trace, "py"), row


@pytest.mark.parametrize("tolerance", [0, 1e-13])
def test_runs_as_far_as_floats_go_end_as_those_of_minimize(tolerance):
    """They stand still, go round, or come to a gradient of exactly zero."""
    frame = sl.sweep(
        F, [0.1], sl.momentum, MAP, max_steps=1000, tolerance=tolerance, rates=False
    ).frame
    assert set(frame.status) >= {"converged", "max_steps"} | (
        {"precision"} if tolerance == 0 else set()
    )
    assert frame.rate.isna().all()
    for _, row in frame[frame.status != "refused"].sample(40, random_state=2).iterrows():
        rule = sl.momentum(step_size=row["step_size"], momentum=row["momentum"])
        trace = sl.minimize(F, [0.1], rule, 1000, tolerance=tolerance)
        assert (row["status"], row["steps"], row["x"]) == (trace.status, trace.steps, trace.x[0])


def test_runs_that_stand_still_far_from_any_minimum_end_as_those_of_minimize():
    """On a tail no step is large enough to change the iterate, and the infimum is not attained."""
    tail = sl.Objective(sp.exp(-x))
    rows = sl.sweep(tail, grid={"start": [[30.0], [600.0]], "step_size": [0.01]}, tolerance=0).frame
    singles = [
        sl.minimize(tail, [at], sl.gradient_descent(step_size=0.01), tolerance=0)
        for at in (30, 600)
    ]
    assert rows.status.tolist() == [one.status for one in singles] == ["no_minimum"] * 2


@pytest.mark.parametrize("status", ["converged", "max_steps"])
def test_a_status_that_is_not_plain_is_that_of_a_run_by_itself(swept, status, monkeypatch):
    """With no plain answers every run is examined singly, and says the same."""
    some = swept.frame[swept.frame.status == status].head(4)
    plain = block.plain_statuses
    monkeypatch.setattr(
        block, "plain_statuses", lambda *given: np.full(len(plain(*given)), "", dtype=object)
    )
    grid = some[["step_size", "momentum"]]
    assert sl.sweep(F, [0.1], sl.momentum, grid, max_steps=300).frame.status.eq(status).all()


def test_methods_starts_and_schedules_are_swept_in_one_table():
    """Whatever has no lanes is run one by one, in the order of the grid."""
    grid = {"method": ["newton", sl.gradient_descent], "start": [[1.0], [3.0]], "step_size": [0.05]}
    found = sl.sweep(F, grid=grid, max_steps=40, backend="interpreted")
    assert found.frame.columns[:3].tolist() == ["method", "start_x", "step_size"]
    assert found.frame.start_x.tolist() == [1, 3, 1, 3]
    trace = sl.minimize(F, [3], sl.gradient_descent(step_size=0.05), 40, backend="interpreted")
    assert agrees(found.frame.iloc[3], trace, "x")
    schedule = exponential(step_size=0.05, decay=0.9)
    changing = sl.sweep(F, [3], grid={"step_size": [schedule, 0.05]}, max_steps=9).frame
    rule = sl.gradient_descent(step_size=schedule)
    assert agrees(changing.iloc[0], sl.minimize(F, [3], rule, 9), "x")
    assert changing.x[1] != changing.x[0]


def test_seeds_and_batch_sizes_are_those_of_a_run_in_batches():
    """The same samples for the same seed."""
    w, u, v = sp.symbols("w u v", real=True)
    line = sl.EmpiricalRisk((w * u - v) ** 2 / 2, parameters=(w,), data=(u, v))
    bound = line.on({u: [1, 2, 3, 4], v: [1, 3, 2, 5]})
    grid = {"seed": [0, 7], "batch_size": [1, 2]}
    frame = sl.sweep(bound, [0], grid=grid, max_steps=5, backend="interpreted").frame
    for _, row in frame.iterrows():
        words = {"seed": int(row.seed), "batch_size": int(row.batch_size)}
        trace = sl.minimize(bound, [0], sl.gradient_descent, 5, backend="interpreted", **words)
        assert agrees(row, trace, "w")


def test_the_best_run_is_the_quickest_to_the_lowest_minimum(swept):
    """Its method is ready to be used."""
    row, method = swept.best()
    good = swept.frame[swept.frame.status == "converged"]
    assert row["value"] == pytest.approx(good.value.min(), rel=1e-9)
    assert row["steps"] == good[good.value < good.value.min() + 1e-6].steps.min()
    assert sl.minimize(F, [0.1], method, 300).steps == row["steps"]
    assert swept.minimiser == pytest.approx([2.25])
    assert swept.frame.distance.iloc[row.name] == 0
    assert "best momentum(step_size=" in repr(swept)
    assert "<table" in swept._repr_html_()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_whose_numbers_are_put_in_is_the_rule(rule):
    """Exactly: the letters for numbers stand for what SymPy puts in."""
    found = open_recurrence_of(rule)
    numbers = {a: part.xreplace(rule.hyperparameters) for a, part in found.numbers}
    for letter, expression in found.recurrence:
        alpha = {s: v for s, v in rule.hyperparameters.items() if s.name == "alpha"}
        apart = expression.xreplace(numbers).xreplace(alpha) - rule.step[letter]
        assert sp.simplify(apart) == 0
    assert list(numbers_of(rule)) == [float(number) for number in numbers.values()]


def test_another_momentum_compiles_nothing():
    """Hyperparameters are inputs of the compiled runs."""
    one, other = (many_runs_of(F, sl.momentum(momentum=beta), 300) for beta in (0.25, 0.5))
    assert one is other


def test_lanes_are_for_formulas_of_few_variables():
    """What they cannot hold is told, so that runs are made one by one."""
    wide = sl.Objective(sum(s**2 for s in sp.symbols("a:5", real=True)))
    with pytest.raises(NoProgramError, match="at most 4 variables"):
        many_runs_of(wide, sl.momentum, 10)
    with pytest.raises(NoProgramError, match="memory"):
        many_runs_of(F, sl.momentum, 10**7)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (None, "grid: expected a mapping"),
        ({}, "grid: expected a mapping"),
        ({"mometum": [0.1]}, "did you mean 'momentum'"),
        ({"momentum": []}, "momentum: expected at least one value"),
        ({"momentum": 0.5}, "momentum: expected a list of values"),
        ({"momentum": ["a lot"]}, "momentum"),
        ({"start_x": [float("nan")]}, "start_x"),
        ({"seed": [-1]}, "seed"),
        (pd.DataFrame({"momentum": []}), "grid: expected a table"),
        (pd.DataFrame([[0.1, 0.2]], columns=["momentum"] * 2), "grid: 'momentum' is given twice"),
        ({"zeal": [0.1]}, "momentum has no 'zeal'. It takes step_size, momentum"),
    ],
)
def test_a_grid_that_cannot_be_run_is_refused_by_name(grid, words):
    """Before anything is compiled."""
    with pytest.raises((TypeError, ValueError), match=words):
        sl.sweep(F, [1], sl.momentum, grid)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"momentum": [1.0, 1.5]}, r"momentum must lie in \[0, 1\), got 1.0"),
        ({"batch_size": [3]}, "batch_size"),
    ],
)
def test_where_every_run_is_refused_the_error_is_that_of_minimize(grid, words):
    """A frame of refusals alone would not say why."""
    with pytest.raises(ValueError, match=words):
        sl.sweep(F, [1], sl.momentum, grid)


def test_a_start_is_given_once_or_swept():
    """A variable without one is named."""
    with pytest.raises(ValueError, match="start_x"):
        sl.sweep(F, grid={"step_size": [0.1]})


def test_a_variable_that_is_called_as_a_column_has_one_of_its_own():
    """Its end does not hide the statuses; what `minimize` refuses is refused at once."""
    status, rate = sp.symbols("status rate", real=True)
    bowl = sl.Objective((status - 1) ** 2 + (rate - 3) ** 2)
    steps = pd.Series([0.5, 0.25], index=["b", "a"])  # a list, whatever its labels are
    found = sl.sweep(bowl, [2, 2], grid={"step_size": steps})
    assert found.ends == ("end_rate", "end_status")
    assert found.frame["status"].tolist() == ["converged"] * 2
    assert found.frame["step_size"].tolist() == [0.5, 0.25]
    assert found.frame[list(found.ends)].to_numpy()[0].tolist() == [3.0, 1.0]
    with pytest.raises(ValueError, match="the variable 'k' is also a column of the trace"):
        sl.sweep(sl.Objective(sp.Symbol("k", real=True) ** 2), [2], grid={"step_size": [0.5]})
