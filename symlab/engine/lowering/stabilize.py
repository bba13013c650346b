r"""Rewriting before printing, so that floats keep the digits; and showing what was done.

A formula that is right on paper may lose every digit in floats: log(1 + e^z) overflows at z = 800,
its derived gradient is infinity over infinity there. Each rewrite (`rewrites`) is an identity of
real numbers; only the order of rounding changes. They are applied from the leaves up, until none
applies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from sympy import Basic, Expr, Max, Min, Product, Sum, latex
from sympy.core.function import Derivative, Lambda, Subs
from sympy.integrals.integrals import Integral
from sympy.logic.boolalg import Boolean

from symlab.algebra.gate import as_symbolic, refusal
from symlab.algebra.piecewise_slopes import state_guards
from symlab.engine.lowering.removable import drop_guards
from symlab.engine.lowering.rewrites import REWRITES

MOST_REWRITES = 100
"""Rewrites of one node in a row; none known needs ten. Beyond, it is left as it is by then."""

OPAQUE = (Derivative, Integral, Lambda, Subs)
"""Nodes that bind their variables in a way that a rewrite inside could upset."""


@dataclass(frozen=True)
class RewriteStep:
    """One rewrite, at one node."""

    name: str
    reason: str
    before: Expr
    after: Expr

    def __repr__(self) -> str:
        return f"{self.before}  ->  {self.after}  ({self.name}: {self.reason})"


@dataclass(frozen=True)
class Explanation:
    """An expression before and after, and the rewrites in between, each shown where it was done."""

    before: Expr
    after: Expr
    steps: tuple[RewriteStep, ...]

    def __repr__(self) -> str:
        if not self.steps:
            return f"{self.before}\nNothing to rewrite."
        lines = [str(self.before), *(f"  {step!r}" for step in self.steps), str(self.after)]
        return "\n".join(lines)

    def latex(self) -> str:
        r"""Return the rewrites as lines of an `aligned` environment, reasons beside them."""
        lines = [
            rf"{latex(step.before)} &= {latex(step.after)} && \text{{{step.name}: {step.reason}}}"
            for step in self.steps
        ]
        lines.append(rf"{latex(self.before)} &= {latex(self.after)} && \text{{altogether}}")
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def stabilize(expression: Expr) -> Expr:
    """Return the expression in a form that keeps its digits in floats.

    Examples
    --------
    >>> from sympy import symbols, exp, log
    >>> z = symbols("z", real=True)
    >>> stabilize(log(1 + exp(z))), stabilize(exp(z) / (1 + exp(z)))
    (softplus(z), sigmoid(z))
    """
    return _stabilize_cached(_as_basic(expression))


@lru_cache(maxsize=4096)
def _stabilize_cached(expression: Expr) -> Expr:
    return explain(expression).after


def _as_basic(expression: object) -> Basic:
    """Return an expression, or a condition such as a line search has."""
    wanted = "a SymPy expression"
    stated = as_symbolic(expression, "expression", wanted)
    if not isinstance(stated, (Expr, Boolean)) or getattr(stated, "is_Matrix", False):
        raise TypeError(refusal(expression, "expression", wanted))
    return stated


def stabilize_for_autodiff(expression: Expr) -> Expr:
    """Return the stable form whose derivative PyTensor may take, at the points of guards too.

    Examples
    --------
    >>> from sympy import sinc
    >>> from sympy.abc import x
    >>> stabilize_for_autodiff(sinc(x))
    continued(sin(x)/x)
    """
    return drop_guards(_stabilize_cached(state_guards(expression)))


def explain(expression: Expr) -> Explanation:
    """Return what `stabilize` does to an expression, rewrite by rewrite.

    Examples
    --------
    >>> from sympy import symbols, exp, log
    >>> z = symbols("z", real=True)
    >>> explain(log(1 + exp(z)).diff(z)).steps[0].name
    'sigmoid'
    """
    steps = _Steps()
    stated = _as_basic(expression)
    return Explanation(stated, _rewrite_from_leaves(stated, steps), tuple(steps))


def stabilize_partly(expression: Expr, count: int) -> Expr:
    """Return an expression after its first rewrites, in the order in which `explain` lists them.

    Examples
    --------
    >>> from sympy import symbols, exp, log
    >>> z = symbols("z", real=True)
    >>> [stabilize_partly(log(1 + exp(z)), count) for count in (0, 1)]
    [log(exp(z) + 1), softplus(z)]
    """
    return _rewrite_from_leaves(_as_basic(expression), _Steps(most=count))


class _Steps(list[RewriteStep]):
    """The rewrites made so far, and how many there may be."""

    def __init__(self, most: float = inf) -> None:
        self.most = most

    @property
    def is_full(self) -> bool:
        return len(self) >= self.most


def _rewrite_from_leaves(expression: Basic, steps: _Steps) -> Basic:
    """Rewrite from the leaves up; an explicit stack, because a formula may be deep."""
    done: dict[Basic, Basic] = {}
    stack = [expression]
    while stack:
        node = stack[-1]
        waiting = [part for part in _rewritable_parts(node) if part not in done]
        if node not in done and waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if node not in done:
            _record(node, _rebuild(node, done.__getitem__), done, steps)
    return done[expression]


def _rewritable_parts(node: Basic) -> tuple[Basic, ...]:
    """Return the arguments that may be rewritten by themselves."""
    if isinstance(node, OPAQUE) or not isinstance(node, (Expr, Boolean)):
        return node.args if type(node).__name__ == "ExprCondPair" else ()
    if getattr(node, "is_Matrix", False) or node.is_Atom:
        return ()
    if isinstance(node, (Sum, Product)):
        return (node.function,)
    return node.args


def _rebuild(node: Basic, new: Callable[[Basic], Basic]) -> Basic:
    parts = _rewritable_parts(node)
    changed = [new(part) for part in parts]
    if all(one is other for one, other in zip(parts, changed, strict=True)):
        return node
    if isinstance(node, (Sum, Product)):
        return node.func(changed[0], *node.limits)
    if isinstance(node, (Max, Min)):  # SymPy would compare all with each other
        return node.func(*changed, evaluate=False)
    return node.func(*changed)


def _record(node: Basic, rebuilt: Basic, done: dict[Basic, Basic], steps: _Steps) -> None:
    """Record what a node is rewritten to; that is final, so it is recorded as its own result."""
    done[node] = _rewrite_node(rebuilt, done, steps)
    done[done[node]] = done[node]


def _rewrite_node(node: Basic, done: dict[Basic, Basic], steps: _Steps) -> Basic:
    """Rewrite a node whose arguments are stable until no rewrite applies to the result."""
    for _ in range(MOST_REWRITES):
        step = None if steps.is_full else _first_step(node)
        if step is None:
            return node
        steps.append(step)
        node = _rebuild(step.after, lambda part: _rewrite_part(part, done, steps))
    return node


def _rewrite_part(part: Basic, done: dict[Basic, Basic], steps: _Steps) -> Basic:
    """Make stable a part that a rewrite has just made; rewrites go a few levels deep."""
    if part not in done:
        rebuilt = _rebuild(part, lambda inner: _rewrite_part(inner, done, steps))
        _record(part, rebuilt, done, steps)
    return done[part]


def _first_step(node: Basic) -> RewriteStep | None:
    if not isinstance(node, Expr) or node.is_Atom:
        return None
    for rewrite in REWRITES:
        after = rewrite.apply(node)
        if after is not None and after != node:
            return RewriteStep(rewrite.name, rewrite.reason, node, after)
    return None
