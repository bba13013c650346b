"""Derivations of the chapter's section 11: which way down, and how far."""

from collections.abc import Sequence

from sympy import Ge, Gt, Identity, Lambda, Le, MatrixSymbol, Symbol, ZeroMatrix, symbols

from symlab.algebra.alphabet import G, H, P, alpha, n, phi_0, phi_q, q, square
from symlab.book.derivations.taylor_and_newton import f_0, model
from symlab.methods.searches import backtracking as backtracking_search
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import gradient, smooth

x = Symbol("x", real=True)
f, J = smooth("f"), smooth("J")
f_after = MatrixSymbol("f_after", 1, 1)
nothing = ZeroMatrix(n, 1)


def _slope_along(direction: int) -> list[Step]:
    """Return the slope of f on the ray along +-the gradient, in two variables."""
    a, b, d, e = symbols("a b d e", real=True)
    phi, ray = smooth("phi"), f(a + q * d, b + q * e)
    slopes = [f(a, b).diff(letter) for letter in (a, b)]
    start = phi(q).diff(q).subs(q, 0)
    squares = direction * (slopes[0] ** 2 + slopes[1] ** 2)
    uphill = direction > 0
    return [
        Step(equation(phi(q), ray), "f on the ray from (a, b) in the direction (d, e)."),
        Step(
            equation(phi(q).diff(q), ray.diff(q)),
            "The slope on the ray: the chain rule.",
            "differentiate",
            by=q,
        ),
        Step(
            equation(start, d * slopes[0] + e * slopes[1]),
            "The slope at the start.",
            "substitute",
            by={q: 0},
        ),
        Step(
            equation(start, squares),
            f"The direction {'as printed, plus' if uphill else 'corrected, minus'} the gradient.",
            "substitute",
            by={d: direction * slopes[0], e: direction * slopes[1]},
        ),
        Step(
            Ge(start, 0) if uphill else Le(start, 0),
            "f rises at once, unless the gradient is zero: q = 0 is best, and nothing moves."
            if uphill
            else "f falls at first, unless the gradient is zero: there is a better q than 0.",
            "bound",
        ),
    ]


@plan(
    "An exact line search as printed looks uphill",
    section=11,
    remark="The ray is printed with a plus sign (errata E09). f_1 is the derivative in the first "
    "of two variables, which stand for any number.",
)
def line_search_printed() -> Sequence[Step]:
    """Errata E09: the slope along plus the gradient."""
    return _slope_along(1)


@plan(
    "Minus the gradient goes down",
    section=11,
    remark="f_1 is the derivative in the first of two variables, which stand for any number.",
)
def line_search() -> Sequence[Step]:
    """The slope along minus the gradient."""
    steps = _slope_along(-1)
    slope = steps[3].statement
    a, b = symbols("a b", real=True)
    return [
        *steps,
        Step(
            equation(slope.left, -slope.right),
            "On the ray as printed the slope has the other sign.",
            "refuted",
            after=4,
            by={f: Lambda((a, b), a**2 + b**2), a: 1, b: 1},
        ),
    ]


h = smooth("h")(P)
surrogate_model = f_0 + G.T * P + P.T * P / (2 * alpha)
guaranteed = f_0 - alpha / 2 * G.T * G


@plan(
    "The surrogate, and why its lowest point is the gradient step",
    section=11,
    remark="G is the gradient at the iterate, f_0 the value, P the step. The text speaks of the "
    "identity in place of the Hessian; the formula has the identity over alpha (errata E30).",
)
def surrogate() -> Sequence[Step]:
    """From Newton's model to gradient descent, and to the value reached."""
    completed = (P + alpha * G).T * (P + alpha * G) / (2 * alpha)
    return [
        Step(equation(J(P), model), "The quadratic model, with the Hessian."),
        Step(
            equation(J(P), surrogate_model),
            "One curvature, 1/alpha, in all directions.",
            "substitute",
            by={H: Identity(n) / alpha},
        ),
        Step(equation(h, J(P)), "This is the surrogate."),
        Step(equation(h, surrogate_model), "Written out.", "equal", using=[2]),
        Step(
            equation(gradient(h), G + P / alpha),
            "Its gradient.",
            "differentiate",
            by=P,
        ),
        Step(
            equation(nothing, G + P / alpha),
            "It is flat where that is zero.",
            "substitute",
            by={gradient(h): nothing},
        ),
        Step(equation(P, -alpha * G), "The flat point is the gradient step.", "solve"),
        Step(
            equation(h, guaranteed + completed),
            "The square completed.",
            "equal",
            after=4,
        ),
        Step(
            Ge(h, guaranteed, evaluate=False),
            "A square is not negative, so the flat point is the lowest, and this its value.",
            "bound",
        ),
    ]


