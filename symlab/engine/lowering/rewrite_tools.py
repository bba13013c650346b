"""What the tables of rewrites are made with: sums gathered once, factors found and taken out."""

from collections.abc import Iterator

from sympy import Add, Expr, Mul

MOST_PAIRED = 24
"""Terms of a sum up to which all pairs of a kind are compared."""


class Change:
    """Replacements of terms of a sum, gathered so that a long sum is built only once."""

    def __init__(self, total: Expr) -> None:
        self.left = dict.fromkeys(total.args)
        self.added: list[Expr] = []

    def has(self, *terms: Expr) -> bool:
        """Whether all of these terms are still there."""
        return all(term in self.left for term in terms)

    def replace(self, terms: tuple[Expr, ...], by: Expr) -> None:
        """Put an expression in the place of terms."""
        for term in terms:
            del self.left[term]
        self.added.append(by)

    @property
    def result(self) -> Expr | None:
        """The sum after all replacements, None where there are none."""
        return Add(*self.left, *self.added) if self.added else None


def terms_with(total: Expr, kind: type | tuple[type, ...]) -> Iterator[tuple[Expr, Expr]]:
    """Yield each term with each of its factors of a kind."""
    for term in total.args:
        yield from ((term, factor) for factor in Mul.make_args(term) if isinstance(factor, kind))


def without_factor(term: Expr, factor: Expr) -> Expr:
    """Return a term without a factor."""
    return Mul(*(other for other in Mul.make_args(term) if other != factor))


def without_factors(product: Expr, *factors: Expr) -> Expr:
    """Return a product without some of its factors."""
    return Mul(*(factor for factor in product.args if factor not in factors))
