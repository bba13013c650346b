"""The steps that searches tried on the way, as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def frame_of_trials(
    variables: Sequence[str], tried: np.ndarray, k: np.ndarray, step_sizes: np.ndarray
) -> "pd.DataFrame":
    """Return a row for each trial: k of the step, step_size, the variables, value, and taken.

    Parameters
    ----------
    variables : sequence of n str
    tried : array, shape (T, 3 + n)
        Of each trial k, its length, the value, and the point.
    k, step_sizes : arrays, shape (K + 1,)
        Of the recorded rows of the run, those of every k in `tried` among them.
    """
    import pandas as pd  # here, because most runs are never asked for a frame

    columns = tried.T if len(tried) else np.empty((3 + len(variables), 0))
    found = dict(zip(("k", "step_size", "value", *variables), columns, strict=True))
    taken = found["step_size"] == step_sizes[np.searchsorted(k, found["k"])]
    shown = {name: found[name] for name in ("step_size", *variables, "value")}
    return pd.DataFrame({"k": found["k"].astype(np.int64), **shown, "taken": taken})
