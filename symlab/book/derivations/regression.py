"""Derivations of sums of squares: Gauss-Newton, and Levenberg-Marquardt between it and descent."""

from collections.abc import Sequence

from sympy import Ge, Le, MatrixExpr, MatrixSymbol, S, Symbol, ZeroMatrix, symbols

from symlab.algebra.alphabet import E, G, J, P, R, damping, n
from symlab.methods.squares import SQUARES_METHODS
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import gradient, smooth

M, L = smooth("M")(P), smooth("L")(P)
T, Q, U = MatrixSymbol("T", n, n), MatrixSymbol("Q", n, 1), MatrixSymbol("U", n, 1)
d, e = MatrixSymbol("d", 1, 1), MatrixSymbol("e", 1, 1)
nothing = ZeroMatrix(n, 1)
normal = J.T * J


def _model(step: MatrixExpr) -> MatrixExpr:
    """Return the sum of squares of the linear model after a step."""
    return R.T * R + 2 * G.T * step + step.T * normal * step


def _gauss_newton() -> list[Step]:
    """Return the minimiser of the linear model."""
    return [
        Step(
            equation(M, (R + J * P).T * (R + J * P)),
            "The residuals R are replaced by their linear model, after a step P.",
        ),
        Step(equation(G, J.T * R), "Half the gradient of the sum of squares."),
        Step(equation(M, _model(P)), "Multiplied out.", "equal", after=1, using=[2]),
        Step(equation(gradient(M), 2 * G + 2 * normal * P), "Its gradient.", "differentiate", by=P),
        Step(
            equation(nothing, 2 * G + 2 * normal * P),
            "The model is flat where that is zero.",
            "substitute",
            by={gradient(M): nothing},
        ),
        Step(equation(P, -normal.I * G), "The step of Gauss and Newton.", "solve"),
        Step(
            equation(P, SQUARES_METHODS["gauss_newton"].expression),
            "It is what `symlab.gauss_newton` computes.",
            "equal",
            using=[2],
        ),
    ]


def _damped() -> list[Step]:
    """Return the step with a price on its length."""
    length = P.T * E * P
    slope = 2 * G + 2 * normal * P + 2 * damping * E * P
    return [
        Step(equation(E, T.T * T), "The sizes by which a length is measured are squares."),
        Step(
            equation(L, _model(P) + damping * length),
            "A price mu is put on the squared length of the step.",
        ),
        Step(
            equation(gradient(L), slope),
            "The gradient of model and price.",
            "differentiate",
            by=P,
            using=[8],
        ),
        Step(
            equation(nothing, slope),
            "Both together are least where that is zero.",
            "substitute",
            by={gradient(L): nothing},
        ),
        Step(
            equation(P, -(normal + damping * E).I * G),
            "The step of Levenberg and Marquardt.",
            "solve",
        ),
        Step(
            equation(P, SQUARES_METHODS["levenberg_marquardt"].expression),
            "It is what `symlab.levenberg_marquardt` computes.",
            "equal",
            using=[2],
        ),
        Step(
            equation(P, -normal.I * G),
            "Without a price it is the step of Gauss and Newton.",
            "substitute",
            by={damping: 0},
            after=12,
        ),
    ]


def _towards_descent() -> list[Step]:
    """Return what the step tends to where the price is high."""
    u = Symbol("u", positive=True)
    return [
        Step(
            equation(nothing, 2 * G + 2 * u * normal * Q + 2 * E * Q),
            "A high price u^-1 makes steps short, in proportion: P is u Q.",
            "substitute",
            by={damping: 1 / u, P: u * Q},
            after=11,
        ),
        Step(
            equation(nothing, 2 * G + 2 * E * Q),
            "The limit of a price without bound.",
            "substitute",
            by={u: 0},
        ),
        Step(
            equation(Q, -E.I * G),
            "A short step goes down the gradient, in units of the sizes.",
            "solve",
        ),
    ]


def _region() -> list[Step]:
    """Return why the step is the best of all that are no longer."""
    after = P + U
    return [
        Step(
            equation(G, -(normal + damping * E) * P),
            "The equation of the step, solved for the gradient.",
            "solve",
            after=11,
        ),
        Step(
            equation(d, _model(after) - _model(P)),
            "By how much the model is higher after any other step, P + U.",
        ),
        Step(equation(e, after.T * E * after - P.T * E * P), "By how much that one is longer."),
        Step(
            equation(d, U.T * normal * U + damping * U.T * T.T * T * U - damping * e),
            "What is higher is two squares, less the price of what is longer.",
            "equal",
            after=19,
            using=[8, 18, 20],
        ),
        Step(
            Ge(d, -damping * e, evaluate=False),
            "No step that is no longer is lower: this is the best within its own length.",
            "bound",
        ),
    ]


def _shorter() -> list[Step]:
    """Return why a higher price makes a shorter step, one coordinate at a time."""
    length, bent = smooth("ell"), Symbol("lambda", nonnegative=True)
    at = Symbol("mu", positive=True)
    g = symbols("g", real=True)
    return [
        Step(
            equation(length(at), g**2 / (bent + at) ** 2),
            "The squared length in a coordinate along which J'J is lambda times E.",
        ),
        Step(
            equation(length(at).diff(at), -2 * g**2 / (bent + at) ** 3),
            "How it changes with the price.",
            "differentiate",
            by=at,
        ),
        Step(
            Le(length(at).diff(at), S.Zero),
            "In every coordinate the step gets shorter, so that one price meets any length.",
            "bound",
        ),
    ]


@plan(
    "Levenberg-Marquardt as the bridge between descent and Newton",
    section=10,
    remark="R are the residuals at the iterate, J their Jacobian, P is the step; E is the diagonal "
    "of sizes, T that of their roots, mu the damping.",
)
def levenberg_marquardt() -> Sequence[Step]:
    """From the linear model of the residuals to both ends of the bridge."""
    return [*_gauss_newton(), *_damped(), *_towards_descent(), *_region(), *_shorter()]
