"""The benchmarks: a wrong number is refused, floors are as counted by hand, tables are made.

Sizes are tiny, and no time is judged.
"""

import json
import runpy
import subprocess
import sys
from dataclasses import replace
from math import inf

import pytest
import sympy as sp

from benchmarks import __main__ as program
from benchmarks import rates
from benchmarks.cells import Outcome, run_cell, run_command
from benchmarks.effort import Effort
from benchmarks.floors import Floor, depth, total, work_of
from benchmarks.jobs import images, logistic, network_work, perceptron, valley, wide
from benchmarks.kept import keep, load, together
from benchmarks.machine import Clock, after, busy_reasons, machine
from benchmarks.measure import Prepared, System, Workload, left_out, measure
from benchmarks.pictures import draw
from benchmarks.publish import filled, published
from benchmarks.ratios import break_even, mean_ratio
from benchmarks.records import (
    FloorRecord,
    Machine,
    Measurement,
    Rates,
    Reading,
    Run,
    WorkloadRecord,
)
from benchmarks.run import record
from benchmarks.studies import (
    derivation,
    first_result,
    growth,
    long_run,
    many_runs,
    on_disk,
    workers,
)
from benchmarks.table import idle_words, markdown
from benchmarks.thresholds import thresholds
from benchmarks.workloads import WORKLOADS

TINY = Effort(share=0.001, repeats=1, cell_seconds=60, largest=100, variables=2)
CHEAP = {"symlab-interpreted", "numpy", "lambdify", "jax", "scikit-learn"}
"""The systems that take no second to prepare; the others compile."""

IDLE = Machine("a processor", 2, "Linux", "g++ 12", {"Python": "3.12"}, 0.1, 1.0, 0.02)
COMPILED = {"symlab_c": 0.4, "jax": 0.4}
RATES = Rates(1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9)


def _workload(result):
    """A workload of one system that reaches a number; 1 is right."""
    systems = {"ours": System(lambda: Prepared(lambda: result, 10, 0.5))}
    return Workload("W0", "a test", systems, lambda steps: 1.0)


def _record(id, **microseconds):
    """A measured workload, its floor half a microsecond."""
    measured = tuple(
        Measurement(id, name.replace("_", "-"), each, COMPILED.get(name, 0.0), 10, 1.0)
        for name, each in microseconds.items()
    )
    floor = FloorRecord({"exponential": 500}, 0, 8, 0.5, "operations")
    return WorkloadRecord(id, "a test", floor, measured, {"torch": "torch is not installed"})


def _run(*workloads, readings=(), seen=IDLE):
    """A run that was measured elsewhere."""
    return Run(seen, RATES, quick=False, workloads=workloads, readings=readings)


# What is measured


def test_a_right_result_is_measured():
    """Steps and compile time come through as prepared."""
    (measurement,) = measure(_workload(1.0))
    assert (measurement.steps, measurement.compile_seconds, measurement.result) == (10, 0.5, 1.0)


@pytest.mark.parametrize("result", [1.1, float("nan")])
def test_a_wrong_result_is_no_benchmark(result):
    """A fast wrong answer would win otherwise."""
    with pytest.raises(ArithmeticError, match="W0: ours reached"):
        measure(_workload(result))


def test_a_system_that_cannot_be_run_is_left_out_with_the_reason():
    """Peers are optional."""
    absent = System(lambda: Prepared(float, 1, 0.0), module="no_such_module")
    given = Workload("W0", "a test", {"peer": absent}, float)
    assert measure(given) == []
    assert left_out(given) == {"peer": "no_such_module is not installed"}


@pytest.mark.parametrize("id", ["W1", "W2", "W2b", "W3b", "W4", "W5", "W6", "W7", "W8"])
def test_systems_reach_the_same_number(id):
    """Each workload in a few steps, by what takes no second to compile; `measure` compares."""
    given = WORKLOADS[id](TINY)
    cheap = {name: system for name, system in given.systems.items() if name in CHEAP}
    found = record(replace(given, systems=cheap), RATES, cores=2, repeats=1)
    assert {m.system for m in found.measurements} == set(cheap) - set(found.left_out)
    assert found.floor.microseconds > 0


# Floors, counted by hand

