"""Ctrl-C ends a run with what it has, and ends whatever larger work the run is part of."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab import nn
from symlab.interrupts import pass_interrupts_on

x = sp.Symbol("x", real=True)
QUARTIC = sl.Objective(2 - 3 * x**3 + x**4)


def press(k, *_):
    """Press Ctrl-C at the third iterate."""
    if k == 2:
        raise KeyboardInterrupt


@pytest.mark.parametrize("backend", ["sympy", "interpreted", "numba"])
def test_a_run_keeps_what_it_has_unless_it_is_part_of_a_larger_work(backend):
    """By itself it is a trace that says so; within a larger work it would be taken for whole."""
    trace = sl.minimize(QUARTIC, [0.1], "gradient_descent", 5, backend=backend, callback=press)
    assert trace.status == "stopped"
    assert "keyboard" in trace.message
    with pytest.raises(KeyboardInterrupt), pass_interrupts_on():
        sl.minimize(QUARTIC, [0.1], "gradient_descent", 5, backend=backend, callback=press)
    assert sl.minimize(QUARTIC, [0.1], "gradient_descent", 5, backend=backend).status == "max_steps"


def test_training_ends_likewise(monkeypatch):
    """A fit keeps its epochs; within a comparison of fits it is passed on."""
    inputs = nn.Input((1,))
    model = nn.Model(inputs, nn.Dense(1)(inputs))
    calls = []

    def pressed(*_, **__):
        calls.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("symlab.nn.training.epochs.Trainer.run", pressed)
    data = np.ones((4, 1))
    assert model.fit(data, data, loss="mean_squared_error", epochs=3).status == "stopped"
    with pytest.raises(KeyboardInterrupt), pass_interrupts_on():
        model.fit(data, data, loss="mean_squared_error", epochs=3)
    assert len(calls) == 2


def test_a_comparison_cut_short_never_agrees(monkeypatch):
    """It used to go on with the other backends and say `agrees` of the part that was done."""
    monkeypatch.setattr("symlab.engine.iteration.follow", None)
    monkeypatch.setattr("symlab.engine.compiled.stepwise.follow", pressing)
    with pytest.raises(KeyboardInterrupt):
        sl.compare(QUARTIC, start=[0.1], max_steps=3, backends=("sympy", "interpreted"))


def pressing(*_, **__):
    """A run in which Ctrl-C is pressed before its first step."""
    raise KeyboardInterrupt
    yield


@pytest.fixture
def the_key_is_heard():
    """A shell that runs the tests in the background has them, and what they start, ignore it.

    Where Python has a handler the child has the default. To reset it in the child instead takes a
    fork, and JAX warns of every fork once it is imported.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals as a shell sends them")
@pytest.mark.usefixtures("the_key_is_heard")
@pytest.mark.parametrize("command", [["run", "--all"], ["compare"]])
def test_ctrl_c_ends_a_command_and_all_that_it_runs(command, tmp_path):
    """One word and the shell's exit code, soon after the key is pressed."""
    with subprocess.Popen(
        [sys.executable, "-m", "symlab", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
    ) as process:
        process.stderr.readline()  # which tells what has begun
        time.sleep(1)  # so that it is in the middle of it; both take far longer
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=100)
    # Where Python itself ends on the key, it ends by the signal, which a shell tells as 130 too.
    assert process.returncode in (130, -signal.SIGINT), told
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told


LOST = """
import sys
sys.argv = ["symlab"]
import signal, time, weakref
import symlab

class Collected:
    pass

def press(_):
    signal.raise_signal(signal.SIGINT)

thing = Collected()
kept = weakref.ref(thing, press)
del thing
time.sleep(90)
"""


@pytest.mark.usefixtures("the_key_is_heard")
def test_a_key_pressed_while_an_object_is_collected_is_not_lost():
    """Python ignores every error there; a comparison once ran on to its end."""
    done = subprocess.run(
        [sys.executable, "-c", LOST], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stderr == "stopped\n"
    assert done.returncode in (130, -signal.SIGINT)
