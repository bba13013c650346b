"""A search along a direction as a function of a program: trial steps until one is accepted."""

from typing import Any

from symlab.algebra.alphabet import HYPERPARAMETERS, damping, phi_0, phi_q, q, slope, square
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language
from symlab.lab.export.printer import SourcePrinter
from symlab.lab.export.program import (
    Argument,
    Function,
    Give,
    If,
    Let,
    Loop,
    Plain,
    Set,
    Statement,
)
from symlab.methods.method import Method
from symlab.methods.searches import MAX_TRIALS

PLACES = {phi_0: "value", phi_q: "tried", q: "length", slope: "slope", square: "fall"}
"""Where the letters of an accept condition are read from."""


def search_name(method: Method) -> str:
    """Return what the function of a search is named after.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> search_name(as_method("armijo"))
    'armijo'
    """
    direction = method.direction.name
    return method.search.name if direction == "steepest" else f"{direction}_{method.search.name}"


def search_function(method: Method, name: str, dimension: int, language: Language) -> Function:
    """Return the function that takes a step of a search on a program's own objective, in place.

    Parameters
    ----------
    method : Method
        Steepest or Newton's direction, with a search that tries steps.
    name : str
        What the names of the objective's functions begin with.
    dimension : int
        The number of variables.
    language : Language
    """
    size, search = str(dimension), method.search
    letters = {a: HYPERPARAMETERS[a].word for a in search.hyperparameters if a != q}
    printer = SourcePrinter(language, {**PLACES, **letters})
    condition: Any = search.accept  # which a search that tries steps has
    accept = printer.doprint(condition)
    numbers: list[Statement] = [
        Let(word, printer.doprint(search.hyperparameters[a]), a.name) for a, word in letters.items()
    ]
    fall: list[Statement] = [Let("fall", "-slope")] if condition.has(square) else []
    product = Set("slope", "gradient[i]*direction[i]", "+=")
    kept = Loop("i", size, (Set("point[i]", "moved[i]"),))
    trial = (
        Loop("i", size, (Set("moved[i]", "point[i] + length*direction[i]"),)),
        Let("tried", f"{name}_value(moved)"),
        If(accept, (kept, Give("length"))),
        Set("length", "shrink", "*="),
    )
    return Function(
        f"{search_name(method)}_step",
        f"A step of {search_name(method)} on {name}, in place. Returns its length, 0 where no "
        f"trial was accepted. {search.source}.",
        (Argument("point", "changed", size),),
        (
            *numbers,
            *_direction(method, name, dimension, language),
            Let("value", f"{name}_value(point)"),
            Let("slope", "0.0", changes=True),
            Loop("i", size, (product,)),
            *fall,
            Let("length", printer.doprint(search.first_step), "q", changes=True),
            Loop("trial", str(MAX_TRIALS), trial),
            Give("0.0"),
        ),
        "number",
    )


def _direction(method: Method, name: str, n: int, language: Language) -> list[Statement]:
    """Return the statements that make the gradient, the direction and a place for trials."""
    arrays = Plain(
        {
            C: f"double gradient[{n}], direction[{n}], moved[{n}];\n"
            f"{name}_gradient(point, gradient);",
            PYTHON: f"gradient = {name}_gradient(point)\nmoved = [0.0]*{n}",
            JAVASCRIPT: f"const gradient = {name}_gradient(point);\n"
            f"const moved = new Array({n}).fill(0);",
        }
    )
    if not method.direction.needs_hessian:
        return [arrays, _copied(language, n), _reversed(n)]
    added = SourcePrinter(language, {}).doprint(method.direction.hyperparameters[damping])
    return [arrays, *_hessian(name, n, added, language), _reversed(n)]


def _copied(language: Language, n: int) -> Statement:
    """Return the statement that copies the gradient into the direction."""
    return Plain(
        {
            C: f"for (int i = 0; i < {n}; ++i) direction[i] = gradient[i];",
            PYTHON: "direction = list(gradient)",
            JAVASCRIPT: "const direction = [...gradient];",
        }
    )


def _reversed(n: int) -> Statement:
    return Loop("i", str(n), (Set("direction[i]", "-direction[i]"),))


def _hessian(name: str, n: int, added: str, language: Language) -> list[Statement]:
    """Return the statements that solve for Newton's direction, the Hessian damped or not."""
    made = Plain(
        {
            C: f"double hessian[{n * n}];\n{name}_hessian(point, hessian);",
            PYTHON: f"hessian = {name}_hessian(point)",
            JAVASCRIPT: f"const hessian = {name}_hessian(point);",
        }
    )
    damped = Loop("i", str(n), (Set(f"hessian[{n + 1}*i]", added, "+="),))
    in_python = f"[hessian[{n}*i:{n}*i + {n}] for i in range({n})]"
    in_javascript = f"gradient.map((_, i) => hessian.slice({n}*i, {n}*i + {n}))"
    solved = Plain(
        {
            C: f"solve({n}, hessian, direction);",
            PYTHON: f"direction = solve({in_python}, gradient)",
            JAVASCRIPT: f"const direction = solve({in_javascript}, gradient);",
        }
    )
    copied = [_copied(C, n)] if language is C else []
    return [made, *([damped] if added != "0" else []), *copied, solved]
