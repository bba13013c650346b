"""Error bounds of sums, products and what is scattered: counted by hand."""

import numpy as np
import pytest

from symlab.nn.exact.bounded import numbers, plus, product, scatter, total


def test_the_bound_of_a_sum_counts_its_additions():
    """0.1 ten times: nine additions of partial sums at most 1, from numbers without error."""
    assert total(numbers([0.1] * 10), 0).error == pytest.approx(9)
    assert plus(numbers([1.0]), numbers([2.0])).error == [3.0]


def test_the_bound_of_a_product_grows_with_its_terms():
    """Three products and two additions, each at most the sum of the sizes: 3 * 6 units."""
    row, column = numbers([[1.0, -2.0, 3.0]]), numbers([[1.0], [1.0], [1.0]])
    assert product(row, column).value.item() == 2
    assert product(row, column).error.item() == 18.0


def test_what_is_gathered_twice_is_scattered_as_a_sum():
    """The slope of a cell that two windows see is the sum of both."""
    back = scatter(numbers([[[1.0, 2.0], [4.0, 8.0]]]), np.array([[0, 1], [1, 2]]), 4)
    assert back.value.tolist() == [[1, 6, 8, 0]]
    assert back.error.tolist() == [[0, 6, 0, 0]]
