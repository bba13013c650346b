"""A rule as a function of a program: a step in every coordinate, row by row as in its source."""

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Dummy, Expr, Pow, Symbol, exp, log
from sympy.codegen.cfunctions import expm1
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from symlab.algebra.alphabet import HYPERPARAMETERS, g, k, x
from symlab.engine.lowering.stabilize import stabilize
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language
from symlab.lab.export.names import Names
from symlab.lab.export.printer import SourcePrinter
from symlab.lab.export.program import Argument, Function, Let, Loop, Set, Statement
from symlab.methods.rule import Rule

COUNT = {C: "n", PYTHON: "len(point)", JAVASCRIPT: "point.length"}
"""How many coordinates there are."""

Rows = dict[Symbol, Expr]


def rule_function(rule: Rule, name: str, language: Language) -> Function:
    """Return the function `name_step`, which takes a rule's step in place.

    Parameters
    ----------
    rule : Rule
        With the hyperparameters that the program will have.
    name : str
        What the function's name begins with.
    language : Language

    Raises
    ------
    ValueError
        If the language has no counterpart of a part of a row.
    """
    zeros, numbers, changing = _sort_hyperparameters(rule)
    rows = {letter: _keep_digits(row.xreplace(zeros)) for letter, row in rule.recurrence.items()}
    rows, constants = _take(rows, {*numbers}, "c")
    rows, of_step = _take(rows, {*numbers, *changing, *constants, k}, "d")
    places = _name_letters([*numbers, *changing], [*constants, *of_step, *rows])
    printer = SourcePrinter(language, places)
    used = set().union(*(row.free_symbols for row in (*rows.values(), *of_step.values())))
    head = [
        *(_named(numbers[a], a, places, printer) for a in numbers if a in used),
        *(_named(value, a, places, printer) for a, value in changing.items() if a in used),
        *(
            Let(places[c], printer.doprint(part.xreplace(numbers)), _in_words(part, places))
            for c, part in constants.items()
        ),
        *(Let(places[d], printer.doprint(part)) for d, part in of_step.items()),
    ]
    return Function(
        f"{name}_step",
        _summary(rule, places),
        (
            Argument("n", "count"),
            Argument("point", "changed"),
            Argument("gradient", "read"),
            Argument("state", "changed"),
            Argument("k", "number"),
        ),
        (*head, Loop("i", COUNT[language], _coordinate(rule, rows, places, printer))),
    )


def _name_letters(words: Sequence[Symbol], letters: Sequence[Symbol]) -> dict[Symbol, str]:
    """Return the name of each letter: a hyperparameter's is its word."""
    places: dict[Symbol, str] = {x: "x", g: "g", k: "k"}
    names = Names({*places.values(), "n", "i", "state"})
    places |= {letter: names.give(HYPERPARAMETERS[letter].word) for letter in words}
    return places | {letter: names.give(letter.name) for letter in letters if letter != x}


def _sort_hyperparameters(rule: Rule) -> tuple[Rows, Rows, Rows]:
    """Return the hyperparameters that are zero, those that are other numbers, those that change."""
    values = rule.hyperparameters
    zeros = {letter: value for letter, value in values.items() if value == 0}
    changing = {letter: value for letter, value in values.items() if value.free_symbols}
    numbers = {a: value for a, value in values.items() if a not in zeros and a not in changing}
    return zeros, numbers, changing


def _keep_digits(row: Expr) -> Expr:
    """Write 1 - b^t as -expm1(t log(b)): floats would lose the digits of a b close to 1.

    Examples
    --------
    >>> from symlab.algebra.alphabet import beta2
    >>> _keep_digits(1 - beta2 ** (k + 1))
    -expm1((k + 1)*log(beta2))
    """

    def is_correction(part: Expr) -> bool:
        powers = [term for term in part.args if isinstance(-term, Pow)] if part.is_Add else []
        return len(part.args) == 2 and part.args[0] == 1 and bool(powers) and powers[0].has(k)

    def corrected(part: Expr) -> Expr:
        base, exponent = (-part.args[1]).as_base_exp()
        return -expm1(exponent * log(base))

    stable = stabilize(row) if row.has(exp, log) else row
    return stable.replace(is_correction, corrected)


def _take(rows: Rows, known: set[Symbol], word: str) -> tuple[Rows, Rows]:
    """Return rows in which what some letters alone make up has a letter, and what each is.

    What hyperparameters make up is worked out before it is rounded: 1 - beta2 in floats has lost
    three digits. What belongs to the step is worked out once for all coordinates.
    """
    constants: dict[Expr, Symbol] = {}

    def letter_of(part: Expr) -> Symbol:
        return constants.setdefault(part, Dummy(f"{word}{len(constants) + 1}"))

    def taken(part: Any) -> Any:
        if not part.free_symbols or part.is_Symbol or isinstance(part, Boolean):
            return part
        if isinstance(part, ExprCondPair):  # a condition is no number, and has no letter
            return ExprCondPair(taken(part.expr), part.cond)
        if part.free_symbols <= known:
            return letter_of(part)
        return part.func(*map(taken, part.args))

    new = {letter: taken(row) for letter, row in rows.items()}
    return new, {letter: part for part, letter in constants.items()}


def _named(value: Expr, letter: Symbol, places: Mapping[Symbol, str], printer: Any) -> Let:
    domain = HYPERPARAMETERS[letter].domain
    left, right = "[("[bool(domain.left_open)], "])"[bool(domain.right_open)]
    within = f"in {left}{domain.start}, {domain.end}{right}"
    note = f"{letter.name}, {'changes with k' if value.free_symbols else within}"
    return Let(places[letter], printer.doprint(value), note)


def _in_words(part: Expr, places: Mapping[Symbol, str]) -> str:
    return str(part.xreplace({a: Symbol(places[a]) for a in part.free_symbols}))


def _coordinate(
    rule: Rule, rows: Rows, places: Mapping[Symbol, str], printer: SourcePrinter
) -> tuple[Statement, ...]:
    """Return the statements of one coordinate: what is remembered, the rows, what is kept."""
    state, size = rule.state, len(rule.state)
    cells = {letter: f"state[{_index(size, j)}]" for j, letter in enumerate(state)}
    used = set().union(*(row.free_symbols for row in rows.values()))
    read: list[Statement] = [Let("g", "gradient[i]")] if g in used else []
    read.append(Let("x", "point[i]", changes=True))
    read += [Let(places[a], cell, changes=True) for a, cell in cells.items()]
    steps: list[Statement] = [
        Set(places[letter], printer.doprint(row))
        if letter in (x, *state)
        else Let(places[letter], printer.doprint(row))
        for letter, row in rows.items()
    ]
    kept = [Set(cell, places[a]) for a, cell in cells.items()]
    return (*read, *steps, Set("point[i]", "x"), *kept)


def _index(size: int, place: int) -> str:
    start = "i" if size == 1 else f"{size}*i"
    return f"{start} + {place}" if place else start


def _summary(rule: Rule, places: Mapping[Symbol, str]) -> str:
    """Return what a reader needs to know of the arguments."""
    remembered = ", ".join(places[letter] for letter in rule.state)
    state = f"state: {remembered} of each coordinate, zeros at first" if remembered else "no state"
    return f"Step k = 0, 1, 2, ... of {rule.name}, in place; {state}. {rule.source}."
