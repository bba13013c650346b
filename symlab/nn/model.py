"""The model: a network with its weights, which `fit` changes.

A model owns its weights; a layer holds its options only. So two models made from the same tensors
are trained independently, and `function` shows the values between the layers of one.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symlab.algebra.foreign_words import explain_words
from symlab.checks import flag, lookup, shown
from symlab.engine import backends
from symlab.engine.streams import WEIGHTS_STREAM, generator_of
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent
from symlab.nn import forward, storage
from symlab.nn.history import History
from symlab.nn.losses import Loss, as_loss
from symlab.nn.network import make_network
from symlab.nn.tensor import Input, Tensor, layers_between
from symlab.nn.training.description import FitDescription, as_rule
from symlab.nn.training.fit import RuleState, fit
from symlab.nn.training.samples import Samples, as_rows, as_samples, split_samples
from symlab.nn.weighted_network import WeightedNetwork
from symlab.nn.weights import as_list

VALIDATION = ("validation_data[0]", "validation_data[1]")
METRICS = {"accuracy": "the share of right classes"}


class Model(WeightedNetwork):
    """Layers from an input to an output, and their weights.

    Parameters
    ----------
    inputs : Tensor
        From `Input`.
    outputs : Tensor
        The output of the last layer; the layers are those between the two.
    seed : int
        The seed of the initial weights: the same seed and layers give the same weights.

    Attributes
    ----------
    epochs : int
        How many epochs the weights have seen since they were drawn.

    Raises
    ------
    TypeError, ValueError
        If these are no tensors, `outputs` was not made from `inputs`, or two layers have the same
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
        super().__init__(inputs, outputs, seed=seed)
        self.epochs = 0
        self._loss: Loss | None = None
        self._state: RuleState | None = None

    @explain_words()
    def fit(
        self,
        x: Any,
        y: Any,
        *,
        loss: str | Loss,
        method: object = gradient_descent,
        epochs: int = 1,
        batch_size: int | None = 32,
        seed: int = 0,
        shuffle: bool = True,
        metrics: Sequence[str] = (),
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | None = None,
        backend: str = "c",
        progress: bool = False,
        reset: bool = False,
        keep_state: bool = False,
    ) -> History:
        """Train on samples, starting from the present weights.

        `method`, `batch_size`, `seed`, `backend` and `progress` mean what they mean in `minimize`.
        The default method is descent with a step size of 0.1, where Keras has 0.01
        (`sl.gradient_descent(variant="keras")`) and `minimize` chooses. A fit counts
        epochs where `minimize` counts steps. Its epochs are those of `order="epoch"`, with the same
        permutations from the same seed, but the last batch of an epoch may be smaller, so that an
        epoch sees every sample once.

        Parameters
        ----------
        x : array, shape `(n, *input shape)`
            Real numbers; columns of dtype object, nullable columns and categories are read where
            they hold numbers, and refused where a number would have to be guessed.
        y : array, shape `(n, *output shape)`
            Targets; (n,) will do for a single output. Where x and y are pandas', rows are paired by
            their index.
        loss : str or Loss
            hinge (labels -1 and 1), binary_crossentropy (0 and 1), categorical_crossentropy (rows,
            see `one_hot`), squared_error or "mse".
        method : Rule
            Any rule, such as `sl.adam(step_size=0.05)`.
        epochs : int
            Passes over the samples, at least 0.
        batch_size : int, optional
            Samples in a batch, at least 1; a number larger than the data, or None, means all of
            them. The default is that of Keras; `minimize` takes all samples by default.
        seed : int
            The seed of the order of the samples; another fit with the same seed has the same order.
        shuffle : bool
            Whether each epoch has an order of its own; otherwise samples come as they are given.
        metrics : sequence of str
            `["accuracy"]` records the accuracy too.
        validation_split : float
            The share of the samples, the last ones, to validate with: these are not trained on.
        validation_data : pair of arrays, optional
            Samples and targets to validate with instead.
        backend : str
            `"c"`, `"numba"` and `"jax"` make many epochs one call, `"interpreted"` one call for
            each batch. So does `"c"` where a network has several hundred thousand weights; such
            ones are faster on `"numba"`.
        progress : bool
            Show a bar on stderr.
        reset : bool
            Whether the initial weights of the model's seed are drawn again first; weights that are
            not trainable stay as they are.
        keep_state : bool
            Whether the rule continues with the velocity, means and step count of the last fit;
            otherwise it starts from zero, as in Keras after another `compile`.

        Returns
        -------
        History
            Of these epochs. Ctrl-C, or numbers that are no longer finite, end a fit early: weights
            and history are then those of the last epoch that was finished and finite.

        Raises
        ------
        TypeError, ValueError
            Naming the argument, before anything is compiled.

        Examples
        --------
        >>> from symlab import nn
        >>> inputs = nn.Input(1)
        >>> model = nn.Model(inputs, nn.Dense(1)(inputs))
        >>> x, y = [0.0, 1.0, 2.0], [1.0, 3.0, 5.0]
        >>> model.fit(x, y, loss="mse", epochs=300, backend="interpreted").status
        'finished'
        >>> model.predict([10.0]).round(3)
        array([[21.]])
        """
        self._check_trainable()
        criterion = as_loss(loss)
        samples, validation = split_samples(
            as_samples(x, y, self.network, criterion), validation_split
        )
        if validation_data is not None:
            pair = _as_pair(validation_data)
            validation = as_samples(*pair, self.network, criterion, VALIDATION)
        description = FitDescription(
            network=self.network,
            loss=criterion,
            rule=as_rule(method),
            samples=samples,
            backend=_usable(backend),
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            shuffle=shuffle,
            validation=validation,
            accuracy=_wants_accuracy(metrics),
            progress=progress,
        )
        is_fresh = flag(reset, "reset")
        state = self._find_kept_state(description.rule) if flag(keep_state, "keep_state") else None
        if is_fresh:
            self.reset()
        result = fit(description, self._arrays, state, self.epochs)
        for i, arrays in result.arrays.items():
            self._arrays[i] = arrays
        self._state, self._loss = result.state, criterion
        self.epochs += len(result.history)
        return result.history

    def _check_trainable(self) -> None:
        if not self.network.places(trainable=True):
            raise ValueError("Model: no layer has trainable weights; set trainable=True on one.")

    def _find_kept_state(self, rule: Rule) -> RuleState | None:
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
        drawn = self._draw(self.network)
        for i in self.network.places(trainable=True):
            self._arrays[i] = drawn[i]
        self.epochs, self._state = 0, None

    def predict(self, x: Any, *, backend: str = "interpreted") -> np.ndarray:
        """Return the outputs for samples, shape `(n, *output shape)`.

        Parameters
        ----------
        x : array, shape `(n, *input shape)`
        backend : str
            `"interpreted"` by default: a single pass spends its time in NumPy, so compiling would
            only cost time.

        Raises
        ------
        TypeError, ValueError
            Naming the argument.
        """
        rows = as_rows(x, self.inputs.shape, "x")
        weights = forward.ravel_weights(self.network, self._arrays)
        return forward.predict(self.network, weights, rows, _usable(backend))

    def evaluate(
        self, x: Any, y: Any, *, loss: str | Loss | None = None, backend: str = "interpreted"
    ) -> dict[str, float]:
        """Return the mean `loss` and the `accuracy` on samples.

        Parameters
        ----------
        x, y : arrays
            As in `fit`.
        loss : str or Loss, optional
            That of the last fit when left out.
        backend : str
            As in `predict`.

        Raises
        ------
        TypeError, ValueError
            Naming the argument.

        Examples
        --------
        >>> from symlab import nn
        >>> inputs = nn.Input(1)
        >>> model = nn.Model(inputs, nn.Activation("sigmoid")(inputs))
        >>> model.evaluate([-1.0, 1.0], [0, 1], loss="mse")["accuracy"]
        1.0
        """
        samples, criterion = self._samples(x, y, loss)
        weights = forward.ravel_weights(self.network, self._arrays)
        return forward.evaluate(self.network, weights, samples, criterion, _usable(backend))

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

        Examples
        --------
        >>> from symlab import nn
        >>> inputs = nn.Input(1)
        >>> model = nn.Model(inputs, nn.Dense(1, use_bias=False)(inputs))
        >>> model.set_weights([[[3.0]]])
        >>> model.gradient([2.0], [0.0], loss="mse")  # of (2 w)^2 at w = 3
        {'dense': [array([[24.]])]}
        """
        self._check_trainable()
        samples, criterion = self._samples(x, y, loss)
        weights = forward.ravel_weights(self.network, self._arrays)
        vector = forward.gradient(self.network, weights, samples, criterion, _usable(backend))
        pieces = self.network.unravel(vector, trainable=True)
        return {self.names[i]: arrays for i, arrays in pieces.items()}

    def _samples(self, x: Any, y: Any, loss: str | Loss | None) -> tuple[Samples, Loss]:
        """Return samples and targets as rows, with the loss asked for, or that of the last fit."""
        if loss is None and self._loss is None:
            raise ValueError("loss: the model has not been fitted, so say which loss to evaluate.")
        criterion = as_loss(self._loss if loss is None else loss)
        return as_samples(x, y, self.network, criterion), criterion

    def function(
        self, tensor: Tensor, *, backend: str = "interpreted"
    ) -> Callable[[Any], np.ndarray]:
        """Return a function from samples to a tensor; it uses the model's weights when called.

        Parameters
        ----------
        tensor : Tensor
            Any that was made from the model's inputs. Layers that do not belong to the model have
            weights that are drawn here, the first time, and never trained.
        backend : str
            As in `predict`.

        Raises
        ------
        TypeError, ValueError
            If it is no tensor, or was not made from the model's inputs.

        Examples
        --------
        >>> from symlab import nn
        >>> inputs = nn.Input(2)
        >>> hidden = nn.Activation("relu")(inputs)
        >>> model = nn.Model(inputs, nn.Dense(1)(hidden))
        >>> model.function(hidden)([[-1.0, 2.0]])
        array([[0., 2.]])
        """
        if not isinstance(tensor, Tensor):
            raise TypeError(f"function: expected a tensor, got {shown(tensor)}.")
        layers, usable = layers_between(self.inputs, tensor), _usable(backend)
        network = make_network(self.inputs.shape, layers)
        self._draw_beside(network)

        def value(x: Any) -> np.ndarray:
            rows = as_rows(x, self.inputs.shape, "x")
            arrays = [self._weights_of(layer) for layer in network.layers]
            return forward.predict(network, forward.ravel_weights(network, arrays), rows, usable)

        return value


def load(file: str | Path) -> Model:
    """Return the model that was saved in a file: its layers, their names and the weights.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If `file` is no path, or the file was not saved by symlab or is damaged; the message names
        it.
    """
    saved = storage.read(file)
    inputs = outputs = Input(saved.network.input_shape)
    for layer in saved.network.layers:
        outputs = layer(outputs)
    model = Model(inputs, outputs)
    model._arrays = saved.arrays
    return model


def _usable(backend: str) -> str:
    return backends.usable(backends.find_backend(backend, backends.COMPILED).name).name


def _as_pair(pair: Any) -> tuple[Any, Any]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError("validation_data: expected a pair, samples and targets.")
    return pair[0], pair[1]


def _wants_accuracy(metrics: Sequence[str]) -> bool:
    names = [metrics] if isinstance(metrics, str) else as_list(metrics, "metrics")
    return bool([lookup(name, METRICS, "metrics") for name in names])
