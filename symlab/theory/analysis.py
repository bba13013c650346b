"""What `analyze` returns: an objective and a method, analysed; as text, and as data for JSON."""

from dataclasses import dataclass, field
from math import isfinite

from sympy import Expr, S

from symlab.algebra.numbers import (
    DIGITS,
    as_decimal,
    join_texts,
    spell_number,
    spell_number_and_decimal,
)
from symlab.algebra.objective import Objective
from symlab.algebra.printing import spell
from symlab.markup import paragraph, table
from symlab.methods.method import Runnable
from symlab.theory.cycles import Cycle
from symlab.theory.kinks import Kink
from symlab.theory.prediction import Prediction
from symlab.theory.stationary_point import StationaryPoint


@dataclass(frozen=True, repr=False)
class Analysis:
    """An objective and a method, analysed. Numbers are exact SymPy wherever they can be.

    Parameters
    ----------
    objective : Objective
    method : Runnable
    points : tuple of StationaryPoint
    complete : bool
        Whether those are known to be all the stationary points.
    kinks : tuple of Kink
        Minima and maxima without a gradient, as far as they were found.
    searched : str
        Where a numerical search looked; empty where algebra looked everywhere.
    minimum : StationaryPoint or None
        The minimum the next five fields are about: the one nearest to `start`, else the lowest.
    step_size, step_limit, best_step : sympy.Expr or None
        The method's own step size, the one below which the minimum attracts, and the fastest.
    multiplier, rate : sympy.Expr or None
        The dominant eigenvalue of the linearised step, and its modulus.
    order : int or None
        The predicted order of convergence.
    cycles : tuple of Cycle
        The 2-cycles in one variable of a rule without state: all by algebra for a polynomial, else
        those that a scan finds around a minimum that does not attract.
    predictions : tuple of Prediction
        The same for every stationary point of which the linear part says something.
    verdict : str
    notes : tuple of str
    """

    objective: Objective
    method: Runnable
    points: tuple[StationaryPoint, ...]
    complete: bool
    minimum: StationaryPoint | None = None
    step_size: Expr | None = None
    step_limit: Expr | None = None
    best_step: Expr | None = None
    multiplier: Expr | None = None
    rate: Expr | None = None
    order: int | None = None
    cycles: tuple[Cycle, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    verdict: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)
    kinks: tuple[Kink, ...] = ()
    searched: str = ""

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        """The stationary points that are minima."""
        return tuple(point for point in self.points if point.kind == "minimum")

    def __repr__(self) -> str:
        lines = [f"{_formula(self.objective)}  under  {self.method!r}", self._extent()]
        lines += [f"  {_describe(point)}" for point in self.points]
        lines += [f"  {kink.description}" for kink in self.kinks]
        if self.rate is not None:
            lines += [
                f"at {self.minimum}:",
                *(f"  {name:<11}{text}" for name, text in self.numbers()),
            ]
        lines += [f"2-cycle: {_describe_cycle(cycle)}" for cycle in self.cycles]
        return "\n".join([*lines, self.verdict, *(f"Note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        parts = [paragraph(f"{_formula(self.objective)} under {self.method!r}")]
        parts += [paragraph(self._extent())]
        if self.points:
            parts += [table(("at", "kind", "f", "curvature"), map(_cells, self.points))]
        parts += [paragraph(kink.description) for kink in self.kinks]
        if self.rate is not None:
            parts += [table((f"at {self.minimum}", ""), self.numbers())]
        parts += [paragraph(f"2-cycle: {_describe_cycle(cycle)}") for cycle in self.cycles]
        return "\n".join([*parts, *map(paragraph, (self.verdict, *self.notes))])

    def _extent(self) -> str:
        """Return the line above the points: whether they are all, and where they were sought."""
        where = f" in {self.searched}" if self.searched else ""
        if self.complete:
            return f"stationary points{'' if self.points else ': none'} (all of them{where})" + (
                ":" if self.points or self.kinks else ""
            )
        if self.points:
            return f"stationary points (those found{where}; not proved to be all):"
        return f"no stationary point found{where}; not proved" + (":" if self.kinks else "")

    def numbers(self) -> list[tuple[str, str]]:
        """Return what was derived at the minimum: names, and numbers in words."""
        named = {
            "step size": self.step_size,
            "step limit": self.step_limit,
            "best step": self.best_step,
            "multiplier": self.multiplier,
            "rate": self.rate,
        }
        return [
            (name, spell_number_and_decimal(number))
            for name, number in named.items()
            if number is not None
        ]

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON: each number as its exact text and its value as float."""
        return {
            "objective": _formula(self.objective),
            "variables": [variable.name for variable in self.objective.variables],
            "method": repr(self.method),
            "points": [_point_data(point) for point in self.points],
            "complete": self.complete,
            "searched": self.searched,
            "kinks": [_kink_data(kink) for kink in self.kinks],
            "minimum": None if self.minimum is None else self.points.index(self.minimum),
            "step_size": _number_data(self.step_size),
            "step_limit": _number_data(self.step_limit),
            "best_step": _number_data(self.best_step),
            "multiplier": _number_data(self.multiplier),
            "rate": _number_data(self.rate),
            "order": self.order,
            "cycles": [_cycle_data(cycle) for cycle in self.cycles],
            "verdict": self.verdict,
            "notes": list(self.notes),
        }


def _formula(objective: Objective) -> str:
    """Return the formula; for a risk on data the loss, for the sum may be too long to write out."""
    return objective.dispatch(formula=lambda f: spell(f.expression), data=repr)


def _cells(point: StationaryPoint) -> tuple[str, str, str, str]:
    """Return a point, its kind, the value there, and its curvatures, as text."""
    curved = join_texts([as_decimal(e).replace("oo", "infinite") for e in point.eigenvalues])
    return str(point), point.kind, spell_number(point.value), curved or "unknown"


def _describe(point: StationaryPoint) -> str:
    extras = ("" if point.exact else ", numerical") + (
        ", one of a continuum" if point.freedom else ""
    )
    place, kind, value, bent = _cells(point)
    return f"{place}: {kind}, f = {value}, curvature {bent}{extras}".replace("= ≈", "≈")


def _describe_cycle(cycle: Cycle) -> str:
    nature = "attracts" if cycle.attracting else "repels"
    return f"{cycle} {nature} (multiplier {as_decimal(cycle.multiplier)})"


def _number_data(number: Expr | None) -> dict[str, object] | None:
    if number is None:
        return None
    real, imaginary = map(float, number.evalf(DIGITS).as_real_imag())
    value = [real, imaginary] if imaginary else real
    return {"exact": str(number), "value": value if isfinite(real) else None}


def _point_data(point: StationaryPoint) -> dict[str, object]:
    return {
        "point": [_number_data(None if c.free_symbols else c) for c in point.point],
        "value": _number_data(point.value),
        "kind": point.kind,
        "eigenvalues": [_number_data(eigenvalue) for eigenvalue in point.eigenvalues],
        "exact": point.exact,
        "freedom": point.freedom,
    }


def _kink_data(kink: Kink) -> dict[str, object]:
    return {
        "point": [_number_data(c) for c in kink.point],
        "value": _number_data(kink.value),
        "kind": kink.kind,
        "slopes": None
        if kink.slopes is None
        else [None if slope is S.NaN else _number_data(slope) for slope in kink.slopes],
        "exact": kink.exact,
        "edge": kink.edge,
    }


def _cycle_data(cycle: Cycle) -> dict[str, object]:
    return {
        "points": [_number_data(point) for point in cycle.points],
        "multiplier": _number_data(cycle.multiplier),
        "attracting": cycle.attracting,
    }
