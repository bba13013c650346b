"""Certificates are given where something is proved, and refused with a reason where not."""

import math
import re
import sys
from collections import Counter
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.objective import Objective
from symlab.theory.balls.regular_zero import _most_growths
from symlab.theory.box_search import search_box
from symlab.theory.certify import certify

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize("name", ["DanWood", "Chwirut2", "MGH10", "Lanczos3"])
def test_certified_regressions_have_the_digits_that_nist_prints(name):
    """All eleven of each parameter, and of the sum of squares."""
    regression = sl.problems.nist[name]
    proof = certify(regression.objective, at=regression.certified)
    assert proof.kind == "minimum"
    for found, printed in zip(proof.point, regression.certified, strict=True):
        assert f"{float(found):.10e}" == f"{float(printed):.10e}"
    low, high = proof.value
    assert f"{float(low):.10e}" == f"{float(regression.residual_sum_of_squares):.10e}"
    assert high - low < 1e-20


@pytest.mark.parametrize("digits", [1, 15, 300])
def test_as_many_digits_as_asked(digits):
    """The maximum of cos x + x/2 lies at π/6."""
    proof = certify(Objective(sp.cos(x) + x / 2), at=[0.5236], digits=digits, within=1e-4)
    assert proof.kind == "maximum"
    with mpmath.workdps(digits + 10):
        numbers = (*proof.point, *proof.lower, *proof.upper)
        here, low, high = (mpmath.make_mpf(c._mpf_) for c in numbers)
        assert abs(here - mpmath.pi / 6) < mpmath.mpf(10) ** -digits
    with mpmath.workdps(digits + 40):
        assert low < mpmath.pi / 6 < high


def test_a_saddle_is_called_one():
    """Between Himmelblau's minima."""
    proof = certify(sl.problems["himmelblau"].objective, at=[0.08667751, 2.88425470])
    assert proof.kind == "saddle"


def test_a_saddle_whose_curvatures_along_the_axes_are_zero_is_proved():
    """That of x y: the inverse of its Hessian has a diagonal of zeros."""
    proof = certify(Objective(x * y + x**3 / 5, (x, y)), at=[1e-8, 0])
    assert proof.kind == "saddle"
    assert min(proof.alone) > 0


REFUSED = {
    "a sign broken": (
        (sp.Rational(3, 2) - x * (1 + y)) ** 2 + (sp.Rational(9, 4) - x * (1 - y**2)) ** 2,
        [3, 0.5], "no stationary point lies within",
    ),
    "a singular Hessian": (x**4 - y**2, [0, 0], r"singular there, along \(1, 0\)"),
    "a line of saddles": ((x - y) ** 2 - (x - y) ** 4 + x * (x - y) ** 5, [1, 1], "singular"),
    "a slope without end": ((x - y) ** 2 + x + y, [0, 0], "singular"),
    "no stationary point": (sp.exp(x) + y**2, [0, 0], "no stationary point|Hessian"),
    "a kink": (sp.Abs(x) + y**2, [0, 0], "switches"),
    "an edge": (sp.sqrt(x) + y**2, [0, 0], "not defined"),
    "no enclosure": (sp.zeta(x + 4) + y**2, [0, 0], "zeta"),
}  # fmt: skip


