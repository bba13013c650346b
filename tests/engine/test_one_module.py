"""Graphs that become one C module, and those that must not."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from symlab.engine import backends, one_module
from symlab.engine.compiled.function import compile_graph

matrix = pt.dmatrix("x")
given = np.arange(6.0).reshape(3, 2) / 10


def added_to_a_column(x):
    """Add what has been computed to a column that has been computed."""
    return pt.inc_subtensor(pt.exp(x)[:, 0], pt.sin(x)[:, 1])


def rows_of_a_result(x):
    """Return rows of what has been computed: a view must keep it alive."""
    return pt.exp(x)[1:]


def number_as_array(x):
    """Return a number that has been computed among scalars, as an array."""
    return pt.tensor_from_scalar(pt.scalar_from_tensor(pt.exp(x).sum()) * 2.0)


EXPECTED = {
    added_to_a_column: np.exp(given) + np.column_stack([np.sin(given[:, 1]), np.zeros(3)]),
    rows_of_a_result: np.exp(given)[1:],
    number_as_array: 2 * np.exp(given).sum(),
}


@pytest.mark.parametrize("graph", EXPECTED)
def test_what_reads_a_python_object_is_no_part_of_a_whole(graph):
    """In one module, what another operation has computed has no Python object."""
    function = compile_graph([matrix], [graph(matrix)], "c").call
    found = [function(given)[0] for _ in range(3)]
    assert all(np.allclose(each, EXPECTED[graph], rtol=1e-15, atol=0) for each in found)


def test_long_text_is_optimised_less_and_gives_the_same_numbers(monkeypatch):
    """The flag that stands last holds, and it is part of the key in the compile cache."""
    z = pt.dscalar("z")
    expected = pytensor.function([z], pt.exp(z) * z, mode=backends.mode("c"))(0.3)
    monkeypatch.setattr(one_module, "LONG", 0)
    function = pytensor.function([z], pt.exp(z) * z, mode=backends.mode("c"))
    flags = function.maker.linker.accept(function.maker.fgraph).compile_args()
    assert flags.index("-O3") < flags.index("-O1") == len(flags) - 1
    assert float(function(0.3)) == pytest.approx(float(expected), rel=1e-15)
