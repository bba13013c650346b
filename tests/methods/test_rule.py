"""Rules are data: each one's defining identity, proved with SymPy, and its call checked."""

import numpy as np
import pytest
import sympy as sp

from symlab.algebra.alphabet import (
    HYPERPARAMETERS,
    alpha,
    beta1,
    beta2,
    epsilon,
    epsilon_root,
    eta,
    g,
    k,
    m,
    rho,
    s,
    s_max,
    v,
    weight_decay,
    worth,
    x,
)
from symlab.checks import nearest
from symlab.methods.libraries import LIBRARIES
from symlab.methods.rule import Rule
from symlab.methods.rule_variants import rule_variants
from symlab.methods.rules import (
    RULES,
    adabelief,
    adam,
    adamw,
    amsgrad,
    gradient_descent,
    lion,
    momentum,
    nesterov,
    radam,
    rmsprop,
    signsgd,
    signum,
    yogi,
)

every = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
curvature = sp.Symbol("L", positive=True)
STATEFUL = [rule for rule in RULES.values() if rule.state == (v,)]


# --- theorems -------------------------------------------------------------------------------------


@every
def test_a_stationary_point_is_a_fixed_point(rule):
    """With zero gradient and zero state, no rule moves but for the decay of weights.

    State stays zero but for the epsilon that AdaBelief adds to its own.
    """
    at_rest = {g: 0, weight_decay: 0, **dict.fromkeys(rule.state, 0)}
    assert rule.update[x].subs(at_rest) == x
    assert all(rule.update[letter].subs(at_rest) in (0, epsilon) for letter in rule.state)


@every
def test_the_first_step_goes_downhill(rule):
    """From rest the displacement has the sign of -g, for every admissible hyperparameter."""
    ratio, slope = sp.symbols("ratio slope", positive=True)
    first = (rule.update[x] - x).subs({k: 0, weight_decay: 0, **dict.fromkeys(rule.state, 0)})
    # ratio/(1 + ratio) is any number between 0 and 1, which an assumption cannot say.
    first = first.subs(dict.fromkeys((rho, beta1, beta2), ratio / (1 + ratio)))
    assert sp.simplify(first.subs(g, slope)).is_negative
    assert sp.simplify(first.subs(g, -slope)).is_positive


def test_gradient_descent_shrinks_a_parabola_by_one_minus_alpha_curvature():
    """On L x^2/2, whose gradient is L x."""
    assert (
        sp.expand(gradient_descent.update[x].subs(g, curvature * x) - (1 - alpha * curvature) * x)
        == 0
    )


def test_momentum_velocity_is_a_geometric_sum():
    r"""Under a constant gradient :math:`v_k = -\alpha g (1 - \eta^k)/(1 - \eta)`, by induction."""
    closed = -alpha * g * (1 - eta**k) / (1 - eta)
    assert closed.subs(k, 0) == 0
    assert sp.simplify(momentum.update[v].subs(v, closed) - closed.subs(k, k + 1)) == 0


@pytest.mark.parametrize("rule", STATEFUL, ids=lambda rule: rule.name)
def test_the_terminal_velocity_is_the_plain_step_over_one_minus_momentum(rule):
    """The velocity that reproduces itself, and with it the step of x."""
    (terminal,) = sp.solve(rule.update[v] - v, v)
    assert sp.simplify(terminal + alpha * g / (1 - eta)) == 0
    assert sp.simplify(rule.update[x].subs(v, terminal) - x - terminal) == 0


@pytest.mark.parametrize("rule", STATEFUL, ids=lambda rule: rule.name)
def test_without_momentum_it_is_gradient_descent(rule):
    """At eta = 0, whatever the velocity was."""
    assert sp.expand(rule.update[x].subs(eta, 0) - gradient_descent.update[x]) == 0


def test_momentum_is_the_heavy_ball():
    r"""Polyak: :math:`x_{k+1} = x_k - \alpha g + \eta (x_k - x_{k-1})`, as v is the last step."""
    before = sp.Symbol("before", real=True)
    polyak = x - alpha * g + eta * (x - before)
    assert sp.expand(momentum.update[x].subs(v, x - before) - polyak) == 0
    assert sp.expand(momentum.update[x] - x - momentum.update[v]) == 0


