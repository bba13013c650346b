"""How a lesson saves a figure of the book: with its id and the results that it shows.

The picture and its passport appear where the reader (or `symlab figures --out`) wants them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure as Canvas

from symlab.book.figures.figure import DRAWN_BY, Figure
from symlab.book.figures.fingerprint import passport, to_json
from symlab.book.figures.register import find_figure
from symlab.book.figures.writing import write_changed
from symlab.checks import check_type, choice, several, shown, whole
from symlab.lab.plots.style import METADATA, check_format, pixel_digest, render_alike


@dataclass(frozen=True)
class Output:
    """Where figures go: folder, formats, the ids wanted (all if None), and what was written."""

    directory: Path = Path("figures")
    formats: tuple[str, ...] = ("png",)
    only: frozenset[str] | None = None
    written: dict[str, tuple[Path, ...]] = field(default_factory=dict)


_OUTPUT: ContextVar[Output | None] = ContextVar("symlab figure output", default=None)


@contextmanager
def saving(output: Output) -> Iterator[Output]:
    """Send every figure saved inside the block to `output`."""
    token = _OUTPUT.set(output)
    try:
        yield output
    finally:
        _OUTPUT.reset(token)


def save_figure(
    id: str,
    figure: Canvas,
    *results: object,
    numbers: Mapping[str, object] | None = None,
    seed: int | None = None,
    backend: str | Sequence[str] | None = None,
    **named_results: object,
) -> tuple[Path, ...]:
    """Write a figure of the book and its passport, `ID.png` and `ID.json`.

    They go to `figures/` in the current folder, or to the folder and in the formats that
    `symlab figures` was asked for. Files are replaced whole: a run that is killed leaves none
    half-written. A picture and passport that stand there and differ in nothing that counts are
    kept. A picture beside another drawing's passport is told by the fingerprint of its pixels,
    which the passport holds beside the figure's row in the registry.

    Parameters
    ----------
    id : str
        The figure's id in the registry.
    figure : matplotlib.figure.Figure
    *results, **named_results
        The results that the figure shows, such as a trace, in the order or by the names that its
        registration gives. From them come the numbers that the passport keeps and that
        `symlab figures --check` compares.
    numbers : mapping of str to number or (number, tolerance), optional
        These numbers in place of those that the results would give. The tolerance is absolute.
    seed : int, optional
        The seed, where random numbers are drawn; the registered one if not given.
    backend : str or sequence of str, optional
        What computed the numbers drawn: a backend, or "numpy", "pandas", "scikit-learn". If not
        given, what the traces among the results say and the registration adds, else "numpy".

    Returns
    -------
    tuple of pathlib.Path
        What was written; nothing when other figures were asked for.

    Raises
    ------
    ValueError
        If the id is not in the registry, or the backend unknown; the message gives the nearest.
    TypeError
        If `figure` is not a Matplotlib figure, the results are not those that the figure shows, or
        a named number is not a number.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from symlab.book.figures.saving import Output, saving
    >>> with TemporaryDirectory() as folder, saving(Output(Path(folder))):
    ...     paths = save_figure("image_processing_007", Figure(), np.eye(3))
    ...     print(*(path.name for path in paths))
    image_processing_007.png image_processing_007.json
    """
    row = find_figure(id)
    if not isinstance(figure, Canvas):
        raise TypeError(f"figure: expected a matplotlib Figure, got {shown(figure)}.")
    shows = (*results, *named_results.values())
    ran_on = _backend(row, shows) if backend is None else _check_backends(backend)
    if shows and numbers is None:
        numbers = row.numbers(*results, **named_results)
    numbers = {} if numbers is None else numbers
    check_type(numbers, Mapping, "numbers", "a mapping of names to numbers")
    drawn_with = row.seed if seed is None else whole(seed, "seed", 0)
    output = _OUTPUT.get() or Output()
    if output.only is not None and id not in output.only:
        return ()
    document = passport(figure, numbers, seed=drawn_with, backend=ran_on, facts=row.facts)
    pictures = render_alike(figure, output.formats)
    document["pixels"] = pixel_digest(pictures["png"])
    contents = {f"{id}.{each}": pictures[each] for each in output.formats}
    contents[f"{id}.json"] = to_json(document).encode("utf-8")
    output.written[id] = write_changed(output.directory, id, contents)
    return output.written[id]


def _backend(row: Figure, results: Iterable[object]) -> str:
    """What the traces among the results ran on, and what the registration adds."""
    traced = [getattr(each, "backend", "") for each in results]
    names = [name for name in (*traced, row.backend) if name]
    return ", ".join(dict.fromkeys(names)) or "numpy"


def _check_backends(given: str | Sequence[str]) -> str:
    names = [given] if isinstance(given, str) else several(given, "backend", "names")
    for name in names:
        choice(name, DRAWN_BY, "backend")
    return ", ".join(names)


def parse_formats(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return the formats in a comma-separated text or a sequence.

    Raises
    ------
    ValueError
        If one is unknown, or there is none.

    Examples
    --------
    >>> parse_formats("png, svg")
    ('png', 'svg')
    """
    parts = names.split(",") if isinstance(names, str) else names
    formats = tuple(dict.fromkeys(check_format(part.strip()) for part in parts if part.strip()))
    if not formats:
        raise ValueError(f"format: expected some of {', '.join(METADATA)}, got {shown(names)}.")
    return formats
