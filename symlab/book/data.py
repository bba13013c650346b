"""The data of the chapter: one function for each set, and a seed where numbers are drawn.

A seed has streams of its own for data and for initial weights, and a third for batches
(`engine/batches`), so that to draw more of one changes none of the others.
"""

from collections.abc import Sequence

import numpy as np
from sympy import Basic

from symlab.algebra.arrays import is_indexed
from symlab.algebra.exactly import as_float
from symlab.algebra.row_labels import align_rows
from symlab.book.places import folder
from symlab.checks import length, renamed_keyword, shown, whole
from symlab.engine.batches import affordable
from symlab.engine.streams import DATA_STREAM, WEIGHTS_STREAM, generator_of

WIDTH = 10.0
"""The inputs of `step_data` lie between 0 and this; the step is in the middle."""

FLIPPED = 0.1
"""The share of labels in `step_data` that are drawn wrong."""

HALF_SIDE = 3.0
"""The points of `half_plane` lie in a square about 0 that is twice as wide."""

MOONS_STATE = 1234
"""The chapter's `random_state`, of the moons and of their split: the only seed that it sets."""

Labels = tuple[float, float]


def least_squares_data() -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix A, shape (5, 3), and the right-hand side b, shape (5,), of section 7.

    Examples
    --------
    >>> A, b = least_squares_data()
    >>> A.T @ b
    array([38., 58., 29.])
    """
    A = [[6, 6, 4], [3, 4, 0], [7, 2, 2], [0, 2, 1], [1, 6, 3]]
    return np.array(A, dtype=float), np.arange(1.0, 6.0)


def step_data(
    samples: int = 500, seed: int = 0, labels: Labels = (0, 1)
) -> tuple[np.ndarray, np.ndarray]:
    """Return points on a line and noisy labels of its two halves (chapter, section 8).

    Parameters
    ----------
    samples : int
        The number of points, m, at least 1.
    seed : int
    labels : pair of numbers
        The label left of the middle, 5, and the one from there on; one in ten is the other one.

    Returns
    -------
    x : array, shape (m,)
        Uniform on [0, 10), ascending.
    y : array, shape (m,)

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> x, y = step_data(samples=4, seed=1)
    >>> x.round(2), y
    (array([2.77, 4.2 , 4.31, 4.48]), array([0., 1., 1., 0.]))
    """
    first, second = _pair(labels)
    generator = generator_of(seed, DATA_STREAM)
    x = np.sort(generator.uniform(0, WIDTH, _samples(samples)))
    is_second = (x >= WIDTH / 2) ^ (generator.random(len(x)) < FLIPPED)
    return x, np.where(is_second, second, first)


def half_plane(
    samples: int = 100, seed: int = 0, labels: Labels = (0, 1)
) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a square and, without noise, on which side of its diagonal they lie.

    A line separates the two sides, so that a logistic loss on them has no minimum: it falls for
    ever as the weights grow (chapter, sections 1, 2, 15 and 16).

    Parameters
    ----------
    samples : int
        The number of points, m, at least 1.
    seed : int
    labels : pair of numbers
        The label where x1 < x0, and the one where x1 >= x0.

    Returns
    -------
    X : array, shape (m, 2)
        Uniform on [-3, 3) x [-3, 3).
    y : array, shape (m,)

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> X, y = half_plane(samples=3, seed=1, labels=(-1, 1))
    >>> X.shape, np.array_equal(y == 1, X[:, 1] >= X[:, 0])
    ((3, 2), True)
    """
    first, second = _pair(labels)
    size = (_samples(samples), 2)
    X = generator_of(seed, DATA_STREAM).uniform(-HALF_SIDE, HALF_SIDE, size)
    return X, np.where(X[:, 1] >= X[:, 0], second, first)


