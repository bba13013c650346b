"""The benchmarks refuse a system that reached another number; nothing here is timed."""

import json

import pytest

from benchmarks.__main__ import WORKLOADS, main, table
from benchmarks.measure import Measurement, Prepared, System, Workload, measure


def _workload(result):
    systems = {"ours": System(lambda: Prepared(lambda: result, 10, 0.5))}
    return Workload("W0", "a test", systems, lambda steps: 1.0)


def test_a_right_result_is_measured():
    """Steps and compile time come through as prepared."""
    (measurement,) = measure(_workload(1.0))
    assert (measurement.steps, measurement.compile_seconds, measurement.result) == (10, 0.5, 1.0)


def test_a_wrong_result_is_no_benchmark():
    """A fast wrong answer would win otherwise."""
    with pytest.raises(ArithmeticError, match="W0: ours reached"):
        measure(_workload(1.1))


def test_a_system_that_is_not_installed_is_left_out():
    """Peers are optional."""
    absent = System(lambda: Prepared(float, 1, 0.0), module="no_such_module")
    assert measure(Workload("W0", "a test", {"peer": absent}, float)) == []


def test_json_is_a_list_of_measurements(monkeypatch, capsys):
    """Progress goes to stderr, so that stdout is JSON alone."""
    monkeypatch.setitem(WORKLOADS, "W8", _workload(1.0))
    assert main(["--json", "--only", "W8"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["system"] == "ours"
    assert set(row) == set(Measurement.__dataclass_fields__)


def test_the_table_shows_ratios_to_the_first_system():
    """Ours is first, so the ratio says how much slower the others are."""
    rows = [Measurement("W0", "ours", 2.0, 0, 1, 1), Measurement("W0", "theirs", 6.0, 0, 1, 1)]
    assert "3.00" in table(rows).splitlines()[2]


def test_an_unknown_workload_is_bad_usage():
    """The parser exits with 2."""
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "W99"])
