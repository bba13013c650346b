"""Formulas and risks as programs: their numbers against mpmath, in every language; their text."""

import re

import exported
import mpmath
import numpy as np
import pytest
import sympy as sp
from exported_cases import FORMULAS, allowed, exact_at
from sympy import exp, log

import symlab as sl
from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.error_bound import rounding_bound

x, y, z = sp.symbols("x y z", real=True)
p = sp.Symbol("p", positive=True)


def logistic(**words):
    """The logistic loss with a ridge, whose weight is a constant."""
    w, b, t, lam = sp.symbols("w b t lambda", real=True)
    loss = log(1 + exp(w * x + b)) - t * (w * x + b)
    return sl.EmpiricalRisk(loss, (w, b), (x, t), penalty=lam * w**2, constants=(lam,), **words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where programs are compiled."""
    return tmp_path_factory.mktemp("formulas")


@pytest.mark.parametrize("name", FORMULAS)
def test_a_program_keeps_the_digits_that_the_stable_form_keeps(name, folder):
    """In C and in Python, far out and close to where the plain formula cancels."""
    expression, points = FORMULAS[name]
    f = sl.Objective(expression)
    library = exported.compile_program(sl.to_c(f), "c", folder)
    calls = [["f", f"f_{kind}", [[at]]] for at in points for kind in ("value", "gradient")]
    bare = exported.run_bare({"f": sl.to_python(f)}, calls)["answers"]
    rows = {"value": f.expression, "gradient": f.gradient[0]}
    for (_, function, ((at,),)), in_python in zip(calls, bare, strict=True):
        row, here = rows[function[2:]], {f.variables[0]: at}
        size = int(function == "f_gradient")
        in_c = exported.call(library, function, [[at]], size)
        for found in (np.ravel(in_c)[0], np.ravel(in_python)[0]):
            error = abs(float(exact_at(row, here) - sp.Float(found, 60)))
            assert error <= allowed(row, here), (function, at, found)


@pytest.mark.parametrize("name", sl.problems.taught)
@pytest.mark.parametrize("language", exported.COMPILERS)
def test_value_gradient_and_hessian_of_the_problems_of_the_lessons_are_right(
    name, language, folder
):
    """At its start and at random points, and warnings are errors."""
    f = sl.problems[name].objective
    n = f.dimension
    library = exported.compile_program(sl.to_c(f, sl.newton), language, folder)
    rng = np.random.default_rng(1)
    points = [[float(at) for at in sl.problems[name].start], *rng.normal(size=(5, n)).tolist()]
    for point in points:
        here = dict(zip(f.variables, point, strict=True))
        rows = [f.expression, *f.gradient, *f.hessian]
        found = [
            exported.call(library, "f_value", [point], 0),
            *exported.call(library, "f_gradient", [point], n),
            *exported.call(library, "f_hessian", [point], n * n),
        ]
        for row, number in zip(rows, found, strict=True):
            error = abs(float(exact_at(row, here) - sp.Rational(number)))
            assert error <= 4 * float(rounding_bound(row, here)), (row, point)


CLASSIC = [
    "freudenstein_roth", "powell_badly_scaled", "brown_badly_scaled", "jennrich_sampson",
    "helical_valley", "wood", "penalty_one", "extended_rosenbrock", "variably_dimensioned",
    *sl.problems.global_search,
]  # fmt: skip
"""Those whose formulas are short: SymPy rewrites the others for seconds to minutes."""


@pytest.mark.parametrize("name", CLASSIC)
def test_value_and_gradient_of_classic_problems_are_right_at_their_starts(name, folder):
    """In C and in Python: roots, quotients, long sums of exponentials."""
    problem = sl.problems[name]
    f, start = problem.objective, [float(at) for at in problem.start]
    library = exported.compile_program(sl.to_c(f), "c", folder, "-O0")
    calls = [["f", "f_value", [start]], ["f", "f_gradient", [start]]]
    in_c = [
        exported.call(library, "f_value", [start], 0),
        *exported.call(library, "f_gradient", [start], len(start)),
    ]
    value, slopes = exported.run_bare({"f": sl.to_python(f)}, calls)["answers"]
    here = dict(zip(f.variables, start, strict=True))
    exact = evaluator([f.expression, *f.gradient], f.variables)
    with mpmath.workdps(40):
        numbers = exact(*map(mpmath.mpf, start))
        rows = (f.expression, *f.gradient)
        for row, wanted, *found in zip(rows, numbers, in_c, [value, *slopes], strict=True):
            bound = 4 * float(rounding_bound(row, here)) + 1e-300
            assert max(abs(float(wanted - each)) for each in found) <= bound, (row, found)


@pytest.mark.parametrize("damping", [0, 0.5])
def test_newton_solves_for_its_step(damping, folder):
    """As SymPy's own solution, in C, in C++ and in Python; the point is changed in place."""
    f = sl.problems["powell"].objective
    method = sl.newton(damping=damping)
    point = [3.0, -1.0, 0.5, 1.0]
    here = dict(zip(f.variables, map(sp.Rational, point), strict=True))
    matrix = f.hessian.subs(here) + sp.Rational(damping) * sp.eye(4)
    wanted = [float(at) for at in sp.Matrix(point) - matrix.solve(f.gradient.subs(here))]
    for language in exported.COMPILERS:
        library = exported.compile_program(sl.to_c(f, method), language, folder)
        moved = exported.numbers(point)
        slope = exported.call(library, "f_gradient", [point], 4)
        hessian = exported.call(library, "f_hessian", [point], 16)
        library.newton_step(4, moved, exported.numbers(slope), exported.numbers(hessian))
        np.testing.assert_allclose(list(moved), wanted, rtol=1e-12)
    text = sl.to_python(f, method)
    text += "\n\ndef moved(point):\n    newton_step(point, f_gradient(point), f_hessian(point))"
    text += "\n    return point\n"
    ran = exported.run_bare({"f": text}, [["f", "moved", [point]]])
    np.testing.assert_allclose(ran["answers"][0], wanted, rtol=1e-12)


SEARCHES = {
    "backtracking": sl.backtracking(shrink=0.7),
    "backtracking listing": sl.backtracking(variant="listing"),
    "armijo": sl.armijo,
    "newton_armijo": sl.method(sl.newton(damping=0.5), sl.armijo(step_size=2)),
}


@pytest.mark.parametrize("problem", ["quartic", "rosenbrock", "beale", "ravine"])
@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_accepts_the_trials_that_minimize_accepts(search, problem, folder):
    """Ten steps in C, C++ and Python; a step that is never accepted leaves the point."""
    f, method = sl.problems[problem].objective, SEARCHES[search]
    start = [float(at) for at in sl.problems[problem].start]
    run = sl.minimize(f, start, method, 10, backend="interpreted", tolerance=0)
    name = f"{search.split()[0]}_step"
    texts = f"\n\ndef moved(p):\n    return [{name}(p), *p]\n"
    points, steps = [start, *run.iterates[1:-1].tolist()], len(run.iterates) - 1
    bare = exported.run_bare(
        {"f": sl.to_python(f, method) + texts}, [["f", "moved", [at]] for at in points[:steps]]
    )["answers"]
    taken = [list(row) for row in zip(run.step_sizes[1:], *run.iterates[1:].T, strict=True)]
    np.testing.assert_allclose(bare, taken, rtol=1e-12, atol=1e-13)
    for language in exported.COMPILERS:
        library = exported.compile_program(sl.to_c(f, method), language, folder)
        step = getattr(library, name)
        step.restype = exported.DOUBLE
        for at, (length, *wanted) in zip(points[:steps], taken, strict=True):
            moved = exported.numbers(at)
            assert step(moved) == pytest.approx(length, rel=1e-12)
            np.testing.assert_allclose(list(moved), wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("search", ["strong_wolfe", "goldstein", "nonmonotone"])
def test_a_search_that_does_more_than_shorten_its_steps_is_not_exported(search):
    """Exported without its second relation, or its memory, it would be another search."""
    with pytest.raises(ValueError, match=f"can be exported, got steepest with {search}"):
        sl.to_c(sl.problems["quartic"].objective, search)


def test_a_search_that_accepts_nothing_says_so(folder):
    """Outside the domain no value is a number, and none is accepted."""
    f = sl.Objective(log(p) + p)
    library = exported.compile_program(sl.to_c(f, "backtracking"), "c", folder)
    library.backtracking_step.restype = exported.DOUBLE
    point = exported.numbers([-1.0])
    assert library.backtracking_step(point) == 0
    assert list(point) == [-1.0]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("language", exported.COMPILERS)
def test_a_risk_adds_up_the_samples_of_arrays(reduction, language, folder):
    """Value, gradient and Hessian as those of the sum written out, with the penalty once."""
    risk = logistic(reduction=reduction)
    data, ridge, point = (
        {"x": [0.5, -1.25, 2.0, 40.0], "t": [0.0, 1.0, 1.0, 0.0]},
        0.25,
        [0.75, -2.0],
    )
    whole = written_out(risk, data, ridge)
    given = [point, 4, data["x"], data["t"], ridge]
    library = exported.compile_program(sl.to_c(risk, "newton"), language, folder)
    bare = exported.run_bare(
        {"f": sl.to_python(risk, "newton")},
        [["f", f"f_{kind}", [point, *given[2:]]] for kind in ("value", "gradient", "hessian")],
    )["answers"]
    here = dict(zip(whole.variables, point, strict=True))
    rows = {"value": [whole.expression], "gradient": whole.gradient, "hessian": whole.hessian}
    for (kind, wanted), in_python in zip(rows.items(), bare, strict=True):
        size = 0 if kind == "value" else len(wanted)
        in_c = exported.call(library, f"f_{kind}", given, size)
        exact = [float(exact_at(row, here)) for row in wanted]
        np.testing.assert_allclose(np.ravel(in_c), exact, rtol=2e-15)
        np.testing.assert_allclose(np.ravel(in_python), exact, rtol=2e-15)


def test_a_risk_on_data_has_its_own_samples_as_vectors():
    """The first three; a reader knows them."""
    bound = sl.EmpiricalRisk((y * x - z) ** 2, (y,), (x, z)).on({x: [1, 2, 3, 4], z: [2, 4, 6, 9]})
    assert "f_value([0.5], [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) = 10.5" in sl.to_c(bound)


def written_out(risk, data, ridge):
    """Return the whole risk as one formula in rational numbers."""
    (lam,) = risk.constants
    rows = zip(*(map(sp.Rational, data[symbol.name]) for symbol in risk.data), strict=True)
    losses = [risk.loss.subs(dict(zip(risk.data, row, strict=True))) for row in rows]
    weight = sp.Rational(1, len(losses)) if risk.reduction == "mean" else 1
    penalty = risk.penalty.subs(lam, sp.Rational(ridge))
    return sl.Objective(weight * sp.Add(*losses) + penalty, risk.parameters)


CLASHES = [
    "double",
    "lambda",
    "exp",
    "f_value",
    "y0",
    "point",
    "α",
    "x'",
    "2nd",
    "t1",
    "*/",
    "None",
]


@pytest.mark.parametrize("language", exported.COMPILERS)
def test_names_that_a_language_keeps_for_itself_are_changed(language, folder):
    """Also Greek letters, what ends a comment, and the names of what a program works out itself."""
    symbols = [sp.Symbol(name, real=True) for name in CLASHES]
    f = sl.Objective(sp.Add(*((i + 1) * s**2 * exp(s) for i, s in enumerate(symbols))), symbols)
    point = [0.25 * (i + 1) for i in range(len(symbols))]
    library = exported.compile_program(sl.to_c(f), language, folder)
    bare = exported.run_bare({"f": sl.to_python(f)}, [["f", "f_value", [point]]])["answers"]
    exact = float(exact_at(f.expression, dict(zip(symbols, point, strict=True))))
    found = exported.call(library, "f_value", [point], 0)
    np.testing.assert_allclose([found, bare[0]], exact, rtol=1e-15)


def test_a_function_of_less_than_all_variables_compiles(folder):
    """What a function does not read is no unused argument, of which compilers warn."""
    f = sl.Objective(3 * x, (x, y))
    library = exported.compile_program(sl.to_c(f), "c++", folder)
    assert exported.call(library, "f_gradient", [[1.0, 2.0]], 2) == [3, 0]


@pytest.mark.parametrize("stated", [*sl.problems.taught.values()], ids=lambda problem: problem.name)
def test_the_vectors_in_the_comment_are_what_a_program_gives(stated):
    """A reader can check a port without symlab: every line is a call and its answer."""
    text = sl.to_python(stated.objective, "newton")
    lines = re.findall(r"^# (f_\w+)\((.*)\) = (.*)$", text, re.MULTILINE)
    assert len(lines) >= 6
    calls = [["f", name, [numbers_in(given)]] for name, given, _ in lines]
    answers = exported.run_bare({"f": text}, calls)["answers"]
    for (_, _, wanted), answer in zip(lines, answers, strict=True):
        np.testing.assert_allclose(np.ravel(answer), numbers_in(wanted), rtol=1e-14)


def numbers_in(text):
    """Return the numbers of a line of a comment."""
    return [float(number) for number in re.findall(r"-?\d[\d.e+-]*", text)]


@pytest.mark.parametrize("rule", sl.rules.values(), ids=sl.rules)
def test_the_vectors_of_a_rule_are_exact(rule):
    """Three steps of the rule in rational arithmetic, where its row is rational; else 40 digits."""
    found = numbers_in(re.search(r"points (.*)", sl.to_c(rule))[1])
    f = sl.Objective(x**2 / 2)
    at = {**dict.fromkeys(rule.state, 0)}
    point, wanted = sp.Integer(1), []
    for k, slope in enumerate(["1/2", "-1/4", "2"]):
        here = {"x": point, "g": sp.Rational(slope), "k": k, **{str(a): v for a, v in at.items()}}
        new = {a: row.subs(by_name(row, here)).evalf(40) for a, row in rule.step.items()}
        point, at = new.pop(next(a for a in new if a.name == "x")), new
        wanted.append(float(point))
    assert f.dimension == 1
    assert found == wanted


def by_name(row, here):
    """Return what to put in for the symbols of a row."""
    return {symbol: here[symbol.name] for symbol in row.free_symbols}


@pytest.mark.parametrize(
    "write, stated, method, said",
    [
        (sl.to_c, 3, None, "stated: expected an Objective, an EmpiricalRisk, or a method"),
        (sl.to_c, "adm", None, "stated: unknown name 'adm'; did you mean 'adam'"),
        (sl.to_c, "adam", "adam", "method: expected none beside a method"),
        (sl.to_c, "bfgs", None, "method: only rules, and newton and steepest with fixed steps"),
        (sl.to_c, sl.Objective(x**2), "exact_line_search", "got steepest with exact_line_search."),
        (sl.to_python, "armijo", None, "method: armijo tries values of an objective"),
        (sl.to_python, logistic(), "armijo", "method: armijo tries values of an objective"),
        (sl.to_javascript, sl.Objective(sp.erf(x)), None, "JavaScript has no counterpart of erf"),
        (sl.to_c, sl.Objective(10**400 * x), None, "1.00000e+400 is beyond the range of floats."),
        (sl.to_c, sl.Objective(x + sp.Rational(1, 10**400)), None, "beyond the range of floats."),
        (sl.to_c, sl.Objective(sp.zeta(p + 1)), None, "C has no counterpart of zeta"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(write, stated, method, said):
    """With what can be instead."""
    with pytest.raises((TypeError, ValueError)) as caught:
        write(stated, method)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_schedule_is_worked_out_in_the_program(folder):
    """A whole step down comes when it should: 49/49 is 1, where 49 times a rounded 1/49 is not."""
    falling = sl.gradient_descent(step_size=sl.schedules.step(every=49))
    library = exported.compile_program(sl.to_c(falling), "c", folder)
    step = exported.stepper(library, "gradient_descent")
    for k, wanted in ((0, 0.1), (48, 0.1), (49, 0.01), (97, 0.01), (98, 0.001)):
        point = [0.0]
        step(point, [-1.0], [], k)
        np.testing.assert_allclose(point, wanted, rtol=1e-15)


def test_two_hyperparameters_of_zero_leave_no_logarithm_of_zero(folder):
    """Adam without memory: beta is no longer there."""
    plain = sl.adam(beta1=0, beta2=0, step_size=0.5)
    step = exported.stepper(exported.compile_program(sl.to_c(plain), "c", folder), "adam")
    point, state = [1.0], [0.0, 0.0]
    step(point, [0.25], state, 0)
    np.testing.assert_allclose(point, 1 - 0.5 * 0.25 / (0.25 + 1e-8), rtol=1e-15)


def test_mpmath_is_not_left_at_another_precision():
    """Vectors are worked out in digits of their own."""
    before = mpmath.mp.dps
    sl.to_c(sl.Objective(exp(x)))
    assert mpmath.mp.dps == before
