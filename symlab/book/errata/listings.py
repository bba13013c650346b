"""Errata of the listings as programs: what no longer runs, what is fast, what can be repeated.

Chapter, all sections.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from timeit import repeat
from types import ModuleType

import numpy as np
from sympy import Array, Matrix, lambdify

from symlab.algebra.risk.risk import BoundRisk
from symlab.book import data
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.risks import logistic_plane, plane_risk
from symlab.engine.compiled.functions import compile
from symlab.engine.streams import DATA_STREAM, generator_of
from symlab.nn import images

# E23: calls that the libraries have since dropped. Only those of installed libraries are tried.


@dataclass(frozen=True)
class Call:
    """Something that a listing does with a library.

    Parameters
    ----------
    library : str
    act : callable
    """

    library: str
    act: Callable[[], object]


Calls = Mapping[str, Call]


def attribute(module: ModuleType, name: str) -> object:
    """Look a name up in a module."""
    return getattr(module, name)


def module(name: str) -> Path:
    """Find a module among the files of its package, without importing either.

    Raises
    ------
    ModuleNotFoundError
        If there is none.
    """
    package, *rest = name.split(".")
    found = find_spec(package)
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder, *rest)
        if path.is_dir() or path.with_suffix(".py").is_file():
            return path
    raise ModuleNotFoundError(name)


def make_numeric(*forms: Callable[[list], object]) -> list[object]:
    """Make functions of a gradient given in some forms, and call each."""
    risk = plane_risk()
    letters = (*risk.parameters, *risk.data)
    functions = [lambdify(letters, form(list(risk.gradient))) for form in forms]
    return [function(*np.ones(len(letters))) for function in functions]


LAYERS = ("core", "convolutional", "pooling")

OLD: Calls = {
    "np.int": Call("numpy", partial(attribute, np, "int")),
    "lambdify of an array of objects": Call(
        "sympy", partial(make_numeric, partial(np.array, dtype=object))
    ),
    "tensor.nnet": Call("pytensor", partial(module, "pytensor.tensor.nnet")),
    **{f"layers.{name}": Call("keras", partial(module, f"keras.layers.{name}")) for name in LAYERS},
}

NEW: Calls = {
    "np.int": Call("numpy", int),
    "lambdify of an array of objects": Call("sympy", partial(make_numeric, list, Array, Matrix)),
    "tensor.nnet": Call("pytensor", partial(module, "pytensor.tensor.math")),
    **{f"layers.{name}": Call("keras", partial(module, "keras.layers")) for name in LAYERS},
}


def failure(act: Callable[[], object]) -> str:
    """Return the name of the error that an act ends with, or nothing."""
    try:
        act()
    except (AttributeError, ModuleNotFoundError, TypeError) as error:
        return type(error).__name__
    return ""


def _dropped_calls(printed: Calls, right: Calls) -> Iterator[Observation]:
    for name, call in printed.items():
        if find_spec(call.library) is None:
            continue
        error, remedied = failure(call.act), failure(right[name].act)
        yield Observation(
            f"{name} fails with {call.library} as it is installed here, and its remedy does not",
            bool(error) and not remedied,
            {name: error or "runs", call.library: version(call.library)},
        )


# E35: what is fast, and compared with what.

Step = Callable[[np.ndarray], np.ndarray]
Program = Callable[[BoundRisk], Step]
"""From an objective to the gradient that a step asks for."""


def derive_in_the_loop(objective: BoundRisk) -> Step:
    """Make a NumPy function of the gradient anew at every step, as the listings do."""
    return lambda weights: derive_once(objective)(weights)


def derive_once(objective: BoundRisk, *, shared: bool = False) -> Step:
    """Make it before the first step; `shared` parts of the formula are worked out once."""
    risk = objective.risk
    slopes = lambdify((*risk.parameters, *risk.data), list(risk.gradient), cse=shared)
    return lambda weights: np.mean(slopes(*weights, *objective.arrays), axis=1)


def compile_once(objective: BoundRisk) -> Step:
    """Compile it with PyTensor before the first step."""
    return compile(objective, "c").gradient


def seconds(program: Program, calls: int) -> float:
    """Return the time of a step: the least of several, since disturbances only add to it."""
    step, weights = program(logistic_plane()), data.initial_weights(3)
    return min(repeat(lambda: step(weights), number=calls, repeat=7)) / calls


def _speed(printed: Program, right: Program) -> Iterator[Observation]:
    anew, once, compiled = seconds(printed, 5), seconds(right, 100), seconds(compile_once, 100)
    lean = seconds(partial(derive_once, shared=True), 100)
    yield Observation(
        "most of the time went into making the function anew at every step",
        anew > 5 * once,
        {"as printed, over NumPy": anew / once, "as printed, over compiled": anew / compiled},
    )
    yield Observation(
        "made once, a NumPy function is less than an order of magnitude slower than the compiled",
        lean < 10 * compiled,
        {"NumPy, over compiled": lean / compiled, "seconds a step, compiled": compiled},
    )


# E36: what cannot be repeated.


@dataclass(frozen=True)
class Rerun:
    """What a second run of the listings has to go by.

    Parameters
    ----------
    generator : callable
        Makes what numbers are drawn from.
    images : callable
        Makes the images behind the figure image_processing_014.
    """

    generator: Callable[[], np.random.Generator]
    images: Callable[[], tuple[np.ndarray, np.ndarray]]


UNSEEDED = Rerun(np.random.default_rng, images.fixture)
SEEDED = Rerun(partial(generator_of, 0, DATA_STREAM), images.fixture_014)


def _reruns(printed: Rerun, right: Rerun) -> Iterator[Observation]:
    draws = {
        name: [form.generator().uniform(-3, 3, 100) for _ in range(2)]
        for name, form in (("printed", printed), ("seeded", right))
    }
    same = {name: np.count_nonzero(one == other) for name, (one, other) in draws.items()}
    yield Observation(
        "two runs of a listing share none of a hundred numbers that they draw",
        bool(same["printed"] < same["seeded"] == 100),
        {"numbers shared": same["printed"], "numbers shared, seeded": same["seeded"]},
    )
    kernel = images.KERNELS["scaled antidiagonal"]
    panels = [
        images.max_pool(images.relu(images.convolve(form.images()[0][0], kernel)))
        for form in (printed, right)
    ]
    off = [np.abs(panel - recorded.PANEL_014).max() for panel in panels]
    yield Observation(
        "the first panel of image_processing_014 is not what the images of Figure 009 give",
        bool(off[0] > 0.05 >= off[1]),
        {"off by, images of 009": off[0], "off by, an earlier draw": off[1]},
    )


ERRATA = (
    Erratum(
        id="E23",
        section=16,
        title="Listings that no longer run",
        place="the listings of nearly every section",
        printed="np.int; lambdify of a NumPy array of expressions; tensor.nnet of Theano, whose "
        "successor is PyTensor; Keras with lr=, predict_classes, backend.function, layers.core, "
        "layers.convolutional and layers.pooling, and one SGD object for two models; TensorFlow "
        "1's placeholders and sessions",
        right="int; a list, an Array or a Matrix; the cross-entropy written out; learning_rate=, "
        "predict() > 0.5, a sub-model, keras.layers, an optimizer for each model; a rewrite. (Of "
        "libraries that are not installed nothing is observed, and of Keras only its modules)",
        matters="Whoever types the listings meets an error in nearly every section before any "
        "mathematics.",
        forms=(OLD, NEW),
        check=_dropped_calls,
        lesson="logistic_compiled",
    ),
    Erratum(
        id="E35",
        section=16,
        title="Many orders of magnitude are mostly a function made anew",
        place="the comparison of the compiled program with SymPy's listings",
        printed="compiled, the same ideas are many orders of magnitude faster; nothing is measured",
        right="most of that is the listings' lambdify inside the loop; a NumPy function made once "
        "comes within an order of magnitude of the compiled step",
        matters="The reader credits compilation with what a line moved out of a loop does. Times "
        "are this machine's, and indicative.",
        forms=(derive_in_the_loop, derive_once),
        check=_speed,
        lesson="logistic_compiled",
        kind="wording",
    ),
    Erratum(
        id="E36",
        section=21,
        title="Numbers and figures that cannot be made again",
        place="draws other than the moons and their split; figures without a listing; names used "
        "for two things",
        printed="draws without a seed; no listing for nine of the figures; image_processing_014, "
        "never shown, from another draw than Figure 009; names such as error, x0 and "
        "fixed_kernels that hold one thing and then another",
        right="a seed for every draw; the listing of every figure; one name for one thing. (Names "
        "and missing listings are found by reading, and not checked here)",
        matters="No printed number of these sections can be compared with one's own, and cells run "
        "twice, or in another order, may fail.",
        forms=(UNSEEDED, SEEDED),
        check=_reruns,
        lesson="cnn_by_hand",
    ),
)
