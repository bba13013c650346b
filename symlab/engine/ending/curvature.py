"""The Hessian at one place, in floats: its definiteness, its rank, and the directions it names.

Definiteness and rank are judged after symmetric scaling, D^(-1/2) H D^(-1/2) with D the size of the
diagonal (van der Sluis 1969; Higham 2002, section 7.3). Parameters of very different size make a
Hessian look singular that is not; by Sylvester's law the scaling keeps the signs of the
eigenvalues.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from symlab.engine.domain import EVERYWHERE, Domain

if TYPE_CHECKING:
    from symlab.theory.separation import Separation

EPS = float(np.finfo(float).eps)
CUBE_ROOT = EPS ** (1 / 3)
"""The step of a central difference, relative: truncation and rounding are about equal there."""

MOST_VARIABLES = 50
MOST_WORK = 5e7
"""Samples times the squared number of variables up to which a Hessian by differences is cheap."""

ValueAndGradient = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Oracle:
    """An objective as an oracle: value and derivatives at any point, in floats.

    They come from the functions that the run has compiled anyway.

    Parameters
    ----------
    names : tuple of str
        Of the variables.
    value_and_gradient : callable
        Both, at a point.
    hessian : callable, optional
        The Hessian, where the method has it; by differences of the gradient otherwise.
    exact_gradient : callable, optional
        The gradient at a point to many digits, in which nothing underflows, as numbers.
    exact_hessian : callable, optional
        The derived Hessian at a point, from many digits, where it takes little time.
    rounding : callable, optional
        What rounding may add to each derivative in the run's own arithmetic.
    domain : Domain
        Where the variables may lie.
    samples : int
        How many terms a value adds up.
    separation : callable, optional
        Of a logistic loss: how its classes can be separated, or None where they cannot.
    """

    names: tuple[str, ...]
    value_and_gradient: ValueAndGradient
    hessian: Callable[[np.ndarray], np.ndarray] | None = None
    exact_gradient: Callable[[np.ndarray], Sequence[Any]] | None = None
    exact_hessian: Callable[[np.ndarray], np.ndarray] | None = None
    rounding: Callable[[np.ndarray], Sequence[float]] | None = None
    domain: Domain = EVERYWHERE
    samples: int = 1
    separation: "Callable[[], Separation | None] | None" = None

    def value(self, point: np.ndarray) -> float:
        """Return the objective at a point; NaN outside the domain."""
        return self.value_and_gradient(point)[0] if self.domain.holds(point) else math.nan

    @property
    def is_cheap(self) -> bool:
        """Whether the Hessian takes little time."""
        size = len(self.names)
        return size <= MOST_VARIABLES and self.samples * size**2 <= MOST_WORK


@dataclass(frozen=True)
class Curvature:
    """A Hessian and the error that each entry may have, both of shape (n, n)."""

    matrix: np.ndarray
    noise: np.ndarray

    @property
    def scales(self) -> np.ndarray:
        """D^(1/2): of the diagonal, or of the row where its diagonal is zero."""
        sizes = np.abs(np.diag(self.matrix))
        rows = np.abs(self.matrix).max(axis=1)
        return np.sqrt(np.where(sizes > EPS * rows, sizes, np.where(rows > 0, rows, 1.0)))

    def spectrum(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Return eigenvalues and eigenvectors of the scaled Hessian, and what counts as zero."""
        under = np.outer(self.scales, self.scales)
        values, vectors = np.linalg.eigh(self.matrix / under)
        rounding = 10 * len(values) * EPS * np.abs(values).max(initial=0.0)
        return values, vectors, float(np.linalg.norm(self.noise / under)) + rounding

    @property
    def condition(self) -> float:
        """The largest eigenvalue of the scaled Hessian against the smallest, in size."""
        sizes = np.abs(self.spectrum()[0])
        return float(sizes.max() / sizes.min()) if sizes.min() > 0 else math.inf

    @property
    def kind(self) -> str:
        """Minimum, maximum or saddle, by the signs of the eigenvalues; nothing where unsure."""
        values, _, zero = self.spectrum()
        if np.all(values > zero):
            return "minimum"
        if np.all(values < -zero):
            return "maximum"
        return "saddle point" if np.any(values < -zero) else ""

    def newton_step(self, gradient: np.ndarray) -> np.ndarray:
        """Return Newton's step in the directions that have a curvature."""
        values, vectors, zero = self.spectrum()
        seen = np.abs(values) > zero
        along = vectors[:, seen].T @ (gradient / self.scales) / values[seen]
        return -(vectors[:, seen] @ along) / self.scales

    def flat(self) -> np.ndarray | None:
        """Return a unit vector along which there is no curvature, or None if there is none.

        Of several the one with the fewest variables is returned.
        """
        values, vectors, zero = self.spectrum()
        null = vectors[:, np.abs(values) <= zero].T / self.scales
        if not len(null):
            return None
        reduced = _reduce(null)
        fewest = min(reduced, key=lambda row: (np.count_nonzero(row), -abs(row).max()))
        return np.asarray(fewest / np.linalg.norm(fewest))


