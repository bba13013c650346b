"""Every variant against the library that it is named after: 200 steps in float64, to 1e-12.

The numbers in `tests/oracle` were made by the libraries themselves: `torch.json` by PyTorch,
`keras3.json` by Keras 3 and `optax.json` by optax, each with its own defaults and with options.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import symlab as sl
from symlab.methods.libraries import LIBRARIES
from symlab.methods.rules import RULES

FOLDER = Path(__file__).parents[1] / "oracle"
STORED = {
    name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("torch", "keras3", "optax")
}
RUNS = {
    f"{name}-{run['rule']}-{run['theirs']}": (name, run)
    for name, stored in STORED.items()
    for run in stored["runs"]
}
RELATIVE = 1e-12
"""What two float64 programs may differ by after 200 steps that do not amplify their rounding."""

OBJECTIVE = sl.Objective(sl.parse(STORED["torch"]["formula"]))

each = pytest.mark.parametrize("key", RUNS)


def asked_for(name, run):
    """Return the rule that symlab is asked for."""
    given = dict(run["given"])
    if isinstance(given.get("step_size"), dict):
        words = dict(given["step_size"])
        given["step_size"] = getattr(sl.schedules, words.pop("schedule"))(**words)
    return RULES[run["rule"]](variant=name, **given)


def largest_difference(key, backend):
    """Return the largest |ours - theirs| / |theirs| over the stored steps."""
    name, run = RUNS[key]
    start = STORED[name]["start"]
    trace = sl.minimize(OBJECTIVE, start, asked_for(name, run), 200, backend=backend, tolerance=0)
    stored = {int(step): np.array(point) for step, point in run["iterates"].items()}
    assert max(stored) == 200
    return max(
        np.linalg.norm(trace.iterates[step] - point) / np.linalg.norm(point)
        for step, point in stored.items()
    )


@each
def test_a_variant_takes_the_steps_of_its_library(key):
    """With the library's defaults where nothing is given, and with its options."""
    assert largest_difference(key, "interpreted") < RELATIVE


PIECES = {
    "numba": "torch-radam-['RAdam', {}]",
    "jax": "torch-momentum-['SGD', {'dampening': 0.3, 'momentum': 0.9}]",
}
"""A piece that holds from some k on, and one that holds at k = 0 only."""


@pytest.mark.parametrize("backend", PIECES)
def test_rows_with_pieces_are_compiled(backend):
    """C is held to the interpreter for every rule in compiled/test_whole_run.py."""
    assert largest_difference(PIECES[backend], backend) < RELATIVE


def test_every_variant_has_its_librarys_numbers():
    """A new variant without numbers fails here; Keras 2.2.4 is in test_rule_oracles.py."""
    stored = {(name, run["rule"]) for name, run in RUNS.values()}
    assert stored == {
        (name, rule.name) for rule in RULES.values() for name in rule.variants if name in STORED
    }
    assert {*STORED, "keras"} == {*LIBRARIES}


@pytest.mark.parametrize("name", STORED)
def test_the_version_named_is_the_one_that_made_the_numbers(name):
    """PyTorch 2.14 in a source means that 2.14 was run."""
    assert STORED[name]["by"].startswith(LIBRARIES[name].split(",")[0])


def test_the_options_of_a_library_move_its_run():
    """Else a hyperparameter that does nothing would pass."""
    ends = {
        (name, run["rule"], json.dumps(run["given"])): run["iterates"]["200"]
        for name, run in RUNS.values()
    }
    by_rule = {}
    for (name, rule, _), end in ends.items():
        by_rule.setdefault((name, rule), []).append(tuple(end))
    assert all(len(set(points)) == len(points) for points in by_rule.values())
