"""Rules and methods as objects of JavaScript: the step, its letters, and what is derived of it."""

import json
from collections.abc import Mapping
from typing import Any

from sympy import Expr, Poly, Symbol

from symlab.algebra.alphabet import (
    HYPERPARAMETERS,
    alpha,
    g,
    k,
    phi_0,
    phi_q,
    q,
    slope,
    square,
    x,
)
from symlab.lab.explorer.javascript import function_source
from symlab.lab.explorer.text import letter_text, template
from symlab.methods.method import Method
from symlab.methods.method import method as pair
from symlab.methods.rule import Rule
from symlab.theory.linearization import (
    NoLinearization,
    acts_linearly,
    curvature,
    direction_slope,
    linearize,
    multiplier,
)
from symlab.theory.prediction import inverts_hessian
from symlab.theory.stability import balanced_steps, largest, smallest, step_limit

Places = Mapping[Symbol, str]

KNOWN = ("steepest", "newton", "bfgs")
"""The directions that the script of a page takes; it searches by one relation between values."""


def method_source(method: Rule | Method, *, theory: bool = True) -> str:
    """Return a rule or method as the source of an object.

    Parameters
    ----------
    method : Rule or Method
    theory : bool
        Whether what is derived of it near a minimum is a part.

    Raises
    ------
    ValueError
        If a part of it has no counterpart in JavaScript, or its direction is not one of symlab's.
    """
    if isinstance(method, Rule):
        return _rule_source(method, theory=theory)
    return _search_source(method, theory=theory)


def method_name(method: Rule | Method) -> str:
    """Return the name that a page shows a method by.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> method_name(as_method("newton")), method_name(as_method("backtracking"))
    ('newton', 'backtracking')
    """
    if isinstance(method, Rule):
        return method.name + (f" ({method.variant})" if method.variant else "")
    direction, search = method.direction, method.search
    if search.name == pair(direction).search.name:
        return direction.name
    return search.name if direction.name == "steepest" else f"{direction.name}, {search.name}"


def object_source(members: Mapping[str, str]) -> str:
    """Return an object of JavaScript from the sources of its members."""
    return "{\n" + "".join(f"{name}: {source},\n" for name, source in members.items()) + "}"