def _reduce(rows: np.ndarray) -> np.ndarray:
    """Return the reduced echelon form: vectors of the same space with many zeros."""
    rows = rows / np.abs(rows).max(axis=1, keepdims=True)
    for i in range(len(rows)):
        pivot = int(np.argmax(np.abs(rows[i])))
        if rows[i, pivot] == 0:
            continue
        rows[i] /= rows[i, pivot]
        for j in range(len(rows)):
            if j != i:
                rows[j] -= rows[j, pivot] * rows[i]
        rows[np.abs(rows) < 1e-9] = 0.0
    return rows[np.abs(rows).max(axis=1) > 0]


def curvature_at(oracle: Oracle, point: np.ndarray) -> Curvature | None:
    """Return the Hessian at a point; None where it takes long or is not finite."""
    if oracle.hessian is not None:  # a method that has it at every step can have it once more
        return exact_curvature(oracle.hessian(point))
    if not oracle.is_cheap:
        return None
    sizes = np.maximum(np.abs(point), 1e-3 * np.abs(point).max(initial=0.0))
    steps = CUBE_ROOT * np.where(sizes > 0, sizes, 1.0)
    # How far differences of two lengths are apart is their error.
    near, far = _differences(oracle, point, steps), _differences(oracle, point, 2 * steps)
    if not (np.all(np.isfinite(near)) and np.all(np.isfinite(far))):
        return None
    return Curvature(near, np.abs(near - far) + np.abs(near) * EPS ** (1 / 2))


def exact_curvature(matrix: np.ndarray) -> Curvature | None:
    """Return a Hessian that only rounding has touched; None where it is not finite."""
    if not np.all(np.isfinite(matrix)):
        return None
    return Curvature(matrix, len(matrix) * EPS * np.abs(matrix))


def _differences(oracle: Oracle, point: np.ndarray, steps: np.ndarray) -> np.ndarray:
    rows = []
    for i, step in enumerate(steps):
        ahead, behind = point.copy(), point.copy()
        ahead[i] += step
        behind[i] -= step
        if not (oracle.domain.holds(ahead) and oracle.domain.holds(behind)):
            return np.full((len(point),) * 2, math.nan)
        after, before = (oracle.value_and_gradient(each)[1] for each in (ahead, behind))
        rows.append((after - before) / (ahead[i] - behind[i]))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def write_point(names: Sequence[str], point: np.ndarray) -> str:
    """Return a point as names and numbers, the first few of many."""
    shown = [f"{name} = {value:.6g}" for name, value in zip(names, point, strict=True)]
    return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")


def write_direction(names: Sequence[str], direction: np.ndarray) -> str:
    """Return a unit vector as a combination of variables, the largest few of many.

    Examples
    --------
    >>> write_direction("abc", np.array([1, -1, 0]) / 2**0.5)
    '(a - b)/sqrt(2)'
    >>> write_direction("ab", np.array([0.6, 0.8])), write_direction("ab", np.array([0, -1.0]))
    ('0.6*a + 0.8*b', '-b')
    """
    sizes = np.abs(direction)
    order = sorted(
        np.flatnonzero(sizes > 0.01 * sizes.max()).tolist(), key=lambda i: (-sizes[i], i)
    )
    shown = sorted(order[:4]) if len(order) > 6 else sorted(order)
    alike = np.ptp(sizes[order]) <= 1e-6 * sizes.max()
    terms = [(direction[i] < 0, names[i] if alike else f"{sizes[i]:.3g}*{names[i]}") for i in shown]
    first, *rest = terms
    text = ("-" if first[0] else "") + first[1]
    text += "".join(f" {'-' if negative else '+'} {term}" for negative, term in rest)
    text += " + ..." if len(shown) < len(order) else ""
    return f"({text})/sqrt({len(order)})" if alike and len(order) > 1 else text
