"""`symlab fit`: a model that was typed, fitted to a table, with standard errors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refusing, stopping, waiting
from symlab.cli.group import FormulaCommand
from symlab.cli.trials import MAY_BEGIN_WITH_A_MINUS, echo_reading


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def fit(
    model: Annotated[
        str, typer.Argument(metavar="EXPR", help='What is predicted, such as "a*exp(-b*t)".')
    ],
    data: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a header.")],
    *,
    start: Annotated[str, typer.Option(help="Such as a=5,b=1, or 5,1 in order.")],
    response: Annotated[
        str | None,
        typer.Option(help="The column that is predicted, if several are left.", show_default=False),
    ] = None,
    method: Annotated[str, typer.Option(help="A method.")] = "levenberg_marquardt",
    backend: Annotated[str, typer.Option(help="What runs it.")] = "interpreted",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Fit a model to the columns of a table by least squares, with standard errors."""
    from symlab.lab.typed_regression import fit_text

    with refusing(), stopping():
        echo_reading(model)
        with waiting("fitting"):
            found = fit_text(model, data, start, response, method=method, backend=backend)
    typer.echo(json.dumps(found.to_dict(), indent=1) if as_json else found.text)
