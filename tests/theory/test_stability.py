"""Linear parts, step limits and best steps: derived by symlab, checked by proof and brute force."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Matrix, Poly, Rational, Symbol, exp, oo, sign, simplify, sqrt, symbols

from symlab.algebra.alphabet import alpha, epsilon, eta, g, k, s, x
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.methods.directions import bfgs, newton
from symlab.methods.method import as_method
from symlab.methods.rule import Rule
from symlab.methods.rules import (
    RULES,
    adabelief,
    adadelta,
    adam,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
)
from symlab.methods.searches import armijo, backtracking, exact_line_search
from symlab.theory.cycles import two_cycles
from symlab.theory.linearization import (
    NoLinearization,
    curvature,
    linearize,
    multiplier,
    multipliers,
    quadratic_roots,
    spectral_radius,
)
from symlab.theory.prediction import largest_accepted_step, newton_map, predict
from symlab.theory.stability import (
    balanced_steps,
    best_step,
    largest,
    schur_cohn,
    smallest,
    step_limit,
)
from symlab.theory.stationary import stationary_points

LINEAR = (gradient_descent, momentum, nesterov)
"""The rules of the table that a matrix describes near rest."""


def one_step(name, a, e, value):
    """Return the matrix of one step on a parabola, written out by hand from the papers."""
    return {
        "gradient_descent": [[1 - a * value]],
        "momentum": [[1 - a * value, e], [-a * value, e]],
        "nesterov": [[1 - a * value - e * a * value, e * e], [-a * value, e]],
    }[name]


def brute_force_radius(name, a, e, value):
    """Return the spectral radius of that matrix, by NumPy."""
    return np.abs(np.linalg.eigvals(np.array(one_step(name, a, e, value), dtype=float))).max()


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
def test_the_jacobian_is_the_one_written_by_hand(rule):
    """Differentiating the row gives the textbook matrix, letters kept."""
    by_hand = Matrix(one_step(rule.name, alpha, eta, curvature))
    assert simplify(linearize(rule).jacobian - by_hand) == Matrix.zeros(*by_hand.shape)


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
def test_the_characteristic_polynomial_vanishes_at_the_jacobian(rule):
    """Cayley and Hamilton: a matrix is a zero of its own characteristic polynomial."""
    linear = linearize(rule)
    total = Matrix.zeros(*linear.jacobian.shape)
    for coefficient in Poly(linear.characteristic, multiplier).all_coeffs():
        total = total * linear.jacobian + coefficient * Matrix.eye(linear.jacobian.rows)
    assert simplify(total) == Matrix.zeros(*total.shape)


def test_gradient_descent_is_stable_below_two_over_the_curvature():
    """|1 - alpha lambda| < 1 just when 0 < alpha < 2/lambda."""
    assert step_limit(gradient_descent) == 2 / curvature


def test_the_heavy_ball_is_stable_below_two_times_one_plus_eta_over_the_curvature():
    r"""For 0 <= eta < 1 it is stable iff 0 < alpha < 2(1 + eta)/lambda (Polyak 1964).

    The proof is in the signs: every Schur-Cohn expression is, up to the factor 1 - eta > 0, one of
    1, 1 + eta > 0, alpha lambda > 0 and 2(1 + eta) - alpha lambda.
    """
    assert simplify(step_limit(momentum) - 2 * (1 + eta) / curvature) == 0
    conditions = schur_cohn(linearize(momentum).characteristic, multiplier)
    positive = (1 - eta) * (2 * (1 + eta) - alpha * curvature)
    expected = [1 - eta, 1 + eta, positive, alpha * curvature * (1 - eta)]
    assert [(c - e).expand() for c, e in zip(conditions, expected, strict=True)] == [0] * 4


def test_nesterovs_limit_is_smaller_than_the_heavy_balls():
    """With the gradient at x it is 2(1 + eta)/((1 + 2 eta) lambda), smaller by 1 + 2 eta."""
    assert simplify(step_limit(nesterov) - 2 * (1 + eta) / ((1 + 2 * eta) * curvature)) == 0
    assert simplify(step_limit(momentum) / step_limit(nesterov) - (1 + 2 * eta)) == 0


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
@pytest.mark.parametrize("eta_value", [0, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("value", [0.05, 1, 20.25])
def test_the_limit_separates_stable_from_unstable_steps(rule, eta_value, value):
    """On a grid of steps NumPy's eigenvalues are inside the circle below the limit, only there."""
    limit = float(step_limit(rule).subs({eta: eta_value, curvature: value}))
    for fraction in np.linspace(0.02, 0.98, 25):
        assert brute_force_radius(rule.name, fraction * limit, eta_value, value) < 1
    for excess in (1.001, 1.1, 2, 10):
        assert brute_force_radius(rule.name, excess * limit, eta_value, value) > 1


