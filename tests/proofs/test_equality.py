"""Sameness: what algebra proves, what points decide, and from where the points are drawn."""

from random import Random

import pytest
import sympy as sp

from symlab.algebra.alphabet import G, H, P, alpha, beta1, eta, n, q
from symlab.algebra.functions import logsumexp, sigmoid, softplus
from symlab.proofs.equality import Finding, at_least, differ_at, same, weakest
from symlab.proofs.printing import draw_formula, latex, line
from symlab.proofs.sampling import draw, finite_cases
from symlab.proofs.unknowns import smooth
from symlab.proofs.vanishing import expand_difference, is_square, simplify_difference, vanishes

x, y, z = sp.symbols("x y z", real=True)
a = sp.Symbol("a", positive=True)
i, k = sp.symbols("i k", integer=True)
m = sp.Symbol("m", integer=True, positive=True)
g = sp.IndexedBase("g", real=True)
f = smooth("f")


@pytest.mark.parametrize(
    "one, other",
    [
        (sigmoid(z), sp.exp(z) / (1 + sp.exp(z))),
        (softplus(z).diff(z), sigmoid(z)),
        (logsumexp(x, y), sp.log(sp.exp(x) + sp.exp(y))),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Integer(1)),
        (a**x * a**y, a ** (x + y)),
        (G.T * P + P.T * G, 2 * G.T * P),
        ((alpha * G + P).T * (alpha * G + P), alpha**2 * G.T * G + 2 * alpha * G.T * P + P.T * P),
        (H * H.I, sp.Identity(n)),
        (sp.Sum(g[i], (i, 1, m)) * 2, sp.Sum(2 * g[i], (i, 1, m))),
        (sp.Sum(sigmoid(g[i]), (i, 1, m)), sp.Sum(1 / (1 + sp.exp(-g[i])), (i, 1, m))),
        (sp.Matrix([x * (x + 1)]), sp.ImmutableMatrix([x**2 + x])),
        (f(x) * (x + 1), f(x) * x + f(x)),
    ],
)
def test_algebra_proves_what_it_can(one, other):
    """Functions of the field by their definitions, sums term by term, matrices of any size."""
    assert same(one, other).how == "proved"


@pytest.mark.parametrize(
    "one, other",
    [
        (sp.sqrt(x**2), x),
        (sp.log(x**2), 2 * sp.log(sp.Abs(x) + 1)),
        (G.T * P, P.T * H * G),
        (sp.Sum(g[i], (i, 1, m)), sp.Sum(g[i], (i, 1, m + 1))),
        (f(x), f(x).diff(x)),
        (f(x), sp.Function("h")(x)),
        (sp.Heaviside(x, 0), sp.Heaviside(x, 1)),
        (sp.Matrix([x]), sp.Matrix([x, x])),
        (x, P),
    ],
)
def test_a_difference_is_found(one, other):
    """On one side of zero, at zero alone, in a size or in one more term."""
    found = same(one, other)
    assert found.how == "wrong"
    assert not found.holds


def test_a_letter_outside_a_sum_is_not_its_index():
    """One is 6 i and the other 14, though the two are written alike."""
    outside, inside = i * sp.Sum(i, (i, 1, 3)), sp.Sum(i * i, (i, 1, 3))
    assert not vanishes(outside - inside, expand_difference)
    assert not same(outside, inside).holds


def test_a_large_difference_is_left_to_the_points():
    """`simplify` could take minutes on it; the points take a moment."""
    large = sum(sp.sin(k * x) ** 2 + sp.cos(k * x) ** 2 - 1 for k in range(1, 30))
    assert simplify_difference(large) is sp.nan
    assert same(large + x, x).how == "checked"


def test_a_letter_is_no_sequence():
    """In one formula, x and x_i would get one value between them."""
    with pytest.raises(ValueError, match="g is a sequence and a number; rename one of them"):
        draw([sp.Symbol("g", real=True) + g[1]], (), Random(0))


