"""Small models and samples that several tests of networks share."""

import numpy as np

import symlab as sl
from symlab import nn

QUICK = {"backend": "interpreted"}
DESCENT = sl.gradient_descent(step_size=0.1)


def data(samples=10):
    """Points and labels that no line separates without error."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 2))
    return x, (x[:, 0] + rng.normal(size=samples) > 0).astype(float)


def network(seed=0):
    """Two inputs, three hidden units, one probability; the model and its hidden tensor."""
    inputs = nn.Input((2,))
    hidden = nn.Dense(3, "tanh", name="hidden")(inputs)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=seed), hidden


def fitted(model, **options):
    """Train with binary cross-entropy by plain descent, unless told otherwise."""
    given = {"loss": "binary_crossentropy", "method": DESCENT, "epochs": 3, **QUICK, **options}
    return model.fit(*data(), **given)


def weights(model):
    """All weights in a row of numbers."""
    return np.concatenate([w.ravel() for each in model.get_weights().values() for w in each])


def apply(layer, images, given=None):
    """The output of a layer alone for images, with given weights if there are any."""
    inputs = nn.Input(images.shape[1:])
    model = nn.Model(inputs, layer(inputs))
    if given is not None:
        model.set_weights(given)
    return model.predict(images)
