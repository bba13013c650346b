"""Where terms of a formula vanish together or cancel at a point: it is continued by its series.

One mechanism for (1 - cos x)/x², (e^x - 1 - x)/x², sin(x)/x and every derivative of theirs: the
series of the terms and of their sum at the point show whether leading digits are lost there.
"""

from collections import defaultdict
from collections.abc import Iterator

from sympy import Add, Expr, Mul, Ne, Piecewise, S, log
from sympy.codegen.cfunctions import log1p
from sympy.core.function import Function

from symlab.algebra.continued import ARGUMENT, Form, continued
from symlab.algebra.power_series import EQUATIONS, REWRITTEN, Laurent, NotAnalytic, laurent
from symlab.algebra.stable_functions import StableFunction

MOST_ORDERS = 8
"""Terms of a series that are examined: cancellations of a higher order are not found."""

MOST_NODES = 60
"""Nodes of a term at most; a larger one is not examined."""

MOST_TOGETHER = 12
"""Terms that are examined together at most."""

KNOWN: tuple[type[Expr], ...] = (*EQUATIONS, *REWRITTEN, StableFunction, continued)


def continue_sum(node: Expr) -> Expr | None:
    """Continue what cancels among the terms of a sum that depend on one and the same argument."""
    if not node.is_Add:
        return None
    change: dict[Expr, None] = dict.fromkeys(node.args)
    added: list[Expr] = []
    for u, terms in _buckets(node):
        if not all(term in change for term in terms):
            continue
        for cofactor, pairs in _by_cofactor(terms, u):
            body = Add(*(part for _, part in pairs))
            center = center_of_sum(body)
            if center is not None:
                for term, _ in pairs:
                    del change[term]
                added.append(cofactor * continued(Form(body, center), u))
    return Add(*change, *added) if added else None


def continue_product(node: Expr) -> Expr | None:
    """Continue a quotient of which numerator and denominator vanish at one point."""
    if not node.is_Mul or not any(_is_divisor(factor) for factor in node.args):
        return None
    for u in _arguments_of(node):
        for cofactor, pairs in _by_cofactor((node,), u):
            body = pairs[0][1]
            center = _center_of_product(body)
            if center is not None:
                return cofactor * continued(Form(body, center), u)
    return None


def continue_logarithm(node: Expr) -> Expr | None:
    """Continue the logarithm of what is 1 at a point, where its digits are rounded away."""
    if not isinstance(node, (log, log1p)) or not _function_arguments(node.args[0]):
        return None
    for u in _arguments_of(node.args[0]):
        for _, pairs in _by_cofactor((node,), u):
            body = pairs[0][1]
            if body.func is node.func and _center_of_logarithm(body) is not None:
                return continued(Form(body, _center_of_logarithm(body)), u)
    return None


def _is_divisor(factor: Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.is_number and factor.exp.is_negative)


def _function_arguments(node: Expr) -> set[Expr]:
    """Return the arguments of the functions in a term; empty where it is too large to examine."""
    found: set[Expr] = set()
    stack: list[Expr] = [node]
    seen = 0
    while stack:
        part = stack.pop()
        seen += 1
        if seen > MOST_NODES:
            return set()
        stack.extend(part.args)
        if isinstance(part, KNOWN):
            found.add(part.args[-1])
        elif part.is_Pow and not part.exp.is_Integer:
            found.add(part.base)
        elif isinstance(part, Function):
            return set()
    return {u for u in found if not u.is_number}


def _strip_constants(u: Expr) -> Expr:
    """Return an argument without its constant and its numerical factor."""
    _, rest = u.as_coeff_Add()
    _, plain = rest.as_content_primitive()
    _, plain = plain.as_coeff_Mul()
    return -plain if plain.is_Add and plain.could_extract_minus_sign() else plain


def _arguments_of(node: Expr) -> list[Expr]:
    """Return what a term's functions depend on: its symbol, or an argument that they share."""
    found = _function_arguments(node)
    if not found:
        return []
    symbols = node.free_symbols
    if len(symbols) == 1:
        return list(symbols)
    return sorted({_strip_constants(u) for u in found}, key=str)[:3]


def _buckets(node: Expr) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """Yield each argument with the terms that depend on it, and on nothing else by a function."""
    if len(node.free_symbols) == 1:
        if len(node.args) <= MOST_TOGETHER and any(map(_function_arguments, node.args)):
            yield next(iter(node.free_symbols)), node.args
        return
    depending: dict[Expr, list[Expr]] = defaultdict(list)
    for term in node.args:
        for u in _arguments_of(term):
            depending[u].append(term)
    plain = [term for term in node.args if not term.has(Function)]
    for u, terms in depending.items():
        related = [term for term in plain if term.free_symbols & u.free_symbols or term.is_number]
        together = tuple(dict.fromkeys((*terms, *related)))
        if 2 <= len(together) <= MOST_TOGETHER:
            yield from ((u, alike) for alike in _with_like_factors(together, u))


def _with_like_factors(terms: tuple[Expr, ...], u: Expr) -> Iterator[tuple[Expr, ...]]:
    """Yield the terms that may have a factor in common: the symbols that are not in u decide it.

    Solving for u takes long, and a long sum has many terms that stand alone.
    """
    alike: dict[frozenset[Expr], list[Expr]] = defaultdict(list)
    for term in terms:
        alike[frozenset(term.free_symbols - u.free_symbols)].append(term)
    return (tuple(together) for together in alike.values() if len(together) > 1)


