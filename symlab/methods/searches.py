"""How far to go along a direction: fixed, backtracking until a relation holds, or exactly.

A search moves along x + q p, on which the objective is phi. Its accept condition is one relation
between phi_q (the value at the trial step q), phi_0 (the value at q = 0), `slope` (the derivative
at q = 0, the product of gradient and direction) and gamma = -slope; every runner reads that
relation. Along the steepest descent gamma is the squared length of the gradient, which is how the
chapter writes its Eq. (1). Along another direction that length would ask for a decrease that no
step can give: Newton's method with backtracking would stand still.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Expr, Rational, Symbol, latex
from sympy.core.relational import Relational

from symlab.algebra.alphabet import beta, decrease, phi_0, phi_q, q, slope, square
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
        return super(Search, search).__call__(**values)

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
        if self.accept is None:
            return None
        known = {letter: value for letter, value in self.hyperparameters.items() if letter != q}
        return self.accept.xreplace(known)

    def latex(self) -> str:
        """Return the accept relation as LaTeX, or the step itself where nothing is tried."""
        if self.exact:
            return r"q^* = \arg\min_{q \ge 0} \varphi(q)"
        return f"q^* = {latex(self.first_step)}" if self.accept is None else latex(self.accept)


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

armijo = Search(
    "armijo",
    phi_q <= phi_0 + decrease * q * slope,
    "Armijo 1966; Nocedal & Wright 2006, eq. 3.4 and algorithm 3.1",
    {q: 1, beta: Rational(1, 2), decrease: Rational(1, 10_000)},
)

exact_line_search = Search(
    "exact_line_search",
    None,
    "chapter, section 11, with the ray pointing downhill",
    exact=True,
)

SEARCHES = {search.name: search for search in (fixed, backtracking, armijo, exact_line_search)}
