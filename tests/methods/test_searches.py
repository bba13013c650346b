"""Searches: what each accept relation means, and the chapter's backtracking table, exactly."""

import pytest
import sympy as sp

from symlab.algebra.alphabet import beta, decrease, phi_0, phi_q, q, slope, square
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.methods.searches import (
    SEARCHES,
    Search,
    armijo,
    backtracking,
    exact_line_search,
    fixed,
)

every = pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
quartic = PROBLEMS["quartic"].objective
(x,) = quartic.variables
length, curvature = sp.symbols("a L", positive=True)


def accepts(search, start, step):
    """Return whether a search along the steepest descent of the quartic accepts a trial step."""
    gradient = quartic.gradient[0].subs(x, start)
    known = {
        phi_0: quartic.at([start]),
        phi_q: quartic.at([start - step * gradient]),
        slope: -(gradient**2),
        square: gradient**2,
        q: step,
    }
    return bool(search.condition.subs(known))


def searched(search, start, most=60):
    """Return the step accepted from a start, and how often it was shrunk."""
    step, shrinks = search.first_step, 0
    while shrinks < most and not accepts(search, start, step):
        step, shrinks = search.shrink * step, shrinks + 1
    return step, shrinks


# --- theorems -------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [1, 2, sp.Rational(5, 2), 3, -1])
def test_equation_1_says_that_the_surrogate_is_not_below_the_objective(start):
    """At the trial point x - q g the bound is the surrogate's value (section 11; errata E11)."""
    for step in (sp.Rational(1, 2), sp.Rational(8, 25), sp.Rational(1, 100)):
        gradient = quartic.gradient[0].subs(x, start)
        bound = backtracking.condition.rhs.subs(
            {phi_0: quartic.at([start]), square: gradient**2, q: step}
        )
        surrogate = Objective(quartic.surrogate([start], step))
        assert bound - surrogate.at([start - step * gradient]) == 0


def test_armijo_along_steepest_descent_is_equation_1_when_c_is_a_half():
    """There the slope is minus the squared length of the gradient."""
    half = {decrease: sp.Rational(1, 2)}
    on_steepest = armijo.accept.subs(half).subs(slope, -square)
    assert sp.expand(on_steepest.rhs - backtracking.accept.subs(half).rhs) == 0
    assert on_steepest.lhs == backtracking.accept.lhs == phi_q


def test_the_boxs_test_can_never_be_met_on_a_parabola():
    """On L x^2/2 it misses by L q^2 g^2/2, however small the step (errata E04)."""
    gradient = curvature * length
    values = {
        phi_0: curvature * length**2 / 2,
        phi_q: curvature * (length - q * gradient) ** 2 / 2,
        square: gradient**2,
    }
    box = backtracking(variant="box").condition.subs(values)
    deficit = sp.factor(box.lhs - box.rhs)
    assert sp.simplify(deficit - curvature * q**2 * gradient**2 / 2) == 0
    assert deficit.subs(q, length).is_positive


def test_a_step_up_to_one_over_the_curvature_meets_equation_1_on_a_parabola():
    """The descent lemma: the test holds exactly for q <= 1/L."""
    gradient = curvature * length
    values = {
        phi_0: curvature * length**2 / 2,
        phi_q: curvature * (length - q * gradient) ** 2 / 2,
        square: gradient**2,
    }
    equation = backtracking.condition.subs(values)
    excess = sp.factor((equation.lhs - equation.rhs) / (q * gradient**2))
    assert sp.solve(excess, q) == [1 / curvature]
    assert sp.diff(excess, q).is_positive


def test_the_listings_test_cannot_be_met_from_2():
    """It asks for 18 q where a step gives 16 q at most: the excess is zero at q = 0 alone (E03)."""
    listing = backtracking(variant="listing").condition
    excess = (listing.lhs - listing.rhs).subs({phi_q: quartic.along([2], [4], q), phi_0: -6})
    polynomial = sp.Poly(excess, q)
    assert polynomial.count_roots(0, sp.Rational(1, 2)) == 1
    assert polynomial.eval(0) == 0
    assert polynomial.eval(sp.Rational(1, 4)) > 0


# --- the chapter's numbers ------------------------------------------------------------------------

# Start, accepted step and shrinks of errata E03 (corrected column), from 1/2 by factors of 4/5.
CORRECTED = [(1, 2), (2, 9), (sp.Rational(5, 2), 12), (3, 14), (sp.Rational(9, 4), 0)]


@pytest.mark.parametrize("start, shrinks", CORRECTED, ids=str)
def test_backtracking_accepts_the_steps_of_the_table(start, shrinks):
    """At the minimum the first trial is accepted at once, as nothing is asked."""
    assert searched(backtracking, start) == (
        sp.Rational(1, 2) * sp.Rational(4, 5) ** shrinks,
        shrinks,
    )


