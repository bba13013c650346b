"""What is exported in the tests, and the judge of it: mpmath, and a bound on rounding."""

from functools import cache

import mpmath
import numpy as np
import sympy as sp
from sympy import (
    Abs,
    Heaviside,
    Integer,
    Max,
    Min,
    Piecewise,
    cosh,
    exp,
    log,
    sign,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import exp2, log10

import symlab as sl
from symlab.algebra.alphabet import g, k
from symlab.algebra.alphabet import x as iterate
from symlab.algebra.by_mpmath import evaluator, value_at
from symlab.algebra.error_bound import rounding_bound

z = sp.Symbol("z", real=True)
p = sp.Symbol("p", positive=True)

STEPS = 50
SHORT = {"gradient_descent", "momentum", "nesterov"}
"""Rules whose usual step is too long for Rosenbrock's valley."""

FORMS = ("momentum torch", "rmsprop optax", "adam keras", "nadam torch", "yogi optax")
"""A form of each kind that has no row in the table; a form costs a second in each language."""

RULES = {
    name: rule(**{"step_size": 2e-4} if name in SHORT else {}) for name, rule in sl.rules.items()
} | {
    form: sl.rules[form.split()[0]](variant=form.split()[1])(
        **{"step_size": 2e-4, "dampening": 0.5} if form.startswith("momentum") else {}
    )
    for form in FORMS
}
PROBLEMS = {name: problem.objective for name, problem in sl.problems.taught.items()}
STARTS = {name: [float(at) for at in problem.start] for name, problem in sl.problems.taught.items()}


FAR = [-800.0, -40.0, -1.5, -1e-9, 1e-9, 0.3, 2.5, 40.0, 800.0]
FORMULAS = {
    "softplus": (log(1 + exp(z)), FAR),
    "sigmoid": (1 / (1 + exp(-z)), FAR),
    "margin": (1 - tanh(z) ** 2, [-40.0, -20.0, -0.1, 0.2, 20.0, 40.0]),
    "logcosh": (log(cosh(z)), FAR),
    "entropy": (sl.xlogx(p), [1e-300, 1e-9, 0.3, 1.0, 7.0]),
    "log1p": (log(1 + z**2), [1e-12, 0.3, 1e5]),
    "expm1": (exp(z) - 1, [-1e-12, 1e-9, 0.5]),
    "hinge": (sl.hinge(z), [-3.0, 0.5, 3.0]),
    "relu": (sl.relu(z) + sl.softsign(z), [-3.0, 0.5, 3.0]),
    "logsumexp": (sl.logsumexp(z, 2 * z, 1), [-700.0, 0.25, 700.0]),
    "softmax": (sl.softmax(z, 2 * z, 1), [-300.0, 0.25, 300.0]),
    "kinks": (Abs(z) + Max(z, 1, z**2) + Min(z, 2) * sign(z), [-3.0, -0.5, 0.5, 3.0]),
    "pieces": (Piecewise((sqrt(z), z > 1), (z**3 / 7, z > -1), (1 / z, True)), [-2.0, 0.5, 3.0]),
    "step": (Heaviside(z) * z**2 + z ** sp.Rational(1, 3), [0.5, 3.0]),
    "constants": (sp.pi * z / 3 + sp.E**2 * sqrt(2) * z**-2 + 10**20 * z, [-2.5, 0.5]),
    "logit": (log(p / (1 - p)), [1e-12, 0.3, 0.5 + 1e-9, 0.9]),
    "length": (sqrt(p**2 + 3), [1e-3, 1e200]),
    "others": (sp.sinc(z) + sp.coth(z) + sp.cot(z), [-2.5, 0.25, 3.0]),
    "rest": (sp.Mod(z, 3) * z + log10(z**2 + 2) + exp2(z), [-2.5, 0.25, 4.0]),
    "inverse": (sp.sech(z) + sp.atan(z) / sp.cosh(z), [-700.0, 0.3, 700.0]),
}


def allowed(expression, here):
    """Return what rounding may make of an expression in its stable form, to first order."""
    return 2 * float(rounding_bound(sl.stabilize(expression), here)) + 4e-16 * 5e-308


def exact_at(expression, here):
    """Return the value in many digits, of a formula whose symbols are floats."""
    known = {symbol: sp.Rational(value) for symbol, value in here.items()}
    return value_at(expression, known, 60)


@cache
def numeric_rows(rule):
    """Return the rows with numbers, those that are a number of the step put into the others.

    Beside each whether it read one: what is made in two roundings has the digits of both to lose.
    """
    stated = RULES[rule]
    of_step = {
        letter: row
        for letter, row in stated.recurrence.items()
        if row.free_symbols <= {k, *stated.hyperparameters}
    }
    return {
        letter: (row.xreplace(of_step).xreplace(stated.hyperparameters), row.has(*of_step))
        for letter, row in stated.recurrence.items()
        if letter not in of_step
    }


@cache
def exact_row(rule, letter):
    """Return a function that works out a row in many digits, and the letters it takes."""
    row, _ = numeric_rows(rule)[letter]
    letters = tuple(sorted(row.free_symbols, key=str))
    return evaluator(row, letters), letters


def stacked(runs, rule):
    """Return what stands before and after each step, by letter, for all problems at once."""
    size, columns = len(RULES[rule].state), []
    for problem, start in STARTS.items():
        n, table = len(start), np.array(runs[problem, rule])
        states = table[:, 2 * n :].reshape(STEPS, n, size)
        after = np.concatenate([table[:, n : 2 * n, None], states], axis=2)
        first = np.concatenate([np.array(start)[None, :, None], np.zeros((1, n, size))], axis=2)
        before = np.concatenate([first, after[:-1]])
        columns.append(np.concatenate([table[:, :n, None], before, after], axis=2))
    return np.moveaxis(np.concatenate(columns, axis=1), 2, 0)


def worst_of_step(rule, step, gradient, before, after):
    """Return the largest error of a step's numbers, over what rounding may make of its rows.

    Each row is worked out with 30 digits from the floats that the program had.
    """
    letters = (iterate, *RULES[rule].state)
    at, new = dict(zip(letters, before, strict=True)), dict(zip(letters, after, strict=True))
    at |= {g: gradient, k: np.full(len(gradient), float(step))}
    worst = 0.0
    for letter, (row, reads_intermediate) in numeric_rows(rule).items():
        evaluate, taken = exact_row(rule, letter)
        given = zip(*(at[each].tolist() for each in taken), strict=True)
        exact = [evaluate(*map(mpmath.mpf, values)) for values in given]
        at[letter] = new.get(letter, np.array([float(value) for value in exact]))
        errors = [float(abs(e - f)) for e, f in zip(exact, at[letter].tolist(), strict=True)]
        # Constants are known exactly at a step: of 1 - 0.999^t no digit need be lost.
        known = row if reads_intermediate else row.subs(k, Integer(step))
        before_row = at | {letter: before_of(letter, letters, before, at)}
        bounds = np.broadcast_to(rounding_bound(known, before_row), gradient.shape)
        worst = max(worst, *(e / (b + 5e-324) for e, b in zip(errors, bounds, strict=True)))
    return worst


def before_of(letter, letters, before, at):
    """Return the old number of a letter whose row is looked at."""
    return before[letters.index(letter)] if letter in letters else at[letter]


def worst_of_run(runs, rule):
    """Return the largest error of all steps of a rule on all problems, over its bound."""
    table = stacked(runs, rule)
    assert np.isfinite(table).all()
    size = len(RULES[rule].state) + 1
    gradients, before, after = table[0], table[1 : 1 + size], table[1 + size :]
    with mpmath.workdps(30):
        return max(
            worst_of_step(rule, step, gradients[step], before[:, step], after[:, step])
            for step in range(STEPS)
        )
