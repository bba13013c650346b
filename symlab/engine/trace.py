"""The trace of a run: every recorded iterate, and how the run ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.exactly import exact_point, float_point
from symlab.algebra.objective import Objective
from symlab.checks import shown
from symlab.engine import trace_files
from symlab.engine.archive import pack, unpack
from symlab.engine.column import Later, with_columns
from symlab.engine.estimates import Estimates
from symlab.engine.measured_rate import (
    exact_log_errors,
    linear_rate,
    log_errors,
    order_of_convergence,
)
from symlab.engine.trace_csv import FIRST, VALUES, fields_of
from symlab.engine.trace_parts import check_parts
from symlab.engine.trace_sources import about_trace, read_text, write_text
from symlab.engine.trace_xarray import dataset_of
from symlab.engine.trial_steps import frame_of_trials
from symlab.files import path_of, read_file, replace_file

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure


@with_columns("step_sizes", "evaluations", "k")
@dataclass(frozen=True, eq=False)
class Trace(Estimates):
    """A run of K steps in n variables: K + 1 rows with the start, or fewer where not all are kept.

    Parameters
    ----------
    variables : tuple of str
        Names of the n variables, in order.
    iterates : array, shape (K + 1, n)
    values, gradient_norms : array, shape (K + 1,)
        The objective at each iterate, or the loss of a batch there: see `record`; and the Euclidean
        length of the gradient that the next step takes, which in batches is that of the batch.
    step_sizes : array, shape (K + 1,)
        The step size that led to each iterate; NaN in row 0.
    evaluations : array of int, shape (K + 1,)
        At how many points the objective had been evaluated by then.
    status : str
        `"converged"`, `"precision"`, `"saddle"`, `"plateau"`, `"no_minimum"`, `"diverged"`,
        `"stalled"`, `"max_steps"` or `"stopped"`; `print(sl.statuses)` says what each one means.
    message : str
        A sentence that gives the reason.
    backend, method : str
        What ran it, and the method as one would type it.
    seconds, compile_seconds : float
        Time of the run, and of compiling beforehand, in seconds.
    states : mapping of str to array
        The state of the method at each iterate, one array of K + 1 entries for each letter.
    k : array of int, shape (K + 1,)
        The number of steps taken by each row: 0 to K unless only some were recorded.
    exact : tuple of rows
        On the `sympy` backend the same rows as exact SymPy numbers: n coordinates, then the value.
    record : str
        What the values are of: the whole `"objective"`, or `"batch"`, the samples of the step that
        is taken from that iterate; at the last one those of the batch that would have come next.
    objective : Objective, optional
        What was minimised; None in a trace that was read from a file.
    tried : array, shape (T, 3 + n)
        Of each trial step of a search: k of the step, its length, the value there, and the point;
        see `trials`. Files leave it out.
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
    record: str = "objective"
    objective: Objective | None = field(default=None, repr=False)
    tried: np.ndarray = field(default_factory=lambda: np.empty((0, 0)), repr=False)

    def __post_init__(self) -> None:
        k = vars(self)["k"]
        if isinstance(k, np.ndarray) and not len(k):
            rows = len(self.values)
            object.__setattr__(self, "k", Later(rows, partial(np.arange, rows)))
        check_parts(vars(self))

    def __len__(self) -> int:
        return len(self.values)

    def __getstate__(self) -> dict[str, Any]:
        return self._fields

    def __repr__(self) -> str:
        point = ", ".join(
            f"{name}={value:.10g}" for name, value in zip(self.variables, self.x, strict=True)
        )
        return (
            f"Trace({self.method} on {self.backend}: {self.steps} steps, {self.status}, "
            f"{point}, {VALUES[self.record]}={self.value:.10g})"
        )

    def _repr_html_(self) -> str:
        table = self.frame.to_html(index=False, max_rows=12)  # which escapes what it shows
        return f"<p>{escape(self.message, quote=False)}</p>{table}"

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
        """The last value: the objective at the last iterate, or the loss of a batch there."""
        return float(self.values[-1])

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per iterate: k, the variables, value, gradient_norm, step_size, evaluations.

        Values that are of batches stand under `batch_value` instead.
        """
        import pandas as pd  # here, because most runs are never asked for a frame

        columns = {
            "k": self.k,
            **dict(zip(self.variables, self.iterates.T, strict=True)),
            VALUES[self.record]: self.values,
            "gradient_norm": self.gradient_norms,
            "step_size": self.step_sizes,
            "evaluations": self.evaluations,
        }
        return pd.DataFrame(columns)

    @property
    def trials(self) -> "pd.DataFrame":
        """The steps that a search tried: k of the step, step_size, the point, value, and taken.

        Those of recorded steps, in order; without rows for methods without a search, and in a
        trace that was read from a file.

        Examples
        --------
        >>> import symlab as sl
        >>> f = sl.problems["quartic"].objective
        >>> sl.minimize(f, [1], "armijo", 1, backend="interpreted").trials
           k  step_size     x      value  taken
        0  1       1.00  6.00  650.000000  False
        1  1       0.50  3.50   23.437500  False
        2  1       0.25  2.25   -6.542969   True
        """
        return frame_of_trials(self.variables, self.tried, self.k, self.step_sizes)

    @property
    def converged(self) -> bool:
        """Whether the run converged, as far as was asked or, `"precision"`, as floats can tell.

        Examples
        --------
        >>> import symlab as sl
        >>> f = sl.problems["quartic"].objective
        >>> sl.minimize(f, [2], "newton", backend="sympy").converged
        True
        >>> sl.minimize(f, [2], "newton", max_steps=3, backend="sympy").converged
        False
        """
        return self.status in ("converged", "precision")

    @property
    def success(self) -> bool:
        """Whether the run converged, under the word of SciPy's results."""
        return self.converged

    @property
    def fun(self) -> float:
        """The last value, under the word of SciPy's results."""
        return self.value

    @property
    def nit(self) -> int:
        """The number of steps taken, under the word of SciPy's results."""
        return self.steps

    def plot(self, objective: Any = None) -> "Figure":
        """Return a figure of the run: its iterates, and the length of its gradient.

        Parameters
        ----------
        objective : Objective, optional
            What was minimised, in one or two variables: then the path is drawn over it.

        Returns
        -------
        matplotlib.figure.Figure
            Which shows itself in a notebook, and has `savefig`.

        Raises
        ------
        TypeError, ValueError
            If the objective is none, or is in other variables than the run.

        Examples
        --------
        >>> import symlab as sl
        >>> f = sl.problems["quartic"].objective
        >>> run = sl.minimize(f, [2], "gradient_descent", 3, backend="interpreted")
        >>> [len(ax.lines) for ax in run.plot(f).axes]
        [2, 1]
        """
        # By its name, as pandas finds what draws: plots read traces, and so stand above them.
        draw = resolve_name("symlab.lab.plots.runs:plot_trace")
        figure: Figure = draw(self, objective)
        return figure

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
        return linear_rate(self.k[rows], logs)

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
        return order_of_convergence(*self._log_errors(limit))

    def _log_errors(self, limit: Any) -> tuple[np.ndarray, np.ndarray]:
        """The rows and natural logs of the errors that rounding has not swallowed."""
        names = tuple(Symbol(name) for name in self.variables)
        end = None if limit is None else exact_point(limit, len(names), "limit", names)
        place = None if end is None else float_point(end, len(names), "limit")
        if self.exact:
            return exact_log_errors([row[:-1] for row in self.exact], end)
        return log_errors(self.iterates, place)

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Write the frame as CSV with every digit; return the text when no path is given.

        A CSV file has no place for states, exact rows, status, message, backend, method and
        seconds; `to_json` and `to_npz` keep them. A file is written whole or not at all.

        Raises
        ------
        OSError
            If the file cannot be written; the error names it.
        TypeError, ValueError
            If `path` is no path.
        """
        return write_text(self.frame.to_csv(index=False), path)

    @classmethod
    def from_csv(cls, source: str | Path) -> "Trace":
        """Return the rows written by `to_csv`, from their path or their text.

        The file does not say how the run ended or what ran it: status is `"stopped"`, and message,
        backend and method say that they are not known.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If the text is no frame of a trace; the message names the file.
        """
        place, text = read_text(source, starts=(f"{FIRST},",))
        with about_trace(place):
            return cls(**fields_of(text))

    def to_json(self, path: str | Path | None = None) -> str | None:
        """Write the whole trace as JSON; return the text when no path is given.

        A file is written whole or not at all. Errors are those of `to_csv`.
        """
        text = trace_files.to_text(self._fields)
        return write_text(text if path is None else f"{text}\n", path)

    @classmethod
    def from_json(cls, source: str | Path) -> "Trace":
        """Return the trace written by `to_json`, from its path or its text.

        Raises
        ------
        OSError
            If the file cannot be read.
        TypeError
            If the source is neither text nor a path.
        ValueError
            If the text is not a trace: a field is missing, of another type or length, or too
            large. The message names the file and the field.
        """
        place, text = read_text(source, starts=("{", "["))
        with about_trace(place):
            return cls(**trace_files.from_text(text))

    def to_npz(self, path: str | Path) -> Path:
        """Write the whole trace as a NumPy archive; return its path, which ends in .npz.

        The archive holds the arrays as they are and the rest as JSON; nothing is pickled. Errors
        are those of `to_csv`.
        """
        place = path_of(path, "path")
        place = place if place.suffix == ".npz" else place.with_name(f"{place.name}.npz")
        replace_file(place, pack(trace_files.to_arrays(self._fields)))
        return place

    @classmethod
    def from_npz(cls, path: str | Path) -> "Trace":
        """Return the trace written by `to_npz`.

        Errors are those of `from_json`.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import symlab as sl
        >>> run = sl.minimize(sl.problems["quartic"].objective, [2], backend="sympy", max_steps=3)
        >>> with TemporaryDirectory() as folder:
        ...     again = Trace.from_npz(run.to_npz(Path(folder) / "run.npz"))
        >>> again.exact == run.exact
        True
        """
        place = path_of(path, "path")
        content = read_file(place)
        with about_trace(shown(str(place))):
            return cls(**trace_files.from_arrays(unpack(content)))

    def to_xarray(self) -> "xr.Dataset":
        """Return the trace as an xarray Dataset, with axes `step` and `parameter`.

        Its variables are `iterate`, `value` (or `batch_value`), `gradient_norm`, `step_size`,
        `evaluations`, and `state_m` and the like for what the method remembers; its attributes say
        what ran, how it ended and why.

        Raises
        ------
        ImportError
            If xarray is not installed; `pip install 'symlab[xarray]'` brings it.

        Examples
        --------
        >>> import symlab as sl
        >>> f = sl.problems["ravine"].objective
        >>> run = sl.minimize(f, [-5, -2], "momentum", max_steps=3, backend="interpreted")
        >>> found = run.to_xarray()
        >>> dict(found.sizes), found.attrs["status"]
        ({'step': 4, 'parameter': 2}, 'max_steps')
        >>> float(found["iterate"].sel(parameter="y", step=1))
        -1.6
        """
        return dataset_of(self._fields)

    @property
    def _fields(self) -> dict[str, Any]:
        """Return what a file holds: everything but the objective, and the trials of searches."""
        left_out = ("objective", "tried")
        return {n: getattr(self, n) for n in self.__dataclass_fields__ if n not in left_out}
