"""`symlab compare`, `analyze`, `accuracy` and `compiled`: runs compared, formulas measured."""

import json
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import (
    exit_if,
    refuse,
    refusing,
    say,
    show,
    stopping,
    table_of,
    unwrapped,
    waiting,
)
from symlab.cli.group import FormulaCommand
from symlab.files import around_mark, replace_file

MAY_BEGIN_WITH_A_MINUS = {"ignore_unknown_options": True}


@app.command()
def compare(
    study: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all if none.", show_default=False)
    ] = None,
    *,
    backends: Annotated[
        str, typer.Option(help="Compiled backends, separated by commas.")
    ] = "c,numba,interpreted",
    page: Annotated[
        Path | None,
        typer.Option(help="Put it into this page: docs/agreement.md.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Run the chapter's studies symbolically and compiled, and compare them in ulps."""
    from symlab.book.experiments import STUDIES, find_study
    from symlab.engine.backends import find_backend
    from symlab.lab.compare.compare import summary

    with refusing():
        around = ("", "") if page is None else around_mark(page, "compare")
        chosen = [find_study(name) for name in dict.fromkeys(study or STUDIES)]
        wanted = tuple(find_backend(name.strip()).name for name in backends.split(","))
        rows = []
        with stopping():
            for each in chosen:
                say(f"{each.name} ...")
                rows.append((each, each.run(wanted)))
    if as_json:
        typer.echo(
            json.dumps([entry for each, c in rows for entry in c.records(each.name)], indent=1)
        )
    else:
        table = unwrapped(table_of(*summary({each.name: found for each, found in rows})))
        text = table + _conclusion([each.name for each, found in rows if not found.agrees])
        typer.echo(text)
        if page is not None:
            lines = [line.rstrip().removeprefix(" ") for line in text.splitlines()]
            block = "\n".join(["```text", *lines, "```", ""])
            replace_file(page, block.join(around).encode())
    exit_if(not all(comparison.agrees for _, comparison in rows))


def _conclusion(disagreeing: list[str]) -> str:
    if disagreeing:
        return f"\nThese do NOT agree with exact arithmetic: {', '.join(disagreeing)}."
    return "\nEvery step on every backend is right to within rounding."


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def analyze(
    formula: Annotated[str, typer.Argument(metavar="EXPR", help='Such as "2 - 3*x**3 + x**4".')],
    *,
    method: Annotated[str, typer.Option(help="A rule, direction or search.")] = "gradient_descent",
    step_size: Annotated[
        str | None, typer.Option(help="Such as 0.1 or 8/81.", show_default=False)
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="Run from here, such as -1.2,1.", show_default=False)
    ] = None,
    max_steps: Annotated[int, typer.Option(help="The most steps of the run.")] = 100,
    seconds: Annotated[float, typer.Option(help="What the analysis may take.")] = 20.0,
    backend: Annotated[str, typer.Option(help="What runs it.")] = "interpreted",
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the run into this file; .gif is a film.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Say what a method will do on a formula, and run it if a start is given."""
    from symlab.lab.typed_formula import analyze_text

    if plot is not None and start is None:
        refuse("plot: there is a run to draw only with --start.")
    with refusing(), stopping():
        echo_reading(formula)
        with waiting("analysing") as report:
            found = analyze_text(
                formula,
                method,
                step_size,
                start,
                backend=backend,
                max_steps=max_steps,
                seconds=seconds,
                report=report,
            )
        if plot is not None:
            found.save_plot(plot)
            say(f"drew {plot}")
    typer.echo(json.dumps(found.to_dict(), indent=1) if as_json else found.text)


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def accuracy(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|EXPR",
            help='A case, or a formula such as "log(1 + exp(x))"; the cases if none.',
            show_default=False,
        ),
    ] = None,
    *,
    first: Annotated[
        float | None, typer.Option("--from", help="Measure from here ...", show_default=False)
    ] = None,
    last: Annotated[
        float | None, typer.Option("--to", help="... to here (formula).", show_default=False)
    ] = None,
    systems: Annotated[
        str, typer.Option(help="lambdify and backends, separated by commas.")
    ] = "lambdify,interpreted,c,numba",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the errors into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Measure a formula's error in ulps: as stated and stabilised, in float64 and float32."""
    from symlab.lab.accuracy.cases import ULP_CASES, case_of_text
    from symlab.lab.plots.style import check_format

    if what is None:
        _list_cases(as_json=as_json)
        return
    with refusing(), stopping():
        case = case_of_text(what, first, last)
        if case.name not in ULP_CASES:
            echo_reading(what)
        if plot is not None:
            check_format(plot.suffix.removeprefix("."))
        say(f"{case.title}: measuring; the first compile of each form takes some seconds ...")
        measured = case.measure([name.strip() for name in systems.split(",")])
        if plot is not None:
            measured.save_plot(plot)
            say(f"drew {plot}")
    found = {"name": case.name, "title": case.title, **measured.to_dict()}
    typer.echo(json.dumps(found, indent=1) if as_json else repr(measured))


@app.command(cls=FormulaCommand, context_settings=MAY_BEGIN_WITH_A_MINUS)
def compiled(
    formula: Annotated[str, typer.Argument(metavar="EXPR", help='Such as "log(1 + exp(x))".')],
    *,
    backend: Annotated[str, typer.Option(help="What it is compiled for: c or interpreted.")] = "c",
    plot: Annotated[
        Path | None, typer.Option(help="Draw both graphs into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Show what the compiler does to a formula: each rewrite, its effect in ulps and in time."""
    from symlab.lab.compiled_view.view import compiled_view
    from symlab.lab.plots.style import save_picture

    with refusing(), stopping():
        echo_reading(formula)
        view = compiled_view(formula, backend=backend)
        if plot is not None:
            save_picture(view.plot(), plot)
            say(f"drew {plot}")
    typer.echo(json.dumps(view.to_dict(), indent=1) if as_json else repr(view))


def echo_reading(formula: str) -> None:
    """Say how a formula was read where it was not typed as programs spell it."""
    from symlab.algebra.formula.parse import parse_with_notes

    reading = parse_with_notes(formula)
    if not reading.is_plain:
        say(f"read as {reading.text}")


def _list_cases(*, as_json: bool) -> None:
    from symlab.lab.accuracy.cases import ULP_CASES

    every = [case.describe() for case in ULP_CASES.values()]
    if as_json:
        typer.echo(json.dumps(every, indent=1))
    else:
        rows = [(each["name"], each["title"], each["formula"]) for each in every]
        show(table_of(("case", "of", "formula"), rows))