x, y, z = sp.symbols("x y z")


@pytest.mark.parametrize(
    "expressions, work",
    [
        ([x * y + z], {"arithmetic": 2}),
        ([x / y, x**2], {"arithmetic": 1, "division": 1}),
        ([1 / sp.sqrt(x)], {"division": 1, "root": 1}),
        ([-x, x / 2], {"arithmetic": 1}),  # half is a constant, and multiplies
        ([sp.exp(x * y), sp.exp(x * y) + 1], {"arithmetic": 2, "exponential": 1}),
    ],
)
def test_operations_are_counted_once_each(expressions, work):
    """What two formulas share is computed once; signs are free."""
    assert work_of(expressions) == work


def test_an_operation_of_no_known_kind_is_an_error():
    """A floor that forgets something would be too low without saying so."""
    with pytest.raises(KeyError, match="SIN"):
        work_of([sp.sin(x)])


def test_the_longest_chain_is_what_waits():
    """A sum of four waits for two additions; x**4 for two multiplications."""
    assert (depth(x * y), depth(sp.Add(x, y, z, 1 + x * y)), depth(x**4)) == (1, 3, 2)


def test_a_step_of_logistic_regression_is_counted_by_hand():
    """The floor of W1: a hundred samples with two columns and a bias, and three updates."""
    made_of_z = 1 + 2 + 1  # 1 + e^z; less y z; e^z / (1 + e^z) less y
    predictor, sums = 2 + 2, 2 + 3  # multiplications and additions
    updates = 3 * 2
    assert logistic.plane(steps=1).floor().work == {
        "arithmetic": 100 * (made_of_z + predictor + sums) + updates,
        "division": 100,
        "exponential": 100,
        "logarithm": 100,
    }


def test_what_is_only_recorded_needs_no_gradient():
    """In W3 ten samples have both; with the batch's loss alone, the other ninety cost nothing."""
    whole = logistic.plane(1, batch_size=10).floor().work
    batch = logistic.plane(1, batch_size=10, record="batch").floor().work
    assert (whole["exponential"], batch["exponential"]) == (100, 10)
    assert (whole["division"], batch["division"]) == (10, 10)


def test_a_dense_layer_is_counted_by_hand():
    """Three inputs, two units: 6 multiply-adds forward, 6 for slopes, 6 less 3 sums back."""
    assert network_work.dense(3, 2) == {"arithmetic": 12 + (12 + 2) + (12 - 3)}
    assert network_work.dense(3, 2, first=True) == {"arithmetic": 12 + (12 + 2)}


def test_a_convolution_is_counted_by_hand():
    """A padded 4 x 4 image has 100 taps under 3 x 3 kernels, its four tiles 16."""
    forward, pooled, back = 2 * 100 - 16, 4 * 4, 2 * 16
    assert network_work.convolution(4, 1) == {"arithmetic": forward + pooled + back}


def test_floors_of_the_other_workloads_hold_what_their_titles_say():
    """Exponentials: 7 a sample in W4, one a class in W5; W7 reads its matrix once; W8 waits."""
    assert perceptron.floor().work["exponential"] == pytest.approx(7 * 700 / 22)
    assert images.chapter(1).floor().work["exponential"] == 20 * 2
    assert wide.wide(10, 4).floor.bytes == 8 * 10 * 5
    assert valley.floor().chain >= 5


def test_what_takes_longest_decides_a_floor():
    """Two cores share work that is large enough; a chain is shared by none."""
    rates_ = replace(RATES, bytes=1e6)
    assert Floor({"division": 2e3}).record(rates_).bound_by == "operations"
    assert Floor({"division": 2e3}, parallel=True).record(rates_, 2).microseconds == 1.0
    assert Floor(chain=7e3, bytes=1).record(rates_, 2).bound_by == "chain"
    assert Floor(chain=7, bytes=8).record(rates_).microseconds == 8.0
    assert Floor(chain=7).record(None).microseconds is None


def test_without_a_compiler_there_are_no_rates(monkeypatch):
    """Floors are then counts without a time."""
    monkeypatch.setattr(rates.shutil, "which", lambda name: None)
    assert rates.measured_rates() is None


