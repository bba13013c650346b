"""One step in a region: optimality in many digits, the hard case, and the decrease that is owed."""

from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.alphabet import E, G, H, P, n
from symlab.algebra.alphabet import damping as mu
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.stepwise import CompiledCalculus
from symlab.engine.exact.digits import DigitsCalculus
from symlab.engine.trust_region_steps import bounded_step
from symlab.methods.trust_regions import (
    BEND,
    FORESEEN,
    LEAST_EIGENVALUE,
    REACH,
    TRUST_REGIONS,
    dogleg,
    trust_region,
    two_dimensional_subspace,
)

METHODS = pytest.mark.parametrize("method", TRUST_REGIONS.values(), ids=TRUST_REGIONS)
SIZE = 4


@cache
def arithmetics():
    """The calculus of floats and that of 40 digits; of the objective they read the size alone."""
    bowl = sl.Objective(sum(x**2 for x in sp.symbols(f"x1:{SIZE + 1}", real=True)))
    return (
        CompiledCalculus(compile_everywhere(bowl, "interpreted", "sympy", order=1)),
        DigitsCalculus(bowl, 40),
    )


def models(seed, signs):
    """The same model in both arithmetics: random, with eigenvalues of these signs."""
    drawn = np.random.default_rng(seed)
    rotation = np.linalg.qr(drawn.standard_normal((SIZE, SIZE)))[0]
    bent = rotation @ np.diag(np.array(signs) * 10 ** drawn.uniform(-2, 2, SIZE)) @ rotation.T
    units = 10 ** drawn.uniform(-3, 3, SIZE)
    hessian = (bent + bent.T) / 2 * np.outer(units, units)
    gradient = drawn.standard_normal(SIZE) * units
    floats, digits = arithmetics()
    exact = sp.Matrix(SIZE, SIZE, [sp.Float(h, 60) for h in hessian.ravel()])
    return (
        (floats, floats.quadratic(gradient, hessian, None)),
        (digits, digits.quadratic(tuple(map(mpmath.mpf, gradient.tolist())), exact, None)),
    )


SIGNS = [(1, 1, 1, 1), (-1, 1, 1, 1), (-1, -1, -1, -1), (1, -1, 1, -1)]
RADII = (1e-3, 1.0, 1e3)


@pytest.mark.parametrize("signs", SIGNS)
def test_the_exact_step_satisfies_the_conditions_of_a_global_minimum(signs):
    """(H + mu E) P = -G, H + mu E positive semidefinite, and mu = 0 unless P is on the edge.

    They are necessary and sufficient (Moré & Sorensen 1983, lemmas 2.1 and 2.3); decided in 60
    digits, by multiplying out and by Cholesky's factors. The edge is met to within a tenth.
    """
    for seed in range(3):
        _, (calculus, model) = models(seed, signs)
        for size in map(mpmath.mpf, RADII):
            step = bounded_step(calculus, model, size, trust_region.among)
            with mpmath.workdps(60):
                damped = mpmath.matrix(model.hessian) + step.damping * mpmath.diag(model.sizes)
                off = damped * mpmath.matrix(step.direction) + mpmath.matrix(model.gradient)
                assert mpmath.norm(off) <= mpmath.mpf(10) ** -45 * mpmath.norm(model.gradient)
                mpmath.cholesky(damped)  # which raises where a pivot is not positive
            assert step.damping >= 0
            assert step.reach <= size * mpmath.mpf("1.1000001")
            assert step.damping == 0 or step.reach >= size * (1 - mpmath.mpf(10) ** -30)


@METHODS
@pytest.mark.parametrize("signs", SIGNS)
def test_floats_step_as_many_digits_do(method, signs):
    """The rounding of eigenvalues, 1e-16 of the largest, is magnified by the condition, 1e4."""
    for seed in range(3):
        (one, rounded), (other, exact) = models(seed, signs)
        for size in RADII:
            found = bounded_step(one, rounded, size, method.among)
            known = bounded_step(other, exact, mpmath.mpf(size), method.among)
            wanted = np.array(known.direction, dtype=float)
            apart = np.sqrt(rounded.sizes) * (found.direction - wanted)
            assert np.linalg.norm(apart) <= 1e-9 * float(known.reach)
            assert found.is_at_edge == known.is_at_edge
            assert found.foreseen == pytest.approx(float(known.foreseen), rel=1e-9)


@METHODS
@pytest.mark.parametrize("signs", SIGNS)
def test_a_step_foresees_what_convergence_needs(method, signs):
    """At least half of |G| min(Delta, |G|/|H|), in the sizes of E: what Cauchy's point gives.

    Nocedal & Wright 2006, lemma 4.3 and theorem 4.4; the region may be a tenth larger, no smaller.
    """
    for seed in range(3):
        (calculus, model), _ = models(seed, signs)
        roots = np.sqrt(model.sizes)
        steep = float(np.linalg.norm(model.gradient / roots))
        bent = float(np.linalg.norm(model.hessian / np.outer(roots, roots), 2))
        for size in RADII:
            step = bounded_step(calculus, model, size, method.among)
            assert step.foreseen >= 0.5 * steep * min(size, steep / bent) * (1 - 1e-12)


