"""A rule's numbers as inputs of what is compiled, so that another momentum needs no compiling.

Each largest part of a recurrence that is made of hyperparameters alone becomes one number: `1 -
beta1` is subtracted exactly and rounded once, and the run reads the float nearest to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sympy import Expr, Integer, Symbol

from symlab.algebra.alphabet import HYPERPARAMETERS, alpha, k, x
from symlab.algebra.exactly import exactly, nearest_float
from symlab.checks import shown
from symlab.engine.compiled.scan import Recurrence
from symlab.engine.lowering.special import LoweringError
from symlab.methods.rule import Rule


@dataclass(frozen=True)
class OpenRecurrence:
    """A recurrence with letters for its numbers.

    Parameters
    ----------
    recurrence : tuple of (symbol, expression)
        The letters that a rule updates, the iterate first, and what each becomes.
    numbers : tuple of (symbol, expression)
        What each letter for a number stands for, in the rule's hyperparameters.
    """

    recurrence: Recurrence
    numbers: tuple[tuple[Symbol, Expr], ...]

    @property
    def letters(self) -> tuple[Symbol, ...]:
        """The letters for numbers."""
        return tuple(letter for letter, _ in self.numbers)


def open_recurrence_of(rule: Rule) -> OpenRecurrence:
    """Return a rule's step with letters for its numbers; a schedule's stay as they are.

    Examples
    --------
    >>> from symlab.methods.rules import rmsprop
    >>> found = open_recurrence_of(rmsprop)
    >>> found.recurrence[1]
    (s, decay*s + g**2*one_minus_decay)
    >>> found.numbers
    ((decay, rho), (one_minus_decay, 1 - rho), (epsilon, epsilon))
    """
    schedule = rule.hyperparameters.get(alpha)
    fixed = schedule if schedule is not None and schedule.has(k) else None
    update = tuple((letter, rule.update[letter]) for letter in (x, *rule.state))
    return _open(update, frozenset(rule.hyperparameters) - {alpha}, fixed)


def numbers_of(rule: Rule) -> tuple[float, ...]:
    """Return the numbers that a rule's run reads, each rounded once.

    Raises
    ------
    LoweringError
        If one is beyond the range of floats.

    Examples
    --------
    >>> from symlab.methods.rules import rmsprop
    >>> numbers_of(rmsprop(decay=0.83))
    (0.83, 0.17, 1e-08)
    """
    known = rule.hyperparameters
    return tuple(_as_float(part.xreplace(known)) for _, part in open_recurrence_of(rule).numbers)


def numbers_of_each(rule: Rule, swept: Mapping[Symbol, np.ndarray], count: int) -> np.ndarray:
    """Return the numbers of many runs, each with hyperparameters of its own.

    Parameters
    ----------
    rule : Rule
        Whose hyperparameters hold where they are not swept; its step size is constant.
    swept : mapping of symbol to array, shape (count,)
        Floats, which stand for the decimals they print as.
    count : int

    Returns
    -------
    array, shape (count, 1 + m)
        The step size, NaN where the rule has none, and the rule's other numbers: for each run those
        of a rule that was called with its hyperparameters, to the last bit.

    Examples
    --------
    >>> from symlab.algebra.alphabet import rho
    >>> from symlab.methods.rules import rmsprop
    >>> numbers_of_each(rmsprop, {rho: np.array([0.83, 0.5])}, 2)[:, 1:3]
    array([[0.83, 0.17],
           [0.5 , 0.5 ]])
    """
    size = rule.constant_step_size
    columns = [swept.get(alpha, np.full(count, np.nan if size is None else size))]
    for _, part in open_recurrence_of(rule).numbers:
        columns.append(_each(part, rule.hyperparameters, swept, count))
    return np.column_stack(columns)


def _each(
    part: Expr, known: Mapping[Symbol, Expr], swept: Mapping[Symbol, np.ndarray], count: int
) -> np.ndarray:
    """Return what a part of a recurrence is in each run; equal runs are looked at once."""
    letters = sorted(part.free_symbols & swept.keys(), key=str)
    if part in swept:
        return swept[part]
    if not letters:
        return np.full(count, _as_float(part.xreplace(dict(known))))
    rows = np.column_stack([swept[letter] for letter in letters])
    different, places = np.unique(rows, axis=0, return_inverse=True)
    numbers = [
        _as_float(part.xreplace({**known, **dict(zip(letters, map(exactly, row), strict=True))}))
        for row in different.tolist()
    ]
    return np.array(numbers)[places.reshape(-1)]


def _as_float(number: Expr) -> float:
    nearest = nearest_float(number)
    if abs(nearest) == float("inf") or (nearest == 0 and number != 0):
        raise LoweringError(
            f"{shown(number.n(6))} is beyond the range of floats, 2.2e-308 to 1.8e+308."
        )
    return nearest


@lru_cache(maxsize=256)
def _open(update: Recurrence, letters: frozenset[Symbol], schedule: Expr | None) -> OpenRecurrence:
    found: dict[Expr, Symbol] = {}
    fixed = {} if schedule is None else {alpha: schedule}
    opened = tuple(
        (letter, _lift(expression.xreplace(fixed), letters, found)) for letter, expression in update
    )
    return OpenRecurrence(opened, tuple((letter, part) for part, letter in found.items()))


def _lift(expression: Expr, letters: frozenset[Symbol], found: dict[Expr, Symbol]) -> Expr:
    """Return an expression with a letter for each largest part made of hyperparameters alone."""
    free = expression.free_symbols
    if not free & letters:
        return expression
    if free <= letters and isinstance(expression, Expr):  # no condition, no piece with one
        return found.setdefault(expression, _letter(expression, len(found)))
    if expression.is_Mul or expression.is_Add:
        return _lift_some(expression, letters, found)
    return expression.func(*(_lift(part, letters, found) for part in expression.args))


def _lift_some(expression: Expr, letters: frozenset[Symbol], found: dict[Expr, Symbol]) -> Expr:
    """Return a sum or product in which the parts that are numbers are one; a sign stays outside."""
    own = [part for part in expression.args if part.free_symbols and part.free_symbols <= letters]
    rest = [part for part in expression.args if part not in own]
    if own:
        own += [part for part in rest if part.is_number and part != Integer(-1)]
        rest = [part for part in rest if part not in own]
        rest.append(expression.func(*own))
    return expression.func(*(_lift(part, letters, found) for part in rest))


def _letter(part: Expr, count: int) -> Symbol:
    """Return a letter whose name says what it stands for, where that is short."""
    if part.is_Symbol:
        name = HYPERPARAMETERS[part].word
    elif (1 - part).is_Symbol:
        name = f"one_minus_{HYPERPARAMETERS[1 - part].word}"
    else:
        name = f"number_{count + 1}"
    return Symbol(name, real=True, **({"nonnegative": True} if part.is_nonnegative else {}))
