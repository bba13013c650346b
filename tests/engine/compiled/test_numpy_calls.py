"""Small formulas as calls of NumPy, and products of matrices that C leaves to NumPy."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import symlab as sl
from symlab.engine import backends
from symlab.engine.compiled.numpy_calls import numpy_function
from symlab.engine.compiled.stepwise import direction_function, memory_function
from symlab.engine.matrix_product import MatrixProduct

RNG = np.random.default_rng(5)


def positive(size: int) -> np.ndarray:
    """A symmetric matrix with positive eigenvalues."""
    root = RNG.normal(size=(size, size))
    return root @ root.T + np.eye(size)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("direction", [sl.steepest, sl.newton, sl.newton(damping=0.5), sl.bfgs])
def test_a_direction_is_what_the_compiled_one_is(direction, size: int):
    """Numba compiles the same graph."""
    known = [RNG.normal(size=(size, 1))]
    known += [positive(size)] if direction.needs_hessian or direction.memory else []
    (ours,) = direction_function(direction, size, "c").call(*known)
    (compiled,) = direction_function(direction, size, "numba").call(*known)
    np.testing.assert_allclose(ours, compiled, rtol=1e-12)


@pytest.mark.parametrize("size", [1, 3])
def test_a_memory_is_what_the_compiled_one_is(size: int):
    """Products, traces and quotients of matrices and numbers."""
    step = RNG.normal(size=(size, 1))
    known = (positive(size), step, positive(size) @ step)
    (ours,) = memory_function(sl.bfgs, size, "c").call(*known)
    (compiled,) = memory_function(sl.bfgs, size, "numba").call(*known)
    np.testing.assert_allclose(ours, compiled, rtol=1e-11)


def test_an_operation_that_numpy_has_not_is_left_to_the_compiler():
    """The error function is SciPy's."""
    z = pt.dscalar("z")
    assert numpy_function([z], [pt.erf(z)]) is None


def test_a_singular_matrix_is_an_error():
    """The run then says that there is no direction."""
    with pytest.raises(np.linalg.LinAlgError):
        direction_function(sl.newton, 2, "c").call(np.ones((2, 1)), np.ones((2, 2)))


@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 4, 1), (40, 3, 1), (0, 3, 2), (2, 0, 3)])
def test_a_product_in_c_is_numpys_to_the_last_bit(shape: tuple[int, int, int]):
    """Also of a transposed matrix, which no copy is made of, and without rows."""
    rows, inner, columns = shape
    a, b = pt.dmatrix("a"), pt.dmatrix("b")
    product = pytensor.function([a, b], a.T @ b, mode=backends.mode("c"))
    assert any(isinstance(node.op, MatrixProduct) for node in product.maker.fgraph.apply_nodes)
    left, right = RNG.normal(size=(inner, rows)), RNG.normal(size=(inner, columns))
    np.testing.assert_array_equal(product(left, right), np.dot(left.T, right))