def test_nesterov_is_the_look_ahead_form_in_the_variable_where_it_looks():
    r"""With :math:`\theta' = \theta + v'` and the gradient at :math:`x = \theta + \eta v`."""
    theta = x - eta * v
    velocity = eta * v - alpha * g
    look_ahead = theta + velocity + eta * velocity
    assert sp.expand(nesterov.update[v] - velocity) == 0
    assert sp.expand(nesterov.update[x] - look_ahead) == 0


def test_three_steps_of_momentum_stay_rational():
    """x^2/20 from -5 with step 1 and momentum 1/2: the recurrence by hand, in fractions."""
    rule = momentum(step_size=1, momentum=0.5)
    at, speed = sp.Integer(-5), sp.Integer(0)
    by_hand = [-5, sp.Rational(-9, 2), sp.Rational(-19, 5), sp.Rational(-307, 100)]
    reached = [at]
    for _ in range(3):
        known = {x: at, g: at / 10, v: speed}
        at, speed = (rule.step[letter].subs(known) for letter in (x, v))
        reached.append(at)
    assert reached == by_hand


def test_signsgd_does_not_see_the_scale_of_the_objective():
    """A hundred times the gradient is the same step, and its length is the step size."""
    scale = sp.Symbol("scale", positive=True)
    step = signsgd.update[x] - x
    assert sp.simplify(step.subs(g, scale * g) - step) == 0
    assert step.subs(g, -curvature) == alpha


def test_signum_without_memory_is_signsgd():
    """And with one it follows the sign of the mean."""
    assert signum.update[x].subs(beta1, 0) == signsgd.update[x]
    assert signum.update[x].subs({m: 1, g: -1, beta1: sp.Rational(9, 10)}) == x - alpha


def test_lion_with_one_beta_and_no_decay_is_signum():
    """It tells apart the mean that it follows and the mean that it keeps."""
    one = {beta2: beta1, weight_decay: 0}
    assert sp.expand(lion.update[x].subs(one) - signum.update[x]) == 0
    assert sp.expand(lion.update[m].subs(one) - signum.update[m]) == 0
    assert lion.update[m].has(beta1) is False


def test_amsgrad_is_adam_until_the_squares_fall():
    """While the mean of squares is the largest so far; then its steps are the shorter."""
    grown = amsgrad.recurrence[x].subs(s_max, s)
    assert sp.simplify(grown - adam.recurrence[x]) == 0
    smaller, larger = sp.symbols("smaller larger", positive=True)
    assert amsgrad.recurrence[s_max].subs({s: smaller, s_max: smaller + larger}) == smaller + larger


def test_a_mean_is_worth_one_gradient_at_first_and_two_over_one_minus_beta_less_one_at_last():
    """RAdam's rho of Liu et al., equation 5: the length of a plain mean of as many gradients."""
    rows = radam.recurrence[worth]
    assert sp.simplify(rows.subs(k, 0)) == 1
    assert sp.simplify(rows.subs(k, 1) - (1 + 3 * beta2) / (1 + beta2)) == 0
    third = rows.subs(beta2, sp.Rational(9, 10))
    assert sp.limit(third, k, sp.oo) == 19


def test_radam_is_momentum_while_its_squares_are_few_and_adam_at_last():
    """The factor is 1 where a mean is worth all that it ever is."""
    few, many = (piece for piece, _ in reversed(radam.recurrence[x].atoms(sp.Piecewise).pop().args))
    assert sp.simplify(few - m / (1 - beta1 ** (k + 1))) == 0
    at_last = many.subs(worth, 2 / (1 - beta2) - 1)
    assert sp.simplify(alpha * at_last - (x - adam.recurrence[x])) == 0
    assert many.subs(worth, 4) == 0


def test_adabelief_has_no_spread_where_the_gradient_is_what_was_foreseen():
    """Then only epsilon is left of s; without a mean to foresee it is Adam's s."""
    told = adabelief.recurrence[s]
    assert sp.expand(told.subs(g, m) - beta2 * s - epsilon) == 0
    assert sp.expand(told.subs({m: 0, epsilon: 0}) - adam.recurrence[s]) == 0
    assert adabelief.recurrence[x] == adam.recurrence[x]


