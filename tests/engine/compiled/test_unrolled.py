"""Graphs of tensors written out in scalars: evaluated with floats, they are PyTensor's numbers."""

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.gradient import grad
from pytensor.graph.basic import Constant

from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.unrolled import unroll

X = pt.tensor("x", shape=(3, 4), dtype="float64")
W = pt.tensor("w", shape=(4, 2), dtype="float64")
FILLED = pt.set_subtensor(pt.zeros((5, 4))[1:4], X)
TWICE = pt.inc_subtensor(FILLED[::2], X)

GRAPHS = {
    "a product": pt.dot(X, W),
    "its gradient": grad(pt.tanh(pt.dot(X, W)).sum(), W),
    "a row of a product": pt.dot(X[1], W),
    "shapes": pt.concatenate([X.T.reshape((6, 2)), W], axis=0).dimshuffle(1, "x", 0),
    "means and largest": pt.stack([X.mean(axis=1), X.max(axis=1)]),
    "all at once": pt.exp(X - X.max()).sum(),
    "where the largest is": X.argmax(axis=1),
    "padding, and what is added to it": TWICE,
    "every other, backwards": FILLED[::-2, 1:],
    "choices": pt.switch(pt.ge(X, 0), X, pt.log1p(pt.abs(X))),
    "nothing": X * 0 + 1,
}


def evaluated(program, numbers):
    """The program's outputs, operation by operation in Python."""
    known = dict(zip(program.inputs, numbers, strict=True))

    def value(variable):
        return variable.data if isinstance(variable, Constant) else known[variable]

    for node in program.nodes:
        known[node.outputs[0]] = node.op.impl(*map(value, node.inputs))
    return np.array([float(value(v)) for v in program.outputs])


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_written_out_has_the_same_numbers(name):
    """Every operation that networks are made of."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    program = unroll([X, W], [GRAPHS[name]])
    expected = GRAPHS[name].eval({X: x, W: w}, on_unused_input="ignore", mode=Mode("py", None))
    found = evaluated(program, [*x.ravel(), *w.ravel()])
    np.testing.assert_allclose(found, expected.ravel(), rtol=1e-14, atol=1e-15)


def test_products_with_zero_are_left_out():
    """Padding costs nothing: only the three entries that are no zeros are multiplied."""
    padded = pt.set_subtensor(pt.zeros((7,))[2:5], X[0, :3])
    program = unroll([X], [pt.dot(padded, pt.constant(np.arange(1.0, 8.0)))])
    assert [type(node.op).__name__ for node in program.nodes] == ["Mul", "Mul", "Mul", "Add"]


@pytest.mark.parametrize(
    "graph, most, words",
    [
        (pt.sort(X), 10_000, "no operation that can be unrolled"),
        (pt.dot(X, W), 15, "more than 15 numbers"),
        (pt.dot(X, W), 22, "more than 22 operations"),
    ],
)
def test_what_cannot_be_written_out_is_refused(graph, most, words):
    """An operation that is not known, too many numbers, too many operations."""
    with pytest.raises(NoProgramError, match=words):
        unroll([X, W], [graph], most=most)
