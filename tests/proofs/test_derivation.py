"""The mechanism of derivations: each kind of inference, shown what holds and what does not."""

import json
import re
from dataclasses import replace

import pytest
import sympy as sp
from sympy import Eq, Ge, Gt, Le, Lt

import symlab as sl
from symlab.algebra.alphabet import G, H, P, alpha, eta, n, q
from symlab.proofs.equality import POINTS, at_least, same
from symlab.proofs.inference import KINDS
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import gradient, partial, smooth

x, y, z = sp.symbols("x y z", real=True)
a = sp.Symbol("a", positive=True)
t = sp.Symbol("t")
f, g = smooth("f"), smooth("g")
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.IndexedBase("m", real=True)


def derived(*steps, **options):
    """Return a derivation of these steps; a bare tuple is one."""
    made = [step if isinstance(step, sl.Step) else sl.Step(*step) for step in steps]
    return sl.Derivation("example", "An example", made, **options)


# Of each kind: a premise, what follows, `by`, and what does not follow.
INFERENCES = [
    ("equal", (x + 1) ** 2, x**2 + 2 * x + 1, None, x**2 + 2 * x),
    ("equal", equation(z, sp.sin(x) ** 2), equation(z, 1 - sp.cos(x) ** 2), None, equation(z, x)),
    ("equal", equation(z, x), equation(z, x), None, equation(y, x)),
    ("equal", Le(z, x + x), Le(z, 2 * x), None, Ge(z, 2 * x)),
    ("equal", G.T * P + P.T * G, 2 * P.T * G, None, P.T * G),
    ("equal", sp.Matrix([x, x + x]), sp.Matrix([x, 2 * x]), None, sp.Matrix([x, 3 * x])),
    ("substitute", x * y**2, y * x**2, {x: y, y: x}, x**3),
    ("substitute", f(x).diff(x), 3 * x**2, {f: sp.Lambda(t, t**3)}, 3 * x),
    ("substitute", G.T * G, a**2 * P.T * P, {G: a * P}, a * P.T * P),
    (
        "substitute",
        sp.Sum(m[k], (k, 0, 3)),
        6,
        {m: sp.Lambda(t, t)},
        5,
    ),
    ("differentiate", f(x) * x, f(x).diff(x) * x + f(x), x, f(x).diff(x) * x),
    ("differentiate", equation(f(x), x**2), equation(f(x).diff(x), 2 * x), x, equation(f(x), 2)),
    ("differentiate", equation(z, x**2), equation(partial(z, x), 2 * x), x, equation(z, 2 * x)),
    (
        "differentiate",
        equation(z, x * y),
        equation(gradient(z), sp.Matrix([y, x])),
        (x, y),
        equation(gradient(z), sp.Matrix([x, y])),
    ),
    (
        "differentiate",
        equation(z, P.T * P),
        equation(gradient(z), 2 * P),
        P,
        equation(gradient(z), P),
    ),
    ("differentiate", equation(z, x), equation(partial(z, x), 1), x, equation(partial(z, y), 1)),
    ("solve", equation(a * x, y), equation(x, y / a), None, equation(x, y * a)),
    ("solve", equation(H * P + G, G - G), equation(P, -H.I * G), None, equation(P, H.I * G)),
    ("solve", equation(y, 1 - x), equation(x, 1 - y), None, equation(x, 1 - x + x - y + 1)),
    ("solve", equation(x**2, 4), equation(x, -2), None, equation(x, 3)),
    ("rearrange", equation(x, y), equation(a * (x - y), 0), None, equation(x * (x - y), 0)),
    ("rearrange", Le(x, y), Ge(a * y, a * x), None, Ge(x, y)),
    ("rearrange", Le(x, y), Le(q * x, q * y), None, Lt(q * x, q * y)),
    ("rearrange", equation(2 * G, P), equation(G, P / 2), None, equation(G, P)),
    ("bound", equation(z, -(x**2)), Le(z, 0), None, Lt(z, 0)),
    ("bound", equation(z, x**2 - 2 * x), Ge(z, -1), None, Ge(z, 0)),
    ("bound", Le(z, -a), Lt(z, 0), None, Ge(z, 0)),
    ("bound", Lt(z, x), Lt(z, x + a), None, Lt(z, x - a)),
    ("bound", equation(z, alpha * G.T * G), Ge(z, 0, evaluate=False), None, Le(z, 0)),
    ("bound", equation(z, sp.exp(x)), Ge(z, 1 + x), None, Ge(z, 2 + x)),
    (
        "induction",
        equation(m[k], m[k - 1] / 2 + 1),
        equation(m[k], 2 - 2 ** (1 - k)),
        {m[0]: 0},
        equation(m[k], 2 - 2 ** (-k)),
    ),
    ("refuted", equation(z, x**2), equation(z, 2 * x), None, equation(z, x * x)),
    ("refuted", equation(z, x**2), equation(z, 2 * x), {x: 3}, equation(z, sp.Abs(x) ** 2)),
    ("refuted", x**2, 2 * x, None, x * x),
]
named = pytest.mark.parametrize(
    "kind, old, new, by, wrong",
    INFERENCES,
    ids=[f"{row[0]}-{i}" for i, row in enumerate(INFERENCES)],
)


