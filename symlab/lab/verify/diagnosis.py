"""What is probably wrong with a derivative: hypotheses, tested in order on its values.

Each is a relation between the claimed and the true component that must hold at every point. There
are several points, because one cannot tell a factor from a missing term.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sympy import (
    Add,
    Expr,
    Float,
    Integer,
    Mul,
    Rational,
    Symbol,
    count_ops,
    expand,
    factor,
    simplify,
)

from symlab.lab.verify.reference import exact_function

LARGEST_DENOMINATOR = 64
"""A factor that is a fraction of at most this denominator is written as one."""

FEW_DIGITS = 1e-4
"""A relative difference below this is an error of computation, and not of the formula."""


@dataclass(frozen=True)
class Mistake:
    """A wrong component: its name, the kind of mistake, and a clause that says what it is."""

    variable: str
    kind: str
    clause: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """Claimed and true values at P points, and the derived formulas that the hypotheses use.

    Parameters
    ----------
    names : tuple of str
        The m components, as an error names them.
    points : array, shape (P, n)
    claimed, true, tolerance : array, shape (P, m)
        What was claimed, what is right, and how far the two may differ by rounding.
    derivatives : tuple of m expressions
        The derived formulas.
    variables : tuple of n symbols
    claims : tuple of m expressions, or empty
        The claimed formulas, if they are known.
    """

    names: tuple[str, ...]
    points: np.ndarray
    claimed: np.ndarray
    true: np.ndarray
    tolerance: np.ndarray
    derivatives: tuple[Expr, ...]
    variables: tuple[Symbol, ...]
    claims: tuple[Expr, ...] = ()

    def wrong_components(self) -> list[int]:
        """Return the components whose claim differs from the truth at some point."""
        agrees = np.abs(self.claimed - self.true) <= self.tolerance
        return [int(i) for i in np.flatnonzero(~agrees.all(axis=0))]

    def is_everywhere(self, i: int, candidate: np.ndarray, *, scale: float = 1.0) -> bool:
        """Return whether the claim is this candidate at every point."""
        bound = self.tolerance[:, i] * (1 + abs(scale)) + 1e-13 * np.abs(candidate)
        return bool(np.all(np.abs(self.claimed[:, i] - candidate) <= bound))

    def values(self, expressions: Sequence[Expr]) -> np.ndarray:
        """Return expressions at the points, shape (number of expressions, P)."""
        function = exact_function(expressions, self.variables)
        rows = [[float(value) for value in function(list(point))] for point in self.points]
        return np.array(rows, dtype=float).T


Finding = tuple[str, str]
Hypothesis = Callable[[Evidence, int], Finding | None]


def wrong_sign(evidence: Evidence, i: int) -> Finding | None:
    """The claim is minus the derivative."""
    if not evidence.is_everywhere(i, -evidence.true[:, i]):
        return None
    return "sign", "the sign is wrong: it is minus the derivative"


def wrong_factor(evidence: Evidence, i: int) -> Finding | None:
    """The claim is a constant times the derivative."""
    true, claimed = evidence.true[:, i], evidence.claimed[:, i]
    c = _constant_ratio(claimed, true)
    if c is None or not evidence.is_everywhere(i, c * true, scale=c):
        return None
    if c == 0:
        return "zero", "it is zero everywhere: the derivative is missing"
    return "factor", f"a factor is wrong: it is {spell_ratio(c)} times the derivative"


def permuted(evidence: Evidence, i: int) -> Finding | None:
    """The claim is another component."""
    for j in range(len(evidence.names)):
        if j != i and evidence.is_everywhere(i, evidence.true[:, j]):
            return (
                "permuted",
                f"components are permuted (transposed?): it is that of {evidence.names[j]}",
            )
    return None


def wrong_term(evidence: Evidence, i: int) -> Finding | None:
    """The claim lacks one additive term of the derivative, or has a wrong multiple of it."""
    terms = list(_terms(evidence.derivatives[i]))
    if not terms:
        return None
    rows = evidence.values(terms)
    missing = evidence.true[:, i] - evidence.claimed[:, i]
    multiples = [_constant_ratio(missing, row) for row in rows]
    fitting = [
        (term, c)
        for term, row, c in zip(terms, rows, multiples, strict=True)
        if c
        and (term.free_symbols or spell_ratio(c) == "1")
        and evidence.is_everywhere(i, evidence.true[:, i] - c * row, scale=c)
    ]
    # A term that is simply absent explains more than a multiple of another one.
    fitting.sort(key=lambda pair: spell_ratio(pair[1]) not in ("1", "2"))
    return _about_term(*fitting[0]) if fitting else None


def _about_term(term: Expr, c: float) -> Finding:
    if spell_ratio(c) == "1":
        return "missing term", f"the term {term} is missing"
    if spell_ratio(c) == "2":
        return "sign of a term", f"the term {term} has the wrong sign"
    return "factor of a term", f"the term {term} is multiplied by {spell_ratio(1 - c)}"


def wrong_constant(evidence: Evidence, i: int) -> Finding | None:
    """The claim differs from the derivative by a constant."""
    missing = evidence.true[:, i] - evidence.claimed[:, i]
    c = float(np.median(missing))
    if not evidence.is_everywhere(i, evidence.true[:, i] - c):
        return None
    if c > 0:
        return "constant", f"the constant {spell_ratio(c)} is missing"
    return "constant", f"the constant {spell_ratio(-c)} should not be added"


def missing_factor(evidence: Evidence, i: int) -> Finding | None:
    """The claim lacks a factor of the derivative, such as the inner derivative of a chain."""
    factored = factor(evidence.derivatives[i])
    factors = [part for part in Mul.make_args(factored) if part.free_symbols]
    if len(factors) < 2:
        return None
    for part, row in zip(factors, evidence.values(factors), strict=True):
        with np.errstate(all="ignore"):
            ratio = evidence.true[:, i] / row
        # A constant may go with the factor: 2*x is missing where x is.
        c = _constant_ratio(evidence.claimed[:, i], ratio)
        if c and evidence.is_everywhere(i, c * ratio, scale=c):
            return (
                "missing factor",
                f"the factor {part / _as_exact(c)} is missing (chain rule?)",
            )
    return None


def few_digits(evidence: Evidence, i: int) -> Finding | None:
    """The claim is right to some digits."""
    difference = np.abs(evidence.claimed[:, i] - evidence.true[:, i])
    size = np.maximum(np.abs(evidence.true[:, i]), np.finfo(float).tiny)
    worst = float(np.max(difference / size))
    if not worst < FEW_DIGITS:
        return None
    digits = int(-np.log10(worst))
    return "digits", f"only {digits} digits are right (single precision, or a finite difference?)"


def different(evidence: Evidence, i: int) -> Finding:
    """No hypothesis fits: say how far off it is, by a formula where the claim is one."""
    if not np.all(np.isfinite(evidence.claimed[:, i])):
        return "different", "it is not a finite real number everywhere"
    excess = evidence.claims[i] - evidence.derivatives[i] if evidence.claims else Integer(0)
    if excess != 0:
        return (
            "different",
            f"it is too large by {simplify(excess) if count_ops(excess) < 50 else excess}",
        )
    difference = np.abs(evidence.claimed[:, i] - evidence.true[:, i])
    worst = int(np.argmax(np.where(np.isfinite(difference), difference, np.inf)))
    where = ", ".join(f"{a:.6g}" for a in evidence.points[worst])
    claimed, true = evidence.claimed[worst, i], evidence.true[worst, i]
    return (
        "different",
        f"it differs by {claimed - true:.6g} at ({where}): {claimed:.6g} for {true:.6g}",
    )


HYPOTHESES: tuple[Hypothesis, ...] = (
    wrong_sign, wrong_factor, permuted, wrong_term, wrong_constant, missing_factor, few_digits,
)  # fmt: skip


def diagnose(evidence: Evidence) -> tuple[Mistake, ...]:
    """Return a mistake for each wrong component: the first hypothesis that fits."""
    return tuple(
        Mistake(evidence.names[i], *_finding(evidence, i)) for i in evidence.wrong_components()
    )


def _finding(evidence: Evidence, i: int) -> Finding:
    for hypothesis in HYPOTHESES:
        if finding := hypothesis(evidence, i):
            return finding
    return different(evidence, i)


def _terms(derivative: Expr) -> Iterator[Expr]:
    """Additive terms of the derivative, as it stands and multiplied out."""
    seen: set[Expr] = set()
    for form in (derivative, expand(derivative)):
        for term in Add.make_args(form):
            if term not in seen and term != 0:
                seen.add(term)
                yield term


def _constant_ratio(numerator: np.ndarray, denominator: np.ndarray) -> float | None:
    """Return the ratio where the denominator is largest; None where that is zero or not finite."""
    size = np.where(np.isfinite(denominator), np.abs(denominator), 0)
    largest = int(np.argmax(size))
    if size[largest] == 0:
        return None
    ratio = float(numerator[largest] / denominator[largest])
    return ratio if np.isfinite(ratio) else None


def _as_exact(number: float) -> Expr:
    """Return a number as it is written: a fraction, or a float of six digits."""
    text = spell_ratio(number)
    return Float(text) if set(text) & set(".e") else Rational(text)


def spell_ratio(number: float) -> str:
    """Return a number as a short fraction where it is one to rounding, else to six digits.

    Examples
    --------
    >>> spell_ratio(0.5), spell_ratio(2.0), spell_ratio(-1/3), spell_ratio(0.123456789)
    ('1/2', '2', '-1/3', '0.123457')
    """
    fraction = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
    if abs(float(fraction) - number) <= 1e-12 * max(1.0, abs(number)):
        return str(fraction)
    return f"{number:.6g}"
