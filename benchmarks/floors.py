"""The least a step can cost: its operations and bytes, counted from the formula.

Operations are counted by SymPy's `count_ops` after common subexpressions are shared (`cse`). Signs
and comparisons of signs are free, an integer power is one multiplication: a floor may be too low,
never too high.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, log2
from typing import Any

import sympy as sp

from benchmarks.records import FloorRecord, Rates

KINDS = {
    "ADD": "arithmetic", "SUB": "arithmetic", "MUL": "arithmetic", "POW": "arithmetic",
    "MAX": "arithmetic", "DIV": "division", "ROOT": "root", "EXP": "exponential",
    "LOG": "logarithm", "NEG": "",
}  # fmt: skip
"""The kind of each name that `count_ops` gives; a name that is missing here is an error."""

NUMBER = 8
"""Bytes of a float64."""

Work = Mapping[str, float]
"""How many operations of each kind."""


class Root(sp.Function):
    """Stands for the square root, which `count_ops` would take for a power and a division."""


@dataclass(frozen=True)
class Floor:
    """What a step cannot do without.

    Parameters
    ----------
    work : mapping of str to float
        Operations of each kind.
    chain : float
        Additions and multiplications of which each waits for the one before.
    bytes : float
        Read from memory or written to it; what stays in the caches is free.
    parallel : bool
        Whether the work is large enough for every core; otherwise one is counted.
    """

    work: Work = field(default_factory=dict)
    chain: float = 0.0
    bytes: float = 0.0
    parallel: bool = False

    def record(self, rates: Rates | None, cores: int = 1) -> FloorRecord:
        """Return the floor with its time at these rates; what takes longest decides."""
        if rates is None:
            return FloorRecord(self.work, self.chain, self.bytes)
        share = cores if self.parallel else 1
        seconds = {
            "operations": sum(n / getattr(rates, kind) for kind, n in self.work.items()) / share,
            "chain": self.chain / rates.chain,
            "bytes": self.bytes / rates.bytes,
        }
        longest = max(seconds, key=seconds.__getitem__)
        return FloorRecord(self.work, self.chain, self.bytes, seconds[longest] * 1e6, longest)


def total(*parts: tuple[float, Work]) -> Work:
    """Return the sum of works, each so many times.

    Examples
    --------
    >>> total((2, {"arithmetic": 3}), (1, {"arithmetic": 1, "division": 1}))
    {'arithmetic': 7, 'division': 1}
    """
    summed: dict[str, float] = {}
    for times, work in parts:
        for kind, number in work.items():
            summed[kind] = summed.get(kind, 0) + times * number
    return summed


def work_of(expressions: Iterable[Any]) -> Work:
    """Return the operations of some expressions, with what they share computed once.

    Raises
    ------
    KeyError
        If SymPy counts an operation of which no kind is known: a floor forgets nothing.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> work_of([sp.exp(x * y) / (1 + sp.exp(x * y)), sp.log(1 + sp.exp(x * y))])
    {'arithmetic': 2, 'division': 1, 'exponential': 1, 'logarithm': 1}
    """
    shared, rest = sp.cse([_plain(sp.sympify(each)) for each in expressions])
    counted = sp.count_ops([*(each for _, each in shared), *rest], visual=True)
    named = sorted((str(name), int(n)) for name, n in counted.as_coefficients_dict().items())
    kinds = [(1, {KINDS[name]: n}) for name, n in named if name != "1"]
    return {kind: n for kind, n in sorted(total(*kinds).items()) if kind}


def _plain(expression: Any) -> Any:
    """Roots as a function of their own, and fractions as letters: they are constants."""
    rooted = expression.replace(
        lambda e: e.is_Pow and e.exp in (sp.S.Half, -sp.S.Half),
        lambda e: Root(e.base) if e.exp > 0 else 1 / Root(e.base),
    )
    fractions = [r for r in rooted.atoms(sp.Rational) if not r.is_Integer]
    return rooted.xreplace({r: sp.Dummy() for r in fractions})


def work_of_rule(rule: Any, varying: Iterable[sp.Symbol]) -> Work:
    """Return the operations of a rule for one parameter.

    What depends on no letter of the parameter's own (`varying`: x, g and the state) is the same
    for all parameters, and computed once a step: it is left out.
    """
    letters = frozenset(varying)
    return work_of(_hoisted(each, letters) for each in rule.recurrence.values())


def _hoisted(expression: Any, varying: frozenset[sp.Symbol]) -> Any:
    """An expression in which every part that does not vary is one letter."""
    if expression.is_number or not expression.args:
        return expression
    if not expression.free_symbols & varying:
        return sp.Dummy()
    if expression.is_Add or expression.is_Mul:
        fixed, rest = expression.as_independent(*varying, as_Add=expression.is_Add)
        arguments = [_hoisted(each, varying) for each in expression.func.make_args(rest)]
        return expression.func(_hoisted(fixed, varying), *arguments)
    return expression.func(*(_hoisted(each, varying) for each in expression.args))


def depth(expression: Any) -> int:
    """Return the operations on the longest way from a letter to the result, all else at once.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> depth(x * y + 1), depth(x + y + 1 + x * y), depth(x**4)
    (2, 3, 2)
    """
    if expression.is_number or not expression.args:
        return 0
    if expression.is_Pow and expression.exp.is_Integer:
        return depth(expression.base) + max(1, ceil(log2(abs(expression.exp))))
    return _joined([depth(each) for each in expression.args])


def _joined(depths: list[int]) -> int:
    """The depth of a sum or product of parts, the shallowest joined first."""
    if len(depths) == 1:
        return depths[0] + 1
    waiting = sorted(depths)
    while len(waiting) > 1:
        waiting = sorted([max(waiting[:2]) + 1, *waiting[2:]])
    return waiting[0]
