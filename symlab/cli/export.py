"""`symlab export`: a formula or a method's step as a program in another language."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refuse, refusing, say, stopping
from symlab.cli.group import FormulaCommand
from symlab.cli.trials import MAY_BEGIN_WITH_A_MINUS, echo_reading


class Target(StrEnum):
    """The languages, as they are typed."""

    C = "c"
    PYTHON = "python"
    JAVASCRIPT = "javascript"


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def export(
    formula: Annotated[
        str | None,
        typer.Argument(
            metavar="EXPR", help="Such as x^2/20 + y^2; none for a method.", show_default=False
        ),
    ] = None,
    *,
    to: Annotated[Target, typer.Option(help="The language.")] = Target.C,
    method: Annotated[
        str | None,
        typer.Option(help="A rule, newton or steepest, for its step.", show_default=False),
    ] = None,
    step_size: Annotated[
        str | None, typer.Option(help="Such as 0.1 or 8/81.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="What the functions' names begin with.")] = "f",
    out: Annotated[
        Path | None, typer.Option(help="Write it into this file.", show_default=False)
    ] = None,
) -> None:
    """Write a formula, or a method's step, as a program in C, Python or JavaScript."""
    from symlab.lab.export.from_text import export_text, write_text

    if formula is None and method is None:
        refuse("EXPR: expected a formula, or --method with a name.")
    with refusing(), stopping():
        if formula is not None:
            echo_reading(formula)
        text = export_text(formula, to.value, method, step_size, name=name)
        if out is not None:
            say(f"wrote {write_text(text, out)}")
            return
    typer.echo(text, nl=False)
