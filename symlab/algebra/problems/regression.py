"""Nonlinear regressions with certified answers: ten data sets of NIST.

Statistical Reference Datasets (StRD), nonlinear regression, by the National Institute of Standards
and Technology; public domain. Each file beside this one holds the numbers of one set.
"""

from dataclasses import dataclass
from functools import partial
from importlib.resources import files

import numpy as np
from sympy import Expr, Rational, Symbol

from symlab.algebra.formula.parse import parse
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.checks import LazyCatalog

NAMES = (
    "Chwirut2", "DanWood", "ENSO", "Eckerle4", "Gauss1", "Hahn1", "Kirby2", "Lanczos1", "Lanczos3",
    "MGH10",
)  # fmt: skip


@dataclass(frozen=True)
class Regression:
    """A model, its data, two customary starts and the certified answer.

    Parameters
    ----------
    name : str
        Its name at NIST.
    model : sympy.Expr
        The predicted y of one observation.
    parameters : tuple of sympy.Symbol
        The p parameters b1, b2, ...
    x, y : numpy.ndarray, shape (m,)
        The observations.
    starts : tuple of tuple
        Two starts with p exact coordinates: one far, one near.
    certified : tuple
        The p parameters of the least sum of squares, to the eleven digits certified.
    standard_errors : tuple
        Their p standard deviations, to as many digits.
    residual_sum_of_squares : sympy.Rational
        The sum of squares there, to as many digits.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> steel = PROBLEMS.nist["Chwirut2"]
    >>> steel.model
    exp(-b1*x)/(b2 + b3*x)
    >>> round(float(steel.objective.at(steel.certified)), 7)
    513.0480294
    """

    name: str
    model: Expr
    parameters: tuple[Symbol, ...]
    x: np.ndarray
    y: np.ndarray
    starts: tuple[tuple[Rational, ...], tuple[Rational, ...]]
    certified: tuple[Rational, ...]
    standard_errors: tuple[Rational, ...]
    residual_sum_of_squares: Rational

    @property
    def objective(self) -> BoundRisk:
        """The sum of squared residuals over the data."""
        x, y = (Symbol(name, real=True) for name in "xy")
        risk = EmpiricalRisk(
            (y - self.model) ** 2, parameters=self.parameters, data=(x, y), reduction="sum"
        )
        return risk.on({x: self.x, y: self.y})

    def __repr__(self) -> str:
        return f"Regression({self.name}: y = {self.model}, {self.y.size} observations)"


def _read(name: str) -> Regression:
    """Return one data set of those in this folder."""
    lines = (files(__package__) / "nist" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    table, sum_line, data = _split(lines)
    rows = [[Rational(word) for word in line.split()] for line in table]
    first, second, certified, errors = zip(*rows, strict=True)
    parameters = tuple(Symbol(f"b{i}", real=True) for i in range(1, len(rows) + 1))
    y, x = np.array([[float(word) for word in line.split()] for line in data]).T
    model = parse(lines[1].removeprefix("model y = "), [*parameters, Symbol("x", real=True)])
    total = Rational(sum_line.removeprefix("rss "))
    return Regression(name, model, parameters, x, y, (first, second), certified, errors, total)


def _split(lines: list[str]) -> tuple[list[str], str, list[str]]:
    """Return the rows of parameters, the line of the sum of squares, and the rows of data."""
    total = next(i for i, line in enumerate(lines) if line.startswith("rss"))
    return lines[4:total], lines[total], lines[total + 2 :]


REGRESSIONS = LazyCatalog("nist", {name: partial(_read, name) for name in NAMES})
"""Every data set by NIST's name for it; a file is read when its set is first asked for."""
