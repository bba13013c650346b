"""Test vectors: what the functions of a program must give, worked out in many digits."""

from collections.abc import Iterator, Mapping, Sequence

import mpmath
from sympy import Expr, Float, Integer, Rational, S, Symbol

from symlab.algebra.alphabet import g, k, x
from symlab.algebra.by_mpmath import NO_VALUE, mpmath_function
from symlab.algebra.exactly import exact_point
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.algebra.working_precision import working_digits
from symlab.engine.domain import domain_of
from symlab.methods.rule import Rule

DIGITS = 17
"""Digits that tell every float from its neighbours."""

WORKED = 60
"""Digits that values are worked out in, so that what cancels leaves enough of them."""

MOST_POINTS = 2
MOST_SAMPLES = 3

CANDIDATES = tuple(
    tuple(map(Rational, numbers))
    for numbers in (
        ("1/2", "5/4", "-3/4", "2"),
        ("-3/2", "1/4", "7/4", "-1/2"),
        ("3/2", "1/4", "5/8", "9/4"),
        ("1/4", "1/8", "3/8", "1/16"),
        ("3", "5", "7", "4"),
    )
)
"""Where formulas are tried, in turn: numbers that are floats without rounding."""

GRADIENTS = (Rational(1, 2), Rational(-1, 4), Integer(2))
"""What a rule is given at k = 0, 1, 2, ... in its vector."""


def formula_vectors(objective: Objective, name: str, *, hessian: bool = False) -> list[str]:
    """Return lines such as `f_value([1, 2]) = 5`, at up to two points where all is real.

    Examples
    --------
    >>> from sympy.abc import x
    >>> formula_vectors(Objective(x**2), "f")
    ['f_value([0.5]) = 0.25', 'f_gradient([0.5]) = [1.0]', 'f_value([-1.5]) = 2.25', \
'f_gradient([-1.5]) = [-3.0]']
    """
    kinds = {"value": [objective.expression], "gradient": list(objective.gradient)}
    if hessian:
        kinds["hessian"] = list(objective.hessian)
    lines: list[str] = []
    for point in _points(objective):
        here = dict(zip(objective.variables, point, strict=True))
        found = {kind: _values(rows, here) for kind, rows in kinds.items()}
        if all(found.values()):
            lines += [_line(f"{name}_{kind}", [point], found[kind]) for kind in kinds]
        if len(lines) == MOST_POINTS * len(kinds):
            break
    return lines


def _points(objective: Objective) -> Iterator[Sequence[Expr]]:
    """Return the start of a problem of the lessons, then points where the symbols may be."""
    n, domain = objective.dimension, domain_of(objective.variables)
    for problem in PROBLEMS.taught.values():
        if problem.objective == objective:
            yield exact_point(problem.start, n, "start")
    for numbers in CANDIDATES:
        point = tuple(numbers[i % len(numbers)] for i in range(n))
        if domain.holds(point):
            yield point


def risk_vectors(risk: EmpiricalRisk, bound: BoundRisk | None, name: str) -> list[str]:
    """Return the value and gradient of a risk on up to three samples, its own where it has some."""
    constants = dict.fromkeys(risk.constants, S.Half)
    point = tuple(CANDIDATES[0][i % 4] for i in range(risk.dimension))
    here = dict(zip(risk.parameters, point, strict=True)) | constants
    kinds = {"value": [risk.loss], "gradient": list(risk.gradient)}
    for columns in _columns(risk, bound):
        samples = [dict(zip(risk.data, row, strict=True)) for row in zip(*columns, strict=True)]
        arguments = [point, *columns, *constants.values()]
        found = {
            kind: _reduced(risk, rows, [{**here, **sample} for sample in samples], order)
            for order, (kind, rows) in enumerate(kinds.items())
        }
        if all(found.values()):
            return [_line(f"{name}_{kind}", arguments, values) for kind, values in found.items()]
    return []


def _columns(risk: EmpiricalRisk, bound: BoundRisk | None) -> Iterator[list[Sequence[Expr]]]:
    """Return data to try: of the bound risk, or a few small numbers for each symbol."""
    if bound is not None:
        yield [[Rational(float(entry)) for entry in array[:MOST_SAMPLES]] for array in bound.arrays]
        return
    for numbers in CANDIDATES:
        yield [[numbers[(i + j) % 4] for j in range(2)] for i in range(len(risk.data))]
    for number in (S.One, S.Zero):
        yield [[number, S.One] for _ in risk.data]


def _reduced(
    risk: EmpiricalRisk, rows: Sequence[Expr], places: Sequence[Mapping[Symbol, Expr]], order: int
) -> list[Expr]:
    """Return the sum or mean of rows over samples, and the penalty's part; nothing if not real."""
    losses = [_values(rows, here) for here in places]
    penalty = _values(risk.penalty_derivatives(order), places[0])
    if not all(losses) or not penalty:
        return []
    weight = Rational(1, len(places)) if risk.reduction == "mean" else S.One
    totals = [sum(column, S.Zero) * weight for column in zip(*losses, strict=True)]
    return [total + extra for total, extra in zip(totals, penalty, strict=True)]


def rule_vectors(rule: Rule, name: str) -> list[str]:
    """Return where three steps of a rule lead from point 1 and zero state.

    Examples
    --------
    >>> from symlab.methods.rules import gradient_descent
    >>> rule_vectors(gradient_descent, "gradient_descent")
    ['gradient_descent_step from [1.0] with gradients [0.5], [-0.25], [2.0] at k = 0, 1, 2:', \
'points [0.95], [0.975], [0.775]']
    """
    here = {x: S.One, **dict.fromkeys(rule.state, S.Zero)}
    points = []
    for step, slope in enumerate(GRADIENTS):
        known = {**here, g: slope, k: Integer(step)}
        found = _values(list(rule.step.values()), known)
        if not found:
            return []
        here = dict(zip(rule.step, found, strict=True))
        points.append(f"[{spell(here[x])}]")
    given = ", ".join(f"[{spell(slope)}]" for slope in GRADIENTS)
    return [
        f"{name}_step from [1.0] with gradients {given} at k = 0, 1, 2:",
        f"points {', '.join(points)}",
    ]


def _values(rows: Sequence[Expr], here: Mapping[Symbol, Expr]) -> list[Expr]:
    """Return the values of rows in many digits; nothing where one is no finite real number."""
    with working_digits(WORKED):
        given = [mpmath.mpmathify(number.evalf(WORKED)) for number in here.values()]
        try:
            found = mpmath_function(tuple(rows), tuple(here))(*given)
        except NO_VALUE:
            return []
        is_real = all(isinstance(v, (int, mpmath.mpf)) and mpmath.isfinite(v) for v in found)
        return [Float(value, WORKED) for value in found] if is_real else []


def _line(function: str, arguments: Sequence[Expr | Sequence[Expr]], values: Sequence[Expr]) -> str:
    given = ", ".join(map(_spell_argument, arguments))
    answer = spell(values[0]) if function.endswith("_value") else _spell_argument(values)
    return f"{function}({given}) = {answer}"


def _spell_argument(argument: Expr | Sequence[Expr]) -> str:
    if isinstance(argument, Expr):
        return spell(argument)
    return f"[{', '.join(map(spell, argument))}]"


def spell(number: Expr) -> str:
    """Return a number with 17 digits, fewer where the rest are zeros.

    Examples
    --------
    >>> spell(Rational(1, 3)), spell(Integer(2))
    ('0.33333333333333333', '2.0')
    """
    with working_digits(WORKED):
        return str(mpmath.nstr(mpmath.mpmathify(number.evalf(WORKED)), DIGITS))
