"""A typed formula and a method: analysed and, if a start is given, run."""

from dataclasses import dataclass
from pathlib import Path

from sympy import Expr

from symlab.algebra.formula.parse import parse
from symlab.algebra.objective import Objective
from symlab.engine.minimize import minimize
from symlab.engine.trace import Trace
from symlab.methods.directions import Direction
from symlab.methods.method import RUNNABLE, Method, Runnable, as_method, as_runnable, method
from symlab.methods.rule import Rule
from symlab.methods.searches import Search
from symlab.theory.analysis import Analysis
from symlab.theory.analyze import analyze
from symlab.theory.effort import SECONDS, Report

SHOWN_ROWS = 12


@dataclass(frozen=True, eq=False)
class TypedAnalysis:
    """What theory says of a formula and a method, and what a run of it did."""

    analysis: Analysis
    trace: Trace | None

    @property
    def text(self) -> str:
        """Analysis, then the run: its rows, its message, and the rate it showed."""
        if self.trace is None:
            return repr(self.analysis)
        rows = self.trace.frame.to_string(index=False, max_rows=SHOWN_ROWS)
        return f"{self.analysis!r}\n\n{rows}\n{self.trace.message}{self._rates}"

    @property
    def _rates(self) -> str:
        if self.trace and self.analysis.order is not None and self.analysis.order > 1:
            order = self.trace.order()
            measured_order = "" if order != order else f", measured {order:.3g}"
            return (
                f"\nOrder: predicted {self.analysis.order}{measured_order}; "
                "errors fall by no constant rate."
            )
        measured = self.trace.rate() if self.trace else float("nan")
        if measured != measured or self.analysis.rate is None:
            return ""
        return (
            f"\nRate per step: predicted {float(self.analysis.rate):.6g}, measured {measured:.6g}."
        )

    def save_plot(self, path: Path) -> None:
        """Draw the run: its path where that can be drawn, and its convergence; or a film of it.

        Raises
        ------
        OSError
            If the file cannot be written.
        ValueError
            If there is no run, or the file's ending names no format of a picture or a film.
        """
        from symlab.lab.plots import animate, overview, save_picture
        from symlab.lab.plots.animation import ENDINGS

        if self.trace is None:
            raise ValueError("plot: there is a run to draw only with a start.")
        if path.suffix.lower() in ENDINGS:
            animate(self.analysis.objective, self.trace).save_as(path)
        else:
            save_picture(overview(self.analysis.objective, self.trace), path)

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        trace = self.trace
        run = (
            None
            if trace is None
            else {
                "backend": trace.backend,
                "steps": len(trace) - 1,
                "status": trace.status,
                "message": trace.message,
                "x": trace.x.tolist(),
                "value": trace.value,
                "iterates": trace.iterates.tolist(),
                "values": trace.values.tolist(),
                "seconds": trace.seconds,
                "compile_seconds": trace.compile_seconds,
            }
        )
        return {"analysis": self.analysis.to_dict(), "run": run}


def analyze_text(
    text: str,
    method: str,
    step_size: str | None = None,
    start: str | None = None,
    *,
    backend: str = "interpreted",
    max_steps: int = 100,
    seconds: float = SECONDS,
    report: Report | None = None,
) -> TypedAnalysis:
    """Return what can be said of a typed formula; every part of it is parsed, never evaluated.

    Parameters
    ----------
    text : str
        The formula; its free names are the variables, v2 before v10.
    method : str
        A name that `minimize` knows.
    step_size : str, optional
        A number, such as `0.1` or `8/81`.
    start : str, optional
        Numbers separated by commas; with it the method is also run.
    backend, max_steps
        As for `minimize`.
    seconds, report
        As for `analyze`.

    Raises
    ------
    ValueError
        If a part cannot be read, or `minimize` refuses it.
    """
    objective = Objective(parse(text))
    chosen = method_of(method, step_size)
    point = None if start is None else [parse_number(part, "start") for part in start.split(",")]
    analysis = analyze(objective, chosen, start=point, seconds=seconds, report=report)
    if point is None:
        return TypedAnalysis(analysis, None)
    trace = minimize(objective, point, chosen, max_steps, backend=backend)
    return TypedAnalysis(analysis, trace)


def parse_number(text: str, name: str) -> Expr:
    """Return a typed number as the exact number it is; `name` is the argument, for an error."""
    value = parse(text)
    if value.free_symbols:
        raise ValueError(f"{name}: expected numbers, got {text.strip()!r}.")
    return value


def method_of(name: str, step_size: str | None) -> Runnable:
    """Return the method of this name, with another step size if one is given.

    Examples
    --------
    >>> method_of("momentum", "1/10"), method_of("newton", "0.5").search
    (momentum(step_size=1/10, momentum=0.9), fixed(step_size=1/2))
    """
    plain = as_runnable(name)
    if step_size is None:
        return plain
    size, named = parse_number(step_size, "step_size"), RUNNABLE[name]
    if isinstance(named, Direction):
        usual = method(named).search
        return Method(named, usual(step_size=size))
    if isinstance(named, (Rule, Search)):
        return as_method(named(step_size=size))
    raise TypeError(f"method: {name!r} takes no step size.")
