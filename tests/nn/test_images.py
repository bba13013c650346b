"""Filters by hand: against SciPy, against exact arithmetic, and against the chapter's arrays."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage, signal

from symlab.nn import images
from symlab.nn.images import KERNELS, convolve, correlate, max_pool, relu

DIAGONAL = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
ANTIDIAGONAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])


def table(text):
    """An array of whole numbers from rows separated by a slash."""
    return np.array([[int(entry) for entry in row.split()] for row in text.split("/")])


TWO_DIAGONALS = table(
    "1 0 0 0 0 0 / 0 1 0 0 0 0 / 0 0 1 0 0 0 / 1 0 0 0 0 0 / 0 1 0 0 0 0 / 0 0 1 0 0 0"
)
SLASH = np.eye(6, dtype=int)[::-1]
CROSS = np.maximum(np.eye(6, dtype=int), SLASH)

# Chapter, sections 18 and 19, as the spec prints them.
RES = table("2 0 0 0 0 0 / 0 3 0 0 0 0 / 0 0 2 0 0 0 / 2 0 0 1 0 0 / 0 3 0 0 0 0 / 0 0 2 0 0 0")
FALSE = table("0 0 0 1 0 1 / 0 0 1 0 1 0 / 0 1 0 1 0 1 / 1 0 1 0 1 0 / 0 1 0 1 0 0 / 1 0 1 0 0 0")
OUTPUT_1 = table(
    "2 0 0 1 0 1 / 0 3 1 0 1 0 / 0 1 3 1 0 1 / 1 0 1 3 1 0 / 0 1 0 1 3 0 / 1 0 1 0 0 2"
)
OUTPUT_2 = table(
    "1 0 1 0 0 2 / 0 1 0 1 3 0 / 1 0 1 3 1 0 / 0 1 3 1 0 1 / 0 3 1 0 1 0 / 2 0 0 1 0 1"
)

sides = st.integers(1, 7)
# Ninths, which are rounded; SciPy leaves out entries of a kernel that are smaller than 2.2e-16.
ninths = st.integers(-90, 90).map(lambda count: count / 9)


@st.composite
def images_and_kernels(draw):
    """An image and a kernel of any small shapes, even a kernel that is larger."""
    shapes = draw(st.tuples(sides, sides)), draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    return tuple(draw(arrays.arrays(float, shape, elements=ninths)) for shape in shapes)


@given(images_and_kernels(), st.sampled_from([0, -1, 0.5]))
def test_convolution_is_scipys_to_the_last_bit(pair, padding):
    """The same products added in the same order; shapes odd and even, whatever the padding."""
    image, kernel = pair
    theirs = ndimage.convolve(image, kernel, mode="constant", cval=padding)
    assert np.array_equal(convolve(image, kernel, padding=padding), theirs)


@given(images_and_kernels(), st.sampled_from([0, -1, 0.5]))
def test_correlation_is_scipys_to_the_last_bit(pair, padding):
    """The other of the two, from the same outsider."""
    image, kernel = pair
    theirs = ndimage.correlate(image, kernel, mode="constant", cval=padding)
    assert np.array_equal(correlate(image, kernel, padding=padding), theirs)


@given(images_and_kernels())
def test_convolution_agrees_with_signal_processing(pair):
    """Where a kernel has a middle and fits: 25 products of at most 100, added in another order."""
    image, kernel = pair
    if all(np.mod(kernel.shape, 2)) and all(np.greater_equal(image.shape, kernel.shape)):
        theirs = signal.convolve2d(image, kernel, mode="same")
        assert convolve(image, kernel) == pytest.approx(theirs, abs=1e-11)


@pytest.mark.parametrize(
    "image, kernel, expected",
    [
        (TWO_DIAGONALS, DIAGONAL, RES),
        (SLASH, DIAGONAL, FALSE),
        (CROSS, DIAGONAL, OUTPUT_1),
        (CROSS, ANTIDIAGONAL, OUTPUT_2),
    ],
)
def test_convolution_gives_the_chapters_arrays(image, kernel, expected):
    """Chapter, sections 18 and 19; E17: the entry (0, 0) is 2, and the 3 stands at (1, 1)."""
    assert np.array_equal(convolve(image, kernel), expected)
    assert np.array_equal(correlate(image, kernel), expected)


def test_on_symbols_the_kernel_is_turned_or_not():
    """The definition itself: y_11 is the sum of K[2-a, 2-b] x[a, b], or of K[a, b] x[a, b]."""
    x, k = (np.array(sp.MatrixSymbol(name, 3, 3).as_explicit()) for name in "xk")
    turned = sum(k[2 - a, 2 - b] * x[a, b] for a in range(3) for b in range(3))
    straight = sum(k[a, b] * x[a, b] for a in range(3) for b in range(3))
    assert sp.expand(convolve(x, k)[1, 1] - turned) == 0
    assert sp.expand(correlate(x, k)[1, 1] - straight) == 0


def test_a_kernel_that_is_not_its_own_half_turn_tells_the_two_apart():
    """E17: the chapter's kernels cannot; with one trained as in figure 018 the gap is over 2."""
    kernel = np.array([[-0.4, 0.4, -0.1], [-0.6, -0.2, 0.9], [0.3, 0.7, -0.9]])
    image = images.fixture()[0]
    assert np.abs(convolve(image, kernel) - correlate(image, kernel)).max() > 2
    assert np.array_equal(convolve(image, kernel), correlate(image, kernel[::-1, ::-1]))