Groups = dict[Expr, list[tuple[Expr, Expr]]]
"""Terms by the factor that does not depend on u: each term, and its rest as a function of u."""


def _by_cofactor(terms: tuple[Expr, ...], u: Expr) -> Iterator[tuple[Expr, list]]:
    """Yield each factor that does not depend on u, and the terms it multiplies with their rest."""
    found = [_group_terms(terms, values) for values in _solve_for_symbols(u)]
    if found:
        yield from max(found, key=lambda groups: sum(map(len, groups.values()))).items()


def _group_terms(terms: tuple[Expr, ...], values: dict[Expr, Expr]) -> Groups:
    groups: Groups = defaultdict(list)
    for term in terms:
        changed = _write_out(term).xreplace(values)
        fixed, moving = changed.as_independent(ARGUMENT, as_Add=False)
        if moving.free_symbols <= {ARGUMENT}:
            numbers, symbols = _split_numbers(fixed)
            groups[symbols].append((term, numbers * moving))
    return groups


def _write_out(term: Expr) -> Expr:
    if not term.has(continued):
        return term
    return term.replace(lambda node: isinstance(node, continued), lambda node: node.formula())


def _solve_for_symbols(u: Expr) -> Iterator[dict[Expr, Expr]]:
    """Yield what each symbol that u is linear in is, if u is `ARGUMENT`."""
    if u.is_Symbol:
        yield {u: ARGUMENT}
        return
    for symbol in sorted(u.free_symbols, key=str)[:3]:
        factor = u.diff(symbol)
        if not factor.has(symbol):
            yield {symbol: (ARGUMENT - (u - factor * symbol).expand()) / factor}


def _split_numbers(product: Expr) -> tuple[Expr, Expr]:
    """Return the numbers of a product, roots and pi among them, and the rest."""
    factors = Mul.make_args(product)
    return (
        Mul(*(factor for factor in factors if factor.is_number)),
        Mul(*(factor for factor in factors if not factor.is_number)),
    )


def _series_at(node: Expr, center: Expr) -> Laurent | None:
    try:
        return laurent(node, ARGUMENT, center, MOST_ORDERS)
    except (NotAnalytic, ZeroDivisionError, OverflowError):
        return None


def _centers(body: Expr) -> list[Expr]:
    """Return 0, and where an argument that is linear is 0."""
    found = [S.Zero]
    stack: list[Expr] = [body]
    seen = 0
    while stack and seen < MOST_NODES:
        part = stack.pop()
        seen += 1
        if part.is_Add and len(part.args) == 2:
            constant, rest = part.as_coeff_Add()
            number, symbol = rest.as_coeff_Mul()
            if symbol == ARGUMENT and constant and -constant / number not in found:
                found.append(-constant / number)
        if isinstance(part, log) and part.args[0] == ARGUMENT:
            found.append(S.One)
        stack.extend(part.args)
    return found[:4]


def center_of_sum(body: Expr) -> Expr | None:
    """Return where the terms of a sum are larger than the sum by an order."""
    if (
        not body.is_Add
        or not _function_arguments(body)
        or all(term.is_positive for term in body.args)
    ):
        return None
    for center in _centers(body):
        terms = [_series_at(term, center) for term in body.args]
        if None in terms:
            continue
        total = _series_at(body, center)
        lowest = min(term.valuation for term in terms if term is not None and term.coefficients)
        if total is not None and total.coefficients and total.valuation > lowest:
            return center
    return None


def _center_of_product(body: Expr) -> Expr | None:
    """Return where a factor has a pole and the product none."""
    if not body.is_Mul or not _function_arguments(body):
        return None
    for center in _centers(body):
        factors = [_series_at(factor, center) for factor in body.args]
        if None in factors or all(f.valuation >= 0 for f in factors if f is not None):
            continue
        total = _series_at(body, center)
        if total is not None and total.coefficients and total.valuation >= 0:
            return center
    return None


def _center_of_logarithm(body: Expr) -> Expr | None:
    """Return where a logarithm's argument is 1, or log1p's is a sum that cancels."""
    for center in _centers(body):
        total = _series_at(body, center)
        if total is not None and total.coefficients and total.valuation > 0:
            return center if isinstance(body, log) else None
    return None


def drop_guards(expression: Expr) -> Expr:
    """Return an expression without branches for single points that its series already fills.

    PyTensor would take the derivative of such a branch, a constant, for that of the function.

    Examples
    --------
    >>> from sympy import Ne, Piecewise, sin
    >>> from sympy.abc import x
    >>> u = continued(Form(sin(ARGUMENT) / ARGUMENT, S.Zero), x)
    >>> drop_guards(Piecewise((u, Ne(x, 0)), (1, True))) == u
    True
    >>> drop_guards(Piecewise((u, Ne(x, 0)), (2, True))) == u
    False
    """
    return expression.replace(_is_filled, lambda node: node.args[0].expr)


def _is_filled(node: Expr) -> bool:
    if not isinstance(node, Piecewise) or len(node.args) != 2:
        return False
    (branch, condition), (value, otherwise) = node.args
    if not isinstance(condition, Ne) or otherwise != True or not branch.has(continued):  # noqa: E712
        return False
    gap = (branch.subs(condition.lhs, condition.rhs) - value).evalf()
    return bool(gap.is_number and abs(gap) < FILLED)


FILLED = 1e-12
"""How near the series is to what a guard says at its point."""
