"""Compiled functions: made once in a process, and callable from any thread.

A function that PyTensor compiles works in storage of its own, which two calls at once would share.
So each is called by one thread at a time. Making one is not safe under threads either, neither in
SymPy nor in PyTensor nor in Numba, so one is made at a time.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Any

import numpy as np
import pytensor

from symlab.algebra.working_precision import EXACT_WORK
from symlab.engine import backends
from symlab.engine.cache import explain_errors
from symlab.engine.lowering.special import allow_python_calls
from symlab.engine.stand_ins import without_unused_imports

PATIENCE = 0.5
"""Seconds of compiling after which it is said that something is being compiled."""


class Shared:
    """A compiled function that one thread calls at a time."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._lock = function, Lock()

    def __call__(self, *given: Any) -> Any:
        """Return the outputs for some inputs."""
        with self._lock:
            return self._function(*given)


@dataclass(frozen=True)
class Compiled:
    """A compiled function and the seconds it took to compile, its first call among them."""

    call: Callable[..., list[np.ndarray]]
    seconds: float


class Once[Made]:
    """A function that keeps its results; where several threads call it at once, one computes.

    Its length is how many results it holds.
    """

    def __init__(self, make: Callable[..., Made], most: int) -> None:
        self._make, self._most = make, most
        self._made, self._lock = OrderedDict[Hashable, Made](), Lock()
        update_wrapper(self, make)

    def __call__(self, *given: Hashable) -> Made:
        """Return the result for these arguments, computed now or earlier."""
        if found := self._find(given):
            return found[0]
        with EXACT_WORK, without_unused_imports():
            if found := self._find(given):  # another thread has made it meanwhile
                return found[0]
            value = self._make(*given)
            self._keep(given, value)
            return value

    def __len__(self) -> int:
        return len(self._made)

    def _find(self, key: Hashable) -> tuple[Made] | None:
        """Return the result for a key, in a tuple; None if none is kept."""
        with self._lock:
            if key not in self._made:
                return None
            self._made.move_to_end(key)
            return (self._made[key],)

    def _keep(self, key: Hashable, value: Made) -> None:
        """Keep a result; the one least recently used goes."""
        with self._lock:
            self._made[key] = value
            if len(self._made) > self._most:
                self._made.popitem(last=False)


def once[Made](most: int) -> Callable[[Callable[..., Made]], Once[Made]]:
    """Keep the results of a function, as `lru_cache` does, and compute each in one thread.

    Parameters
    ----------
    most : int
        How many results are kept.

    Examples
    --------
    >>> @once(8)
    ... def twice(number):
    ...     print("made")
    ...     return 2 * number
    >>> twice(3), twice(3), len(twice)
    made
    (6, 6, 1)
    """
    return lambda make: Once(make, most)


def compile_graph(
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    backend: str,
    sample: Sequence[np.ndarray] | None = None,
    *,
    trust_input: bool = False,
    mode: object = None,
) -> Compiled:
    """Compile a PyTensor graph for a backend.

    Parameters
    ----------
    inputs, outputs : sequence of PyTensor variables
    backend : str
        One of the compiled backends.
    sample : sequence of arrays, optional
        Inputs of a first call, in which Numba and JAX compile; none is made when left out.
    trust_input : bool
        Whether every input will be an array of the right type, so that no call checks it.

    mode : PyTensor mode, optional
        Instead of the backend's own; then an operation may also write to an input.

    Raises
    ------
    CacheError
        If the compile cache cannot be used.
    """
    chosen = backends.mode(backend) if mode is None else mode
    with EXACT_WORK, explain_errors(), allow_python_calls(backend), _announcing(backend):
        started = perf_counter()
        function = _compile(inputs, outputs, chosen, writes=mode is not None)
        if sample is not None:
            function(*sample)
    function.trust_input = trust_input
    return Compiled(Shared(function), perf_counter() - started)


@without_unused_imports()
def _compile(inputs: Sequence[Any], outputs: Sequence[Any], mode: object, *, writes: bool) -> Any:
    return pytensor.function(
        list(inputs), list(outputs), mode=mode, accept_inplace=writes, on_unused_input="ignore"
    )


@contextmanager
def _announcing(backend: str) -> Iterator[None]:
    """Say on stderr that something is being compiled, unless it is soon done."""
    if backend == "interpreted":
        yield
        return
    done = Event()

    def announce() -> None:
        if not done.wait(PATIENCE) and sys.stderr is not None:
            sys.stderr.write(f"compiling for {backend} ...\n")
            sys.stderr.flush()

    Thread(target=announce, name="symlab-compiling", daemon=True).start()
    try:
        yield
    finally:
        done.set()