def test_points_lie_in_the_domains_of_the_letters():
    """Assumptions, the alphabet, or what is given; at the origin whatever may be zero is."""
    within = ((x, sp.Interval(2, 5)), (y, sp.FiniteSet(-1, 1)), (z, sp.Interval(7, sp.oo)))
    letters = [x, y, z, a, eta, beta1, m, q, *sp.symbols("nonzero", nonzero=True, seq=True)]
    for style in ("random", "plain", "origin"):
        for seed in range(20):
            at = draw([sp.Add(*letters)], within, Random(seed), style=style).letters
            assert 2 <= at[x] <= 5
            assert at[y] in (-1, 1)
            assert at[z] >= 7
            assert at[a] > 0
            assert 0 <= at[eta] < 1
            assert 0 <= at[beta1] < 1
            assert at[m] in range(1, 9)
            assert at[q] > 0
            assert at[letters[-1]] != 0
    assert at[eta] == at[beta1] == 0
    assert draw([x + k], (), Random(0), style="origin").letters == {x: 0, k: 0}


def test_negative_letters_and_matrices_get_values_too():
    """A matrix of symbolic size gets a size first."""
    low = sp.Symbol("low", negative=True)
    point = draw([low * H * P], (), Random(1))
    assert point.letters[low] < 0
    assert point.letters[H].shape == (point.letters[n], point.letters[n])
    assert len(point.values(low * H * P)) == point.letters[n]


def test_cases_of_finite_domains_multiply():
    """Two labels make four cases; a letter that does not occur makes none."""
    signs = sp.FiniteSet(-1, 1)
    assert len(finite_cases([x * y], ((x, signs), (y, signs), (z, signs)))) == 4
    assert same(x**2 * y**4, sp.Integer(1), ((x, signs), (y, signs))).how == "proved"


def test_an_order_is_proved_from_the_signs_of_letters_or_tried():
    """A product of positive letters, a sum of squares; else a hundred points, and the origin."""
    assert at_least(q * a, strictly=True).how == "proved"
    assert at_least(alpha / 3 * P.T * P).how == "proved"
    assert at_least(sp.exp(x) - 1 - x) == Finding(
        "checked", "at 100 random points to 50 digits", 100
    )
    assert str(at_least(x**2, strictly=True)) == "wrong: at x = 0 it is 0"
    assert not at_least(-alpha * P.T * P).holds
    assert not at_least(y * P.T * P).holds
    assert not is_square(y * P.T * P)


def test_a_point_given_decides_alone():
    """Two formulas may agree there and nowhere else."""
    assert differ_at({x: 2}, x**2, 2 * x).holds
    assert differ_at({x: 3}, x**2, 2 * x).detail == "at x = 3 they are 9 and 6"
    t = sp.Symbol("t")
    assert not differ_at({f: sp.Lambda(t, t**2), x: 1}, f(x), f(x).diff(x)).holds


def test_the_weakest_finding_speaks_for_all():
    """A failure before anything else, and a check before a proof."""
    findings = [Finding(how, "") for how in ("proved", "checked", "undecided", "wrong")]
    for last in range(4, 0, -1):
        assert weakest(findings[:last]) == findings[last - 1]


@pytest.mark.parametrize(
    "formula, in_line, in_latex",
    [
        (z - y, "z - y", "z - y"),
        (-y - z, "-y - z", "- y - z"),
        (x**4 - 3 * x**3 + 2, "x**4 - 3*x**3 + 2", "x^{4} - 3 x^{3} + 2"),
        (H * P - G, "H*P - G", "H P - G"),
        (-alpha * G - P, "-P - α*G", r"-P - \alpha G"),
        (-P.T * H * P / 2, "-(1/2)*P.T*H*P", r"- \frac{1}{2} P^{T} H P"),
        (sp.Heaviside(x, 0), "Heaviside(x)", r"\theta\left(x\right)"),
        (sp.Matrix([[x, 1], [0, y]]), "[[x, 1], [0, y]]", None),
        (f(x).diff(x), "f'(x)", r"f'\left(x\right)"),
    ],
)
def test_formulas_are_written_as_by_hand(formula, in_line, in_latex):
    """No sum begins with a minus that need not, no fraction stands in brackets before a matrix."""
    assert line(formula) == in_line
    assert in_latex in (None, latex(formula))


def test_drawn_formulas_keep_a_space_about_their_signs():
    """SymPy's own printer leaves none after the minus between two matrices."""
    assert draw_formula(H * P - G) == "H⋅P - G"
    assert draw_formula(-P - G) == "-G - P"
