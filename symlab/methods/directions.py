"""The directions in which to search, as matrix recurrences of symbolic dimension n.

`G` is the gradient and `H` the Hessian at the iterate. A direction with memory keeps a matrix `B`,
which starts as the identity, or a vector `D`, which starts as zero. After each step they are
updated from the displacement `S`, the change of gradient `Y`, the new gradient `G` and the
direction `P` that was taken. Where a memory gives no way down it is forgotten.

In other units of the parameters Newton's steps are the same steps. Along the steepest descent, and
so with all that begin there, they are others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import (
    Abs,
    Identity,
    Integer,
    MatrixExpr,
    MatrixSymbol,
    Max,
    Piecewise,
    Rational,
    Symbol,
    Trace,
)
from sympy.core.relational import Relational

from symlab.algebra.alphabet import B, D, E, G, H, P, S, Y, damping, n, pairs, ss, sy, yy
from symlab.methods.configurable import Configurable, assignments
from symlab.methods.searches import Search, armijo, fixed, nonmonotone, strong_wolfe


@dataclass(frozen=True, repr=False)
class Direction(Configurable):
    """A direction as an expression in G, H and its memory; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    expression : sympy.MatrixExpr
        The direction P, shape (n, 1), in G, H and the letters of `memory`.
    source : str
        Author, year, and where the formula stands.
    memory : mapping of MatrixSymbol to MatrixExpr
        New value of each remembered matrix, shape (n, n), or vector, shape (n, 1), in its old
        value, S, Y, G and P.
    defaults, values : mapping of symbol to number
        Hyperparameters, and those chosen by calling the direction.
    usual : Search
        The search that comes with it unless another is chosen.
    guard : Relational, optional
        In the inner products of S and Y; where it does not hold, the memory is left as it is.
    first : mapping of MatrixSymbol to MatrixExpr
        What takes the place of a remembered matrix in its first update.
    recent : bool
        Whether its matrix is never formed, but stands for the updates of the last pairs S, Y.
    shifts : bool
        Whether the shift mu of the Hessian is chosen at each step, out of `SHIFTS`.

    Examples
    --------
    >>> newton(damping=0.5)
    newton(damping=0.5)
    >>> newton.needs_hessian, bfgs.needs_hessian
    (True, False)
    """

    name: str
    expression: MatrixExpr
    source: str
    memory: Mapping[MatrixSymbol, MatrixExpr] = field(default_factory=dict)
    defaults: Mapping[Symbol, object] = field(default_factory=dict)
    values: Mapping[Symbol, object] = field(default_factory=dict)
    usual: Search = fixed
    guard: Relational | None = None
    first: Mapping[MatrixSymbol, MatrixExpr] = field(default_factory=dict)
    recent: bool = False
    shifts: bool = False

    @property
    def needs_hessian(self) -> bool:
        """Whether the direction reads second derivatives."""
        return self.expression.has(H)

    @cached_property
    def formula(self) -> MatrixExpr:
        """The expression with the hyperparameters put in; H has been shifted where it is."""
        if self.shifts:
            return -(H.I * G)
        return self.expression.xreplace(self.hyperparameters)

    @cached_property
    def learns_from(self) -> tuple[MatrixSymbol, ...]:
        """What of a step its memory reads: of the letters S, Y, G and P."""
        rows = [*self.memory.values(), *self.first.values()]
        return tuple(letter for letter in (S, Y, G, P) if any(row.has(letter) for row in rows))

    def update(self, *, first: bool) -> tuple[MatrixExpr, ...]:
        """Return the new value of each remembered matrix or vector, after the first step or not."""
        learnt = self.memory.values()
        return tuple(row.xreplace(dict(self.first)) for row in learnt) if first else tuple(learnt)

    def latex(self) -> str:
        """Return the direction and the update of its memory as aligned LaTeX assignments."""
        return assignments({P: self.expression, **self.memory})


steepest = Direction("steepest", -G, "Cauchy 1847; chapter, section 9")

newton = Direction(
    "newton",
    -((H + damping * Identity(n)).I * G),
    "chapter, section 10; damping as in Levenberg 1944",
    defaults={damping: 0},
)

LEAST_PIVOT, LEAST_SHIFTED_PIVOT = Rational(1, 2**40), Rational(1, 2**10)
SHIFTS = (Integer(0), *(LEAST_SHIFTED_PIVOT * 4**i for i in range(60)))
"""The shifts mu that are tried in turn on a Hessian: 0, 2^-10, 2^-8, 2^-6, ...

