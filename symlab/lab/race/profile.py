r"""Performance profiles: on which share of problems a method is within a factor of the best.

Of :math:`t_{p,s}`, what solver s spends to solve problem p, the ratio to the best is
:math:`r_{p,s} = t_{p,s} / \min_s t_{p,s}`, infinite where p is not solved, and the profile of s is
:math:`\rho_s(\tau) = |\{p : r_{p,s} \le \tau\}| / n_p` (Dolan & Moré 2002, section 2).
"""

import numpy as np
import pandas as pd


def ratios(costs: pd.DataFrame) -> pd.DataFrame:
    """Return each cost in parts of the least of its row; infinite where nothing was solved.

    Parameters
    ----------
    costs : pandas.DataFrame
        A row for each problem, a column for each method: numbers above 0, infinite for unsolved.
    """
    found = costs.div(costs.min(axis=1), axis=0)
    return found.where(np.isfinite(costs), np.inf)


def performance_profile(costs: pd.DataFrame) -> pd.DataFrame:
    """Return the profile of each method: its share of problems at each ratio where any rises.

    Parameters
    ----------
    costs : pandas.DataFrame
        A row for each problem, a column for each method: numbers above 0, infinite for unsolved.

    Returns
    -------
    pandas.DataFrame
        The index are ratios from 1 upwards, a column for each method; between two ratios a share
        stays what it is.

    Examples
    --------
    >>> costs = pd.DataFrame({"a": [10, 40, np.inf], "b": [20, 20, 5]}, ["p", "q", "r"])
    >>> performance_profile(costs).round(3)
               a      b
    ratio
    1.0    0.333  0.667
    2.0    0.667  1.000
    """
    found = ratios(costs)
    steps = np.unique(found.to_numpy())
    levels = np.union1d([1.0], steps[np.isfinite(steps)])
    rows = [[float((found[name] <= level).mean()) for name in found] for level in levels]
    return pd.DataFrame(rows, pd.Index(levels, name="ratio"), found.columns)
