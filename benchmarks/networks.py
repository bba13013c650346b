"""W4: a small multilayer perceptron; W5: the chapter's CNN; W6: a CNN on images of digits.

The floor of W4: 32 samples through 2-4-2-1 and back are some 3 000 multiply-adds and 224
exponentials, 3 microseconds a step. Of W5: 20 x 36 x 9 x 2 multiply-adds forward and as many for
the kernels' gradient, 5 microseconds. Of W6: 2.4 million each way, 1 millisecond on one core.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.datasets import load_digits, make_moons
from sklearn.model_selection import train_test_split

import symlab as sl
from benchmarks.measure import Prepared, System, Workload, prepared
from symlab import nn

SEED = 0
RANDOM_STATE = 1234
"""The chapter's, of moons and of the split."""

ADAM_STEP, BATCH, EPOCHS = 0.05, 32, 100
STEP, MOMENTUM = 0.01, 0.9

Weights = list[Any]
Data = tuple[np.ndarray, np.ndarray]


@cache
def _moons() -> Data:
    """The 700 training points of section 3 and their labels, a column."""
    points, labels = make_moons(1000, noise=0.1, random_state=RANDOM_STATE)
    x, _, y, _ = train_test_split(points, labels, test_size=0.3, random_state=RANDOM_STATE)
    return x, y[:, None].astype(float)


@cache
def _perceptron() -> nn.Model:
    inputs = nn.Input((2,))
    hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=SEED)


@dataclass(frozen=True)
class Images:
    """A CNN's job: images, a row of ones and zeros for each, the number of filters, the steps."""

    images: np.ndarray
    targets: np.ndarray
    filters: int
    steps: int

    @property
    def model(self) -> nn.Model:
        """A model with its first weights."""
        inputs = nn.Input(self.images.shape[1:])
        maps = nn.Conv2D(self.filters, 3, padding="same", use_bias=False)(inputs)
        pooled = nn.MaxPool2D(2)(nn.Activation("relu")(maps))
        outputs = nn.Dense(self.targets.shape[1], "softmax")(nn.Flatten()(pooled))
        return nn.Model(inputs, outputs, seed=SEED)


@cache
def _chapter() -> Images:
    """The 20 slash images of section 21."""
    from symlab.nn.slashes import fixture

    images, labels = fixture()
    return Images(np.asarray(images, dtype=float)[:, None], nn.one_hot(labels, 2), 2, 500)


@cache
def _digits() -> Images:
    """The first 256 of the digits, 8 x 8, from 0 to 1."""
    digits = load_digits()
    images = digits.images[:256, None] / digits.images.max()
    return Images(images, nn.one_hot(digits.target[:256], 10), 16, 50)


def _weights(model: nn.Model) -> Weights:
    return [array for each in model.get_weights().values() for array in each]


def _fitted(model: nn.Model, data: Data, options: dict[str, Any], steps: int) -> Prepared:
    """One `fit` call, from its arguments to its history, and back to the first weights."""
    first = model.fit(*data, **{**options, "epochs": 1, "reset": True})
    run: Callable[[], float] = lambda: float(model.fit(*data, **options, reset=True).loss[-1])  # noqa: E731
    return Prepared(run, steps, first.compile_seconds)