@named
def test_an_arrow_that_holds_is_verified_and_says_how(kind, old, new, by, wrong):
    """Each kind in several shapes: numbers, relations, any function, matrices of any size."""
    step = derived((old, "The premise."), (new, "What follows.", kind, by)).steps[1]
    assert step.finding.how in ({"refuted"} if kind == "refuted" else {"proved", "checked"})
    assert step.verified_by.startswith(f"{step.finding.how}: ")
    assert (step.number, step.after) == (2, 1)


@named
def test_an_arrow_that_does_not_hold_is_refused_with_the_step_named(kind, old, new, by, wrong):
    """Number, sentence and both formulas are in the message, whatever the kind."""
    with pytest.raises(ValueError, match=r'example, step 2 \("What follows\."\): ') as refused:
        derived((old, "The premise."), (wrong, "What follows.", kind, by))
    parts = [str(sl.Step(formula, "").statement) for formula in (old, wrong)]
    assert all(part in str(refused.value) for part in parts)


def test_every_kind_is_among_those_examples():
    """A kind that is added needs a line above."""
    assert {row[0] for row in INFERENCES} == set(KINDS) - {"given"}


# --- how it is decided ----------------------------------------------------------------------------


def test_points_decide_where_simplification_cannot():
    """The two sides of a stable form are equal, and SymPy does not see it."""
    one = sp.log(1 + sp.exp(x))
    other = sp.Max(x, 0) + sp.log(1 + sp.exp(-sp.Abs(x)))
    assert sp.simplify(one - other) != 0
    found = derived((one, "One."), (other, "Other.", "equal")).steps[1].finding
    assert (found.how, found.points) == ("checked", POINTS)
    assert str(found) == f"checked: at {POINTS} random points to 50 digits"


def test_points_see_a_difference_in_the_forty_fifth_digit():
    """That is why there are fifty of them: floats would call the two equal."""
    one = sp.log(1 + sp.exp(x))
    other = sp.Max(x, 0) + sp.log(1 + sp.exp(-sp.Abs(x))) + sp.Rational(1, 10**45)
    with pytest.raises(ValueError, match="they are"):
        derived((one, "One."), (other, "Other.", "equal"))


def test_points_are_drawn_from_afar_as_well():
    """max(x, -10) is x wherever one usually looks."""
    with pytest.raises(ValueError, match=r"at x ≈ -\d+\.\d+ they are -10 and"):
        derived((sp.Max(x, -10), "One."), (x, "Other.", "equal"))


def test_a_proof_needs_no_points():
    """Multiplied out, the difference is zero: for all x."""
    found = derived(((x + 1) ** 3, "One."), (sp.expand((x + 1) ** 3), "Other.", "equal"))
    assert found.steps[1].finding.how == "proved"
    assert found.steps[1].finding.points == 0


