"""Trust regions as values: what they hold, what is refused, and what their formulas say."""

import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.alphabet import (
    curvature,
    damping,
    largest,
    radius,
    ratio,
    reach,
    square,
    ss,
    sy,
    yy,
)
from symlab.methods.method import as_method, as_runnable
from symlab.methods.trust_regions import RADIUS, SHARE, TRUST_REGIONS, UNIT


@pytest.mark.parametrize("name", TRUST_REGIONS)
def test_a_name_means_what_the_value_means(name):
    """And a call sets its hyperparameters, which the call that is shown repeats."""
    method = TRUST_REGIONS[name]
    assert as_runnable(name) is method is as_runnable(method) is getattr(sl, name)
    chosen = method(radius=3, decrease=0.1)
    assert repr(chosen) == f"{name}(radius=3, largest=10000000000, decrease=0.1)"
    assert repr(chosen(scaling="none")).endswith("decrease=0.1, scaling='none')")
    assert chosen(scaling="none")(scaling="hessian") == chosen


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: sl.trust_region(radius=0), ValueError, "trust_region: radius must lie in"),
        (lambda: sl.dogleg(radius=3, largest=2), ValueError, "dogleg: expected radius <= largest"),
        (lambda: sl.dogleg(scaling="hesian"), ValueError, "dogleg: scaling: unknown .*'hessian'"),
        (lambda: sl.dogleg(raduis=3), TypeError, "dogleg has no hyperparameter 'raduis'; did you"),
        (lambda: sl.trust_region(radius="1/2"), TypeError, "trust_region: radius"),
        (lambda: as_runnable("trust_regoin"), ValueError, ".*did you mean 'trust_region'"),
        (lambda: as_method(sl.dogleg), TypeError, "method: dogleg runs in sl.minimize"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    """In one line that names what was wrong."""
    with pytest.raises(error, match=f"^{message}") as caught:
        call()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", TRUST_REGIONS)
def test_every_letter_of_a_formula_is_defined_in_the_latex(name):
    """A reader can follow the step from gradient and Hessian to the next radius."""
    text = TRUST_REGIONS[name].latex()
    for letter in (r"P", r"\ell^{2}", r"\psi", r"\varrho", r"\Delta"):
        assert rf"{letter} &\leftarrow" in text
    if name == "dogleg":
        assert all(rf"{letter} &\leftarrow" in text for letter in ("U", "W", r"\tau"))


def test_the_radius_follows_the_ratio_as_in_the_book():
    """Nocedal & Wright 2006, algorithm 4.1: a quarter, as it was, twice; at most the largest."""

    def after(gained, length, mu=1):
        facts = {ratio: gained, reach: length, radius: 2, damping: mu, largest: 3}
        return RADIUS.xreplace({letter: sp.sympify(number) for letter, number in facts.items()})

    quarter = sp.Rational(1, 4)
    assert after(sp.Rational(1, 10), 2) == 2 * quarter
    assert after(sp.Rational(1, 2), 2) == 2
    assert after(sp.Rational(9, 10), 2) == 3
    assert after(sp.Rational(1, 2), 1, mu=0) == 2


def test_the_share_of_a_way_ends_on_the_edge():
    """The squared length of S + tau Y is the radius squared, as a polynomial identity of tau."""
    long = ss + 2 * SHARE * sy + SHARE**2 * yy
    root = sp.Symbol("root", positive=True)
    under = sy**2 + yy * (radius**2 - ss)
    swapped = long.subs(sp.sqrt(under), root) - radius**2
    numerator = sp.numer(sp.together(swapped))
    relation = sp.solve(root**2 - under, yy)[0]
    assert sp.simplify(numerator.subs(yy, relation)) == 0


def test_the_unit_of_the_radii_is_the_step_to_the_lowest_point_of_the_model():
    """Along -E^(-1) G the model is -gamma q + omega q^2/2; the step there has the length sought."""
    q = sp.Symbol("q", positive=True)
    bent, steep = sp.symbols("bent steep", positive=True)
    best = sp.solve(sp.diff(-steep * q + bent * q**2 / 2, q), q)[0]
    found = UNIT.subs({square: steep, curvature: bent})
    assert sp.simplify(found - best * sp.sqrt(steep)) == 0
