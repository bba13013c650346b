"""`symlab notebook` and `symlab lessons`: the lessons as files of the reader's own."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import refuse, refusing, say, stopping


@app.command()
def notebook(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Number, name or unique prefix.", show_default=False)
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every lesson.")] = False,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("notebooks"),
) -> None:
    """Write lessons as Jupyter notebooks, with their prose as Markdown cells."""
    from symlab.book import lessons
    from symlab.book.notebook import write_notebook

    if bool(lesson) == everything:
        refuse("notebook: name at least one lesson, or give --all (not both).")
    with refusing(), stopping():
        chosen = lessons.lessons() if everything else lessons.find(lesson or [])
        for each in chosen:
            typer.echo(write_notebook(each, out))


@app.command()
def lessons(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="All if none is named.", show_default=False)
    ] = None,
    *,
    copy: Annotated[
        Path, typer.Option("--copy", help="The folder to copy to.", show_default=False)
    ],
) -> None:
    """Copy lesson scripts to a folder, to be edited there; a file that is there already stays."""
    from symlab.book.lessons import find
    from symlab.book.lessons import lessons as all_lessons

    with refusing(), stopping():
        copy.mkdir(parents=True, exist_ok=True)
        for each in find(lesson) if lesson else all_lessons():
            place = copy / each.path.name
            if place.exists():
                say(f"kept {place}, which is there already")
                continue
            shutil.copyfile(each.path, place)
            typer.echo(place)
