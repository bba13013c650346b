"""The chapter's derivations: each is built, broken at every step, and held against facts."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from chapter import BACKPROPAGATION, NEWTON
from matplotlib.mathtext import MathTextParser
from sympy import Eq

import symlab as sl
from symlab.algebra.alphabet import G, H, P, alpha, damping, phi_0, phi_q, q, square
from symlab.algebra.alphabet import x as letter_x
from symlab.book.derivations.register import DERIVATIONS, derive, find_derivation
from symlab.methods.directions import newton as newton_direction
from symlab.proofs.statement import Statement

every = pytest.mark.parametrize("name", DERIVATIONS)
quartic = sl.problems["quartic"].objective
(x,) = quartic.variables


def stated(name, number, side="right"):
    """Return a side of what a step of a derivation states."""
    return getattr(derive(name).steps[number - 1].statement, side)


# --- every one ------------------------------------------------------------------------------------


@every
def test_every_arrow_is_verified_and_says_how(name):
    """A derivation has a conclusion: some inference of it is more than a premise."""
    derivation = derive(name)
    hows = [step.finding.how for step in derivation.steps]
    assert set(hows) <= {"given", "proved", "checked", "refuted"}
    assert hows[0] == "given"
    assert hows[-1] != "given"
    assert all(
        re.match(r"([A-Z]|f ).*\.$", step.why) and step.verified_by for step in derivation.steps
    )


@every
def test_breaking_any_step_is_refused_with_a_step_named(name):
    """A term is added to the right side: then the step, or one that rests on it, does not follow.

    A refuted step is broken by putting there what it was refuted by.
    """
    steps = derive(name).steps
    for step in steps:
        broken = [*steps[: step.number - 1], _broken(step, steps), *steps[step.number :]]
        with pytest.raises(ValueError, match=rf"^{name}, step (\d+) \(") as refused:
            sl.Derivation(name, "Broken", broken, domains=dict(DERIVATIONS[name].domains))
        named = int(str(refused.value).split("step ")[1].split(" ")[0])
        assert named == step.number if step.kind != "given" else named > step.number


def _broken(step, steps):
    statement = step.statement
    right = statement.right
    if step.kind == "refuted":
        return replace(step, formula=steps[step.after - 1].statement.formula)
    if right.is_Matrix:
        wrong = right + sp.ones(*right.shape) if isinstance(right, sp.MatrixBase) else 2 * right
    else:
        sequences = {base.label for base in right.atoms(sp.IndexedBase)}
        letters = {s for s in right.free_symbols - sequences if isinstance(s, sp.Symbol)}
        # Odd in every letter, so that it does not hide where only a square is asked for.
        extra = 7 + sum(letters)
        wrong = right - extra if statement.relation in (sp.Le, sp.Lt) else right + extra
    return replace(step, formula=Statement(wrong, statement.left, statement.relation).formula)


@every
def test_latex_is_balanced_and_understood(name):
    """Braces and brackets match; what has no matrix is set by Matplotlib as it stands."""
    derivation = derive(name)
    for step in derivation.steps:
        assert step.latex.count("{") == step.latex.count("}")
        assert step.latex.count(r"\left") == step.latex.count(r"\right")
        if "matrix" not in step.latex:
            MathTextParser("path").parse(f"${step.latex}$")
    assert derivation.latex().count(r"\tag{") == len(derivation.steps)
    assert all(line.count("&") >= 1 for line in derivation.latex().splitlines()[1:-1])


@every
def test_text_fits_a_terminal_of_100_columns(name):
    """And of 70, where drawings that are too wide become lines."""
    for width in (100, 70):
        lines = derive(name).text(width).splitlines()
        assert max(map(len, lines[2:])) <= width
        assert lines[0] == DERIVATIONS[name].title


@every
def test_it_is_listed_as_it_is_made(name):
    """The plan in the table and the derivation agree, and a second call returns the same one."""
    plan, derivation = find_derivation(name), derive(name)
    assert (plan.name, plan.title, plan.section) == (name, derivation.title, derivation.section)
    assert derive(name) is derivation


def test_they_stand_in_the_order_of_the_chapter():
    """The first of them is of section 1 and the last of section 15."""
    sections = [plan.section for plan in DERIVATIONS.values()]
    assert sections == sorted(sections)
    assert {1, 2, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15} == set(sections)


def test_what_is_printed_wrong_is_refuted_beside_what_is_right():
    """For each name that ends in _printed, it or its partner has the inference that refutes it."""
    for name in DERIVATIONS:
        if name.endswith("_printed"):
            partner = name.removesuffix("_printed")
            steps = [*derive(name).steps, *derive(partner).steps]
            assert any(step.kind == "refuted" for step in steps), name


def test_some_arrows_need_the_points():
    """Where SymPy finds no proof the derivation says so; most are proved."""
    steps = [step for name in DERIVATIONS for step in derive(name).steps]
    hows = [step.finding.how for step in steps]
    assert 0 < hows.count("checked") < hows.count("proved") / 10


def test_a_typo_brings_the_nearest_name():
    """And the command that lists all."""
    with pytest.raises(
        ValueError, match=r"did you mean 'momentum_printed'.* `symlab derive` lists"
    ):
        sl.derive("momentum_prined")


def test_nothing_is_derived_at_import():
    """`import symlab` loads no derivation, and loading the table makes none."""
    code = (
        "import sys, symlab; assert 'symlab.book.derivations.register' not in sys.modules\n"
        "from symlab import Derivation\n"
        "def refuse(derivation): raise SystemExit('made at import')\n"
        "Derivation.__post_init__ = refuse\n"
        "from symlab.book.derivations.register import DERIVATIONS\n"
        "print(len(DERIVATIONS))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{len(DERIVATIONS)}\n"


# --- held against facts ---------------------------------------------------------------------------


def test_the_perceptrons_numbers_are_those_of_the_errata():
    """A score of -1 becomes 11 by the code and -13 by the formula (E05)."""
    assert [stated(name, 8)[0] for name in ("perceptron", "perceptron_printed")] == [11, -13]


def test_the_slopes_of_the_hinge_are_those_of_the_errata():
    """At margins 0.1, 1 and 5 it pulls by 0.826, 0.25 and 0.028 (E19)."""
    slope = stated("hinge_of_softsign", 3)
    (m,) = slope.free_symbols
    pulls = [-float(slope.subs(m, margin)) for margin in (0.1, 1, 5)]
    assert pulls == pytest.approx([0.826, 0.25, 0.028], abs=5e-4)


def test_the_softsigns_slope_is_the_librarys():
    """`symlab.softsign` differentiates itself by a rule of its own."""
    slope = stated("softsign_slope", 3)
    (t,) = slope.free_symbols
    assert slope == sl.softsign(t).diff(t)


def test_the_products_of_backpropagation_move_the_cost_as_in_the_errata():
    """Added they raise it and subtracted they lower it, b1 left out (E12)."""
    steps = derive("backpropagation").steps
    known = {step.statement.left: step.statement.right for step in steps[:4]}
    known |= {steps[i].statement.left: steps[i].statement.right for i in (9, 12)}
    J = steps[5].statement.right
    letters = sp.symbols("w1 b1 w2 b2", real=True)
    values = dict(zip(letters, (0.5, 0.1, -0.8, 0.3), strict=True))
    data = dict(zip(sp.symbols("x y", real=True), (1.5, 1), strict=True))

    def cost(direction):
        moved = {}
        for step in steps[13:16]:
            slope = step.statement.right
            for _ in known:
                slope = slope.subs(known)
            letter = step.by
            moved[letter] = values[letter] + direction * 0.5 * slope.subs(values).subs(data)
        return float(J.subs({**values, **moved}).subs(data))

    costs = [cost(direction) for direction in (0, 1, -1)]
    assert costs == pytest.approx(BACKPROPAGATION, abs=5e-6)


def test_the_normal_equations_give_the_chapters_solution():
    """-37/464, 6839/11136, 259/2784 (section 7)."""
    m, n = sp.symbols("m n", integer=True, positive=True)
    matrix, target = (sp.Matrix(each.astype(int)) for each in sl.data.least_squares_data())
    solution = derive("least_squares").conclusion.rhs.subs({m: 5, n: 3})
    fill = {sp.MatrixSymbol("A", 5, 3): matrix, sp.MatrixSymbol("b", 5, 1): target}
    assert list(solution.subs(fill).doit()) == [
        sp.Rational(-37, 464),
        sp.Rational(6839, 11136),
        sp.Rational(259, 2784),
    ]


def test_the_logistic_gradient_is_that_of_the_risk():
    """Derived for a sum of m samples, it agrees with `EmpiricalRisk` on three of them."""
    w, b, v, y = sp.symbols("w b v y", real=True)
    loss = sp.log(1 + sp.exp(-y * (b + w * v)))
    risk = sl.EmpiricalRisk(loss, penalty=w**2, parameters=(w, b), data=(v, y), reduction="sum")
    inputs, labels = np.array([1.0, 3.0, 4.0]), np.array([-1.0, 1.0, 1.0])
    whole = sl.compile(risk.on({v: inputs, y: labels}), "interpreted")
    m = sp.Symbol("m", integer=True, positive=True)
    samples = {sp.IndexedBase("x", real=True)[i + 1]: inputs[i] for i in range(3)}
    samples |= {sp.IndexedBase("y", real=True)[i + 1]: labels[i] for i in range(3)}
    at = {w: 0.5, b: -0.25}
    ours = [float(stated("logistic", i).subs(m, 3).doit().subs(samples).subs(at)) for i in (3, 4)]
    assert ours == pytest.approx(whole.gradient([0.5, -0.25]), rel=1e-12)


def test_taylors_line_is_the_objectives():
    """For the chapter's f at 1, by `Objective.taylor` and by the derived formula."""
    assert derive("taylor").conclusion.rhs == quartic.taylor(at=[1], order=1) == 5 - 5 * x


