"""Which word a run ends with (K17): minima, saddles, plateaus, kinks, edges and explosions."""

import re
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize as scipy_minimize

import symlab as sl
from symlab.engine.ending.curvature import Curvature, exact_curvature, write_direction

x, y, z = sp.symbols("x y z", real=True)
GD = sl.gradient_descent(step_size=0.1)
BEALE = (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
ROSENBROCK = 100 * (y - x**2) ** 2 + (1 - x) ** 2
ACKLEY = (
    -20 * sp.exp(-sp.sqrt((x**2 + y**2) / 2) / 5)
    - sp.exp((sp.cos(2 * sp.pi * x) + sp.cos(2 * sp.pi * y)) / 2)
    + sp.E
    + 20
)


def run(expression, start, method=GD, **options):
    """Run without a compiler."""
    chosen = {"backend": "interpreted", "max_steps": 400, **options}
    return sl.minimize(sl.Objective(expression), start, method, **chosen)


# --- plateaus and infima that are not attained


@pytest.mark.parametrize("start", [5e-324, 1e-310, 1e-300])
def test_the_way_downhill_from_the_smallest_floats_has_an_end(start):
    """A step from there was rounded to nothing, and so to the same point again, for ever."""
    trace = run(x ** sp.Rational(5, 2), [start])
    assert (trace.status, trace.steps) == ("converged", 0)


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize(
    "expression, start",
    [
        (-sp.exp(-(x**2)), [10]),
        (-sp.exp(-(x**2)), [30]),
        (sl.sigmoid(x), [-800]),
        (-1 / (1 + x**2), [1e6]),
        (sp.tanh(x), [20]),
        (sp.tanh(x) ** 2, [20]),
        (sp.tanh(x), [400]),
        (-sp.exp(-(x**2) - y**2), [5, 5]),
        (1 + sp.exp(-(x**2)) * x**2, [12]),
        (sp.log(1 + x**2), [1e12]),
        (sp.atan(x), [1e6]),
        (1 / x, [1e305]),
        (sp.Max(0, x) ** 2 - sp.Max(0, -x - 9) ** 2, [-1]),
    ],
    ids=str,
)
def test_k17_a_plateau_is_not_convergence(expression, start, backend):
    """The gradient is below the tolerance there, and yet no minimum is near.

    Where floats show a way down it leads back from the tail; where gradients underflow, nowhere.
    """
    trace = run(expression, start, backend=backend)
    assert (trace.status, trace.steps) == ("plateau", 0)
    assert "plateau" in trace.message or "nearly flat" in trace.message
    assert not trace.converged


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize(
    "expression, start",
    [(sp.exp(-(x**2)), [10]), (sl.sigmoid(x) ** 2, [-40]), (1 / (1 + x**2), [1e6])],
    ids=str,
)
def test_on_a_tail_that_falls_for_ever_there_is_no_minimum(expression, start, backend):
    """SymPy's limit at infinity is 0, and the function is positive: 0 is no value of it."""
    side = sp.oo if start[0] > 0 else -sp.oo
    assert sp.limit(expression.rewrite(sp.exp), x, side) == 0
    trace = run(expression, start, backend=backend)
    assert (trace.status, trace.steps) == ("no_minimum", 0)
    assert "the infimum is not attained" in trace.message


@pytest.mark.parametrize("method", ["newton", "bfgs", "exact_line_search"])
@pytest.mark.parametrize(
    "expression", [sp.exp(-x), sl.softplus(-x), sp.exp(-2 * x) + y**2], ids=str
)
def test_k17_iterates_that_grow_while_the_gradient_vanishes_have_no_minimum(expression, method):
    """The infimum 0 is not attained."""
    trace = run(expression, [0] * len(expression.free_symbols), method)
    assert trace.status == "no_minimum"
    assert trace.value < 1e-9


def separable(labels, points=(-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)):
    """R46: logistic regression on six points of a line."""
    u, v, w, b = sp.symbols("u v w b", real=True)
    loss = sp.log(1 + sp.exp(w * u + b)) - v * (w * u + b)
    risk = sl.EmpiricalRisk(loss, parameters=(w, b), data=(u, v))
    return risk.on({u: np.array(points), v: np.array(labels, dtype=float)})


@pytest.mark.parametrize("method", ["newton", "bfgs", sl.method(sl.newton, sl.armijo)], ids=str)
def test_k17_r46_separable_classes_have_no_best_weights(method):
    """R46: the message says that the infimum is not attained, and along what."""
    risk = separable([0, 0, 0, 1, 1, 1])
    trace = sl.minimize(risk, [0, 0], method, 60, backend="interpreted")
    assert trace.status == "no_minimum"
    assert "the infimum is not attained" in trace.message
    assert "along w" in trace.message
    assert "classes can be separated" in trace.message


@pytest.mark.parametrize("method", ["newton", "bfgs", "l_bfgs", GD], ids=str)
def test_classes_that_only_ties_keep_together_have_no_best_weights_either(method):
    """At 2 both labels occur: along w/2 - b, which is 0 there, the other losses fall for ever.

    By hand: the signed products of (1/2, -1) with the rows (x, 1) are 1/2, 0, 0 and 1/2.
    """
    risk = separable([0, 0, 1, 1], (1.0, 2.0, 2.0, 3.0))
    trace = sl.minimize(risk, [0, 0], method, 300, backend="interpreted")
    assert trace.status == "no_minimum"
    assert "along 1/2*w - b the loss of 2 of 4 samples falls for ever" in trace.message


def test_a_short_run_on_separable_classes_only_says_that_its_steps_are_used_up():
    """Three steps are too few to say what they lead to."""
    trace = sl.minimize(separable([0, 0, 0, 1, 1, 1]), [0, 0], GD, 3, backend="interpreted")
    assert trace.status == "max_steps"


def test_k17_mixed_classes_converge_as_before():
    """The same data with labels that no threshold separates."""
    trace = sl.minimize(separable([0, 1, 0, 1, 0, 1]), [0, 0], "newton", backend="interpreted")
    assert trace.status == "converged"
    assert "not attained" not in trace.message


# --- minima, however flat, stay minima


@pytest.mark.parametrize(
    "expression, start, method, options",
    [
        (x**4, [1], "newton", {}),
        (x**8, [1], "newton", {}),
        (x**4, [1], GD, {"tolerance": 1e-3}),
        (x**2 / 10**12, [1], GD, {}),
        (10**12 * x**2, [1], "newton", {}),
        ((x - 10**9) ** 2, [0], "newton", {}),
        (x**2 + 10 * sp.sin(5 * x) ** 2, [3], "exact_line_search", {}),
        (sp.log(sp.cosh(x)), [0.5], "newton", {}),
        (x**2 + 10**6 * y**2, [1, 1], "newton", {}),
        (x**4 + y**2, [1, 1], "newton", {}),
        (1 + sp.exp(x) - x, [1], "newton", {}),
    ],
    ids=str,
)
def test_k17_a_minimum_stays_converged_and_says_no_more(expression, start, method, options):
    """Degenerate, badly scaled or far away."""
    trace = run(expression, start, method, **options)
    assert trace.status == "converged"
    assert re.fullmatch(
        r"After \d+ steps?: the gradient's length \S+ is at most \S+", trace.message[:-1]
    )


# --- stationary points of another kind


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize(
    "expression, start, method, words",
    [
        (x**2 - y**2, [1, 2], "newton", "saddle point, no minimum: .*negative eigenvalue -2"),
        (x**2 - y**2, [1, 0], GD, "saddle point"),
        (x * y, [1, 2], "newton", "saddle point.*negative eigenvalue -1"),
        (BEALE, [0, 0], "newton", "saddle point.*negative eigenvalue -27.8"),
        (-(x**2), [0], GD, "maximum, no minimum: the second derivative is -2"),
        (sp.cos(x), [0.1], "newton", "maximum"),
        (-(x**2) - 3 * y**2, [1, 1], "newton", "maximum.*all eigenvalues"),
    ],
    ids=str,
)
def test_k17_a_saddle_or_a_maximum_is_named(expression, start, method, words, backend):
    """A stationary point all the same, but no minimum."""
    trace = run(expression, start, method, backend=backend)
    assert (trace.status, trace.converged) == ("saddle", False)
    assert re.search(words, trace.message)


@pytest.mark.parametrize(
    "expression, start, method",
    [
        (x**3, [0], GD),
        (x**3, [1], "newton"),
        (1 + x**5, [0], GD),
        (-(x**4), [0], GD),
        (x**3 - 3 * x * y**2, [0, 0], GD),
        (x**3 - 3 * x * y**2, [1, 0], "newton"),
        (x**2 + y**3, [0, 0], GD),
        (x**2 - y**4, [1, 0], GD),
    ],
    ids=str,
)
def test_k17_a_degenerate_stationary_point_beside_which_the_value_falls_is_no_minimum(
    expression, start, method
):
    """The Hessian at 0 has a null vector; along it or another line the value is below f(0) at once.

    Two of the monkey saddle's runs and the last start on the stable manifold, and end near 0.
    """
    trace = run(expression, start, method)
    assert trace.status == "saddle"
    assert np.abs(trace.x).max() < 1e-4
    assert "the value falls" in trace.message


@pytest.mark.parametrize(
    "expression, start, variables",
    [
        (sp.Max(0, x), [-5], (x,)),
        (sp.Max(0, x) ** 2, [-5], (x,)),
        (sp.Integer(3), [1], (x,)),
        (sp.Integer(3), [1, 2], (x, y)),
    ],
    ids=str,
)
def test_where_nothing_changes_at_all_every_point_is_a_minimum(expression, start, variables):
    """Each of these values is the least that the function has; the message says it is not alone."""
    trace = sl.minimize(sl.Objective(expression, variables), start, GD, backend="interpreted")
    assert (trace.status, trace.steps) == ("converged", 0)
    assert "moving on along x changes nothing, so this is no isolated minimum" in trace.message


@pytest.mark.parametrize("start", [[1], [-1]], ids=str)
def test_a_function_that_falls_without_bound_diverges(start):
    """-log|x| is convex on each side, its gradient vanishes, and its limit is minus infinity."""
    trace = run(-sp.log(sp.Abs(x)), start, "newton")
    assert trace.status == "diverged"
    assert "the value falls without bound" in trace.message


# --- explosions


@pytest.mark.parametrize(
    "expression, start, method",
    [
        (sp.log(sp.cosh(x)), [1.2], "newton"),
        (sp.sqrt(1 + x**2), [2], "newton"),
        (sp.exp(x**2), [20], "backtracking"),
        (sp.exp(x**2), [20], "armijo"),
        (-sp.exp(x), [1], "backtracking"),
        (-(x**2), [1], sl.gradient_descent(step_size=10)),
        (x**4, [10], GD),
        (sp.exp(x) * x, [600], "exact_line_search"),
    ],
    ids=str,
)
def test_k17_an_explosion_is_never_a_stall(expression, start, method):
    """Also where it shows inside a search, or as a matrix that underflowed."""
    trace = run(expression, start, method)
    assert trace.status in ("diverged", "converged")
    assert trace.status == "diverged" or abs(trace.x[0]) < 2
    assert np.isfinite(trace.iterates).all()


# --- as far as floats go


@pytest.mark.parametrize(
    "expression, start, method",
    [
        (10**8 * (x - sp.Rational(1, 3)) ** 2 + 10**10, [5], "armijo"),
        (ROSENBROCK + 10**6, [-1.2, 1], "bfgs"),
        ((x * 3 * 10**9 - 10**9) ** 2, [0], "newton"),
    ],
    ids=str,
)
def test_k17_a_right_answer_whose_gradient_rounding_keeps_large_has_converged(
    expression, start, method
):
    """The tolerance is absolute; the value has no digits left to fall."""
    trace = run(expression, start, method)
    exact = [sp.Rational(1, 3)] if len(start) == 1 else [1, 1]
    assert trace.x == pytest.approx([float(each) for each in exact], rel=1e-4)
    assert trace.status == "converged"


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize(
    "expression, start",
    [
        (x**2 - y**2, [1, 1e-3]),
        (x, [1]),
        (-(x**2), [0]),
        (x * sp.exp(-x), [0]),
    ],
    ids=str,
)
def test_steps_that_run_out_on_a_way_down_without_end_diverged(expression, start, backend):
    """The chosen method went down to -1e25, and said no more than that its steps were used up."""
    trace = run(expression, start, None, max_steps=150, backend=backend)
    assert trace.status == "diverged"
    assert "the value falls without bound" in trace.message


@pytest.mark.parametrize(
    "expression, start, method",
    [
        (sp.log(x), [1], None),
        (1 / x, [-1], "l_bfgs"),
        (sp.log(sp.Symbol("q", positive=True)), [1], "bfgs"),
        (sp.log(x - 3) + y**2, [4, 1], "trust_region"),
    ],
    ids=str,
)
def test_the_way_down_into_a_pole_diverged(expression, start, method):
    """Beside a pole of log(x) and of 1/x a gradient that jumps was taken for a kink."""
    trace = run(expression, start, method, max_steps=800)
    assert trace.status == "diverged"
    assert "the value falls without bound towards" in trace.message


@pytest.mark.parametrize("method", ["bfgs", "l_bfgs"])
def test_a_cusp_is_no_pole(method):
    """Its slope has no bound, but its value does."""
    trace = run(sp.sqrt(sp.Abs(x)), [1], method)
    assert trace.status == "converged"
    assert abs(trace.x[0]) < 1e-100


def test_a_long_way_down_that_ends_is_not_called_endless():
    """A parabola's minimum lies 2^20 steps further: the steps have run out, and that is all."""
    trace = run((x - 10**9) ** 2 - 10**18, [0], sl.gradient_descent(step_size=1e-4))
    assert trace.status == "max_steps"


# --- kinks


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
def test_k4_r18_an_exact_line_search_stops_at_a_kink(backend):
    """By hand: |2 - t| + 2|3 - 2t| is lowest at t = 3/2, then |x - 1| at 1."""
    f = sp.Abs(x - 1) + 2 * sp.Abs(y)
    trace = run(f, [3, 3], "exact_line_search", backend=backend)
    assert trace.iterates.tolist() == [[3, 3], [1.5, 0], [1, 0]]
    assert trace.status == "converged"


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize(
    "expression, start, lowest",
    [
        (sp.Abs(x - sp.Rational(1, 3)), [3], 1 / 3),
        (sp.Abs(x) + (x - 1) ** 2 / 4, [3], 0),
        (sp.Max(x, -2 * x), [5], 0),
        (sp.Max(x**2, 2 - x), [4], 1),
        (sp.exp(sp.Abs(x - 2)), [0], 2),
        (sp.sqrt(sp.Abs(x - 1)) + x**2 / 100, [3], 1),
        (sp.Piecewise((x**2, x < 1), (3 * x - 2, True)), [4], 0),
        (sp.Abs(sp.sin(x)) + x / 10, [2], np.pi),
    ],
    ids=str,
)
def test_k4_a_line_search_over_a_kink_finds_the_lowest_point(expression, start, lowest, backend):
    """In one variable the first step ends at the lowest point of the ray."""
    trace = run(expression, start, "exact_line_search", backend=backend, max_steps=5)
    assert len(trace) > 1
    best = run(expression, [lowest], max_steps=0).value
    assert trace.value <= best + 1e-7 * (1 + abs(best))


@pytest.mark.parametrize(
    "expression, start",
    [
        (-x + sp.sin(x) / 10, [1]),
        (sp.exp(-x) - x, [0]),
        (-sp.Abs(x), [1]),
        (1 / (1 + sp.exp(x)), [0]),
        (1 / (1 + x**2), [2]),
    ],
    ids=str,
)
def test_k4_a_ray_without_a_lowest_point_loses_no_run(expression, start):
    """It falls for ever, or to a value that it never takes: SymPy's limit tells which."""
    trace = run(expression, start, "exact_line_search")
    bounded = sp.limit(expression, x, sp.oo).is_finite
    assert trace.status == ("no_minimum" if bounded else "diverged")
    assert trace.iterates[0].tolist() == start


@pytest.mark.parametrize("start", [[0, 0], [0.1, 0.1]], ids=str)
def test_k17_the_kink_of_ackleys_function_is_reached(start):
    """The global minimum, where the gradient has no value."""
    trace = run(ACKLEY, start, sl.method(sl.bfgs, sl.exact_line_search))
    assert trace.x.tolist() == [0, 0]
    assert trace.status == "converged"
    assert "reached a kink at x = 0, y = 0" in trace.message


# --- assumptions


@pytest.mark.parametrize(
    "assumption, start, words",
    [
        ("positive", -3, "positive"),
        ("positive", 0, "positive"),
        ("negative", 1, "negative"),
        ("nonnegative", -0.5, "nonnegative"),
        ("nonpositive", 0.5, "nonpositive"),
        ("nonzero", 0, "nonzero"),
        ("integer", 0.5, "an integer"),
        ("odd", 2, "odd"),
        ("even", 3, "even"),
    ],
)
def test_k13_a_start_that_contradicts_an_assumption_is_refused(assumption, start, words):
    """R42: sqrt(a**2) + a**2 - a of a positive a has become a**2, which is 9 at -3 and not 15."""
    a = sp.Symbol("a", **{"real": True, assumption: True})
    with pytest.raises(ValueError, match=rf"start: outside the domain: a = \S+, but a is {words}"):
        run(sp.sqrt(a**2) + a**2 - a, [start])


@pytest.mark.parametrize("backend", ["interpreted", "sympy", "numba"])
def test_k13_an_iterate_that_leaves_the_domain_ends_the_run_before_it(backend):
    """From 0.3 a step of 1.6 against the slope of a**2 + a."""
    a = sp.Symbol("a", positive=True)
    trace = run(a**2 + a, [0.3], sl.gradient_descent(step_size=1), backend=backend)
    assert (trace.status, trace.iterates.tolist()) == ("diverged", [[0.3]])
    assert trace.message == (
        "After 0 steps: the next iterate left the domain: a = -1.3, but a is positive."
    )


@pytest.mark.parametrize("method", ["backtracking", "exact_line_search"])
def test_k13_a_search_stays_in_the_domain_and_names_its_edge(method):
    """a**2 + a falls all the way to 0, which is not positive."""
    a = sp.Symbol("a", positive=True)
    trace = run(a**2 + a, [3], method, max_steps=100)
    assert (trace.iterates > 0).all()
    assert trace.status == "stalled"
    assert "the way down leaves the domain" in trace.message


def test_k13_an_integer_is_never_between_two():
    """Descent on whole numbers leaves them at once, and says so."""
    n = sp.Symbol("n", integer=True)
    trace = run((n - 3) ** 2, [0])
    assert "n = 0.6, but n is an integer" in trace.message


# --- ranks


def nist(name):
    """Return parameters (start 2, certified) and data of a NIST problem."""
    folder = Path(__file__).parents[1] / "oracle" / "nist"
    lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    size = int(lines[2].split()[1])
    known = np.array([line.split()[:3] for line in lines[4 : 4 + size]], dtype=float)
    return known, np.array([line.split() for line in lines[6 + size :] if line], dtype=float)


RATIONALS = {"Kirby2": (3, 2), "Hahn1": (4, 3)}
"""Coefficients above and below the bar; below, the constant is 1."""


@pytest.mark.parametrize("name", RATIONALS)
def test_k17_parameters_of_very_different_size_are_not_singular(name):
    """Newton from near the certified values of NIST reaches them to nine digits."""
    (above, below), (known, data) = RATIONALS[name], nist(name)
    u, v = sp.symbols("u v", real=True)
    b = sp.symbols(f"b1:{above + below + 1}", real=True)
    model = sum(b[i] * u**i for i in range(above)) / (
        1 + sum(b[above + i] * u ** (i + 1) for i in range(below))
    )
    risk = sl.EmpiricalRisk((v - model) ** 2, parameters=b, data=(u, v), reduction="sum")
    bound = risk.on({u: data[:, 1], v: data[:, 0]})
    near = known[:, 2] * (1 + 1e-4)
    trace = sl.minimize(bound, near, "newton", 20, backend="interpreted", tolerance=1e-4)
    assert trace.x == pytest.approx(known[:, 2], rel=1e-8)


def test_k17_the_trigonometric_function_is_not_singular_at_a_tenth():
    """More, Garbow, Hillstrom 1981, problem 26, n = 10: the Hessian's condition there is 16."""
    v = sp.symbols("v0:10", real=True)
    cosines = sum(map(sp.cos, v))
    residuals = [10 - cosines + (i + 1) * (1 - sp.cos(v[i])) - sp.sin(v[i]) for i in range(10)]
    f = sl.Objective(sum(each**2 for each in residuals), variables=v)
    trace = sl.minimize(f, [0.1] * 10, "newton", backend="interpreted")
    assert trace.status == "converged"
    assert trace.value == pytest.approx(2.79506e-5, rel=1e-5)


def softmax_regression():
    """Three classes, each with its own intercept and slope: one too many."""
    a, b, labels = sp.symbols("a0:3", real=True), sp.symbols("b0:3", real=True), sp.symbols("l0:3")
    u = sp.Symbol("u", real=True)
    scores = [p + q * u for p, q in zip(a, b, strict=True)]
    hits = sum(label * score for label, score in zip(labels, scores, strict=True))
    loss = sl.logsumexp(*scores) - hits
    draw = np.random.default_rng(0)
    one_hot = np.eye(3)[draw.integers(0, 3, 30)]
    columns = {label: one_hot[:, i] for i, label in enumerate(labels)}
    risk = sl.EmpiricalRisk(loss, parameters=(*a, *b), data=(u, *labels))
    return risk.on({u: draw.normal(size=30), **columns})


def test_k17_newton_on_softmax_names_the_common_shift_and_what_helps():
    """Fault 10: the advice of the message is followed, and works."""
    risk = softmax_regression()
    with pytest.raises(ValueError, match="start: the Hessian is singular") as refusal:
        sl.minimize(risk, [0] * 6, "newton", backend="interpreted")
    words = str(refusal.value)
    assert re.search(
        r"along \((a0 \+ a1 \+ a2|b0 \+ b1 \+ b2)\)/sqrt\(3\) the value does not", words
    )
    assert len(words) < 200
    damping = float(re.search(r"newton\(damping=(\S+)\) works", words)[1])
    advised = sl.minimize(risk, [0] * 6, sl.newton(damping=damping), backend="interpreted")
    other = sl.minimize(risk, [0] * 6, "bfgs", 500, backend="interpreted")
    assert advised.status == other.status == "converged"
    assert advised.value == pytest.approx(other.value, rel=1e-12)


@pytest.mark.parametrize(
    "expression, start",
    [
        (2 - 3 * x**3 + x**4, [1.5]),
        ((x + y - 1) ** 4 + (x + y) ** 2, [3, 4]),
        (sp.cosh(x - y) + (z - 1) ** 2, [3, 1, 0]),
        (x**4 - x + y**2, [0, 3]),
    ],
    ids=str,
)
def test_k17_the_damping_that_a_singular_start_advises_works(expression, start):
    """Each message holds a call, and the call ends at a minimum."""
    with pytest.raises(ValueError, match="start: the Hessian is singular") as refusal:
        run(expression, start, "newton")
    damping = float(re.search(r"newton\(damping=(\S+)\) works", str(refusal.value))[1])
    trace = run(expression, start, sl.newton(damping=damping), max_steps=100)
    assert trace.status == "converged"
    assert "no minimum" not in trace.message


def test_k17_a_singular_hessian_on_the_way_says_the_same():
    """x^3/3 + x has no minimum, so that no damping is advised."""
    trace = run(x**3 / 3 + x, [1], "newton")
    assert trace.status == "stalled"
    assert (
        "the Hessian is singular at x = 0, so Newton has no step; start elsewhere" in trace.message
    )


def test_k17_a_direction_that_climbs_is_named_with_what_helps():
    """At 1 the chapter's quartic bends downwards; the damping advised goes on to 9/4."""
    search = sl.armijo
    trace = run(2 - 3 * x**3 + x**4, [1], sl.method(sl.newton, search))
    assert "negative eigenvalue -6" in trace.message
    damping = float(re.search(r"newton\(damping=(\S+)\) works", trace.message)[1])
    helped = run(2 - 3 * x**3 + x**4, [1], sl.method(sl.newton(damping=damping), search))
    assert helped.x == pytest.approx([2.25], abs=1e-9)


def test_rank_and_sign_are_judged_after_scaling():
    """diag(1, 1e-20) is regular, and so is a Hilbert matrix of six rows in bad units."""
    units = np.diag([1.0, 1e-6, 1e3, 1e-9, 1e6, 1.0])
    hilbert = units @ (1 / (np.arange(6)[:, None] + np.arange(6) + 1)) @ units
    for matrix in (np.diag([1.0, 1e-20]), hilbert):
        assert exact_curvature(matrix).flat() is None
        assert exact_curvature(matrix).kind == "minimum"
    assert exact_curvature(np.array([[0.0, 1.0], [1.0, 0.0]])).kind == "saddle point"
    flat = exact_curvature(np.array([[1.0, -1.0], [-1.0, 1.0]])).flat()
    assert np.abs(flat) == pytest.approx([0.5**0.5] * 2)
    assert Curvature(np.eye(2), 2 * np.eye(2)).kind == ""
    assert write_direction("abc", np.array([1, -1, 0]) / 2**0.5) == "(a - b)/sqrt(2)"


# --- section 4: searches along other directions, and callbacks

CLASSIC = {
    "rosenbrock": (ROSENBROCK, [-1.2, 1]),
    "beale": (BEALE, [3, 0.4]),
    "booth": ((x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2, [5, -3]),
    "matyas": (0.26 * (x**2 + y**2) - 0.48 * x * y, [3, -2]),
    "himmelblau": ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [4, 3]),
    "three_hump": (2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2, [0.4, 0.3]),
    "mccormick": (sp.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1, [0, -1]),
    "sphere": (x**2 + y**2 + z**2, [1, 2, 3]),
    "exponential": (sp.exp(x + 3 * y - 0.1) + sp.exp(x - 3 * y - 0.1) + sp.exp(-x - 0.1), [1, 1]),
    "softplus": (sp.log(1 + sp.exp(x)) + sp.log(1 + sp.exp(-2 * x)) + (y - x) ** 2, [0.5, 0.5]),
    "quartic": (x**4 + y**4 + (x - 1) ** 2 + (y + 1) ** 2, [2, 2]),
    "barrier": (x - sp.log(x) + y**2 / x, [0.5, 1]),
}


@pytest.mark.parametrize(
    "method",
    [sl.method(sl.newton, sl.backtracking), sl.method(sl.newton, sl.armijo), "bfgs"],
    ids=["newton-backtracking", "newton-armijo", "bfgs"],
)
@pytest.mark.parametrize("name", CLASSIC)
def test_section_4_classic_problems_reach_scipys_minimum(name, method):
    """Newton with backtracking stood still on all of these: Eq. (1) now reads the slope."""
    expression, start = CLASSIC[name]
    f = sl.Objective(expression)
    value = sp.lambdify(f.variables, f.expression)
    gradient = sp.lambdify(f.variables, list(f.gradient))
    scipy = scipy_minimize(
        lambda point: float(value(*point)),
        start,
        jac=lambda point: np.array(gradient(*point), dtype=float),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    trace = run(expression, start, method)
    assert trace.status == "converged"
    assert trace.value == pytest.approx(scipy.fun, rel=1e-9, abs=1e-12)


def test_section_4_backtracking_along_the_gradient_is_what_it_was():
    """Gamma is minus the slope, which is |grad f|^2 there: the same lengths."""
    plain = run(2 - 3 * x**3 + x**4, [1], "backtracking", max_steps=6)
    f, slope = (lambda t: 2 - 3 * t**3 + t**4), (lambda t: 4 * t**3 - 9 * t**2)
    point = 1.0
    for k in range(1, len(plain)):
        step, g = 0.5, slope(point)
        while not f(point - step * g) <= f(point) - step * g**2 / 2:
            step *= 0.8
        assert plain.step_sizes[k] == pytest.approx(step, rel=1e-12)
        point = plain.iterates[k, 0]


@pytest.mark.parametrize("backend", ["interpreted", "sympy", "numba"])
def test_a_callback_that_raises_leaves_its_trace_and_its_exception(backend):
    """Nothing is lost: neither the rows nor the reason."""

    def broken(k, point, value):
        if k == 3:
            raise ZeroDivisionError("my own")

    with pytest.raises(
        sl.CallbackError, match=r"callback: After 3 steps: .*ZeroDivisionError: my own"
    ) as raised:
        run(x**2, [1], callback=broken, backend=backend)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert (raised.value.trace.status, len(raised.value.trace)) == ("stopped", 4)