def test_yogi_changes_its_squares_by_the_same_amount_up_and_down():
    """Adam's s moves by (1 - beta2)(g^2 - s), the more the farther s is; Yogi's by g^2 alone."""
    small, large = sp.symbols("small large", positive=True)
    change = yogi.recurrence[s] - s
    up = change.subs({s: small, g: sp.sqrt(small + large)})
    assert sp.simplify(up - (1 - beta2) * (small + large)) == 0
    down = change.subs({s: small + large, g: sp.sqrt(small)})
    assert sp.simplify(down + (1 - beta2) * small) == 0
    assert sp.simplify(change.subs(s, 0) - (1 - beta2) * g**2) == 0


# --- variants -------------------------------------------------------------------------------------


FORMS = [rule(variant=name) for rule in RULES.values() for name in rule.variants]
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.name}-{form.variant}")


@every_form
def test_a_form_reads_only_known_letters_and_can_be_called(form):
    """As the rows of the table do; its source begins with the library's name."""
    known = {x, g, k, *form.recurrence, *form.defaults}
    assert set().union(*(row.free_symbols for row in form.recurrence.values())) <= known
    assert form.source.startswith(LIBRARIES.get(form.variant, "Reddi"))
    assert form(step_size=0.3).hyperparameters[alpha] == sp.Rational(3, 10)


@every_form
def test_a_form_is_the_same_whichever_form_it_was_asked_of(form):
    """What a form leaves out is as in the rule itself, not as in the form before it."""
    for other in form.variants:
        assert form(variant=other) == RULES[form.name](variant=other)


def test_heavy_ball_and_pytorchs_velocity_take_the_same_path():
    """With a constant step size, and without dampening: v of the one is -alpha v of the other."""
    theirs = momentum(variant="torch").update
    same = {v: -v / alpha, sp.Symbol("tau", nonnegative=True): 0}
    ours = momentum.update
    assert sp.simplify(theirs[x].subs(same) - ours[x]) == 0
    assert sp.simplify(-alpha * theirs[v].subs(same) - ours[v]) == 0


def test_a_switch_takes_true_and_one():
    """`centered=True` is what other libraries are told."""
    told = rmsprop(variant="torch", centered=True)
    assert told == rmsprop(variant="torch", centered=1)
    assert repr(told).endswith("momentum=0, centered=1, variant='torch')")
    with pytest.raises(TypeError, match="step_size: expected a real number, got True"):
        rmsprop(step_size=True)


@pytest.mark.parametrize(
    "rule, variant, message",
    [
        (adamw, "keras", r"^adamw: variant: keras \(Keras 2.2.4, optimizers.py\) has no such rule\."
         r" Known: torch, optax, keras3\.$"),
        (lion, "torch", r"^lion: variant: torch \(PyTorch 2.14.*Known: optax, keras3\.$"),
        (adam, "pytorch", r"^adam: variant: unknown name 'pytorch'; did you mean 'torch'\? Known"),
        (yogi, "keras", r"Known: optax\.$"),
    ],
)  # fmt: skip
def test_a_variant_that_a_library_does_not_have_is_refused(rule, variant, message):
    """And those there are, are named."""
    with pytest.raises(ValueError, match=message):
        rule(variant=variant)


def test_a_form_is_refused_that_would_lose_what_was_set():
    """Dampening is PyTorch's alone; what both have is kept."""
    theirs = momentum(variant="torch", dampening=0.3)
    with pytest.raises(ValueError, match=r"^momentum: variant: keras3 has no dampening, which is"):
        theirs(variant="keras3")
    kept = momentum(variant="torch", momentum=0.5)(variant="keras3")
    assert kept == momentum(variant="keras3", momentum=0.5)


