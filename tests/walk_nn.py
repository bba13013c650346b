"""The rows of the walk for networks and for files: `nn`, `compare_training` and what a trace reads.

One small model is shared by all rows; files lie in a folder that goes when the walk is over.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import symlab as sl
from symlab import nn
from symlab.engine.trace import Trace

X, Y = [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0]
FOLDER = TemporaryDirectory(prefix="walk-")

Row = tuple[str, Callable[[], Any], str, dict[str, Callable[[], Any]]]
"""Name, how to get the callable, the arguments by position, and how to make each argument."""


@cache
def model() -> nn.Model:
    """A model of one layer."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(inputs))


@cache
def fitted() -> nn.Model:
    """The same after an epoch, so that there is a state to keep."""
    inputs = nn.Input(2)
    made = nn.Model(inputs, nn.Dense(1, "sigmoid")(inputs))
    made.fit(X, Y, loss="mse", backend="interpreted")
    return made


@cache
def run() -> Trace:
    """A short run."""
    (x,) = sl.problems["quartic"].objective.variables
    return sl.minimize(sl.Objective(x**2), [1], "gradient_descent", 2, backend="interpreted")


@cache
def file(kind: str) -> Path:
    """Where the run, or the model, has been saved."""
    place = Path(FOLDER.name) / f"saved.{kind}"
    return {"json": _text, "csv": _text, "npz": _npz, "model": _model}[kind](place)


def _text(place: Path) -> Path:
    getattr(run(), f"to_{place.suffix[1:]}")(place)
    return place


def _npz(place: Path) -> Path:
    return run().to_npz(place)


def _model(place: Path) -> Path:
    return model().save(place)


def value(given: Any) -> Callable[[], Any]:
    """Return what gives a value whenever it is asked."""
    return lambda: given


def _row(name: str, make: Callable[[], Any], by_position: str = "", /, **valid: Any) -> Row:
    made = {key: each if callable(each) else value(each) for key, each in valid.items()}
    return name, make, by_position, made


def _of(owner: Callable[[], Any], name: str) -> Callable[[], Any]:
    return lambda: getattr(owner(), name)


def _nn(name: str) -> Callable[[], Any]:
    return lambda: getattr(nn, name)


def rows() -> Iterator[Row]:
    """Yield a row of every callable of `nn`, of every method, and of the files of a trace."""
    yield from _layers()
    yield from _models()
    yield from _fits()
    yield from _images()
    yield from _files()


def _layers() -> Iterator[Row]:
    common = {"use_bias": True, "trainable": True, "name": "a"}
    layers: dict[str, dict[str, Any]] = {
        "Dense": {"units": 1, "activation": "relu", **common},
        "Conv2D": {
            "filters": 1, "kernel_size": 2, "strides": 1, "padding": "same",
            "activation": "relu", **common,
        },
        "MaxPool2D": {"pool_size": 2, "strides": 1, "padding": "same", "name": "a"},
        "AveragePool2D": {"pool_size": 2, "strides": 1, "padding": "same", "name": "a"},
        "Flatten": {"name": "a"},
        "Activation": {"activation": "relu", "name": "a"},
    }  # fmt: skip
    for name, valid in layers.items():
        yield _row(f"nn.{name}", _nn(name), **valid)

        def called(name: str = name, valid: dict[str, Any] = valid) -> Any:
            return getattr(nn, name)(**valid)

        shape = (4,) if name in ("Dense", "Activation", "Flatten") else (1, 4, 4)
        yield _row(f"nn.{name}, called", called, "tensor", tensor=nn.Input(shape))
    yield _row("nn.Input", _nn("Input"), shape=(2,))
    yield _row("nn.Tensor", _nn("Tensor"), shape=(2,), layer=None, parent=None)


