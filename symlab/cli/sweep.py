"""`symlab sweep`: a method over a grid, as a table, a picture, or a folder of outcomes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refuse, refusing, say, stopping
from symlab.cli.group import FormulaCommand
from symlab.cli.trials import MAY_BEGIN_WITH_A_MINUS, echo_reading


@contextmanager
def without_packages() -> Iterator[None]:
    """Turn a missing package into one line and exit code 2; the line says what to install."""
    try:
        yield
    except ImportError as error:
        refuse(error)


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def sweep(
    formula: Annotated[str, typer.Argument(metavar="EXPR", help='Such as "2 - 3*x**3 + x**4".')],
    *,
    method: Annotated[str, typer.Option(help="A rule, direction or search.")] = "gradient_descent",
    grid: Annotated[
        list[str],
        typer.Option(
            help="NAME=FIRST:LAST:COUNT or NAME=A,B,C; once for each quantity.",
            show_default=False,
        ),
    ],
    start: Annotated[
        str | None, typer.Option(help="Of all runs, such as -1.2,1.", show_default=False)
    ] = None,
    max_steps: Annotated[int, typer.Option(help="The most steps of each run.")] = 100,
    jobs: Annotated[int, typer.Option(help="Processes; -1 for one on each core.")] = 1,
    store: Annotated[
        Path | None,
        typer.Option(help="Keep outcomes in this folder, and go on there.", show_default=False),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw a curve or map into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Run a method for every entry of a grid: how each run ends, and which is the best."""
    from symlab.lab.plots.style import check_format, save_picture
    from symlab.lab.sweep.from_text import sweep_text

    if not grid:
        refuse("grid: expected at least one, such as --grid step_size=0:0.2:200.")
    with refusing(), stopping(), without_packages():
        echo_reading(formula)
        if plot is not None:
            check_format(plot.suffix.removeprefix("."))
        found = sweep_text(
            formula,
            method,
            grid,
            start,
            max_steps=max_steps,
            jobs=jobs,
            store=store,
        )
        if plot is not None:
            save_picture(found.plot(), plot)
            say(f"drew {plot}")
    typer.echo(json.dumps(found.to_dict(), indent=1) if as_json else repr(found))