@plan(
    "Equation (1) of backtracking: the decrease that the surrogate promises",
    section=11,
    remark="The letters are those of `surrogate`; f_after is the value after the step. The text "
    "calls the last term positive unless at the minimum: it is not positive, and is zero at any "
    "stationary point (errata E30).",
)
def backtracking() -> Sequence[Step]:
    """From f <= h at the new point to Eq. (1), and on to f not rising."""
    return [
        Step(equation(h, surrogate_model), "The surrogate, as a function of the step."),
        Step(
            Le(f_after, h, evaluate=False),
            "The test: at the new point, and only there, f is not above the surrogate.",
        ),
        Step(equation(P, -alpha * G), "The step is the gradient step."),
        Step(
            equation(h, f_0 - alpha * G.T * G + alpha / 2 * G.T * G),
            "The surrogate there: the slope takes a whole, the curvature gives back a half.",
            "equal",
            after=1,
            using=[3],
        ),
        Step(
            Le(f_after, guaranteed, evaluate=False),
            "Equation (1).",
            "equal",
            after=2,
            using=[4],
        ),
        Step(
            Le(f_after, f_0, evaluate=False),
            "A step that passes does not raise f.",
            "bound",
        ),
    ]


@plan(
    "The test as boxed can never be met where f is a parabola",
    section=11,
    remark="The chapter's box asks for q |g|^2, with q the step size; its Eq. (1) asks for half of "
    "that (errata E04). The letters are those of `symlab.backtracking`; gamma is |g|^2.",
)
def backtracking_printed() -> Sequence[Step]:
    """Errata E04: what is left over in either test, on a bowl of curvature L."""
    L, u = Symbol("L", positive=True), Symbol("u", nonnegative=True)
    at = Symbol("x", real=True, nonzero=True)
    bowl, slope = L * at**2 / 2, L * at
    new = f(at - q * slope)
    left_box, left = symbols("E R", real=True)
    box, right = (backtracking_search(variant=name).condition for name in ("box", "equation"))
    on_bowl = {phi_q: new, phi_0: f(at), square: slope**2}
    return [
        Step(equation(f(at), bowl), "A parabola of curvature L, as near any good minimum."),
        Step(equation(f(at).diff(at), slope), "Its slope.", "differentiate", by=at),
        Step(
            equation(new, bowl.subs(at, at - q * slope)),
            "Its value after a step of size q.",
            "substitute",
            by={at: at - q * slope},
            after=1,
        ),
        Step(
            equation(left_box, phi_q - box.rhs),
            "What is too much for the box: a step passes if this is at most 0.",
        ),
        Step(
            equation(left_box, new - f(at) + q * slope**2),
            "On the parabola.",
            "substitute",
            by=on_bowl,
        ),
        Step(
            equation(left_box, L**3 * q**2 * at**2 / 2),
            "Put in and multiplied out.",
            "equal",
            using=[1, 3],
        ),
        Step(Gt(left_box, 0), "No step passes, however short.", "bound"),
        Step(equation(left, phi_q - right.rhs), "What is too much for Eq. (1)."),
        Step(
            equation(left, phi_q - box.rhs),
            "The two tests are not one: the box asks for twice the decrease.",
            "refuted",
            by={q: 1, square: 1, phi_0: 0, phi_q: 0},
        ),
        Step(
            equation(left, new - f(at) + q * slope**2 / 2),
            "On the parabola.",
            "substitute",
            by=on_bowl,
        ),
        Step(
            equation(left, L**2 * at**2 * q * (L * q - 1) / 2),
            "Put in and factored.",
            "equal",
            using=[1, 3],
        ),
        Step(
            equation(left, -L * at**2 * u / (2 * (1 + u) ** 2)),
            "Any step up to one over the curvature: q = 1/(L (1 + u)), with u from 0 on.",
            "substitute",
            by={q: 1 / (L * (1 + u))},
        ),
        Step(Le(left, 0), "Each of these passes.", "bound"),
        *_above_tangent(),
    ]


def _above_tangent() -> list[Step]:
    """Return why no convex function meets the box's test but with equality."""
    F, y = smooth("F"), symbols("y", real=True)
    slope = F(x).diff(x)
    return [
        Step(
            Ge(F(y), F(x) + slope * (y - x)),
            "Any convex function lies above its tangents.",
        ),
        Step(
            Ge(F(x - q * slope), F(x) - q * slope**2),
            "So after a step it is not below what the box asks for.",
            "substitute",
            by={y: x - q * slope},
        ),
    ]