def test_rates_are_measured():
    """Kernels compile, and a multiply-add in lanes is no slower than one that waits."""
    found = rates.measured_rates(seconds=1e-4, megabytes=8)
    assert found.arithmetic > found.chain > 0
    assert min(found.exponential, found.bytes, found.blas) > 0


# The machine


def test_an_idle_machine_is_said_to_be_idle():
    """Nothing speaks against its numbers."""
    assert busy_reasons(IDLE) == []
    assert "was idle" in idle_words(IDLE)


@pytest.mark.parametrize(
    "more, word", [({"load_before": 6.2}, "load 6.2"), ({"others": 1.5}, "1.5 cores busy")]
)
def test_a_machine_that_is_not_idle_is_noted_with_the_reason(more, word):
    """Whoever reads the table sees why its times are too long."""
    words = idle_words(replace(IDLE, **more))
    assert "not idle" in words
    assert word in words


def test_cores_of_others_are_what_is_busy_less_what_is_ours():
    """Of 30 busy seconds in ten, ten were ours: others kept two cores busy."""
    before, now = Clock(0, 100, 5), Clock(10, 130, 15)
    assert now.others_since(before) == 2
    assert now.others_since(replace(before, everyone=None)) is None


def test_the_machine_is_named():
    """Processor, cores and versions, and its load by the end."""
    seen = after(machine(), Clock.now())
    assert seen.cpu
    assert seen.cores >= 1
    assert "sympy" in seen.versions
    assert seen.load_after >= 0


# Tables and pictures from a kept run


def test_compiling_pays_after_what_it_cost_over_what_a_step_saves():
    """0.4 s at 8 µs a step; never where a step saves nothing."""
    slow, fast = Measurement("W", "a", 10, 0, 1, 0), Measurement("W", "b", 2, 0.4, 1, 0)
    assert break_even(fast, slow) == pytest.approx(50_000)
    assert break_even(replace(fast, microseconds_per_step=11), slow) == inf
    assert break_even(slow, slow) is None


def test_a_kept_run_gives_the_same_table(tmp_path):
    """The table is made from the file alone."""
    run = _run(
        _record("W1", symlab_c=2.0, jax=5.0, lambdify=20.0),
        readings=(
            Reading("W9", "jax", "samples", "microseconds per step", 3.0, 100),
            Reading("W9", "symlab-c", "samples", "microseconds per step", None, 100, "not built"),
        ),
    )
    keep(run, tmp_path / "run.json")
    assert load(tmp_path / "run.json") == (run,)
    text = markdown(load(tmp_path / "run.json"))
    assert text == markdown([run])
    assert "| W1 | a test | 0.5 | 2 | 4 | 2.5 | 10 |" in text
    assert "| jax | 5 | 2.5 | 10 | 0.4 | 26,667 | 10 | 1 |" in text
    assert "- torch: left out, torch is not installed" in text
    assert "| samples | 100 | microseconds per step | 3 | – |" in text
    assert "- symlab-c: left out, not built" in text


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": 0}', '{"format": 2, "runs": [3]}'])
def test_a_file_that_is_no_run_is_refused(tmp_path, text):
    """A `--json` list of stdout, say."""
    (tmp_path / "other.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.json: expected"):
        load(tmp_path / "other.json")


def test_a_later_run_leaves_what_was_measured_of_other_workloads(tmp_path):
    """Each keeps its machine; what is measured again is replaced, alone or with all of its run."""
    file, busy = tmp_path / "runs.json", replace(IDLE, others=1.5)
    memory = Reading("W10", "symlab-c", "long run", long_run.MEMORY, 150.0, 10_000)
    first = _run(_record("W1", symlab_c=2.0), _record("W8", symlab_c=1.0))
    later = _run(_record("W8", symlab_c=3.0), readings=(memory,), seen=busy)
    for run in (first, later):
        keep(run, file)
    runs = load(file)
    assert [run.ids for run in runs] == [{"W1"}, {"W8", "W10"}]
    assert [run.machine for run in runs] == [IDLE, busy]
    table = markdown(runs)
    assert table.index("idle otherwise") < table.index("### W1") < table.index("was not idle")
    assert table.index("was not idle") < table.index("### W8") < table.index("## W10")
    both = together(runs)
    assert both.workload("W8").of("symlab-c").microseconds_per_step == 3.0
    assert both.ids == {"W1", "W8", "W10"}
    keep(replace(first, readings=(memory,)), file)
    assert [run.ids for run in load(file)] == [{"W1", "W8", "W10"}]


