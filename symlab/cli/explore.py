"""`symlab explore`: a page on which a reader plays with a formula, or with a network."""

from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refuse, refusing, say, stopping, waiting
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
    network: Annotated[
        str | None,
        typer.Option(help="Train moons or neuron instead of a formula.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("explorer.html"),
    seconds: Annotated[float, typer.Option(help="What the analysis may take.")] = 20.0,
) -> None:
    """Write a page on which runs on a formula are played, for a browser without a network."""
    from symlab.lab.explorer.from_text import explore_text

    with refusing(), stopping():
        if network is not None:
            _explore_network(network, out, given=[formula, rule, start])
            return
        if formula is not None:
            echo_reading(formula)
        with waiting("analysing"):
            page = explore_text(formula, rule or ["gradient_descent"], start, seconds=seconds)
        written = page.save(out)
    _tell(written, page.html)


def _explore_network(name: str, out: Path, *, given: list[object]) -> None:
    from symlab.book.explored import explore_named

    if any(given):
        refuse("network: takes no formula, rule or start; they are chosen on the page.")
    page = explore_named(name)
    _tell(page.save(out), page.html)


def _tell(written: Path, html: str) -> None:
    say(f"wrote {written}, {len(html) // 1000} kB; open it in a browser")
