r"""Methods for sums of squares: Gauss-Newton and Levenberg-Marquardt.

The residuals R are replaced by their linear model :math:`R + J P`, whose sum of squares has an
exact minimiser. Gauss and Newton go there; Levenberg and Marquardt add a damping :math:`\mu`, which
bends the step towards the descent and makes it shorter. Here it is what keeps the step within a
region of radius :math:`\Delta` (Moré 1978), measured by :math:`\ell = |E^{1/2} P|`. The diagonal E
holds the largest squared length that each column of J has had, so that no unit of a parameter
changes the run. The ratio :math:`\varrho` of what was gained to what the model foresaw decides
whether a step is taken, and how large the next region is.

None of the three depends on the units of parameters: where each is multiplied by a number, the
iterates are multiplied with it, by powers of two bit for bit. The first radius is a multiple of the
length of the start in the sizes of E, which have the units of the parameters too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Expr, MatrixExpr, Min, Or, Piecewise, Rational, Symbol, latex

from symlab.algebra.alphabet import (
    C,
    E,
    J,
    K,
    L,
    P,
    Phi,
    R,
    bend,
    damping,
    decrease,
    foreseen,
    phi_0,
    phi_q,
    radius,
    ratio,
    reach,
)
from symlab.checks import shown
from symlab.methods.configurable import Configurable, assignments
from symlab.methods.searches import Search, armijo


@dataclass(frozen=True, repr=False)
class SquaresMethod(Configurable):
    """A method for sums of squares; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    expression : sympy.MatrixExpr
        The step P, shape (n, 1), in the residuals R, their Jacobian J, and E.
    source : str
        Author, year, and where the formula stands.
    defaults, values : mapping of symbol to number
        Hyperparameters, and those chosen by calling the method: the first `radius`, in sizes of the
        start; the `decrease`, the least ratio with which a step is taken.
    search : Search, optional
        What chooses the length of the step; None where a region does.
    eliminates : bool
        Whether parameters that enter linearly are always the best for the others (see
        `symlab.algebra.squares.separable`), so that only the others are stepped.

    Examples
    --------
    >>> levenberg_marquardt(radius=100)
    levenberg_marquardt(radius=100, decrease=1/10000)
    >>> gauss_newton.expression
    -(J.T*J)**(-1)*J.T*R
    """

    name: str
    expression: MatrixExpr
    source: str
    defaults: Mapping[Symbol, object] = field(default_factory=dict)
    values: Mapping[Symbol, object] = field(default_factory=dict)
    search: Search | None = None
    eliminates: bool = False

    def __call__(self, search: Search | None = None, **values: object) -> "SquaresMethod":
        """Return the same method with these hyperparameters, or with another search.

        Raises
        ------
        TypeError
            If a word is none of the method's, a value is no number, or the search is none.
        ValueError
            If a value lies outside its domain.
        """
        chosen = super().__call__(**values)
        if search is None:
            return chosen
        if self.search is None:
            raise TypeError(f"{self.name} has no search: the radius of its region bounds a step.")
        if not isinstance(search, Search):
            raise TypeError(f"search: expected one such as sl.armijo, got {shown(search)}.")
        return replace(chosen, search=search)

    @cached_property
    def _call(self) -> str:
        own = super()._call
        return own if self.search is None else f"{own[:-1]}search={self.search!r})"

    def latex(self) -> str:
        """Return the step, and how its damping and region are found, as LaTeX."""
        if self.search is not None:
            return rf"{assignments({P: self.expression})} \qquad {self.search.latex()}"
        rows = {
            **({K: UNDONE, C: BEST} if self.eliminates else {}),
            P: self.expression,
            reach**2: REACH,
            bend: BEND,
            foreseen: FORESEEN,
            damping: DAMPING,
            ratio: RATIO,
            radius: RADIUS,
        }
        return rf"{assignments(rows)} \qquad {latex(ratio > decrease)}"


_normal = J.T * J

gauss_newton = SquaresMethod(
    "gauss_newton",
    -(_normal.I * J.T * R),
    "Nocedal & Wright 2006, section 10.3; a length that Armijo's condition accepts: Hartley 1961",
    search=armijo,
)

levenberg_marquardt = SquaresMethod(
    "levenberg_marquardt",
    -((_normal + damping * E).I * J.T * R),
    "Levenberg 1944; Marquardt 1963; region and scaling as in Moré 1978",
    {radius: 1, decrease: Rational(1, 10_000)},
)

variable_projection = SquaresMethod(
    "variable_projection",
    -((K.T * K + damping * E).I * K.T * R),
    "Golub & Pereyra 1973; the Jacobian as in Kaufman 1975; region as in Moré 1978",
    {radius: 1, decrease: Rational(1, 10_000)},
    eliminates=True,
)

_of_linear: MatrixExpr = (Phi.T * Phi).I * Phi.T

UNDONE: MatrixExpr = L - Phi * _of_linear * L
"""Kaufman's Jacobian of the residuals that the best linear parameters leave.

Golub and Pereyra's has one more term, the change of the projection itself. Without it the gradient
is the same, and the step is that of the whole Gauss-Newton step in the other parameters (Ruhe &
Wedin 1980): it needs no second derivatives of the model, and no more steps where residuals are
small.
"""

BEST: MatrixExpr = -_of_linear * R
"""The step of the linear parameters to the best ones."""

REACH: MatrixExpr = P.T * E * P
"""The squared length of a step in the sizes of E."""

BEND: MatrixExpr = P.T * E * (_normal + damping * E).I * E * P
"""Half of what the squared length falls by, for each unit of damping."""

FORESEEN: MatrixExpr = P.T * _normal * P + 2 * damping * P.T * E * P
"""By how much the sum of squares falls if the linear model is right (Moré 1978, section 4)."""

RATIO: Expr = (phi_0 - phi_q) / foreseen
"""What a step gained, in parts of what the linear model foresaw."""

SHORTER: Expr = Min(radius, reach) / 2
"""The radius after a step that was refused, or gained little."""

RADIUS: Expr = Piecewise(
    (SHORTER, ratio <= Rational(1, 4)),
    (2 * reach, Or(ratio >= Rational(3, 4), damping <= 0)),
    (radius, True),
)
"""The next radius: Moré 1978, section 4, who shrinks it by a factor found from the values."""

DAMPING: Expr = damping + reach**2 * (reach - radius) / (bend * radius)
"""The damping that brings the step nearer to the region's edge (Hebden 1973).

It is Newton's method on 1/radius - 1/reach, and comes from the left without passing the root
(Nocedal & Wright 2006, sections 4.3 and 10.3).
"""

INSIDE = reach <= Rational(11, 10) * radius
"""Whether a step is in the region, give or take a tenth (Moré 1978, section 5)."""

LEAST_DAMPING = Rational(1, 2**40)
"""The damping to begin with where the undamped step does not exist, J being of lower rank."""

SQUARES_METHODS: dict[str, SquaresMethod] = {
    method.name: method for method in (gauss_newton, levenberg_marquardt, variable_projection)
}

FORMULAS: tuple[Expr, ...] = (RATIO, SHORTER, RADIUS, DAMPING, INSIDE)
"""All that a runner evaluates on the way."""
