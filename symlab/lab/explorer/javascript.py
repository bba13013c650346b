"""SymPy's expressions as functions of JavaScript.

They are printed as in what `symlab.to_javascript` writes; `assets/numbers.js` evaluates the
functions of the field. A symbol prints as the place its number is read from, so no name of a user
ever becomes code.
"""

from collections.abc import Mapping, Sequence
from itertools import count

from sympy import Dummy, Expr, Symbol, cse

from symlab.algebra.functions import define
from symlab.algebra.gate import as_symbolic
from symlab.engine.lowering.stabilize import stabilize
from symlab.lab.export.language import JAVASCRIPT
from symlab.lab.export.printer import SourcePrinter


def function_source(
    arguments: str, rows: Sequence[Expr], places: Mapping[Symbol, str], *, single: bool = False
) -> str:
    """Return the source of a function that gives the values of expressions.

    Parameters
    ----------
    arguments : str
        The function's arguments, as JavaScript.
    rows : sequence of sympy.Expr
    places : mapping of symbol to str
        Where the function reads each symbol's number.
    single : bool
        Whether it returns the value of the only row, and not an array.

    Raises
    ------
    ValueError
        If a part has no counterpart; the message names it.

    Examples
    --------
    >>> from sympy.abc import x
    >>> print(function_source("x", [x**2 + 1], {x: "x[0]"}, single=True))
    (x) => {
      return x[0]*x[0] + 1;
    }
    """
    names = (Dummy(f"t{i}") for i in count())
    shared, kept = cse([as_symbolic(row, "rows") for row in rows], symbols=names)
    local = {letter: letter.name for letter, _ in shared}
    printer = SourcePrinter(JAVASCRIPT, {**places, **local})
    lines = [f"const {letter.name} = {printer.doprint(part)};" for letter, part in shared]
    values = [printer.doprint(row) for row in kept]
    lines.append(f"return {values[0] if single else '[' + ', '.join(values) + ']'};")
    inside = "\n".join(f"  {line}" for line in lines)
    return f"({arguments}) => {{\n{inside}\n}}"


def stable_source(
    arguments: str, rows: Sequence[Expr], places: Mapping[Symbol, str], *, single: bool = False
) -> str:
    """Return the function of the rows in the form that keeps its digits, where that can be printed.

    Parameters and errors are those of `function_source`.
    """
    try:
        stable = [stabilize(row) for row in rows]
        return function_source(arguments, stable, places, single=single)
    except ValueError:
        plain = [define(row) for row in rows]
        return function_source(arguments, plain, places, single=single)
