"""The repeated structure of a sum: terms that differ only in their variables and numbers.

Chained Rosenbrock in 1 000 variables has 1 998 terms of two shapes. Each shape is kept once, as a
`Template` in letters of its own, beside a table of the variables and numbers that its terms hold
(anti-unification: Plotkin 1970). What is derived, made stable and compiled, is the template.

A long sum inside a term, such as the one whose square closes the variably dimensioned function, is
a total of its own: the term then holds one letter for it, and the chain rule does the rest. So a
`RepeatedSum` has levels, each of which reads the variables and the totals of the levels before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from sympy import (
    Add,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Integral,
    Lambda,
    Mul,
    Product,
    S,
    Subs,
    Sum,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    exp,
    log,
    sin,
    tan,
    tanh,
)

LONG = 16
"""Terms of a sum inside a term, beyond which it is a total of its own."""

FEW = 3
"""Terms of one shape, below which they are computed together with other rare ones."""

CHUNK = 120
"""Operations of rare terms that are computed together; g++ takes a second for it."""

MOST_LETTERS = 64
"""Variables of one template; its second derivatives may be half the square of that."""

BINDING = (Derivative, Integral, Lambda, Product, Subs, Sum)
"""Nodes that bind a variable, which must not be renamed."""

TRANSPARENT = (Add, Mul, acos, asin, atan, cos, exp, sin, tan, tanh)
"""What a long sum may stand in and be a total of its own, beside roots and whole powers."""


@dataclass(frozen=True)
class Template:
    """A term in letters of its own.

    Parameters
    ----------
    expression : sympy.Expr
    variables, numbers : tuple of sympy.Symbol
        The letters that stand for variables and totals, and for numbers.
    """

    expression: Expr
    variables: tuple[Symbol, ...]
    numbers: tuple[Symbol, ...] = ()


@dataclass(frozen=True, eq=False)
class Rows:
    """The terms of one shape, a row for each.

    Parameters
    ----------
    template : Template
    places : array of int, shape (k, m)
        Which variable, or total behind the variables, each letter is.
    numbers : array, shape (c, m)
    totals : array of int, shape (m,)
        Which total of its level each term is added to.
    """

    template: Template
    places: np.ndarray
    numbers: np.ndarray
    totals: np.ndarray


@dataclass(frozen=True, eq=False)
class Level:
    """Sums that are computed at once.

    Parameters
    ----------
    rows : tuple of Rows
    totals : int
        How many sums.
    """

    rows: tuple[Rows, ...]
    totals: int


@dataclass(frozen=True, eq=False)
class RepeatedSum:
    """One or more expressions as sums of few templates over many rows.

    Parameters
    ----------
    dimension : int
        The number of variables.
    levels : tuple of Level
        The last has a total for each expression: what it is without its constant.
    constants : array, shape (expressions,)
    """

    dimension: int
    levels: tuple[Level, ...]
    constants: np.ndarray

    @property
    def terms(self) -> int:
        """The number of terms on all levels."""
        return sum(len(rows.totals) for level in self.levels for rows in level.rows)


def repeated_sum(expression: Expr, variables: Sequence[Symbol]) -> RepeatedSum | None:
    """Return a sum as templates and rows; None where it is no sum or a term has too many variables.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x1:6", real=True)
    >>> found = repeated_sum(sum((x[i + 1] - (i + 2) * x[i]) ** 2 for i in range(4)), x)
    >>> (rows,) = found.levels[0].rows
    >>> rows.template.expression, rows.numbers.tolist()
    ((n0*v1 + v0)**2, [[-2.0, -3.0, -4.0, -5.0]])
    >>> rows.places.tolist()
    [[1, 2, 3, 4], [0, 1, 2, 3]]
    """
    return repeated_sums([expression], variables) if isinstance(expression, Add) else None


def repeated_sums(expressions: Sequence[Expr], variables: Sequence[Symbol]) -> RepeatedSum | None:
    """Return several expressions as templates and rows, those of one shape in one template.

    None where a term has too many variables, or names some of its own.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x1:6", real=True)
    >>> found = repeated_sums([(i + 2) * x[i] ** 2 - i for i in range(4)], x)
    >>> (rows,) = found.levels[0].rows
    >>> rows.template.expression, rows.totals.tolist(), found.constants.tolist()
    (n0*v0**2, [0, 1, 2, 3], [0.0, -1.0, -2.0, -3.0])
    """
    if any(expression.has(*BINDING) for expression in expressions):
        return None
    try:
        return _Reading(variables).read(expressions)
    except (RecursionError, _TooManyLettersError):
        return None


class _TooManyLettersError(Exception):
    """A term has more variables than a template may have."""


@dataclass(frozen=True)
class _Code:
    """The shape of a node, its arguments in an order that names do not change, and its leaves."""

    shape: int
    parts: tuple[Basic, ...]
    symbols: tuple[Symbol, ...] = ()
    numbers: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class _Total:
    """A long sum within the expression: its letter, its level and its terms."""

    letter: Symbol
    level: int
    terms: tuple[Expr, ...]


@dataclass
class _Reading:
    """What is known while an expression is read."""

    variables: Sequence[Symbol]
    totals: dict[Expr, _Total] = field(default_factory=dict)
    shapes: dict[tuple[object, ...], int] = field(default_factory=dict)
    codes: dict[Basic, _Code] = field(default_factory=dict)
    places: dict[Basic, int] = field(default_factory=dict)

    def read(self, expressions: Sequence[Expr]) -> RepeatedSum:
        constants, rests = zip(*map(self._split, expressions), strict=True)
        outer = list(map(self._made, rests))
        depth = max(total.level for total in outer)
        inner = [[t for t in self.totals.values() if t.level == level] for level in range(depth)]
        self.places = {variable: i for i, variable in enumerate(self.variables)}
        levels = []
        for totals in [*inner, outer]:
            levels.append(self._level(totals))
            for total in totals:
                self.places[total.letter] = len(self.places)
        return RepeatedSum(len(self.variables), tuple(levels), np.array(constants, dtype=float))

    def _split(self, total: Expr) -> tuple[Expr, Expr]:
        """Return the constant of a sum, and the rest."""
        constant, rest = total.as_independent(*self.variables, as_Add=True)
        return constant, rest

    def _total(self, rest: Expr) -> _Total:
        """Return a long sum within an expression, as a total of its own."""
        if rest not in self.totals:
            self.totals[rest] = self._made(rest)
        return self.totals[rest]

    def _made(self, rest: Expr) -> _Total:
        terms = tuple(self._without_long(term) for term in Add.make_args(rest) if term != 0)
        letters = set[Basic]().union(*(term.free_symbols for term in terms))
        known = [t.level for t in self.totals.values() if t.letter in letters]
        return _Total(Dummy("total", real=True), max(known, default=-1) + 1, terms)

    def _without_long(self, node: Expr) -> Expr:
        """Return a node with the letters of totals for the long sums in it."""
        if isinstance(node, Add) and len(node.args) > LONG:
            # The constant stays where it is: log(1 + u) keeps its digits, log(v) would not.
            constant, rest = self._split(node)
            return constant + self._total(rest).letter
        if not _is_transparent(node):
            return node
        parts = [self._without_long(part) for part in node.args]
        same = all(one is other for one, other in zip(parts, node.args, strict=True))
        return node if same else node.func(*parts)

    def _level(self, totals: Sequence[_Total]) -> Level:
        groups: dict[object, list[tuple[int, Expr]]] = {}
        for number, total in enumerate(totals):
            for term in total.terms:
                groups.setdefault(self._key(term), []).append((number, term))
        rows = [self._rows(terms) for terms in groups.values() if len(terms) >= FEW]
        rare = [each for terms in groups.values() if len(terms) < FEW for each in terms]
        rows += [self._rows([chunk]) for chunk in _chunks(rare)]
        return Level(tuple(rows), len(totals))

    def _key(self, term: Expr) -> tuple[object, ...]:
        """Return what terms of one template have in common: the shape, and which leaves repeat."""
        code = self._code(term)
        first: dict[Symbol, int] = {}
        return (code.shape, *(first.setdefault(leaf, len(first)) for leaf in code.symbols))

    def _rows(self, terms: Sequence[tuple[int, Expr]]) -> Rows:
        codes = [self._code(term) for _, term in terms]
        distinct = [tuple(dict.fromkeys(code.symbols)) for code in codes]
        if len(distinct[0]) > MOST_LETTERS:
            raise _TooManyLettersError
        columns = list(zip(*(code.numbers for code in codes), strict=True))
        numbers = _Numbers(columns)
        # Only what a symbol assumes is in the shape, and its letter assumes the same.
        letters = {
            symbol: Symbol(f"v{i}", **symbol.assumptions0) for i, symbol in enumerate(distinct[0])
        }
        expression = self._rebuilt(terms[0][1], letters, iter(numbers.stated))
        return Rows(
            Template(expression, tuple(letters.values()), numbers.letters),
            np.array([[self.places[s] for s in row] for row in distinct], dtype=np.int64).T.copy(),
            np.array(numbers.varying, dtype=float).reshape(len(numbers.letters), len(terms)),
            np.array([total for total, _ in terms], dtype=np.int64),
        )

    def _rebuilt(self, node: Basic, letters: dict[Symbol, Symbol], numbers: Iterator[Expr]) -> Expr:
        code = self._code(node)
        if not code.parts:
            return letters[node] if code.symbols else node
        parts = [
            next(numbers)
            if self._is_parameter(node, part)
            else self._rebuilt(part, letters, numbers)
            for part in code.parts
        ]
        return node.func(*parts)

    def _code(self, node: Basic) -> _Code:
        if node not in self.codes:
            self.codes[node] = self._coded(node)
        return self.codes[node]

    def _coded(self, node: Basic) -> _Code:
        if isinstance(node, Symbol):
            said = tuple(sorted(node.assumptions0.items()))
            return _Code(self._shape(Symbol, said), (), symbols=(node,))
        if not any(self._code(part).symbols for part in node.args):
            return _Code(self._shape("as it is", node), ())
        coded = [
            (part, self._parameter(part) if self._is_parameter(node, part) else self._code(part))
            for part in node.args
        ]
        if isinstance(node, (Add, Mul)) and node.is_commutative:
            order = self.places
            coded.sort(key=lambda each: (each[1].shape, [order[s] for s in each[1].symbols]))
        return _Code(
            self._shape(node.func, *(code.shape for _, code in coded)),
            tuple(part for part, _ in coded),
            tuple(symbol for _, code in coded for symbol in code.symbols),
            tuple(number for _, code in coded for number in code.numbers),
        )

    def _is_parameter(self, node: Basic, part: Basic) -> bool:
        """Whether a part is a number that may be another in another term of the same shape.

        The numbers 1 and -1 stay: what makes 1 + exp(z) stable is that it is 1. So do exponents.
        """
        if not isinstance(node, (Add, Mul)) or part in (S.One, S.NegativeOne):
            return False
        if self._code(part).symbols or not (part.is_real and part.is_nonzero):
            return False
        return 1e-290 < abs(float(part)) < 1e290

    def _parameter(self, number: Basic) -> _Code:
        return _Code(self._shape("number", number.is_positive), (), numbers=(number,))

    def _shape(self, *facts: object) -> int:
        return self.shapes.setdefault(facts, len(self.shapes))


class _Numbers:
    """The numbers of the terms of one shape: those that differ get letters."""

    def __init__(self, columns: Sequence[tuple[Expr, ...]]) -> None:
        self.stated: list[Expr] = []
        self.varying: list[list[float]] = []
        letters: list[Symbol] = []
        for column in columns:
            if len(set(column)) == 1:
                self.stated.append(column[0])
                continue
            sign = "positive" if column[0].is_positive else "negative"
            letters.append(Symbol(f"n{len(letters)}", **{sign: True}))
            self.stated.append(letters[-1])
            self.varying.append([float(number) for number in column])
        self.letters = tuple(letters)


def _is_transparent(node: Basic) -> bool:
    if node.is_Pow and not node.exp.is_Rational:
        return False
    if isinstance(node, log) or (node.is_Pow and node.exp.is_negative):
        return not node.has(exp)  # log-sum-exp and softmax are stable as a whole only
    if node.is_Pow:
        return True
    return isinstance(node, TRANSPARENT)


def _chunks(terms: Sequence[tuple[int, Expr]]) -> Iterator[tuple[int, Expr]]:
    """Yield rare terms added up, as far as they are of one total and not too much for one piece."""
    gathered: list[Expr] = []
    of, size = -1, 0
    for total, term in sorted(terms, key=lambda each: each[0]):
        operations = term.count_ops()
        letters = len(term.free_symbols.union(*(each.free_symbols for each in gathered)))
        if gathered and (total != of or size + operations > CHUNK or letters > MOST_LETTERS):
            yield of, Add(*gathered)
            gathered, size = [], 0
        gathered.append(term)
        of, size = total, size + operations
    if gathered:
        yield of, Add(*gathered)
