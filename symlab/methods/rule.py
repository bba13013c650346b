"""A rule: one recurrence per letter, stated for a single coordinate.

A rule is data. From the same row come its LaTeX, the exact run, the compiled update and its
linearisation; no reader types the arithmetic again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Basic, Expr, Symbol, nan, zoo

from symlab.algebra.alphabet import HYPERPARAMETERS, alpha, k, x
from symlab.algebra.exactly import exactly, nearest_float, rationalize
from symlab.algebra.gate import sympy_form
from symlab.checks import check_type, shown, whole
from symlab.methods.configurable import (
    Configurable,
    as_number,
    assignments,
    check_values,
    named_only,
)
from symlab.methods.libraries import check_has_variant
from symlab.methods.rule_checks import (
    check_hyperparameters,
    check_name,
    check_recurrence,
    check_variant,
)

CHECKED_STEPS = (0, *(2**power for power in range(11)))
"""The values of k at which a step size that depends on k is checked."""


@dataclass(frozen=True)
class Variant:
    """The form that another program gives a rule; what it leaves out is as in the rule.

    Parameters
    ----------
    source : str
        Which program, and what it does differently.
    defaults : mapping of symbol to number
        Its own defaults.
    recurrence : mapping of symbol to expression
        The whole recurrence, if any row of it differs.
    """

    source: str
    defaults: Mapping[Symbol, object]
    recurrence: Mapping[Symbol, Expr] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Rule(Configurable):
    """Recurrences read top to bottom: a row sees the rows above it already updated.

    Parameters
    ----------
    name : str
        The name users call it by.
    recurrence : mapping of symbol to expression
        New value of each letter; old values on the right. It must update `x`.
    defaults : mapping of symbol to number
        The hyperparameters and the values they have unless they are set.
    source : str
        Author, year, and where in the source the formula stands.
    values : mapping of symbol to number
        The hyperparameters chosen by calling the rule. The step size may also be a schedule or a
        SymPy expression in `k`.
    variants : mapping of str to Variant
        The forms of other programs, each chosen by calling the rule with `variant=`.
    variant : str
        Which of them this is; empty for the source's own.
    own : Rule, optional
        The rule in its source's own form, for one that is a variant.

    Raises
    ------
    TypeError, ValueError
        If a part is something else, `x` has no row, a letter of `defaults` is no hyperparameter of
        `symlab.algebra.alphabet`, or its default lies outside its domain.

    Examples
    --------
    >>> from symlab.methods.rules import momentum
    >>> momentum(step_size=0.1, momentum=0.5)
    momentum(step_size=0.1, momentum=0.5)
    >>> momentum(step_size=0.1, mometum=0.5)
    Traceback (most recent call last):
        ...
    TypeError: momentum has no hyperparameter 'mometum'; did you mean 'momentum'? It takes \
