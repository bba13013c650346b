"""The command itself, before it has any subcommand."""

from typing import Annotated

import typer

from symlab.cli.group import Commands

app = typer.Typer(
    cls=Commands,
    help="Write a formula once: derive it, run it exactly, compile it, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it so)
    if wanted:
        from symlab import __version__

        typer.echo(f"symlab {__version__}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Write a formula once: derive it, run it exactly, compile it, compare."""
