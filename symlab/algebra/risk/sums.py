"""A risk stated as the books do: 1/(2m) times a sum over i of losses in x_i and y_i, and a penalty.

Data are indexed (`x[i]`, `X[i, 2]`), functions of the index (`x(i)`) or entries of matrices; the
index may begin at 0 or at 1. What stands beside the sum, free of data, is the penalty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    Add,
    Basic,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    MatrixSymbol,
    Mul,
    Sum,
    Symbol,
    Trace,
    expand_mul,
    simplify,
)
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.matexpr import MatrixElement

from symlab.algebra.exactly import rationalize
from symlab.algebra.order import natural_key
from symlab.algebra.risk.stated import Roles, Stated
from symlab.checks import shown

ENTRIES = (Indexed, AppliedUndef, MatrixElement)


@dataclass(frozen=True)
class _Term:
    """A weighted sum over the samples: the weight, the loss of one, and how many there are."""

    weight: Expr
    loss: Expr
    length: Expr


@dataclass
class _Reader:
    """What the entries of a statement stand for.

    `parameters` are the bases of parameters; `columns` and `weights` collect the symbols that stand
    for columns of data and for parameters, by base; `rows` how far data are read from the index.
    """

    parameters: tuple[Any, ...]
    columns: dict[Any, dict[Symbol, None]] = field(default_factory=dict)
    weights: dict[Any, dict[Symbol, None]] = field(default_factory=dict)
    rows: dict[tuple[Any, Expr], Expr] = field(default_factory=dict)

    def is_parameter(self, base: Any) -> bool:
        return base in self.parameters or _symbol_of(base) in self.parameters

    def counts_samples(self, index: Symbol, function: Expr) -> bool:
        """Whether an index counts samples: the first index of something that is data."""
        return any(
            index in first.free_symbols
            for base, (first, *_) in map(_take_apart, _entries(function))
            if not self.is_parameter(base)
        )

    def settle(self, total: Sum) -> Expr:
        """Return a sum with what runs over anything but samples written out."""
        samples = [limit for limit in total.limits if self.counts_samples(limit[0], total.function)]
        others = [limit for limit in total.limits if limit not in samples]
        function = total.function
        if others:
            function = Sum(function, *others).doit()
            left = {limit[0] for limit in others} & {
                s for e in _entries(function) for s in e.free_symbols
            }
            if left:
                raise ValueError(
                    f"loss: the sum over {sorted(map(str, left))[0]} needs a number at its end, "
                    f"the number of columns; got {shown(others[0])}."
                )
        return Sum(function, *samples) if samples else function

    def name_entries(self, expression: Expr, row: tuple[Symbol, Expr] | None = None) -> Expr:
        """Return an expression with a symbol for each entry: x for x[i], X2 for X[i, 2]."""
        names = {}
        for entry in sorted(_entries(expression), key=natural_key):
            base, indices = _take_apart(entry)
            names[entry] = (
                self._weight(entry, base, indices)
                if self.is_parameter(base)
                else self._column(entry, (base, indices), row)
            )
        return expression.xreplace(names)

    def _weight(self, entry: Expr, base: Any, indices: tuple[Expr, ...]) -> Symbol:
        if not all(index.is_Integer for index in indices):
            raise ValueError(f"loss: cannot read {entry}; the index of a parameter is a number.")
        symbol = _name_entry(base, _shown_indices(base, indices))
        self.weights.setdefault(base, {})[symbol] = None
        return symbol

    def _column(
        self, entry: Expr, apart: tuple[Any, tuple[Expr, ...]], row: tuple[Symbol, Expr] | None
    ) -> Symbol:
        base, (first, *rest) = apart
        if row is None:
            raise ValueError(f"penalty: may read the parameters alone, not {entry}.")
        index, low = row
        shift = first - index
        if not shift.is_Integer or not all(each.is_Integer for each in rest):
            raise ValueError(f"loss: cannot read {entry}; expected the index {index} first.")
        if low + shift not in (0, 1):
            raise ValueError(f"loss: {entry} begins at {low + shift}; data begin at 0 or 1.")
        if self.rows.setdefault((base, index), shift) != shift:
            raise ValueError(
                f"loss: {_name(base)} is read in different rows at once; each loss reads one row."
            )
        symbol = _name_entry(base, _shown_indices(base, (Integer(0), *rest))[1:])
        self.columns.setdefault(base, {})[symbol] = None
        return symbol


def from_sums(given: Expr, penalty: Basic, roles: Roles) -> Stated:
    """Read weighted sums over samples, and a penalty beside them.

    Raises
    ------
    ValueError
        If a sum stands inside a function, runs over what is not known, or sums do not fit together.
    """
    reader = _Reader(roles.parameters)
    terms, beside = _terms(_settle(given, reader), reader)
    loss, reduction, length = _combine(terms)
    once = Add(*beside) + reader.name_entries(_settle(penalty, reader))
    columns = {base: tuple(symbols) for base, symbols in reader.columns.items()}
    _check_data(roles.data, columns)
    columned = tuple(symbol for symbols in columns.values() for symbol in symbols)
    chosen = _parameters(reader, loss, {*columned, *roles.constants, *length.free_symbols})
    free = (loss.free_symbols | once.free_symbols) - {*chosen, *columned, *length.free_symbols}
    return Stated(
        rationalize(loss),
        chosen,
        columned,
        reduction,
        columns,
        rationalize(once),
        tuple(sorted(free | set(roles.constants), key=natural_key)),
        length,
    )


def _parameters(reader: _Reader, loss: Expr, others: set[Symbol]) -> tuple[Symbol, ...]:
    """Return the scalar parameters: those given, entries written out, or what the losses read."""
    if not reader.parameters:
        return tuple(sorted(loss.free_symbols - others, key=natural_key))
    chosen: list[Symbol] = []
    for given in reader.parameters:
        weights = [
            symbol
            for base, symbols in reader.weights.items()
            if given in (base, _symbol_of(base))
            for symbol in symbols
        ]
        chosen += sorted(weights, key=natural_key) or [given]
    if strangers := [each for each in chosen if not isinstance(each, Symbol)]:
        raise ValueError(f"parameters: the loss reads no entry of {strangers[0]}.")
    return tuple(chosen)


def _check_data(data: tuple, columns: dict[Any, tuple[Symbol, ...]]) -> None:
    known = {_name(base) for base in columns}
    if not columns:
        raise ValueError("loss: the sum over the samples reads no indexed data.")
    if unread := [each for each in data if _name(each) not in known]:
        raise ValueError(f"data: the sum in the loss reads no {_name(unread[0])}[i].")


def _settle(given: Basic, reader: _Reader) -> Expr:
    given = given.replace(lambda node: isinstance(node, Trace), _diagonal)
    return given.replace(lambda node: isinstance(node, Sum), reader.settle)


def _diagonal(trace: Any) -> Expr:
    """Write a trace as the sum it is."""
    matrix, count = trace.arg, trace.arg.shape[0]
    if count.is_Integer:
        return Add(*(matrix[k, k] for k in range(int(count))))
    k = Dummy("k", integer=True)
    return Sum(matrix[k, k], (k, 0, count - 1))


def _terms(given: Expr, reader: _Reader) -> tuple[list[_Term], list[Expr]]:
    """Return the sums over samples, and the terms beside them."""
    terms, beside = [], []
    for term in _summands(given):
        factors = Mul.make_args(term)
        sums = [factor for factor in factors if isinstance(factor, Sum)]
        rest = Mul(*(factor for factor in factors if not isinstance(factor, Sum)))
        if len(sums) > 1 or rest.has(Sum):
            raise ValueError(
                f"loss: expected a weighted sum over the samples, got {shown(term)}; "
                "a sum inside a function or a product is none."
            )
        if sums:
            terms.append(_read_sum(sums[0], rest, reader))
        else:
            beside.append(reader.name_entries(term))
    if not terms:
        raise ValueError("loss: the sum reads no indexed data, such as x[i].")
    return terms, beside


def _summands(given: Expr) -> Iterator[Expr]:
    """Yield the terms of an expression, multiplied out until each sum stands in one of them."""
    for term in Add.make_args(expand_mul(given, deep=False)):
        if term.has(Sum) and term != given:
            yield from _summands(term)
        else:
            yield term


def _read_sum(total: Sum, weight: Expr, reader: _Reader) -> _Term:
    if len(total.limits) != 1 or len(total.limits[0]) != 3:
        raise ValueError(f"loss: expected one sum over one index, got {shown(total)}.")
    index, low, high = total.limits[0]
    if not low.is_Integer:
        raise ValueError(f"loss: expected a sum that begins at a number, got {shown(total)}.")
    length = high - low + 1
    # A factor 1/m may stand inside the sum as well.
    inside, loss = total.function.as_independent(*_entries(total.function), as_Add=False)
    return _Term(weight * inside, reader.name_entries(loss, (index, low)), length)


def _combine(terms: list[_Term]) -> tuple[Expr, str, Expr]:
    """Return the loss of one sample, the reduction, and the number of samples."""
    length = terms[0].length
    if any(simplify(term.length - length) != 0 for term in terms):
        raise ValueError("loss: the sums run over different numbers of samples.")
    weighted = [_apply_weight(term) for term in terms]
    if len({reduction for _, reduction in weighted}) > 1:
        raise ValueError("loss: expected all sums to be means, or none; divide all by the number.")
    return Add(*(loss for loss, _ in weighted)), weighted[0][1], length


def _apply_weight(term: _Term) -> tuple[Expr, str]:
    """Return a loss with its factor, and whether the factor makes the sum a mean."""
    sizes, share = term.length.free_symbols, simplify(term.weight * term.length)
    is_mean = not share.free_symbols & sizes
    if not sizes:
        is_mean = share == 1
    if not is_mean and term.weight.free_symbols & sizes:
        raise ValueError(
            f"loss: expected a sum, or one divided by the number {term.length}, got the factor "
            f"{term.weight}."
        )
    return (share if is_mean else term.weight) * term.loss, "mean" if is_mean else "sum"


def _entries(expression: Basic) -> set[Expr]:
    return expression.atoms(*ENTRIES)


def _take_apart(entry: Any) -> tuple[Any, tuple[Expr, ...]]:
    """Return what an entry is of, and its indices."""
    if isinstance(entry, Indexed):
        return entry.base, entry.indices
    if isinstance(entry, MatrixElement):
        return entry.parent, (entry.i, entry.j)
    return entry.func, entry.args


def _shown_indices(base: Any, indices: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return indices as a name shows them: a column has no second one."""
    is_column = isinstance(base, MatrixSymbol) and base.shape[1] == 1
    return indices[:1] if is_column else indices


def _name_entry(base: Any, indices: tuple[Expr, ...]) -> Symbol:
    return Symbol(_name(base) + "_".join(map(str, indices)), real=True)


def _name(base: Any) -> str:
    return str(getattr(base, "name", base))


def _symbol_of(base: Any) -> Any:
    """Return the symbol that an indexed base was made of."""
    return base.label if isinstance(base, IndexedBase) else base