def test_newtons_map_runs_through_the_chapters_iterates():
    """2, 7/3, 2.2555..., 2.2500272... (section 10)."""
    step = derive("newton").steps[4].statement.right
    (x_0,) = step.free_symbols
    iterates = [sp.Integer(2)]
    for _ in range(3):
        iterates.append(step.subs(x_0, iterates[-1]))
    assert iterates[1] == sp.Rational(7, 3) == derive("newton").conclusion.rhs
    assert [float(each) for each in iterates] == pytest.approx(NEWTON[:4], rel=1e-15)
    assert sp.cancel(step - (x - quartic.gradient[0] / quartic.hessian[0]).subs(x, x_0)) == 0


def test_newton_as_printed_would_go_elsewhere():
    """Solved from 2 the printed condition gives 2.21175, not 2.33333 (E31)."""
    printed = stated("newton_printed", 5)
    roots = [float(root) for root in sp.Poly(printed).nroots()]
    assert min(roots, key=lambda root: abs(root - 2)) == pytest.approx(2.21175, abs=5e-6)


def test_newtons_matrix_step_is_the_row_of_the_table():
    """On Rosenbrock's valley both take the same step, exactly."""
    valley = sl.problems["rosenbrock"].objective
    at = dict(zip(valley.variables, sl.problems["rosenbrock"].start, strict=True))
    fill = {
        sp.MatrixSymbol("G", 2, 1): valley.gradient.subs(at),
        sp.MatrixSymbol("H", 2, 2): valley.hessian.subs(at),
    }
    n = G.shape[0]
    ours, table = (
        formula.subs(n, 2).subs(fill).doit()
        for formula in (stated("newton_matrix", 5), newton_direction.expression.subs(damping, 0))
    )
    assert ours == table
    assert H.shape == (n, n)
    assert P.shape == (n, 1)


