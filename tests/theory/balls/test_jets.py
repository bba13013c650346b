"""Balls hold what they claim to hold: values, gradients and Hessians, against SymPy's own."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath.ctx_iv import MPIntervalContext

from symlab.algebra.by_mpmath import NotComputable
from symlab.algebra.functions import relu, sigmoid, softplus
from symlab.algebra.objective import Objective
from symlab.theory.balls.arithmetic import Arb, Intervals, Unbounded
from symlab.theory.balls.jets import jet_of
from symlab.theory.balls.krawczyk import ball_of, inertia

x, y = sp.symbols("x y", real=True)

FORMULAS = [
    x**2 * y - 3 * x * y**3 + sp.Rational(1, 3),
    sp.exp(-(x**2)) * sp.cos(x * y) + sp.sin(x) ** 2,
    sp.log(2 + x**2 + y**2) / (3 + y),
    sp.sqrt(5 + x + y) * sp.tan(x / 4),
    (3 + x) ** sp.Rational(5, 3) + (4 + y) ** (x + 1),
    sigmoid(x - 2 * y) + softplus(x * y) + sp.pi * sp.E * x,
    sp.Abs(x + 9) * sp.Max(x, y + 20) + relu(x - 30) + sp.Min(3, y + 30) * sp.sign(7 + x),
    sp.Piecewise((x**3 * y, x < 5), (x - y, True)),
]
FOR_ARB = [
    sp.atan(x * y) + sp.tanh(x) * sp.sinh(y) + sp.cosh(y) + sp.asinh(x),
    sp.erf(x) * sp.erfc(y) + sp.acos(x / 9) + sp.atanh(y / 9) + sp.LambertW(3 + x),
]

ARITHMETIC = {"Arb": Arb(), "intervals": Intervals(MPIntervalContext())}
CASES = [(name, f) for name in ARITHMETIC for f in FORMULAS] + [("Arb", f) for f in FOR_ARB]


def holds(ball, balls, exact):
    """Whether a ball holds a number of fifty digits, to its last ones."""
    low, high = balls.ends(ball)
    slack = mpmath.mpf(10) ** -40 * (1 + abs(exact))
    return low - slack <= exact <= high + slack


@pytest.mark.parametrize(("name", "formula"), CASES, ids=str)
@given(
    middle=st.tuples(*[st.integers(-16, 16)] * 2),
    part=st.tuples(*[st.integers(-8, 8)] * 2),
    power=st.integers(3, 30),
)
@settings(max_examples=12, deadline=None)
def test_a_jet_holds_value_gradient_and_hessian_of_every_point_in_its_box(
    name, formula, middle, part, power
):
    """SymPy differentiates and evaluates in fifty digits; the point is anywhere in the box."""
    balls, f = ARITHMETIC[name], Objective(formula, (x, y))
    radius = sp.Rational(1, 2**power)
    centre = [sp.Rational(c, 8) for c in middle]
    at = {v: c + radius * p / 8 for v, c, p in zip((x, y), centre, part, strict=True)}
    with mpmath.workprec(200), balls.precision(200):
        box = [balls.around(balls.number(c), balls.number(radius)) for c in centre]
        try:
            jet = jet_of(f, balls, box)
        except Unbounded:
            return  # said so, which is no false claim
        exact = [sp.N(e.subs(at), 50) for e in (f.expression, *f.gradient, *f.hessian)]
        numbers = [mpmath.mpf(str(e)) for e in exact]
        zero = balls.number(sp.Integer(0))
        found = [jet.value, *(jet.gradient.get(i, zero) for i in (0, 1))]
        found += [jet.hessian.get(key, zero) for key in ((0, 0), (0, 1), (0, 1), (1, 1))]
        assert all(holds(b, balls, e) for b, e in zip(found, numbers, strict=True))


@pytest.mark.parametrize("name", ARITHMETIC)
def test_a_thin_box_gives_a_thin_jet(name):
    """Otherwise a ball that is infinitely wide would pass."""
    balls = ARITHMETIC[name]
    f = Objective(FORMULAS[1], (x, y))
    with mpmath.workprec(200), balls.precision(200):
        jet = jet_of(f, balls, [balls.number(sp.Rational(1, 3)), balls.number(sp.Rational(2, 7))])
        sizes = [balls.radius(ball) for ball in (jet.value, *jet.hessian.values())]
        assert all(size < ball_of(mpmath.mpf(10) ** -50, balls) for size in sizes)


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize(
    "formula",
    [sp.log(x), 1 / x, sp.sqrt(x), sp.Abs(x), relu(x), sp.tan(1 / x), x ** sp.Rational(1, 3)],
)
def test_a_pole_an_edge_and_a_kink_have_no_bound(name, formula):
    """In a box around zero."""
    balls = ARITHMETIC[name]
    with mpmath.workprec(80), balls.precision(80), pytest.raises(Unbounded):
        jet_of(
            Objective(formula, (x,)), balls,
            [balls.around(balls.number(sp.Integer(0)), balls.number(sp.Rational(1, 8)))],
        )  # fmt: skip


def test_what_has_no_enclosure_is_named():
    """Intervals know few functions, and say what brings more."""
    balls = ARITHMETIC["intervals"]
    with balls.precision(80), pytest.raises(NotComputable, match=r"symlab\[flint\]"):
        jet_of(Objective(sp.atan(x), (x,)), balls, [balls.number(sp.Integer(1))])
    arb = ARITHMETIC["Arb"]
    with arb.precision(80), pytest.raises(NotComputable, match="zeta"):
        jet_of(Objective(sp.zeta(x + 3), (x,)), arb, [arb.number(sp.Integer(1))])


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize(
    ("rows", "signs"),
    [
        ([[2, 1], [1, 2]], (2, 0)),
        ([[1, 2], [2, 1]], (1, 1)),
        ([[-3, 0, 1], [0, -1, 0], [1, 0, -2]], (0, 3)),
        ([[10**12, 1], [1, sp.Rational(1, 10**11)]], (2, 0)),
        ([[1, 1], [1, 1]], None),
    ],
)
def test_the_signs_of_eigenvalues_are_told_or_left_open(name, rows, signs):
    """Known by determinants; the last matrix is singular, and nothing may be said of it."""
    balls = ARITHMETIC[name]
    with mpmath.workprec(160), balls.precision(160):
        matrix = [[balls.number(sp.sympify(entry)) for entry in row] for row in rows]
        assert inertia(matrix, balls) == signs
