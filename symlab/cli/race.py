"""`symlab race`: which method needs the fewest evaluations, on problems that many have tried."""

import json
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refusing, say, table_of, unwrapped

METHODS = "default,levenberg_marquardt,bfgs,l_bfgs,scipy:BFGS,scipy:Newton-CG,scipy:trust-exact"


@app.command()
def race(
    problem: Annotated[
        list[str] | None,
        typer.Argument(help="Names in sl.problems; all of mgh if none.", show_default=False),
    ] = None,
    *,
    methods: Annotated[
        str, typer.Option(help="Separated by commas; scipy:NAME for SciPy's.")
    ] = METHODS,
    budget: Annotated[int, typer.Option(help="Evaluations of each run.")] = 1000,
    accuracy: Annotated[
        float, typer.Option(help="What a solved problem has left of the way down.")
    ] = 1e-10,
    backend: Annotated[str, typer.Option(help="What runs it.")] = "interpreted",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the profiles into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Race methods over problems: who needs how many evaluations, and who solves how many."""
    from symlab.algebra.problems import PROBLEMS
    from symlab.checks import lookup
    from symlab.lab.plots.style import check_format, save_picture
    from symlab.lab.race.race import race as run_race

    with refusing():
        chosen = problem or list(PROBLEMS.mgh)
        objectives = {name: lookup(name, PROBLEMS, "problem") for name in chosen}
        if plot is not None:
            check_format(plot.suffix.removeprefix("."))
        found = run_race(
            objectives, methods.split(","), budget=budget, backend=backend, progress=True
        )
        costs = found.costs(accuracy)
        if plot is not None:
            save_picture(found.plot(accuracy), plot)
            say(f"drew {plot}")
    if as_json:
        typer.echo(json.dumps(found.records(accuracy), indent=1))
        return
    rows = [(str(name), *(_number(each) for each in row)) for name, row in costs.iterrows()]
    typer.echo(unwrapped(table_of(("problem", *costs.columns), rows)))
    typer.echo(repr(found))


def _number(cost: float) -> str:
    return "-" if cost == float("inf") else f"{cost:.0f}"
