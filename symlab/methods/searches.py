"""How far to go along a direction: fixed, tried until relations hold, or exactly.

A search moves along x + q p, on which the objective is phi. Its accept condition is one relation
between phi_q (the value at the trial step q), phi_0 (the value at q = 0), `slope` (the derivative
at q = 0, the product of gradient and direction) and gamma = -slope; every runner reads that
relation. It keeps steps from being too long; a second one, of Goldstein or Wolfe, keeps them from
being too short, and may read the slope at the trial step.

Along the steepest descent gamma is the squared length of the gradient, which is how the
chapter writes its Eq. (1). Along another direction that length would ask for a decrease that no
step can give: Newton's method with backtracking would stand still.

Close to a minimum rounding hides what the value falls by, long before it hides the slope. Where two
values differ by no more than that, floats are judged by slopes: see `BY_SLOPES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Abs, Expr, Max, Min, Rational, Symbol, latex
from sympy.core.relational import Relational

from symlab.algebra.alphabet import (
    HYPERPARAMETERS,
    beta,
    decrease,
    flatness,
    pairs,
    phi_0,
    phi_high,
    phi_low,
    phi_max,
    phi_q,
    q,
    q_high,
    q_low,
    slope,
    slope_low,
    slope_q,
    square,
)
from symlab.checks import lookup, renamed_keyword
from symlab.methods.configurable import Configurable

MAX_TRIALS = 1000
"""Trials after which a search gives up; 0.8^1000 is far below the spacing of floats."""


@dataclass(frozen=True, repr=False)
class Search(Configurable):
    """A way to choose the step along a direction; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    accept : Relational or None
        The relation a trial step must satisfy; None takes the first step as it is.
    source : str
        Author, year, and where the formula stands.
    defaults, values : mapping of symbol to number
        Hyperparameters, and those chosen by calling the search: the first trial `step_size`,
        the factor `shrink` between trials, the fraction `decrease` of the predicted decrease.
    variants : mapping of str to (relation, values)
        Other accept conditions, each chosen by calling the search with `variant=`.
    exact : bool
        Whether the step minimises phi over q >= 0 instead of being tried.
    also : Relational, optional
        A second relation, which steps that are too short do not satisfy.
    requires : Relational, optional
        What must hold between the hyperparameters, or no step may satisfy both relations.

    Examples
    --------
    >>> backtracking(step_size=0.5, shrink=0.8)
    backtracking(step_size=0.5, shrink=0.8, decrease=1/2)
    >>> backtracking.accept
    phi_q <= -c*gamma*q + phi_0
    """

    name: str
    accept: Relational | None
    source: str
    defaults: Mapping[Symbol, object] = field(default_factory=dict)
    values: Mapping[Symbol, object] = field(default_factory=dict)
    variants: Mapping[str, tuple[Relational, Mapping[Symbol, object]]] = field(default_factory=dict)
    exact: bool = False
    also: Relational | None = None
    requires: Relational | None = None

    @renamed_keyword("test", "variant")
    def __call__(self, variant: str | None = None, **values: object) -> "Search":
        """Return the same search in another variant, or with these hyperparameters.

        Raises
        ------
        TypeError
            If a word is none of the search's, or a value is no number.
        ValueError
            If a value lies outside its domain, or the variant is unknown.
        """
        search = self if variant is None else self._as_variant(variant)
        return super(Search, search).__call__(**values)._checked()

    def _checked(self) -> "Search":
        """Return the search itself, or say which of its hyperparameters contradict each other."""
        if self.requires is None or self.requires.xreplace(self.hyperparameters):
            return self
        words = {letter: Symbol(HYPERPARAMETERS[letter].word) for letter in self.defaults}
        given = ", ".join(
            f"{word} = {self._all()[letter]}"
            for letter, word in words.items()
            if self.requires.has(letter)
        )
        raise ValueError(f"{self.name}: expected {self.requires.xreplace(words)}, got {given}.")

    def _as_variant(self, name: str) -> "Search":
        accept, implied = lookup(name, self.variants, f"{self.name}: variant")
        return replace(self, accept=accept, values={**self.values, **implied})

    def _choices(self) -> dict[str, str]:
        known = self.variants.items()
        variant = next((name for name, (relation, _) in known if relation == self.accept), "")
        return {} if variant == next(iter(self.variants), "") else {"variant": variant}

    @property
    def needs_descent(self) -> bool:
        """Whether the search only makes sense along a direction that goes down."""
        return self.exact or self.accept is not None

    @property
    def first_step(self) -> Expr:
        """The first trial step, exact."""
        return self.hyperparameters[q]

    @property
    def shrink(self) -> Expr:
        """The factor between one trial step and the next, exact."""
        return self.hyperparameters[beta]

    @cached_property
    def condition(self) -> Any:
        """The accept relation with the exact hyperparameters put in, but for q; or None."""
        return None if self.accept is None else self.accept.xreplace(self._settings)

    @cached_property
    def second_condition(self) -> Any:
        """The second relation with the exact hyperparameters put in, but for q; or None."""
        return None if self.also is None else self.also.xreplace(self._settings)

    @property
    def _settings(self) -> dict[Symbol, Expr]:
        return {letter: value for letter, value in self.hyperparameters.items() if letter != q}

    @property
    def remembered(self) -> int:
        """Of how many iterates the values are remembered: 0 where none is read later."""
        has_memory = self.accept is not None and self.accept.has(phi_max)
        return int(self.hyperparameters[pairs]) if has_memory else 0

    @cached_property
    def by_slopes(self) -> tuple[Relational, ...]:
        """What must hold of the slopes where values differ by rounding alone; empty for others."""
        known = {flatness: USUAL_FLATNESS, **self._settings}
        if self.accept is None or decrease not in known or known[decrease] > Rational(1, 2):
            return ()
        if not self.accept.has(slope, square):
            return ()
        return tuple(relation.xreplace(known) for relation in BY_SLOPES)

    @property
    def only_shortens(self) -> bool:
        """Whether one relation between values at two points decides, and steps only get shorter."""
        return self.accept is not None and self.also is None and not self.remembered

    @property
    def reads_slope(self) -> bool:
        """Whether the slope at a trial step is read, not only the value there."""
        return self.also is not None and self.also.has(slope_q)

    @property
    def formulas(self) -> tuple[Expr, ...]:
        """All that a runner evaluates on the way: the relations, and where to try next."""
        relations = (self.condition, self.second_condition, *self.by_slopes)
        tried = () if self.also is None else (HALFWAY, INTERPOLATION)[: 1 + self.reads_slope]
        return (*(relation for relation in relations if relation is not None), *tried)

    def latex(self) -> str:
        """Return the relations as LaTeX, or the step itself where nothing is tried."""
        if self.exact:
            return r"q^* = \arg\min_{q \ge 0} \varphi(q)"
        if self.accept is None:
            return f"q^* = {latex(self.first_step)}"
        relations = [latex(each) for each in (self.accept, self.also) if each is not None]
        return r",\quad ".join(relations)


fixed = Search("fixed", None, "chapter, section 9", {q: 1})

_equation = phi_q <= phi_0 - decrease * q * square
_listing = phi_q <= phi_0 - decrease * q * phi_0**2

backtracking = Search(
    "backtracking",
    _equation,
    "chapter, section 11, Eq. (1); the other two tests as it prints them",
    {q: Rational(1, 2), beta: Rational(4, 5), decrease: Rational(1, 2)},
    variants={
        "equation": (_equation, {decrease: Rational(1, 2)}),
        "box": (_equation, {decrease: 1}),
        "listing": (_listing, {decrease: Rational(1, 2)}),
    },
)

_armijo_defaults = {q: 1, beta: Rational(1, 2), decrease: Rational(1, 10_000)}

armijo = Search(
    "armijo",
    phi_q <= phi_0 + decrease * q * slope,
    "Armijo 1966; Nocedal & Wright 2006, eq. 3.4 and algorithm 3.1",
    _armijo_defaults,
)

exact_line_search = Search(
    "exact_line_search",
    None,
    "chapter, section 11, with the ray pointing downhill",
    exact=True,
)

goldstein = Search(
    "goldstein",
    armijo.accept,
    "Goldstein 1965; Nocedal & Wright 2006, eq. 3.11, found by bisection",
    {**_armijo_defaults, decrease: Rational(1, 4)},
    also=phi_q >= phi_0 + (1 - decrease) * q * slope,
    requires=decrease < Rational(1, 2),
)

strong_wolfe = Search(
    "strong_wolfe",
    armijo.accept,
    "Wolfe 1969; Nocedal & Wright 2006, eq. 3.7 and algorithms 3.5 and 3.6",
    {**_armijo_defaults, flatness: Rational(9, 10)},
    also=Abs(slope_q) <= flatness * Abs(slope),
    requires=decrease < flatness,
)

nonmonotone = Search(
    "nonmonotone",
    phi_q <= phi_max + decrease * q * slope,
    "Grippo, Lampariello & Lucidi 1986: armijo against the highest of the last values",
    {**_armijo_defaults, pairs: 10},
)

BY_SLOPES = (slope_q <= (2 * decrease - 1) * slope, slope_q >= flatness * slope)
"""The approximate Wolfe conditions, Hager & Zhang 2005, eq. 4.1: neither too long nor too short.

On a parabola the first is Armijo's condition, since phi_q = phi_0 + q*(slope + slope_q)/2 there.
Written with slopes it has digits left where the two values have none.
"""

USUAL_FLATNESS = Rational(9, 10)
"""Of the slope at the start, what may be left where a search says nothing of it itself."""

HALFWAY = (q_low + q_high) / 2
"""Where a search tries next if it knows two ends and nothing of the shape between."""

_stretch = q_high - q_low
_parabola = -slope_low * _stretch / (2 * (phi_high - phi_low - slope_low * _stretch))
INTERPOLATION = q_low + _stretch * Min(Rational(9, 10), Max(Rational(1, 10), _parabola))
"""Where the parabola through both values and the slope at the low end is lowest.

Nocedal & Wright 2006, eq. 3.58, kept a tenth of the stretch away from its ends. A cubic needs a
root, which would lead an exact run out of the rational numbers.
"""

SEARCHES = {
    search.name: search
    for search in (
        fixed,
        backtracking,
        armijo,
        goldstein,
        strong_wolfe,
        nonmonotone,
        exact_line_search,
    )
}
