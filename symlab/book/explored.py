"""The chapter's networks on two inputs as pages on which they are trained."""

from collections.abc import Callable, Mapping
from typing import Any

from symlab.book import data
from symlab.book.networks import Fit, multilayer_perceptron, one_neuron
from symlab.checks import lookup
from symlab.lab.explorer.network import NetworkExplorer, explore_network

SLOW_START = 132
"""The seed of the lesson's network, which is still on its way after a hundred epochs."""

STEPS = 2200
"""A hundred epochs of 22 batches, as in the chapter."""


def _moons() -> tuple[Fit, Any, int]:
    _, points, _, labels = data.split(*data.moons())
    return multilayer_perceptron(SLOW_START), (points, labels), STEPS


def _neuron() -> tuple[Fit, Any, int]:
    return one_neuron(), None, 400


NETWORKS: Mapping[str, Callable[[], tuple[Fit, Any, int]]] = {"moons": _moons, "neuron": _neuron}
"""Each network with its points for testing, and the steps that its page shows."""


def explore_named(name: str) -> NetworkExplorer:
    """Return the page of one of `NETWORKS`.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> explore_named("moon")
    Traceback (most recent call last):
        ...
    ValueError: network: unknown name 'moon'; did you mean 'moons'? Known: moons, neuron.
    """
    fit, tested, steps = lookup(name, NETWORKS, "network")()
    seed = fit.model.seed
    return explore_network(
        fit.model, fit.x, fit.y, seed=seed, steps=steps, test_data=tested, **fit.options
    )