def test_at_1_the_listing_agrees_and_the_box_goes_further():
    """0.32 to 2.6 by Equation (1) and, as f(1) = 0, by the listing; 0.256 to 2.28 by the box."""
    assert searched(backtracking, 1) == (sp.Rational(8, 25), 2)
    assert searched(backtracking(variant="listing"), 1) == (sp.Rational(8, 25), 2)
    assert searched(backtracking(variant="box"), 1) == (sp.Rational(32, 125), 3)


@pytest.mark.parametrize("test", ["box", "listing"])
def test_from_2_the_two_other_tests_never_accept(test):
    """In exact arithmetic; in floats the loop ends when rounding hides the difference."""
    assert searched(backtracking(variant=test), 2)[1] == 60


def test_armijos_small_fraction_accepts_earlier_than_a_half():
    """Its c = 1/10000 asks for less, so from 3 it keeps a longer step."""
    assert searched(armijo(step_size=0.5, shrink=0.8), 3)[0] > searched(backtracking, 3)[0]


# --- the call -------------------------------------------------------------------------------------


def test_defaults_are_the_chapters():
    """First step 1/2, factor 4/5, and the half of Equation (1)."""
    assert backtracking.first_step == sp.Rational(1, 2)
    assert backtracking.shrink == sp.Rational(4, 5)
    assert backtracking.hyperparameters[decrease] == sp.Rational(1, 2)


def test_a_float_is_the_decimal_it_prints_as():
    """So an exact run may backtrack by exact factors."""
    search = armijo(step_size=0.3, shrink=0.7, decrease=1e-4)
    assert search.hyperparameters == {
        q: sp.Rational(3, 10),
        beta: sp.Rational(7, 10),
        decrease: sp.Rational(1, 10_000),
    }
    assert search.condition.rhs == phi_0 + q * slope / 10_000


def test_the_condition_keeps_the_step_free():
    """Only q and what is measured at the trial remain in it."""
    for search in (backtracking, armijo, backtracking(variant="listing")):
        assert search.condition.free_symbols <= {q, phi_q, phi_0, slope, square}


def test_searches_without_a_test_have_no_condition():
    """The fixed step is taken as it is; the exact one is computed."""
    assert fixed.condition is None
    assert exact_line_search.condition is None
    assert exact_line_search.exact
    assert not any(search.exact for search in (fixed, backtracking, armijo))


def test_choosing_a_test_implies_its_fraction_unless_told_otherwise():
    """The box is the equation without the half; both are one relation."""
    box = backtracking(variant="box")
    assert box.hyperparameters[decrease] == 1
    assert box == backtracking("box")
    assert box(variant="equation").hyperparameters[decrease] == sp.Rational(1, 2)
    assert backtracking(variant="box", decrease=0.3).hyperparameters[decrease] == sp.Rational(3, 10)
    assert backtracking.hyperparameters[decrease] == sp.Rational(1, 2)


def test_it_prints_as_the_call_that_makes_it():
    """The listing's test is another relation, so it is named."""
    assert repr(backtracking(shrink=0.5)) == "backtracking(step_size=1/2, shrink=0.5, decrease=1/2)"
    assert repr(backtracking(variant="listing")).endswith(", variant='listing')")
    assert repr(exact_line_search()) == "exact_line_search()"


@every
def test_latex_is_printable(search):
    """No control character from an ordinary string."""
    assert search.latex().isprintable()
    assert "q" in search.latex()
    assert isinstance(search, Search)
    assert search.source


@pytest.mark.parametrize(
    "search, values, error, message",
    [
        (fixed, {"step_size": 0}, ValueError, r"fixed: step_size must lie in \(0, ∞\), got 0"),
        (fixed, {"step_size": -1}, ValueError, r"fixed: step_size must lie in \(0, ∞\), got -1"),
        (fixed, {"shrink": 0.5}, TypeError, "no hyperparameter 'shrink'.* It takes step_size"),
        (backtracking, {"shrink": 1}, ValueError, r"shrink must lie in \(0, 1\), got 1"),
        (backtracking, {"shrink": 0}, ValueError, r"shrink must lie in \(0, 1\), got 0"),
        (backtracking, {"decrease": 0}, ValueError, r"decrease must lie in \(0, 1\], got 0"),
        (backtracking, {"decrease": 1.1}, ValueError, r"decrease must lie in \(0, 1\], got 1.1"),
        (backtracking, {"stepsize": 1}, TypeError, "'stepsize'; did you mean 'step_size'"),
        (
            backtracking,
            {"variant": "bx"},
            ValueError,
            "variant: unknown name 'bx'; did you mean 'box'",
        ),
        (backtracking, {"variant": 3}, TypeError, "variant: expected a name, got 3"),
        (armijo, {"variant": "box"}, ValueError, "variant: unknown name 'box'. Known: none"),
        (
            armijo,
            {"decrease": float("nan")},
            ValueError,
            "armijo: decrease: expected a finite real",
        ),
        (exact_line_search, {"step_size": 1}, TypeError, "It takes none"),
    ],
)
def test_a_bad_hyperparameter_is_named(search, values, error, message):
    """Which search, which argument, what is allowed, what came, and the nearest word."""
    with pytest.raises(error, match=message):
        search(**values)
