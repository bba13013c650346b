"""Traces: what they say of a run, how they measure rate and order, and that files lose nothing.

Rates and orders are measured on synthetic traces whose errors are known by construction.
"""

import csv
import json

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

import symlab as sl
from symlab.algebra.problems import PROBLEMS
from symlab.engine.statuses import STATUSES
from symlab.engine.trace import Trace

x, y = sp.symbols("x y", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)


def synthetic(iterates, **fields):
    """A trace of these iterates, with nothing else that matters."""
    iterates = np.asarray(iterates, dtype=float).reshape(len(iterates), -1)
    rows, size = iterates.shape
    plain = {
        "variables": tuple(f"x{i}" for i in range(size)),
        "iterates": iterates,
        "values": np.zeros(rows),
        "gradient_norms": np.ones(rows),
        "step_sizes": np.r_[np.nan, np.ones(rows - 1)],
        "evaluations": np.arange(1, rows + 1),
        "status": "max_steps",
        "message": "made up",
        "backend": "interpreted",
        "method": "none",
    }
    return Trace(**{**plain, **fields})


def beale(steps):
    """A short run in two variables."""
    return sl.minimize(
        PROBLEMS["beale"].objective, [1, 1], sl.gradient_descent(step_size=1e-3), steps,
        backend="interpreted",
    )  # fmt: skip


def equal(one, other):
    """Whether two traces hold the same, to the last bit."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("iterates", "values", "gradient_norms", "step_sizes", "evaluations")
    ) and all(
        getattr(one, name) == getattr(other, name)
        for name in ("variables", "status", "message", "backend", "method", "seconds", "exact")
    )


@given(st.floats(0.05, 1.2), st.floats(-5, 5), st.sampled_from([1, -1]))
def test_the_measured_rate_is_the_factor_by_which_errors_shrink(rate, limit, sign):
    """Errors c rate^k about a limit, with or without it being known; growing ones have rate > 1."""
    assume(abs(rate - 1) > 1e-3)
    trace = synthetic(limit + (sign * rate) ** np.arange(40))
    assert trace.rate([limit]) == pytest.approx(rate, rel=1e-3)
    assert trace.rate() == pytest.approx(rate, rel=1e-3)


@given(st.floats(0.7, 0.95), st.floats(0.1, 3.0))
def test_the_rate_is_seen_through_the_oscillation_of_complex_eigenvalues(modulus, angle):
    """One coordinate of a spiral: the distance dips at each turn, its trend is the modulus.

    Dips at both ends of the fitted rows may tilt the slope by a few hundredths, hence 5 %.
    """
    k = np.arange(200)
    trace = synthetic(modulus**k * np.cos(angle * k))
    assert trace.rate([0]) == pytest.approx(modulus, rel=0.05)


def test_the_rate_of_momentum_is_the_root_of_eta():
    """Heavy ball with complex eigenvalues: their modulus is sqrt(eta), whatever the curvature."""
    trace = sl.minimize(
        PROBLEMS["ravine"].objective, [-5, -2], sl.momentum(step_size=0.2, momentum=0.81), 150,
        backend="interpreted",
    )  # fmt: skip
    assert trace.rate([0, 0]) == pytest.approx(0.9, rel=0.01)


def test_a_cycle_has_rate_one():
    """Errata E20: the chapter's descent neither converges nor diverges."""
    trace = sl.minimize(F, [0.1], sl.gradient_descent(step_size=0.1), 600, backend="interpreted")
    assert trace.rate() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("order, rows", [(1.0, 20), (1.5, 8), (2.0, 6), (3.0, 4)])
def test_the_measured_order_is_the_power_of_the_error(order, rows):
    """Errors e -> e^order / 2, as far as floats can hold them."""
    errors = [0.5]
    for _ in range(rows - 1):
        errors.append(errors[-1] ** order / 2)
    assert synthetic(errors).order([0]) == pytest.approx(order, abs=0.02)


@pytest.mark.parametrize("iterates", [[1.0], [1.0, 0.5], [2.0, 2.0, 2.0, 2.0, 2.0]])
def test_too_few_rows_have_neither_rate_nor_order(iterates):
    """NaN rather than a number made of rounding."""
    trace = synthetic(iterates)
    assert np.isnan(trace.rate())
    assert np.isnan(trace.order())


def test_newtons_rate_at_a_degenerate_minimum_is_two_thirds():
    """Powell's singular function: fourth order there, so linear with (4 - 2)/(4 - 1)."""
    trace = sl.minimize(
        PROBLEMS["powell"].objective, [3, -1, 0, 1], "newton", 40, backend="interpreted",
        tolerance=1e-14,
    )  # fmt: skip
    assert trace.rate([0, 0, 0, 0]) == pytest.approx(2 / 3, rel=1e-6)
    assert trace.order([0, 0, 0, 0]) == pytest.approx(1, abs=1e-6)


def test_the_frame_has_one_row_per_iterate():
    """The columns are pinned, the variables under their names."""
    trace = beale(4)
    frame = trace.frame
    assert list(frame.columns) == [
        "k", "x", "y", "value", "gradient_norm", "step_size", "evaluations",
    ]  # fmt: skip
    assert frame["k"].tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(frame["step_size"][0])
    assert frame[["x", "y"]].to_numpy().tolist() == trace.iterates.tolist()
    assert trace.x.tolist() == trace.iterates[-1].tolist()
    assert trace.value == trace.values[-1]
    assert len(trace) == 5