step_size, momentum.
    >>> from symlab.methods.rules import adam
    >>> adam(variant="keras")
    adam(step_size=0.001, beta1=0.9, beta2=0.999, epsilon=1e-07, variant='keras')
    """

    name: str
    recurrence: Mapping[Symbol, Expr]
    defaults: Mapping[Symbol, object]
    source: str
    values: Mapping[Symbol, object] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)
    variant: str = ""
    own: "Rule | None" = None

    def __post_init__(self) -> None:
        """Refuse what cannot be a rule."""
        check_name(self.name)
        check_recurrence(self.recurrence)
        check_hyperparameters(self.defaults, self.values)
        check_type(self.source, str, "source", "text")
        check_variant(self.variants, Variant, self.variant)
        check_type(self.own, (Rule, type(None)), "own", "a Rule or None")

    @named_only
    def __call__(self, *, variant: str | None = None, **values: object) -> "Rule":
        """Return the same rule in another variant, or with these hyperparameters.

        Raises
        ------
        TypeError
            If a word is none of the rule's, or a value is no number.
        ValueError
            If a value lies outside its domain, a row divides by zero with it (RAdam's with beta2
            3/5), or the rule has no such variant.
        """
        rule = self if variant is None else self._as_variant(variant)
        values = {word: as_number(word, value) for word, value in values.items()}
        at_first = {word: _value_at_step(value, 0) for word, value in values.items()}
        letters = check_values(rule.name, rule.defaults, at_first)
        chosen = dict(zip(letters, values.values(), strict=True))
        for letter, value in chosen.items():
            _check_every_step(rule.name, letter, value)
        bound = rule._with_values(chosen)
        if any(row.has(zoo, nan) for row in bound.step.values()):
            raise ValueError(f"{rule.name}: a row divides by zero in {shown(bound)}.")
        return bound

    def _as_variant(self, name: str) -> "Rule":
        check_has_variant(self.name, name, self.variants)
        own, other = self.own or self, self.variants[name]
        defaults = {**own.defaults, **other.defaults}
        lost = [HYPERPARAMETERS[letter].word for letter in self.values if letter not in defaults]
        if lost:
            raise ValueError(
                f"{self.name}: variant: {name} has no {', '.join(lost)}, which is set."
            )
        return replace(
            self,
            recurrence=other.recurrence or own.recurrence,
            defaults=defaults,
            source=other.source,
            variant=name,
            own=replace(own, values={}),
        )

    def _choices(self) -> dict[str, str]:
        return {"variant": self.variant} if self.variant else {}

    @cached_property
    def hyperparameters(self) -> dict[Symbol, Expr]:
        """Every hyperparameter with its exact value; a step size may be an expression in k."""
        return {
            letter: _in_k(value) if _depends_on_step(value) else exactly(value)
            for letter, value in self._all().items()
        }

    def step_size_at(self, step: int) -> Expr | None:
        """Return the exact step size used at k = `step`; None if the rule has none.

        Examples
        --------
        >>> from symlab.methods.rules import momentum
        >>> momentum(step_size=1 / (k + 10)).step_size_at(5)
        1/15
        """
        count = whole(step, "step", 0)
        size = self.hyperparameters.get(alpha)
        # A constant step size is read at every step of a run, so the substitution is left out.
        return size.subs(k, count) if size is not None and size.free_symbols else size

    @cached_property
    def switches(self) -> dict[Symbol, Expr]:
        """The hyperparameters that choose between two forms, each with its exact value.

        Examples
        --------
        >>> from symlab.methods.rules import rmsprop
        >>> rmsprop(variant="torch", centered=True).switches
        {chi: 1}
        """
        every = self.hyperparameters.items()
        return {letter: value for letter, value in every if HYPERPARAMETERS[letter].switch}

    @cached_property
    def constant_step_size(self) -> float | None:
        """The step size as a float; None where the rule has none, or one that changes with k."""
        size = self.hyperparameters.get(alpha)
        return None if size is None or size.has(k) else nearest_float(size)

    @cached_property
    def update(self) -> dict[Symbol, Expr]:
        """The recurrence as one simultaneous map from old values to new, letters kept."""
        new: dict[Symbol, Expr] = {}
        for letter, expression in self.recurrence.items():
            new[letter] = expression.xreplace(new)
        return new

    @cached_property
    def state(self) -> tuple[Symbol, ...]:
        """The letters remembered between steps: those some updated expression still reads.

        A named intermediate, read only by the rows below its own, is not among them. State starts
        at zero.
        """
        read = set().union(*(expression.free_symbols for expression in self.update.values()))
        return tuple(letter for letter in self.recurrence if letter in read and letter != x)

    @cached_property
    def step(self) -> dict[Symbol, Expr]:
        """The map (x, g, k, state) to (x, state), with the exact hyperparameters put in."""
        return {
            letter: self.update[letter].xreplace(self.hyperparameters)
            for letter in (x, *self.state)
        }

    def latex(self) -> str:
        r"""Return the recurrence as aligned LaTeX assignments, in the order they are carried out.

        Examples
        --------
        >>> from symlab.methods.rules import gradient_descent
        >>> print(gradient_descent.latex())
        \begin{aligned}
        x &\leftarrow - \alpha g + x
        \end{aligned}
        """
        return assignments(self.recurrence)


def _as_expression(value: object) -> object:
    """Return what a schedule says, or the value itself."""
    stated = None if isinstance(value, Basic) else sympy_form(value)
    return value if stated is None else stated


def _depends_on_step(value: object) -> bool:
    """Whether a value is an expression in k, and in nothing else."""
    stated = _as_expression(value)
    return isinstance(stated, Expr) and {letter.name for letter in stated.free_symbols} == {k.name}


def _in_k(value: object) -> Expr:
    """Return an expression in k with exact numbers, in symlab's own symbol k."""
    stated = rationalize(_as_expression(value))
    return stated.xreplace(dict.fromkeys(stated.free_symbols, k))


def _value_at_step(value: object, step: int) -> Any:
    return _in_k(value).subs(k, step) if _depends_on_step(value) else value


def _check_every_step(owner: str, letter: Symbol, value: object) -> None:
    """Refuse what may not change with k, and a step size that turns negative or is no number."""
    if not _depends_on_step(value):
        return
    if letter != alpha:
        word = HYPERPARAMETERS[letter].word
        raise TypeError(
            f"{owner}: {word} cannot change with k, only step_size can; got {shown(value)}."
        )
    for step in CHECKED_STEPS:
        number = _value_at_step(value, step)
        if not (number.is_extended_real and number.is_finite and number >= 0):
            raise ValueError(
                f"{owner}: step_size must not be negative, "
                f"but {shown(value)} is {number} at k = {step}."
            )
