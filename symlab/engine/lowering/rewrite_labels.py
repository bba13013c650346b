"""Rewrites of losses with a label y between 0 and 1, in which a curve and a line cancel."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from sympy import Add, Expr, Mul, S

from symlab.algebra.functions import sigmoid, softplus
from symlab.engine.lowering.rewrite_tools import Change, terms_with, without_factor


def softplus_and_line(node: Expr) -> Expr | None:
    """Turn A (softplus(z) - y z) into A (y softplus(-z) + (1 - y) softplus(z))."""
    return _curve_and_line(node, softplus, lambda z: (softplus(z), softplus(-z), z))


def sigmoid_and_label(node: Expr) -> Expr | None:
    """Turn A (sigmoid(z) - y) into A ((1 - y) sigmoid(z) - y sigmoid(-z))."""
    return _curve_and_line(node, sigmoid, lambda z: (sigmoid(z), -sigmoid(-z), S.One))


def _curve_and_line(
    node: Expr, kind: type, parts: Callable[[Expr], tuple[Expr, Expr, Expr]]
) -> Expr | None:
    """Turn A (f - y l) into A ((1 - y) f + y (f - l)), where f and f - l have one sign."""
    pairs = list(terms_with(node, kind)) if node.is_Add else []
    if not pairs:
        return None
    change, labels = Change(node), _labels(node)
    for term, factor in pairs:
        scale = without_factor(term, factor)
        above, below, line = parts(factor.args[0])
        found = _label(change, labels, term, [-scale * piece for piece in Add.make_args(line)])
        found = found or _label(change, labels, term, [-scale * line])
        if found is not None and not factor.has(found[0]):
            label, used = found
            change.replace((term, *used), scale * ((1 - label) * above + label * below))
    return change.result


Labels = Mapping[Expr, Mapping[Expr, Expr]]


def _labels(total: Expr) -> Labels:
    """Return, for what y multiplies in the terms of a sum, each name y and the term; y may be 1."""
    labels: dict[Expr, dict[Expr, Expr]] = defaultdict(dict)
    for term in total.args:
        labels[term][S.One] = term
        for factor in Mul.make_args(term):
            if factor.is_Symbol or factor.is_Indexed:
                labels[without_factor(term, factor)][factor] = term
    return labels


def _label(
    change: Change, labels: Labels, term: Expr, pieces: list[Expr]
) -> tuple[Expr, tuple[Expr, ...]] | None:
    """Return a y for which y times each piece is still among the terms, and those terms."""
    found = [labels.get(piece, {}) for piece in pieces]
    for label in found[0]:
        used = [names.get(label) for names in found]
        if None not in used and term not in used and change.has(term, *used):
            return label, tuple(used)
    return None
