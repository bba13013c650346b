"""Derivations of the chapter's sections 9 and 10: the line and parabola of f, Newton's step."""

from collections.abc import Sequence

from sympy import (
    Gt,
    Lambda,
    MatrixSymbol,
    Rational,
    ZeroMatrix,
    symbols,
)

from symlab.algebra.alphabet import G, H, P, damping, n, q
from symlab.algebra.problems import PROBLEMS
from symlab.methods.directions import newton as newton_direction
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import gradient, smooth

x, x_0, x_after = symbols("x x_0 x_after", real=True)
f, p, J = smooth("f"), smooth("p"), smooth("J")
quartic = PROBLEMS["quartic"].objective
CHAPTERS_F = Lambda(quartic.variables, quartic.expression)
"""The chapter's f, to be put in for any f."""

slope_0, curvature_0 = f(x_0).diff(x_0), f(x_0).diff(x_0, 2)
tangent = f(x_0) + slope_0 * (x - x_0)
parabola = tangent + curvature_0 * (x - x_0) ** 2 / 2
f_0, f_after = MatrixSymbol("f_0", 1, 1), MatrixSymbol("f_after", 1, 1)
nothing = ZeroMatrix(n, 1)


@plan("Taylor's approximants: the line and the parabola that agree with f at a point", section=9)
def taylor() -> Sequence[Step]:
    """The coefficients, from what is demanded at one point."""
    c0, c1, c2 = symbols("c_0 c_1 c_2", real=True)
    ansatz = c0 + c1 * (x - x_0) + c2 * (x - x_0) ** 2 / 2
    slope, curvature = p(x_0).diff(x_0), p(x_0).diff(x_0, 2)
    line = c0 + c1 * (x - x_0)
    return [
        Step(equation(p(x), ansatz), "A parabola, its coefficients still to be found."),
        Step(equation(p(x_0), f(x_0)), "It is to have the value of f at the point."),
        Step(equation(slope, slope_0), "It is to have the slope of f there."),
        Step(equation(curvature, curvature_0), "It is to have the curvature of f there."),
        Step(equation(p(x_0), c0), "Its value there.", "substitute", by={x: x_0}, after=1),
        Step(equation(c0, f(x_0)), "So this is the first coefficient.", "solve", using=[2]),
        Step(
            equation(p(x).diff(x), c1 + c2 * (x - x_0)),
            "Its slope.",
            "differentiate",
            by=x,
            after=1,
        ),
        Step(equation(slope, c1), "Its slope there.", "substitute", by={x: x_0}),
        Step(equation(c1, slope_0), "So this is the second.", "solve", using=[3]),
        Step(equation(p(x).diff(x, 2), c2), "Its curvature.", "differentiate", by=x, after=7),
        Step(equation(curvature, c2), "Its curvature there.", "substitute", by={x: x_0}),
        Step(equation(c2, curvature_0), "So this is the third.", "solve", using=[4]),
        Step(
            equation(p(x), parabola),
            "The quadratic model of any f: with it Newton's method begins.",
            "equal",
            after=1,
            using=[6, 9, 12],
        ),
        Step(equation(p(x), line), "A line has no curvature.", "substitute", by={c2: 0}, after=1),
        Step(
            equation(p(x), tangent),
            "The first-order approximant of any f: with it gradient descent begins.",
            "equal",
            using=[6, 9],
        ),
        Step(
            equation(p(x), quartic.taylor(at=[1], order=1)),
            "For the chapter's f at 1.",
            "substitute",
            by={f: CHAPTERS_F, x_0: 1},
        ),
    ]


@plan(
    "Taylor's approximant in two variables, from one variable along a ray",
    section=9,
    remark="Two variables stand for any number; f_1 and f_12 are derivatives in the first, and in "
    "both.",
)
def taylor_plane() -> Sequence[Step]:
    """The slice of f through a point, expanded as in one variable."""
    a, b, d, e = symbols("a b d e", real=True)
    phi, ray = smooth("phi"), f(a + q * d, b + q * e)
    slopes = [f(a, b).diff(letter) for letter in (a, b)]
    start, bend = (phi(q).diff(q, times).subs(q, 0) for times in (1, 2))
    first = d * slopes[0] + e * slopes[1]
    second = d**2 * f(a, b).diff(a, 2) + 2 * d * e * f(a, b).diff(a, b) + e**2 * f(a, b).diff(b, 2)
    return [
        Step(equation(phi(q), ray), "f on the ray from (a, b) in the direction (d, e)."),
        Step(equation(phi(0), f(a, b)), "At its start.", "substitute", by={q: 0}),
        Step(
            equation(phi(q).diff(q), ray.diff(q)),
            "The slope on the ray: the chain rule.",
            "differentiate",
            by=q,
            after=1,
        ),
        Step(
            equation(start, first),
            "At the start it is the product of gradient and direction.",
            "substitute",
            by={q: 0},
        ),
        Step(
            equation(phi(q).diff(q, 2), ray.diff(q, 2)),
            "The curvature on the ray.",
            "differentiate",
            by=q,
            after=3,
        ),
        Step(
            equation(bend, second),
            "At the start the Hessian stands between the direction and itself.",
            "substitute",
            by={q: 0},
        ),
        Step(
            equation(p(q), phi(0) + start * q + bend * q**2 / 2),
            "Taylor's parabola in the one variable q.",
        ),
        Step(
            equation(p(1), phi(0) + start + bend / 2),
            "At q = 1, which is the point (a + d, b + e).",
            "substitute",
            by={q: 1},
        ),
        Step(
            equation(p(1), f(a, b) + first + second / 2),
            "Value, gradient and Hessian at (a, b): the quadratic model in two variables.",
            "equal",
            using=[2, 4, 6],
        ),
    ]


