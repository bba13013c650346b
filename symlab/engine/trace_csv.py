"""Traces from CSV: the frame of a trace read back, to the last bit of every number."""

from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from symlab.checks import shown
from symlab.engine.schema import Wholes

if TYPE_CHECKING:
    import pandas as pd

VALUES = {"objective": "value", "batch": "batch_value"}
"""What the column of values is called, by what they are of: the objective, or each step's batch."""

FIRST, LAST = "k", ("gradient_norm", "step_size", "evaluations")
"""The other columns of a trace's frame: the variables and the values stand between them."""

TAKEN = (FIRST, *VALUES.values(), *LAST)
"""Names that no variable may have."""


def check_names(names: tuple[str, ...]) -> None:
    """Refuse variables of one name, or of the name of another column."""
    if len(set(names)) < len(names) or set(names) & set(TAKEN):
        raise ValueError(
            f"variables: expected different names, none of {', '.join(TAKEN)}, got {shown(names)}."
        )


def _numbers(texts: np.ndarray) -> np.ndarray:
    """Return a column of CSV as floats; NaN is written as nothing."""
    return np.where(texts == "", "nan", texts).astype(float)


def _frame_of(text: str) -> "pd.DataFrame":
    """Return the columns of a CSV file, by the names in its first line."""
    import pandas as pd

    try:
        # As text, because not every pandas reads a float back to its last bit; and without a
        # header, because pandas renames columns of one name.
        rows = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False, header=None)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise ValueError("expected rows of one length, with commas between numbers") from None
    return rows[1:].set_axis(rows.iloc[0].tolist(), axis=1)


def fields_of(text: str) -> dict[str, Any]:
    """Return the fields of a trace from the text of a CSV file, which does not hold them all.

    Raises
    ------
    ValueError
        If the text is no frame of a trace.
    """
    frame = _frame_of(text)
    names = tuple(str(name) for name in frame.columns)
    record = "objective" if VALUES["objective"] in names[-4:-3] else "batch"
    if (names[:1], names[-4:]) != ((FIRST,), (VALUES[record], *LAST)):
        raise ValueError(f"expected the columns k, variables, value, {', '.join(LAST)}")
    texts = [frame.iloc[:, i].to_numpy(dtype=object) for i in range(len(names))]
    k, evaluations = (column.astype(np.int64) for column in (texts[0], texts[-1]))
    *iterates, values, norms, sizes = (_numbers(column) for column in texts[1:-1])
    return {
        "variables": names[1:-4],
        "iterates": np.column_stack(iterates) if iterates else np.empty((0, 0)),
        "values": values,
        "gradient_norms": norms,
        "step_sizes": sizes,
        "evaluations": Wholes().read(evaluations, "evaluations"),
        "k": Wholes().read(k, "k"),
        "status": "stopped",
        "message": "Read from a CSV file, which does not say how the run ended.",
        "backend": "an unknown backend",
        "method": "an unknown method",
        "record": record,
    }
