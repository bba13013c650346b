"""The same sweep whoever runs it: threads, processes, a cluster, and after one is killed."""

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace

import joblib
import numpy as np
import psutil
import pytest
import sympy as sp
from distributed import Client, LocalCluster
from joblib.externals.loky import get_reusable_executor

import symlab as sl
from symlab.lab.sweep import plan, store
from symlab.lab.sweep.block import Block, Settings
from symlab.lab.sweep.store import Store

x = sp.symbols("x", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)
GRID = {"step_size": np.linspace(0.01, 0.2, 32), "momentum": np.linspace(0, 0.99, 32)}
BLOCKS = 32


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """So that there is a middle in which to be killed."""
    monkeypatch.setattr(plan, "MOST_TOGETHER", 32)


def swept(**options):
    """The sweep that all tests make."""
    return sl.sweep(F, [0.1], sl.momentum, GRID, max_steps=300, **options)


@pytest.fixture(scope="module")
def wanted():
    """Its frame, from one call of the compiled runs."""
    return swept().frame


def same(one, other):
    """Whether two frames are equal bit for bit."""
    return list(one.columns) == list(other.columns) and all(
        one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes()
        if one[name].dtype.kind in "fi"
        else one[name].equals(other[name])
        for name in one.columns
    )


@pytest.fixture
def kept(monkeypatch):
    """The keys of blocks as they are kept, and a place for what is to happen after the first."""
    keys, after = [], []

    def keep(self, block, outcome):
        original(self, block, outcome)
        keys.append(store.key_of(block))
        if after:
            after.pop()()

    original = Store.keep
    monkeypatch.setattr(Store, "keep", keep)
    return keys, after


def test_threads_take_the_same_steps(wanted):
    """In one process."""
    with joblib.parallel_config("threading", n_jobs=2):
        assert same(swept().frame, wanted)


def kill_a_worker():
    """Kill one of the processes that joblib has started."""
    workers = (w for w in psutil.Process().children() if "popen_loky" in " ".join(w.cmdline()))
    next(workers).kill()


def test_processes_take_the_same_steps_though_one_is_killed(wanted, kept, tmp_path):
    """What it had under way is run again, and no finished block twice."""
    keys, after = kept
    after.append(kill_a_worker)
    with joblib.parallel_config("loky", n_jobs=2):
        found = swept(store=tmp_path)
    get_reusable_executor().shutdown(wait=True)  # joblib keeps it for the next call
    assert same(found.frame, wanted)
    assert len(keys) == len(set(keys)) == found.computed == BLOCKS


def test_a_cluster_takes_the_same_steps_though_a_worker_is_killed(wanted, kept, tmp_path):
    """With a client given, and with joblib told to use the cluster."""
    keys, after = kept
    cluster = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**cluster, silence_logs=50) as local, Client(local) as client:
        (worker,) = client.run(os.getpid).values()
        after.append(lambda: os.kill(worker, signal.SIGKILL))
        assert same(swept(client=client, store=tmp_path).frame, wanted)
        assert len(keys) == len(set(keys)) == BLOCKS
        with joblib.parallel_config("dask", client=client):
            assert same(swept().frame, wanted)


KILLED = """
import os, signal, sys
import numpy as np, sympy as sp, symlab as sl
from symlab.lab.sweep import plan
from symlab.lab.sweep.store import Store
plan.MOST_TOGETHER = 32
keep, done = Store.keep, []
def killed(self, block, outcome):
    keep(self, block, outcome)
    done.append(block)
    if len(done) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
Store.keep = killed
x = sp.symbols("x", real=True)
grid = {"step_size": np.linspace(0.01, 0.2, 32), "momentum": np.linspace(0, 0.99, 32)}
sl.sweep(sl.Objective(2 - 3 * x**3 + x**4), [0.1], sl.momentum, grid, 300, store=sys.argv[1])
"""


def test_a_sweep_that_was_killed_goes_on_where_it_was(wanted, tmp_path):
    """What is stored is not run again, unless it is damaged: half a file, or one bit of one."""
    ran = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ran.returncode == -signal.SIGKILL
    files = sorted(tmp_path.glob("*.parquet"))
    assert len(files) == 5
    (tmp_path / ".symlab-left").write_bytes(b"half")
    half, bent = files[0].read_bytes(), bytearray(files[1].read_bytes())
    files[0].write_bytes(half[: len(half) // 2])
    bent[len(bent) // 3] ^= 1
    files[1].write_bytes(bytes(bent))
    times = [file.stat().st_mtime_ns for file in files[2:]]
    found = swept(store=tmp_path)
    assert found.computed == BLOCKS - 3
    assert same(found.frame, wanted)
    assert [file.stat().st_mtime_ns for file in files[2:]] == times
    assert not list(tmp_path.glob(".symlab-*"))
    again = swept(store=tmp_path)
    assert again.computed == 0
    assert same(again.frame, wanted)


def interrupt():
    """Ctrl-C."""
    raise KeyboardInterrupt


def fill_up():
    """A full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_ctrl_c_keeps_what_is_done(wanted, kept, tmp_path):
    """The rows that were run, under their numbers."""
    kept[1].append(interrupt)
    found = swept(store=tmp_path)
    assert not found.complete
    assert "of 1024 runs" in repr(found)
    done = wanted.loc[found.frame.index].drop(columns="distance")
    assert len(done) > 0
    assert found.frame.drop(columns="distance").equals(done)  # another minimiser may be the best
    assert swept(store=tmp_path).complete


def test_a_full_disk_loses_the_block_under_way_alone(wanted, monkeypatch, tmp_path):
    """It is told, and the next call goes on."""
    written = []

    def write(path, content):
        if len(written) == 3:
            fill_up()
        written.append(path)
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(store, "replace_file", write)
        with pytest.raises(OSError, match="No space left"):
            swept(store=tmp_path)
    found = swept(store=tmp_path)
    assert found.computed == BLOCKS - 3
    assert same(found.frame, wanted)


def test_without_pyarrow_the_store_says_what_to_install(monkeypatch, tmp_path):
    """The extra has a name."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "symlab\[cluster\]"'):
        swept(store=tmp_path)


def test_blocks_that_differ_in_anything_have_other_keys():
    """Seeds are no batch sizes, a start is no step size, and a rule is more than its name."""
    settings = Settings(10, 1e-10, "c", "sympy", rates=True)
    start, some = np.array([[1.0], [2.0]]), np.array([1, 2])
    namesake = replace(sl.momentum, recurrence=sl.nesterov.recurrence)
    keys = {
        store.key_of(Block(F, method, numbers, start, seeds, sizes, kept))
        for method in (sl.momentum, sl.nesterov, namesake)
        for numbers in ({}, {"step_size": np.array([1.0, 2.0])}, {"momentum": np.array([1.0, 2.0])})
        for seeds, sizes in ((None, None), (some, None), (None, some))
        for kept in (settings, replace(settings, tolerance=0.0))
    }
    assert len(keys) == 3 * 3 * 3 * 2


def test_a_client_is_one_of_dask():
    """Anything else is refused by name."""
    with pytest.raises(TypeError, match="client: expected"):
        swept(client="tcp://localhost:8786")