def test_a_counterexample_is_one():
    """The values in the message are those of the two formulas at the point it names."""
    with pytest.raises(ValueError, match="they are") as refused:
        derived((sp.sin(x), "One."), (x, "Other.", "equal"))
    at, one, other = re.search(
        r"at x = (\S+) they are (\S+) and (\S+)\.$", str(refused.value)
    ).groups()
    value = sp.Rational(at)
    assert float(sp.sin(value)) == pytest.approx(float(one), rel=1e-4)
    assert float(value) == pytest.approx(float(other), rel=1e-4)


def test_the_same_claim_is_tried_at_the_same_points():
    """They are drawn from a seed; of a function the polynomial is shown as well."""
    told = [str(at_least(f(x) * x - y)) for _ in range(2)]
    assert told[0] == told[1]
    assert "f(t) = " in told[0]


def test_what_is_nowhere_real_is_not_verified():
    """No points, no check: silence is not agreement."""
    one, other = sp.log(-1 - x**2), sp.log(-2 - x**2)
    assert same(one, other).how == "undecided"
    with pytest.raises(ValueError, match="no point was found"):
        derived((one, "One."), (other, "Other.", "equal"))
    with pytest.raises(ValueError, match="nothing shows the two to differ"):
        derived((one, "One."), (other, "Other.", "refuted"))


def test_a_label_is_one_of_two_numbers():
    """A finite domain is gone through case by case; without it y^2 is not 1."""
    steps = ((y**2 * x, "One."), (x, "Other.", "equal"))
    found = derived(*steps, domains={y: sp.FiniteSet(-1, 1)}).steps[1]
    assert found.verified_by == "proved: the difference expands to 0, for every y"
    with pytest.raises(ValueError, match="y = "):
        derived(*steps)


def test_an_interval_limits_where_points_are_drawn():
    """|1 - x| is 1 - x below 1 only."""
    steps = ((sp.Abs(1 - x), "One."), (1 - x, "Other.", "equal"))
    below = derived(*steps, domains={x: sp.Interval(-5, 1)}).steps[1]
    assert below.finding.how == "checked"
    with pytest.raises(ValueError, match="they are"):
        derived(*steps)


def test_letters_of_the_alphabet_keep_their_domains():
    """Momentum is below 1, so 1 - eta is positive; at any real eta it is not."""
    assert at_least(1 - eta, strictly=True).holds
    assert not at_least(1 - x, strictly=True).holds


def test_a_claim_about_any_function_is_tried_on_functions_unlike_each_other():
    """The slopes at two points have nothing in common, though one letter names both."""
    one, other = f(x).diff(x), f(y).diff(y)
    with pytest.raises(ValueError, match=r"f\(t\) = "):
        derived((one, "One."), (other, "Other.", "equal"))
    assert derived((f(x + y).diff(x), "One."), (f(x + y).diff(y), "Other.", "equal"))


def test_functions_of_sympy_serve_as_well():
    """A reader's `Function` has derivatives and values at points like ours."""
    h = sp.Function("h")
    slope = h(y).diff(y)
    tangent = equation(z, h(y) + slope * (x - y))
    assert derived((tangent, "One."), (equation(partial(z, x), slope), "Two.", "differentiate", x))
    chosen = equation(z, y**2 + 2 * y * (x - y))
    step = (chosen, "Two.", "substitute", {h: sp.Lambda(t, t**2)})
    assert derived((tangent, "One."), step)


def test_floats_stand_for_the_decimals_they_print_as():
    """0.1 is a tenth, as everywhere in symlab."""
    assert (
        derived((0.1 * x, "One."), (x / 10, "Other.", "equal")).steps[0].statement.right == x / 10
    )


# --- how steps hang together ----------------------------------------------------------------------


def test_a_step_may_follow_from_any_earlier_one_and_use_others():
    """The left side of an equation used stands for its right, in both statements."""
    made = derived(
        (equation(y, x + 1), "A definition."),
        (equation(z, y**2), "Another."),
        sl.Step(equation(z, x**2 + 2 * x + 1), "Together.", "equal", after=2, using=[1]),
    )
    assert made.steps[2].origin == "From (2), using (1)"
    assert made.conclusion == Eq(z, x**2 + 2 * x + 1, evaluate=False)


