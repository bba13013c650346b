"""The chapter's derivations by name, in its order.

Each stands as a function that returns its steps, in the file of its topic; here is the table. What
the chapter prints wrong has a name that ends in `_printed`, beside the derivation put right.
"""

from symlab.book.derivations.losses import (
    cross_entropy,
    least_squares,
    logistic,
    stable_forms,
)
from symlab.book.derivations.momentum_and_averages import (
    adam,
    mini_batch,
    momentum,
    momentum_printed,
    moving_average,
    moving_average_printed,
)
from symlab.book.derivations.networks import (
    backpropagation,
    backpropagation_printed,
    hinge_of_softsign,
    perceptron,
    perceptron_printed,
    softsign_slope,
)
from symlab.book.derivations.regression import levenberg_marquardt
from symlab.book.derivations.step_sizes import (
    backtracking,
    backtracking_printed,
    line_search,
    line_search_printed,
    surrogate,
)
from symlab.book.derivations.taylor_and_newton import (
    newton,
    newton_matrix,
    newton_printed,
    taylor,
    taylor_plane,
)
from symlab.checks import Catalog, nearest, shown
from symlab.proofs.derivation import Derivation
from symlab.proofs.plan import LazyDerivation

DERIVATIONS = Catalog(
    "derivations",
    (
        perceptron_printed,
        perceptron,
        softsign_slope,
        hinge_of_softsign,
        backpropagation,
        backpropagation_printed,
        least_squares,
        logistic,
        taylor,
        taylor_plane,
        newton_printed,
        newton,
        newton_matrix,
        levenberg_marquardt,
        line_search_printed,
        line_search,
        surrogate,
        backtracking,
        backtracking_printed,
        mini_batch,
        momentum_printed,
        momentum,
        moving_average,
        moving_average_printed,
        adam,
        cross_entropy,
        stable_forms,
    ),
)
"""Every derivation by name, in the order of the chapter; called, it is made and verified."""


def find_derivation(name: str) -> LazyDerivation:
    """Return the plan of a derivation, which has its title and section and is made when called.

    Raises
    ------
    ValueError
        If the name is unknown; the message gives the nearest.

    Examples
    --------
    >>> find_derivation("newton").section
    10
    """
    if not isinstance(name, str):
        raise TypeError(f"derivation: expected a name, got {shown(name)}.")
    if name not in DERIVATIONS:
        raise ValueError(
            f"derivation: unknown name {shown(name)}{nearest(name, DERIVATIONS)} "
            "`symlab derive` lists all."
        )
    return DERIVATIONS[name]


def derive(name: str) -> Derivation:
    r"""Return a derivation of the chapter, every inference of which was verified just now.

    Parameters
    ----------
    name : str
        Such as "newton", "backtracking" or "momentum_printed"; `symlab derive` lists all.

    Raises
    ------
    ValueError
        If the name is unknown; the message gives the nearest.

    Examples
    --------
    >>> print(derive("newton").steps[3].latex)
    x = x_{0} - \frac{f'\left(x_{0}\right)}{f''\left(x_{0}\right)}
    >>> derive("newton").conclusion
    Eq(x, 7/3)
    >>> derive("netwon")
    Traceback (most recent call last):
        ...
    ValueError: derivation: unknown name 'netwon'; did you mean 'newton'? `symlab derive` lists all.
    """
    return find_derivation(name)()
