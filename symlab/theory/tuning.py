r"""The step size and momentum that suit a range of curvatures, derived from the linear part.

Where the characteristic polynomial has a double root, its modulus is as small as momentum can make
it on that curvature. Polyak's choice puts a double root on both ends of the range; Nesterov's takes
the step 1/L of the largest curvature and puts a double root on the smallest.
"""

from dataclasses import dataclass

from sympy import Expr, Poly, S, Symbol, discriminant, fraction, simplify, solve, together

from symlab.algebra.alphabet import alpha, eta
from symlab.algebra.exactly import exactly
from symlab.algebra.numbers import sign_of
from symlab.checks import shown
from symlab.methods.rules import momentum, nesterov
from symlab.theory.linearization import curvature, linearize, multiplier, quadratic_roots


@dataclass(frozen=True)
class Tuning:
    """Hyperparameters of a momentum rule, and the rate they promise.

    Parameters
    ----------
    step_size, momentum : sympy.Expr
        Exact numbers, for `sl.momentum` or `sl.nesterov`.
    rate : sympy.Expr
        The largest multiplier's modulus over all curvatures of the range: the factor per step.
    """

    step_size: Expr
    momentum: Expr
    rate: Expr


def polyak_optimum(low: object, high: object) -> Tuning:
    r"""Return the step size and momentum with which the heavy ball is fastest (Polyak 1964).

    With :math:`\eta = r^2` both multipliers have modulus r wherever the discriminant of the
    characteristic polynomial is not positive. That holds between two curvatures; the optimum puts
    the smallest curvature on the one and the largest on the other. For a condition number
    :math:`\kappa` the rate is :math:`(\sqrt\kappa - 1)/(\sqrt\kappa + 1)`.

    Parameters
    ----------
    low, high : number
        The smallest and the largest curvature, 0 < low <= high.

    Raises
    ------
    ValueError
        If they are not.

    Examples
    --------
    >>> polyak_optimum(1, 9)
    Tuning(step_size=1/4, momentum=1/4, rate=1/2)
    """
    bottom, top = _range(low, high)
    r = Symbol("r", positive=True)
    characteristic = linearize(momentum).characteristic.subs(eta, r**2)
    edges = solve(discriminant(characteristic, multiplier), alpha)
    at_low, at_high = sorted(edges, key=lambda edge: float(edge.subs({r: 0.5, curvature: 1})))
    gap = fraction(together(at_low.subs(curvature, bottom) - at_high.subs(curvature, top)))[0]
    # The two roots are reciprocal, so the one of smaller modulus is the one inside (0, 1).
    root = min(quadratic_roots(Poly(gap, r)), key=lambda value: abs(float(value)))
    step = at_high.subs({r: root, curvature: top})
    return Tuning(simplify(step), simplify(root**2), simplify(root))


def nesterov_standard(low: object, high: object) -> Tuning:
    r"""Return the textbook step size and momentum of Nesterov's method (Nesterov 2004, 2.2.22).

    The step is 1/high, at which the largest curvature is gone at once, and the momentum is the
    smaller one that gives the smallest curvature a double root:
    :math:`(\sqrt\kappa - 1)/(\sqrt\kappa + 1)`, for the rate :math:`1 - 1/\sqrt\kappa`.

    Parameters
    ----------
    low, high : number
        The smallest and the largest curvature, 0 < low <= high.

    Raises
    ------
    ValueError
        If they are not.

    Examples
    --------
    >>> nesterov_standard(1, 9)
    Tuning(step_size=1/9, momentum=1/2, rate=2/3)
    """
    bottom, top = _range(low, high)
    if bottom == top:
        return Tuning(1 / top, S.Zero, S.Zero)  # One curvature alone is gone without momentum.
    characteristic = linearize(nesterov).characteristic.subs({alpha: 1 / top, curvature: bottom})
    touching = quadratic_roots(Poly(discriminant(characteristic, multiplier), eta))
    chosen = min(touching, key=float)
    double = -Poly(characteristic.subs(eta, chosen), multiplier).all_coeffs()[1] / 2
    return Tuning(1 / top, simplify(chosen), simplify(double))


def _range(low: object, high: object) -> tuple[Expr, Expr]:
    bottom, top = exactly(low, "low"), exactly(high, "high")
    if sign_of(bottom) <= 0:
        raise ValueError(f"low: expected a positive number, got {shown(low)}.")
    if sign_of(top - bottom) < 0:
        raise ValueError(f"high: expected at least low = {shown(low)}, got {shown(high)}.")
    return bottom, top
