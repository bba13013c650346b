"""Named problems: those of the lessons, the classic sets, and NIST's regressions.

An objective is built when it is first asked for: some are long.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial

from symlab.algebra.problems import (
    global_search,
    mgh_any_size,
    mgh_data,
    mgh_equations,
    mgh_small,
    taught,
)
from symlab.algebra.problems.problem import Problem
from symlab.algebra.problems.regression import REGRESSIONS, Regression
from symlab.algebra.problems.taught import rosenbrock
from symlab.checks import Catalog, LazyCatalog

__all__ = ["PROBLEMS", "Problem", "Problems", "Regression", "rosenbrock"]

TAUGHT = (
    taught.quartic, taught.rosenbrock, taught.beale, taught.powell, taught.himmelblau,
    taught.ravine,
)  # fmt: skip

MORE_GARBOW_HILLSTROM = (
    taught.rosenbrock, mgh_small.freudenstein_roth, mgh_small.powell_badly_scaled,
    mgh_small.brown_badly_scaled, taught.beale, mgh_small.jennrich_sampson,
    mgh_small.helical_valley, mgh_data.bard, mgh_data.gaussian, mgh_data.meyer,
    mgh_small.gulf_research, mgh_small.box_three_dimensional, taught.powell, mgh_small.wood,
    mgh_data.kowalik_osborne, mgh_small.brown_dennis, mgh_data.osborne_one,
    mgh_small.biggs_exponentials, mgh_data.osborne_two, mgh_any_size.watson,
    mgh_any_size.extended_rosenbrock, mgh_any_size.extended_powell, mgh_any_size.penalty_one,
    mgh_any_size.penalty_two, mgh_any_size.variably_dimensioned, mgh_any_size.trigonometric,
    mgh_any_size.brown_almost_linear, mgh_equations.boundary_value,
    mgh_equations.integral_equation, mgh_equations.broyden_tridiagonal,
    mgh_equations.broyden_banded, mgh_equations.linear_full_rank, mgh_equations.linear_rank_one,
    mgh_equations.linear_rank_one_with_zeros, mgh_equations.chebyquad,
)  # fmt: skip
"""The 35 problems in the order of their paper."""

GLOBAL_SEARCH = (
    global_search.ackley, global_search.rastrigin, global_search.griewank, global_search.levy,
    global_search.styblinski_tang, global_search.goldstein_price, global_search.booth,
    global_search.matyas, global_search.mccormick, global_search.easom, global_search.zakharov,
    global_search.dixon_price,
)  # fmt: skip


@cache
def _made(builder: Callable[[], Problem]) -> Problem:
    """Return one problem for all catalogues that list it."""
    return builder()


class Problems(LazyCatalog[Problem]):
    """Every problem by name, and the sets they come from.

    Examples
    --------
    >>> PROBLEMS["wood"].minimisers
    ((1, 1, 1, 1),)
    >>> len(PROBLEMS.taught), len(PROBLEMS.mgh), len(PROBLEMS.global_search), len(PROBLEMS.nist)
    (6, 35, 12, 10)
    """

    def __init__(self, title: str, builders: Iterable[Callable[[], Problem]]) -> None:
        makers = {builder.__name__: partial(_made, builder) for builder in builders}
        super().__init__(title, makers)

    @property
    def taught(self) -> "Problems":
        """The six of the lessons."""
        return Problems("problems.taught", TAUGHT)

    @property
    def mgh(self) -> "Problems":
        """The 35 of Moré, Garbow & Hillstrom 1981, in their order."""
        return Problems("problems.mgh", MORE_GARBOW_HILLSTROM)

    @property
    def global_search(self) -> "Problems":
        """Twelve with many minima, or a hidden one."""
        return Problems("problems.global_search", GLOBAL_SEARCH)

    @property
    def nist(self) -> Catalog[Regression]:
        """Ten nonlinear regressions with certified parameters (NIST StRD)."""
        return REGRESSIONS


PROBLEMS = Problems("problems", dict.fromkeys((*TAUGHT, *MORE_GARBOW_HILLSTROM, *GLOBAL_SEARCH)))
"""Every problem by name."""
