"""One-hot encoding: for each label a row of zeros with a single one."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set, Sized
from numbers import Number
from typing import Any

import numpy as np

from symlab.algebra.arrays import MOST_LISTED, check_masks, is_table, real_array
from symlab.checks import flag, length, nearest, several, shown, whole

MOST_ENTRIES = 2**30
"""Numbers in the rows at most, 8 GB."""

Rows = np.ndarray
MISSING = ("NoneType", "NAType", "NaTType")


def one_hot(
    labels: Any,
    classes: int | Sequence[Hashable] | None = None,
    *,
    return_classes: bool | None = None,
) -> Any:
    """Return a row for each label, with a one in the column of its class.

    Labels that are numbers of classes, counted from 0, give the rows alone. Other labels, such as
    texts, give a pair: the rows, and the classes in the order of the columns.

    Parameters
    ----------
    labels : array, list, Series or Categorical, shape (n,)
        Whole numbers from 0 on; or texts, or other hashable labels.
    classes : int or sequence of labels, optional
        For numbers, the number of columns; one more than the largest when left out. Or the labels
        that the columns stand for, in their order, so that a test set gets the columns of its
        training set. When left out, classes are sorted; those of a pandas Categorical keep their
        order.
    return_classes : bool, optional
        Whether the classes are returned beside the rows. When left out, they are returned for
        labels that are not numbers, unless `classes` is a list of them.

    Returns
    -------
    rows : array of float64, shape (n, number of classes)
    classes : array, shape (number of classes,)
        Returned as said above; `classes[rows.argmax(axis=1)]` are the labels again.

    Raises
    ------
    TypeError
        If the labels are neither numbers nor texts nor other hashable labels.
    ValueError
        If a label is missing, is a negative number or a fraction, or is not among the classes; or
        if there are too many classes for memory.

    Examples
    --------
    >>> one_hot([1, 0])
    array([[0., 1.],
           [1., 0.]])
    >>> rows, classes = one_hot(["red", "green", "red"])
    >>> rows, classes
    (array([[0., 1.],
           [1., 0.],
           [0., 1.]]), array(['green', 'red'], dtype='<U5'))
    >>> one_hot(["red"], classes)
    array([[0., 1.]])
    """
    is_named = False
    if isinstance(classes, Sequence | np.ndarray) and not isinstance(classes, str | bytes):
        is_named = True
        rows, found = _encode(_check_entries(labels), _list_classes(classes))
    elif _are_numbers(labels):
        rows = _encode_numbers(labels, classes)
        is_named, found = True, np.arange(rows.shape[1])
    else:
        entries = _check_entries(labels)
        rows, found = _encode(entries, _find_classes(labels, entries))
        _check_count(classes, found)
    wanted = not is_named if return_classes is None else flag(return_classes, "return_classes")
    return (rows, found) if wanted else rows


def _list_classes(classes: Any) -> list[Any]:
    """Return the labels that the columns stand for, from `classes`."""
    if getattr(classes, "ndim", 1) != 1:
        raise TypeError(f"classes: expected a number or a list of labels, got {shown(classes)}.")
    # An array is listed entry by entry, because its own list would turn dates into integers.
    return _to_python(
        classes if isinstance(classes, np.ndarray) else several(classes, "classes", "")
    )


def _are_numbers(labels: Any) -> bool:
    """Return whether labels are numbers of classes, and not names."""
    dtype = getattr(labels, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return dtype.kind in "buifc"
    if dtype is not None and hasattr(dtype, "categories"):
        return False
    return all(isinstance(label, Number | np.bool_) for label in _as_list(labels))


def _encode_numbers(labels: Any, classes: Any) -> Rows:
    numbers = real_array(labels, "labels")
    if numbers.ndim != 1 or not len(numbers) or np.any(np.floor(numbers) != numbers):
        raise ValueError(f"labels: expected whole numbers, shape (n,), got {shown(labels)}.")
    least, most = int(numbers.min()), int(numbers.max())
    columns = max(most, 0) + 1 if classes is None else whole(classes, "classes", 1)
    if least < 0 or most >= columns:
        names = "; one_hot(labels, [-1, 1]) names the classes" if least < 0 else ""
        raise ValueError(
            f"labels: expected numbers from 0 to {columns - 1:.9g}, got {least:.9g} to {most:.9g}"
            f"{names}."
        )
    return _one_hot_rows(numbers.astype(np.int64), columns)


def _one_hot_rows(places: np.ndarray, columns: int) -> Rows:
    if len(places) * columns > MOST_ENTRIES:
        raise ValueError(
            f"labels: {len(places)} rows of {shown(columns)} classes are too many; "
            "np.unique(labels, return_inverse=True) counts the classes that occur."
        )
    rows = np.zeros((len(places), columns))
    rows[np.arange(len(places)), places] = 1
    return rows


def _check_entries(labels: Any) -> list[Any]:
    """Return labels as a list, having checked that none is missing."""
    check_masks(labels, "labels")
    entries = _as_list(labels)
    if not entries:
        raise ValueError("labels: expected at least one, got none.")
    for row, label in enumerate(entries):
        if type(label).__name__ in MISSING or (isinstance(label, float) and label != label):
            raise ValueError(f"labels: expected a label everywhere, got {label} in row {row}.")
        if isinstance(label, complex):
            raise TypeError(f"labels: expected real numbers or names, got {label} in row {row}.")
    return entries


def _as_list(labels: Any) -> list[Any]:
    is_one = isinstance(labels, str | bytes | Mapping | Set) or is_table(labels)
    is_list = isinstance(labels, Iterable) and isinstance(labels, Sized)
    if is_one or not is_list or getattr(labels, "ndim", 1) != 1:
        raise TypeError(f"labels: expected labels of shape (n,), got {shown(labels)}.")
    if length(labels) > MOST_LISTED:
        raise ValueError(f"labels: expected at most {MOST_LISTED}, got {shown(labels)}.")
    return _to_python(labels)


def _to_python(labels: Iterable[Any]) -> list[Any]:
    """Return labels as a list, with Python's texts and numbers instead of NumPy's."""
    return [label.item() if isinstance(label, np.str_ | np.number) else label for label in labels]


def _find_classes(labels: Any, entries: list[Any]) -> list[Any]:
    """Return the classes that labels have: in the order of their categories, or sorted."""
    dtype: Any = getattr(labels, "dtype", None)
    if hasattr(dtype, "categories"):
        return _to_python(dtype.categories)
    different = list(_number_labels(entries, "labels"))
    try:
        return sorted(different)
    except TypeError:  # texts beside numbers have no order but that in which they came
        return different


def _number_labels(labels: Iterable[Any], name: str) -> dict[Any, int]:
    """Return the column of each different label."""
    table: dict[Any, int] = {}
    for label in labels:
        try:
            table.setdefault(label, len(table))
        except TypeError:
            raise TypeError(f"{name}: expected labels, got {shown(label)}.") from None
    return table


def _encode(entries: list[Any], named: list[Any]) -> tuple[Rows, np.ndarray]:
    table = _number_labels(named, "classes")
    if not named or len(table) < len(named):
        raise ValueError(f"classes: expected different labels, got {shown(named)}.")
    _number_labels(entries, "labels")
    if strange := next(((i, each) for i, each in enumerate(entries) if each not in table), ()):
        row, label = strange
        raise ValueError(
            f"labels: {shown(label)} in row {row} is no class{nearest(label, _texts(named))} "
            f"The classes: {shown(named)}."
        )
    return _one_hot_rows(np.array([table[label] for label in entries]), len(named)), _to_array(
        named
    )


def _texts(labels: list[Any]) -> list[str]:
    return [label for label in labels if isinstance(label, str)]


def _to_array(labels: list[Any]) -> np.ndarray:
    """Return labels as an array that indices may be put into; mixed ones keep their types."""
    if len(set(map(type, labels))) == 1 and isinstance(labels[0], str | int | float):
        return np.array(labels)
    array = np.empty(len(labels), dtype=object)
    for i, label in enumerate(labels):
        array[i] = label
    return array


def _check_count(classes: object, found: np.ndarray) -> None:
    if classes is not None and whole(classes, "classes", 1) != len(found):
        raise ValueError(
            f"classes: the labels have {len(found)}, {shown(found.tolist())}, and not "
            f"{shown(classes)}; classes=[...] names the columns."
        )
