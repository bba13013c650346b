"""`explore_network`: a page on which a small network is trained, step by step."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symlab.checks import shown, whole
from symlab.lab.explorer.explorer import method_numbers
from symlab.lab.explorer.methods import as_json, method_name, method_source, object_source
from symlab.lab.explorer.network_source import check_network, network_source
from symlab.lab.explorer.page import Page, network_page
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES, gradient_descent
from symlab.nn import Model
from symlab.nn.losses import Loss, as_loss
from symlab.nn.training.description import FitDescription, as_rule
from symlab.nn.training.samples import Samples, as_samples

MOST_POINTS = 2000
"""Points on a page at most: all of them stand in it, and are drawn at every step."""

MOST_STEPS = 5000
"""Steps that a page keeps at most."""


@dataclass(frozen=True, repr=False)
class NetworkExplorer(Page):
    """A page on which a network is trained.

    Parameters
    ----------
    html : str
        The page.
    model : Model
    rule : Rule
        That with which the page opens.
    """

    model: Model
    rule: Rule

    def __repr__(self) -> str:
        size = len(self.html) // 1000
        return f"NetworkExplorer({self.model!r}, {method_name(self.rule)}, {size} kB)"


def explore_network(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    method: object = gradient_descent,
    batch_size: int | None = 32,
    seed: int = 0,
    steps: int = 1000,
    test_data: tuple[Any, Any] | None = None,
) -> NetworkExplorer:
    """Return a page on which a network of dense layers learns to tell points of the plane apart.

    The page is one file that loads nothing, from nowhere. In it the training of `Model.fit` is
    played, stepped through and set to any step: the boundary between the classes, what every unit
    gives, all weights, and the loss. Rule, batch and seeds can be changed in it; a seed draws there
    what it draws in Python, and the weights are those of `Model.fit` but for rounding.

    Parameters
    ----------
    model : Model
        Dense layers on two inputs. Its weights are where the page starts; they are not changed.
    x : array, shape (n, 2)
        Up to 2000 points.
    y : array, shape (n,) or (n, outputs)
        Targets, as in `Model.fit`.
    loss : str or Loss
        As in `Model.fit`; a cross-entropy of the activation that belongs to it.
    method : Rule
        That with which the page opens: `sl.adam(step_size=0.05)`.
    batch_size : int, optional
        Samples in a batch; None for all of them.
    seed : int
        The seed of the order of the samples.
    steps : int
        Up to which step the page trains at first, from 1 to 5000.
    test_data : pair of arrays, optional
        Points and targets that are shown and counted but not learnt.

    Returns
    -------
    NetworkExplorer
        In a notebook it shows itself; `save` writes it, and `html` is its text.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: if the model is no small network of dense layers on two inputs, a loss
        clips probabilities, or the method is no rule.

    Examples
    --------
    >>> from symlab import nn
    >>> inputs = nn.Input(2)
    >>> model = nn.Model(inputs, nn.Dense(1, "sigmoid")(nn.Dense(3, "tanh")(inputs)))
    >>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> page = explore_network(model, x, y, loss="binary_crossentropy", batch_size=None)
    >>> page.html.startswith("<!doctype html>")
    True
    """
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a Model, got {shown(model)}.")
    criterion = as_loss(loss)
    check_network(model.network, criterion)
    samples = _samples(model, (x, y), criterion, ("x", "y"))
    tested = None if test_data is None else _test_samples(model, test_data, criterion)
    fit = FitDescription(
        network=model.network,
        loss=criterion,
        rule=as_rule(method),
        samples=samples,
        backend="interpreted",
        batch_size=batch_size,
        seed=seed,
    )
    most = whole(steps, "steps", 1)
    if most > MOST_STEPS:
        raise ValueError(f"steps: a page keeps at most {MOST_STEPS}, got {shown(most)}.")
    return NetworkExplorer(network_page(_program(model, fit, most, tested)), model, fit.rule)


def _test_samples(model: Model, pair: Any, loss: Loss) -> Samples:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError("test_data: expected a pair, points and targets.")
    return _samples(model, (pair[0], pair[1]), loss, ("test_data[0]", "test_data[1]"))


def _samples(model: Model, pair: tuple[Any, Any], loss: Loss, names: tuple[str, str]) -> Samples:
    samples = as_samples(*pair, model.network, loss, names)
    if len(samples) > MOST_POINTS:
        raise ValueError(
            f"{names[0]}: a page holds at most {MOST_POINTS} points, got {len(samples)}."
        )
    return samples


def _program(model: Model, fit: FitDescription, steps: int, tested: Samples | None) -> str:
    """Return the part of the page's program that Python writes."""
    usual = {method_name(rule): rule for rule in (*RULES.values(), fit.rule)}
    rules = {as_json(name): method_source(rule, theory=False) for name, rule in usual.items()}
    data = {"train": _rows(fit.samples), "test": [] if tested is None else _rows(tested)}
    first = {"name": method_name(fit.rule), "h": method_numbers(fit.rule)}
    return (
        f"{network_source(model, fit, steps)}"
        f"const DATA = {as_json(data)};\n"
        f"const METHODS = {object_source(rules)};\n"
        f"const SHOWN = {as_json(first)};\n"
    )


def _rows(samples: Samples) -> list[list[float]]:
    """Return inputs and targets of each sample in one row."""
    return np.column_stack([samples.inputs, samples.targets]).tolist()
