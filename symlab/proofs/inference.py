"""The inferences in a derivation: what each kind claims, and how that is verified.

An inference leads from one statement to another. Some kinds say what the second must be, and the
two are compared side by side; the others test the claim itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import (
    Basic,
    Eq,
    Expr,
    Ge,
    Gt,
    ImmutableMatrix,
    Indexed,
    IndexedBase,
    Le,
    Lt,
    MatAdd,
    MatMul,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    S,
    Symbol,
    simplify,
)
from sympy.core.function import AppliedUndef

from symlab.algebra.gate import as_symbolic
from symlab.proofs.equality import Finding, at_least, differ_at, same, weakest
from symlab.proofs.evaluation import Point, point_of
from symlab.proofs.printing import line
from symlab.proofs.sampling import Domains, positive_letters
from symlab.proofs.statement import Statement
from symlab.proofs.unknowns import SmoothFunction, gradient, partial

LESS, MORE = (Le, Lt), (Ge, Gt)
STRICT = (Lt, Gt)


@dataclass(frozen=True)
class Inference:
    """From one statement to another.

    Parameters
    ----------
    old, new : Statement
    by : object
        What the kind needs to know: the substitution, the letters, the first member.
    known : mapping of expression to expression
        Equations that may be used, from left side to right side.
    domains : pairs of letter and set
    """

    old: Statement
    new: Statement
    by: Any = None
    known: Mapping[Basic, Basic] = field(default_factory=dict)
    domains: Domains = ()

    def same(self, one: Basic, other: Basic) -> Finding:
        """Return whether two expressions are one function, once all that is known is put in."""
        return same(self.put_known(one), self.put_known(other), self.domains)

    def put_known(self, expression: Basic) -> Basic:
        """Return an expression with the left sides of known equations replaced by the right."""
        for _ in self.known:
            # As often as there are equations, because one may lead to the next.
            expression = expression.xreplace(dict(self.known))
        return expression

    def arrives_at(self, expected: Statement) -> Finding:
        """Return whether the new statement is the expected one, side by side."""
        if expected.relation != self.new.relation:
            return Finding("wrong", "the relation between the sides is another")
        places = ("",) if expected.left is None else ("of the left sides, ", "of the right sides, ")
        pairs = zip(places, expected.sides, self.new.sides, strict=True)
        return weakest(self.same(one, other).if_failed(place) for place, one, other in pairs)


def given(_: Inference | None = None) -> Finding:
    """A premise, or an equation as it is printed somewhere: nothing is claimed of it."""
    return Finding("given", "")


def equal(inference: Inference) -> Finding:
    """Each side is the same function as before, written otherwise."""
    return inference.arrives_at(inference.old)


def substitute(inference: Inference) -> Finding:
    """The statement with the values in `by` put in, all at once."""
    return inference.arrives_at(inference.old.map(lambda side: put(side, inference.by)))


def put(expression: Basic, values: Mapping[Any, Any]) -> Basic:
    """Return an expression with values put in, all at once; of a function or sequence a `Lambda`.

    Examples
    --------
    >>> from sympy import Lambda
    >>> from sympy.abc import t, x, y
    >>> from symlab.proofs.unknowns import smooth
    >>> f = smooth("f")
    >>> put(x + f(y).diff(y), {x: y, y: x, f: Lambda(t, t**2)})
    2*x + y
    """
    point = point_of(values)
    if point.functions:
        expression = Point({}, point.functions).put_into(expression)
    matrices = {k: value for k, value in point.letters.items() if isinstance(k, MatrixExpr)}
    scalars = {k: value for k, value in point.letters.items() if k not in matrices}
    # SymPy's `subs` puts in one matrix after the other, and fails if it is to do all at once.
    replaced = expression.xreplace(matrices).doit() if matrices else expression
    return replaced.subs(scalars, simultaneous=True) if scalars else replaced


def differentiate(inference: Inference) -> Finding:
    """Both sides differentiated in the letter `by`, or in several: then they are gradients.

    On the left a function of the letter becomes its derivative, and any other name the name of one.
    """
    if inference.old.relation not in (None, Eq):
        return Finding("wrong", "an inequality cannot be differentiated")
    if inference.old.left is not None and not _is_name(inference.old.left):
        return Finding("wrong", "an equation is differentiated if its left side is a name")
    left = (
        None if inference.old.left is None else _named_derivative(inference.old.left, inference.by)
    )
    right = _derivative(inference.old.right, inference.by)
    return inference.arrives_at(Statement(right, left, inference.old.relation))


def _is_name(left: Basic) -> bool:
    # An equation such as 0 = x^2 - 1 holds at some points only, and says nothing of slopes.
    return isinstance(left, (Symbol, MatrixSymbol, Indexed, SmoothFunction, AppliedUndef))


def _derivative(expression: Basic, by: Any) -> Basic:
    if isinstance(by, (tuple, list)):
        return ImmutableMatrix([expression.diff(letter) for letter in by])
    return expression.diff(by).doit()


def _named_derivative(left: Basic, by: Any) -> Basic:
    if not isinstance(by, Symbol):
        return gradient(left)
    return left.diff(by) if by in left.free_symbols - {left} else partial(left, by)


def solve(inference: Inference) -> Finding:
    """The letter on the new left side, from the old equation; it does not stand on the right."""
    letter, solution = inference.new.left, inference.new.right
    if inference.old.relation is not Eq or inference.new.relation is not Eq:
        return Finding("wrong", "only an equation is solved, and by an equation")
    if letter in solution.free_symbols:
        return Finding("wrong", f"{line(letter)} still stands on the right")
    residual = inference.old.left - inference.old.right
    if letter not in residual.free_symbols:
        return Finding("wrong", f"{line(letter)} does not occur in the equation")
    satisfied = inference.same(*(put(side, {letter: solution}) for side in inference.old.sides))
    if not satisfied.holds:
        return satisfied.if_failed("put into the equation, of its sides ")
    return replace(satisfied, detail=f"it satisfies the equation{_uniqueness(residual, letter)}")


def _uniqueness(residual: Basic, letter: Basic) -> str:
    """Say why there is no other solution, if the equation is linear; else say nothing."""
    slope = _slope(residual, letter)
    if slope is None or letter in slope.free_symbols:
        return ""
    slope = -slope if slope.could_extract_minus_sign() else slope
    only = " and is, the equation being linear, the only one"
    if isinstance(slope, MatrixExpr):
        return f"{only} where {line(slope)} can be inverted"
    return only if slope.is_zero is False else f"{only} where {line(slope)} is not 0"


def _slope(residual: Basic, letter: Basic) -> Basic | None:
    """Return the coefficient of the letter, if one more of it adds that much wherever it is."""
    if isinstance(letter, Symbol):
        return simplify(residual.diff(letter))
    step = MatrixSymbol("step", *letter.shape)
    change = (put(residual, {letter: letter + step}) - residual).doit().expand().doit()
    if isinstance(change, MatMul) and change.args[-1] == step:
        return MatMul(*change.args[:-1]).doit()
    return None


def rearrange(inference: Inference) -> Finding:
    """The same equation or inequality, its sides moved about or multiplied by one factor.

    The factor must be known not to be zero; of an inequality it must be known to be positive.
    """
    if _strength(inference.old) != _strength(inference.new):
        return Finding("wrong", "the relation between the sides is of another kind")
    old, new = _margin(inference.old), _margin(inference.new)
    if old is None or new is None:
        return Finding("wrong", "a number and a matrix do not compare")
    old, new = inference.put_known(old), inference.put_known(new)
    ratio = _ratio(new, old)
    if ratio is None:
        return Finding("wrong", "one is no multiple of the other")
    known = ratio.xreplace(positive_letters(ratio, inference.domains))
    if not (known.is_nonzero if inference.old.relation is Eq else known.is_positive):
        wanted = "not to be 0" if inference.old.relation is Eq else "to be positive"
        return Finding("wrong", f"they differ by the factor {line(ratio)}, not known {wanted}")
    found = same(new, ratio * old, inference.domains)
    return (
        replace(found, detail=f"they differ by the factor {line(ratio)}") if found.holds else found
    )


def _strength(statement: Statement) -> tuple[bool, bool]:
    """Return whether a statement is an inequality, and whether a strict one."""
    return statement.relation in LESS + MORE, statement.relation in STRICT


def _margin(statement: Statement) -> Basic | None:
    """Return what is zero in an equation, and not negative in an inequality that holds."""
    if statement.left is None:
        return statement.right
    if statement.relation in MORE:
        return _less(statement.left, statement.right)
    return _less(statement.right, statement.left)


def _ratio(new: Basic, old: Basic) -> Expr | None:
    """Return what the old expression is multiplied with; of matrices, going by one term."""
    if isinstance(old, MatrixBase):
        pairs = zip(new, old, strict=True)
        return next((simplify(one / other) for one, other in pairs if not other.is_zero), None)
    if not isinstance(old, MatrixExpr):
        return None if old.is_zero else simplify(new / old)
    terms = [dict(_matrix_terms(expression)) for expression in (new, old)]
    shared = next((matrices for matrices in terms[1] if matrices in terms[0]), None)
    return None if shared is None else terms[0][shared] / terms[1][shared]


def _matrix_terms(expression: MatrixExpr) -> Iterable[tuple[tuple[Basic, ...], Expr]]:
    expanded = expression.doit().expand()
    for term in expanded.args if isinstance(expanded, MatAdd) else (expanded,):
        multiple, matrices = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        yield matrices, multiple


def bound(inference: Inference) -> Finding:
    """A bound of the same left side: what it was equal to, or bounded by, is itself bounded."""
    if inference.new.relation not in LESS + MORE or inference.old.left is None:
        return Finding("wrong", "a bound is an inequality, and of a left side")
    up = LESS if inference.new.relation in LESS else MORE
    if inference.old.relation not in (Eq, *up):
        return Finding("wrong", "the two inequalities point in different directions")
    left = inference.same(inference.old.left, inference.new.left).if_failed("of the left sides, ")
    larger, smaller = (
        inference.put_known(inference.new.right),
        inference.put_known(inference.old.right),
    )
    strictly = inference.new.relation in STRICT and inference.old.relation not in STRICT
    slack = _less(larger, smaller) if up is LESS else _less(smaller, larger)
    if slack is None:
        return Finding("wrong", "a number cannot bound a matrix")
    return weakest([left, at_least(slack.doit(), inference.domains, strictly=strictly)])


def _less(one: Basic, other: Basic) -> Basic | None:
    """Return a difference, in which 0 may stand for a matrix of zeros; None of unlike things."""
    if one.is_Matrix == other.is_Matrix or other.is_zero:
        return one if other.is_zero else one - other
    return -other if one.is_zero else None


def induction(inference: Inference) -> Finding:
    """A formula for all members of a sequence, from its recurrence and the first member, `by`.

    If the formula gives the first member, and at each step what the recurrence gives from the
    member before, it gives every member.
    """
    member, formula = inference.new.left, inference.new.right
    if not isinstance(member, Indexed) or member != inference.old.left or len(inference.by) != 1:
        return Finding("wrong", "it takes one sequence, and one first member")
    (k,) = member.indices
    before = member.base[k - 1]
    if _members(inference.old.right, member.base) != {before}:
        return Finding("wrong", f"the recurrence must read {line(before)}, and no other member")
    ((first, value),) = inference.by.items()
    start = inference.same(formula.subs(k, first.indices[0]), as_symbolic(value, "by"))
    step = inference.same(formula, inference.old.right.xreplace({before: formula.subs(k, k - 1)}))
    found = weakest([start.if_failed("at the start, "), step.if_failed("at a step, ")])
    detail = f"it holds for {line(first)}, and for {line(member)} if for the one before"
    return replace(found, detail=detail) if found.holds else found


def _members(expression: Basic, base: IndexedBase) -> set[Basic]:
    return {node for node in expression.atoms(Indexed) if node.base == base}


def refuted(inference: Inference) -> Finding:
    """The statement is NOT what follows: a point, `by` or one found, at which the two differ."""
    if inference.old.relation != inference.new.relation or inference.old.relation not in (None, Eq):
        return Finding("wrong", "only an equation, or an expression, is refuted by another")
    right, printed = (
        inference.put_known(inference.old.right),
        inference.put_known(inference.new.right),
    )
    if (
        inference.old.left is not None
        and not inference.same(inference.old.left, inference.new.left).holds
    ):
        return Finding("wrong", "the left sides are not the same")
    at = inference.by
    seen = differ_at(at, right, printed) if at else same(right, printed, inference.domains)
    if seen.how == "wrong":
        return Finding("refuted", seen.detail)
    return Finding("wrong", f"nothing shows the two to differ ({seen})")


Verifier = Callable[[Inference], Finding]

KINDS: dict[str, Verifier] = {
    kind.__name__: kind
    for kind in (
        given, equal, substitute, differentiate, solve, rearrange, bound, induction, refuted,
    )
}  # fmt: skip
"""Every kind of inference, by the name that a step gives it."""