def _symlab_perceptron(backend: str) -> Prepared:
    options = {
        "loss": "binary_crossentropy",
        "method": sl.adam(step_size=ADAM_STEP, variant="keras"),
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "seed": SEED,
        "backend": backend,
    }
    batches = -(-len(_moons()[0]) // BATCH)
    return _fitted(_perceptron(), _moons(), options, EPOCHS * batches)


def _symlab_images(job: Callable[[], Images], backend: str) -> Prepared:
    options = {
        "loss": "categorical_crossentropy",
        "method": sl.nesterov(step_size=STEP, momentum=MOMENTUM),
        "epochs": job().steps,
        "batch_size": len(job().images),
        "seed": SEED,
        "backend": backend,
    }
    return _fitted(job().model, (job().images, job().targets), options, job().steps)


def _batches() -> Iterator[np.ndarray]:
    """The batches of W4 in order, 22 an epoch, the last of 28 samples."""
    for order in nn.draw_orders(len(_moons()[0]), EPOCHS, seed=SEED):
        yield from np.split(order, range(BATCH, len(order), BATCH))


def _perceptron_slopes(weights: Weights, x: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
    """NumPy by hand: the loss, and the delta recursion."""
    values = [x]
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        values.append(1 / (1 + np.exp(-(values[-1] @ kernel + bias))))
    p, slopes = values[-1], []
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    delta = (p - y) / len(x)
    for i in reversed(range(3)):
        slopes = [values[i].T @ delta, delta.sum(axis=0), *slopes]
        delta = delta @ weights[2 * i].T * values[i] * (1 - values[i])
    return float(loss), slopes


def _numpy_perceptron() -> float:
    """The loss of the last epoch of W4."""
    (x, y), model = _moons(), _perceptron()
    model.reset()
    weights, losses = _weights(model), []
    first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for k, batch in enumerate(_batches()):
        loss, slopes = _perceptron_slopes(weights, x[batch], y[batch])
        losses.append(loss * len(batch))
        size = ADAM_STEP * np.sqrt(1 - 0.999 ** (k + 1)) / (1 - 0.9 ** (k + 1))
        for i, slope in enumerate(slopes):
            first[i] = 0.9 * first[i] + (1 - 0.9) * slope
            second[i] = 0.999 * second[i] + (1 - 0.999) * slope**2
            weights[i] = weights[i] - size * first[i] / (np.sqrt(second[i]) + 1e-7)
    return float(np.sum(losses[-(len(losses) // EPOCHS) :]) / len(x))


def _image_slopes(weights: Weights, patches: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
    """NumPy by hand: patches are (samples, rows, columns, 9)."""
    kernels, dense, bias = weights
    flat = kernels.reshape(len(kernels), -1)
    maps = np.moveaxis(patches @ flat.T, -1, 1)
    samples, filters, rows, columns = maps.shape
    tiles = np.maximum(maps, 0).reshape(samples, filters, rows // 2, 2, columns // 2, 2)
    tiles = tiles.swapaxes(3, 4).reshape(samples, filters, -1, 4)
    features = tiles.max(axis=-1).reshape(samples, -1)
    z = features @ dense + bias
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    delta = (p - y) / samples
    # Only the first largest of a tile, and only where it is positive, passes a slope on.
    chosen = np.arange(4) == tiles.argmax(axis=-1)[..., None]
    upstream = (delta @ dense.T).reshape(samples, filters, -1, 1) * (chosen & (tiles > 0))
    upstream = upstream.reshape(samples, filters, rows // 2, columns // 2, 2, 2)
    upstream = upstream.swapaxes(3, 4).reshape(samples, filters, rows, columns)
    slope = np.einsum("nfij,nijk->fk", upstream, patches).reshape(kernels.shape)
    return float(-np.log(p[y == 1]).mean()), [slope, features.T @ delta, delta.sum(axis=0)]


def _numpy_images(job: Callable[[], Images]) -> float:
    """The loss before the last step of W5 or W6."""
    images, weights = job().images[:, 0], _weights(job().model)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    patches = sliding_window_view(padded, (3, 3), axis=(1, 2)).reshape(*images.shape, 9)
    velocity, loss = [np.zeros_like(w) for w in weights], np.nan
    for _ in range(job().steps):
        loss, slopes = _image_slopes(weights, patches, job().targets)
        for i, slope in enumerate(slopes):
            velocity[i] = MOMENTUM * velocity[i] - STEP * slope
            weights[i] = weights[i] + MOMENTUM * velocity[i] - STEP * slope
    return loss


def _by_hand(run: Callable[[], float], steps: int) -> Prepared:
    return Prepared(run, steps, 0.0)


def _jax_perceptron() -> Prepared:
    """JAX: grad inside a jitted scan over all steps; the last batch is filled up, as ours."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", val=True)
    x, y = map(jnp.asarray, _moons())
    dealt = list(_batches())
    batches = np.array([np.resize(batch, BATCH) for batch in dealt])
    sizes = np.array([len(batch) for batch in dealt], dtype=float)
    shares = np.where(np.arange(BATCH) < sizes[:, None], 1 / sizes[:, None], 0.0)

    def loss(weights: Weights, batch: Any, share: Any) -> Any:
        first, second, last = zip(weights[::2], weights[1::2], strict=True)
        values = jax.nn.sigmoid(x[batch] @ first[0] + first[1])
        values = jax.nn.sigmoid(values @ second[0] + second[1])
        z = (values @ last[0] + last[1])[:, 0]
        return share @ (jax.nn.softplus(z) - y[batch][:, 0] * z)

    def body(held: Any, given: Any) -> Any:
        weights, first, second, k = held
        value, slopes = jax.value_and_grad(loss)(weights, *given)
        size = ADAM_STEP * jnp.sqrt(1 - 0.999 ** (k + 1)) / (1 - 0.9 ** (k + 1))
        first = [0.9 * m + (1 - 0.9) * g for m, g in zip(first, slopes, strict=True)]
        second = [0.999 * s + (1 - 0.999) * g**2 for s, g in zip(second, slopes, strict=True)]
        moved = [
            w - size * m / (jnp.sqrt(s) + 1e-7)
            for w, m, s in zip(weights, first, second, strict=True)
        ]
        return (moved, first, second, k + 1), value

    model = _perceptron()
    model.reset()
    weights = [jnp.asarray(w) for w in _weights(model)]
    zeros = [jnp.zeros_like(w) for w in weights]
    start, given = (weights, zeros, zeros, 0.0), (jnp.asarray(batches), jnp.asarray(shares))
    scan = jax.jit(lambda held, given: jax.lax.scan(body, held, given)[1])
    last = sizes[-(len(sizes) // EPOCHS) :]
    return prepared(
        lambda: float(np.asarray(scan(start, given))[-len(last) :] @ last / len(x)), len(dealt)
    )


def _jax_images(job: Callable[[], Images]) -> Prepared:
    """JAX: its own convolution and pooling, grad inside a jitted scan."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", val=True)
    images, targets = jnp.asarray(job().images), jnp.asarray(job().targets)
    tile = (1, 1, 2, 2)

    def loss(weights: Weights) -> Any:
        kernels, dense, bias = weights
        maps = jax.nn.relu(jax.lax.conv(images, kernels, (1, 1), "SAME"))
        pooled = jax.lax.reduce_window(maps, -jnp.inf, jax.lax.max, tile, tile, "VALID")
        z = pooled.reshape(len(images), -1) @ dense + bias
        return -(targets * jax.nn.log_softmax(z)).sum(axis=1).mean()

    def body(held: Any, _: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(held[0])
        velocity = [MOMENTUM * v - STEP * g for v, g in zip(held[1], slopes, strict=True)]
        moved = [
            w + MOMENTUM * v - STEP * g for w, v, g in zip(held[0], velocity, slopes, strict=True)
        ]
        return (moved, velocity), value

    weights = [jnp.asarray(w) for w in _weights(job().model)]
    start = (weights, [jnp.zeros_like(w) for w in weights])
    scan = jax.jit(lambda held: jax.lax.scan(body, held, None, length=job().steps)[1])
    return prepared(lambda: float(scan(start)[-1]), job().steps)


W4 = Workload(
    "W4",
    "perceptron 2-4-2-1, 700 points, batches of 32, 100 epochs of Adam",
    {
        "symlab-numba": System(partial(_symlab_perceptron, "numba")),
        "symlab-interpreted": System(partial(_symlab_perceptron, "interpreted")),
        "jax": System(_jax_perceptron, "jax"),
        "numpy": System(partial(_by_hand, _numpy_perceptron, 22 * EPOCHS)),
    },
    lambda steps: _numpy_perceptron(),
)


def _images(id: str, title: str, job: Callable[[], Images], steps: int) -> Workload:
    systems = {
        "symlab-numba": System(partial(_symlab_images, job, "numba")),
        "symlab-interpreted": System(partial(_symlab_images, job, "interpreted")),
        "jax": System(partial(_jax_images, job), "jax"),
        "numpy": System(partial(_by_hand, partial(_numpy_images, job), steps)),
    }
    return Workload(id, title, systems, lambda _: _numpy_images(job))


W5 = _images("W5", "the chapter's CNN, 20 images, 500 steps of Nesterov", _chapter, 500)
W6 = _images("W6", "CNN, 256 images 8x8, 16 filters, 50 steps", _digits, 50)