def test_the_table_of_forms_marks_what_differs():
    """In words, in LaTeX and in HTML; what is as in the first column is not repeated."""
    table = rule_variants(adabelief(step_size=0.5))
    assert table.names == ("own", "optax")
    assert table.differing() == ("optax",)
    by_letter = {row.letter: row for row in table.rows}
    assert by_letter[s].differs == (False, True)
    assert by_letter[m].differs == (False, False)
    assert {row.letter: row.cells for row in table.defaults}[epsilon_root] == (None, 1e-16)
    assert {row.letter: row.cells for row in table.defaults}[alpha] == (0.001, 0.001)
    text = repr(table)
    assert text.count("m <- ") == 1
    assert text.count("s <- ") == 2
    assert table.latex().splitlines()[2].endswith(r"& \cdot \\")
    html = table.to_html()
    assert html.count("<mark>") == 3
    assert html.count("<tr>") == 1 + len(table.rows) + len(table.defaults)
    assert rule_variants(adabelief(variant="optax")) == table


@every
def test_every_rule_has_its_forms_side_by_side(rule):
    """Each column is what the variant runs; a form that is the same says so."""
    table = rule_variants(rule)
    assert table.names == ("own", *rule.variants)
    for column, form in enumerate(table.forms):
        rows = {row.letter: row.cells[column] for row in table.rows}
        assert {letter: row for letter, row in rows.items() if row is not None} == form.recurrence
    assert table.latex().count(r"\leftarrow") == len(table.rows)


# --- the table ------------------------------------------------------------------------------------


@every
def test_a_row_reads_only_known_letters(rule):
    """Letters of the table itself, the gradient, the count of steps, and its hyperparameters."""
    known = {x, g, k, *rule.recurrence, *rule.defaults}
    assert set().union(*(row.free_symbols for row in rule.recurrence.values())) <= known
    assert set(rule.defaults) <= set(HYPERPARAMETERS)
    assert x in rule.recurrence
    assert rule.source


@every
def test_update_is_simultaneous(rule):
    """It reads old values alone: no letter that is updated without being remembered."""
    read = set().union(*(row.free_symbols for row in rule.update.values()))
    assert read - {x, g, k, *rule.defaults} == set(rule.state)


@every
def test_a_bound_step_has_no_hyperparameter_left(rule):
    """What remains are the point, the gradient, the count and the state."""
    assert set(rule.step) == {x, *rule.state}
    assert set().union(*(row.free_symbols for row in rule.step.values())) <= {x, g, k, *rule.state}


def test_a_named_intermediate_is_not_state():
    """Only what some updated expression reads from before is remembered."""
    d, w = sp.symbols("d w", real=True)
    rule = Rule("demo", {d: alpha * g + w, w: w + d, x: x - d}, {alpha: 1}, "none")
    assert rule.state == (w,)
    assert rule.update[w] == alpha * g + 2 * w
    assert rule.step == {x: x - g - w, w: g + 2 * w}


@every
def test_latex_shows_every_row_without_control_characters(rule):
    """One aligned line per letter, in the order of the table."""
    lines = rule.latex().splitlines()
    assert len(lines) == len(rule.recurrence) + 2
    assert all(line.isprintable() for line in lines)
    for line, letter in zip(lines[1:-1], rule.recurrence, strict=True):
        assert line.startswith(rf"{sp.latex(letter)} &\leftarrow ")
    assert rule._repr_latex_() == rf"$\displaystyle {rule.latex()}$"


# --- the call -------------------------------------------------------------------------------------


@every
def test_calling_binds_and_leaves_the_rule_itself_alone(rule):
    """A rule is a value: the bound one is another."""
    bound = rule(step_size=0.3)
    assert bound.hyperparameters[alpha] == sp.Rational(3, 10)
    assert rule.hyperparameters == {
        letter: sp.Rational(str(c)) for letter, c in rule.defaults.items()
    }
    assert (bound.name, bound.recurrence, bound.source) == (rule.name, rule.recurrence, rule.source)
    assert rule() == rule


def test_calls_add_up():
    """The later one wins, the earlier stays."""
    assert momentum(step_size=0.2)(momentum=0.3) == momentum(step_size=0.2, momentum=0.3)
    assert momentum(step_size=0.2)(step_size=0.3).hyperparameters[alpha] == sp.Rational(3, 10)


@pytest.mark.parametrize(
    "given, exact",
    [
        (sp.Rational(1, 3), sp.Rational(1, 3)),
        (sp.pi / 100, sp.pi / 100),
        (np.float64(0.25), sp.Rational(1, 4)),
        (2, 2),
        (1e-300, sp.Rational(1, 10**300)),
    ],
)
def test_a_step_may_be_any_positive_number(given, exact):
    """Exact constants stay exact."""
    assert gradient_descent(step_size=given).step == {x: x - exact * g}


