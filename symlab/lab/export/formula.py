"""An objective as functions of a program: its value, its gradient and, if wanted, its Hessian."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from sympy import Dummy, Expr, Piecewise, Symbol, cse

from symlab.algebra.functions import define
from symlab.algebra.objective import Objective
from symlab.algebra.reductions import reduce_functions
from symlab.engine.lowering.stabilize import stabilize
from symlab.lab.export.language import Language
from symlab.lab.export.names import Names
from symlab.lab.export.printer import NoCounterpart, SourcePrinter
from symlab.lab.export.program import Argument, Fill, Function, Give, Let, Statement

Result = Callable[[Sequence[str]], Statement]


def formula_functions(
    objective: Objective, name: str, language: Language, *, hessian: bool = False
) -> list[Function]:
    """Return the functions `name_value`, `name_gradient` and, if wanted, `name_hessian`.

    Parameters
    ----------
    objective : Objective
        A formula in n variables.
    name : str
        What the functions' names begin with.
    language : Language
    hessian : bool
        Whether second derivatives are wanted.

    Raises
    ------
    ValueError
        If the language has no counterpart of a part.
    """
    n = objective.dimension
    point = Argument("point", "read", str(n))
    letters = ", ".join(variable.name for variable in objective.variables)
    names = Names()
    places = {variable: names.give(variable.name) for variable in objective.variables}
    reads = {variable: f"point[{i}]" for i, variable in enumerate(objective.variables)}

    def body(rows: Sequence[Expr], result: Result) -> tuple[Statement, ...]:
        return statements(rows, language, places, reads, result)

    found = [
        Function(
            f"{name}_value",
            f"The value at the point ({letters}).",
            (point,),
            body([objective.expression], lambda texts: Give(texts[0])),
            "number",
        ),
        Function(
            f"{name}_gradient",
            f"The derivatives in {letters} at the point.",
            (point, Argument("gradient", "filled", str(n))),
            body(list(objective.gradient), fill),
        ),
    ]
    if hessian:
        square = Function(
            f"{name}_hessian",
            "The second derivatives at the point, row by row.",
            (point, Argument("hessian", "filled", str(n * n))),
            body(list(objective.hessian), fill),
        )
        found.append(square)
    return found


def fill(texts: Sequence[str]) -> Statement:
    """Return the statement that fills an array."""
    return Fill(tuple(texts))


def statements(
    rows: Sequence[Expr],
    language: Language,
    places: Mapping[Symbol, str],
    reads: Mapping[Symbol, str],
    result: Result,
) -> tuple[Statement, ...]:
    """Return the statements that work out rows, in the form that keeps their digits.

    Parameters
    ----------
    rows : sequence of sympy.Expr
    language : Language
    places : mapping of symbol to str
        The name of each symbol's number.
    reads : mapping of symbol to str
        Where a symbol's number is read from, where that is not under its name.
    result : callable
        Takes the texts of the rows, returns the statement that gives them.

    Raises
    ------
    ValueError
        If the language has no counterpart of a part.
    """
    try:
        return _statements([stabilize(row) for row in rows], language, places, reads, result)
    except NoCounterpart:
        plain = [define(reduce_functions(row)) for row in rows]
        return _statements(plain, language, places, reads, result)


def _statements(
    rows: Sequence[Expr],
    language: Language,
    places: Mapping[Symbol, str],
    reads: Mapping[Symbol, str],
    result: Result,
) -> tuple[Statement, ...]:
    shared, kept = _share(rows, set(places.values()))
    local = {letter: letter.name for letter, _ in shared}
    printer = SourcePrinter(language, {**places, **local})
    used = set().union(*(row.free_symbols for row in (*kept, *(part for _, part in shared))))
    read = [Let(places[symbol], place) for symbol, place in reads.items() if symbol in used]
    common = [Let(letter.name, printer.doprint(part)) for letter, part in shared]
    return (*read, *common, result([printer.doprint(row) for row in kept]))


def _share(
    rows: Sequence[Expr], taken: set[str]
) -> tuple[list[tuple[Symbol, Expr]], Sequence[Expr]]:
    """Return the parts that rows have in common, and the rows in them.

    No part of a branch is taken out of it: it may have no value where the branch is not taken.
    """
    if any(row.has(Piecewise) for row in rows):
        return [], rows
    shared, kept = cse(list(rows), symbols=_fresh(taken))
    return shared, kept


def _fresh(taken: set[str]) -> Iterator[Symbol]:
    return (Dummy(f"t{i}") for i in count(1) if f"t{i}" not in taken)
