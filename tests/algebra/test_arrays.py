"""The one check of arrays: what is read, what is refused, and how rows of pandas are paired."""

import datetime
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sympy as sp

import symlab as sl
from symlab.algebra.arrays import real_array
from symlab.algebra.row_labels import align_rows

LONG = "column " * 40

REFUSED = {
    "complex": (np.array([1j]), TypeError, "complex numbers; take .real"),
    "a complex in a list": ([1, 2j], TypeError, "complex numbers"),
    "masked": (np.ma.masked_array([1.0, 2], [0, 1]), ValueError, "masked values, got one in row 1"),
    "masked in a list": ([1.0, np.ma.masked], ValueError, "masked values, got one in row 1"),
    "masked rows": ([np.ma.masked_array([1, 2], [0, 1])], ValueError, r"got one at \(0, 1\)"),
    "dates": (np.array(["2020-01-01"], dtype="M8[D]"), TypeError, r"dates; count them, as \.dt"),
    "dates with a zone": (pd.Series(pd.to_datetime(["2020"], utc=True)), TypeError, "dates"),
    "months": (pd.Series(pd.period_range("2020", periods=2, freq="M")), TypeError, "dates"),
    "a date": ([datetime.date(2020, 1, 1)], TypeError, "dates in row 0"),
    "durations": (np.array([1], dtype="m8[s]"), TypeError, "durations; divide by a unit"),
    "a duration": (np.array([np.timedelta64(1, "s"), 1], dtype=object), TypeError, "durations"),
    "digits as text": (["1", "2"], TypeError, r"text in row 0: '1'; \.astype\(float\) reads"),
    "text among numbers": ([1, "red"], TypeError, r"row 1: 'red'; np.unique\(.*pd.get_dummies"),
    "text in an object": (np.array([1, "red"], dtype=object), TypeError, "text in row 1: 'red'"),
    "a text": ("1 2 3", TypeError, "got text"),
    "pandas' text": (pd.Series(["a"], dtype="string"), TypeError, "text in row 0"),
    "categories of text": (pd.Series(["a"], dtype="category"), TypeError, "text in row 0"),
    "bytes": ([b"1"], TypeError, "bytes in row 0"),
    "records": (np.zeros(2, dtype=[("a", float)]), TypeError, r"take one, x\['a'\]"),
    "a dictionary": ({"a": 1}, TypeError, "expected real numbers"),
    "dictionaries": ([{}, {}], TypeError, r"got \{\} in row 0"),
    "none": (None, TypeError, "got None"),
    "none inside": ([1, None], ValueError, r"missing one in row 1.*\.dropna"),
    "NA": (pd.Series([1, None], dtype="Int64"), ValueError, "missing one in row 1"),
    "NA inside": ([pd.NA, 1], ValueError, "missing one in row 0"),
    "NA among categories": (pd.Series([1, None], dtype="category"), ValueError, "row 1"),
    "NaN": ([[1, np.nan]], ValueError, r"finite numbers, got nan at \(0, 1\)"),
    "infinity": ([1, np.inf], ValueError, "finite numbers, got inf in row 1"),
    "an integer between floats": (
        np.array([1, 2**53 + 1]),
        ValueError,
        "0993 in row 1",
    ),
    "an unsigned one": (np.array([2**64 - 1], dtype=np.uint64), ValueError, "18446744073709551615"),
    "an integer beyond floats": ([2**2000], ValueError, "an integer of 2001 bits in row 0"),
    "a long double beyond": (np.array([np.longdouble("1e4000")]), ValueError, "within float64"),
    "a third": ([Fraction(1, 3)], ValueError, r"which it would round; \.astype\(float\)"),
    "a tenth in decimal": ([Decimal("0.1")], ValueError, "which it would round"),
    "a decimal beyond": ([Decimal("1e999")], ValueError, "within float64"),
    "pi": ([sp.pi], ValueError, "which it would round"),
    "a symbol": ([sp.Symbol("x")], TypeError, "got x in row 0"),
    "rows of two lengths": ([[1, 2], [3]], ValueError, "rows of one length"),
    "a sparse matrix": (scipy.sparse.eye(2), TypeError, r"\.toarray\(\)"),
    "a generator": ((i for i in range(3)), TypeError, "generator"),
    "a range without end": (range(10**12), ValueError, "too long"),
    "a table of text": (pd.DataFrame({LONG: ["x"]}), TypeError, "column 'column"),
    "a table of nothing": (pd.DataFrame(), ValueError, "a table that has none"),
}


