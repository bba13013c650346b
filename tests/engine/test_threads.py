"""Four threads that call, run, train and compile at once get what one thread gets.

A very short switch interval lets the threads take turns in the middle of everything.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab import nn
from symlab.algebra.working_precision import working_digits
from symlab.engine.compiled.function import once

x, y = sp.symbols("x y", real=True)
SURFACE = sl.Objective(sp.exp(sp.sin(x * y)) + x**2 + sp.log(1 + y**2))
POINTS = np.random.default_rng(0).normal(size=(64, 2))
COMPILED = ["interpreted", "c", "numba"]


@pytest.fixture(autouse=True)
def _short_turns():
    """Threads change places a hundred thousand times a second."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def in_threads(work, tasks):
    """Return what four threads make of the tasks, in their order."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, tasks))


@pytest.mark.parametrize("backend", COMPILED)
def test_calls_of_one_compiled_function_do_not_mix(backend):
    """PyTensor's functions work in storage of their own, which two calls at once would share."""
    functions = sl.compile(SURFACE, backend=backend)

    def called(i):
        value, gradient = functions.value_and_gradient(POINTS[i])
        return (value, *gradient, *functions.hessian(POINTS[i]).ravel())

    alone = [called(i) for i in range(len(POINTS))]
    assert in_threads(called, [*range(len(POINTS))] * 8) == alone * 8


@pytest.mark.parametrize("backend", [*COMPILED, "sympy"])
def test_runs_at_once_end_where_each_ends_alone(backend):
    """Of rules and of directions with a search; exact ones share the process's precision."""
    methods = [
        sl.gradient_descent(step_size=0.01),
        sl.adam(step_size=0.01),
        sl.method(direction=sl.newton(damping=1), search=sl.armijo()),
    ]

    def ran(i):
        method = methods[i % len(methods)]
        trace = sl.minimize(SURFACE, POINTS[i], method, 5, backend=backend, digits=20 + 10 * i)
        return trace.iterates.tolist(), [tuple(map(str, row)) for row in trace.exact]

    alone = [ran(i) for i in range(6)]
    assert in_threads(ran, [*range(6)] * (1 if backend == "sympy" else 4)) == alone * (
        1 if backend == "sympy" else 4
    )


@pytest.mark.parametrize("backend", ["interpreted", "c"])
def test_networks_asked_and_trained_by_four_threads_are_what_they_are_alone(backend):
    """One model is asked by all; each thread trains a model of its own."""
    model = network()
    batches = [np.random.default_rng(i).normal(size=(5, 3)) for i in range(8)]
    alone = [model.predict(batch).tolist() for batch in batches]
    answers = in_threads(lambda i: model.predict(batches[i]).tolist(), [*range(8)] * 16)
    assert answers == alone * 16

    def trained(seed):
        own, targets = network(), np.ones((5, 1))
        own.fit(
            batches[0],
            targets,
            loss="binary_crossentropy",
            epochs=2,
            batch_size=2,
            seed=seed,
            backend=backend,
            method=sl.adam(step_size=0.1),
        )
        return {
            name: [each.tolist() for each in arrays] for name, arrays in own.get_weights().items()
        }

    first = [trained(seed) for seed in range(4)]
    assert in_threads(trained, range(4)) == first


def network():
    """A small network with the same weights each time."""
    inputs = nn.Input((3,))
    hidden = nn.Dense(4, activation="sigmoid")(inputs)
    return nn.Model(inputs, nn.Dense(1, activation="sigmoid")(hidden), seed=3)


def test_digits_are_not_taken_from_under_another_thread():
    """Mpmath has one precision for all threads."""
    wanted = [20, 50, 100] * 20

    def third(digits):
        with working_digits(digits):
            return str(sum(mpmath.mpf(1) for _ in range(100)) / 300)

    assert in_threads(third, wanted) == ["0." + "3" * digits for digits in wanted]


def test_what_four_threads_ask_for_is_made_once():
    """The others wait for the first and share what it made; the oldest is forgotten."""
    made = []

    @once(2)
    def double(number):
        made.append(number)
        return 2 * number

    assert in_threads(double, [1] * 50) == [2] * 50
    assert made == [1]
    assert [double(n) for n in (2, 3, 1)] == [4, 6, 2]
    assert made == [1, 2, 3, 1]


def test_a_fresh_process_may_import_and_compile_in_four_threads_at_once():
    """PyTensor half imported would fail in three of them."""
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
import sympy as sp
sys.setswitchinterval(1e-5)
def first(_):
    import symlab as sl
    x = sp.Symbol("x", real=True)
    return sl.minimize(sl.Objective(x**4), [1.0], max_steps=3, backend="interpreted").value
with ThreadPoolExecutor(4) as pool:
    print(len(set(pool.map(first, range(4)))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