@pytest.mark.parametrize("signs", SIGNS)
def test_a_dogleg_ends_on_the_edge_in_all_digits(signs):
    """Where Newton's point is outside; nothing on the way is rounded to a float."""
    _, (calculus, model) = models(1, signs)
    for size in (mpmath.mpf("1e-3"), mpmath.mpf("0.7")):
        step = bounded_step(calculus, model, size, dogleg.among)
        with mpmath.workdps(60):
            apart = model.inner(step.direction, step.direction) - size**2
            assert abs(apart) <= mpmath.mpf(10) ** -40 * size**2
            slope = model.inner(model.steepest, step.direction)
            bent = model.curved(step.direction, step.direction)
            assert abs(step.damping * size**2 - (slope - bent)) <= mpmath.mpf(10) ** -40 * slope


def test_no_point_of_the_region_is_lower_than_the_exact_step():
    """Tried at points all over the region of the step's own length, in the sizes of E."""
    (calculus, model), _ = models(5, (-1, 1, 1, -1))
    step = bounded_step(calculus, model, 1.0, trust_region.among)
    drawn = np.random.default_rng(1).standard_normal((2000, SIZE))
    drawn *= step.reach / np.linalg.norm(drawn, axis=1, keepdims=True)
    drawn[::2] *= np.random.default_rng(2).uniform(0, 1, (1000, 1))
    falls = [model.foreseen(point / np.sqrt(model.sizes)) for point in drawn]
    assert max(falls) <= step.foreseen


def test_the_hard_case_goes_on_along_the_lowest_curvature():
    """H = diag(-1, 1, 1, 1) and G = (0, 1, 0, 0): mu = 1, P = (+-sqrt(Delta^2 - 1/4), -1/2, 0, 0).

    Conn, Gould & Toint 2000, section 7.3: no damping above 1 leads to the edge.
    """
    bent, slope = np.diag([-1.0, 1, 1, 1]), np.array([0.0, 1, 0, 0])
    floats, digits = arithmetics()
    exact = digits.quadratic(tuple(map(mpmath.mpf, slope.tolist())), sp.diag(-1.0, 1, 1, 1), None)
    for calculus, model, size in (
        (floats, floats.quadratic(slope, bent, None), 2.0),
        (digits, exact, mpmath.mpf(2)),
    ):
        step = bounded_step(calculus, model, size, trust_region.among)
        found = np.array(step.direction, dtype=float)
        wanted = np.array([np.sqrt(4 - 0.25), -0.5, 0, 0])
        np.testing.assert_allclose(np.abs(found), np.abs(wanted), atol=1e-12)
        assert step.is_at_edge
        assert float(step.damping) == pytest.approx(1, abs=2 * float(LEAST_EIGENVALUE))


def test_a_gradient_of_zero_leaves_a_saddle():
    """Along the negative curvature: over a length of 1 in its own size the model falls by 1/2."""
    floats, _ = arithmetics()
    model = floats.quadratic(np.zeros(SIZE), np.diag([-2.0, 1, 1, 1]), None)
    leaving = [method for method in TRUST_REGIONS.values() if method.leaves_saddles]
    assert leaving == [trust_region, two_dimensional_subspace]
    for method in leaving:
        step = bounded_step(floats, model, 1.0, method.among)
        assert step.foreseen == pytest.approx(0.5, rel=1e-9)


def test_both_arithmetics_step_as_the_formulas_say():
    """Length, bend and foreseen fall of a damped step, the matrix formulas put in by SymPy."""
    (_, rounded), (_, exact) = models(0, (1, 1, 1, 1))
    damping = 0.25
    known = {E: sp.diag(*rounded.sizes.tolist()), H: sp.Matrix(rounded.hessian)}
    known[G] = sp.Matrix(rounded.gradient)
    known[P] = -(known[H] + damping * known[E]).inv() * known[G]

    def value(formula):
        small = formula.subs(n, SIZE).subs(mu, damping)
        sized = {letter.subs(n, SIZE): sp.ImmutableMatrix(known[letter]) for letter in known}
        return float(small.xreplace(sized).doit().as_explicit()[0])

    for model in (rounded, exact):
        found = model.step(damping)
        np.testing.assert_allclose(
            np.array(found.direction, dtype=float), np.array(known[P], float).ravel(), rtol=1e-9
        )
        assert float(found.reach) ** 2 == pytest.approx(value(REACH), rel=1e-9)
        assert float(found.bend) == pytest.approx(value(BEND), rel=1e-9)
        assert float(found.foreseen) == pytest.approx(value(FORESEEN), rel=1e-9)