def test_a_stack_of_images_is_filtered_image_by_image():
    """Leading axes are kept, however many."""
    stack = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    one_by_one = [[convolve(image, DIAGONAL) for image in row] for row in stack]
    assert np.array_equal(convolve(stack, DIAGONAL), one_by_one)
    assert max_pool(stack).shape == (2, 3, 2, 3)


def test_whole_numbers_stay_whole_and_do_not_overflow():
    """Bytes, as pictures come: 9 times 255 is no byte."""
    white = np.full((3, 3), 255, dtype=np.uint8)
    found = convolve(white, np.ones((3, 3), dtype=np.uint8))
    assert found[1, 1] == 9 * 255
    assert found.dtype.kind == "i"


def test_padding_may_be_a_fraction_of_a_whole_image():
    """Not cut to a whole number."""
    assert convolve([[0, 0]], [[1, 1, 1]], padding=0.5).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("filtered", [convolve, correlate])
def test_what_cannot_be_filtered_is_refused_by_name(filtered):
    """The argument, what it should be and its shape."""
    with pytest.raises(ValueError, match=r"image: expected at least 2 axes .* got shape \(3,\)"):
        filtered([1, 2, 3], DIAGONAL)
    with pytest.raises(ValueError, match=r"kernel: expected 2 axes .* got shape \(1, 3, 3\)"):
        filtered(np.ones((6, 6)), [DIAGONAL])
    with pytest.raises(ValueError, match=r"kernel: .* some entries, got shape \(0, 3\)"):
        filtered(np.ones((6, 6)), np.empty((0, 3)))


def test_the_kernels_are_the_chapters():
    """Diagonals of ones, and (2 I - 1) / 9 with its mirror image; each its own half turn."""
    expected = [DIAGONAL, ANTIDIAGONAL, (2 * DIAGONAL - 1) / 9, (2 * ANTIDIAGONAL - 1) / 9]
    for kernel, wanted in zip(KERNELS.values(), expected, strict=True):
        assert np.array_equal(kernel, wanted)
        assert np.array_equal(kernel, kernel[::-1, ::-1])


def test_the_kernels_cannot_be_changed():
    """A reader who scales his copy in place must not scale the next one's."""
    with pytest.raises(ValueError, match="read-only"):
        KERNELS["diagonal"][0, 0] = 7


@given(
    arrays.arrays(int, st.tuples(sides, sides), elements=st.integers(-99, 99)),
    st.integers(1, 8),
    st.integers(1, 8),
)
def test_pooling_is_the_largest_of_each_tile(image, height, width):
    """A loop over the tiles; the last of a row or column may be smaller."""
    rows, columns = image.shape
    expected = [
        [image[i : i + height, j : j + width].max() for j in range(0, columns, width)]
        for i in range(0, rows, height)
    ]
    assert np.array_equal(max_pool(image, height, width), expected)


@pytest.mark.parametrize(
    "image, expected",
    [(OUTPUT_1, "3 1 1 / 1 3 1 / 1 1 3"), (OUTPUT_2, "1 1 3 / 1 3 1 / 3 1 1")],
)
def test_pooling_gives_the_chapters_arrays(image, expected):
    """Chapter, section 20."""
    assert np.array_equal(max_pool(image), table(expected))


def test_a_tile_has_its_height_in_rows():
    """E27: the printed function crosses the two, so that 4 by 6 with width 3 came out 2 by 3."""
    image = np.arange(24).reshape(4, 6)
    assert max_pool(image, height=2, width=3).tolist() == [[8, 11], [20, 23]]
    assert max_pool(image, height=3, width=2).shape == (2, 3)


@pytest.mark.parametrize("kind", [np.int8, np.float32, np.float64])
def test_pooling_and_relu_keep_the_type(kind):
    """Chapter, section 20: the type is kept."""
    image = np.arange(9, dtype=kind).reshape(3, 3)
    assert max_pool(image).dtype == relu(image).dtype == kind


def test_a_tile_without_rows_is_refused():
    """By the argument's name."""
    with pytest.raises(ValueError, match="height: expected at least 1, got 0"):
        max_pool(RES, height=0)
    with pytest.raises(TypeError, match=r"width: expected an integer, got 1\.5"):
        max_pool(RES, width=1.5)


@given(arrays.arrays(float, (5, 4), elements=ninths), st.integers(1, 5))
def test_relu_commutes_with_pooling_and_positive_factors(image, factor):
    """E26: the order of the two and the scale of the kernels do not matter."""
    assert np.array_equal(relu(max_pool(image)), max_pool(relu(image)))
    assert np.array_equal(relu(factor * image), factor * relu(image))


def test_relu_is_the_positive_part():
    """Zero for what is negative, at zero as well, and NaN is not hidden."""
    found = relu([-2.0, -0.0, 0.0, 3.0, np.nan])
    assert found[:4].tolist() == [0, 0, 0, 3]
    assert np.isnan(found[4])
