"""Formulas people bring: what `analyze` says of each, against values found by hand or mpmath.

The kinds are those of issue 9: K1 and K13 the domain, K10 what is missed and how it is worded, K18
the time an analysis takes.
"""

import signal
from itertools import pairwise

import mpmath
import pytest
from sympy import (
    Abs,
    E,
    Heaviside,
    Max,
    Min,
    Ne,
    Piecewise,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    atanh,
    besselj,
    cos,
    erf,
    exp,
    floor,
    log,
    loggamma,
    oo,
    pi,
    sin,
    sinc,
    sqrt,
    symbols,
    tan,
    tanh,
)

from symlab.algebra.functions import hinge, relu, sigmoid, softplus
from symlab.algebra.objective import Objective
from symlab.methods.rules import gradient_descent
from symlab.theory.analyze import analyze

x, y, m, s = symbols("x y m s", real=True)
p = symbols("p", positive=True)
q = symbols("q", nonnegative=True)
GUARDED = Piecewise((sin(x) / x, Ne(x, 0)), (1, True))
ACKLEY = (
    -20 * exp(-sqrt((x**2 + y**2) / 2) / 5) - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2) + E + 20
)


def chained_rosenbrock(n, shift=0):
    """Return the sum of 100 (v[i+1] - v[i]^2)^2 + (1 - v[i])^2, moved by a shift."""
    v = symbols(f"v0:{n}", real=True)
    w = [symbol - shift for symbol in v]
    links = [100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(w)]
    return Objective(sum(links), variables=v)


@pytest.mark.parametrize(
    "expression, minima, aside",
    [
        # derivative zero where the formula has no value
        (
            log(s) + ((m - 1) ** 2 + 4) / (2 * s**2),
            [(1, 2)],
            "(1, -2) is outside the domain: log(s)",
        ),
        (x**2 - log(x**2 - 1), [(-sqrt(2),), (sqrt(2),)], "x = 0 is outside"),
        (atanh(x) + x**2, [], "atanh(x) is not real"),
        (x - log(x) - log(1 - x), [(0.3819660112501051,)], "log(1 - x) is not real"),
        (3 * log(x) + 2 / x, [(Rational(2, 3),)], None),
        (x - 2 * log(x), [(2,)], None),
        (-3 * log(x) - 7 * log(1 - x), [(Rational(3, 10),)], None),
        (x**2 - 2 * sqrt(x), [(0.6299605249474366,)], None),  # 2x = x^(-1/2)
        (acos(x) + 2 * x, [(-sqrt(3) / 2,)], None),
        # against a symbol's assumption
        ((p**2 - 4) ** 2, [(2,)], "p = -2 is outside the domain: p is declared positive"),
        (p**2 + 4 * p, [], None),
        (loggamma(p) - p, [(3.2031714697538544,)], None),  # digamma(p) = 1
        # the same formula without any trouble
        (x**2 - 4 * x, [(2,)], None),
    ],
    ids=str,
)
def test_k1_k13_minima_lie_in_the_domain(expression, minima, aside):
    """Roots of the gradient outside the domain, or against an assumption, are set aside."""
    a = analyze(Objective(expression))
    found = [tuple(map(float, point.point)) for point in a.minima]
    assert found == [pytest.approx([float(S(c)) for c in point]) for point in minima]
    if aside:
        assert any(aside in note for note in a.notes)
    if minima:
        assert a.rate is not None


def test_k1_the_minimum_outside_a_domain_is_no_target_either():
    """Digamma of p is 1 where mpmath says so: the table's number is checked against it."""
    assert mpmath.findroot(lambda t: mpmath.digamma(t) - 1, 3) == pytest.approx(3.2031714697538544)