def test_nothing_follows_from_what_is_refuted():
    """The step after it follows from the one before it."""
    made = derived((x, "One."), (2 * x, "Not two.", "refuted"), (x + 0, "Still one.", "equal"))
    assert [step.after for step in made.steps] == [None, 1, 1]
    with pytest.raises(
        ValueError, match="after: expected the number of an earlier step that holds"
    ):
        derived((x, "One."), (2 * x, "Two.", "refuted"), sl.Step(x, "One.", "equal", after=2))


@pytest.mark.parametrize(
    "third, complaint",
    [
        (sl.Step(equation(y, x), "c", "equal", using=[3]), "using: expected numbers of earlier"),
        (sl.Step(equation(y, x), "c", "equal", using=[7]), "using: expected numbers of earlier"),
        (sl.Step(equation(y, x), "c", "equal", after=3), "after: expected the number of an ear"),
        (sl.Step(equation(y, x), "c", "equal", after=9), "after: expected the number of an ear"),
        (sl.Step(equation(z, x), "c"), r'step 3 \("c"\): nothing follows from this premise'),
    ],
)
def test_a_step_that_leads_nowhere_or_in_a_circle_is_refused(third, complaint):
    """An equation must not rest on itself, and an unused premise would look derived."""
    with pytest.raises(ValueError, match=complaint):
        derived((equation(y, x), "a"), (equation(y, x + 0), "b", "equal"), third)


@pytest.mark.parametrize(
    "arguments, error, complaint",
    [
        (("x", "w"), TypeError, "got the text 'x'"),
        ((Eq(x, x), "w"), TypeError, "SymPy made it True"),
        ((sp.Ne(x, 1), "w"), TypeError, "expected an expression or an equation or inequality"),
        ((None, "w"), TypeError, "expected an expression or an equation or inequality"),
        ((x, "w", "eqal"), ValueError, "unknown kind 'eqal'; did you mean 'equal'"),
        ((x, "w", "differentiate"), TypeError, "needs a letter, or a tuple of letters, got None"),
        ((x, "w", "substitute", x), TypeError, "needs a mapping of what to put in, got x"),
        ((x, "w", "induction"), TypeError, "needs a mapping of the first member"),
    ],
)
def test_a_step_that_says_nothing_is_refused_at_once(arguments, error, complaint):
    """Before any verification, with what came and what was expected."""
    with pytest.raises(error, match=complaint):
        sl.Step(*arguments)


def test_a_derivation_needs_steps_and_simple_domains():
    """Points are drawn from intervals and finite sets."""
    with pytest.raises(ValueError, match="steps: expected at least one, got none"):
        derived()
    with pytest.raises(TypeError, match="domains: expected an Interval or a FiniteSet for x"):
        derived((x, "One."), (x, "Two.", "equal"), domains={x: sp.S.Integers})


@pytest.mark.parametrize(
    "old, new, kind, by, complaint",
    [
        (Le(z, x), Le(z, 1), "differentiate", x, "an inequality cannot be differentiated"),
        (equation(0, x), equation(0, 1), "differentiate", x, "if its left side is a name"),
        (
            equation(x, 1),
            equation(x * y, y),
            "rearrange",
            None,
            "differ by the factor y, not known",
        ),
        (equation(y, 1), equation(x, 1), "solve", None, "x does not occur in the equation"),
        (equation(x, y), equation(x, x + 0 * y), "solve", None, "x still stands on the right"),
        (Le(z, 1), Ge(z, 0), "bound", None, "point in different directions"),
        (equation(m[k], m[k]), equation(m[k], k), "induction", {m[0]: 0}, r"must read m\[k - 1\]"),
        (equation(m[k], m[k - 1] + 1), equation(m[k], k), "induction", {m[0]: 1}, "at the start"),
        (equation(m[k], m[k - 1] + 2), equation(m[k], k), "induction", {m[0]: 0}, "at a step"),
        (sp.Matrix([x]), sp.Matrix([x, y]), "equal", None, r"shapes are \(1, 1\) and \(2, 1\)"),
    ],
)
def test_an_arrow_of_the_wrong_kind_says_what_is_wrong_with_it(old, new, kind, by, complaint):
    """Each of these would otherwise let a false step pass."""
    with pytest.raises(ValueError, match=complaint):
        derived((old, "One."), (new, "Two.", kind, by))