def test_the_surrogate_is_the_objectives():
    """In one variable, with the chapter's f at 1 and 8/25: h(2.6) = -4 (section 11)."""
    n = G.shape[0]
    f_0 = sp.MatrixSymbol("f_0", 1, 1)
    move = sp.Matrix([[x - 1]])
    fill = {
        sp.MatrixSymbol("G", 1, 1): quartic.gradient.subs(x, 1),
        sp.MatrixSymbol("P", 1, 1): move,
        f_0: sp.Matrix([[quartic.at([1])]]),
    }
    size = sp.Rational(8, 25)
    ours = stated("surrogate", 4).subs(n, 1).subs(alpha, size).subs(fill).doit()
    theirs = quartic.surrogate(at=[1], step_size=size)
    assert sp.expand(ours[0, 0] - theirs) == 0
    assert theirs.subs(x, sp.Rational(13, 5)) == -4


def test_equation_1_is_the_librarys_test():
    """Derived with matrices, it is `backtracking.accept` with c = 1/2 and |g|^2 for g'g."""
    n = G.shape[0]
    g = sp.Symbol("g", real=True)
    statement = derive("backtracking").steps[4].statement
    fill = {sp.MatrixSymbol("G", 1, 1): sp.Matrix([[g]]), statement.left: sp.Matrix([[phi_q]])}
    fill |= {sp.MatrixSymbol("f_0", 1, 1): sp.Matrix([[phi_0]])}
    bound = statement.right.subs(n, 1).subs(alpha, q).subs(fill).doit()[0, 0]
    assert statement.relation is sp.Le
    assert sp.expand(bound - sl.backtracking.condition.rhs.subs(square, g**2)) == 0


