"""Labels a loss is made for: 0 and 1 for the cross-entropy, -1 and 1 for the margin form.

With others those losses still give numbers, but no longer fall where the class is right, so that a
run diverges or learns nothing (errata E18).
"""

from collections.abc import Mapping

import numpy as np
from sympy import Expr, Symbol, exp, expand_log, log, simplify

from symlab.algebra.functions import define

SETS = ((0, 1), (-1, 1))


def label_set(loss: Expr, symbol: Symbol) -> tuple[int, int] | None:
    """Return the two labels for which a loss is a logistic loss in this symbol, if it is one.

    It is one if both labels give log(1 + e^u) and log(1 + e^-u) with the same u: then the loss is
    small exactly where u has the sign that the label asks for.

    Examples
    --------
    >>> from sympy import symbols
    >>> z, y = symbols("z y", real=True)
    >>> label_set(log(1 + exp(z)) - y*z, y), label_set(log(1 + exp(-y*z)), y)
    ((0, 1), (-1, 1))
    """
    plain = define(loss)
    if not plain.has(log):
        return None
    for low, high in SETS:
        difference = plain.subs(symbol, high) - plain.subs(symbol, low)
        if _is_score(difference, plain.subs(symbol, low)):
            return low, high
    return None


def _is_score(difference: Expr, loss: Expr) -> bool:
    """Return whether losses differ by -u where the first is log(1 + e^u)."""
    reduced = simplify(expand_log(simplify(difference), force=True))
    if reduced.has(log):
        return False
    return simplify(exp(loss) - 1 - exp(-reduced)) == 0


def checked_labels(loss: Expr, arrays: Mapping[Symbol, np.ndarray]) -> None:
    """Refuse labels that a logistic loss is not made for.

    Raises
    ------
    ValueError
        Naming the symbol, the labels that came and those expected.
    """
    for symbol, array in arrays.items():
        found = np.unique(array)
        if len(found) > 3 and not _could_be_labels(loss, symbol):
            continue
        expected = label_set(loss, symbol)
        if expected and not np.all(np.isin(found, expected)):
            shown = ", ".join(f"{value:g}" for value in found[:5])
            raise ValueError(
                f"data: {symbol} holds the labels {shown}{', ...' * (len(found) > 5)}; "
                f"this loss is made for {expected[0]} and {expected[1]}."
            )


def _could_be_labels(loss: Expr, symbol: Symbol) -> bool:
    """Return whether a symbol enters as labels do, linearly outside the logarithm; cheap."""
    return loss.diff(symbol, 2) == 0
