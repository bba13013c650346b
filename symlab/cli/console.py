"""What all commands share: lines on stderr, tables, refusing, stopping, exit codes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.table import Table


MOST_CHARACTERS = 199
"""The longest line that says what is wrong, in characters."""


def complain(message: object) -> None:
    """Print what is wrong as one line on stderr, words in its middle left out where it is long."""
    say(shorten(f"symlab: {message}", MOST_CHARACTERS))


def shorten(text: str, most: int) -> str:
    """Return text as one line of at most so many characters, without words of its latter middle.

    A message begins with what came and what may have been meant, and ends with what to do.

    Examples
    --------
    >>> shorten("backend: unknown name 'C'; did you mean 'c'? Known: sympy, c, numba, jax.", 71)
    "backend: unknown name 'C'; did you mean 'c'? ... sympy, c, numba, jax."
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    start = line[: most * 2 // 3]
    start = start.rpartition(" ")[0] or start
    end = line[len(start) + len(" ... ") - most :]
    end = end.partition(" ")[2] or end  # a single long word has no end to keep whole
    return f"{start} ... {end}"


def refuse(message: object) -> NoReturn:
    """Print one line on stderr and exit with 2, bad usage."""
    complain(message)
    raise typer.Exit(2)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn errors about what the user gave into one line and exit code 2."""
    try:
        yield
    except (ValueError, TypeError) as error:
        refuse(error)
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise  # it is the output that cannot be written, which concerns every command
        if error.filename is None:  # then the error is a sentence of ours
            refuse(error)
        refuse(f"cannot write to {error.filename}: {(error.strerror or str(error)).lower()}.")


@contextmanager
def stopping() -> Iterator[None]:
    """Turn Ctrl-C into one word and exit code 130, as a shell expects."""
    from symlab.interrupts import pass_interrupts_on

    try:
        with pass_interrupts_on():
            yield
    except KeyboardInterrupt:
        say("stopped")
        raise typer.Exit(130) from None


def exit_if(failed: bool) -> None:  # noqa: FBT001
    """Exit with 1 if a check failed."""
    if failed:
        raise typer.Exit(1)


def say(text: str) -> None:
    """Print a line on stderr, where progress and errors go."""
    typer.echo(text, err=True)


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """Show progress on a terminal's stderr; yield a function that sets the part shown."""
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(f"{text} ...")) as status:

        def report(part: str) -> None:
            status.update(Text(f"{text}: {part[:1].lower()}{part[1:]} ..."))

        yield report


def table_of(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> "Table":
    """Return a table whose cells fold where the screen is narrow."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=box.SIMPLE_HEAD, show_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


def show(table: "Table") -> None:
    """Print a table on stdout."""
    from rich.console import Console

    Console().print(table)


def unwrapped(table: "Table") -> str:
    """Return a table of numbers as text, without breaking a cell, however narrow the screen."""
    from rich.console import Console

    for column in table.columns:
        column.no_wrap = True
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table, crop=False)
    return capture.get()
