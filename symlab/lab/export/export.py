"""`to_c`, `to_python`, `to_javascript`: what is stated, as a program that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from symlab.algebra.objective import Objective
from symlab.algebra.printing import spell
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.checks import lookup, shown
from symlab.lab.export.direction import check_exported, method_function
from symlab.lab.export.formula import formula_functions
from symlab.lab.export.helpers import helpers_for
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language
from symlab.lab.export.names import check_prefix
from symlab.lab.export.program import Function, write_comment, write_function
from symlab.lab.export.risk import risk_functions
from symlab.lab.export.rule import rule_function
from symlab.lab.export.search import search_function
from symlab.lab.export.vectors import formula_vectors, risk_vectors, rule_vectors
from symlab.methods.directions import Direction
from symlab.methods.method import RUNNABLE, Method, as_method
from symlab.methods.rule import Rule
from symlab.methods.searches import Search
from symlab.methods.squares import SquaresMethod

Stated = Objective | EmpiricalRisk | Rule | Method

HEADERS = {C: "#include <math.h>\n", PYTHON: "import math\n", JAVASCRIPT: '"use strict";\n'}
"""What each program begins with, behind its comment."""


def to_c(stated: object, method: object = None, *, name: str = "f") -> str:
    """Return a program in C, which is C++ as well, of an objective or of a method's step.

    It has the functions `f_value` and `f_gradient`, with a Newton method also `f_hessian`, and the
    step of a rule or method under its own name, such as `adam_step`. It needs the C library alone.
    A comment at its head has test vectors, worked out in many digits.

    Parameters
    ----------
    stated : Objective, EmpiricalRisk, rule, direction, method or name of one
        What the program evaluates. A risk's program adds up the losses of samples in a loop over
        arrays, which it is given.
    method : rule, direction, search, method or name of one, optional
        Whose step the program of an objective has besides; a search tries the values of a formula
        that is exported with it.
    name : str
        What the names of an objective's functions begin with.

    Returns
    -------
    str
        The source text. Formulas are in the form that keeps digits in floats (see `stabilize`) and
        their common parts are worked out once. Symbols whose names a language reserves get
        others: `double` is `double_`.

    Raises
    ------
    TypeError
        If it is nothing that can be exported.
    ValueError
        If a part has no counterpart in the language, the method is BFGS or an exact search, a
        search has no formula to try values of, or `name` is no name of a function.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> print(to_c(Objective(x**2 / 20 + y**2)))
    /*
       f(x, y) = x**2/20 + y**2
       Written by symlab. Test vectors, worked out exactly:
       f_value([-5.0, -2.0]) = 5.25
       f_gradient([-5.0, -2.0]) = [-0.5, -4.0]
       f_value([0.5, 1.25]) = 1.575
       f_gradient([0.5, 1.25]) = [0.05, 2.5]
    */
    #include <math.h>
    <BLANKLINE>
    /* The value at the point (x, y). */
    double f_value(const double point[2])
    {
        const double x = point[0];
        const double y = point[1];
        return x*x/20 + y*y;
    }
    <BLANKLINE>
    /* The derivatives in x, y at the point. */
    void f_gradient(const double point[2], double gradient[2])
    {
        const double x = point[0];
        const double y = point[1];
        gradient[0] = x/10;
        gradient[1] = 2*y;
    }
    <BLANKLINE>
    """
    return _export(stated, method, name, C)


def to_python(stated: object, method: object = None, *, name: str = "f") -> str:
    """Return a program in Python of an objective or of a method's step; it needs `math` alone.

    A point, a gradient and the state of a rule are lists of numbers; a Hessian is one list, row by
    row. Where C has an infinite number, `math` raises OverflowError, ValueError or
    ZeroDivisionError.

    Parameters
    ----------
    stated, method, name
        As in `to_c`.

    Raises
    ------
    TypeError, ValueError
        As in `to_c`.

    Examples
    --------
    >>> from symlab.methods.rules import momentum
    >>> print(to_python(momentum(step_size=0.05)))
    # momentum(step_size=0.05, momentum=0.9)
    # Written by symlab. Test vectors, worked out exactly:
    # momentum_step from [1.0] with gradients [0.5], [-0.25], [2.0] at k = 0, 1, 2:
    # points [0.975], [0.965], [0.856]
    import math
    <BLANKLINE>
    <BLANKLINE>
    def momentum_step(point, gradient, state, k):
        \"\"\"Step k = 0, 1, 2, ... of momentum, in place; state: v of each coordinate, zeros at
        first. Polyak 1964, heavy ball; chapter, section 13 with the indices put right.\"\"\"
        step_size = 0.05  # alpha, in (0, oo)
        momentum = 0.9  # eta, in [0, 1)
        for i in range(len(point)):
            g = gradient[i]
            x = point[i]
            v = state[i]
            v = momentum*v - step_size*g
            x = v + x
            point[i] = x
            state[i] = v
    <BLANKLINE>
    """
    return _export(stated, method, name, PYTHON)


def to_javascript(stated: object, method: object = None, *, name: str = "f") -> str:
    """Return a program in JavaScript of an objective or of a method's step.

    It is a script of plain functions; in a module, put `export` before those that are wanted.

    Parameters
    ----------
    stated, method, name
        As in `to_c`.

    Raises
    ------
    TypeError, ValueError
        As in `to_c`.

    Examples
    --------
    >>> from sympy import symbols, log, exp
    >>> z = symbols("z", real=True)
    >>> program = to_javascript(Objective(log(1 + exp(z)), (z,)), name="loss")
    >>> "return softplus(z);" in program, "return [sigmoid(z)];" in program
    (True, True)
    """
    return _export(stated, method, name, JAVASCRIPT)


@dataclass(frozen=True)
class _Part:
    """The functions of an objective or a method, what it is, and test vectors."""

    functions: Sequence[Function]
    said: str
    vectors: Sequence[str]


def _export(stated: object, method: object, name: str, language: Language) -> str:
    prefix = check_prefix(name)
    subject = _subject(stated)
    step = None if method is None else as_method(method)
    if step is not None and isinstance(subject, (Rule, Method)):
        raise TypeError("method: expected none beside a method, only beside an objective.")
    is_formula = isinstance(subject, Objective) and subject.samples is None
    if isinstance(step, Method):
        check_exported(step, on_formula=is_formula)
    wants_hessian = isinstance(step, Method) and step.direction.needs_hessian
    parts = [_part(subject, prefix, language, hessian=wants_hessian)]
    if isinstance(step, Method) and step.search.needs_descent and isinstance(subject, Objective):
        search = search_function(step, prefix, subject.dimension, language)
        parts.append(_Part([search], repr(step), []))
    elif step is not None:
        parts.append(_part(step, prefix, language))
    return _write(parts, language)


def _subject(stated: object) -> Stated:
    """Return what is to be exported, or say what can be."""
    if isinstance(stated, (Objective, EmpiricalRisk)):
        return stated
    if isinstance(stated, (Rule, Method, Direction, Search, SquaresMethod)):
        return as_method(stated)
    if isinstance(stated, str):
        return as_method(lookup(stated, RUNNABLE, "stated"))
    raise TypeError(
        "stated: expected an Objective, an EmpiricalRisk, or a method such as sl.adam(), got "
        f"{shown(stated)}."
    )


def _part(stated: Stated, name: str, language: Language, *, hessian: bool = False) -> _Part:
    if isinstance(stated, Rule):
        rule = rule_function(stated, stated.name, language)
        return _Part([rule], repr(stated), rule_vectors(stated, stated.name))
    if isinstance(stated, Method):
        check_exported(stated)
        step = method_function(stated, stated.direction.name, language)
        return _Part([step], repr(stated), [])
    if isinstance(stated, EmpiricalRisk):
        return _risk_part(stated, None, name, language, hessian=hessian)
    return stated.dispatch(
        formula=lambda f: _Part(
            formula_functions(f, name, language, hessian=hessian),
            f"{name}({', '.join(v.name for v in f.variables)}) = {spell(f.expression)}",
            formula_vectors(f, name, hessian=hessian),
        ),
        data=lambda bound: _risk_part(bound.risk, bound, name, language, hessian=hessian),
    )


def _risk_part(
    risk: EmpiricalRisk, bound: BoundRisk | None, name: str, language: Language, *, hessian: bool
) -> _Part:
    penalty = f" + {spell(risk.penalty)}" if risk.penalty else ""
    parameters = ", ".join(parameter.name for parameter in risk.parameters)
    return _Part(
        risk_functions(risk, name, language, hessian=hessian),
        f"{name}({parameters}) = {risk.reduction} of {spell(risk.loss)}{penalty}",
        risk_vectors(risk, bound, name),
    )


def _write(parts: Sequence[_Part], language: Language) -> str:
    """Return the whole program: its comment, its helpers, its functions."""
    vectors = [line for part in parts for line in part.vectors]
    by = "Written by symlab."
    said = [*(part.said for part in parts)]
    said += [f"{by} Test vectors, worked out exactly:", *vectors] if vectors else [by]
    functions = [write_function(each, language) for part in parts for each in part.functions]
    helpers = helpers_for(language, "".join(functions))
    gap = "\n\n" if language is PYTHON else "\n"
    return gap.join([write_comment(said, language) + HEADERS[language], *helpers, *functions])
