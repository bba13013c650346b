"""Labels a loss is made for: 0 and 1 for the cross-entropy, -1 and 1 for the margin form.

With others those losses still give numbers, but no longer fall where the class is right, so that a
run diverges or learns nothing. A few numbers at a few points decide what a loss is
made for: to simplify it for each column of data would take minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Add, Expr, Symbol, lambdify, log

from symlab.algebra.functions import define
from symlab.algebra.order import natural_key

SETS = ((0, 1), (-1, 1))

POINTS = 6
"""Random places at which a loss is evaluated; two would already be conclusive."""

TRIAL_VALUES = (-1.0, 0.0, 0.5, 1.0)
"""The numbers that are tried for a column."""

MOST_SHOWN = 5
"""Labels in a message; of more numbers in a column no more are told apart."""

MOST_OF_LABELS = 3
"""Numbers in a column up to which it may hold labels, wrong ones, where it may be a feature."""

SEED = 20
CLOSE = 1e-8


def label_set(loss: Expr, symbol: Symbol) -> tuple[int, int] | None:
    r"""Return the two labels for which a loss is a logistic loss in this symbol, if it is one.

    It is one if the labels give the losses :math:`\log(1 + e^u)` and :math:`\log(1 + e^{-u})` with
    the same u: then the loss is small exactly where u has the sign that the label has. That
    is so if :math:`(e^{l_0} - 1)(e^{l_1} - 1) = 1`, which is checked numerically.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> z, y = symbols("z y", real=True)
    >>> label_set(log(1 + exp(z)) - y*z, y), label_set(log(1 + exp(-y*z)), y)
    ((0, 1), (-1, 1))
    """
    return _inspect_loss(loss, (symbol,))[symbol][0] if _has_logarithm(loss) else None


@lru_cache(maxsize=64)
def _has_logarithm(loss: Expr) -> bool:
    return define(loss).has(log)


@lru_cache(maxsize=64)
def _numpy_function(loss: Expr) -> tuple[tuple[Symbol, ...], Callable[..., Any], np.ndarray]:
    """Return a loss as a NumPy function, its symbols in order, and random places."""
    symbols = tuple(sorted(loss.free_symbols, key=natural_key))
    generator = np.random.Generator(np.random.PCG64(SEED))
    # Small numbers: the loss must not round to its asymptote, however many columns it adds up.
    size = 1 / np.sqrt(max(1, len(symbols)))
    places = generator.uniform(-2, 2, (len(symbols), POINTS)) * np.sqrt(size)
    # The module itself: by its name SymPy would also import what translates Fortran.
    return symbols, lambdify(symbols, define(loss), np, cse=True), places


@lru_cache(maxsize=256)
def _inspect_loss(
    loss: Expr, columns: tuple[Symbol, ...]
) -> dict[Symbol, tuple[tuple[int, int] | None, bool]]:
    """Return for each symbol the labels it may have, and whether the loss is linear in it.

    The loss is evaluated once, on a row of places for each symbol and each number put in for it.
    """
    symbols, function, places = _numpy_function(loss)
    rows = [(symbol, number) for symbol in columns for number in TRIAL_VALUES]
    given = []
    for symbol, place in zip(symbols, places, strict=True):
        if symbol not in columns:
            given.append(place)
            continue
        table = np.tile(place, (len(rows), 1))
        first = columns.index(symbol) * len(TRIAL_VALUES)
        table[first : first + len(TRIAL_VALUES)] = np.array(TRIAL_VALUES)[:, None]
        given.append(table)
    try:
        with np.errstate(all="ignore"):
            losses = np.broadcast_to(np.asarray(function(*given), float), (len(rows), POINTS))
    except (NameError, TypeError):  # a function that NumPy has not is no part of a logistic loss
        losses = np.full((len(rows), POINTS), np.nan)
    blocks = losses.reshape(len(columns), len(TRIAL_VALUES), POINTS)
    return {
        symbol: (_labels(dict(zip(TRIAL_VALUES, block, strict=True))), _is_linear(block))
        for symbol, block in zip(columns, blocks, strict=True)
    }


def _labels(losses: Mapping[float, np.ndarray]) -> tuple[int, int] | None:
    with np.errstate(all="ignore"):
        for low, high in SETS:
            product = np.expm1(losses[low]) * np.expm1(losses[high])
            if np.all(np.abs(product - 1) <= CLOSE):
                return low, high
    return None


def _is_linear(losses: np.ndarray) -> bool:
    """Return whether a symbol enters as labels do, linearly outside the logarithm."""
    low, middle, high = losses[1:]
    return bool(np.all(np.abs(low + high - 2 * middle) <= CLOSE * (1 + np.abs(middle))))


def check_labels(loss: Expr, arrays: Mapping[Symbol, np.ndarray]) -> None:
    """Refuse labels that a logistic loss is not made for.

    A column is taken for the labels only if it cannot be a feature. In the margin form the two look
    alike in numbers: in log(1 + exp(-u*w)), and log(1 + exp(u*w)) - u*w, u is a feature of samples
    that all have the label 1. Where more than one column could be the labels (in
    log(1 + exp(-y*x*w)) both x and y could), it is enough that one of them is.

    Raises
    ------
    ValueError
        Naming the symbol, the labels that came and those expected, and the first wrong row.
    """
    wanted = wanted_labels(loss, tuple(arrays))
    check_found(wanted, {symbol: labels_of(arrays[symbol]) for symbol in wanted})


@dataclass(frozen=True)
class Wanted:
    """The two labels that a column may hold.

    Parameters
    ----------
    labels : pair of int
    is_linear : bool
        Whether the column enters as labels do. One that does not is a feature if it holds more than
        three numbers.
    """

    labels: tuple[int, int]
    is_linear: bool


@lru_cache(maxsize=64)
def wanted_labels(loss: Expr, columns: tuple[Symbol, ...]) -> dict[Symbol, Wanted]:
    """Return for each column that may be the labels of a logistic loss which it may hold.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> z, y = symbols("z y", real=True)
    >>> wanted_labels(log(1 + exp(z)) - y*z, (y,))
    {y: Wanted(labels=(0, 1), is_linear=True)}
    """
    read = tuple(symbol for symbol in columns if symbol in loss.free_symbols)
    if not _has_logarithm(loss) or not read:
        return {}
    return {
        symbol: Wanted(expected, is_linear)
        for symbol, (expected, is_linear) in _inspect_loss(loss, read).items()
        if expected is not None and (is_linear or not _may_be_feature(loss, symbol, read))
    }


def labels_of(column: np.ndarray, first: int = 0) -> dict[float, int]:
    """Return the numbers in a column, a few of many, and the row where each came first.

    Examples
    --------
    >>> labels_of(np.array([0.0, 1.0, 1.0, 0.0, 3.0]), first=100)
    {0.0: 100, 1.0: 101, 3.0: 104}
    """
    found: dict[float, int] = {}
    while len(found) <= MOST_SHOWN:
        others = ~np.isin(column, list(found))
        if not others.any():
            break
        row = int(np.argmax(others))
        found[float(column[row])] = first + row
    return found


def note_labels(known: dict[float, int], found: Mapping[float, int]) -> None:
    """Add the numbers of a later part of a column to those of an earlier one, as far as needed."""
    for label, row in found.items():
        if len(known) <= MOST_SHOWN:
            known.setdefault(label, row)


def check_found(
    wanted: Mapping[Symbol, Wanted], found: Mapping[Symbol, Mapping[float, int]]
) -> None:
    """Refuse columns in which other labels were found than those wanted: see `check_labels`."""
    wrong: list[Symbol] = []
    for symbol, each in wanted.items():
        if not each.is_linear and len(found[symbol]) > MOST_OF_LABELS:
            continue
        if set(found[symbol]) <= set(each.labels):
            return
        wrong.append(symbol)
    if wrong:
        raise _label_error(wrong[-1], wanted[wrong[-1]].labels, found[wrong[-1]])


def _label_error(
    symbol: Symbol, expected: tuple[int, int], found: Mapping[float, int]
) -> ValueError:
    listed = ", ".join(f"{value:g}" for value in sorted(found)[:MOST_SHOWN])
    label, row = next((label, row) for label, row in found.items() if label not in expected)
    return ValueError(
        f"data: {symbol} holds the labels {listed}{', ...' * (len(found) > MOST_SHOWN)}; "
        f"this loss is made for {expected[0]} and {expected[1]} (row {row} has {label:g})."
    )


def _may_be_feature(loss: Expr, symbol: Symbol, read: tuple[Symbol, ...]) -> bool:
    """Return whether a column of the margin form may as well be a feature.

    So it is where no other column is there to be one, or where it stands outside the logarithm too.
    """
    outside = (term for term in Add.make_args(define(loss)) if not term.has(log))
    return len(read) == 1 or any(symbol in term.free_symbols for term in outside)