H + mu E is tried, with E a diagonal of sizes, found from the largest entry of the diagonal
downwards: |h_ii|, or the largest h_ij^2/e_j if that is more, so that no entry of the scaled form
E^(-1/2) H E^(-1/2) is above 1 (Bunch 1971). Of a positive definite matrix it is the diagonal.
The first shift is taken with which the scaled form has large enough pivots in Gauss's elimination:
above `LEAST_PIVOT`, or above `LEAST_SHIFTED_PIVOT` where it is shifted, because barely positive
ones give steps far beyond where the quadratic model holds. The test is one of pivots, not of
eigenvalues, so that exact runs stay in the rational numbers; and it is scaled, so that parameters
of very different size are not taken for an indefinite Hessian.
"""

modified_newton = Direction(
    "modified_newton",
    -((H + damping * E).I * G),
    "Nocedal & Wright 2006, algorithm 3.3, with the shift scaled as in Bunch 1971",
    usual=armijo,
    shifts=True,
)

_curvature = Trace(S.T * Y)
_bfgs_update = {
    B: B
    - (S * Y.T * B + B * Y * S.T) / _curvature
    + (1 + Trace(Y.T * B * Y) / _curvature) / _curvature * S * S.T
}
# The cosine of the angle between S and Y is above 2^-40, far below any that a well-behaved function
# gives; squared, because a root would leave the rational numbers.
_is_curved = sy * Abs(sy) > Rational(1, 2**80) * ss * yy

bfgs = Direction(
    "bfgs",
    -B * G,
    "Nocedal & Wright 2006, eq. 6.17, multiplied out",
    memory=_bfgs_update,
    usual=armijo,
    guard=sy > 0,
)

_scaled = {B: _curvature / Trace(Y.T * Y) * Identity(n)}

scaled_bfgs = Direction(
    "scaled_bfgs",
    -B * G,
    "Nocedal & Wright 2006, eq. 6.17, with the first matrix of eq. 6.20",
    memory=_bfgs_update,
    usual=strong_wolfe,
    guard=_is_curved,
    first=_scaled,
)

l_bfgs = Direction(
    "l_bfgs",
    -B * G,
    "Nocedal 1980; Nocedal & Wright 2006, algorithm 7.4: BFGS of the last M pairs S, Y",
    memory=_bfgs_update,
    defaults={pairs: 10},
    usual=strong_wolfe,
    guard=_is_curved,
    first=_scaled,
    recent=True,
)

_flatter = strong_wolfe(flatness=Rational(1, 10))
_before = G - Y
_turned = Trace(P.T * Y)


def _conjugate(name: str, source: str, ratio: object) -> Direction:
    """Return the conjugate gradients whose next direction adds so much of the last one."""
    return Direction(name, -G + D, source, memory={D: ratio * P}, usual=_flatter)


fletcher_reeves = _conjugate(
    "fletcher_reeves",
    "Fletcher & Reeves 1964; Nocedal & Wright 2006, eq. 5.41",
    Trace(G.T * G) / Trace(_before.T * _before),
)

polak_ribiere = _conjugate(
    "polak_ribiere",
    "Polak & Ribiere 1969, kept from being negative; Nocedal & Wright 2006, eq. 5.45",
    Max(0, Trace(G.T * Y) / Trace(_before.T * _before)),
)

hestenes_stiefel = _conjugate(
    "hestenes_stiefel",
    "Hestenes & Stiefel 1952; Nocedal & Wright 2006, eq. 5.46; afresh where P'Y is not positive",
    Piecewise((Trace(G.T * Y) / _turned, _turned > 0), (0, True)),
)

dai_yuan = _conjugate(
    "dai_yuan",
    "Dai & Yuan 1999; Nocedal & Wright 2006, eq. 5.49; afresh where P'Y is not positive",
    Piecewise((Trace(G.T * G) / _turned, _turned > 0), (0, True)),
)


def _two_points(name: str, source: str, size: object) -> Direction:
    """Return the gradient scaled by what the last two points say of the curvature."""
    scale = Piecewise((size, _curvature > 0), (1, True))
    return Direction(name, -B * G, source, memory={B: scale * Identity(n)}, usual=nonmonotone)


barzilai_borwein_long = _two_points(
    "barzilai_borwein_long",
    "Barzilai & Borwein 1988, eq. 5, the longer of two; afresh where S'Y is not positive",
    Trace(S.T * S) / _curvature,
)

barzilai_borwein_short = _two_points(
    "barzilai_borwein_short",
    "Barzilai & Borwein 1988, eq. 6, the shorter of two; afresh where S'Y is not positive",
    _curvature / Trace(Y.T * Y),
)

DIRECTIONS = {
    direction.name: direction
    for direction in (
        steepest,
        newton,
        bfgs,
        modified_newton,
        scaled_bfgs,
        l_bfgs,
        fletcher_reeves,
        polak_ribiere,
        hestenes_stiefel,
        dai_yuan,
        barzilai_borwein_long,
        barzilai_borwein_short,
    )
}
