"""A direction with steps of a fixed length as a function of a program, and what cannot be one."""

from symlab.algebra.alphabet import damping, q
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language
from symlab.lab.export.printer import SourcePrinter
from symlab.lab.export.program import Argument, Function, Let, Loop, Plain, Set, Statement
from symlab.lab.export.rule import COUNT
from symlab.methods.directions import newton, steepest
from symlab.methods.method import Method

SOLVED = {
    C: "solve(n, hessian, gradient);",
    PYTHON: """
n = len(point)
rows = [list(hessian[n*i:n*i + n]) for i in range(n)]
{damped}
step = solve(rows, gradient)
""",
    JAVASCRIPT: """
const n = point.length;
const rows = gradient.map((_, i) => hessian.slice(n*i, n*i + n));
{damped}
const step = solve(rows, gradient);
""",
}


def method_function(method: Method, name: str, language: Language) -> Function:
    """Return the function `name_step`, which takes a method's step in place.

    Parameters
    ----------
    method : Method
        Newton's direction or the steepest, with steps of a fixed length.
    name : str
        What the function's name begins with.
    language : Language

    Raises
    ------
    ValueError
        If it is another direction, or a search.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> method_function(as_method("bfgs"), "bfgs", C)
    Traceback (most recent call last):
        ...
    ValueError: method: only rules, and newton and steepest with fixed steps, backtracking or \
armijo, can be exported, got bfgs with armijo.
    """
    check_exported(method)
    print_number = SourcePrinter(language, {}).doprint
    size = Let("step_size", print_number(method.search.hyperparameters[q]), "q, in (0, oo)")
    point = (Argument("n", "count"), Argument("point", "changed"))
    if not method.direction.needs_hessian:
        moved = Loop("i", COUNT[language], (Set("point[i]", "step_size*gradient[i]", "-="),))
        summary = f"A step of {name} in place, of a fixed length. {method.direction.source}."
        return Function(
            f"{name}_step", summary, (*point, Argument("gradient", "read")), (size, moved)
        )
    given = (Argument("gradient", "changed"), Argument("hessian", "changed"))
    lost = " Gradient and Hessian are overwritten." if language is C else ""
    return Function(
        f"{name}_step",
        f"A step of {name} in place; the Hessian row by row.{lost} {method.direction.source}.",
        (*point, *given),
        (size, *_newton_body(print_number(method.direction.hyperparameters[damping]), language)),
    )


def check_exported(method: Method, *, on_formula: bool = False) -> None:
    """Refuse directions with memory, searches that lengthen, and those without an objective."""
    is_known = method.direction.expression in {steepest.expression, newton.expression}
    named = f"{method.direction.name} with {method.search.name}"
    tries = method.search.needs_descent
    if not is_known or (tries and not method.search.only_shortens):
        raise ValueError(
            "method: only rules, and newton and steepest with fixed steps, backtracking or armijo, "
            f"can be exported, got {named}."
        )
    if tries and not on_formula:
        raise ValueError(
            f"method: {method.search.name} tries values of an objective, so it is exported beside "
            "a formula alone, as sl.to_c(objective, method)."
        )


def _newton_body(added: str, language: Language) -> list[Statement]:
    is_damped = added != "0"
    let: list[Statement] = [Let("damping", added, "mu, in [0, oo)")] if is_damped else []
    in_c = Loop("i", "n", (Set("hessian[n*i + i]", "damping", "+="),))
    damped = {
        PYTHON: "for i in range(n):\n    rows[i][i] += damping",
        JAVASCRIPT: "for (let i = 0; i < n; i += 1) rows[i][i] += damping;",
        C: "",
    }[language]
    if is_damped and language is C:
        let.append(in_c)
    solved = SOLVED[language].format(damped=damped if is_damped else "")
    step = "gradient" if language is C else "step"
    moved = Loop("i", COUNT[language], (Set("point[i]", f"step_size*{step}[i]", "-="),))
    return [*let, Plain({language: solved}), moved]
