"""A trace: what a run left behind, whatever ran it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mpmath.libmp import repr_dps, to_str
from sympy import Expr, Float, Rational, sympify

from symlab.algebra.formula import parse

RATIONAL = re.compile(r"-?(0x[0-9a-f]+|[0-9]+)(/(0x[0-9a-f]+|[0-9]+))?")
MOST_DECIMAL_BITS = 14_000
"""Below Python's limit of 4300 decimal digits."""

STATUSES = ("converged", "max_steps", "diverged", "stalled", "stopped")


@dataclass(frozen=True, eq=False)
class Trace:
    """A run of K steps in n variables: K + 1 rows, the start among them, or every so many.

    Parameters
    ----------
    variables : tuple of str
        Names of the n variables, in order.
    iterates : array, shape (K + 1, n)
    values, gradient_norms : array, shape (K + 1,)
        The objective and the Euclidean length of its gradient at each iterate.
    step_sizes : array, shape (K + 1,)
        The step size that led to each iterate; NaN in row 0.
    evaluations : array of int, shape (K + 1,)
        At how many points the objective had been evaluated by then.
    status : str
        `"converged"`, `"max_steps"`, `"diverged"`, `"stalled"` or `"stopped"`.
    message : str
        A sentence that gives the reason.
    backend, method : str
        What ran it, and the method as one would type it.
    seconds, compile_seconds : float
        Time of the run, and of compiling beforehand, in seconds.
    states : mapping of str to array
        What the method remembered at each iterate, one array of K + 1 entries for each letter.
    k : array of int, shape (K + 1,)
        The number of steps taken by each row: 0 to K unless only some were recorded.
    exact : tuple of rows
        On the `sympy` backend the same rows as exact SymPy numbers: n coordinates, then the value.
    """

    variables: tuple[str, ...]
    iterates: np.ndarray
    values: np.ndarray
    gradient_norms: np.ndarray
    step_sizes: np.ndarray
    evaluations: np.ndarray
    status: str
    message: str
    backend: str
    method: str
    seconds: float = 0.0
    compile_seconds: float = 0.0
    states: Mapping[str, np.ndarray] = field(default_factory=dict)
    exact: tuple[tuple[Expr, ...], ...] = ()
    k: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if not len(self.k):
            object.__setattr__(self, "k", np.arange(len(self.values)))
        if self.status not in STATUSES:
            raise ValueError(f"status: expected one of {', '.join(STATUSES)}, got {self.status!r}.")

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        point = ", ".join(
            f"{name}={value:.10g}" for name, value in zip(self.variables, self.x, strict=True)
        )
        return (
            f"Trace({self.method} on {self.backend}: {self.steps} steps, {self.status}, "
            f"{point}, value={self.value:.10g})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self.message}</p>{self.frame.to_html(index=False, max_rows=12)}"

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return int(self.k[-1])

    @property
    def x(self) -> np.ndarray:
        """The last iterate, shape (n,)."""
        return self.iterates[-1]

    @property
    def value(self) -> float:
        """The objective at the last iterate."""
        return float(self.values[-1])

    @property
    def frame(self) -> pd.DataFrame:
        """One row per iterate: k, the variables, value, gradient_norm, step_size, evaluations."""
        columns = {
            "k": self.k,
            **dict(zip(self.variables, self.iterates.T, strict=True)),
            "value": self.values,
            "gradient_norm": self.gradient_norms,
            "step_size": self.step_sizes,
            "evaluations": self.evaluations,
        }
        return pd.DataFrame(columns)

    def rate(self, limit: Any = None) -> float:
        r"""Return the measured linear rate: the factor by which the error shrinks in one step.

        It is exp of the least-squares slope of the log error over the second half of the usable
        rows. A slope, because with complex eigenvalues the error oscillates about its trend.

        Parameters
        ----------
        limit : sequence of n numbers, optional
            Where the run goes; then the error is the distance to it. Without it the length of the
            step to the next iterate is used, which shrinks at the same rate.

        Returns
        -------
        float
            Below 1 where the run converges linearly, 1 on a cycle; NaN with under 4 usable rows.
        """
        rows, logs = self._log_errors(limit)
        half = len(rows) // 2
        if len(rows) < 4:
            return float("nan")
        return float(np.exp(np.polyfit(self.k[rows[half:]], logs[half:], 1)[0]))

    def order(self, limit: Any = None) -> float:
        """Return the measured order of convergence: 1 linear, 2 quadratic.

        It is the slope of the log error against the log of the error before, over the last three
        usable pairs. On the `sympy` backend the exact rows are read, so that quadratic convergence
        has digits enough to show.

        Parameters
        ----------
        limit : sequence of n numbers, optional
            As in `rate`.

        Returns
        -------
        float
            NaN with under 3 usable rows.
        """
        k, logs = self._log_errors(limit)
        if len(k) < 3 or np.any(np.diff(k) != 1):
            k, logs = k[-3:], logs[-3:]
        if len(k) < 3:
            return float("nan")
        before, after = logs[:-1][-3:], logs[1:][-3:]
        return float(np.polyfit(before, after, 1)[0])

    def _log_errors(self, limit: Any) -> tuple[np.ndarray, np.ndarray]:
        """The rows and natural logs of the errors that rounding has not swallowed."""
        if limit is not None and np.shape(limit) != (len(self.variables),):
            raise ValueError(f"limit: expected {len(self.variables)} coordinates, got {limit!r}.")
        if self.exact:
            return self._exact_log_errors(limit)
        if limit is None:
            errors = np.linalg.norm(np.diff(self.iterates, axis=0), axis=1)
        else:
            errors = np.linalg.norm(self.iterates - np.asarray(limit, dtype=float), axis=1)
        floor = 32 * np.finfo(float).eps * max(1e-300, float(np.abs(self.iterates).max()))
        usable = np.flatnonzero(errors > floor)
        return usable, np.log(errors[usable])

    def _exact_log_errors(self, limit: Any) -> tuple[np.ndarray, np.ndarray]:
        points = [row[:-1] for row in self.exact]
        ends = points[1:] if limit is None else [tuple(map(sympify, limit))] * len(points)
        squares = [
            sum((a - b) ** 2 for a, b in zip(point, end, strict=True))
            for point, end in zip(points, ends, strict=False)
        ]
        digits = max(
            (n._prec for row in points for n in row if isinstance(n, Float)), default=10**6
        )
        logs = {k: float(_log(square) / 2) for k, square in enumerate(squares) if square != 0}
        usable = {k: value for k, value in logs.items() if value > (8 - digits) * np.log(2)}
        return np.array(list(usable)), np.array(list(usable.values()))

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Write the frame as CSV with every digit; return the text when no path is given."""
        return self.frame.to_csv(path, index=False)

    def to_json(self, path: str | Path | None = None) -> str | None:
        """Write the whole trace as JSON; return the text when no path is given."""
        fields = {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}
        text = json.dumps(fields, indent=1, allow_nan=False)
        if path is None:
            return text
        Path(path).write_text(text + "\n", encoding="utf-8")
        return None

    @classmethod
    def from_json(cls, source: str | Path) -> "Trace":
        """Return the trace written by `to_json`, from its path or its text.

        Raises
        ------
        ValueError
            If the text is not a trace.
        """
        is_text = isinstance(source, str) and source.lstrip().startswith("{")
        text = str(source) if is_text else Path(source).read_text(encoding="utf-8")
        fields = json.load(StringIO(text))
        if missing := sorted({"iterates", "values", "status"} - fields.keys()):
            raise ValueError(f"source: not a trace, {missing} are missing.")
        arrays = ("iterates", "values", "gradient_norms", "step_sizes")
        fields |= {name: _array(fields[name]) for name in arrays}
        fields["iterates"] = fields["iterates"].reshape(len(fields["values"]), -1)
        for name in ("evaluations", "k"):
            fields[name] = np.array(fields[name], dtype=np.int64)
        fields["variables"] = tuple(fields["variables"])
        fields["states"] = {name: _array(state) for name, state in fields["states"].items()}
        fields["exact"] = tuple(tuple(map(_exact_number, row)) for row in fields["exact"])
        return cls(**fields)


def _log(number: Expr) -> Expr:
    from sympy import log

    return log(number).evalf(15)


def _plain(value: Any) -> Any:
    """What JSON can hold: NaN and infinities as text, exact numbers as their digits."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, Float):
        # More digits than it prints, so that the same bits come back.
        return [to_str(value._mpf_, repr_dps(value._prec)), value._prec]
    if isinstance(value, Rational):
        return _written_rational(value)
    return str(value) if isinstance(value, Expr) else value


def _array(values: Any) -> np.ndarray:
    return np.array(values, dtype=float)


def _exact_number(written: Any) -> Expr:
    """Read a number that `to_json` wrote; a file is data, and no text in it is evaluated."""
    if isinstance(written, list):
        digits, precision = written
        return Float(digits, precision=precision)
    if RATIONAL.fullmatch(written):
        numerator, _, denominator = written.partition("/")
        return Rational(int(numerator, 0), int(denominator or "1", 0))
    return parse(written)


def _written_rational(number: Rational) -> str:
    """Write a fraction in decimal; in hexadecimal where Python refuses so many digits."""
    return "/".join(
        str(part) if part.bit_length() < MOST_DECIMAL_BITS else hex(part)
        for part in (int(number.p), int(number.q))
    )
