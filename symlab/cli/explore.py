"""`symlab explore`: a page on which a reader plays with a formula and methods."""

from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refusing, say, stopping, waiting
from symlab.cli.group import FormulaCommand
from symlab.cli.trials import MAY_BEGIN_WITH_A_MINUS, echo_reading


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def explore(
    formula: Annotated[
        str | None,
        typer.Argument(
            metavar="EXPR", help="Such as x^2/20 + y^2; the quartic if none.", show_default=False
        ),
    ] = None,
    *,
    rule: Annotated[
        list[str] | None,
        typer.Option(help="A rule, direction or search; again for more.", show_default=False),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="Where runs begin, such as -1.2,1.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("explorer.html"),
    seconds: Annotated[float, typer.Option(help="What the analysis may take.")] = 20.0,
) -> None:
    """Write a page on which runs on a formula are played, for a browser without a network."""
    from symlab.lab.explorer.from_text import explore_text

    with refusing(), stopping():
        if formula is not None:
            echo_reading(formula)
        with waiting("analysing"):
            page = explore_text(formula, rule or ["gradient_descent"], start, seconds=seconds)
        written = page.save(out)
    say(f"wrote {written}, {len(page.html) // 1000} kB; open it in a browser")
