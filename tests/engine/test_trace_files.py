"""Traces in files: what is written is read back to the last bit; what is damaged, in one line."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

import symlab as sl
from symlab.engine.archive import pack, unpack
from symlab.engine.trace import Trace
from symlab.engine.trace_files import BEFORE

x = sp.Symbol("x", real=True)
QUARTIC = sl.Objective(x**4 - 3 * x**3 + 2)


def run(**options):
    """A short run with a state."""
    settled = {"method": sl.momentum(), "max_steps": 3, "backend": "sympy", **options}
    return sl.minimize(QUARTIC, start=[2], **settled)


EXACT, COMPILED = run(), run(backend="interpreted")
DOCUMENT = json.loads(EXACT.to_json())
ROWS = ("iterates", "values", "gradient_norms", "step_sizes", "evaluations", "k")


def same(a: Trace, b: Trace, names=ROWS) -> bool:
    """Whether two traces hold the same numbers, bit for bit."""
    return all(np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in names)


@pytest.mark.parametrize("trace", [EXACT, COMPILED, run(digits="exact")], ids=repr)
def test_archives_and_json_give_back_the_whole_trace(trace, tmp_path):
    """Rows, states, exact numbers and words."""
    for again in (
        Trace.from_json(trace.to_json()),
        Trace.from_npz(trace.to_npz(tmp_path / "run")),
        pickle.loads(pickle.dumps(trace)),
    ):
        assert same(trace, again)
        assert repr(again) == repr(trace)
        assert (again.exact, again.message) == (trace.exact, trace.message)
        assert all(np.array_equal(again.states[k], trace.states[k]) for k in trace.states)


def test_a_csv_gives_back_the_rows_and_says_what_it_does_not_hold(tmp_path):
    """The frame is all there; how the run ended is not."""
    COMPILED.to_csv(tmp_path / "run.csv")
    for again in (Trace.from_csv(tmp_path / "run.csv"), Trace.from_csv(COMPILED.to_csv())):
        assert same(COMPILED, again)
        assert (again.status, again.variables) == ("stopped", ("x",))
        assert "does not say" in again.message


def test_long_runs_come_back_from_every_kind_of_file(tmp_path):
    """A hundred thousand rows with NaN and infinity among them."""
    n, draw = 100_000, np.random.default_rng(0)
    sizes = np.r_[np.nan, draw.random(n - 1)]
    norms = np.r_[draw.random(n - 1), np.inf]
    long = Trace(("x", "y"), draw.normal(size=(n, 2)), draw.normal(size=n), norms, sizes,
                 np.arange(n), "max_steps", "m", "c", "gd")  # fmt: skip
    long.to_json(tmp_path / "run.json")
    long.to_csv(tmp_path / "run.csv")
    assert same(long, Trace.from_json(tmp_path / "run.json"))
    assert same(long, Trace.from_csv(tmp_path / "run.csv"))
    assert same(long, Trace.from_npz(long.to_npz(tmp_path / "run.npz")))


def test_floats_of_ten_thousand_digits_come_back():
    """Python writes no integer of over 4300 digits, so they are written in hexadecimal."""
    long = run(digits=10_000, max_steps=2, method="newton")
    assert Trace.from_json(long.to_json()).exact == long.exact


def changed(*place, to):
    """The document with something else at a place."""
    document = copy.deepcopy(DOCUMENT)
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    if to is KeyError:
        del inner[place[-1]]
    else:
        inner[place[-1]] = to
    return json.dumps(document)


WORDS = ("message", "backend", "method")

DAMAGED = {
    "a brace": "{",
    "nothing in it": "{}",
    "a list": "[1]",
    "nested deeply": '{"a": ' + "[" * 100_000,
    "a field twice": '{"k": [0], "k": [1]}',
    "NaN": '{"k": NaN}',
    "digits without end": '{"k": ' + "9" * 10_000 + "}",
    **{f"without {name}": changed(name, to=KeyError) for name in DOCUMENT if name not in BEFORE},
    **{f"{name} null": changed(name, to=None) for name in DOCUMENT},
    **{f"{name} a number": changed(name, to=3) for name in DOCUMENT if "seconds" not in name},
    **{f"{name} text": changed(name, to="3") for name in DOCUMENT if name not in WORDS},
    "one field more": changed("more", to=1),
    "norms of another length": changed("gradient_norms", to=[1.0]),
    "rows of two lengths": changed("iterates", 0, to=[1.0, 2.0]),
    "k negative": changed("k", to=[-4, -3, -2, -1]),
    "k of floats": changed("k", to=[0.0, 1.0, 2.0, 3.0]),
    "k that falls": changed("k", to=[0, 2, 1, 3]),
    "digits in text": changed("values", 0, to="1.5"),
    "a number beyond floats": changed("values", 0, to=10**400),
    "true as a number": changed("values", 0, to=True),
    "states a list": changed("states", to=[]),
    "a state of another length": changed("states", "m", to=[[0.0]]),
    "a variable that is a column": changed("variables", to=["value"]),
    "seconds negative": changed("seconds", to=-1),
    "an unknown status": changed("status", to="fine"),
    "an unknown record": changed("record", to="batches"),
    "exact with code": changed("exact", 0, 0, to="__import__('os').getcwd()"),
    "exact digits with code": changed("exact", 0, 0, to=["__import__('os')", 53]),
    "exact of enormous precision": changed("exact", 0, 0, to=["1.5", 10**15]),
    "exact of negative precision": changed("exact", 0, 0, to=["1.5", -1]),
    "exact precision as text": changed("exact", 0, 0, to=["1.5", "53"]),
    "exact with an enormous exponent": changed("exact", 0, 0, to=["1e99999999999999999999", 53]),
    "exact zero denominator": changed("exact", 0, 0, to="1/0"),
    "exact symbol": changed("exact", 0, 0, to="q"),
    "exact rows of another length": changed("exact", 0, to=[]),
    "exact too few": changed("exact", to=DOCUMENT["exact"][:1]),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_trace_is_one_error_that_names_the_file(text, tmp_path):
    """Whatever is missing, of another type or length, or too large."""
    path = tmp_path / "run.json"
    path.write_text(text)
    for source, name in ((text, "source: this is no trace"), (path, "this is no trace")):
        with pytest.raises(ValueError, match=name) as caught:
            Trace.from_json(source)
        assert len(str(caught.value)) < 200
        assert "\n" not in str(caught.value)


def test_a_file_from_before_there_was_a_choice_is_of_the_objective(tmp_path):
    """As JSON and as an archive; all else is read as it was."""
    old = json.loads(changed("record", to=KeyError))
    assert Trace.from_json(json.dumps(old)).record == "objective"
    arrays = unpack(EXACT.to_npz(tmp_path / "run").read_bytes())
    facts = json.loads(str(arrays["facts"]))
    del facts["record"]
    (tmp_path / "old.npz").write_bytes(pack({**arrays, "facts": np.array(json.dumps(facts))}))
    assert same(Trace.from_npz(tmp_path / "old.npz"), EXACT)


def read_or_refused(read, source):
    """What is read and no message, or nothing and the message."""
    try:
        return read(source), ""
    except ValueError as error:
        return None, str(error)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["nan", "inf", "1/3", "1/0", "sqrt(2)", 10**400, 2**63, ["1.5", -1],
                       ["1.5", 10**12], ["1e999999", 53], "9^9^9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)  # fmt: skip


def places(value, so_far=()):
    """Every place of a document, the outermost first."""
    yield so_far
    known = isinstance(value, list)
    inside = value.items() if isinstance(value, dict) else enumerate(value if known else ())
    for step, inner in inside:
        yield from places(inner, (*so_far, step))


PLACES = [place for place in places(DOCUMENT) if place]
CHANGES = ("drop", "replace", "nest", "enlarge", "move")


def mutated(document, place, change, junk):
    """Change a document at a place; an earlier change may have taken the place away."""
    inner = document
    try:
        for step in place[:-1]:
            inner = inner[step]
        old = inner[place[-1]]
    except (LookupError, TypeError):
        return
    if change == "drop":
        del inner[place[-1]]
        return
    bigger = old * 3 if isinstance(old, (list, str)) else [old, old]
    inner[place[-1]] = {"replace": junk, "nest": [old], "enlarge": bigger, "move": document}[change]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(CHANGES), JUNK), max_size=3))
@example([(("iterates", 0), "replace", [1e308]), (("iterates", 1), "replace", [-1e308])])
def test_a_mutated_trace_is_refused_or_good(changes):
    """Never another error, and what is accepted can be shown, measured and written again."""
    document = copy.deepcopy(DOCUMENT)
    for change in changes:
        mutated(document, *change[:2], copy.deepcopy(change[2]))
    try:
        text = json.dumps(document)
    except ValueError:  # a document that was put into itself is none
        return
    trace, refusal = read_or_refused(Trace.from_json, text)
    if trace is None:
        assert refusal.startswith("source: this is no trace")
        assert len(refusal) < 200
        return
    assert repr(Trace.from_json(trace.to_json())) == repr(trace)
    assert trace._repr_html_()
    assert isinstance(trace.rate() + trace.order(), float)


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_archive_is_one_error_that_names_the_file(data):
    """Bytes changed, cut off, or arrays of another kind."""
    content = pack(unpack(Path(ARCHIVE).read_bytes()))
    place = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["flip", "cut"]))
    byte = bytes([content[place] ^ data.draw(st.integers(1, 255))])
    damaged = content[:place] + (byte + content[place + 1 :] if kind == "flip" else b"")
    target = Path(ARCHIVE).with_name("damaged.npz")
    target.write_bytes(damaged)
    trace, refusal = read_or_refused(Trace.from_npz, target)
    if trace is None:
        assert "damaged.npz" in refusal
        assert len(refusal) < 200
        return
    assert same(trace, EXACT)  # a byte of the zip file that stands for nothing we read


ARCHIVE = ""


@pytest.fixture(autouse=True, scope="module")
def archive(tmp_path_factory):
    """An archive of a run, for the tests that damage it."""
    global ARCHIVE
    ARCHIVE = str(EXACT.to_npz(tmp_path_factory.mktemp("runs") / "run"))


@pytest.mark.parametrize("read", [Trace.from_json, Trace.from_npz, Trace.from_csv])
def test_sources_that_are_no_files_are_refused(read, tmp_path):
    """A number, bytes, a null byte; and a file that is not there is an OSError with its name."""
    for source, error in ((3, TypeError), (b"run", TypeError), ("a\0b", ValueError)):
        with pytest.raises(error, match=r"^(source|path): expected"):
            read(source)
    with pytest.raises(OSError, match=r"nowhere"):
        read(tmp_path / "nowhere")
    with pytest.raises(OSError, match=r"no file"):
        read(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    """A full disk: the error names the file, and what was there can still be read."""
    paths = {name: tmp_path / f"run.{name}" for name in ("json", "csv", "npz")}

    def write():
        for name, path in paths.items():
            getattr(COMPILED, f"to_{name}")(path)

    write()
    before = {name: path.read_bytes() for name, path in paths.items()}

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for name, path in paths.items():
        with pytest.raises(OSError, match=f"No space left on device.*run.{name}"):
            getattr(COMPILED, f"to_{name}")(path)
        assert path.read_bytes() == before[name]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths.values()}


def test_html_of_a_trace_is_escaped():
    """A file from a stranger brings no script into a notebook."""
    trace = Trace.from_json(changed("message", to="<script>alert(1)</script>"))
    named = Trace.from_json(changed("variables", to=["<script>"]))
    assert "<script>" not in trace._repr_html_() + named._repr_html_()
