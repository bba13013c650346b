"""Arrays that users give, checked and converted to float64.

Whatever is exactly an array of float64 is converted: numbers and booleans in lists, arrays, Series
and tables, in columns of dtype object, in pandas' nullable dtypes and in categories. What would
have to be guessed is refused in one line, which names the argument, the row, and the code that
makes it explicit.
"""

import warnings
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Float, Integer, Rational

from symlab.checks import length, shown

MOST_ENTRIES = 2**32
"""Numbers in an array at most: 32 GiB of float64."""

MOST_LISTED = 10**8
"""Entries of a list at most, since each is a Python object."""

MOST_NESTED = 32
"""Lists within lists at most; NumPy has 64 axes, and models and risks need a handful."""

NAMED = 60
"""Characters of an argument's name in a message."""

Place = tuple[int, ...]

MISSING = ("NoneType", "NAType", "NaTType")


def real_array(
    values: object, name: str, *, finite: bool = True, rounds: bool = False
) -> np.ndarray:
    """Return values as an array of float64, or refuse them by name.

    Parameters
    ----------
    values : array, sequence, Series, DataFrame or number
        Real numbers or booleans. Python's, NumPy's and SymPy's numbers, `Fraction` and `Decimal`
        may stand in a column of dtype object; nullable columns and categories of numbers are read
        where nothing is missing. Narrower and wider floats are rounded to the nearest float64.
    name : str
        What the argument is called.
    finite : bool
        Whether NaN and infinities are refused.
    rounds : bool
        Whether whole numbers and fractions that are no float64 are rounded to the nearest one, and
        not refused.

    Returns
    -------
    array of float64
        Of the same shape. It may be the array that was given, so copy it before changing it.

    Raises
    ------
    TypeError
        For complex numbers, dates, durations, text, bytes, records, and objects that are no
        numbers.
    ValueError
        For masked and missing values, NaN and infinities, numbers beyond float64 or between two of
        them, and rows of different lengths.

    Examples
    --------
    >>> real_array(np.array([1, True, 0.5], dtype=object), "x")
    array([1. , 1. , 0.5])
    >>> real_array(["1", "2"], "x")
    Traceback (most recent call last):
        ...
    TypeError: x: expected real numbers, got text in row 0: '1'; .astype(float) reads digits.
    """
    label = name if len(name) <= NAMED else f"{name[: NAMED - 3]}..."
    if type(values) is not np.ndarray or values.dtype != np.float64:  # what comes most needs least
        values = _convert(_as_array(values, label), label, rounds=rounds)
    if finite and not (good := np.isfinite(values)).all():
        place = _first_place(~good)
        raise ValueError(
            f"{label}: expected finite numbers, got {values[place]}{_name_place(place)}."
        )
    return values


def _as_array(values: Any, name: str) -> np.ndarray:
    """Return values as an array of whatever dtype, with nothing masked or missing."""
    if is_table(values):
        return _stack_columns(values, name)
    if is_indexed(values) or _is_extension(values):
        return _read_column(values, name)
    check_masks(values, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the result is checked instead
            array = np.asarray(values)
    except Exception:  # whatever the conversion of a foreign object may raise
        raise ValueError(
            f"{name}: expected an array of numbers, with rows of one length, got {shown(values)}."
        ) from None
    if array.size > MOST_ENTRIES:
        raise ValueError(f"{name}: {array.size:.0e} numbers are more than {MOST_ENTRIES:.0e}.")
    return array


def is_table(values: object) -> bool:
    """Return whether these are the columns of a pandas DataFrame, or of something like one."""
    return hasattr(values, "columns") and hasattr(values, "iloc")


def is_indexed(values: object) -> bool:
    """Return whether these are a pandas Series or DataFrame, whose rows have labels."""
    return hasattr(values, "iloc") and hasattr(values, "index")


def _is_extension(values: object) -> bool:
    """Whether these are an array or an index of pandas', of a dtype that NumPy may not know."""
    return hasattr(values, "isna") and hasattr(values, "dtype") and hasattr(values, "to_numpy")


def _stack_columns(table: Any, name: str) -> np.ndarray:
    names = list(table.columns)
    if not names:
        raise ValueError(f"{name}: expected columns of numbers, got a table that has none.")
    columns = [
        _convert(_read_column(table.iloc[:, i], label), label, rounds=False)
        for i, label in enumerate(f"{name}, column {shown(each)}" for each in names)
    ]
    return np.column_stack(columns)


def _read_column(values: Any, name: str) -> np.ndarray:
    """Return a pandas column as a plain array; refuse missing values."""
    kind = str(values.dtype)
    if not isinstance(values.dtype, np.dtype) and "Sparse" not in kind:
        _check_present(np.asarray(values.isna(), dtype=bool), name)
        if kind.startswith(("datetime64", "period")):  # with a time zone NumPy sees objects
            raise _type_error(name, "dates", "")
        if kind == "category":
            return np.asarray(values.astype(values.dtype.categories.dtype))
    return np.asarray(values)


def _check_present(missing: np.ndarray, name: str) -> None:
    if missing.any():
        raise _missing_error(name, _first_place(missing))


def _missing_error(name: str, place: Place) -> ValueError:
    return ValueError(
        f"{name}: expected a number everywhere, got a missing one{_name_place(place)}; "
        "leave such rows out (.dropna()) or fill them (.fillna(0))."
    )


def check_masks(values: Any, name: str) -> None:
    """Refuse masked values, in lists too, where NumPy would read what lies below the mask."""
    for place, part in _walk_parts(values, (), name):
        if isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part):
            inside = _first_place(np.atleast_1d(np.ma.getmaskarray(part)))
            where = place + (inside if part.ndim else ())
            raise ValueError(
                f"{name}: expected no masked values, got one{_name_place(where or inside)}; "
                "leave such rows out or fill them (.filled(0))."
            )