@pytest.mark.parametrize(
    "expression, place, value, slopes",
    [
        (Abs(x), (0,), 0, (-1, 1)),
        (Abs(x - 3) + x / 2, (3,), Rational(3, 2), (Rational(-1, 2), Rational(3, 2))),
        (Max(x, 1 - x, (x - 1) ** 2), (Rational(1, 2),), Rational(1, 2), (-1, 1)),
        (relu(x) - x / 2, (0,), 0, (Rational(-1, 2), Rational(1, 2))),
        (hinge(x) + x**2 / 4, (1,), Rational(1, 4), (Rational(-1, 2), Rational(1, 2))),
        (sqrt(x**2), (0,), 0, (-1, 1)),
        (sqrt(Abs(x)), (0,), 0, (-oo, oo)),
        (Piecewise((1 - x, x < 1), (x**2 - 1, True)), (1,), 0, (-1, 2)),
        (Abs(x**2 - 2), (sqrt(2),), 0, (-2 * sqrt(2), 2 * sqrt(2))),
        (Abs(exp(x) - 2), (log(2),), 0, (-2, 2)),
        (sqrt(x**2 + y**2), (0, 0), 0, None),
        (
            Abs(x) + Abs(y) + (x - 2) ** 2 + (y - Rational(1, 4)) ** 2,
            (Rational(3, 2), 0),
            None,
            None,
        ),
        (Abs(1 - x) + 100 * Abs(y - x**2), (1, 1), 0, None),
        (Max(x, y, -x - y), (0, 0), 0, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_k10_a_minimum_at_a_kink_is_listed(expression, place, value, slopes):
    """The kink is a candidate like any other, with its slopes where there is one variable."""
    a = analyze(Objective(expression))
    (kink,) = [kink for kink in a.kinks if kink.point == place]
    assert kink.kind == "minimum"
    assert value is None or kink.value == value
    assert slopes is None or [float(c) for c in kink.slopes] == pytest.approx(
        [float(c) for c in slopes]
    )
    assert kink.description in repr(a)
    assert "The lowest point found is the kink" in a.verdict
    assert a.complete or "not proved" in repr(a)


@pytest.mark.parametrize(
    "expression, place, edge_slope",
    [(sqrt(x) + x, 0, oo), (x * sqrt(x) + x, 0, 1), (asin(x) + x**2, -1, oo), (q**2 + q, 0, 1)],
    ids=str,
)
def test_k10_a_minimum_on_the_edge_of_the_domain_is_listed(expression, place, edge_slope):
    """Its only slope is the one inside."""
    a = analyze(Objective(expression))
    (kink,) = [kink for kink in a.kinks if kink.kind == "minimum"]
    assert (kink.point, kink.edge, kink.slopes[1]) == ((place,), True, edge_slope)
    assert "edge of the domain" in a.verdict


def test_k10_a_power_of_three_halves_has_a_minimum_and_a_cycle():
    """R36: the slope at 0 exists and is 0; 2c = sqrt(c)/5 gives the cycle c = 1/100."""
    a = analyze(Objective(2 * Abs(x) ** Rational(3, 2) / 3), gradient_descent(step_size=0.2))
    assert (a.minimum.point, a.minimum.eigenvalues) == ((0,), (oo,))
    (cycle,) = a.cycles
    assert cycle.points == (Rational(-1, 100), Rational(1, 100))
    assert cycle.attracting
    assert "no constant step converges to it" in a.verdict
    assert "{-0.01, 0.01}" in a.verdict
    assert not any("kinks" in note for note in a.notes)


@pytest.mark.parametrize("expression", [GUARDED, sinc(x)], ids=["guarded", "sinc"])
def test_k9_the_maximum_at_a_guard_is_found_with_its_curvature(expression):
    """R33: sin(x)/x = 1 - x^2/6 + ..., so the second derivative at 0 is -1/3."""
    a = analyze(Objective(expression))
    (centre,) = [point for point in a.points if point.point == (0,)]
    assert (centre.kind, centre.value, centre.eigenvalues) == ("maximum", 1, (Rational(-1, 3),))
    assert not any("kinks" in note for note in a.notes)


def test_k10_ackleys_lowest_smooth_minimum_and_its_kink_are_both_there():
    """R38: (0.952, 0) with f = 2.58 is the lowest smooth one; f(0, 0) = 0 is below it."""
    a = analyze(Objective(ACKLEY), seconds=60)
    assert [(kink.point, kink.value, kink.kind) for kink in a.kinks] == [((0, 0), 0, "minimum")]
    assert "The lowest point found is the kink x = 0, y = 0 (f = 0)" in a.verdict
    reached = {tuple(round(abs(float(c)), 3) for c in point.point) for point in a.minima}
    assert {(0.952, 0.0), (0.0, 0.952)} & reached
    assert float(a.minimum.value) == pytest.approx(2.5799, abs=1e-4)
    assert any("that no other is lower is not proved" in note for note in a.notes)


@pytest.mark.parametrize(
    "expression, place",
    [
        (exp(x / 100) - x / 10, 100 * log(10)),
        (exp(x / 50) - 2 * x, 50 * log(100)),
        (x * log(x) - 8 * x, exp(7)),
        (exp(2000 * x) - 4000 * x, log(2) / 2000),
        (x + 10**7 / x + exp(-(x**2)), sqrt(10**7)),
    ],
    ids=str,
)
def test_k10_a_minimum_far_from_the_window_is_found(expression, place):
    """All scales are searched, not only [-10, 10]; the derivative is zero there by hand."""
    a = analyze(Objective(expression))
    assert [float(point.point[0]) for point in a.minima] == [pytest.approx(float(place.evalf()))]


@pytest.mark.parametrize(
    "expression",
    [sigmoid(x), tanh(x) - 2, exp(-(x**2)) * 0 + softplus(x), sigmoid(3 * x + 1), erf(x), log(x)],
    ids=str,
)
def test_k10_a_fading_gradient_is_no_stationary_point(expression):
    """A plateau's gradient is small in floats, and zero in them far out, but never zero."""
    a = analyze(Objective(expression))
    assert a.points == ()
    assert "not proved" in a.verdict or "never zero" in a.verdict
    assert "none (those found)" not in repr(a)


def test_k10_without_a_proof_none_is_not_said():
    """Where, by what, and that it is not proved stands in the sentence."""
    text = repr(analyze(Objective(exp(x) + sin(x) ** 2 / 9 + x)))
    assert "no stationary point found in [-10, 10]; not proved" in text
    assert "Searched numerically in [-10, 10] and, more coarsely, at other scales" in text


@pytest.mark.parametrize(
    "expression, kinds",
    [
        (x**4, {0: "minimum"}),
        (x**8 - x**6, {-sqrt(3) / 2: "minimum", 0: "maximum", sqrt(3) / 2: "minimum"}),
        (x * exp(-x), {1: "maximum"}),
        (x**2 * exp(-x), {0: "minimum", 2: "maximum"}),
        (cos(x) + x**2 / 2, {0: "minimum"}),
        (exp(-(x**2)), {0: "maximum"}),
        (x**3, {0: "inflection"}),
        (y**1000 + 1, {0: "minimum"}),
        ((x - 1) ** 101, {1: "inflection"}),
        (1 / (1 + exp(x)) + x / 4, {0: "inflection"}),
        (log(1 + x**2), {0: "minimum"}),
    ],
    ids=str,
)
def test_all_stationary_points_of_one_variable_have_their_kinds(expression, kinds):
    """Each by the sign of the derivative on either side, done by hand."""
    found = analyze(Objective(expression)).points
    assert {point.point[0]: point.kind for point in found} == kinds


@pytest.mark.parametrize(
    "expression, kinds",
    [
        (x * y, ["saddle"]),
        (sin(x) * exp(y), []),
        (x**2 - y**2 + x**4, ["saddle"]),
        (exp(-(x**2) - (y - 1) ** 2), ["maximum"]),
        ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2 + x / 10, ["minimum"] * 4 + ["saddle"] * 4),
    ],
    ids=str,
)
def test_points_in_the_plane_have_their_kinds(expression, kinds):
    """Without the maximum in the middle of Himmelblau's function, which the tilt keeps as well."""
    found = [point.kind for point in analyze(Objective(expression)).points]
    assert sorted(kind for kind in found if kind != "maximum" or len(kinds) == 1) == sorted(kinds)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "expression",
    [
        cos(x) ** pi,
        y**1000 + 1,
        softplus(hinge(y / x)),
        softplus(Min(x, E, y)),
        sigmoid(x**E) - 2,
        Min(-2, x / y),
        besselj(0, x),
        floor(x) + x**2,
        tan(x),
        x**x,
        Heaviside(x) * x**2,
        (x + y + m) ** 60,
        Abs(sin(x)) + Abs(cos(y)),
        exp(exp(exp(x))),
        log(log(log(x))),
        1 / x,
        2**x - (x - 1) * log(2) + log(x),
        abs(x) ** pi,
        (x**2 + 1) ** Symbol("r", real=True),
    ],
    ids=str,
)
def test_k18_any_formula_is_answered_within_the_budget(expression, capfd, recwarn):
    """A sentence comes, and before the timeout; no library speaks."""
    a = analyze(Objective(expression), gradient_descent(step_size=0.1), seconds=6)
    assert a.verdict.endswith(".")
    assert repr(a)
    assert a.to_dict()["verdict"] == a.verdict
    assert capfd.readouterr() == ("", "")
    assert len(recwarn) == 0


@pytest.mark.parametrize("n, shift", [(50, 0), (30, 2)])
def test_k18_many_variables_are_answered_and_the_minimum_is_exact(n, shift):
    """The gradient at (1, ..., 1) is zero by substitution; its rates are said to be numerical."""
    a = analyze(chained_rosenbrock(n, shift), seconds=120)
    assert a.minimum.point == (1 + shift,) * n
    assert (a.minimum.exact, a.minimum.value) == (True, 0)
    assert any("numerical: NumPy's eigenvalues" in note for note in a.notes)
    assert "..." in a.verdict


@pytest.mark.timeout(60)
def test_k18_little_time_gives_little_and_says_so():
    """A budget that is used up ends the search, not the analysis."""
    a = analyze(chained_rosenbrock(60), seconds=0.2)
    assert any("given up after" in note or "stopped before its end" in note for note in a.notes)
    assert "not proved" in a.verdict or a.minimum is not None


def test_k18_each_part_is_reported():
    """What calls it can show what is being done."""
    parts = []
    analyze(Objective(x**2 - sin(x)), report=parts.append)
    assert "The numerical search" in parts


def test_k18_ctrl_c_goes_through():
    """An interrupt in the middle of an analysis is not taken for one of SymPy's troubles."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            analyze(chained_rosenbrock(80))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "seconds, error", [(0, ValueError), (-1, ValueError), ("20", TypeError), (True, TypeError)]
)
def test_a_bad_budget_is_refused(seconds, error):
    """The message names the argument."""
    with pytest.raises(error, match="seconds: expected a number above 0"):
        analyze(Objective(x**2), seconds=seconds)


def test_cycles_outside_the_domain_are_left_out():
    """A cycle of negative numbers is none of a positive symbol."""
    cycles = analyze(Objective((p**2 - 4) ** 2), gradient_descent(step_size=0.2)).cycles
    assert cycles
    assert all(float(point) > 0 for cycle in cycles for point in cycle.points)


def test_integers_are_not_what_a_gradient_speaks_of():
    """The note says so instead of a bare "never zero"."""
    n = symbols("n", integer=True)
    notes = analyze(Objective((n - Rational(1, 2)) ** 2)).notes
    assert any("declared integer" in note for note in notes)