@given(st.lists(st.fractions(-2, 2, max_denominator=20), min_size=1, max_size=4))
def test_schur_cohn_agrees_with_the_roots(coefficients):
    """For polynomials up to degree four the signs decide as NumPy's roots do, border apart."""
    z = Symbol("z")
    numbers = [Rational(c.numerator, c.denominator) for c in coefficients]
    polynomial = z ** len(numbers) + sum(c * z**j for j, c in enumerate(numbers))
    radius = np.abs(np.roots([float(c) for c in Poly(polynomial, z).all_coeffs()])).max()
    if abs(radius - 1) > 1e-6:
        assert all(c > 0 for c in schur_cohn(polynomial, z)) == (radius < 1)


@pytest.mark.parametrize("value", [Rational(1, 3), 5, 20.25, -2], ids=str)
@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
def test_multipliers_are_numpys_eigenvalues(rule, value):
    """The exact roots agree with floating-point eigenvalues of the matrix written by hand."""
    bound = rule(step_size=0.07)
    e = float(bound.hyperparameters.get(eta, 0))
    mine = sorted((complex(r) for r in multipliers(bound, value)), key=lambda r: (r.real, r.imag))
    theirs = np.linalg.eigvals(np.array(one_step(rule.name, 0.07, e, float(value)), dtype=complex))
    theirs = sorted(theirs, key=lambda r: (round(r.real, 9), r.imag))
    assert np.allclose(mine, theirs, atol=1e-7)
    assert float(spectral_radius(bound, value)) == pytest.approx(max(map(abs, mine)))


@pytest.mark.parametrize(
    "name, rule",
    [
        ("rosenbrock", nesterov),
        ("beale", nesterov),
        ("himmelblau", nesterov),
        ("beale", adadelta(step_size=0.01)),
        ("himmelblau", adadelta(step_size=0.01)),
    ],
    ids=str,
)
def test_a_rate_is_found_where_curvatures_are_surds_and_roots_lie_close(name, rule):
    """Their moduli could not be compared, and SymPy's search for single roots gave up."""
    minima = [
        point
        for point in stationary_points(PROBLEMS[name].objective).points
        if point.kind == "minimum"
    ]
    linear = linearize(rule)
    for point in minima:
        matrices = [
            linear.jacobian.subs({**linear.values, curvature: value}) for value in point.curvatures
        ]
        moduli = [np.abs(np.linalg.eigvals(np.array(m, dtype=float))).max() for m in matrices]
        # A double root moves by the square root of what rounding does to a number.
        assert float(predict(rule, point).rate) == pytest.approx(max(moduli), rel=1e-7)
    assert minima


def test_close_roots_of_a_polynomial_have_all_their_digits():
    """A root counted twice and one a billionth beside another; each pair of others together."""
    z = Symbol("z")
    near = Rational(1, 2) + Rational(1, 10**9)
    factors = Poly(z - Rational(1, 2), z) ** 2 * Poly(z - near, z) * Poly(z**2 + 1, z)
    found = quadratic_roots(factors)
    assert [root.is_real for root in found] == [True] * 3 + [False] * 2
    assert max(abs(root - exact) for root, exact in zip(found, [0.5, 0.5, near], strict=False)) < (
        Rational(1, 10**20)
    )
    assert found[3] == -found[4]


def test_the_balanced_step_of_gradient_descent_is_two_over_the_sum():
    """1 - alpha mu = -(1 - alpha L) at 2/(mu + L); in one variable that is 1/lambda."""
    assert balanced_steps(gradient_descent) == [2 / (smallest + largest)]
    assert best_step(gradient_descent, [Rational(81, 4)]) == Rational(4, 81)
    assert best_step(gradient_descent, [Rational(1, 10), 2]) == Rational(20, 21)