def _walk_parts(values: Any, place: Place, name: str) -> Iterator[tuple[Place, Any]]:
    """Yield what is no list, of lists within lists; of a list of numbers nothing."""
    if not isinstance(values, list | tuple | range):
        yield place, values
        return
    if length(values) > MOST_LISTED or len(place) > MOST_NESTED:
        raise ValueError(f"{name}: expected an array, got a list that is too long or too deep.")
    if isinstance(values, range) or set(map(type, values)) <= {int, float, bool}:
        return
    for i, part in enumerate(values):
        yield from _walk_parts(part, (*place, i), name)


def _convert(array: np.ndarray, name: str, *, rounds: bool) -> np.ndarray:
    kind = array.dtype.kind
    if kind == "O":
        return _convert_objects(array, name, rounds=rounds)
    if kind not in "buif":
        raise _kind_error(array, name)
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float64)
    beyond = np.isinf(numbers) & np.isfinite(array) if kind == "f" else np.zeros(1, dtype=bool)
    if beyond.any():
        raise _range_error(name, array[_first_place(beyond)], _first_place(beyond))
    if kind in "iu" and array.dtype.itemsize == 8 and not rounds:
        _check_whole(array, numbers, name)
    return numbers


def _check_whole(array: np.ndarray, numbers: np.ndarray, name: str) -> None:
    """Refuse integers that lie between two floats; compared as integers, which are exact."""
    for place in map(tuple, np.argwhere(np.abs(numbers) >= 2.0**53)):
        if int(array[place]) != int(numbers[place]):
            raise _precision_error(name, int(array[place]), place)


def _convert_objects(array: np.ndarray, name: str, *, rounds: bool) -> np.ndarray:
    if set(map(type, array.ravel().tolist())) <= {float, bool}:
        return array.astype(np.float64)
    numbers = np.empty(array.shape)
    for place, value in np.ndenumerate(array):
        numbers[place] = _convert_object(value, place, name, rounds=rounds)
    return numbers


def _convert_object(value: object, place: Place, name: str, *, rounds: bool) -> float:
    if not _is_real(value):
        raise _object_error(value, place, name)
    try:
        nearest = float(value)  # type: ignore[arg-type]  # which is a number
    except (OverflowError, ValueError):  # a signalling NaN of Decimal has no float
        raise _range_error(name, value, place) from None
    if np.isinf(nearest) and not _is_infinite(value):
        raise _range_error(name, value, place)
    if not rounds and _differs(value, nearest):
        raise _precision_error(name, value, place)
    return nearest


def _is_real(value: object) -> bool:
    """Whether an object is a real number; NumPy counts durations among the integers."""
    if isinstance(value, Expr):
        return bool(value.is_number and value.is_extended_real)
    kinds = bool | int | float | np.bool_ | np.integer | np.floating | Fraction | Decimal
    return isinstance(value, kinds) and not isinstance(value, np.timedelta64)


def _is_infinite(value: Any) -> bool:
    if isinstance(value, Expr):
        return value.is_infinite is True
    return isinstance(value, float | np.floating | Decimal) and value in (
        float("inf"),
        float("-inf"),
    )