@pytest.mark.parametrize(("formula", "at", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_proved_is_refused_with_a_reason(formula, at, reason):
    """False as a condition, and a sentence."""
    proof = certify(Objective(formula, (x, y)), at=at)
    assert not proof
    assert sp.sympify(proof.proved) is sp.false
    assert re.search(reason, proof.reason)
    assert "nothing proved" in repr(proof)


def test_without_flint_intervals_prove_the_same(monkeypatch):
    """For the functions that mpmath's intervals know."""
    monkeypatch.setitem(sys.modules, "flint", None)
    proof = certify(sl.problems["himmelblau"].objective, at=[3, 2], digits=20)
    assert proof.kind == "minimum"
    assert proof.arithmetic == "mpmath's intervals"
    assert proof.lower[0] <= 3 <= proof.upper[0]
    refused = certify(Objective(sp.atan(x) ** 2), at=[0])
    assert "symlab[flint]" in refused.reason


def test_a_run_is_polished_to_fifty_digits():
    """From where floats end; SymPy finds the same root of the same polynomial."""
    f = sl.problems["himmelblau"].objective
    run = sl.minimize(f, [3.5, -1.8], "newton", backend="interpreted", max_steps=20)
    proof = sl.polish(run, digits=50)
    a, b = f.variables
    exact = sp.nsolve(list(f.gradient), (a, b), run.x.tolist(), prec=60)
    assert proof.kind == "minimum"
    assert all(abs(c - e) < 1e-49 for c, e in zip(proof.point, exact, strict=True))


def test_a_trace_from_a_file_says_that_it_lost_its_objective(tmp_path):
    """And what to call instead."""
    run = sl.minimize(sl.problems["quartic"].objective, [2], "newton", backend="interpreted")
    assert sl.polish(run, digits=20).point[0] == sp.Float(2.25, 20)
    run.to_json(tmp_path / "run.json")
    with pytest.raises(ValueError, match="certify"):
        sl.polish(sl.Trace.from_json(tmp_path / "run.json"))
    with pytest.raises(TypeError, match="expected the Trace"):
        sl.polish([1, 2])


COMPLETE = {
    "Himmelblau's nine": (sl.problems["himmelblau"].objective.expression, (x, y), 6, 9),
    "waves on a bowl": (sp.sin(x) + x**2 / 20, (x,), 20, 7),
    "none": (sp.exp(x) + x, (x,), 5, 0),
    "two of a product": (x * sp.exp(-(x**2)), (x,), 3, 2),
}


@pytest.mark.parametrize(
    ("formula", "variables", "reach", "count"), COMPLETE.values(), ids=COMPLETE
)
def test_all_stationary_points_of_a_box_are_found_and_proved(formula, variables, reach, count):
    """Himmelblau's are published; the others are counted by the sign changes of a fine grid."""
    found = search_box(Objective(formula, variables), [(-reach, reach)] * len(variables), 60)
    assert found.complete
    assert len(found.points) == count
    if len(variables) == 1:
        slope = sp.lambdify(x, sp.diff(formula, x))
        signs = [slope(-reach + 2 * reach * i / 9999) > 0 for i in range(10_000)]
        assert count == sum(a != b for a, b in pairwise(signs))


def test_a_degenerate_point_is_left_undecided():
    """A fourth power has no regular zero: honest, and in time."""
    found = search_box(Objective(x**4), [(-1, 1)], 30)
    assert not found.complete
    assert found.undecided
    ((low, high),) = found.left
    assert -1e-6 < low <= 0 <= high < 1e-6


SEPARABLE = {"rastrigin": (1.2, 5), "styblinski_tang": (5, 3)}


@pytest.mark.parametrize("name", SEPARABLE)
def test_separable_functions_have_all_pairs_of_their_zeros(name):
    """As many in each variable as its slope changes sign on a fine grid."""
    reach, count = SEPARABLE[name]
    f = sl.problems[name].objective
    found = sl.stationary_points(f, box=(-reach, reach))
    assert found.complete
    assert len(found.points) == count**2
    slope = sp.lambdify(f.variables[0], f.gradient[0])
    signs = [slope(-reach + 2 * reach * i / 999) > 0 for i in range(1000)]
    assert count == sum(a != b for a, b in pairwise(signs))


@pytest.mark.parametrize(
    ("name", "box", "kinds"),
    [
        ("griewank", (-3, 3), {"minimum": 1, "saddle": 4}),
        ("levy", (-0.8, 2), {"minimum": 1}),
        ("mccormick", [(-1.5, 4), (-3, 4)], {"minimum": 2, "saddle": 1}),
    ],
)
def test_waves_of_the_global_problems_are_found_and_proved(name, box, kinds):
    """The published minimiser is among them; Griewank's saddles lie where both cosines vanish."""
    problem = sl.problems[name]
    found = sl.stationary_points(problem.objective, box=box)
    assert found.complete
    assert Counter(point.kind for point in found.points) == kinds
    here = [float(c) for c in problem.minimisers[0]]
    assert any(np.allclose(np.array(p.point, dtype=float), here) for p in found.points)


def test_what_a_search_could_not_decide_is_named():
    """A fourth power among waves: what is proved, and where another may lie."""
    found = sl.stationary_points(Objective(sp.sin(x) ** 4), box=(-1, 2))
    assert not found.complete
    note = next(note for note in found.notes if "Ball arithmetic" in note)
    low, high = map(float, re.search(r"proved 1 .* lies in \[(\S+), (\S+)\]\.$", note).groups())
    assert low <= 0 <= high
    assert high - low < 1e-5


def test_stationary_points_says_that_a_box_is_complete():
    """For a formula that algebra cannot solve; without a box nothing is claimed."""
    f = Objective(sp.sin(x) + x**2 / 20)
    found = sl.stationary_points(f, box=(-20, 20))
    assert found.complete
    assert len(found.points) == 7
    assert "proved" in " ".join(found.notes)
    assert not sl.stationary_points(f).complete


@pytest.mark.parametrize(
    ("formula", "point"), [(x**2, 0), ((x - 10**30) ** 2, 10**30), ((x - 1) ** 2 + x**2.0, 0.5)]
)
def test_a_point_that_is_a_float_is_shown_like_any_other(formula, point):
    """The box that holds it has no width at all."""
    proof = certify(Objective(formula), at=[point])
    assert proof.lower == proof.upper
    assert float(proof.point[0]) == float(point)
    assert "± 0; none other" in repr(proof)


def test_a_stationary_point_outside_the_domain_is_none():
    """a**2 is lowest at 0, where no positive number lies; a**2.5 - a at 0.4**(2/3)."""
    a = sp.Symbol("a", positive=True)
    refused = certify(Objective(a**2), at=[0])
    assert not refused
    assert refused.reason.endswith("not sure to lie in the domain: a is declared positive.")
    proof = certify(Objective(a**2.5 - a), at=[0.5428835233])
    assert proof.lower[0] < sp.Rational(2, 5) ** sp.Rational(2, 3) < proof.upper[0]


@pytest.mark.parametrize("within", [sp.Rational(1, 10), np.float32(0.1), np.int64(1), math.inf])
def test_a_distance_may_be_any_real_number(within):
    """As tolerances may, and without limit."""
    assert certify(Objective(x**2 + x), at=[-0.46], within=within)


@pytest.mark.parametrize("within", [0, -1.0, math.nan, True, "far"])
def test_a_distance_that_is_none_is_refused(within):
    """By name."""
    with pytest.raises((TypeError, ValueError), match=r"^within: "):
        certify(Objective(x**2), at=[0], within=within)


def test_growing_a_box_takes_few_trials_however_many_digits():
    """For every largest size the strides find just that, and soon."""
    for largest in (0, 1, 2, 3, 7, 8, 100, 999, 1000):
        tried = []
        found = _most_growths(lambda k: tried.append(k) or k <= largest, mpmath.ldexp(1, -2000))  # noqa: B023
        assert found == largest
        assert len(tried) <= 22


@pytest.mark.parametrize("digits", [3, 8, 40])
def test_what_a_certificate_prints_is_true(digits):
    """The printed point is rounded, so that the printed error has to hold that as well."""
    proof = certify(Objective(sp.cos(x) + x / 2), at=[0.5236], digits=digits, within=1e-4)
    here, error, room = re.search(
        r"x = (\S+) ± (\S+); none other within ± (\S+);", repr(proof)
    ).groups()
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(here) - mpmath.pi / 6) <= mpmath.mpf(error)
    assert 0 < float(room) <= proof.alone[0]
