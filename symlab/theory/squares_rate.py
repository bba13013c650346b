r"""How fast Gauss-Newton converges: what it leaves out of the Hessian, in parts of what it keeps.

Near a minimum its step multiplies the distance with :math:`I - (2 c J^\top J)^{-1} H`, since the
gradient changes by H and the step divides by the part of it that first derivatives give. It is zero
where all residuals are (Nocedal & Wright 2006, section 10.3).
"""

from collections.abc import Sequence

from sympy import Expr, ImmutableDenseMatrix, Poly, Symbol, eye, re

from symlab.algebra.numbers import sign_of, spell_number
from symlab.algebra.objective import Objective
from symlab.algebra.squares import squares_of
from symlab.methods.squares import SquaresMethod
from symlab.theory.linearization import dominant, quadratic_roots
from symlab.theory.prediction import Prediction
from symlab.theory.stationary_point import StationaryPoint

_z = Symbol("z")


def predict_squares(objective: Objective, point: StationaryPoint) -> Prediction | None:
    """Return what undamped steps do near a stationary point; None where there are none.

    Parameters
    ----------
    objective : Objective
        A formula that is a sum of squares.
    point : StationaryPoint

    Examples
    --------
    >>> from sympy.abc import x
    >>> from symlab.theory.stationary import stationary_points
    >>> f = Objective((x - 1)**2 + (x**2 + 1)**2 / 4)
    >>> (minimum,) = stationary_points(f).points
    >>> print(minimum, predict_squares(f, minimum).multiplier.n(5))
    x ≈ 0.59607 -0.50000
    """
    if point.freedom:
        return None
    squares = squares_of(objective)
    here = dict(zip(point.variables, point.point, strict=True))
    jacobian = ImmutableDenseMatrix(squares.once.jacobian).subs(here)
    kept = 2 * squares.factor * jacobian.T * jacobian
    if sign_of(kept.det()) == 0:
        return None
    matrix = eye(len(here)) - kept.inv() * point.hessian
    multiplier = dominant([_real_if_tiny(root) for root in _eigenvalues(matrix)])
    rate = abs(multiplier)
    attracts = sign_of(1 - rate) > 0
    return Prediction(point, multiplier, rate, (2 if rate == 0 else 1) if attracts else None)


def _eigenvalues(matrix: ImmutableDenseMatrix) -> Sequence[Expr]:
    poly = Poly(matrix.charpoly(_z).as_expr(), _z)
    if not (poly.domain.is_ZZ or poly.domain.is_QQ):
        return quadratic_roots(poly)
    parts = [part for part, times in poly.factor_list()[1] for _ in range(times)]
    return [root for part in parts for root in quadratic_roots(part)]


def _real_if_tiny(root: Expr) -> Expr:
    """Return an eigenvalue without what rounding made imaginary: a symmetric pencil has none."""
    return re(root) if root.is_Float or root.has(1j) else root


def of_lower_rank(points: Sequence[StationaryPoint], predicted: Sequence[Prediction]) -> list[str]:
    """Return a note for each minimum of which nothing could be predicted."""
    known = [each.point for each in predicted]
    return [
        f"At {point} the Jacobian has no full rank, so that there is no full step."
        for point in points
        if point.kind == "minimum" and point not in known
    ]


def restrain(
    method: SquaresMethod, predictions: Sequence[Prediction]
) -> tuple[tuple[Prediction, ...], tuple[str, ...]]:
    """Return the predictions that hold, and notes: what bounds a step changes those that repel."""
    if method.eliminates:
        return (), (f"{method.name} changes what is minimised: no rate is predicted.",)
    full = method.search is not None and method.search.accept is None
    if full:
        return tuple(predictions), ()
    held = "the region" if method.search is None else method.search.name
    notes = [
        f"Full steps would leave {each.point} (multiplier {spell_number(each.multiplier)}): "
        f"{held} has to shorten them, and no rate is predicted."
        for each in predictions
        if not each.attracting
    ]
    near = f"Near a minimum {held} leaves the full step as it is."
    return tuple(each for each in predictions if each.attracting), (near, *notes)
