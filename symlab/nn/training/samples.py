"""Samples and targets, checked when they come in and kept as rows of floats."""

from dataclasses import dataclass

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.algebra.row_labels import align_rows
from symlab.checks import shown
from symlab.nn.losses import Loss
from symlab.nn.network import Network
from symlab.nn.tensor import Shape


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and targets, a row per sample.

    Parameters
    ----------
    inputs : array, shape (n, numbers in an input)
    targets : array, shape (n, numbers in an output)
    """

    inputs: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: slice | np.ndarray) -> "Samples":
        """Return some of the samples."""
        return Samples(self.inputs[rows], self.targets[rows])


def as_rows(values: object, shape: Shape, name: str) -> np.ndarray:
    """Return samples as rows of floats, shape (n, numbers in a sample).

    Parameters
    ----------
    values : array, shape (n, *shape)
        Where a sample is one number, (n,) will do.
    shape : tuple of int
        The shape of one sample.
    name : str
        What messages call the argument.

    Raises
    ------
    TypeError
        If they are no numbers.
    ValueError
        If there are none, if the shape is another, or a number is not finite.
    """
    array = real_array(values, name)
    if not array.ndim:
        raise ValueError(f"{name}: expected an array of samples, got the number {array}.")
    if array.shape[1:] != shape and not (array.ndim == 1 and shape == (1,)):
        expected = ", ".join(("n", *map(str, shape)))
        raise ValueError(f"{name}: expected the shape ({expected}), got {array.shape}.")
    if not len(array):
        raise ValueError(f"{name}: expected at least one sample, got none.")
    return np.ascontiguousarray(array.reshape(len(array), -1))


def as_samples(
    x: object, y: object, network: Network, loss: Loss, names: tuple[str, str] = ("x", "y")
) -> Samples:
    """Return inputs and targets as rows, having checked that the loss allows the targets.

    Tables and Series are paired by their row labels (`symlab.algebra.row_labels.align_rows`).
    Messages call the two by `names`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    name_x, name_y = names
    rows = align_rows({name_x: x, name_y: y})
    inputs, given = (
        as_rows(rows[name_x], network.shapes[0], name_x),
        real_array(rows[name_y], name_y),
    )
    _check_one_hot(given, network.shapes[-1], loss, name_y)
    targets = as_rows(given, network.shapes[-1], name_y)
    if len(inputs) != len(targets):
        raise ValueError(
            f"{name_y}: expected {len(inputs)} targets, one per sample, got {len(targets)}."
        )
    _check_labels(targets, loss, name_y)
    return Samples(inputs, targets)


def _check_one_hot(y: np.ndarray, shape: Shape, loss: Loss, name: str) -> None:
    if loss.labels == "shares" and y.ndim == 1:
        raise ValueError(
            f"{name}: {loss.name} expects one row per sample, shape (n, {shape[0]}), got labels of "
            f"shape {y.shape}; nn.one_hot(y, {shape[0]}) makes such rows."
        )


def _check_labels(targets: np.ndarray, loss: Loss, name: str) -> None:
    allowed = {
        "numbers": (lambda y: np.full(y.shape, fill_value=True), ""),
        "signs": (lambda y: np.abs(y) == 1, "-1 or 1"),
        "probabilities": (lambda y: (y >= 0) & (y <= 1), "0, 1 or between"),
        "shares": (lambda y: (y >= 0) & (y <= 1), "rows of probabilities"),
    }
    is_allowed, expected = allowed[loss.labels]
    if not (right := is_allowed(targets)).all():
        raise ValueError(f"{name}: {loss.name} expects {expected}, got {targets[~right][0]}.")
    sums = targets.sum(axis=1)
    if loss.labels == "shares" and not np.allclose(sums, 1):
        worst = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(
            f"{name}: {loss.name} expects rows of probabilities with sum 1, but row {worst} has "
            f"{sums[worst]}."
        )


def split_samples(samples: Samples, share: object) -> tuple[Samples, Samples | None]:
    """Return the samples to train on, and the last ones, a share of all, to validate with.

    Raises
    ------
    TypeError, ValueError
        If the share is no number in [0, 1), or leaves nothing on one side.
    """
    if isinstance(share, bool) or not isinstance(share, int | float | np.floating):
        raise TypeError(f"validation_split: expected a number in [0, 1), got {shown(share)}.")
    if not 0 <= share < 1:
        raise ValueError(f"validation_split: must lie in [0, 1), got {shown(share)}.")
    if not share:
        return samples, None
    # Rounded before it is cut, because 10 * (1 - 0.9) is a little less than 1 in floats.
    kept = int(round(float(len(samples) * (1 - share)), 9))
    if not 0 < kept < len(samples):
        raise ValueError(
            f"validation_split: {share} of {len(samples)} samples leaves nothing on one side."
        )
    return samples[:kept], samples[kept:]