def test_the_balanced_step_of_the_heavy_ball():
    """Both extremes are equally far from 1 + eta at 2(1 + eta)/(mu + L)."""
    (step,) = balanced_steps(momentum)
    assert simplify(step - 2 * (1 + eta) / (smallest + largest)) == 0


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
@pytest.mark.parametrize("curvatures", [[2], [1, 9], [0.1, 1, 2], [1, 1000]], ids=str)
def test_no_step_of_a_grid_beats_the_best_step(rule, curvatures):
    """The spectral radius over all curvatures, by NumPy, is nowhere smaller on 2000 steps."""
    best = float(best_step(rule, curvatures))
    e = float(rule.hyperparameters.get(eta, 0))
    limit = min(float(step_limit(rule, value)) for value in curvatures)
    worst = [
        max(brute_force_radius(rule.name, a, e, value) for value in curvatures)
        for a in np.linspace(0, limit, 2001)[1:-1]
    ]
    mine = max(brute_force_radius(rule.name, best, e, value) for value in curvatures)
    # Near a double root the radius moves by the square root of the change: 1e-8 makes 1e-4.
    assert mine <= min(worst) + 1e-5


def test_newtons_step_limit_is_two_on_every_curvature():
    """Its multiplier 1 - alpha does not depend on the curvature; damping d raises the limit."""
    full, damped = as_method(newton), as_method(newton(damping=3))
    assert (step_limit(full), best_step(full, [1, 9])) == (2, 1)
    assert simplify(step_limit(damped) - 2 * (curvature + 3) / curvature) == 0


@pytest.mark.parametrize(
    "method, reason",
    [
        (adam, "adam divides by a root of its state"),
        (Rule("signed", {x: x - alpha * sign(g)}, {alpha: 1}, ""), "signed has a kink"),
        (Rule("fading", {x: x - alpha * g / (k + 1)}, {alpha: 1}, ""), "fading changes its step"),
        (Rule("shrinking", {x: x / 2 - alpha * g}, {alpha: 1}, ""), "shrinking does not rest"),
        (
            Rule("hoard", {s: s + g**2, x: x - alpha * g - g * s}, {alpha: 1}, ""),
            "never forgets",
        ),
        (as_method(backtracking), "backtracking chooses every step anew"),
        (as_method(bfgs), "bfgs changes its matrix"),
    ],
)
def test_a_method_without_a_linear_part_says_why(method, reason):
    """One sentence, as a ValueError that names the method."""
    with pytest.raises(NoLinearization, match=reason):
        step_limit(method)


def test_a_schedule_has_no_linear_part():
    """A step size that depends on k makes another matrix at every step."""
    with pytest.raises(NoLinearization, match="changes its step with k"):
        linearize(gradient_descent(step_size=1 / (k + 2)))


def test_state_that_only_fades_does_not_hide_the_limit():
    """AdaDelta at rest is gradient descent beside two fading means, so its limit is 2/lambda."""
    assert step_limit(adadelta) == 2 / curvature
    assert spectral_radius(adadelta(step_size=1, decay=0.25), Rational(1, 3)) == Rational(2, 3)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_of_the_table_is_linearised_or_says_why_not(rule):
    """No row of the table ends in anything but a matrix or a sentence that names the rule."""
    try:
        outcome = linearize(rule).name
    except NoLinearization as reason:
        outcome = str(reason)
    assert outcome.startswith(rule.name)


@pytest.mark.parametrize("library", ["optax", "keras3"])
def test_an_epsilon_under_the_root_gives_rmsprop_a_limit(library):
    """At rest s is 0, the step alpha/sqrt(epsilon): heavy ball, or with the switch Nesterov's."""
    rule = rmsprop(variant=library)
    assert simplify(step_limit(rule) - 2 * sqrt(epsilon) * (1 + eta) / curvature) == 0
    heavy = rule(epsilon=Rational(1, 100), momentum=Rational(1, 2))
    assert step_limit(heavy, 3) == Rational(1, 10)
    if library == "optax":
        assert step_limit(heavy(nesterov=True), 3) == Rational(1, 20)


def test_adabelief_adds_to_its_state_at_rest():
    """Its epsilon goes into s at each step, where other rules have it in the root only."""
    with pytest.raises(NoLinearization, match="adabelief adds to its state"):
        linearize(adabelief)


def test_a_rule_that_climbs_has_no_stable_step():
    """With the sign of the gradient flipped the limit is 0; with no gradient it is infinite."""
    assert step_limit(Rule("ascent", {x: x + alpha * g}, {alpha: 1}, "")) == 0
    assert step_limit(Rule("half", {x: x - g / (1 + curvature)}, {}, "")) == oo


@pytest.mark.parametrize("value", [0, -1, float("nan"), "2"], ids=repr)
def test_a_curvature_that_is_not_positive_is_refused(value):
    """A step limit belongs to a minimum."""
    with pytest.raises((ValueError, TypeError), match="curvature"):
        step_limit(gradient_descent, value)