def test_the_boxs_excess_is_that_of_the_errata():
    """L = 3, x = 1: 3.375 at 0.5, 0.135 at 0.1, 0.00135 at 0.01, and never 0 (E04)."""
    excess = stated("backtracking_printed", 6)
    fill = {letter: {"L": 3, "x": 1}[letter.name] for letter in excess.free_symbols - {q}}
    values = [float(excess.subs(fill).subs(q, size)) for size in (0.5, 0.1, 0.01)]
    assert values == pytest.approx([3.375, 0.135, 1.35e-3])


def test_printed_momentum_is_the_librarys():
    """The equation solved here is the rule that `printed_momentum` makes (E08)."""
    rule = sl.printed_momentum(step_size=0.1, momentum=0.5)
    assert derive("momentum_printed").conclusion.rhs - rule.step[letter_x] == 0


def test_the_velocity_of_a_constant_gradient_is_what_a_run_gathers():
    """Five steps of `symlab.momentum` on a line, exactly, against the formula for all k."""
    line = sl.Objective(x)
    rule = sl.momentum(step_size=sp.Rational(1, 10), momentum=sp.Rational(1, 2))
    run = sl.minimize(line, [0], rule, 5, backend="sympy", digits="exact", tolerance=0)
    gathered = [(b[0] - a[0]) for a, b in zip(run.exact[:-1], run.exact[1:], strict=True)]
    formula = stated("momentum", 9)
    values = {"alpha": sp.Rational(1, 10), "eta": sp.Rational(1, 2), "g": 1}
    fill = {s: values[s.name] for s in formula.free_symbols if s.name in values}
    (k,) = formula.subs(fill).free_symbols
    assert gathered == [formula.subs(fill).subs(k, i) for i in range(1, 6)]


def test_the_responses_are_those_of_pandas():
    """The normalised mean is what `ewm` computes, the text's recursion what it can compute."""
    import pandas as pd

    kick = pd.Series(np.eye(1, 8)[0])
    drawn, text = stated("moving_average_printed", 7), stated("moving_average", 3)
    (n,) = drawn.free_symbols
    (a,) = text.free_symbols - {n}
    half = text.subs(a, sp.Rational(1, 2))
    by_text = kick.ewm(alpha=0.5, adjust=False).mean()
    assert [float(drawn.subs(n, i)) for i in range(8)] == pytest.approx(
        list(kick.ewm(com=1).mean())
    )
    assert [float(half.subs(n, i)) for i in range(8)] == pytest.approx(list(by_text))


def test_adams_raw_mean_starts_too_small():
    """After 1, 2, 5 and 10 unit gradients it is .1, .19, .41, .651 (E34)."""
    mean = stated("adam", 2)
    named = {s.name: s for s in mean.free_symbols}
    at = {named["beta_1" if "beta_1" in named else "beta1"]: sp.Rational(9, 10), named["g"]: 1}
    means = [float(mean.subs(at).subs(named["k"], steps)) for steps in (1, 2, 5, 10)]
    assert means == pytest.approx([0.1, 0.19, 0.41, 0.651], abs=5e-4)


def test_the_cross_entropy_gradient_is_that_of_the_risk():
    """What `EmpiricalRisk` derives for lesson 14, component by component (section 15)."""
    b0, b1, bias, x0, x1, y, z = sp.symbols("b0 b1 bias x0 x1 y z", real=True)
    u = b0 * x0 + b1 * x1 + bias
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(u)) - y * u, (b0, b1, bias), (x0, x1, y))
    for number in (8, 9):
        ours = stated("cross_entropy", number).subs(z, u).rewrite(sp.exp)
        assert sp.simplify(ours - risk.gradient) == sp.zeros(3, 1)


def test_conclusions_are_sympys_own():
    """A reader goes on with them: substitute, solve, plot."""
    assert derive("newton").conclusion == Eq(x, sp.Rational(7, 3))
    assert isinstance(derive("backtracking").conclusion, sp.LessThan)
