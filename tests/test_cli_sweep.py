"""`symlab sweep` as a user meets it: the best run, a picture, a folder to go on from, refusals."""

import json

import pytest
from typer.testing import CliRunner

from symlab.cli import app

run = CliRunner().invoke
COMMAND = [
    "sweep", "2 - 3*x**3 + x**4", "--method", "momentum", "--start", "0.1",
    "--grid", "step_size=0.02:0.08:4", "--grid", "momentum=0,0.5",
]  # fmt: skip


def test_it_draws_a_map_and_keeps_what_it_ran(tmp_path):
    """The second time nothing is run, and the answer is the same."""
    picture, store = tmp_path / "map.png", tmp_path / "kept"
    more = ["--plot", str(picture), "--store", str(store)]
    done = run(app, [*COMMAND, *more])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Sweep(8 runs over step_size, momentum: 6 converged, 2 max_steps")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    (kept,) = store.iterdir()
    before = kept.stat().st_mtime_ns
    assert run(app, [*COMMAND, *more]).stdout == done.stdout
    assert kept.stat().st_mtime_ns == before


def test_json_is_json_alone():
    """With the best run, and no number that JSON lacks."""
    found = json.loads(run(app, [*COMMAND, "--json"]).stdout, parse_constant=pytest.fail)
    assert found["runs"] == 8
    assert found["best"]["method"].startswith("momentum(step_size=0.06")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--grid", "step_size=0:1"], "grid: expected NAME=FIRST:LAST:COUNT"),
        (["--grid", "step_size"], "grid: expected NAME=FIRST:LAST:COUNT"),
        (["--grid", "step_size=0:1:0.1"], "grid: step_size: COUNT: expected an integer, got 0.1"),
        (["--grid", "lr=0,1"], "'lr'; did you mean 'step_size'? It takes step_size, momentum."),
        (["--grid", "mometum=0,1"], "did you mean 'momentum'"),
        (["--grid", "seed=__import__('os')"], "grid"),
        (["--grid", "momentum=0.9"], "grid: 'momentum' is given twice"),
        (["--grid", "seed=0:1:1e12"], "grid: expected at most 100,000,000 values"),
        (["--plot", "map.gifff"], "format: unknown format"),
        (["--jobs", "0"], "jobs"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(more, words):
    """Exit code 2, and no traceback."""
    done = run(app, [*COMMAND, *more])
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
