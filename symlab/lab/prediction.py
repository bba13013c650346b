"""What a risk says of a sample whose target is not known: losses of labels, and the best target."""

from collections.abc import Sequence
from functools import lru_cache

from sympy import Add, Expr, Mul, Symbol, solve, symbols

from symlab.algebra.differentiation import derivative
from symlab.algebra.functions import softplus
from symlab.algebra.risk.linear_predictor import linear_predictor
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.checks import lookup, shown


def linear_risk(features: int, kind: str) -> EmpiricalRisk:
    """Return the logistic or the squared loss of w1 x1 + w2 x2 + ... + b.

    Parameters
    ----------
    features : int
        How many data symbols x1, x2, ... there are; the target is y.
    kind : str
        `"logistic"`, for labels 0 and 1, or `"squared"`.

    Examples
    --------
    >>> linear_risk(1, "squared").loss, linear_risk(1, "logistic").loss
    ((b + w1*x1 - y)**2/2, -y*(b + w1*x1) + softplus(b + w1*x1))
    """
    x = symbols(f"x1:{features + 1}", real=True)
    w = symbols(f"w1:{features + 1}", real=True)
    b, y = symbols("b y", real=True)
    z = Add(*map(Mul, w, x), b)
    loss = {"squared": (z - y) ** 2 / 2, "logistic": softplus(z) - y * z}[kind]
    return EmpiricalRisk(loss, (*w, b), (*x, y))


def split_columns(risk: EmpiricalRisk, target: str | None) -> tuple[tuple[Symbol, ...], Symbol]:
    """Return the data symbols that are features, in their order, and the one that is the target.

    Parameters
    ----------
    risk : EmpiricalRisk
    target : str, optional
        The name of the target; the last of the data when left out.

    Raises
    ------
    ValueError
        If no data symbol has that name, or it stands for several columns.

    Examples
    --------
    >>> split_columns(linear_risk(2, "squared"), None)
    ((x1, x2), y)
    """
    known = {key.name if hasattr(key, "name") else str(key): each
             for key, each in risk.columns.items()}  # fmt: skip
    chosen = known[next(reversed(known))] if target is None else lookup(target, known, "target")
    if len(chosen) != 1:
        raise ValueError(f"target: expected one column of data, got {len(chosen)}.")
    (symbol,) = chosen
    return tuple(each for each in risk.data if each != symbol), symbol


@lru_cache(maxsize=64)
def best_target(risk: EmpiricalRisk, target: Symbol) -> Expr:
    """Return the target at which the loss of one sample is least, in parameters and features.

    It is where the loss's residual vanishes, or else where its derivative in the target does.

    Raises
    ------
    ValueError
        If that is not one formula.

    Examples
    --------
    >>> risk = linear_risk(1, "squared")
    >>> best_target(risk, risk.data[-1])
    b + w1*x1
    """
    predictor = linear_predictor(risk)
    if predictor is not None and not predictor.loss.has(target):
        slope = predictor.offset.diff(target)
        if slope.is_number and slope != 0:
            terms = map(Mul, predictor.coefficients, risk.parameters)
            return Add(*terms, predictor.offset.subs(target, 0)) / -slope
    try:
        found: Sequence[Expr] = solve(derivative(risk.loss, target), target)
    except NotImplementedError:
        found = []
    if len(found) != 1 or found[0].has(target):
        raise ValueError(
            f"prediction: no one formula for the best {target.name} follows from the loss "
            f"{shown(risk.loss)}; state it."
        )
    return found[0]