def test_it_prints_as_the_call_that_makes_it():
    """In words, not letters."""
    assert repr(momentum(step_size=0.25)) == "momentum(step_size=0.25, momentum=0.9)"


@pytest.mark.parametrize(
    "values, error, message",
    [
        ({"step_size": 0}, ValueError, r"^momentum: step_size must lie in \(0, ∞\), got 0\.$"),
        (
            {"step_size": -0.1},
            ValueError,
            r"^momentum: step_size must lie in \(0, ∞\), got -0\.1\.$",
        ),
        ({"momentum": 1}, ValueError, r"^momentum: momentum must lie in \[0, 1\), got 1\.$"),
        (
            {"momentum": -1e-9},
            ValueError,
            r"^momentum: momentum must lie in \[0, 1\), got -1e-09\.$",
        ),
        ({"step_size": np.nan}, ValueError, "^momentum: step_size: expected a finite real number"),
        ({"step_size": sp.oo}, ValueError, "^momentum: step_size: expected a finite real number"),
        ({"step_size": 1j}, ValueError, "^momentum: step_size: expected a finite real number"),
        (
            {"step_size": "0.1"},
            TypeError,
            "^momentum: step_size: expected a real number, got '0.1'",
        ),
        ({"step_size": None}, TypeError, "^momentum: step_size: expected a real number, got None"),
        ({"step_size": x}, TypeError, "^momentum: step_size: expected a real number, got x"),
        ({"mometum": 0.5}, TypeError, "no hyperparameter 'mometum'; did you mean 'momentum'"),
        ({"alpha": 0.5}, TypeError, "no hyperparameter 'alpha'.* It takes step_size, momentum"),
    ],
)
def test_a_bad_hyperparameter_is_named(values, error, message):
    """Which rule, which argument, what is allowed, what came."""
    with pytest.raises(error, match=message):
        momentum(**values)


@pytest.mark.parametrize("beta2_of_zero", [0.6, sp.Rational(1, 3)])
def test_numbers_with_which_a_row_has_no_value_are_refused(beta2_of_zero):
    """RAdam's factor divides by what a mean is worth at last, less 4 and less 2."""
    with pytest.raises(ValueError, match=r"^radam: a row divides by zero in radam\("):
        radam(beta2=beta2_of_zero)
    assert radam(beta2=0.5).state == (m, s)


@pytest.mark.parametrize("inside", [0, 1e-300, 0.999999])
def test_the_domain_of_momentum_is_closed_at_zero_and_open_at_one(inside):
    """No momentum is momentum too; with 1 the velocity would never fade."""
    assert momentum(momentum=inside).hyperparameters[eta] == sp.Rational(str(inside))


def test_the_nearest_name_is_offered_only_when_one_is_near():
    """A hint that is no hint would mislead."""
    assert nearest("netwon", ["newton", "bfgs"]) == "; did you mean 'newton'?"
    assert nearest("zzz", ["newton", "bfgs"]) == "."
    assert nearest("newton", []) == "."


@pytest.mark.parametrize(
    "part, words",
    [
        ({"name": "two words"}, "name: expected letters, digits and _"),
        ({"recurrence": {v: x}}, "recurrence: expected a row for x, got rows for v"),
        ({"defaults": {x: 0.1}}, "defaults: x is no hyperparameter"),
        ({"defaults": {alpha: -1}}, "defaults: step_size is out of range, got -1"),
        ({"values": {eta: 0.5}}, "values: eta has no default"),
        ({"variant": "keras"}, "variant: unknown name 'keras'"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_where_it_is_stated(part, words):
    """And not when it is run."""
    whole = {
        "name": "descent",
        "recurrence": {x: x - alpha * g},
        "defaults": {alpha: 0.1},
        "source": "Cauchy 1847",
    }
    assert repr(Rule(**whole)) == "descent(step_size=0.1)"
    with pytest.raises(ValueError, match=words):
        Rule(**{**whole, **part})
