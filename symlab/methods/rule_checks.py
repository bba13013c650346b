"""What a rule must be: a name, rows of letters, and hyperparameters inside their domains."""

from collections.abc import Mapping

from sympy import Expr, Symbol

from symlab.algebra.alphabet import HYPERPARAMETERS, x
from symlab.algebra.exactly import exactly
from symlab.algebra.gate import as_symbolic
from symlab.checks import check_type, choice, shown


def check_name(name: object) -> None:
    """Refuse a name that could not be written in a program.

    Raises
    ------
    TypeError, ValueError
        If it is no text, or no identifier.
    """
    if not check_type(name, str, "name", "text").isidentifier():
        raise ValueError(f"name: expected letters, digits and _, got {shown(name)}.")


def check_recurrence(recurrence: object) -> None:
    """Refuse rows that are not expressions under letters, and a recurrence without a row for x.

    Raises
    ------
    TypeError, ValueError
        Of these kinds.

    Examples
    --------
    >>> check_recurrence({Symbol("v"): x})
    Traceback (most recent call last):
        ...
    ValueError: recurrence: expected a row for x, got rows for v.
    """
    rows = _by_letter(recurrence, "recurrence", "expression")
    for row in rows.values():
        check_type(as_symbolic(row, "recurrence"), Expr, "recurrence", "expressions")
    if x not in rows:
        letters = ", ".join(map(str, rows)) or "none"
        raise ValueError(f"recurrence: expected a row for {x}, got rows for {letters[:60]}.")


def check_hyperparameters(defaults: object, values: object) -> None:
    """Refuse a letter that is no hyperparameter, a default outside its domain, a value without one.

    Raises
    ------
    TypeError, ValueError
        Of these kinds.
    """
    chosen = _by_letter(values, "values", "number")
    stated = _by_letter(defaults, "defaults", "number")
    for letter in chosen:
        if letter not in stated:
            raise ValueError(f"values: {shown(letter)} has no default.")
    if (
        not chosen
    ):  # else it is a rule that was called: its defaults were checked when it was stated
        for letter, default in stated.items():
            _check_default(letter, default)


def _check_default(letter: Symbol, default: object) -> None:
    if letter not in HYPERPARAMETERS:
        raise ValueError(
            f"defaults: {shown(letter)} is no hyperparameter of symlab.algebra.alphabet."
        )
    if exactly(default, "defaults") not in HYPERPARAMETERS[letter].domain:
        raise ValueError(
            f"defaults: {HYPERPARAMETERS[letter].word} is out of range, got {shown(default)}."
        )


def check_variant(variants: object, kind: type, variant: object) -> None:
    """Refuse variants that are no table of a kind, and a chosen one that is not in it.

    Raises
    ------
    TypeError, ValueError
        Of these kinds.
    """
    table = check_type(variants, Mapping, "variants", "a mapping of name to Variant")
    for name, each in table.items():
        check_type(name, str, "variants", "names")
        check_type(each, kind, "variants", "a Variant under each name")
    choice(variant, ["", *table], "variant")


def _by_letter(given: object, argument: str, values: str) -> Mapping[Symbol, object]:
    rows = check_type(given, Mapping, argument, f"a mapping of symbol to {values}")
    for letter in rows:
        check_type(letter, Symbol, argument, f"a mapping of symbol to {values}")
    return rows