def as_json(data: Any) -> str:
    """Return data as JavaScript that may stand in a script of a page, whatever its texts hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _rule_source(rule: Rule, *, theory: bool) -> str:
    values = {**rule.defaults, **rule.values}
    changing = {a: value for a, value in rule.hyperparameters.items() if value.free_symbols}
    fixed = {**changing, **rule.switches}
    numbers = {a: v for a, v in rule.hyperparameters.items() if a not in fixed}
    letters = tuple(rule.recurrence)
    rows = [rule.update[letter].xreplace(fixed) for letter in letters]
    state = {letter: f"s[{letters.index(letter)}]" for letter in rule.state}
    places = {x: "x", g: "g", k: "k", **state, **_hyperparameter_places(numbers)}
    shown = {letter: row.xreplace(fixed) for letter, row in rule.recurrence.items()}
    known = (x, g, k, *letters, *numbers)
    return object_source(
        {
            "kind": '"rule"',
            "name": as_json(method_name(rule)),
            "python": as_json({"name": rule.name, "chosen": _chosen(rule)}),
            "source": as_json(rule.source),
            "hyperparameters": as_json([_describe(a, numbers[a], values[a]) for a in numbers]),
            "letters": as_json([letter.name for letter in letters]),
            "state": as_json([letters.index(letter) for letter in rule.state]),
            "iterate": str(letters.index(x)),
            "rows": as_json([_row(letter, row, known) for letter, row in shown.items()]),
            "stepSize": as_json(alpha.name if alpha in numbers else None),
            "update": function_source("x, g, k, s, h", rows, places),
            "slopes": _slopes(rule, rows, places),
            "theory": _theory(rule, _hyperparameter_places(numbers))
            if theory and not changing
            else "null",
        }
    )


def _chosen(rule: Rule) -> list[str]:
    """Return what a call of a rule is told that has no slider: its variant and its switches."""
    variant = [f'variant="{rule.variant}"'] if rule.variant else []
    return [
        *variant, *(f"{HYPERPARAMETERS[a].word}={value}" for a, value in rule.switches.items())
    ]  # fmt: skip


def _search_source(method: Method, *, theory: bool) -> str:
    direction, search = method.direction, method.search
    if direction.name not in KNOWN:
        raise ValueError(f"rules: the direction {direction.name!r} is not one that pages know.")
    if search.accept is not None and not search.only_shortens:
        raise ValueError(f"rules: the search {search.name!r} is not one that pages know.")
    numbers = {**direction.hyperparameters, **search.hyperparameters}
    values = {**direction.defaults, **direction.values, **search.defaults, **search.values}
    places = _hyperparameter_places(numbers)
    tried = {phi_q: "tried", phi_0: "value", q: "q", slope: "slope", square: "square"}
    accept = search.accept
    length = q.name if q in numbers else None
    theory_places = {**places, alpha: f'h["{q.name}"]'}
    return object_source(
        {
            "kind": '"method"',
            "name": as_json(method_name(method)),
            "python": as_json({"direction": direction.name, "search": search.name}),
            "source": as_json(search.source if search.name != "fixed" else direction.source),
            "hyperparameters": as_json([_describe(a, numbers[a], values[a]) for a in numbers]),
            "direction": as_json(direction.name),
            "exact": as_json(search.exact),
            "descends": as_json(search.needs_descent),
            "stepSize": as_json(length),
            # A trial is accepted where the first of the two is at most the second.
            "sides": "null"
            if accept is None
            else function_source(
                "tried, value, q, slope, square, h",
                [accept.lhs, accept.rhs],
                {**places, **tried},
            ),
            "invertsHessian": as_json(inverts_hessian(method)),
            "theory": _theory(method, theory_places) if theory else "null",
        }
    )


def _hyperparameter_places(numbers: Mapping[Symbol, Expr]) -> dict[Symbol, str]:
    return {letter: f'h["{letter.name}"]' for letter in numbers}


def _describe(letter: Symbol, exact: Expr, given: object) -> dict[str, Any]:
    """Return what a slider needs to know of a hyperparameter."""
    entry = HYPERPARAMETERS[letter]
    domain = entry.domain
    bounded = domain.end.is_finite
    return {
        "letter": letter.name,
        "symbol": letter_text(letter),
        "word": entry.word,
        "value": float(exact),
        "text": str(given),
        "low": float(domain.start),
        "high": float(domain.end) if bounded else None,
        "openLow": bool(domain.left_open),
        "openHigh": bool(domain.right_open),
    }


def _row(letter: Symbol, row: Expr, known: tuple[Symbol, ...]) -> dict[str, Any]:
    """Return a row of the recurrence with gaps for numbers, and the letter it updates."""
    return {
        "letter": letter.name,
        "symbol": letter_text(letter),
        "template": template(row, known, first=x if letter == x else None),
        "symbols": {each.name: letter_text(each) for each in known},
    }


def _slopes(rule: Rule, rows: list[Expr], places: Places) -> str:
    """Return the derivatives of a step by iterate and gradient, for a rule that is a plain map."""
    if rule.state:
        return "null"
    row = rows[list(rule.recurrence).index(x)]
    derivatives = [row.diff(x), row.diff(g)]
    if any(each.has(k) or not each.is_polynomial(x, g) for each in (row, *derivatives)):
        return "null"
    return function_source("x, g, h", derivatives, places)


def _theory(method: Rule | Method, places: Places) -> str:
    """Return what is derived of a method near a minimum of any curvature, in all its letters."""
    try:
        characteristic = _characteristic(method)
    except NoLinearization as reason:
        return object_source({"reason": as_json(str(reason))})
    coefficients = Poly(characteristic, multiplier).all_coeffs()
    at = {**places, curvature: "curvature"}
    extremes = {**places, smallest: "low", largest: "high"}
    limit = _limit(method)
    balanced = _balanced(method)
    return object_source(
        {
            "reason": '""',
            "coefficients": function_source("curvature, h", coefficients, at),
            "limit": "null"
            if limit is None
            else function_source("curvature, h", [limit], at, single=True),
            "balanced": function_source("low, high, h", balanced, extremes),
            "linear": as_json(not isinstance(method, Rule) or acts_linearly(method)),
        }
    )


def _characteristic(method: Rule | Method) -> Expr:
    linear = linearize(method)
    if isinstance(method, Rule):
        return linear.characteristic
    # `linearize` puts the damping in; a slider needs its letter.
    return multiplier - 1 - alpha * direction_slope(method)


def _limit(method: Rule | Method) -> Expr | None:
    if isinstance(method, Method) and method.direction.defaults:
        return None
    try:
        limit = step_limit(method)
    except NoLinearization:
        return None
    return limit if limit.is_finite is not False else None


def _balanced(method: Rule | Method) -> list[Expr]:
    return (
        [] if isinstance(method, Method) and method.direction.defaults else balanced_steps(method)
    )