model = f_0 + G.T * P + P.T * H * P / 2


@plan(
    "Newton's step: where the quadratic model is flat",
    section=10,
    remark="One variable, any f.",
)
def newton() -> Sequence[Step]:
    """From the model to the update, and from 2 to 7/3."""
    return [
        Step(equation(J(x), parabola), "The quadratic model of f at the iterate."),
        Step(
            equation(J(x).diff(x), slope_0 + curvature_0 * (x - x_0)),
            "Its slope. The curvature is a number here: it is taken at the iterate.",
            "differentiate",
            by=x,
        ),
        Step(
            equation(0, slope_0 + curvature_0 * (x - x_0)),
            "The model is flat where the slope is zero.",
            "substitute",
            by={J(x).diff(x): 0},
        ),
        Step(equation(x, x_0 - slope_0 / curvature_0), "This is the next iterate.", "solve"),
        Step(
            equation(x, x_0 * (8 * x_0 - 9) / (12 * x_0 - 18)),
            "For the chapter's f: a rational map, with a pole where f has no curvature.",
            "substitute",
            by={f: CHAPTERS_F},
        ),
        Step(equation(x, Rational(7, 3)), "The first step from 2.", "substitute", by={x_0: 2}),
    ]


@plan(
    "Newton's step as printed: the curvature at the unknown",
    section=10,
    remark="The chapter writes H(x) where H(x_0) is meant (errata E31).",
)
def newton_printed() -> Sequence[Step]:
    """Errata E31: the printed equation is another one, and so is its solution."""
    printed, condition = slope_0 + f(x).diff(x, 2) * (x - x_0), smooth("F")
    seventh = Rational(7, 3)
    return [
        Step(equation(J(x), parabola), "The quadratic model of f at the iterate."),
        Step(
            equation(J(x).diff(x), slope_0 + curvature_0 * (x - x_0)),
            "Its slope, with the curvature at the iterate.",
            "differentiate",
            by=x,
        ),
        Step(
            equation(J(x).diff(x), printed),
            "As printed, with the curvature at the unknown.",
            "refuted",
            by={f: CHAPTERS_F, x_0: 2, x: 3},
        ),
        Step(
            equation(condition(x), printed), "What is to be zero at the next iterate, as printed."
        ),
        Step(
            equation(condition(x), 12 * x**3 - 42 * x**2 + 36 * x - 4),
            "For the chapter's f, from 2: a cubic where Newton's step needs a line.",
            "substitute",
            by={f: CHAPTERS_F, x_0: 2},
        ),
        Step(
            equation(condition(seventh), Rational(34, 9)),
            "At 7/3, the iterate that the chapter's own code goes to.",
            "substitute",
            by={x: seventh},
        ),
        Step(Gt(condition(seventh), 0), "The printed condition is not met there.", "bound"),
    ]


@plan(
    "Newton's step in any number of variables",
    section=10,
    remark="G and H are gradient and Hessian at the iterate, f_0 is the value, P is the step.",
)
def newton_matrix() -> Sequence[Step]:
    """The same with matrices of any size, up to the row of the table of directions."""
    return [
        Step(equation(J(P), model), "The quadratic model of f, as a function of the step."),
        Step(equation(H.T, H), "Second derivatives commute: a Hessian is symmetric."),
        Step(
            equation(gradient(J(P)), G + H * P),
            "The gradient of the model.",
            "differentiate",
            by=P,
            after=1,
            using=[2],
        ),
        Step(
            equation(nothing, G + H * P),
            "The model is flat where it is zero.",
            "substitute",
            by={gradient(J(P)): nothing},
        ),
        Step(equation(P, -H.I * G), "This is Newton's step.", "solve"),
        Step(
            equation(P, newton_direction.expression.subs(damping, 0).doit()),
            "It is what `symlab.newton` computes when nothing is damped.",
            "equal",
        ),
    ]
