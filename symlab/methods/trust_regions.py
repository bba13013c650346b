r"""Trust regions: a quadratic model of the objective, believed as far as a radius says.

The model at an iterate is Taylor's, :math:`G^T P + \tfrac{1}{2} P^T H P`. Its lowest point is
sought among the steps that are no longer than :math:`\Delta`, so that the step exists whatever the
signs of the curvature. The ratio :math:`\varrho` of what was gained to what the model foresaw
decides whether the step is taken, and how far the model is believed next.

Lengths are measured by :math:`\ell = |E^{1/2} P|`. The diagonal E holds the sizes that
`symlab.methods.directions.SHIFTS` finds in the Hessian; where these fall, E follows by a factor of
four a step at most, or a variable whose curvature passes through zero would leave its region. While
:math:`h_{ij}^2 \le |h_{ii} h_{jj}|`, as in every positive semidefinite Hessian, E is the size of
its diagonal, and no unit of a variable changes the run. Where an entry beside the diagonal is
larger, the larger diagonal entry is believed, and which one that is may depend on the units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Abs, Expr, MatrixExpr, Min, Ne, Piecewise, Rational, Symbol, Trace, latex, sqrt

from symlab.algebra.alphabet import (
    E,
    G,
    H,
    P,
    U,
    V,
    W,
    curvature,
    damping,
    decrease,
    foreseen,
    largest,
    radius,
    ratio,
    reach,
    share,
    slope,
    square,
    ss,
    sy,
    yy,
)
from symlab.checks import choice, shown
from symlab.methods import squares
from symlab.methods.configurable import Configurable, assignments, named_only

ALL, DOGLEG, PLANE = "all", "dogleg", "plane"
"""Among which steps the model's lowest point is sought."""

SCALINGS = ("hessian", "none")
"""What E is made of: the Hessian's sizes, or ones."""


@dataclass(frozen=True, repr=False)
class TrustRegion(Configurable):
    """A method that bounds each step by a region; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    expression : sympy.MatrixExpr
        The step P, shape (n, 1), in the gradient G, the Hessian H, the sizes E, the damping, and
        what `parts` define.
    source : str
        Author, year, and where the formula stands.
    among : str
        The steps among which the model's lowest point is sought: `"all"` in the region, those on
        the `"dogleg"`, or those in a `"plane"`.
    parts : mapping of symbol to expression
        What the expression is made of.
    scaling : str
        `"hessian"`; or `"none"` for lengths as Euclid has them: a region that bounds variables of
        one kind alike, also where the curvature along one of them vanishes.
    defaults, values : mapping of symbol to number
        Hyperparameters, and those chosen by calling the method: the first `radius` and the
        `largest`, in lengths of the first step along the gradient to where the model is lowest;
        the `decrease`, the least ratio with which a step is taken.

    Examples
    --------
    >>> trust_region(radius=10)
    trust_region(radius=10, largest=10000000000, decrease=1/10000)
    >>> trust_region.expression
    -(mu*E + H)**(-1)*G
    """

    name: str
    expression: MatrixExpr
    source: str
    among: str
    parts: Mapping[Symbol, Expr] = field(default_factory=dict)
    defaults: Mapping[Symbol, object] = field(default_factory=dict)
    values: Mapping[Symbol, object] = field(default_factory=dict)
    scaling: str = SCALINGS[0]

    @named_only
    def __call__(self, *, scaling: str | None = None, **values: object) -> "TrustRegion":
        """Return the same method with these hyperparameters, or with another scaling.

        Raises
        ------
        TypeError
            If a word is none of the method's, or a value is no number.
        ValueError
            If a value lies outside its domain, the first radius is above the largest, or the
            scaling is unknown.
        """
        chosen = super().__call__(**values)
        if scaling is not None:
            chosen = replace(chosen, scaling=choice(scaling, SCALINGS, f"{self.name}: scaling"))
        first, most = (chosen.hyperparameters[letter] for letter in (radius, largest))
        if first > most:
            given = f"{shown(first)} and {shown(most)}"
            raise ValueError(f"{self.name}: expected radius <= largest, got {given}.")
        return chosen

    def _choices(self) -> dict[str, str]:
        return {} if self.is_scaled else {"scaling": self.scaling}

    @property
    def is_scaled(self) -> bool:
        """Whether E is made of the Hessian's sizes."""
        return self.scaling == SCALINGS[0]

    @property
    def leaves_saddles(self) -> bool:
        """Whether it has a step where the gradient is zero and a curvature negative."""
        return self.among != DOGLEG

    def latex(self) -> str:
        """Return the step, and how its damping and region are found, as LaTeX."""
        found = {damping: squares.DAMPING} if self.among != DOGLEG else {}
        rows = {
            **self.parts,
            P: self.expression,
            reach**2: REACH,
            **found,
            foreseen: FORESEEN,
            ratio: squares.RATIO,
            radius: RADIUS,
        }
        return rf"{assignments(rows)} \qquad {latex(ratio > decrease)}"


