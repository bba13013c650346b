"""Sums of exponentials, as lists of their terms."""

from dataclasses import dataclass

from sympy import Add, Expr, Mul, exp, log


@dataclass(frozen=True)
class Term:
    """c e^u, with a positive c: a number, or a symbol that is known to be positive."""

    number: Expr
    exponent: Expr


def exponentials(node: Expr) -> list[Term] | None:
    """Read a sum of at least two positive multiples of exponentials; e^0 is one of them."""
    if not node.is_Add:
        return None
    terms = []
    for term in node.args:
        factors = Mul.make_args(term)
        powers = [factor.args[0] for factor in factors if isinstance(factor, exp)]
        number = Mul(*(factor for factor in factors if not isinstance(factor, exp)))
        if not number.is_positive:
            return None
        terms.append(Term(number, Add(*powers)))
    return terms if any(term.exponent != 0 for term in terms) else None


def full_exponents(terms: list[Term]) -> list[Expr]:
    """Return u + log(c) of each term, so that it is e to that."""
    return [term.exponent + log(term.number) for term in terms]
