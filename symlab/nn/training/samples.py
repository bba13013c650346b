"""What a model may be given: samples and targets, checked at the door and made rows of floats."""

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.algebra.row_labels import align_rows
from symlab.checks import shown
from symlab.nn.losses import Loss
from symlab.nn.network import flat
from symlab.nn.tensor import Shape
from symlab.nn.training.loop import Samples


def rows_of(values: object, shape: Shape, name: str) -> np.ndarray:
    """Return samples as rows of floats, shape (n, numbers in a sample).

    Parameters
    ----------
    values : array, shape (n, *shape)
        Where a sample is one number, (n,) will do.
    shape : tuple of int
        Of one sample.
    name : str
        What the argument is called.

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
    return np.ascontiguousarray(array.reshape(len(array), flat(shape)))


def samples_of(
    x: object,
    y: object,
    shapes: tuple[Shape, Shape],
    loss: Loss,
    names: tuple[str, str] = ("x", "y"),
) -> Samples:
    """Return inputs and targets as rows, having asked of the targets what the loss needs.

    Tables and Series are paired by their row labels (`symlab.algebra.row_labels.align_rows`).
    Messages call the two by `names`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    samples, name = names
    rows = align_rows({samples: x, name: y})
    inputs, given = rows_of(rows[samples], shapes[0], samples), real_array(rows[name], name)
    _check_one_hot(given, shapes[1], loss, name)
    targets = rows_of(given, shapes[1], name)
    if len(inputs) != len(targets):
        raise ValueError(
            f"{name}: expected {len(inputs)} targets, one per sample, got {len(targets)}."
        )
    _check_labels(targets, loss, name)
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
    test, wanted = allowed[loss.labels]
    if not (right := test(targets)).all():
        raise ValueError(f"{name}: {loss.name} expects {wanted}, got {targets[~right][0]}.")
    sums = targets.sum(axis=1)
    if loss.labels == "shares" and not np.allclose(sums, 1):
        worst = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(
            f"{name}: {loss.name} expects rows of probabilities with sum 1, but row {worst} has "
            f"{sums[worst]}."
        )


def held_back(samples: Samples, share: object) -> tuple[Samples, Samples | None]:
    """Return the samples to train on and the last ones, a share held back, if it is not 0.

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
    return (
        Samples(samples.inputs[:kept], samples.targets[:kept]),
        Samples(samples.inputs[kept:], samples.targets[kept:]),
    )
