"""`symlab errata`, `derive` and `report`: checking the chapter."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import exit_if, refuse, refusing, say, show, stopping, table_of

if TYPE_CHECKING:
    from symlab.book.errata.erratum import Erratum


@app.command()
def errata(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All if none.", show_default=False)
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the pictures of those named (pictures).", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Check each place where the chapter is wrong; tell all about those named."""
    from symlab.book.errata.register import ERRATA, find_erratum
    from symlab.book.errata.text import as_text, overview
    from symlab.files import check_writable

    with refusing():
        chosen = [find_erratum(id) for id in dict.fromkeys(ids or ERRATA)]
        if out is not None:
            check_writable(out)  # before the work, which may take minutes
    found = []
    with stopping():
        for each in chosen:
            say(f"{each.id} {each.title} ...")
            found.append(each.examine())
    if as_json:
        typer.echo(json.dumps([each.record() for each in found], indent=1, ensure_ascii=False))
    elif ids:
        typer.echo("\n\n".join(map(as_text, found)))
        _draw_sides(chosen, out or Path("pictures"))
    else:
        show(table_of(*overview(found)))
    exit_if(not all(each.confirmed for each in found))


def _draw_sides(chosen: "list[Erratum]", directory: Path) -> None:
    from symlab.book.errata.text import two_sides
    from symlab.lab.plots.style import save_picture

    with refusing():
        for each in chosen:
            if picture := two_sides(each):
                say(f"drew {save_picture(picture, directory / f'{each.id}.png')}")


@app.command()
def derive(
    name: Annotated[
        str | None, typer.Argument(help="A derivation; without one, the list.", show_default=False)
    ] = None,
    *,
    as_latex: Annotated[bool, typer.Option("--latex", help="Print an align* block.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Print a derivation of the chapter, verified as it is made, or list all."""
    from symlab.book.derivations.register import DERIVATIONS, find_derivation

    if as_latex + as_markdown + as_json > 1:
        refuse("derive: give one of --latex, --markdown and --json.")
    if name is None:
        if as_latex or as_markdown:
            refuse("derive: name a derivation; `symlab derive` lists them.")
        plans = list(DERIVATIONS.values())
        _list_derivations([(f"{p.section}", p.name, p.title) for p in plans], as_json=as_json)
        return
    with refusing():
        derivation = find_derivation(name)()
    if as_json:
        typer.echo(json.dumps(derivation.to_dict(), indent=1, ensure_ascii=False))
    elif as_latex:
        typer.echo(derivation.latex())
    else:
        typer.echo(derivation.markdown() if as_markdown else derivation.text())


def _list_derivations(rows: list[tuple[str, str, str]], *, as_json: bool) -> None:
    if as_json:
        keys = ("section", "name", "title")
        entries = [dict(zip(keys, (int(row[0]), *row[1:]), strict=True)) for row in rows]
        typer.echo(json.dumps(entries, indent=1, ensure_ascii=False))
        return
    table = table_of(("section", "derivation", "title"), rows)
    table.columns[1].no_wrap = True  # names that are typed are not broken over lines
    show(table)


@app.command()
def report(
    *,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("report.html"),
    figures: Annotated[
        Path | None,
        typer.Option(help="Folder of figures already drawn; drawn anew if none."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Some of figures,derivations,errata,studies,accuracy; all if none."),
    ] = None,
) -> None:
    """Write everything that one run finds as a single page, to be read without a network."""
    from symlab.book.report.page import prepare_path, save_page
    from symlab.book.report.report import parse_parts, report

    with refusing(), stopping():
        parts = None if only is None else parse_parts(only)
        prepare_path(out)
        found = report(parts, figures=figures, say=lambda what: say(f"{what} ..."))
        size = save_page(found, out)
    for tally in found.tallies:
        typer.echo(f"{tally.part.title}: {tally.passed} of {tally.total} {tally.deed}")
    for trouble in found.troubles:
        typer.echo(f"NOT as it should be: {trouble.summary}")
    say(f"wrote {out}, {size / 1e6:.1f} MB")
    exit_if(not found.sound)
