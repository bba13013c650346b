"""Several linear predictors in one loss: the scores of softmax regression, one for each class.

A loss with a matrix of parameters reads them through a few numbers a sample, z_1, ..., z_K, each
linear in the parameters. Its derivatives in all parameters are those in the K numbers times the
data, so that they cost matrix products instead of an expression for each parameter.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Add, Basic, Dummy, Expr, Integer, Mul, Symbol

from symlab.algebra.risk.linear_predictor import Affine, affine_in
from symlab.algebra.risk.risk import EmpiricalRisk


@dataclass(frozen=True)
class Block:
    """Predictors that multiply the same data with parameters of their own.

    Parameters
    ----------
    coefficients : tuple of p expressions in the data
    places : tuple of p tuples of K integers
        Where the parameter stands, among all, that predictor k multiplies coefficient j with.
    members : tuple of K integers
        Which of the predictors they are.
    symbols : tuple of K symbols
        What stands for them in the loss.
    offsets : tuple of K expressions in the data
    """

    coefficients: tuple[Expr, ...]
    places: tuple[tuple[int, ...], ...]
    members: tuple[int, ...]
    symbols: tuple[Symbol, ...]
    offsets: tuple[Expr, ...]


@dataclass(frozen=True)
class Predictors:
    """A loss as a function of several linear predictors.

    Parameters
    ----------
    symbols : tuple of K symbols
        z_1, ..., z_K, which stand for the predictors in `loss`.
    affine : tuple of K pairs
        Of each predictor the coefficients, one for each parameter, and the offset.
    loss : expression in the z_k and the data
    """

    symbols: tuple[Symbol, ...]
    affine: tuple[Affine, ...]
    loss: Expr

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The predictors grouped by the data they multiply."""
        groups: dict[tuple[Expr, ...], list[tuple[int, list[int]]]] = {}
        for member, (coefficients, _) in enumerate(self.affine):
            places = [j for j, c in enumerate(coefficients) if c != 0]
            data = tuple(coefficients[j] for j in places)
            groups.setdefault(data, []).append((member, places))
        return tuple(self._block(data, *zip(*found, strict=True)) for data, found in groups.items())

    def _block(self, data: tuple[Expr, ...], members: tuple, places: tuple) -> Block:
        return Block(
            data,
            tuple(map(tuple, np.transpose(places).tolist())),
            members,
            tuple(self.symbols[k] for k in members),
            tuple(self.affine[k][1] for k in members),
        )


def linear_predictors(risk: EmpiricalRisk) -> Predictors | None:
    """Return a loss's linear predictors, or None where they are not far fewer than its parameters.

    Every loss is a function of its largest parts that are affine in the parameters.

    Examples
    --------
    >>> from sympy import log, exp, symbols
    >>> x, y, a, b, c, d = symbols("x y a b c d", real=True)
    >>> loss = log(exp(a*x + b) + exp(c*x + d)) - y*(a*x + b)
    >>> found = linear_predictors(EmpiricalRisk(loss, parameters=(a, b, c, d), data=(x, y)))
    >>> len(found.symbols), found.blocks[0].coefficients, sorted(zip(*found.blocks[0].places))
    (2, (x, 1), [(0, 1), (2, 3)])
    """
    parts = _Parts(risk.parameters)
    loss = parts.take_out(risk.loss)
    few = 2 * len(parts.found) <= len(risk.parameters)
    return Predictors(tuple(parts.found.values()), tuple(parts.found), loss) if few else None


class _Parts:
    """The affine parts of an expression, and the symbols that take their place."""

    def __init__(self, parameters: tuple[Symbol, ...]) -> None:
        self.parameters = parameters
        self.known = set(parameters)
        self.found: dict[Affine, Symbol] = {}
        self.done: dict[Basic, Basic] = {}

    def take_out(self, node: Basic) -> Basic:
        """Return an expression with a symbol for each of its largest affine parts."""
        if node not in self.done:
            self.done[node] = self._replace(node)
        return self.done[node]

    def _replace(self, node: Basic) -> Basic:
        if not node.free_symbols & self.known:
            return node
        if isinstance(node, Mul):
            # y*(a*x + b) is y times the predictor a*x + b, which others read too.
            free = [factor for factor in node.args if not factor.free_symbols & self.known]
            rest = Mul(*(factor for factor in node.args if factor not in free))
            if free and isinstance(rest, Add):
                return Mul(*free, self.take_out(rest))
        affine = affine_in(node, self.parameters) if isinstance(node, Expr) else None
        if affine is not None:
            return self._symbol(affine)
        if isinstance(node, Add):
            return self._sum(node)
        return node.func(*map(self.take_out, node.args))

    def _sum(self, node: Add) -> Expr:
        """Replace each term; those that are affine by themselves make one predictor together."""
        plain = [term for term in node.args if _is_bare(term, self.known)]
        rest = [self.take_out(term) for term in node.args if term not in plain]
        affine = affine_in(Add(*plain), self.parameters) if plain else None
        return Add(*rest, self._symbol(affine) if affine else Integer(0))

    def _symbol(self, affine: Affine) -> Expr:
        if affine not in self.found:
            self.found[affine] = Dummy(f"z{len(self.found)}", real=True)
        return self.found[affine]


def _is_bare(term: Expr, known: set[Symbol]) -> bool:
    """Whether a term is a parameter times data, and no product with a sum."""
    read = [factor for factor in Mul.make_args(term) if factor.free_symbols & known]
    return len(read) == 1 and read[0] in known
