"""The model: a network with its weights, which `fit` moves.

A model owns its weights. A layer is only a description, so two models made from the same tensors
learn each for themselves; `function` shows what happens between the layers of one.
"""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.algebra.neighbours import explain_words
from symlab.checks import MOST_MEMBERS, flag, length, lookup, nearest, shown, whole
from symlab.engine import backends
from symlab.engine.batches import affordable
from symlab.engine.streams import WEIGHTS_STREAM, generator_of
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent
from symlab.nn import forward, storage
from symlab.nn.history import History
from symlab.nn.initializers import initial_values
from symlab.nn.losses import Loss, as_loss
from symlab.nn.network import Arrays, Network, network_of
from symlab.nn.summary import Row, Summary
from symlab.nn.tensor import Input, Layer, Tensor, path
from symlab.nn.training.fit import Job, RuleState, fit, rule_of
from symlab.nn.training.samples import held_back, rows_of, samples_of

VALIDATION = ("validation_data[0]", "validation_data[1]")
METRICS = {"accuracy": "the share of right classes"}


class Model:
    """Layers from an input to an output, and their weights.

    Parameters
    ----------
    inputs : Tensor
        From `Input`.
    outputs : Tensor
        What the layers made of it.
    seed : int
        Of the initial weights: the same seed and layers give the same ones.

    Attributes
    ----------
    epochs : int
        How many epochs the weights have seen since they were drawn.

    Raises
    ------
    TypeError, ValueError
        If these are no tensors, or `outputs` was not made from `inputs`, or two layers have one
        name.

    Examples
    --------
    >>> from symlab import nn
    >>> inputs = nn.Input((2,))
    >>> model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(nn.Dense(4)(inputs)))
    >>> model.predict([[0.0, 0.0]])
    array([[0.5]])
    >>> model.summary()
    input shape (n, 2)
    layer            output shape  parameters
    -----------------------------------------
    dense (Dense)    (n, 4)                12
    dense_1 (Dense)  (n, 1)                 5
    -----------------------------------------
    total 17; trainable 17; non-trainable 0
    """

    def __init__(self, inputs: Tensor, outputs: Tensor, *, seed: int = 0) -> None:
        for name, tensor in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(tensor, Tensor):
                raise TypeError(f"Model: {name}: expected a tensor, got {shown(tensor)}.")
        self.inputs, self.outputs = inputs, outputs
        self.network = network_of(inputs.shape, path(inputs, outputs))
        self.names = _names(self.network)
        _check_size(self.network)
        self.epochs = 0
        self._seed = seed
        self._generator = generator_of(seed, WEIGHTS_STREAM)
        self._arrays = self._drawn(self.network)
        self._beside: list[tuple[Layer, list[np.ndarray]]] = []
        self._loss: Loss | None = None
        self._state: RuleState | None = None

    def __repr__(self) -> str:
        return f"Model({' -> '.join(map(str, self.network.layers)) or 'nothing'})"

    def _drawn(self, network: Network) -> Arrays:
        return [initial_values(shapes, self._generator) for shapes in network.weight_shapes]

    @explain_words()
    def fit(
        self,
        x: Any,
        y: Any,
        *,
        loss: str | Loss,
        method: object = gradient_descent,
        epochs: int = 1,
        batch_size: int = 32,
        seed: int = 0,
        shuffle: bool = True,
        metrics: Sequence[str] = (),
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | None = None,
        backend: str = "numba",
        progress: bool = False,
        reset: bool = False,
        keep_state: bool = False,
    ) -> History:
        """Train on samples; the weights go on from where they are.

        Parameters
        ----------
        x : array, shape (n, *input shape)
            Real numbers; columns of dtype object, nullable ones and categories are read where they
            hold numbers, and what would have to be guessed is refused.
        y : array, shape (n, *output shape)
            Targets; of a single output (n,) will do. Where x and y are pandas', rows are paired by
            their index.
        loss : str or Loss
            hinge (labels -1 and 1), binary_crossentropy (0 and 1), categorical_crossentropy (rows,
            see `one_hot`), squared_error or "mse".
        method : Rule
            Any rule, such as `sl.adam(step_size=0.05)`.
        epochs : int
        batch_size : int
            The last batch of an epoch may be smaller; one larger than the data is all the data.
        seed : int
            Of the order of the samples; another fit with the same seed sees the same orders.
        shuffle : bool
            Whether each epoch has an order of its own.
        metrics : sequence of str
            `["accuracy"]` records that too.
        validation_split : float
            The share of the samples, the last ones, that is held back.
        validation_data : pair of arrays, optional
            Other samples and targets to be held against.
        backend : str
            `"numba"` and `"jax"` fuse many epochs into one call; `"c"` and `"interpreted"` make one
            call per batch.
        progress : bool
            Whether to show a bar on stderr.
        reset : bool
            Whether to draw the initial weights of the model's seed again first; weights that are
            not trainable stay as they are.
        keep_state : bool
            Whether the rule goes on with the velocity, means and step count of the last fit, and
            does not start from zero, as Keras does after another `compile`.

        Returns
        -------
        History
            Of these epochs. Ctrl-C, or numbers that are no longer finite, end a fit early: weights
            and history are then those of the last epoch that was finished and finite.

        Raises
        ------
        TypeError, ValueError
            Naming the argument, before anything is compiled.
        """
        self._check_trainable()
        criterion, shapes = as_loss(loss), (self.inputs.shape, self.outputs.shape)
        data, validation = held_back(samples_of(x, y, shapes, criterion), validation_split)
        if validation_data is not None:
            pair = _two(validation_data)
            validation = samples_of(*pair, shapes, criterion, VALIDATION)
        job = Job(
            rule=rule_of(method),
            loss=criterion,
            data=data,
            validation=validation,
            epochs=affordable(whole(epochs, "epochs", 0), "epochs"),
            batch_size=whole(batch_size, "batch_size", 1),
            seed=whole(seed, "seed", 0),
            shuffle=flag(shuffle, "shuffle"),
            accuracy=_wants_accuracy(metrics),
            progress=flag(progress, "progress"),
            backend=_usable(backend),
        )
        is_fresh = flag(reset, "reset")
        state = self._kept_state(job.rule) if flag(keep_state, "keep_state") else None
        if is_fresh:
            self.reset()
        fitted = fit(self.network, self._arrays, job, state, self.epochs)
        for i, moved in fitted.moved.items():
            self._arrays[i] = moved
        self._state, self._loss = fitted.state, criterion
        self.epochs += len(fitted.history)
        return fitted.history

    def _check_trainable(self) -> None:
        if not self.network.places(trainable=True):
            raise ValueError(
                "Model: no layer has weights that may move; set trainable=True on one."
            )

    def _kept_state(self, rule: Rule) -> RuleState | None:
        letters = tuple(str(letter) for letter in rule.state)
        if self._state and (self._state.rule, self._state.letters) != (rule.name, letters):
            raise ValueError(
                f"keep_state: the last fit's rule was {self._state.rule}, which has another state "
                f"than {rule.name}."
            )
        return self._state

    def reset(self) -> None:
        """Draw the initial weights of the model's seed again, where they are trainable."""
        self._generator = generator_of(self._seed, WEIGHTS_STREAM)
        drawn = self._drawn(self.network)
        for i in self.network.places(trainable=True):
            self._arrays[i] = drawn[i]
        self.epochs, self._state = 0, None

    def predict(self, x: Any, *, backend: str = "interpreted") -> np.ndarray:
        """Return the outputs for samples, shape (n, *output shape).

        Interpreted unless told otherwise, because a single pass over many samples spends its time
        in NumPy, and nothing need be compiled.
        """
        rows = rows_of(x, self.inputs.shape, "x")
        weights = forward.weights_of(self.network, self._arrays)
        return forward.outputs(self.network, weights, rows, _usable(backend))

    def evaluate(
        self, x: Any, y: Any, *, loss: str | Loss | None = None, backend: str = "interpreted"
    ) -> dict[str, float]:
        """Return the mean `loss` and the `accuracy` on samples.

        Parameters
        ----------
        x, y : arrays
            As in `fit`.
        loss : str or Loss, optional
            That of the last fit, unless told otherwise.
        backend : str

        Raises
        ------
        TypeError, ValueError
            Naming the argument.
        """
        data, criterion = self._data(x, y, loss)
        weights = forward.weights_of(self.network, self._arrays)
        return forward.scores(self.network, weights, data, criterion, _usable(backend))

    def gradient(
        self, x: Any, y: Any, *, loss: str | Loss | None = None, backend: str = "interpreted"
    ) -> dict[str, list[np.ndarray]]:
        """Return the gradient of the mean loss on samples, in the shape of `get_weights`.

        Layers that are not trainable are left out.

        Parameters
        ----------
        x, y, loss, backend
            As in `evaluate`.

        Raises
        ------
        TypeError, ValueError
            Naming the argument.
        """
        self._check_trainable()
        data, criterion = self._data(x, y, loss)
        weights = forward.weights_of(self.network, self._arrays)
        found = forward.slopes(self.network, weights, data, criterion, _usable(backend))
        return {self.names[i]: slopes for i, slopes in found.items()}

    def _data(
        self, x: Any, y: Any, loss: str | Loss | None
    ) -> tuple[tuple[np.ndarray, np.ndarray], Loss]:
        """Return samples and targets as rows, and the loss asked for, or that of the last fit."""
        if loss is None and self._loss is None:
            raise ValueError("loss: the model has not been fitted, so say which loss to evaluate.")
        criterion = as_loss(self._loss if loss is None else loss)
        samples = samples_of(x, y, (self.inputs.shape, self.outputs.shape), criterion)
        return (samples.inputs, samples.targets), criterion

    def function(
        self, tensor: Tensor, *, backend: str = "interpreted"
    ) -> Callable[[Any], np.ndarray]:
        """Return the map from samples to a tensor, with the weights that the model has when called.

        The tensor may be any that was made from the model's inputs. Layers that do not belong to
        the model keep the weights that are drawn for them here, since no fit reaches them.

        Raises
        ------
        TypeError, ValueError
            If it is no tensor, or was not made from the model's inputs.
        """
        if not isinstance(tensor, Tensor):
            raise TypeError(f"function: expected a tensor, got {shown(tensor)}.")
        network, used = network_of(self.inputs.shape, path(self.inputs, tensor)), _usable(backend)
        self._draw_beside(network)

        def value(x: Any) -> np.ndarray:
            rows = rows_of(x, self.inputs.shape, "x")
            arrays = [self._weights_of(layer) for layer in network.layers]
            return forward.outputs(network, forward.weights_of(network, arrays), rows, used)

        return value

    def _draw_beside(self, network: Network) -> None:
        known = [*self.network.layers, *(layer for layer, _ in self._beside)]
        for layer, shapes in zip(network.layers, network.weight_shapes, strict=True):
            if not any(layer is each for each in known):
                self._beside.append((layer, initial_values(shapes, self._generator)))

    def _weights_of(self, layer: Layer) -> list[np.ndarray]:
        inside = zip(self.network.layers, self._arrays, strict=True)
        return next(arrays for each, arrays in (*inside, *self._beside) if each is layer)

    def summary(self) -> Summary:
        """Return a row per layer and the numbers of parameters; printed, it is a table."""
        rows = (
            Row(name, type(layer).__name__, shape, sum(map(np.size, arrays)), layer.trainable)
            for name, layer, shape, arrays in zip(
                self.names,
                self.network.layers,
                self.network.shapes[1:],
                self._arrays,
                strict=True,
            )
        )
        return Summary(self.inputs.shape, tuple(rows))

    def get_weights(self) -> dict[str, list[np.ndarray]]:
        """Return copies of the weights by layer name: the kernel, and the bias if there is one."""
        named = zip(self.names, self._arrays, strict=True)
        return {name: [each.copy() for each in arrays] for name, arrays in named if arrays}

    def set_weights(self, weights: Mapping[str, Sequence[Any]] | Sequence[Any]) -> None:
        """Set weights, of some layers by name, or of all of them in a row as Keras lists them.

        Parameters
        ----------
        weights : mapping of str to sequence of arrays, or sequence of arrays
            Kernel and bias of each layer named; or every kernel and bias from the input on.

        Raises
        ------
        TypeError, ValueError
            If a layer is unknown, a number is not finite, or there are too few arrays, too many, or
            one of another shape. Then no weight was changed.
        """
        if not isinstance(weights, Mapping):
            weights = self._by_layer(_listed(weights, "weights"))
        found = {self._place(name): (name, values) for name, values in weights.items()}
        checked = {
            i: _same_shapes(values, self._arrays[i], f"weights, {name}")
            for i, (name, values) in found.items()
        }
        for i, arrays in checked.items():
            self._arrays[i] = arrays

    def _place(self, name: str) -> int:
        known = [each for each, arrays in zip(self.names, self._arrays, strict=True) if arrays]
        if name not in known:
            raise ValueError(
                f"weights: no layer {shown(name)} has any{nearest(name, known)} "
                f"Those with weights: {shown(', '.join(known))[1:-1]}."
            )
        return self.names.index(name)

    def _by_layer(self, arrays: list[Any]) -> dict[str, list[Any]]:
        wanted = self.get_weights()
        total = sum(map(len, wanted.values()))
        if len(arrays) != total:
            raise ValueError(f"weights: expected {total} arrays, got {len(arrays)}.")
        rest = iter(arrays)
        return {name: [next(rest) for _ in each] for name, each in wanted.items()}

    def save(self, file: str | Path) -> Path:
        """Write layers and weights to a NumPy archive (.npz); return its path.

        The file is written whole or not at all, and what was there stays until it is.

        Raises
        ------
        OSError
            If the file cannot be written; the error names it.
        TypeError, ValueError
            If `file` is no path.
        """
        description = storage.described(self.network, self.names)
        return storage.write(file, description, self.names, self._arrays)

    def load(self, file: str | Path) -> None:
        """Set the weights to those in a file that a model with the same layers has saved.

        Raises
        ------
        OSError
            If the file cannot be read.
        TypeError, ValueError
            If `file` is no path, or the file is none of ours, is damaged, or was saved by a model
            with other layers. Then no weight was changed.
        """
        saved = storage.read(file)
        if saved.network != self.network:
            layers = " -> ".join(map(str, saved.network.layers))
            raise ValueError(
                f"{shown(str(file))}: saved by a model with other layers: input shape "
                f"{saved.network.input_shape}, {textwrap.shorten(layers, 80)}."
            )
        self._arrays = saved.arrays

    def __copy__(self) -> "Model":
        """Return a model of its own: the same layers, and weights that move by themselves."""
        other = object.__new__(type(self))
        other.__dict__ = {
            **self.__dict__,
            "_generator": deepcopy(self._generator),
            "_arrays": deepcopy(self._arrays),
            "_beside": [(layer, deepcopy(arrays)) for layer, arrays in self._beside],
        }
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> "Model":
        """Return the same as `copy.copy`: tensors and layers never change, so they are shared."""
        del memo
        return self.__copy__()


