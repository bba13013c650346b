"""Is a difference zero, by algebra? The forms in which it can be seen, from quick to slow."""

from collections.abc import Callable

from sympy import (
    Add,
    Basic,
    Expr,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixExpr,
    Mul,
    S,
    Sum,
    default_sort_key,
    expand,
    powsimp,
    simplify,
)

from symlab.algebra.functions import define

MAX_OPERATIONS = 120
"""The size of a difference up to which `simplify` is tried: it can take minutes on a larger one."""


def vanishes(difference: Basic, form: Callable[[Basic], Basic]) -> bool:
    """Return whether every entry of a difference is zero, once it is in a form.

    Examples
    --------
    >>> from sympy import cos, sin
    >>> from sympy.abc import x
    >>> difference = sin(x)**2 + cos(x)**2 - 1
    >>> vanishes(difference, expand_difference), vanishes(difference, simplify_difference)
    (False, True)
    """
    entries = difference if isinstance(difference, MatrixBase) else (difference,)
    return all(form(entry).is_zero is True for entry in entries)


def expand_difference(difference: Basic) -> Basic:
    """Return a difference multiplied out; of matrices 0, or NaN for what is not seen to be 0."""
    if isinstance(difference, MatrixExpr):
        return S.Zero if _collect_terms(difference.doit()).is_ZeroMatrix else S.NaN
    return _carry_out(difference, lambda summand: expand(define(summand)))


def simplify_difference(difference: Basic) -> Basic:
    """Return a difference simplified, or NaN if it is too large for that."""
    if isinstance(difference, MatrixExpr) or difference.count_ops() > MAX_OPERATIONS:
        return S.NaN
    return _carry_out(difference, _combine)


def _combine(difference: Expr) -> Expr:
    plain = define(difference)
    # `simplify` may turn (1 - a)^n into (-1)^n (a - 1)^n, and then no longer sees that it cancels.
    powers = powsimp(plain)
    return powers if powers.is_zero else simplify(plain)


def _carry_out(difference: Expr, form: Callable[[Expr], Expr]) -> Expr:
    """Return a difference in a form, with sums over one range joined before any is carried out.

    SymPy does not see that two sums are equal term by term, and takes a second to look for a closed
    form of each.
    """
    joined: dict[tuple[Basic, ...], Expr] = {}
    others: list[Expr] = []
    for term in Add.make_args(difference.expand(deep=False)):
        sums = [part for part in Mul.make_args(term) if isinstance(part, Sum)]
        if len(sums) == 1 and not set(sums[0].variables) & term.free_symbols:
            limits = sums[0].limits
            joined[limits] = joined.get(limits, S.Zero) + term / sums[0] * sums[0].function
        else:
            others.append(term)
    summands = {limits: form(summand) for limits, summand in joined.items()}
    left = [Sum(summand, *limits) for limits, summand in summands.items() if summand != 0]
    return form(Add(*others, *left).doit())


def _collect_terms(difference: MatrixExpr) -> MatrixExpr:
    """Return the sum of the terms of a matrix; a number and its transpose are one term."""
    total = difference.expand().doit()
    if not isinstance(total, MatAdd) or total.shape != (1, 1):
        return total
    terms = [min(term, term.T.doit(), key=default_sort_key) for term in total.args]
    return MatAdd(*terms).doit()


def is_square(expression: Basic) -> bool:
    """Whether an expression is c v'v, with a column v and a number c that is not negative."""
    if not isinstance(expression, MatMul):
        return False
    multiple, matrices = expression.as_coeff_matrices()
    return bool(multiple.is_nonnegative) and matrices[:-1] == [matrices[-1].T]
