"""The same expressions, again: small networks written in SymPy, and their derivatives.

Every weight is a symbol. SymPy derives the loss by each of them, n-digit arithmetic evaluates the
derivative at the very numbers of the model, and `Model.gradient`, which PyTensor derived, must
agree to rounding. Nothing is shared but the weights.
"""

import numpy as np
import pytest
import sympy as sp

from symlab import nn

RELATIVE = 1e-12


def symbols_for(model):
    """A symbol for each weight in the arrays of `get_weights`, and the numbers they stand for."""
    letters, values = {}, {}
    for name, arrays in model.get_weights().items():
        letters[name] = []
        for i, array in enumerate(arrays):
            names = [f"{name}_{i}_{j}" for j in range(array.size)]
            made = np.array([sp.Symbol(each, real=True) for each in names], dtype=object)
            values |= dict(zip(made, map(float, array.ravel()), strict=True))
            letters[name].append(made.reshape(array.shape))
    return letters, values


def sigmoid(z):
    """The logistic function, as it is written."""
    return 1 / (1 + sp.exp(-z))


def dense(x, weights):
    """Weighted sums, written out."""
    kernel, bias = weights
    return [
        sum((x[i] * kernel[i, j] for i in range(len(x))), bias[j]) for j in range(kernel.shape[1])
    ]


def agrees(model, x, y, loss, expression, letters):
    """Hold each derivative of SymPy's against the gradient of the model."""
    symbols, values = letters
    found = model.gradient(x, y, loss=loss)
    for name, slopes in found.items():
        for made, slope in zip(symbols[name], slopes, strict=True):
            derived = [float(sp.diff(expression, w).subs(values).evalf(30)) for w in made.ravel()]
            np.testing.assert_allclose(slope.ravel(), derived, rtol=RELATIVE, atol=1e-16)


def test_the_network_of_two_weights_is_the_chapters():
    """Section 4: 1-1-1, sigmoids, squared error; and the delta recursion gives the same numbers."""
    inputs = nn.Input((1,))
    model = nn.Model(inputs, nn.Dense(1, "sigmoid")(nn.Dense(1, "sigmoid")(inputs)), seed=4)
    x, y = 0.75, 0.25
    symbols, values = symbols_for(model)
    (z1,) = (sigmoid(p) for p in dense([sp.Float(x)], symbols["dense"]))
    (z2,) = (sigmoid(p) for p in dense([z1], symbols["dense_1"]))
    agrees(model, [x], [y], "mse", (z2 - y) ** 2, (symbols, values))
    # The chapter's loss has a half, ours has none, so its delta is twice as large.
    first, second = (float(z.subs(values)) for z in (z1, z2))
    delta2 = 2 * (second - y) * second * (1 - second)
    delta1 = delta2 * values[symbols["dense_1"][0][0, 0]] * first * (1 - first)
    gradient = model.gradient([x], [y], loss="mse")
    assert [w.item() for w in gradient["dense_1"]] == pytest.approx([delta2 * first, delta2])
    assert [w.item() for w in gradient["dense"]] == pytest.approx([delta1 * x, delta1])


@pytest.mark.parametrize("y", [0, 1])
def test_the_multilayer_perceptron_of_one_sample(y):
    """Section 3: 2-4-2-1, all 25 weights."""
    inputs = nn.Input((2,))
    hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
    model = nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=6)
    x = [0.5, -1.25]
    symbols, values = symbols_for(model)
    layer = [sp.Float(each) for each in x]
    for weights in symbols.values():
        layer = [sigmoid(z) for z in dense(layer, weights)]
    loss = -sp.log(layer[0] if y else 1 - layer[0])
    assert len(values) == 25
    agrees(model, [x], [y], "binary_crossentropy", loss, (symbols, values))


@pytest.mark.parametrize("kind", ["max", "average"])
def test_the_convolutional_network_of_one_image(kind):
    """Sections 22 and 23: a 6 x 6 image, a symbolic kernel, relu, tiles, softmax: every weight."""
    layer = {"max": nn.MaxPool2D, "average": nn.AveragePool2D}[kind]
    inputs = nn.Input((1, 6, 6))
    maps = nn.Conv2D(1, 3, padding="same", activation="relu")(inputs)
    model = nn.Model(inputs, nn.Dense(2, "softmax")(nn.Flatten()(layer(2)(maps))), seed=8)
    image = np.random.default_rng(2).integers(-8, 8, size=(6, 6)) / 8
    symbols, values = symbols_for(model)
    (kernel, bias), padded = symbols["conv2d"], np.pad(image, 1)
    cells = [
        [
            sum(
                (sp.Float(padded[i + a, j + b]) * kernel[0, 0, a, b] for a, b in np.ndindex(3, 3)),
                bias[0],
            )
            for j in range(6)
        ]
        for i in range(6)
    ]

    def tile(i, j):
        # Which cell is largest, and which are positive, is decided by the numbers: away from ties
        # the derivative does not see the decision.
        seen = [cells[2 * i + a][2 * j + b] for a, b in np.ndindex(2, 2)]
        values_there = [float(cell.subs(values)) for cell in seen]
        passed = [c if v > 0 else sp.Integer(0) for c, v in zip(seen, values_there, strict=True)]
        return passed[int(np.argmax(values_there))] if kind == "max" else sum(passed) / 4

    features = [tile(i, j) for i, j in np.ndindex(3, 3)]
    scores = dense(features, symbols["dense"])
    loss = sp.log(sum(map(sp.exp, scores))) - scores[1]
    agrees(model, image[None, None], [[0, 1]], "categorical_crossentropy", loss, (symbols, values))


@pytest.mark.parametrize("loss", ["hinge", "mse", "binary_crossentropy"])
def test_a_gradient_is_the_slope_of_the_loss_it_is_said_to_be(loss):
    """Central differences of `evaluate`, on several samples: the mean is a mean in both."""
    rng = np.random.default_rng(3)
    inputs = nn.Input((3,))
    last = {"hinge": "softsign", "mse": "linear", "binary_crossentropy": "sigmoid"}[loss]
    model = nn.Model(inputs, nn.Dense(1, last)(nn.Dense(2, "tanh")(inputs)), seed=1)
    x, y = rng.normal(size=(7, 3)), np.array([1.0, -1, 1, 1, -1, 1, -1])
    y = (y + 1) / 2 if loss == "binary_crossentropy" else y
    gradient, start, width = model.gradient(x, y, loss=loss), model.get_weights(), 1e-6
    for name, arrays in start.items():
        for i, array in enumerate(arrays):
            for place in np.ndindex(array.shape):
                sides = []
                for sign in (1, -1):
                    moved = [each.copy() for each in arrays]
                    moved[i][place] += sign * width
                    model.set_weights({name: moved})
                    sides.append(model.evaluate(x, y, loss=loss)["loss"])
                model.set_weights({name: arrays})
                slope = (sides[0] - sides[1]) / (2 * width)
                assert gradient[name][i][place] == pytest.approx(slope, rel=1e-6, abs=1e-9)