def load(file: str | Path) -> Model:
    """Return the model that was saved in a file, with its layers, their names and the weights.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If `file` is no path, or the file is none of ours or damaged; the message names it.
    """
    saved = storage.read(file)
    inputs = outputs = Input(saved.network.input_shape)
    for layer in saved.network.layers:
        outputs = layer(outputs)
    model = Model(inputs, outputs)
    model._arrays = saved.arrays
    return model


MOST_WEIGHTS = 10**9
"""Weights of a model at most, 8 GB."""


def _check_size(network: Network) -> None:
    total = network.size(trainable=True) + network.size(trainable=False)
    if total > MOST_WEIGHTS:
        raise ValueError(
            f"Model: its layers have {total:.1e} weights, more than {MOST_WEIGHTS:.0e}."
        )


def _names(network: Network) -> tuple[str, ...]:
    """Return the name of each layer: its own, or its kind with a number from the second on."""
    names: list[str] = []
    for layer, owner, place in zip(
        network.layers, network.owners, range(len(network.layers)), strict=True
    ):
        if owner != place:
            names.append(names[owner])
            continue
        if layer.name in names:
            raise ValueError(f"Model: two layers have the name {shown(layer.name)}.")
        names.append(layer.name or _free(type(layer).__name__, names))
    return tuple(names)


