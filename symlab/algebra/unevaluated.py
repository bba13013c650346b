"""Unevaluated sums, products, integrals, limits, derivatives and determinants.

SymPy keeps `Sum(...)`, `Integral(...)`, `Trace(...)` and their like as they are written until
`doit` is called. An objective holds their values.
"""

from collections.abc import Callable

from sympy import (
    Add,
    Derivative,
    Determinant,
    DotProduct,
    Expr,
    Integral,
    Limit,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    Permanent,
    Piecewise,
    Product,
    Subs,
    Sum,
    Symbol,
    Trace,
    oo,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.tensor.indexed import Indexed

from symlab.algebra.order import natural_key
from symlab.budget import OutOfTime, run_within
from symlab.checks import shown

PATIENCE = 5
"""Seconds that SymPy may look for the closed form of one of them."""

MOST_TERMS = 100
"""Of a sum or product that is written out; beyond, a closed form is sought."""

OF_MATRICES = (Determinant, DotProduct, Permanent, Trace)

WRITTEN = (Derivative, Integral, Limit, Product, Subs, Sum, *OF_MATRICES)


def work_out(expression: Expr) -> Expr:
    """Return an expression with its sums, products, integrals, limits and derivatives worked out.

    What runs over data stays as it is, and so does a long sum of numbered terms, or an integral
    without a closed form.

    Raises
    ------
    ValueError
        If a sum or product runs to infinity and SymPy finds no closed form, or to a letter that is
        no length of data; or if a determinant is not worked out in time.

    Examples
    --------
    >>> from sympy import Product, Sum, factorial, oo, symbols
    >>> x, k = symbols("x k")
    >>> work_out(Product(x + k, (k, 1, 3))), work_out(Sum(x**k / factorial(k), (k, 0, oo)))
    ((x + 1)*(x + 2)*(x + 3), exp(x))
    """
    while expression.has(*WRITTEN):
        found = {part: _work_out(part) for part in expression.atoms(*WRITTEN)}
        after = expression.xreplace({part: new for part, new in found.items() if part != new})
        if after == expression:
            break
        expression = after
    for part in expression.atoms(Sum, Product):
        _check_bounds(part, expression)
    for part in expression.atoms(*OF_MATRICES):
        if not part.has(MatrixSymbol):
            raise ValueError(
                f"expression: {shown(part)} is not worked out in {PATIENCE} s; "
                "write it out, or take a smaller matrix."
            )
    return expression


def _check_bounds(part: ExprWithLimits, expression: Expr) -> None:
    """Refuse a sum or product whose number of terms is not known."""
    bounds = [bound for _, *bounds in part.limits for bound in bounds]
    if any(bound in (oo, -oo) for bound in bounds):
        raise ValueError(
            f"expression: {shown(part)} runs to infinity, and SymPy finds no closed form; "
            "let it end at a number of terms."
        )
    letters = set().union(*(bound.free_symbols for bound in bounds)) & expression.free_symbols
    # A closed form would be a function of every n; a sum has a whole number of terms.
    if not part.has(Indexed) and (symbols := [s for s in letters if isinstance(s, Symbol)]):
        letter = min(symbols, key=natural_key)
        raise ValueError(
            f"expression: {shown(part)} has {letter} in a bound, which must be a number; "
            f"put one in first: .subs({letter}, 10)."
        )


def _work_out(part: Expr) -> Expr:
    """Return what a part comes to, or the part where nothing is found in time."""
    if part.has(Indexed) or (isinstance(part, (Sum, Product)) and _has_letter_bounds(part)):
        return part
    if isinstance(part, OF_MATRICES) and part.has(MatrixSymbol):
        return part
    if isinstance(part, (Sum, Product)) and (terms := _terms(part)):
        return (Add if isinstance(part, Sum) else Mul)(*terms)
    try:
        return _drop_divergent_branch(run_within(PATIENCE, _evaluation_of(part)), part)
    except OutOfTime:
        return part


def _evaluation_of(part: Expr) -> Callable[[], Expr]:
    """Return what works a part out; a determinant, trace or its like from the entries."""
    if not isinstance(part, OF_MATRICES):
        return part.doit
    entries = [a.as_explicit() if isinstance(a, MatrixExpr) else a for a in part.args]
    return part.func(*entries).doit


def _terms(part: ExprWithLimits) -> list[Expr]:
    """Return the terms of the outermost counter of a sum or product, if they are few."""
    *inner, (counter, first, last) = part.limits
    if not (first.is_Integer and last.is_Integer and last - first < MOST_TERMS):
        return []
    body = part.func(part.function, *inner) if inner else part.function
    return [body.subs(counter, i) for i in range(int(first), int(last) + 1)]


def _has_letter_bounds(part: ExprWithLimits) -> bool:
    bounds = {
        symbol for limit in part.limits for bound in limit[1:] for symbol in bound.free_symbols
    }
    return bool(bounds - set(part.variables))


def _drop_divergent_branch(found: Expr, part: Expr) -> Expr:
    """Leave out the branch on which a series is itself again: there it has no value."""
    if not isinstance(part, (Sum, Product)):
        return found
    return found.replace(
        lambda node: isinstance(node, Piecewise) and node.args[-1][0].has(Sum, Product),
        lambda node: Piecewise(*node.args[:-1]) if len(node.args) > 1 else node,
    )
