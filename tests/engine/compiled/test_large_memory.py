"""Where large arrays lie: rows in huge pages, and data where JAX reads it in place."""

import numpy as np
import pytest

import symlab as sl
from symlab.book.risks import logistic_plane
from symlab.engine.compiled.large_memory import LINE, PAGE, SMALL, empty_rows, on_a_line
from symlab.engine.compiled.risk_graph import data_sum


def address(array: np.ndarray) -> int:
    """Where an array begins."""
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("rows", [1, 100, SMALL // 8 // 3, 2 * PAGE // 8, 10**6])
def test_large_room_begins_where_a_huge_page_does(rows):
    """So that the whole page lies in it."""
    block = empty_rows(rows, 3)
    assert block.shape == (rows, 3)
    assert block.flags.c_contiguous
    if block.nbytes >= SMALL:
        assert address(block) % PAGE == 0
    block[:] = 1.0
    assert block.sum() == 3 * rows


@pytest.mark.parametrize("dtype", [float, np.int64, np.float32])
def test_an_array_is_moved_to_a_line_only_where_it_is_not_on_one(dtype):
    """Rows, columns, and parts of either."""
    whole = on_a_line(np.arange(600, dtype=dtype).reshape(30, 20))
    for array in (whole, whole[1:], whole[:, 1:], whole.T, whole[3, 5:], whole[:0]):
        moved = on_a_line(array)
        assert address(moved) % LINE == 0
        assert (moved.dtype, moved.tolist()) == (array.dtype, array.tolist())
    assert on_a_line(whole) is whole


def test_jax_is_given_data_that_it_need_not_copy():
    """The same numbers as every backend is given."""
    objective = logistic_plane()
    graphs = data_sum(objective.risk, "sympy")
    ours, usual = (graphs.arrays(objective, backend) for backend in ("jax", "numba"))
    assert all(address(each) % LINE == 0 for each in ours)
    assert [each.tolist() for each in ours] == [each.tolist() for each in usual]
    looks = [sl.compile(objective, name).value_and_gradient([1, 2, 3]) for name in ("jax", "c")]
    assert looks[0][0] == pytest.approx(looks[1][0], rel=1e-14)
    assert looks[0][1] == pytest.approx(looks[1][1], rel=1e-12)
