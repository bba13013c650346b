"""A progress bar for long runs, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(total: int, unit: str, *, wanted: bool) -> Iterator[Callable[[int], None] | None]:
    """Yield a function that moves a bar to what is done by now; None where no bar is wanted.

    Parameters
    ----------
    total : int
        What there is to do.
    unit : str
        What is counted, in the plural.
    wanted : bool
    """
    if not wanted:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(unit, total=max(total, 1))

        def report(done: int) -> None:
            progress.update(task, completed=done)

        yield report
