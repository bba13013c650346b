"""`symlab figures`: drawing the book's figures again, or checking them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import exit_if, refuse, refusing, say, show, stopping, table_of
from symlab.cli.lessons import describe_ending, report_failure

if TYPE_CHECKING:
    from symlab.book.figures.check import Check
    from symlab.book.lessons import Outcome


@app.command()
def figures(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All if none.", show_default=False)
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the figures (figures), or with --check for evidence (figures-check).",
            show_default=False,
        ),
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="Some of png,svg,pdf (png).", show_default=False),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the committed figures.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(help="Lessons at a time (one a core).", show_default=False)
    ] = None,
) -> None:
    """Draw the book's figures again, or check them against those committed."""
    if check and file_format is not None:
        refuse("format: --check compares PNG pictures and numbers; leave --format out.")
    if check:
        _check_figures(ids or [], out or Path("figures-check"), jobs)
    else:
        formats = "png" if file_format is None else file_format
        _draw_figures(ids or [], out or Path("figures"), formats, jobs)


def _draw_figures(ids: list[str], directory: Path, formats: str, jobs: int | None) -> None:
    from symlab.book.figures.check import lessons_for, regenerate
    from symlab.book.figures.saving import Output, parse_formats

    with refusing(), stopping():
        output = Output(directory, parse_formats(formats))
        with _progress(len(lessons_for(ids))) as progress:
            outcomes = regenerate(ids, output, progress, jobs=jobs)
    rows = [(id, ", ".join(path.name for path in paths)) for id, paths in output.written.items()]
    show(table_of(("figure", f"written to {directory}"), rows))
    for outcome in outcomes:
        if outcome.error:
            report_failure(outcome)
    exit_if(any(outcome.error for outcome in outcomes))


def _check_figures(ids: list[str], evidence: Path, jobs: int | None) -> None:
    from symlab.book.figures.check import check, lessons_for, summary
    from symlab.book.figures.register import count_of

    with refusing(), stopping(), _progress(len(lessons_for(ids))) as progress:
        checks: tuple[Check, ...] = check(ids, evidence, progress=progress, jobs=jobs)
    show(table_of(("figure", "verdict", "found"), list(summary(checks))))
    passed = sum(each.passed for each in checks)
    say(f"{count_of(each.id for each in checks)}: {passed} of {len(checks)} passed")
    exit_if(not all(each.passed for each in checks))


@contextmanager
def _progress(total: int) -> "Iterator[Callable[[Outcome], None]]":
    """Yield a function that prints a line for each lesson that has ended, above a bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    said: set[str] = set()
    columns = ("lessons", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=total)

        def tell(outcome: "Outcome") -> None:
            for line in outcome.stderr.splitlines():
                if line not in said:  # every process says what this machine lacks; once is enough
                    say(line)
                said.add(line)
            bar.advance(task)
            say(f"[{int(bar.tasks[task].completed)}/{total}] {describe_ending(outcome)}")

        yield tell
