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
from symlab.checks import lookup
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
    tests: Mapping[str, tuple[Relational, Mapping[Symbol, object]]] = field(default_factory=dict)
    exact: bool = False

    def __call__(self, test: str | None = None, **values: object) -> "Search":
        """Return the same search with another accept test, or with these hyperparameters."""
        search = self if test is None else self._with_test(test)
        return super(Search, search).__call__(**values)

    def _with_test(self, test: str) -> "Search":
        accept, implied = lookup(test, self.tests, f"{self.name}: test")
        return replace(self, accept=accept, values={**self.values, **implied})

    def _choices(self) -> dict[str, str]:
        test = next(
            (name for name, (relation, _) in self.tests.items() if relation == self.accept), ""
        )
        return {} if test == next(iter(self.tests), "") else {"test": test}

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
    tests={
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