REACH: MatrixExpr = squares.REACH
"""The squared length of a step in the sizes of E."""

BEND: MatrixExpr = P.T * E * (H + damping * E).I * E * P
"""Half of what the squared length falls by, for each unit of damping."""

FORESEEN: MatrixExpr = -(G.T * P + P.T * H * P / 2)
"""By how much the value falls if the model is right (Nocedal & Wright 2006, eq. 4.2)."""

SHORTER: Expr = Min(radius, reach) / 4
"""The radius after a step that was refused, or gained little (Nocedal & Wright 2006, alg. 4.1)."""

RADIUS: Expr = Min(largest, squares.RADIUS.xreplace({squares.SHORTER: SHORTER}))
"""The next radius: as Moré 1978 has it, with the shorter radius of Nocedal & Wright."""

UNIT: Expr = Piecewise(
    (square ** Rational(3, 2) / Abs(curvature), Ne(curvature, 0)), (sqrt(square), True)
)
"""The unit of the radii: the length of the step along -E^(-1) G to where the model is lowest.

It is found from the squared length of E^(-1/2) G and the curvature along E^(-1) G at the start, and
does not ask where the origin lies, as a part of the length of the start would.
"""

SHARE: Expr = (radius**2 - ss) / (sy + sqrt(sy**2 + yy * (radius**2 - ss)))
"""Where the way from S on along Y crosses the edge of the region, in parts of Y."""

BENT: Expr = curvature + damping * square
"""The curvature along E^(-1) G of a Hessian that is shifted by the damping times E."""

FITTING: Expr = (slope - curvature) / reach**2
"""The damping that fits a step best: that of P'(G + H P) = -mu P'E P, where -P'G is the slope."""

FORGETTING = Rational(1, 4)
"""What E keeps of itself from one step to the next where the Hessian's sizes are less."""

LEAST_EIGENVALUE = Rational(1, 2**44)
"""Eigenvalues below so much of the largest are taken for rounding.

Of a Hessian whose lowest is so near to zero the step is damped until the lowest is as much.
"""

BEYOND_LOWEST = Rational(3, 2)
"""The shift of an indefinite Hessian, in sizes of its lowest eigenvalue (N & W, section 4.1)."""

_defaults = {radius: 2, largest: 10**10, decrease: Rational(1, 10_000)}
_steepest = -(E.I * G)
_newton = -((H + damping * E).I * G)

trust_region = TrustRegion(
    "trust_region",
    _newton,
    "Moré & Sorensen 1983; Nocedal & Wright 2006, section 4.3",
    ALL,
    defaults=_defaults,
)

dogleg = TrustRegion(
    "dogleg",
    U + share * (W - U),
    "Powell 1970; Nocedal & Wright 2006, eq. 4.16; an indefinite Hessian is shifted first",
    DOGLEG,
    {
        U: Trace(_steepest.T * E * _steepest)
        / Trace(_steepest.T * (H + damping * E) * _steepest)
        * _steepest,
        W: _newton,
        share: SHARE.xreplace({ss: Trace(U.T * E * U), sy: Trace(U.T * E * (W - U))}).xreplace(
            {yy: Trace((W - U).T * E * (W - U))}
        ),
    },
    _defaults,
)

two_dimensional_subspace = TrustRegion(
    "two_dimensional_subspace",
    -(V * (V.T * (H + damping * E) * V).I * V.T * G),
    "Byrd, Schnabel & Shultz 1988; Nocedal & Wright 2006, eq. 4.17; V is the steepest descent "
    "beside Newton's step, or beside the direction of the most negative curvature",
    PLANE,
    defaults=_defaults,
)

TRUST_REGIONS: dict[str, TrustRegion] = {
    method.name: method for method in (trust_region, dogleg, two_dimensional_subspace)
}

FORMULAS: tuple[Expr, ...] = (
    squares.RATIO,
    squares.DAMPING,
    squares.INSIDE,
    SHORTER,
    RADIUS,
    UNIT,
    SHARE,
    BENT,
    FITTING,
)
"""All that a runner evaluates on the way."""
