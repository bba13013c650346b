"""A typed model and a table from a file: fitted, with the standard errors of its parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pandas as pd
from sympy import Expr, Symbol

from symlab.algebra.formula.parse import parse
from symlab.algebra.order import natural_key
from symlab.algebra.risk.regression import least_squares
from symlab.checks import nearest, shown
from symlab.engine.minimize import minimize
from symlab.engine.trace import Trace
from symlab.files import path_of, read_file
from symlab.lab.typed_formula import parse_number

MAX_STEPS = 1000


@dataclass(frozen=True, eq=False)
class TypedRegression:
    """A fit, and what it says of its parameters.

    Parameters
    ----------
    trace : Trace
    errors : pandas.DataFrame or None
        Estimates and standard errors; None where there are none.
    reason : str
        Why there are none; empty if there are.
    """

    trace: Trace
    errors: pd.DataFrame | None
    reason: str

    @property
    def text(self) -> str:
        """Estimates and standard errors, the scatter, and how the run ended."""
        if self.errors is None:
            estimates = "\n".join(
                f"{name} = {number:.10g}"
                for name, number in zip(self.trace.variables, self.trace.x, strict=True)
            )
            return f"{estimates}\n{self.trace.message}\n{self.reason}"
        table = self.errors.to_string(float_format="{:.10g}".format, index_names=False)
        known = self.errors.attrs
        return (
            f"{table}\nresidual standard deviation "
            f"{known['residual_standard_deviation']:.10g} with {known['degrees_of_freedom']} "
            f"degrees of freedom; sum of squares {self.trace.value:.10g}\n{self.trace.message}"
        )

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        errors = self.errors
        known = {} if errors is None else errors.attrs
        return {
            "parameters": dict(zip(self.trace.variables, self.trace.x.tolist(), strict=True)),
            "standard_errors": None if errors is None else errors["standard_error"].to_dict(),
            "residual_standard_deviation": known.get("residual_standard_deviation"),
            "degrees_of_freedom": known.get("degrees_of_freedom"),
            "sum_of_squares": self.trace.value,
            "status": self.trace.status,
            "message": self.trace.message,
            "reason": self.reason,
        }


def fit_text(
    model: str,
    file: str | Path,
    start: str,
    response: str | None = None,
    *,
    method: str = "levenberg_marquardt",
    backend: str = "interpreted",
) -> TypedRegression:
    """Return a fit of a typed model to the columns of a CSV file; all is parsed, never evaluated.

    Parameters
    ----------
    model : str
        The predicted response; its names are columns of the file, or else parameters.
    file : path
        A table with the names of its columns in the first line.
    start : str
        A number for each parameter, as `a=1, b=2`, or in order, `1, 2`.
    response : str, optional
        The column that the model predicts; the only one that it does not read when left out.
    method, backend : str
        As for `minimize`.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If a part cannot be read, or does not fit together.
    """
    stated, table = parse(model), _table(path_of(file, "data"))
    columns = {str(name) for name in table.columns}
    names = sorted((s for s in stated.free_symbols if s.name not in columns), key=natural_key)
    fit = least_squares(stated, names, table, response)
    trace = minimize(fit, _start(start, names), method, MAX_STEPS, backend=backend)
    try:
        return TypedRegression(trace, trace.standard_errors(), "")
    except ValueError as error:
        reason = str(error).removeprefix("trace: ")
        return TypedRegression(trace, None, f"No standard errors: {reason}")


def _table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(BytesIO(read_file(path)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise type(error)(f"data: {shown(str(path))} cannot be read: {reason}.") from None
    except ValueError as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"data: {shown(str(path))} is no table: {reason[:90]}.") from None
    return table.rename(columns=str).rename(columns=str.strip)


def _start(text: str, names: Sequence[Symbol]) -> list[Expr]:
    """Return a start, given by names or in the order of the names."""
    parts = [part.partition("=") for part in text.split(",")]
    listed = ", ".join(symbol.name for symbol in names)
    if len(parts) != len(names):
        raise ValueError(
            f"start: expected a number for each of {listed or 'no parameter'}, got {shown(text)}."
        )
    if not any(equals for _, equals, _ in parts):
        return [parse_number(number, "start") for number, _, _ in parts]
    given = {name.strip(): number for name, _, number in parts}
    for name in given:
        if name not in {symbol.name for symbol in names}:
            known = [symbol.name for symbol in names]
            raise ValueError(f"start: unknown parameter {shown(name)}{nearest(name, known)} "
                             f"Parameters: {listed}.")  # fmt: skip
    if len(given) != len(names):
        raise ValueError(f"start: a parameter is given twice in {shown(text)}.")
    return [parse_number(given[symbol.name], "start") for symbol in names]