@renamed_keyword("random_state", "seed")
def moons(
    samples: int = 1000, noise: float = 0.1, seed: int = MOONS_STATE
) -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's two moons, interleaved arcs that no line separates.

    By default the points of the chapter (sections 3 and 5), number for number.

    Parameters
    ----------
    samples : int
        The number of points, m, at least 2; half are of each class.
    noise : float
        The standard deviation of what is added to each coordinate, at least 0.
    seed : int
        Of scikit-learn's own generator (its `random_state`), and so of none of the streams here;
        the default is the chapter's.

    Returns
    -------
    X : array, shape (m, 2)
    y : array of int, shape (m,)
        0 on the upper moon, 1 on the lower.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> X, y = moons()
    >>> X[0].round(6), y[:6]
    (array([ 0.548245, -0.401217]), array([1, 1, 0, 1, 0, 0]))
    """
    from sklearn.datasets import make_moons

    width = as_float(noise, "noise")
    if width < 0:
        raise ValueError(f"noise: expected at least 0, got {shown(noise)}.")
    state = _sklearn_seed(seed)
    return make_moons(n_samples=_samples(samples, 2), noise=width, random_state=state)


@renamed_keyword("random_state", "seed")
def split(
    X: np.ndarray, y: np.ndarray, test_share: float = 0.3, seed: int = MOONS_STATE
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return X_train, X_test, y_train, y_test: the samples shuffled by scikit-learn and divided.

    Parameters
    ----------
    X, y : array
        Of one length m, at least 2. Rows of pandas' are paired by their index.
    test_share : float
        The part that is kept for testing, between 0 and 1; rounded up to whole samples.
    seed : int
        As in `moons`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> X_train, X_test, y_train, y_test = split(*moons())
    >>> len(X_train), len(X_test), X_train[0].round(6), y_train[0]
    (700, 300, array([0.137761, 0.892734]), np.int64(0))
    """
    from sklearn.model_selection import train_test_split

    samples, labels = _sample_count(X, "X"), _sample_count(y, "y")
    if labels != samples:
        raise ValueError(f"y: expected {samples} labels, one for each sample, got {labels}.")
    if samples < 2:
        raise ValueError(f"X: expected at least 2 samples, got {samples}.")
    rows = align_rows({"X": X, "y": y})
    share = as_float(test_share, "test_share")
    if not 0 < share < 1:
        raise ValueError(f"test_share: expected a number between 0 and 1, got {shown(test_share)}.")
    state = _sklearn_seed(seed)
    return tuple(train_test_split(rows["X"], rows["y"], test_size=share, random_state=state))


def _sample_count(values: object, name: str) -> int:
    """Return the number of samples, whatever a sample is."""
    # An indexed letter of SymPy's raises where it is asked for its shape.
    if isinstance(values, str | bytes | Basic) or not getattr(values, "shape", True):
        raise TypeError(f"{name}: expected an array of samples, got {shown(values)}.")
    if not isinstance(values, Sequence | np.ndarray) and not is_indexed(values):
        raise TypeError(f"{name}: expected an array of samples, got {shown(values)}.")
    return length(values)  # type: ignore[arg-type]  # pandas' have one


def initial_weights(n: int, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    """Return n normal draws of mean 0 and standard deviation `scale`, from where a run may start.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> initial_weights(3, scale=20, seed=0).shape
    (3,)
    """
    size, width = affordable(whole(n, "n", 1), "n"), as_float(scale, "scale")
    if width < 0:
        raise ValueError(f"scale: expected at least 0, got {shown(scale)}.")
    return width * generator_of(seed, WEIGHTS_STREAM).standard_normal(size)


def _sklearn_seed(value: object) -> int:
    """Return a seed of scikit-learn's, which has 32 bits."""
    state = whole(value, "seed", 0)
    if state >= 2**32:
        raise ValueError(f"seed: expected less than 2**32, got {shown(value)}.")
    return state


def _samples(value: object, least: int = 1) -> int:
    """Return how many samples to draw, or refuse more than fit into memory."""
    return affordable(whole(value, "samples", least), "samples")


def _pair(labels: object) -> Labels:
    """Return two different numbers, or say what is wrong with them."""
    if not isinstance(labels, tuple | list) or len(labels) != 2:
        raise TypeError(f"labels: expected a pair such as (0, 1) or (-1, 1), got {shown(labels)}.")
    first, second = (as_float(label, "labels") for label in labels)
    if first == second:
        raise ValueError(f"labels: expected two different numbers, got {shown(labels)}.")
    return first, second


def benchmark_table() -> str:
    """Return the table of the last published run of the benchmarks, as Markdown.

    It names the machine and says whether that was idle; nothing in it is typed. `python -m
    benchmarks --publish` makes it from `benchmarks/results.json`.

    Examples
    --------
    >>> benchmark_table().splitlines()[0].startswith("One run on ")
    True
    """
    return (folder("benchmarks") / "results.md").read_text(encoding="utf-8")