def test_a_solution_says_when_it_is_the_only_one():
    """Of a linear equation, where its coefficient is not zero; of a square nothing is said."""
    told = [
        derived((old, "One."), (new, "Two.", "solve")).steps[1].verified_by
        for old, new in (
            (equation(2 * x, y), equation(x, y / 2)),
            (equation(z * x, y), equation(x, y / z)),
            (equation(H * P + G, 0 * G), equation(P, -H.I * G)),
            (equation(x**2, 4), equation(x, 2)),
        )
    ]
    assert told[0].endswith("the only one")
    assert told[1].endswith("the only one where z is not 0")
    assert told[2].endswith("the only one where H can be inverted")
    assert told[3] == "proved: it satisfies the equation"


def test_a_refutation_holds_a_point_against_what_is_printed():
    """It fails where the point given does not tell the two apart."""
    made = derived((x**2, "Right."), (2 * x, "Printed.", "refuted", {x: 3}))
    assert made.steps[1].verified_by == "refuted: at x = 3 they are 9 and 6"
    with pytest.raises(ValueError, match="nothing shows the two to differ"):
        derived((x**2, "Right."), (2 * x, "Printed.", "refuted", {x: 2}))
    with pytest.raises(ValueError, match="by: at x = 0 the two sides are no real numbers"):
        derived((1 / x, "Right."), (2 / x, "Printed.", "refuted", {x: 0}))


def test_verified_steps_can_be_used_again():
    """A derivation changes no step that it was given."""
    stated = [sl.Step(x**2, "One."), sl.Step(x * x, "Two.", "equal")]
    made = sl.Derivation("example", "An example", stated)
    assert stated[1].finding is None
    again = sl.Derivation("again", "Once more", [replace(step, why="Anew.") for step in made.steps])
    assert again.steps[1].verified_by == made.steps[1].verified_by


# --- how it is written ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def square():
    """A derivation with an equation, its rewriting, a bound and a refutation."""
    return derived(
        (equation(f(x), x**2 - 2 * x), "A parabola."),
        (equation(f(x), (x - 1) ** 2 - 1), "The square completed.", "equal"),
        (Ge(f(x), -1), "A square is not negative.", "bound"),
        (equation(f(x), x**2), "Not this.", "refuted", {x: 1}, 2),
        section=9,
        remark="A remark.",
    )


def test_as_text_it_is_drawn_for_a_terminal(square):
    """Sentence, formula and verification of each step, under a title."""
    assert (
        repr(square)
        == square.text()
        == (
            "An example\n==========\nChapter, section 9. A remark.\n\n"
            "(1)   Given. A parabola.\n"
            "                    2\n"
            "            f(x) = x  - 2⋅x\n\n"
            "(2)   From (1). The square completed.\n"
            "                          2\n"
            "            f(x) = (x - 1)  - 1\n"
            "      proved: the difference expands to 0\n\n"
            "(3)   From (2), bounded. A square is not negative.\n"
            "            f(x) ≥ -1\n"
            "      proved: (x - 1)**2 is nowhere negative\n\n"
            "(4)   Against (2). Not this.\n"
            "                    2\n"
            "            f(x) ≠ x\n"
            "      refuted: at x = 1 they are -1 and 1"
        )
    )


def test_as_latex_it_is_one_aligned_block(square):
    """A left side is not repeated while the line before goes on."""
    assert square.latex().splitlines() == [
        r"\begin{align*}",
        r"f\left(x\right) &= x^{2} - 2 x \tag{1} \\",
        r"&= \left(x - 1\right)^{2} - 1 \tag{2} \\",
        r"f\left(x\right) &\geq -1 \tag{3} \\",
        r"f\left(x\right) &\neq x^{2} \tag{4}",
        r"\end{align*}",
    ]
    assert square.latex() == square._repr_latex_()