def _models() -> Iterator[Row]:
    yield _row(
        "nn.Model", _nn("Model"), inputs=lambda: model().inputs, outputs=lambda: model().outputs,
        seed=0,
    )  # fmt: skip
    yield _row("nn.Model.predict", _of(model, "predict"), x=value(X), backend="interpreted")
    for name in ("evaluate", "gradient"):
        yield _row(
            f"nn.Model.{name}", _of(model, name), x=value(X), y=value(Y), loss="mse",
            backend="interpreted",
        )  # fmt: skip
    yield _row(
        "nn.Model.function", _of(model, "function"), tensor=lambda: model().outputs,
        backend="interpreted",
    )  # fmt: skip
    yield _row(
        "nn.Model.function, called", lambda: model().function(model().outputs), "x", x=value(X)
    )
    yield _row(
        "nn.Model.set_weights", _of(fitted, "set_weights"),
        weights=lambda: model().get_weights(),
    )  # fmt: skip
    yield _row("nn.Model.summary", _of(model, "summary"))
    yield _row("nn.Model.reset", _of(fitted, "reset"))
    yield _row("nn.Model.get_weights", _of(model, "get_weights"))
    yield _row("nn.one_hot", _nn("one_hot"), labels=value([0, 1]), classes=2, return_classes=False)
    yield _row("nn.one_hot of texts", _nn("one_hot"), labels=value(["a", "b"]), classes=None)
    for name in ("to_keras", "from_keras"):
        yield _row(f"nn.{name}", _nn(name), kernel=value(np.ones((2, 2))))
    for name in ("fans", "glorot_limit"):
        yield _row(f"nn.{name}", _nn(name), shape=(2, 3))
    for name in ("binary_crossentropy", "categorical_crossentropy"):
        yield _row(f"nn.{name}", _nn(name), clip=1e-7)


def _fits() -> Iterator[Row]:
    shared: dict[str, Any] = {
        "x": value(X), "y": value(Y), "loss": "mse", "method": value(sl.gradient_descent),
        "epochs": 1, "batch_size": 2, "seed": 0, "shuffle": True,
    }  # fmt: skip
    yield _row(
        "nn.Model.fit", _of(fitted, "fit"), **shared, metrics=value(["accuracy"]),
        validation_split=0.5, validation_data=lambda: (X, Y), backend="interpreted",
        progress=False, reset=True, keep_state=False,
    )  # fmt: skip
    yield _row("nn.trace", _nn("trace"), model=model, **shared, backend="interpreted", digits=50)
    yield _row(
        "compare_training", value(sl.compare_training), model=model, **shared,
        backends=value(["interpreted"]), digits=30,
    )  # fmt: skip
    yield _row(
        "explore_network", value(sl.explore_network), model=model, x=value(X), y=value(Y),
        loss="mse", method=value(sl.gradient_descent), batch_size=2, seed=0, steps=3,
        test_data=lambda: (X, Y),
    )  # fmt: skip
    yield _row("nn.draw_orders", _nn("draw_orders"), samples=2, epochs=1, seed=0)


def _images() -> Iterator[Row]:
    def images(name: str) -> Callable[[], Any]:
        return lambda: getattr(nn.images, name)

    image, kernel = value(np.eye(3)), value(np.ones((2, 2)))
    for name in ("convolve", "correlate"):
        yield _row(f"nn.images.{name}", images(name), image=image, kernel=kernel, padding=0)
    yield _row("nn.images.max_pool", images("max_pool"), image=image, height=2, width=2)
    yield _row("nn.images.relu", images("relu"), values=image)
    shape = (3, 3)
    yield _row(
        "nn.images.slash", images("slash"), row=0, column=0, length=2, kind="back", shape=shape
    )
    yield _row("nn.images.slash_image", images("slash_image"), kind="back", seed=0, shape=shape)
    yield _row("nn.images.slash_images", images("slash_images"), each=1, seed=0, shape=shape)
    yield _row("nn.images.slash_chances", images("slash_chances"), kind="back", shape=shape)
    yield _row(
        "nn.images.slash_starts", lambda: lambda **given: list(nn.images.slash_starts(**given)),
        kind="back", shape=shape,
    )  # fmt: skip
    yield _row("nn.images.every_slash", images("every_slash"), shape=shape)
    yield _row("nn.images.fixture", images("fixture"))
    yield _row("nn.images.fixture_014", images("fixture_014"))


def _files() -> Iterator[Row]:
    yield _row("nn.load", _nn("load"), file=lambda: file("model"))
    yield _row("nn.Model.to_onnx", _of(model, "to_onnx"), file="walk.onnx")
    yield _row("nn.Model.load", _of(fitted, "load"), file=lambda: file("model"))
    yield _row("nn.Model.save", _of(model, "save"), file="walk.npz")
    yield _row("Trace.from_json", value(Trace.from_json), source=lambda: file("json"))
    yield _row("Trace.from_csv", value(Trace.from_csv), source=lambda: file("csv"))
    yield _row("Trace.from_npz", value(Trace.from_npz), path=lambda: file("npz"))
    yield _row("Trace.to_xarray", _of(run, "to_xarray"))
    for kind in ("json", "csv", "npz"):
        yield _row(f"Trace.to_{kind}", _of(run, f"to_{kind}"), path=f"walk.{kind}")
