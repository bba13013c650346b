"""What a trace says of its estimates: their covariance, and a frame of standard errors."""

from typing import TYPE_CHECKING, Any

import numpy as np

from symlab.algebra.objective import Objective
from symlab.checks import flag
from symlab.engine.statuses import AWAY, STATUSES

if TYPE_CHECKING:
    import pandas as pd

    from symlab.engine.covariance import Covariance


class Estimates:
    """The part of a trace that is about how far its end may be off.

    Attributes
    ----------
    variables, x, exact, status, objective
        As `Trace` has them.
    """

    variables: tuple[str, ...]
    x: Any
    exact: tuple[tuple[Any, ...], ...]
    status: str
    objective: Objective | None

    def covariance(self, *, likelihood: bool | None = None) -> np.ndarray:
        r"""Return the covariance of the estimates, shape (n, n), in the order of the variables.

        For least squares it is :math:`s^2 (J^\top J)^{-1}`, where s is the residual standard
        deviation with m - n degrees of freedom; for a likelihood the inverse of the Hessian of the
        *sum* of the losses. Whether the objective was stated as a sum or a mean changes nothing.
        The point is the minimiser next to the end of the run.

        Parameters
        ----------
        likelihood : bool, optional
            True where the loss is a negative log-likelihood, False for least squares; when left
            out squares and logistic losses are recognised.

        Raises
        ------
        TypeError, ValueError
            If the objective is neither, has a penalty, or is not known (a trace from a file); if
            the data do not tell the parameters apart, or separate the classes; if the run ended
            before a minimum, or there is none.

        Examples
        --------
        >>> import symlab as sl
        >>> from sympy import symbols
        >>> a, b, t = symbols("a b t", real=True)
        >>> fit = sl.least_squares(a + b*t, (a, b), {t: [0, 1, 2, 3], "y": [1, 3, 4, 6]})
        >>> trace = sl.minimize(fit, [0, 0], "gauss_newton", backend="interpreted")
        >>> trace.covariance().round(6).tolist()
        [[0.07, -0.03], [-0.03, 0.02]]
        """
        return self._covariance(likelihood=likelihood).matrix

    def standard_errors(self, *, likelihood: bool | None = None) -> "pd.DataFrame":
        """Return a frame with a row for each parameter: estimate and standard error.

        Its `attrs` say what they are `of` (least squares or likelihood), with how many
        `degrees_of_freedom`, and the `residual_standard_deviation`.

        Parameters
        ----------
        likelihood : bool, optional
            As for `covariance`, whose errors these are too.

        Examples
        --------
        >>> import symlab as sl
        >>> steel = sl.problems.nist["Chwirut2"]
        >>> trace = sl.minimize(
        ...     steel.objective, steel.starts[1], "levenberg_marquardt", backend="interpreted"
        ... )
        >>> trace.standard_errors()["standard_error"].round(6).tolist()
        [0.038303, 0.000666, 0.00153]
        """
        import pandas as pd  # here, because most runs are never asked for a frame

        found = self._covariance(likelihood=likelihood)
        frame = pd.DataFrame(
            {"estimate": self.x, "standard_error": found.standard_errors},
            index=pd.Index(self.variables, name="parameter"),
        )
        frame.attrs = {
            "of": found.of,
            "degrees_of_freedom": found.degrees_of_freedom,
            "residual_standard_deviation": found.residual_standard_deviation,
        }
        return frame

    def _covariance(self, *, likelihood: bool | None) -> "Covariance":
        from symlab.engine.covariance import covariance_of  # which brings PyTensor

        if likelihood is not None:
            flag(likelihood, "likelihood")
        if self.objective is None:
            raise ValueError(
                "trace: from a file, it lacks its objective; minimise again from trace.x."
            )
        if self.status in AWAY:
            raise ValueError(
                f"trace: the run ended {self.status!r}: {STATUSES[self.status].meaning}."
            )
        point = self.exact[-1][:-1] if self.exact else self.x.tolist()
        return covariance_of(self.objective, point, likelihood=likelihood)
