"""The linear predictor inside a loss: where data and parameters meet in one number a sample.

Most losses read the parameters only through z = a_1 w_1 + ... + a_n w_n + c, with a and c made of
data. Then the gradient is the design matrix times a residual, and a run needs two matrix products a
step instead of an expression for each parameter.
"""

from dataclasses import dataclass

from sympy import Add, Basic, Dummy, Expr, Integer, Mul, Pow, Symbol, expand

from symlab.algebra.risk.risk import EmpiricalRisk


@dataclass(frozen=True)
class Predictor:
    """A loss as a function of one linear predictor.

    Parameters
    ----------
    symbol : sympy.Symbol
        z, which stands for the predictor in `loss`.
    coefficients : tuple of expressions in the data
        One for each parameter, in their order; zero where z does not read it.
    offset : expression in the data
        The part of z without parameters.
    loss : expression in z and the data
    """

    symbol: Symbol
    coefficients: tuple[Expr, ...]
    offset: Expr
    loss: Expr


def linear_predictor(risk: EmpiricalRisk) -> Predictor | None:
    """Return the linear predictor of a risk's loss, or None where it has not just one.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y, w, b = symbols("x y w b", real=True)
    >>> found = linear_predictor(EmpiricalRisk((w*x + b - y)**2, parameters=(w, b), data=(x, y)))
    >>> found.coefficients, found.offset, str(found.loss)
    ((x, 1), -y, '_z**2')
    """
    for candidate in _affine_parts(risk):
        predictor = _replace_affine(risk, candidate)
        if predictor is not None:
            return predictor
    return None


Affine = tuple[tuple[Expr, ...], Expr]
ONE = Integer(1)


def _affine_parts(risk: EmpiricalRisk) -> list[Affine]:
    """Return the affine parts that read all that the loss reads, the plainest first.

    A part that reads fewer parameters cannot stand for all of them.
    """
    read = risk.loss.free_symbols & set(risk.parameters)
    found: dict[Affine, None] = {}
    seen: set[Basic] = set()
    nodes: list[Basic] = [risk.loss]
    while nodes:
        node = nodes.pop()
        if node in seen or not read <= node.free_symbols:
            continue
        seen.add(node)
        affine = affine_in(node, risk.parameters) if isinstance(node, Expr) else None
        if affine is None:
            nodes += node.args
        else:
            found[affine] = None
    return sorted(found, key=_plainness)


def _plainness(affine: Affine) -> tuple[int, int]:
    coefficients, offset = affine
    reads = sum(coefficient != 0 for coefficient in coefficients)
    return -reads, sum(coefficient.count_ops() for coefficient in (*coefficients, offset))


def affine_in(node: Expr, parameters: tuple[Symbol, ...]) -> Affine | None:
    """Return coefficients and offset where a node is affine in the parameters, else None."""
    found = _linear_parts(node, set(parameters))
    if found is None:
        return None
    return tuple(found.get(p, Integer(0)) for p in parameters), found.get(ONE, Integer(0))


def _linear_parts(node: Expr, known: set[Symbol]) -> dict[Expr, Expr] | None:
    """Return what each parameter is multiplied with, and 1 for the rest."""
    if node in known:
        return {node: ONE}
    if not node.free_symbols & known:
        return {ONE: node}
    if isinstance(node, Add):
        parts = [_linear_parts(term, known) for term in node.args]
        return None if None in parts else _add_parts(parts)
    if isinstance(node, Mul):
        read = [factor for factor in node.args if factor.free_symbols & known]
        inner = _linear_parts(read[0], known) if len(read) == 1 else None
        rest = Mul(*(factor for factor in node.args if factor is not read[0]))
        return None if inner is None else {key: rest * value for key, value in inner.items()}
    return None


def _add_parts(parts: list[dict[Expr, Expr] | None]) -> dict[Expr, Expr]:
    terms: dict[Expr, list[Expr]] = {}
    for part in parts:
        for key, value in (part or {}).items():
            terms.setdefault(key, []).append(value)
    return {key: Add(*values) for key, values in terms.items()}


def _replace_affine(risk: EmpiricalRisk, affine: Affine) -> Predictor | None:
    """Put z in place of an affine part; it is the predictor if no parameter is left.

    One parameter is eliminated through z, the rest must then cancel.
    """
    coefficients, offset = affine
    z = Dummy("z", real=True)
    pivot = _pivot(coefficients)
    others = sum(
        (
            c * p
            for i, (c, p) in enumerate(zip(coefficients, risk.parameters, strict=True))
            if i != pivot
        ),
        Integer(0),
    )
    solved = (z - others - offset) / coefficients[pivot]
    loss = risk.loss.xreplace({risk.parameters[pivot]: solved})
    if loss.free_symbols & set(risk.parameters):
        loss = expand(loss, power_exp=False, log=False)
    if loss.free_symbols & set(risk.parameters) or _quotients(loss) - _quotients(risk.loss):
        return None
    return Predictor(z, coefficients, offset, loss)


def _quotients(loss: Expr) -> set[Expr]:
    """Return what a loss divides by; a new divisor by data would be 0 where a datum is."""
    return {power for power in loss.atoms(Pow) if power.exp.could_extract_minus_sign()}


def _pivot(coefficients: tuple[Expr, ...]) -> int:
    """Return a parameter to eliminate: one with a constant coefficient divides nothing by data."""
    constant = [i for i, c in enumerate(coefficients) if c.is_number and c != 0]
    return constant[0] if constant else next(i for i, c in enumerate(coefficients) if c != 0)
