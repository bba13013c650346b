"""A figure's passport: everything drawn, as numbers and words, so that figures can be compared.

A picture cannot say which number in it is wrong; its passport can. Arrays are read from the
Matplotlib figure itself, whatever drew it, and named by where they are: `axes 0, line 3`.
"""

import json
import math
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sympy import Expr

from symlab.algebra.exactly import as_float
from symlab.checks import shown

FULL = 20_000
"""The largest size of an array that is kept whole; a larger one is kept as a digest."""

BLOCKS = 1_000
"""How many stretches a digest divides an array into; it keeps two sums of each."""

PACKAGES = ("sympy", "mpmath", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib")
COMPILERS = ("pytensor", "numba")
"""Packages that a number may depend on; every passport has them all, which is simplest."""

RELATIVE = 1e-9
"""Tolerance of an array's entries against the largest of them, of points the largest coordinate.

Compiled runs differ in their last bits between machines (1e-16), and a run that amplifies them, as
the chapter's does by 1.025 a step, may reach 1e-12 in a few hundred steps. Nothing visible is 1e-9.
"""

ABSOLUTE = 1e-12
"""The same for arrays of zeros, where a tick may stand at 4e-16."""


@dataclass(frozen=True)
class Difference:
    """One number or word of a figure that is not what its committed passport says."""

    what: str
    committed: object
    drawn: object
    tolerance: float | None = None

    def __str__(self) -> str:
        allowed = "" if self.tolerance is None else f" (tolerance {self.tolerance:.3g})"
        return f"{self.what}: committed {self.committed}, drawn {self.drawn}{allowed}"


def passport(
    figure: Figure,
    numbers: Mapping[str, object] | None = None,
    *,
    seed: int | None = None,
    backend: str = "",
    facts: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return what a figure shows, as a dictionary that JSON can hold.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    numbers : mapping of str to number or (number, tolerance)
        Named results the figure stands for; an exact number is written out beside its float. The
        tolerance is absolute, `RELATIVE` of the number if not given.
    seed : int, optional
        The seed of whatever random numbers were used.
    backend : str
        What computed the numbers drawn.
    facts : mapping, optional
        The figure's row in the registry, and whatever else is known of it.

    Raises
    ------
    TypeError
        If a named number is not a number.
    """
    arrays: dict[str, object] = {}
    words: dict[str, object] = {}
    for name, value in _contents(figure):
        (words if isinstance(value, str) else arrays)[name] = value
    return {
        "figure": dict(facts or {}),
        "size": [float(inches) for inches in figure.get_size_inches()],
        "numbers": {name: _number(name, given) for name, given in (numbers or {}).items()},
        "arrays": {name: _array(np.asarray(values)) for name, values in arrays.items()},
        "words": words,
        "seed": seed,
        "backend": backend,
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("symlab", *PACKAGES, *COMPILERS)}
    return {**packages, "python": platform.python_version()}


def to_json(document: Mapping[str, Any]) -> str:
    """Return a passport as JSON: one line an entry, floats with all their digits."""
    lines = []
    for name, part in document.items():
        if isinstance(part, dict) and part:
            entries = ",\n".join(f"  {json.dumps(k)}: {_json(v)}" for k, v in part.items())
            lines.append(f" {json.dumps(name)}: {{\n{entries}\n }}")
        else:
            lines.append(f" {json.dumps(name)}: {_json(part)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def differences(committed: Mapping[str, Any], drawn: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield where what is drawn is not what was committed: named numbers first, then the rest."""
    yield from _number_differences(committed["numbers"], drawn["numbers"])
    yield from _array_differences(committed["arrays"], drawn["arrays"])
    parts = {"size": (committed["size"], drawn["size"]), "seed": (committed["seed"], drawn["seed"])}
    facts = _pairs(committed["figure"], drawn["figure"])
    words = _pairs(committed["words"], drawn["words"])
    for name, (before, now) in {**parts, **facts, **words}.items():
        if before != now:
            yield Difference(name, before, now)


def _number_differences(
    committed: Mapping[str, Any], drawn: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, (before, now) in _pairs(committed, drawn).items():
        if before is None or now is None:
            yield Difference(name, before, now)
        elif not abs(before["value"] - now["value"]) <= before["tolerance"]:
            yield Difference(name, before["value"], now["value"], before["tolerance"])


def _array_differences(
    committed: Mapping[str, Any], drawn: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, (before, now) in _pairs(committed, drawn).items():
        if before is None or now is None:
            yield Difference(name, _shape(before), _shape(now))
        elif _shape(before) != _shape(now):
            yield Difference(f"{name}, shape", _shape(before), _shape(now))
        else:
            yield from _entries(name, before, now)


def _entries(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield the entry of an array, or the stretch of a long one, that differs most, if one does."""
    for part in sorted(before.keys() - {"shape", "greatest"}):
        old, new = _floats(before[part]), _floats(now[part])
        allowed = np.broadcast_to(_tolerance(part, old, before), old.shape)
        with np.errstate(invalid="ignore"):
            gap = np.where((old == new) | (np.isnan(old) & np.isnan(new)), 0.0, np.abs(old - new))
        excess = np.where(np.isnan(gap), np.inf, gap) - allowed
        if excess.max(initial=0.0) > 0:
            worst = int(excess.argmax())
            label = f"{name}, {_place(part, worst, before['shape'])}"
            yield Difference(label, float(old[worst]), float(new[worst]), float(allowed[worst]))
            return


def _tolerance(part: str, values: np.ndarray, array: Mapping[str, Any]) -> Any:
    """Return what each number may be off by; x and y coordinates have scales of their own."""
    if part == "finite":
        return 0.0  # a count is right or wrong
    if part != "values":  # a stretch's sum moves by as much as the entry that moves
        return RELATIVE * array["greatest"] + ABSOLUTE
    columns = values.reshape(-1, 2 if array["shape"][-1:] == [2] else 1)
    sizes = np.abs(np.where(np.isfinite(columns), columns, 0.0)).max(axis=0, initial=0.0)
    return np.resize(RELATIVE * sizes + ABSOLUTE, values.size)


def _place(part: str, number: int, shape: list[int]) -> str:
    if part == "values":
        return f"entry {number}"
    bounds = [*_starts(math.prod(shape)), math.prod(shape)]
    return f"entries {bounds[number]} to {bounds[number + 1] - 1}, {part}"


def _pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (first.get(name), second.get(name)) for name in [*first, *(second.keys() - first)]
    }


def _shape(array: Mapping[str, Any] | None) -> object:
    return None if array is None else array["shape"]


def _number(name: str, given: object) -> dict[str, Any]:
    value, tolerance = given if isinstance(given, tuple) else (given, None)
    # A result may be NaN or infinite, and is kept so.
    is_special = isinstance(value, float) and not math.isfinite(value)
    size = float(value) if is_special else as_float(value, f"numbers: {shown(name)}")
    allowed = RELATIVE * abs(size) + ABSOLUTE if tolerance is None else float(tolerance)
    exact = {"exact": str(value)} if isinstance(value, Expr) and value.is_Rational else {}
    return {"value": size, "tolerance": allowed, **exact}


def _array(values: np.ndarray) -> dict[str, Any]:
    flat = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    shape = {"shape": list(values.shape)}
    if flat.size <= FULL:
        return {**shape, "values": [_plain(value) for value in flat.tolist()]}
    return {**shape, **_digest(flat)}


def _digest(flat: np.ndarray) -> dict[str, Any]:
    """Return of each stretch how many entries are finite, their sum, and a weighted sum."""
    is_finite = np.isfinite(flat)
    known, starts = np.where(is_finite, flat, 0.0), _starts(flat.size)
    places = np.arange(flat.size) - np.repeat(starts, np.diff([*starts, flat.size]))
    weights = places * BLOCKS / flat.size  # from 0 to 1: two entries that change places show
    return {
        "greatest": float(np.abs(known).max()),
        "finite": np.add.reduceat(is_finite, starts, dtype=int).tolist(),
        "sum": np.add.reduceat(known, starts).tolist(),
        "weighted sum": np.add.reduceat(known * weights, starts).tolist(),
    }


def _starts(size: int) -> np.ndarray:
    """Return the first index of each stretch of a long array."""
    return np.linspace(0, size, BLOCKS, endpoint=False).astype(int)


def _plain(value: float) -> float | str | None:
    if np.isnan(value):
        return None
    return value if np.isfinite(value) else str(value)


def _floats(values: list[Any]) -> np.ndarray:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _contents(figure: Figure) -> Iterator[tuple[str, object]]:
    """Yield names and values of everything in a figure: arrays of numbers, and words."""
    for number, text in enumerate(figure.texts):
        yield f"figure, text {number}", text.get_text()
    for number, ax in enumerate(figure.axes):
        for name, value in (*_frame(ax), *_artists(ax)):
            yield f"axes {number}, {name}", value


def _frame(ax: Axes) -> Iterator[tuple[str, object]]:
    for axis, label, limits in (
        (ax.xaxis, ax.get_xlabel(), ax.get_xlim()),
        (ax.yaxis, ax.get_ylabel(), ax.get_ylim()),
    ):
        ticks = np.asarray(axis.get_ticklocs(), dtype=float)
        visible = ticks[(ticks >= min(limits)) & (ticks <= max(limits))]
        yield f"{axis.axis_name} label", label
        yield f"{axis.axis_name} label size", f"{axis.label.get_fontsize():g}"
        yield f"{axis.axis_name} scale", axis.get_scale()
        yield f"{axis.axis_name} limits", np.asarray(limits, dtype=float)
        yield f"{axis.axis_name} ticks", visible
    yield "title", ax.get_title()
    yield "spines", " ".join(side for side, spine in ax.spines.items() if spine.get_visible())
    legend = ax.get_legend()
    yield "legend", " | ".join(text.get_text() for text in legend.get_texts()) if legend else ""


def _artists(ax: Axes) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(ax.lines):
        yield f"line {number}", np.asarray(line.get_xydata(), dtype=float)
        yield f"line {number}, style", _line_style(line)
    for number, collection in enumerate(ax.collections):
        for what, array in _collection(collection):
            yield f"{type(collection).__name__} {number}, {what}", array
    for number, image in enumerate(ax.images):
        yield f"image {number}", np.ma.asarray(image.get_array())
    for number, patch in enumerate(ax.patches):
        yield f"patch {number}", patch.get_patch_transform().transform(patch.get_path().vertices)
        yield f"patch {number}, style", _colour(patch, patch.get_facecolor())
    for number, text in enumerate(ax.texts):
        yield f"text {number}", text.get_text()
        yield f"text {number}, position", np.asarray(text.get_position(), dtype=float)


def _collection(collection: Collection) -> Iterator[tuple[str, object]]:
    offsets = np.ma.asarray(collection.get_offsets(), dtype=float)
    ax = collection.axes
    if ax is not None and collection.get_offset_transform().contains_branch(ax.transData):
        yield "offsets", offsets
    else:
        outlines = [path.vertices for path in collection.get_paths()]
        yield "vertices", np.concatenate(outlines) if outlines else np.empty((0, 2))
    if collection.get_array() is not None:
        yield "array", np.ma.asarray(collection.get_array())
    colours = (
        collection.get_facecolor()
        if len(collection.get_facecolor())
        else collection.get_edgecolor()
    )
    if len(colours) == 1:
        yield "style", _colour(collection, colours[0])


def _line_style(line: Line2D) -> str:
    marker = f", marker {line.get_marker()} {line.get_markersize():g}"
    stroke = f"{line.get_linestyle()} {line.get_linewidth():g}"
    return f"{_colour(line, line.get_color())}, {stroke}{marker}"


def _colour(artist: Artist, colour: Any) -> str:
    alpha = artist.get_alpha()
    return to_hex(colour) + ("" if alpha is None else f", alpha {alpha:g}")