def test_what_is_asked_for_is_reached_or_not_or_not_measured():
    """JAX 2.5 times as slow: enough for W1, not for W4; W2 was not run."""
    run = _run(_record("W1", symlab_c=2.0, jax=5.0), _record("W4", symlab_c=2.0, jax=5.0))
    found = {each.what: each.reached for each in thresholds(run)}
    assert [found[f"{id}: JAX ÷ symlab"] for id in ("W1", "W4", "W2")] == [True, False, None]
    assert found["geometric mean of JAX ÷ symlab"] is None
    assert found["W1: PyTorch ÷ symlab"] is None


def test_the_geometric_mean_is_over_all_or_nothing():
    """A mean of the good ones alone would mislead."""
    ids = ("W1", "W2", "W3", "W4", "W5", "W6", "W8")
    measured = [_record(id, symlab_c=1.0, jax=3.0) for id in ids]
    assert mean_ratio(_run(*measured)) == pytest.approx(3)
    assert mean_ratio(_run(*measured[1:])) is None


def test_starts_memory_and_derivation_are_held_against_what_is_asked():
    """W7, W10, W11 and W12, from their readings."""
    seconds, ours = "seconds", "symlab-c"
    readings = (
        Reading("W11", ours, "chapter_f, cold", seconds, 2.5),
        Reading("W11", ours, "chapter_f, warm", seconds, 2.5),
        Reading("W11", "python", "import sympy, pytensor", seconds, 1.0),
        Reading("W10", ours, "long run", long_run.MEMORY, 151.0, 10_000_000),
        Reading("W10", ours, "long run", long_run.MEMORY, 150.0, 10_000),
        Reading("W12", ours, "rosenbrock: gradient compiled", seconds, 89.0, 100),
        Reading("S1", ours, "sweep, one core", many_runs.QUANTITY, 3e5, 40_000),
        Reading("S1", ours, "sweep, 2 processes", many_runs.QUANTITY, 5e5, 40_000),
        Reading("S1", ours, "one call", many_runs.QUANTITY, 4e6, 40_000),
        Reading("S1", "jax", "one call", many_runs.QUANTITY, 5e6, 40_000),
    )
    wide_ = _record("W7", symlab_c=0.6, numpy=0.7, jax=0.5)
    found = {each.what: each.reached for each in thresholds(_run(wide_, readings=readings))}
    assert found["W11: chapter_f, first result, empty cache"]
    assert found["W11: chapter_f, warm ÷ import sympy, pytensor"] is False
    assert found["W10: memory that ten million steps take"]
    assert found["W12: rosenbrock: gradient compiled, 100 variables, empty cache"] is False
    assert found["W7: best of NumPy, JAX, scikit-learn ÷ symlab"] is False
    assert found["W7: share of the floor's rate"]
    assert found["S1: 2 processes ÷ one core"]
    assert found["S1: runs a second ÷ jax.vmap, one core"] is False


def test_pictures_are_drawn_from_a_run(tmp_path):
    """A ladder of the workloads, and growth on two log axes."""
    grown = tuple(
        Reading("W9", "jax", "samples", "microseconds per step", value, size)
        for size, value in ((100, 1.0), (1000, 9.0), (10_000, None))
    )
    run = _run(_record("W1", symlab_c=2.0, jax=5.0, lambdify=20.0), readings=grown)
    files = {file.name for file in draw(run, tmp_path / "pictures")}
    assert files == {"ladder.png", "ladder.svg", "growth.png", "growth.svg"}
    assert "NOT" not in (tmp_path / "pictures" / "ladder.svg").read_text(encoding="utf-8")


# The program


def _found(monkeypatch):
    """Let the program find a run that was made beforehand."""
    run = _run(_record("W8", symlab_c=2.0))
    monkeypatch.setattr(program, "runs", lambda *a, **k: iter([run]))
    return run