KINDS = {"MaxPool2D": "max_pool2d", "AveragePool2D": "average_pool2d"}


def _free(kind: str, taken: list[str]) -> str:
    name = KINDS.get(kind, kind.lower())
    numbered = (f"{name}_{i}" for i in range(1, len(taken) + 1))
    return next(each for each in (name, *numbered) if each not in taken)


def _usable(backend: str) -> str:
    return backends.usable(backends.named(backend, backends.COMPILED).name).name


def _two(pair: Any) -> tuple[Any, Any]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError("validation_data: expected a pair, samples and targets.")
    return pair[0], pair[1]


def _wants_accuracy(metrics: Sequence[str]) -> bool:
    names = [metrics] if isinstance(metrics, str) else _listed(metrics, "metrics")
    return bool([lookup(name, METRICS, "metrics") for name in names])


def _listed(values: object, name: str) -> list[Any]:
    """Return what a sequence holds; text is none, and neither is a number."""
    is_scalar = isinstance(values, str | bytes) or getattr(values, "ndim", 1) == 0
    if is_scalar or not (isinstance(values, Iterable) and isinstance(values, Sized)):
        raise TypeError(f"{name}: expected a list, got {shown(values)}.")
    if length(values) > MOST_MEMBERS:
        raise ValueError(f"{name}: expected a list of arrays, got {shown(values)}.")
    return list(values)


def _same_shapes(values: object, present: list[np.ndarray], name: str) -> list[np.ndarray]:
    given = _listed(values, name)
    if len(given) != len(present):
        raise ValueError(f"{name}: expected {len(present)} arrays, got {len(given)}.")
    arrays = [real_array(each, name).copy() for each in given]
    for array, old in zip(arrays, present, strict=True):
        if array.shape != old.shape:
            raise ValueError(f"{name}: expected the shape {old.shape}, got {array.shape}.")
    return arrays
