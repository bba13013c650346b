"""Columns whose rows have labels, as those of pandas do: all are brought into one order."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symlab.algebra.arrays import NAMED, is_indexed


def align_rows(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with their rows in one order, that of the first which has row labels.

    Series and tables of pandas know their rows by labels. What has the same labels in another order
    is brought into the first one's; plain arrays are taken in the order they have.

    Parameters
    ----------
    given : mapping of str to column
        By the name of the argument; at least one.

    Raises
    ------
    ValueError
        If the labels differ, or if rows would have to be moved while a plain array has no labels
        to move by.

    Examples
    --------
    >>> align_rows({"x": [1, 2], "y": [3, 4]})
    {'x': [1, 2], 'y': [3, 4]}
    """
    labelled = {name: values for name, values in given.items() if is_indexed(values)}
    if len(labelled) < 2:
        return dict(given)
    first, *others = labelled
    index = labelled[first].index
    moved = dict(given)
    for other in others:
        if len(labelled[other]) == len(index) and not labelled[other].index.equals(index):
            moved[other] = _reorder(labelled[other], index, (other, first))
            if plain := [name for name in given if name not in labelled]:
                raise ValueError(
                    f"{other[:NAMED]}: its index is in another order than that of {first[:NAMED]}, "
                    f"and {plain[0][:NAMED]} has none to say in which; give it one too."
                )
    return moved


def _reorder(values: Any, index: Any, names: tuple[str, str]) -> Any:
    mine = values.index
    places = mine.get_indexer(index) if mine.is_unique and index.is_unique else np.array([-1])
    if (places < 0).any():
        raise ValueError(
            f"{names[0][:NAMED]}: its index differs from that of {names[1][:NAMED]}; take the rows "
            "both have, or .reset_index(drop=True) on both if rows belong together as they stand."
        )
    return values.iloc[places]