def _differs(value: Any, nearest: float) -> bool:
    """Whether an exact number is not the float nearest to it."""
    if isinstance(value, bool | np.bool_ | float | np.floating | Float) or not np.isfinite(nearest):
        return False
    if isinstance(value, Expr):
        return not (isinstance(value, Rational) and value == Rational(*nearest.as_integer_ratio()))
    if isinstance(value, np.integer):
        value = int(value)
    return bool(value != (int(nearest) if isinstance(value, int) else Fraction(nearest)))


def _object_error(value: Any, place: Place, name: str) -> Exception:
    """Why an object is no real number."""
    if place and type(value).__name__ in MISSING:
        return _missing_error(name, place)
    if hasattr(value, "toarray"):
        return TypeError(f"{name}: expected an array, got a sparse one; .toarray() makes it dense.")
    for what, kinds in OBJECTS.items():
        if isinstance(value, kinds):
            return _type_error(
                name, what, _name_place(place), value if what in ("text", "bytes") else None
            )
    return TypeError(f"{name}: expected real numbers, got {shown(value)}{_name_place(place)}.")


OBJECTS = {
    "durations": (timedelta, np.timedelta64),
    "dates": (date, time, np.datetime64),
    "text": (str,),
    "bytes": (bytes, bytearray),
    "complex numbers": (complex, np.complexfloating),
}
"""What may stand in a column of dtype object and is no real number."""

KINDS = {
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "U": "text",
    "T": "text",
    "S": "bytes",
    "V": "records",
}
"""What NumPy's dtypes hold that is no real number."""


def _kind_error(array: np.ndarray, name: str) -> TypeError:
    what = KINDS.get(array.dtype.kind, f"dtype {array.dtype}")
    if array.dtype.names:
        field = shown(array.dtype.names[0])
        return TypeError(
            f"{name}: expected real numbers, got records of named fields; take one, x[{field}]."
        )
    if array.dtype.kind not in "UTS" or not array.size:
        return _type_error(name, what, "")
    # In a list of numbers and texts NumPy makes all of them text; the first that is none is meant.
    texts = array.ravel().tolist()
    flat = next((i for i, text in enumerate(texts) if not _is_digits(text)), 0)
    place = tuple(map(int, np.unravel_index(flat, array.shape)))
    return _type_error(name, what, _name_place(place), texts[flat])


def _type_error(name: str, what: str, where: str, value: object = None) -> TypeError:
    remedy = {
        "complex numbers": "take .real, .imag or abs()",
        "dates": "count them, as .dt.dayofyear or (x - x[0]) / np.timedelta64(1, 'D') do",
        "durations": "divide by a unit, as x / np.timedelta64(1, 's') or .dt.total_seconds() do",
        "text": "np.unique(x, return_inverse=True) or pd.get_dummies(x) numbers classes",
        "bytes": "np.frombuffer(x, dtype=...) or .astype(float) says what they stand for",
        "records": "take one field",
    }.get(what, ".astype(float) converts what can be")
    if what == "text" and _is_digits(value):
        remedy = ".astype(float) reads digits"
    seen = f": {shown(_as_python(value))[:30]}" if value is not None else ""
    return TypeError(f"{name}: expected real numbers, got {what}{where}{seen}; {remedy}.")


def _as_python(value: object) -> object:
    """NumPy's texts as Python's, which are shown without the name of their type."""
    return value.item() if isinstance(value, np.generic) else value


def _is_digits(text: object) -> bool:
    try:
        float(text)  # type: ignore[arg-type]  # that is what is tried
    except (TypeError, ValueError):
        return False
    return True


def _range_error(name: str, value: object, place: Place) -> ValueError:
    return ValueError(
        f"{name}: expected numbers within float64, "
        f"got {_show_number(value)}{_name_place(place)}; divide by a larger unit."
    )


def _precision_error(name: str, value: object, place: Place) -> ValueError:
    return ValueError(
        f"{name}: expected numbers that float64 holds, "
        f"got {_show_number(value)}{_name_place(place)}, "
        "which it would round; .astype(float) rounds."
    )


def _show_number(value: object) -> str:
    """A number in a message; Python refuses to write out an integer of over 4300 digits."""
    if isinstance(value, int | Integer) and int(value).bit_length() > 200:
        return f"an integer of {int(value).bit_length()} bits"
    return shown(value)[:40]


def _first_place(marks: np.ndarray) -> Place:
    return tuple(int(i) for i in np.argwhere(marks)[0])


def _name_place(place: Place) -> str:
    if not place:
        return ""
    return f" in row {place[0]}" if len(place) == 1 else f" at {place}"
