"""Traces as xarray Datasets: every number, under the name of its axis."""

import sys

import numpy as np
import pytest
import xarray as xr

import symlab as sl

RAVINE = sl.problems["ravine"]


def run(method="adam", **options):
    """A short run in two variables."""
    given = {"max_steps": 6, "backend": "interpreted", **options}
    return sl.minimize(RAVINE.objective, RAVINE.start, method, **given)


@pytest.mark.parametrize("method", ["gradient_descent", "adam", "newton", "bfgs"])
def test_every_number_comes_back(method):
    """Iterates, values, lengths, counts and what the method remembers, to the last bit."""
    trace = run(method)
    found = trace.to_xarray()
    assert found["iterate"].dims == ("step", "parameter")
    assert found["parameter"].values.tolist() == list(trace.variables)
    np.testing.assert_array_equal(found["step"], trace.k)
    np.testing.assert_array_equal(found["iterate"], trace.iterates)
    for name, column in trace.frame.drop(columns=["k", *trace.variables]).items():
        np.testing.assert_array_equal(found[name], column)
    states = {name: array for name, array in found.items() if name.startswith("state_")}
    assert {name.removeprefix("state_") for name in states} == set(trace.states)
    for letter, array in trace.states.items():
        np.testing.assert_array_equal(states[f"state_{letter}"], array)


def test_the_attributes_say_what_ran_and_how_it_ended():
    """As text and numbers, which files can hold."""
    trace = run()
    told = trace.to_xarray().attrs
    assert told["method"] == trace.method
    assert (told["status"], told["message"]) == (trace.status, trace.message)
    assert {type(value) for value in told.values()} == {str, float}


def test_rows_are_found_by_step_and_parameter_by_name():
    """Also where only some steps were recorded, and where values are of batches."""
    x, y, w = sl.parse("x"), sl.parse("y"), sl.parse("w")
    risk = sl.EmpiricalRisk((w * x - y) ** 2, (w,), (x, y)).on({"x": [1, 2, 3], "y": [2, 4, 7]})
    trace = sl.minimize(
        risk, [0], sl.gradient_descent(step_size=0.01), 10, record_every=5, batch_size=1,
        record="batch", backend="interpreted",
    )  # fmt: skip
    found = trace.to_xarray()
    assert found["step"].values.tolist() == [0, 5, 10]
    assert float(found["iterate"].sel(step=5, parameter="w")) == trace.iterates[1, 0]
    np.testing.assert_array_equal(found["batch_value"], trace.values)


def test_the_dataset_holds_copies():
    """What is changed in it leaves the trace as it was."""
    trace = run()
    found = trace.to_xarray()
    assert isinstance(found, xr.Dataset)
    before = trace.iterates.copy()
    found["iterate"][:] = 0.0
    np.testing.assert_array_equal(trace.iterates, before)


def test_without_xarray_the_error_says_what_to_install(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ImportError, match=r"pip install 'symlab\[xarray\]'"):
        run().to_xarray()
