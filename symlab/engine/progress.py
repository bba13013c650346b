"""A bar for long runs, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from symlab.engine.recording import Limits


@contextmanager
def shown_progress(limits: Limits, *, wanted: bool, unit: str = "steps") -> Iterator[Limits]:
    """Yield limits that also report how far a run has come, to a bar that is gone when it ends."""
    if not wanted:
        yield limits
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(unit, total=max(limits.max_steps, 1))

        def report(k: int) -> None:
            progress.update(task, completed=k)

        # A first run is silent and does not call back; only the real one moves the bar.
        yield replace(limits, report=report)
