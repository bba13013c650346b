"""Whether the classes of a logistic regression can be separated, with an exact proof.

Let s be 1 where a label lowers the loss as the linear predictor grows, and -1 where it lowers it as
the predictor falls, and a the row that the sample multiplies the parameters with. A direction d
with s*(a.d) >= 0 for all samples, and > 0 for one, lowers the risk from every point, so that it has
no minimum. Without such a direction it has one (Albert & Anderson 1984, theorems 1 to 3): they are
*completely* separated where all products can be positive, *quasi-completely* where some must be 0.

A linear program in floats proposes the direction; fractions decide whether it is one. So what is
returned is proved, while a gap too narrow for the linear program (1e-7 of the data) is overlooked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from sympy import QQ, Expr, Poly, Symbol, expand_log, simplify
from sympy.polys.matrices import DomainMatrix

from symlab.algebra.functions import define
from symlab.algebra.risk.labels import SETS, label_set
from symlab.algebra.risk.per_sample import Samples
from symlab.algebra.risk.risk import BoundRisk

MOST_ENTRIES = 5_000
"""Samples times parameters up to which fractions take no noticeable time."""

DENOMINATORS = (1, 2, 5, 10, 100, 10_000, 10**8)
"""Of a direction's coordinates: the plainest that separates is returned."""

Rows = list[list[Fraction]]


@dataclass(frozen=True)
class Separation:
    """A direction along which no sample's loss ever rises, proved in fractions.

    Parameters
    ----------
    direction : tuple of Fraction, n coordinates
        Its largest coordinate is 1 in size.
    samples, ties : int
        How many samples there are, and of how many the loss stays as it is along the direction.
    """

    direction: tuple[Fraction, ...]
    samples: int
    ties: int

    @property
    def is_complete(self) -> bool:
        """Whether every sample's loss falls."""
        return self.ties == 0


@lru_cache(maxsize=8)
def separation(bound: BoundRisk) -> Separation | None:
    """Return how the classes of a logistic loss without a penalty can be separated, or None.

    None as well for other losses, and where floats see no such direction, the data are too many for
    fractions, or the predictor is no polynomial in them.

    Examples
    --------
    >>> from sympy import exp, log, symbols
    >>> from symlab.algebra.risk.risk import EmpiricalRisk
    >>> x, y, w, b = symbols("x y w b", real=True)
    >>> loss = log(1 + exp(w*x + b)) - y*(w*x + b)
    >>> risk = EmpiricalRisk(loss, parameters=(w, b), data=(x, y))
    >>> apart = separation(risk.on({x: [1, 2, 4, 5], y: [0, 0, 1, 1]}))
    >>> slope, shift = apart.direction
    >>> 2 * slope + shift < 0 < 4 * slope + shift, apart.is_complete
    (True, True)
    >>> separation(risk.on({x: [1, 2, 4, 5], y: [0, 1, 0, 1]})) is None
    True
    """
    if bound.samples * bound.dimension > MOST_ENTRIES or bound.risk.penalty != 0:
        return None
    rows = _margins(bound) if is_logistic(bound) else None
    if rows is None:
        return None
    proposed, tied = _propose(np.array(rows, dtype=float))
    best: Separation | None = None
    for direction in _exact(rows, proposed, tied):
        found = _decide(rows, direction)
        if found is not None and (best is None or found.ties < best.ties):
            best = found
        if best is not None and best.ties <= np.count_nonzero(tied):
            break
    return best


def is_logistic(bound: BoundRisk) -> bool:
    """Whether the loss is a logistic loss of a linear predictor: convex, and strictly monotone."""
    risk = bound.risk
    if Samples(bound).predictor is None:
        return False
    columns = zip(risk.data, bound.arrays, strict=True)
    return any(
        _is_logistic_in(risk.loss, symbol, risk.parameters)
        for symbol, array in columns
        if any(np.all(np.isin(array, labels)) for labels in SETS)
    )


@lru_cache(maxsize=64)
def _is_logistic_in(loss: Expr, symbol: Symbol, parameters: tuple[Symbol, ...]) -> bool:
    labels = label_set(loss, symbol)
    if labels is None:
        return False
    low, high = (define(loss).subs(symbol, label) for label in labels)
    score = simplify(expand_log(simplify(low - high), force=True))
    return score.is_polynomial(*parameters) and Poly(score, *parameters).total_degree() <= 1