@pytest.mark.parametrize("values, error, message", REFUSED.values(), ids=REFUSED)
def test_k14_what_is_no_array_of_numbers_is_refused_in_one_line(values, error, message):
    """By the argument's name, with the row and the way out; and without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=message) as caught:
            real_array(values, "x")
    text = str(caught.value)
    assert text.startswith("x")
    assert len(text) < 200
    assert "\n" not in text


READ = {
    "a list": [1, 0, 1],
    "booleans": [True, False, True],
    "objects": np.array([1, False, sp.Integer(1)], dtype=object),
    "fractions": [Fraction(1), Decimal(0), sp.Rational(1)],
    "small floats": np.array([1, 0, 1], dtype=np.float16),
    "long doubles": np.array([1, 0, 1], dtype=np.longdouble),
    "unsigned": np.array([1, 0, 1], dtype=np.uint8),
    "nullable integers": pd.Series([1, 0, 1], dtype="Int64"),
    "nullable floats": pd.Series([1, 0, 1], dtype="Float32"),
    "nullable booleans": pd.Series([True, False, True], dtype="boolean"),
    "categories": pd.Series([1, 0, 1], dtype="category"),
    "a Categorical": pd.Categorical([1, 0, 1]),
    "an index": pd.Index([1, 0, 1]),
    "sparse": pd.Series([1.0, 0.0, 1.0]).astype("Sparse[float]"),
    "nothing masked": np.ma.masked_array([1, 0, 1], [0, 0, 0]),
    "a tuple of arrays": (np.float64(1), np.int8(0), np.True_),
}


@pytest.mark.parametrize("values", READ.values(), ids=READ)
def test_k14_what_is_exactly_an_array_of_numbers_is_read(values):
    """Whatever dtype the numbers come in."""
    found = real_array(values, "x")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [1.0, 0.0, 1.0])


def test_k14_a_table_of_several_dtypes_is_read_by_columns():
    """Integers, booleans and nullable columns side by side."""
    table = pd.DataFrame({"a": [0.5, 1], "b": [True, False], "c": pd.array([3, 4], dtype="Int64")})
    np.testing.assert_array_equal(real_array(table, "x"), [[0.5, 1, 3], [1, 0, 4]])


def test_points_may_be_rounded_and_large_integers_that_are_floats_are_read():
    """Where a float is asked for, the nearest one to a fraction is meant."""
    assert real_array([Fraction(1, 3), sp.pi], "x", rounds=True).tolist() == [1 / 3, np.pi]
    assert real_array([2**60, 2**100], "x").tolist() == [2.0**60, 2.0**100]
    assert np.isnan(real_array([np.nan], "x", finite=False)).all()


w, x, y = sp.symbols("w x y", real=True)
LINE = sl.EmpiricalRisk((w * x - y) ** 2, parameters=(w,), data=(x, y))


def test_k14_columns_of_objects_bind_to_a_risk():
    """The case R43: a column of dtype object, all of whose entries are numbers."""
    table = pd.DataFrame({"a": [0.5, 2.0], "b": [True, False]}).to_numpy()
    assert table.dtype == object
    risk = LINE.on({x: table[:, 0], y: table[:, 1]})
    assert sl.compile(risk, "interpreted").value([1.0]) == (0.5**2 + 2**2) / 2


def test_k15_series_in_another_order_are_paired_by_their_index():
    """Not by position, which would be another data set."""
    first = pd.Series([1.0, 2.0, 4.0], index=list("abc"))
    second = pd.Series([4.0, 1.0, 2.0], index=list("cab"))
    risk = LINE.on({x: first, y: second})
    assert sl.compile(risk, "interpreted").value([1.0]) == 0.0


@pytest.mark.parametrize(
    "values",
    [
        {"x": pd.Series([1, 2]), "y": pd.Series([1, 2], index=[1, 2])},
        {"x": pd.Series([1, 2], index=[0, 0]), "y": pd.Series([1, 2])},
        {"x": pd.Series([1, 2]), "y": pd.Series([1, 2], index=[1, 0]), "z": [1, 2]},
    ],
    ids=["other labels", "labels twice", "one without labels"],
)
def test_k15_indices_that_cannot_be_paired_are_refused(values):
    """The message says what to do."""
    with pytest.raises(ValueError, match=r"^y: its index (differs|is in another order)") as caught:
        align_rows(values)
    assert len(str(caught.value)) < 200


def test_data_given_twice_are_refused():
    """A symbol and its name are one key."""
    with pytest.raises(ValueError, match="data: 'x' is given twice"):
        LINE.on({x: [1], "x": [2], y: [1]})


@pytest.mark.parametrize("point", ["ab", [1j], None, ["1"], np.array(["2020"], dtype="M8[Y]")])
def test_compiled_functions_refuse_what_is_no_point(point):
    """At the door of the call, and not in NumPy's words."""
    function = sl.compile(sl.Objective(w**2), "interpreted")
    for call in (function.value, function.gradient, function.hessian):
        with pytest.raises(TypeError, match=r"^x: expected real numbers, got"):
            call(point)