@pytest.mark.parametrize(
    "search, bound",
    [
        (backtracking, Rational(1, 4)),
        (backtracking(decrease=0.25), Rational(3, 8)),
        (backtracking(variant="box"), 0),
        (backtracking(variant="listing"), None),
        (armijo(decrease=0.5), Rational(1, 4)),
        (exact_line_search, None),
    ],
    ids=str,
)
def test_a_search_accepts_on_a_parabola_up_to_a_derived_step(search, bound):
    """For f = 2 x^2 and a fraction c of the decrease it is 2(1 - c)/lambda: 0 for the box (E04)."""
    assert largest_accepted_step(as_method(search), Rational(4)) == bound


def test_newtons_map_of_the_quartic_has_its_pole_at_three_halves():
    """N(x) = x (8x - 9)/(12x - 18), as in errata E10."""
    mapped, poles = newton_map(PROBLEMS["quartic"].objective)
    (v,) = PROBLEMS["quartic"].objective.variables
    assert simplify(mapped - v * (8 * v - 9) / (12 * v - 18)) == 0
    assert poles == (Rational(3, 2),)


@pytest.mark.parametrize("power", [3, 4, 5, 8])
def test_newton_is_linear_at_a_degenerate_zero(power):
    """F' ~ x^m with m = power - 1 shrinks by (m - 1)/m: N(x) = x (m - 1)/m exactly."""
    v = Symbol("v", real=True)
    objective = Objective(v**power)
    (point,) = stationary_points(objective).points
    predicted = predict(as_method(newton), point)
    mapped, _ = newton_map(objective)
    assert simplify(mapped / v - predicted.multiplier) == 0
    assert predicted.rate == Rational(power - 2, power - 1)
    assert predicted.order == 1


def test_the_2_cycles_of_the_quartic_solve_their_equations():
    """N(p) = q, N(q) = p, p not fixed; the multiplier is the product of slopes of N."""
    cycles = two_cycles(PROBLEMS["quartic"].objective, gradient_descent(step_size=0.1))
    assert [cycle.attracting for cycle in cycles] == [False, True]
    for cycle in cycles:
        p, q = (c.evalf(40) for c in cycle.points)
        for here, there in ((p, q), (q, p)):
            assert abs(here - (4 * here**3 - 9 * here**2) / 10 - there) < Rational(1, 10**35)
        slopes = [1 - (12 * c**2 - 18 * c) / 10 for c in (p, q)]
        assert abs(cycle.multiplier.evalf(40) - slopes[0] * slopes[1]) < Rational(1, 10**30)


def test_the_2_cycle_is_where_a_long_run_ends():
    """5000 steps with 40 digits, in the test's own loop, agree with the algebra to 12 digits."""
    with mpmath.workdps(40):
        here = mpmath.mpf(1) / 10
        for _ in range(5000):
            here -= (4 * here**3 - 9 * here**2) / 10
        there = here - (4 * here**3 - 9 * here**2) / 10
        run = sorted((here, there))
        (cycle,) = [
            c
            for c in two_cycles(PROBLEMS["quartic"].objective, gradient_descent(step_size=0.1))
            if c.attracting
        ]
        for point, reached in zip(cycle.points, run, strict=True):
            assert abs(point.evalf(40) - Rational(str(reached))) < Rational(1, 10**12)
    assert f"{float(cycle.points[0]):.11f}" == "2.14750221314"
    assert f"{float(cycle.points[1]):.11f}" == "2.33658052652"
    assert f"{float(cycle.multiplier):.4f}" == "0.8997"


@pytest.mark.parametrize("step", [Rational(1, 20), Rational(1, 2), 1])
def test_a_parabola_has_no_isolated_2_cycle(step):
    """At step 1 every start oscillates about x^2 for ever; that continuum is not listed."""
    v = symbols("v", real=True)
    assert two_cycles(Objective(v**2), gradient_descent(step_size=step)) == ()


def test_the_period_doubling_point_is_no_cycle():
    """At the exact limit the fixed point is a double zero of N(N(x)) - x and is removed."""
    cycles = two_cycles(PROBLEMS["quartic"].objective, gradient_descent(step_size=Rational(8, 81)))
    assert Rational(9, 4) not in [point for cycle in cycles for point in cycle.points]


def test_2_cycles_are_left_out_where_algebra_stops():
    """Two variables, state, transcendental functions and high degrees give None, not a wait."""
    u = symbols("u", real=True)
    assert two_cycles(Objective(exp(u)), gradient_descent) is None
    assert two_cycles(PROBLEMS["ravine"].objective, gradient_descent) is None
    assert two_cycles(PROBLEMS["quartic"].objective, momentum) is None
    assert two_cycles(Objective(u**12), gradient_descent) is None
