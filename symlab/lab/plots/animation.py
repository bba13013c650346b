"""Runs as a film: their iterates appear step by step over the objective."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from symlab.algebra.objective import Objective
from symlab.checks import lookup, whole
from symlab.engine.trace import Trace
from symlab.files import path_of, replace_file
from symlab.lab.plots.axes import open_axes
from symlab.lab.plots.paths import lay_runs, runs_on

MOST_FRAMES = 200
"""Frames of a film at most; of a longer run each frame shows several steps."""

ENDINGS = (".gif", ".mp4", ".html")


class Film(FuncAnimation):
    """An animation of Matplotlib's that shows itself in a notebook and saves itself by name."""

    def __del__(self) -> None:
        """Matplotlib warns here of what no window has shown; a film is not for windows."""

    def _repr_html_(self) -> str:
        return str(self.to_jshtml())

    def save_as(self, place: str | Path, *, frames_per_second: int = 10) -> Path:
        """Write the film as .gif (by Pillow), .mp4 (by ffmpeg) or .html; return the path.

        The file is written whole or not at all.

        Parameters
        ----------
        place : path
            Its ending is the format.
        frames_per_second : int
            At least 1.

        Raises
        ------
        OSError
            If the file cannot be written, or .mp4 is asked for where there is no ffmpeg.
        ValueError
            If the ending is another.
        """
        file = path_of(place, "place")
        rate = whole(frames_per_second, "frames_per_second", 1)
        write = lookup(file.suffix.lower(), _WRITERS, "place: ending")
        replace_file(file, write(self, rate))
        return file


def _write_page(film: Film, rate: int) -> bytes:
    return str(film.to_jshtml(fps=rate)).encode()


def _write_gif(film: Film, rate: int) -> bytes:
    return _write_through(film, PillowWriter(fps=rate), "film.gif")


def _write_mp4(film: Film, rate: int) -> bytes:
    if not FFMpegWriter.isAvailable():
        raise OSError("an .mp4 needs the program ffmpeg, which is not here; save a .gif instead.")
    return _write_through(film, FFMpegWriter(fps=rate), "film.mp4")


def _write_through(film: Film, writer: Any, name: str) -> bytes:
    with TemporaryDirectory() as folder:
        film.save(str(Path(folder) / name), writer=writer)
        return (Path(folder) / name).read_bytes()


_WRITERS: dict[str, Callable[[Film, int], bytes]] = dict(
    zip(ENDINGS, (_write_gif, _write_mp4, _write_page), strict=True)
)


def animate(
    objective: Objective,
    traces: Trace | Sequence[Trace],
    *,
    box: Sequence[tuple[float, float]] | None = None,
    milliseconds: int = 100,
    **line: Any,
) -> Film:
    """Return runs as a film, the k-th step of each in the same frame.

    A run that is shorter stays at its end. Of runs of more than 200 steps each frame shows
    several. In a notebook the film shows itself; `save_as` writes it to a file.

    Parameters
    ----------
    objective : Objective
        In one or two variables.
    traces : Trace or sequence of Trace
    box : sequence of (low, high), optional
        The range shown of each variable, as for `path`.
    milliseconds : int
        Between frames, in a notebook; at least 1.
    **line
        For `Axes.plot`, such as `color` and `label`.

    Raises
    ------
    ValueError
        As for `path`.

    Examples
    --------
    >>> import symlab as sl
    >>> f = sl.problems["quartic"].objective
    >>> run = sl.minimize(f, [0.1], sl.gradient_descent(step_size=0.05), 8, backend="interpreted")
    >>> film = animate(f, run)
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     film.save_as(Path(folder) / "run.gif").stat().st_size > 1000
    True
    """
    wait = whole(milliseconds, "milliseconds", 1)
    runs = runs_on(objective, traces)
    figure = Figure(figsize=(6, 4), layout="constrained")
    ax = open_axes(figure.add_subplot())
    laid = [(run, run.line.get_xydata()) for run in lay_runs(ax, objective, runs, box, line)]
    title = ax.set_title("$k = 0$", fontsize="medium")

    def show(k: int) -> list[Artist]:
        for run, points in laid:
            run.line.set_data(*np.transpose(points)[:, run.k <= k])
        title.set_text(f"$k = {k}$")
        return [title, *(run.line for run, _ in laid)]

    steps = max(trace.steps for trace in runs)
    every = -(-steps // MOST_FRAMES) or 1
    frames = [*range(0, steps, every), steps]
    return Film(figure, show, frames=frames, init_func=lambda: show(0), interval=wait)
