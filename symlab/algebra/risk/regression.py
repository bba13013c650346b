"""A regression in one line: a model of the response, its parameters, and the data."""

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Symbol

from symlab.algebra.gate import as_scalar, symbols_of
from symlab.algebra.order import natural_key
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.checks import nearest, shown


def least_squares(model: Expr, parameters: Any, data: Any, response: object = None) -> BoundRisk:
    r"""Return the sum of squared residuals of a model on data, as an objective over its parameters.

    With the model :math:`f(x, b)` and the response y it is :math:`\sum_i (y_i - f(x_i, b))^2`
    (Nocedal & Wright 2006, eq. 10.1, without their factor 1/2).

    Parameters
    ----------
    model : sympy.Expr
        The predicted response of one observation.
    parameters : sequence of sympy.Symbol
        What is fitted, in this order; n of them.
    data : mapping or pandas.DataFrame
        An array of shape (m,) for each symbol, or its name, that the model reads beside its
        parameters, and one for the response.
    response : sympy.Symbol or str, optional
        Which of the data the model predicts; the one that it does not read when left out.

    Returns
    -------
    BoundRisk

    Raises
    ------
    TypeError, ValueError
        If the response is not clear, is read by the model, or has no data; if a symbol of the model
        is neither parameter nor data; and as `EmpiricalRisk.on` does.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> a, b, t = symbols("a b t", real=True)
    >>> fit = least_squares(a * exp(-b * t), (a, b), {t: [0, 1, 2], "y": [8, 4, 2]})
    >>> fit
    EmpiricalRisk(sum of (-a*exp(-b*t) + y)**2, parameters=(a, b), data=(t, y)).on(3 samples)
    >>> float(fit.at([8, 0]))
    52.0
    """
    stated = as_scalar(model, "model")
    chosen = symbols_of(parameters, "parameters")
    if not stated.free_symbols & set(chosen):
        raise ValueError(
            f"model: expected a formula that reads some of the parameters {shown(chosen)}, "
            f"got {shown(stated)}."
        )
    if not hasattr(data, "keys"):
        raise TypeError(f"data: expected a mapping or a DataFrame, got {type(data).__name__}.")
    read = {s.name: s for s in sorted(stated.free_symbols - set(chosen), key=natural_key)}
    given = {_name(key): key for key in list(data.keys())}
    if missing := [name for name in read if name not in given]:
        raise ValueError(
            f"data: the model reads {shown(missing[0])}, which is neither among the parameters nor "
            f"among the data{nearest(missing[0], given)} Got {shown(sorted(given))}."
        )
    predicted = _response(response, given, read)
    if predicted.name in {str(parameter) for parameter in chosen}:
        raise ValueError(f"response: {predicted.name} is also a parameter.")
    used = (*read.values(), predicted)
    risk = EmpiricalRisk((predicted - stated) ** 2, chosen, used, "sum")
    return risk.on({symbol: data[given[symbol.name]] for symbol in used})


def _response(response: object, given: Mapping[str, Any], read: Mapping[str, Symbol]) -> Symbol:
    """Return the symbol of what the model predicts."""
    name = _name(response) if response is not None else _only_one_left(given, read)
    if name in read:
        raise ValueError(f"response: the model reads {name}, so it cannot be what it predicts.")
    if name not in given:
        raise ValueError(
            f"response: {shown(name)} is not among the data{nearest(name, given)} "
            f"Got {shown(sorted(given))}."
        )
    key = given[name]
    return key if isinstance(key, Symbol) and key.is_real else Symbol(name, real=True)


def _only_one_left(given: Mapping[str, Any], read: Mapping[str, Symbol]) -> str:
    left = [name for name in given if name not in read]
    if len(left) != 1:
        raise ValueError(
            "response: expected just one column that the model does not read, got "
            f"{shown(left)}; name it with response=."
        )
    return left[0]


def _name(key: Any) -> str:
    return str(getattr(key, "name", key))
