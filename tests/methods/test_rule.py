"""Rules are data: each one's defining identity, proved with SymPy, and its call checked."""

import numpy as np
import pytest
import sympy as sp

from symlab.algebra.alphabet import (
    HYPERPARAMETERS,
    alpha,
    beta1,
    beta2,
    eta,
    g,
    k,
    rho,
    v,
    weight_decay,
    x,
)
from symlab.checks import nearest
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES, gradient_descent, momentum, nesterov

every = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
curvature = sp.Symbol("L", positive=True)
STATEFUL = [rule for rule in RULES.values() if rule.state == (v,)]


# --- theorems -------------------------------------------------------------------------------------


@every
def test_a_stationary_point_is_a_fixed_point(rule):
    """With zero gradient and zero state, no rule moves but for the decay of weights."""
    at_rest = {g: 0, weight_decay: 0, **dict.fromkeys(rule.state, 0)}
    moved = {letter: rule.update[letter].subs(at_rest) for letter in (x, *rule.state)}
    assert moved == {x: x, **dict.fromkeys(rule.state, 0)}


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
