"""The quadratic model in floats: scaled, then solved by the eigenvalues of the Hessian.

Numbers are NumPy's, which overflow and divide by zero without raising: a run ends with a status.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from symlab.engine.damped_step import DampedStep
from symlab.methods.trust_regions import BEYOND_LOWEST, FORGETTING, LEAST_EIGENVALUE


@dataclass(frozen=True)
class CompiledQuadratic:
    """The quadratic model at a point.

    Parameters
    ----------
    gradient : array, shape (n,)
    hessian : array, shape (n, n)
    sizes : array, shape (n,)
        The diagonal of E.
    """

    gradient: np.ndarray
    hessian: np.ndarray
    sizes: np.ndarray

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""
        return True

    @cached_property
    def _roots(self) -> np.ndarray:
        return np.sqrt(self.sizes)

    @cached_property
    def _spectrum(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The eigenvalues in rising order, the eigenvectors, and the gradient along each."""
        values, vectors = np.linalg.eigh(self.hessian / np.outer(self._roots, self._roots))
        return values, vectors, vectors.T @ (self.gradient / self._roots)

    @cached_property
    def _least(self) -> float:
        """The least eigenvalue that counts as positive."""
        return float(LEAST_EIGENVALUE) * (float(np.abs(self._spectrum[0]).max()) or 1.0)

    @property
    def _lowest(self) -> float:
        return float(self._spectrum[0][0])

    @property
    def is_definite(self) -> bool:
        """Whether every eigenvalue is certainly positive."""
        return self._lowest >= self._least

    @property
    def is_indefinite(self) -> bool:
        """Whether an eigenvalue is certainly negative."""
        return self._lowest <= -self._least

    @property
    def least_damping(self) -> float:
        """The damping with which the lowest eigenvalue is just large enough; 0 if it is so."""
        return max(0.0, self._least - self._lowest)

    @property
    def shift(self) -> float:
        """The damping that makes a Hessian amply positive definite; 0 if it is definite."""
        return max(self.least_damping, -float(BEYOND_LOWEST) * self._lowest)

    @property
    def downward(self) -> np.ndarray:
        """A step of length 1 along the lowest curvature, on the side that does not climb."""
        _, vectors, along = self._spectrum
        return (-vectors[:, 0] if along[0] > 0 else vectors[:, 0]) / self._roots

    @cached_property
    def steepest(self) -> np.ndarray:
        """The direction of the steepest descent in the sizes of E."""
        return -self.gradient / self.sizes

    @cached_property
    def steepness(self) -> float:
        """Its squared length, which is minus the slope along it."""
        return np.float64(np.sum((self.gradient / self._roots) ** 2))

    @property
    def unscaled(self) -> "CompiledQuadratic":
        """The same model with lengths as Euclid has them."""
        return replace(self, sizes=np.ones_like(self.sizes))

    def step(self, damping: float) -> DampedStep | None:
        """Return the step with a damping; None where H + damping E is not positive definite."""
        values, vectors, along = self._spectrum
        damped = values + damping
        if not damped[0] > 0:
            return None
        weights = -along / damped
        return DampedStep(
            (vectors @ weights) / self._roots,
            float(np.linalg.norm(weights)),
            float(np.sum(weights**2 / damped)),
            float(np.sum(weights**2 * (values / 2 + damping))),
        )

    def inner(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the inner product in the sizes of E."""
        return np.float64((left * self._roots) @ (right * self._roots))

    def curved(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return left' H right."""
        return np.float64(left @ self.hessian @ right)

    def foreseen(self, direction: np.ndarray) -> float:
        """Return by how much the model falls along a step."""
        return -np.float64(self.gradient @ direction + direction @ self.hessian @ direction / 2)

    def spanned(self, basis: Sequence[np.ndarray]) -> "CompiledQuadratic":
        """Return the model of the weights of vectors whose inner products are 0 and 1."""
        rows = np.array(basis)
        bent = rows @ self.hessian @ rows.T
        return CompiledQuadratic(rows @ self.gradient, (bent + bent.T) / 2, np.ones(len(rows)))


def quadratic_of(
    gradient: np.ndarray, hessian: np.ndarray, earlier: np.ndarray | None
) -> CompiledQuadratic | None:
    """Return the model at a point, after earlier sizes; None where it is not finite."""
    if not (np.all(np.isfinite(hessian)) and np.all(np.isfinite(gradient))):
        return None
    sizes = sizes_of(hessian)
    if earlier is not None:
        sizes = np.maximum(sizes, float(FORGETTING) * earlier)
    return CompiledQuadratic(gradient, hessian, sizes)


def sizes_of(hessian: np.ndarray) -> np.ndarray:
    """Return the sizes by which a Hessian is scaled, as `SHIFTS` says; 1 for a row of zeros."""
    sizes, squares = np.abs(np.diag(hessian)), hessian**2
    order = np.argsort(-sizes, kind="stable")
    for place, i in enumerate(order):
        done = order[:place]
        size = max(sizes[i], (squares[i, done] / sizes[done]).max(initial=0.0))
        sizes[i] = size or np.abs(hessian[i]).max() or 1.0
    return sizes