def _margins(bound: BoundRisk) -> Rows | None:
    """Return s*a of each sample as fractions: what its loss falls with."""
    per_sample = Samples(bound)
    if per_sample.predictor is None:
        return None
    signs = -np.sign(per_sample.slopes(np.zeros(bound.dimension)))
    columns = [
        _column(coefficient, bound.risk.data, bound.arrays)
        for coefficient in per_sample.predictor.coefficients
    ]
    if None in columns or not signs.all():
        return None
    rows = zip(*(column for column in columns if column is not None), strict=True)
    return [[int(s) * entry for entry in row] for s, row in zip(signs, rows, strict=True)]


def _column(
    coefficient: Expr, data: tuple[Symbol, ...], arrays: tuple[np.ndarray, ...]
) -> list[Fraction] | None:
    """Return a polynomial in the data for each sample, without rounding; None for another."""
    if not coefficient.is_polynomial(*data):
        return None
    terms = Poly(coefficient, *data).terms()
    if not all(factor.is_Rational for _, factor in terms):
        return None
    known = [(powers, Fraction(factor.p, factor.q)) for powers, factor in terms]
    samples = zip(*(map(Fraction, array.tolist()) for array in arrays), strict=True)
    return [
        sum((factor * _product(sample, powers) for powers, factor in known), Fraction(0))
        for sample in samples
    ]


def _product(sample: tuple[Fraction, ...], powers: tuple[int, ...]) -> Fraction:
    product = Fraction(1)
    for number, power in zip(sample, powers, strict=True):
        product *= number**power
    return product


def _propose(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a direction in floats that has as many positive products as can be, and the ties.

    The linear program maximises t_1 + ... + t_m with 0 <= t_i <= 1 and t_i <= (row i).d. Directions
    that separate may be added up and lengthened, so that at its maximum each t is 0 or 1.
    """
    # Here, because only this question needs them.
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    m, n = rows.shape
    scaled = rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.finfo(float).tiny)
    found = linprog(
        np.r_[np.zeros(n), -np.ones(m)],
        A_ub=hstack([csr_array(-scaled), eye_array(m)]),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * n + [(0, 1)] * m,
    )
    if found.x is None:
        return np.zeros(n), np.ones(m, dtype=bool)
    return found.x[:n], found.x[n:] < 1 / 2


def _exact(rows: Rows, proposed: np.ndarray, tied: np.ndarray) -> Iterator[list[Fraction]]:
    """Yield fractions near a proposed direction, at which every tie is one exactly."""
    if tied.all() or not np.abs(proposed).max() > 0:
        return
    basis = _orthogonal([row for row, tie in zip(rows, tied, strict=True) if tie], len(proposed))
    if not basis:
        return
    unit = proposed / np.abs(proposed).max()
    weights = np.linalg.lstsq(np.array(basis, dtype=float).T, unit, rcond=None)[0]
    for most in DENOMINATORS:
        near = [Fraction(weight).limit_denominator(most) for weight in weights]
        yield [
            sum((w * vector[j] for w, vector in zip(near, basis, strict=True)), Fraction(0))
            for j in range(len(proposed))
        ]


def _orthogonal(rows: Rows, size: int) -> Rows:
    """Return a basis of all directions that have the product 0 with some rows."""
    if not rows:
        return [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    matrix = DomainMatrix(
        [[QQ(entry.numerator, entry.denominator) for entry in row] for row in rows],
        (len(rows), size),
        QQ,
    )
    basis = matrix.nullspace().to_list()
    return [[Fraction(int(e.numerator), int(e.denominator)) for e in vector] for vector in basis]


def _decide(rows: Rows, direction: list[Fraction]) -> Separation | None:
    """Return the direction if no product with it is negative, and one is positive."""
    products = [sum((a * d for a, d in zip(row, direction, strict=True)), 0) for row in rows]
    if min(products) < 0 or max(products) == 0:
        return None
    size = max(map(abs, direction))
    parts = tuple(part / size for part in direction)
    return Separation(parts, len(rows), sum(product == 0 for product in products))