@pytest.mark.parametrize(
    "options",
    [
        {"backend": "interpreted"},
        {"backend": "sympy"},
        {"backend": "sympy", "digits": 120},
        {"backend": "sympy", "digits": "exact", "max_steps": 3},
        {"backend": "interpreted", "method": sl.momentum(step_size=0.01)},
        {"backend": "interpreted", "method": sl.gradient_descent(step_size=0.3)},
        {"backend": "interpreted", "method": sl.method(sl.bfgs, sl.armijo)},
        {"backend": "interpreted", "max_steps": 0},
    ],
    ids=str,
)
def test_json_loses_nothing(options, tmp_path):
    """Every float to the last bit, NaN, exact rows and matrices of state among them."""
    trace = sl.minimize(F, [0.1], **{"max_steps": 12, **options})
    path = tmp_path / "trace.json"
    assert trace.to_json(path) is None
    for again in (
        Trace.from_json(path),
        Trace.from_json(str(path)),
        Trace.from_json(trace.to_json()),
    ):
        assert equal(trace, again)
        assert again.states.keys() == trace.states.keys()
        assert all(np.array_equal(again.states[k], trace.states[k]) for k in trace.states)
        assert [a._prec for row in again.exact for a in row if a.is_Float] == [
            a._prec for row in trace.exact for a in row if a.is_Float
        ]
        assert repr(again) == repr(trace)


def test_json_is_json_for_everybody():
    """NaN is no JSON, so a strict reader must find none."""

    def refuse(word):
        raise AssertionError(word)

    text = sl.minimize(F, [0.1], "gradient_descent", 2, backend="interpreted").to_json()
    assert json.loads(text, parse_constant=refuse)["step_sizes"] == ["nan", 0.1, 0.1]


def test_csv_keeps_every_digit(tmp_path):
    """Read back as text, each number is the same to the last bit."""
    trace = beale(4)
    trace.to_csv(tmp_path / "trace.csv")
    with (tmp_path / "trace.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for name, column in trace.frame.items():
        again = np.array([float(row[name] or "nan") for row in rows])
        assert np.array_equal(again, column.to_numpy(dtype=float), equal_nan=True)
    assert trace.to_csv() == (tmp_path / "trace.csv").read_text()


@pytest.mark.parametrize(
    "source, error",
    [("{}", ValueError), ('{"values": [1]}', ValueError), ("{", ValueError), ("no.json", OSError)],
)
def test_what_is_no_trace_is_refused(source, error):
    """A file of something else, half a file, no file."""
    with pytest.raises(error):
        Trace.from_json(source)


def test_an_unknown_status_is_refused():
    """The nine words are part of the interface, and the docstring of a trace names them all."""
    words = "converged precision saddle plateau no_minimum diverged stalled max_steps stopped"
    assert list(STATUSES) == words.split()
    assert all(f'`"{word}"`' in sl.Trace.__doc__ for word in STATUSES)
    assert [line.split(":")[0] for line in str(sl.statuses).splitlines()] == words.split()
    with pytest.raises(ValueError, match=r"status: expected one of converged, .*, got 'fine'"):
        synthetic([1.0], status="fine")


def test_a_trace_reads_well():
    """In a prompt one line, in a notebook the message and a table."""
    trace = sl.minimize(F, [2], "newton", backend="interpreted")
    assert repr(trace) == (
        "Trace(method(direction=newton(damping=0), search=fixed(step_size=1)) on interpreted: "
        "5 steps, converged, x=2.25, value=-6.54296875)"
    )
    assert trace.message in trace._repr_html_()
    assert "<table" in trace._repr_html_()


def test_a_fraction_of_ten_thousand_digits_survives_json():
    """Exact runs of a quartic triple their digits at every step; Python stops at 4300."""
    run = {"method": sl.gradient_descent(step_size=0.1), "max_steps": 8, "backend": "sympy"}
    trace = sl.minimize(sl.problems["quartic"].objective, [0.1], **run, digits="exact")
    assert trace.exact[-1][0].q.bit_length() > 14_000
    assert sl.Trace.from_json(trace.to_json()).exact == trace.exact


def test_a_trace_in_json_is_data_and_never_code():
    """A file from a stranger may be opened."""
    run = {"method": sl.gradient_descent(step_size=0.1), "max_steps": 1, "backend": "sympy"}
    trace = sl.minimize(sl.problems["quartic"].objective, [0.1], **run)
    fields = json.loads(trace.to_json())
    fields["exact"][0][0] = "__import__('os').system('true')"
    with pytest.raises(ValueError, match="is not a name; it must begin with a letter"):
        sl.Trace.from_json(json.dumps(fields))


HEADER = "k,x,value,gradient_norm,step_size,evaluations\n"


@pytest.mark.parametrize(
    "text, words",
    [
        (f"{HEADER}{'9' * 20},1,1,1,1,1\n", "a whole number is too large"),
        (f"{HEADER}0,1\n0,1,1,1,1,1,1\n", "rows of one length"),
        (f'{HEADER}"0,1\n', "rows of one length"),
        (HEADER.replace("x", "x,x") + "0,1,1,1,1,1,1\n", "expected different names"),
    ],
)
def test_a_csv_text_that_is_no_frame_is_refused_in_our_words(text, words):
    """Neither pandas' words nor an overflow, and columns of one name are not renamed."""
    with pytest.raises(ValueError, match=rf"^source: this is no trace: .*{words}") as caught:
        Trace.from_csv(text)
    assert len(str(caught.value)) < 200


def test_a_file_may_have_the_longest_name_there_is(tmp_path):
    """The name of the temporary file beside it is shorter."""
    run = sl.minimize(sl.Objective(x**2), [1], "gradient_descent", 2, backend="interpreted")
    place = tmp_path / ("n" * 250 + ".json")
    run.to_json(place)
    assert Trace.from_json(place).iterates.tolist() == run.iterates.tolist()