def test_json_is_a_list_of_measurements(monkeypatch, capsys):
    """Progress goes to stderr, so that stdout is JSON alone."""
    _found(monkeypatch)
    assert program.main(["--json", "--only", "W8"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["system"] == "symlab-c"
    assert set(row) == set(Measurement.__dataclass_fields__)


def test_a_run_is_kept_and_its_table_printed_again(monkeypatch, capsys, tmp_path):
    """`--json FILE`, then `--table FILE`."""
    run = _found(monkeypatch)
    file = tmp_path / "run.json"
    assert program.main(["W8", "--json", str(file)]) == 0
    assert load(file) == (run,)
    first = capsys.readouterr().out
    assert program.main(["--table", str(file), "--plot", str(tmp_path)]) == 0
    assert capsys.readouterr().out == first
    assert (tmp_path / "ladder.png").exists()
    assert program.main(["--table", str(file), "--short"]) == 0
    assert first.startswith(capsys.readouterr().out.splitlines()[0])


@pytest.mark.parametrize("words", [["W99"], ["--only", "W99"], ["--json", "W1"]])
def test_an_unknown_workload_is_bad_usage(words, capsys):
    """The parser exits with 2, and says what it knows."""
    with pytest.raises(SystemExit, match="2"):
        program.main(words)
    assert "W99" in capsys.readouterr().err or words[0] == "--json"


# Processes of their own


def test_a_cell_keeps_what_it_found_before_its_time_was_up():
    """One line, and then a sleep that is cut short with all its children."""
    code = "import time; print('{\"a\": 1}', flush=True); time.sleep(60)"
    ended = run_command([sys.executable, "-c", code], seconds=1.5)
    assert ended.trouble == "not within 1.5 s"
    assert json.loads(ended.out) == {"a": 1}


def test_a_cell_tells_how_it_failed():
    """The last line of its error output."""
    outcome = run_cell("benchmarks.studies.derivation:no_such_function", {}, 30)
    assert "no_such_function" in outcome.trouble
    assert outcome.found == {}


def test_growth_compares_what_systems_reach():
    """A cell yields the loss after a few steps, and then the time of one."""
    (first, timed) = growth.cell("numpy", (50, 2))
    (other, _) = growth.cell("symlab-interpreted", (50, 2))
    assert other["result"] == pytest.approx(first["result"], rel=1e-12)
    assert timed["microseconds"] > 0
    with pytest.raises(ArithmeticError, match="W9: ours reached"):
        growth._check("ours", 50, 1.0, 1.1)


def test_a_line_ends_where_time_is_up(monkeypatch):
    """Larger sizes are left out with the reason and not tried."""
    asked = []
    monkeypatch.setattr(
        growth,
        "run_cell",
        lambda *given: asked.append(given) or growth.Outcome({}, "not within 1 s"),
    )
    rows = list(growth._line("numpy", "samples", [100, 1000], 1, {}))
    assert len(asked) == 1
    assert [row.note for row in rows] == ["not within 1 s at 100 samples"] * 2


def test_a_long_run_tells_its_time_and_memory():
    """The peak of this very process, in megabytes."""
    (found,) = long_run.long_cell("symlab-interpreted", 200)
    assert found[long_run.TIME] > 0
    assert 20 < found[long_run.MEMORY] < 1e5


def test_a_stage_that_takes_too_long_is_tried_in_no_larger_size(monkeypatch):
    """Nor is what comes after it; what comes before goes on, and the table says why."""
    asked = []

    def cell(target, given, seconds, *, empty_cache):
        """Answer as a cell would whose Hessian grows fast, and that is killed at 200 variables."""
        n, stages = given["n"], given["stages"]
        asked.append((n, len(stages)))
        found = {each: n / 4 if each == "Hessian derived" else 0.1 for each in stages}
        return Outcome(found if n < 200 else {}, "" if n < 200 else "not within 30 s")

    monkeypatch.setattr(derivation, "run_cell", cell)
    sizes = [10, 50, 100, 200, 1000]
    rows = list(derivation._line("symlab-c", "quartic", sizes, Effort(), {}))
    assert asked == [(10, 5), (50, 5), (100, 3), (200, 3)]
    last = {row.case: row.note for row in rows if row.size == 1000}
    assert last["quartic: Hessian compiled"] == (
        "quartic: Hessian derived and what follows ended at 50 variables: 12 s, limit 10 s"
    )
    assert last["quartic: gradient derived"] == (
        "quartic: gradient derived and what follows ended at 200 variables: not within 30 s"
    )
    assert len({row.note for row in rows}) == 3
    assert [row.value for row in rows if row.case == "quartic: gradient compiled"] == [
        0.1, 0.1, 0.1, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("name", derivation.PROBLEMS)
def test_problems_of_any_size_agree_with_jax(name):
    """The gradient that SymPy derives is as long as JAX's of the printed formula."""
    _, found = derivation.jax_cell(name, 3)
    f, point = derivation.problem(name, 3), derivation._point(3)
    slopes = f.gradient.subs(dict(zip(f.variables, point.tolist(), strict=True)))
    assert found["length"] == pytest.approx(float(slopes.norm()), rel=1e-12)


@pytest.mark.parametrize("name", first_result.PROGRAMS)
def test_both_programs_of_a_pair_print_the_same_number(name, tmp_path, monkeypatch, capsys):
    """On the data and first weights that both read."""
    file = str(first_result._given(name, tmp_path))
    printed = []
    for module in (name, f"{name}_jax"):
        monkeypatch.setattr(sys, "argv", [module, file, "interpreted"])
        runpy.run_module(f"benchmarks.start.{module}", run_name="__main__")
        printed.append(float(capsys.readouterr().out))
    assert printed[0] == pytest.approx(printed[1], rel=1e-9)


def test_a_cold_run_is_the_same_program_with_an_empty_cache(monkeypatch):
    """A new process, because this one's compiler has read its cache."""
    seen = {}

    def process(command, env, check):
        seen.update(command=command, flags=env["PYTENSOR_FLAGS"])
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(program.subprocess, "run", process)
    assert program.main(["W8", "--cold"]) == 3
    assert seen["command"][-2:] == ["W8", "--emptied"]
    assert seen["flags"].startswith("base_compiledir=")


def test_totals_add_up():
    """Works are added kind by kind."""
    assert total((2, {"root": 1}), (3, {"root": 1, "division": 2})) == {"root": 5, "division": 6}


# What is published


def test_every_document_shows_the_table_of_the_kept_run():
    """Else `python -m benchmarks --publish` has been forgotten, or a number was typed."""
    found = {file.name: (file.read_text(encoding="utf-8"), text) for file, text in published()}
    assert set(found) == {"results.md", "README.md", "speed.md"}
    assert [name for name, (there, wanted) in found.items() if there != wanted] == []


def test_marks_hold_a_table_and_a_document_without_them_is_an_error():
    """What stands outside them stays as it is."""
    run, text = _run(_record("W8", symlab_c=2.0, jax=3.0)), "a\n{}old\n<!-- end -->\nb"
    short = filled(text.format("<!-- short: benchmarks/results.json -->\n"), [run])
    assert short.startswith("a\n<!-- short")
    assert short.endswith("|\n<!-- end -->\nb")
    assert "old" not in short
    assert "1.5" in short
    assert "by the operations" in filled(
        text.format("<!-- systems: benchmarks/results.json -->\n"), [run]
    )
    with pytest.raises(ValueError, match="marks of a table"):
        filled(text, [run])


def test_a_gradient_of_a_folder_is_right_and_timed_beside_reading_it(tmp_path):
    """S2 in small: the slopes at zero are summed up while the files are written."""
    expected = on_disk.write(tmp_path, 30_000)
    (found,) = on_disk.cell(str(tmp_path), expected.tolist())
    assert set(found) == {on_disk.OURS, on_disk.READING, on_disk.MEMORY}
    assert on_disk.read_alone(tmp_path) == 30_000
    with pytest.raises(ArithmeticError, match="S2: the gradient is"):
        next(on_disk.cell(str(tmp_path), (expected + 1e-6).tolist()))


def test_what_workers_gain_stays_below_what_handing_out_allows():
    """As many times as there are workers while blocks are long, and c/r however many there are."""
    assert workers.gain(2, work=1.0, handed=0.0) == 2
    assert workers.gain(1000, work=1.0, handed=0.001) == pytest.approx(500)
    assert workers.gain(10**9, work=1.0, handed=0.001) == pytest.approx(1000, rel=1e-5)