def test_as_markdown_each_step_says_how_it_was_verified(square):
    """Stars of a formula in the prose are no Markdown."""
    text = square.markdown()
    assert text == square._repr_markdown_()
    assert text.startswith("### An example\n\nChapter, section 9. A remark.\n\n**(1)** *Given.* ")
    assert "$$ f\\left(x\\right) = \\left(x - 1\\right)^{2} - 1 $$" in text
    assert r"*proved: (x - 1)\*\*2 is nowhere negative*" in text
    assert text.count("$$") == 2 * len(square.steps)


def test_as_data_it_goes_through_json(square):
    """What a page is made from: number, formula, sentence, and how it was verified."""
    back = json.loads(json.dumps(square.to_dict()))
    assert [entry["how"] for entry in back["steps"]] == ["given", "proved", "proved", "refuted"]
    assert back["steps"][1] == {
        "number": 2,
        "statement": "f(x) = (x - 1)**2 - 1",
        "latex": "f\\left(x\\right) = \\left(x - 1\\right)^{2} - 1",
        "why": "The square completed.",
        "kind": "equal",
        "after": 1,
        "origin": "From (1)",
        "using": [],
        "how": "proved",
        "points": 0,
        "verified_by": "proved: the difference expands to 0",
    }


def test_a_chain_of_expressions_reads_as_one():
    """Without names on the left the equals signs stand under each other."""
    made = derived((x * x, "One."), (x**2, "Two.", "equal"), (2 * x, "Three.", "differentiate", x))
    assert made.latex().splitlines()[1:-1] == [
        r"& x^{2} \tag{1} \\",
        r"&= x^{2} \tag{2} \\",
        r"& 2 x \tag{3}",
    ]


@pytest.mark.parametrize(
    "kind, by, told",
    [
        ("substitute", {x: 3, f: sp.Lambda(t, t**2)}, "From (1), with x = 3, f(t) = t**2"),
        ("differentiate", (x, y), "From (1), differentiated in x, y"),
        ("differentiate", P, "From (1), differentiated in P"),
        ("induction", {m[0]: 0}, "From (1), by induction from m[0] = 0"),
    ],
)
def test_the_origin_says_what_was_done(kind, by, told):
    """In a few words that a reader can follow by hand."""
    from symlab.proofs.text import origin_of

    assert origin_of(sl.Step(x, "w", kind, by), 1) == told


def test_names_of_derivatives_are_letters():
    """They print as fractions, take part in algebra, and compute nothing."""
    slope = partial(z, x)
    assert (str(slope), sp.latex(slope)) == ("∂z/∂x", r"\frac{\partial z}{\partial x}")
    assert sp.latex(slope**2) == r"\left(\frac{\partial z}{\partial x}\right)^{2}"
    assert (slope * x).diff(x) == slope == partial(z, x)
    assert sp.latex(gradient(f(P))) == r"\nabla f\left(P\right)"


def test_a_smooth_function_knows_the_chain_rule_and_nothing_else():
    """Its derivatives are again functions, with primes or with numbers of arguments."""
    assert f(x**2).diff(x) == 2 * x * f(z).diff(z).subs(z, x**2)
    assert str(f(x).diff(x, 2)) == "f''(x)"
    assert sp.latex(f(x).diff(x, 4)) == r"f^{(4)}\left(x\right)"
    assert f(x, y).diff(x, y) == f(x, y).diff(y, x)
    assert sp.latex(f(x, y).diff(x, y)) == r"f_{12}\left(x, y\right)"
    assert sp.latex(smooth("phi")(q).diff(q) ** 2) == r"\phi'^{2}\left(q\right)"
    assert f(x) == smooth("f")(x) != g(x)


def test_matrices_of_any_size_are_tried_in_several():
    """At a point n is 2, 3 or 4, and the claim fails in some entry."""
    with pytest.raises(ValueError, match=r"n = \d, G = \[\["):
        derived((H * P + G, "One."), (H.T * P + G, "Two.", "equal"))
    assert n.is_positive
    assert Gt(n, 0)
