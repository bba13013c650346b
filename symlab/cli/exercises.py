"""`symlab exercise`: practise, and write exercises as notebooks."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import exit_if, refuse, refusing, show, stopping, table_of

if TYPE_CHECKING:
    from symlab.book.exercises.exercise import Exercise

ASK = "answer (? for a hint, nothing to go on)"


@app.command()
def exercise(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="LESSON|ID", help="Such as 09, newton or 09.2; all if none.", show_default=False
        ),
    ] = None,
    *,
    answer: Annotated[
        str | None, typer.Option(help="Your answer, to be judged.", show_default=False)
    ] = None,
    hint: Annotated[
        int,
        typer.Option(
            "--hint",
            count=True,
            help="A hint; again for the next, then the way, then the answer.",
            show_default=False,
        ),
    ] = 0,
    student: Annotated[
        bool, typer.Option("--student", help="Write notebooks without answers.")
    ] = False,
    teacher: Annotated[
        bool, typer.Option("--teacher", help="Write notebooks with the answers.")
    ] = False,
    explore: Annotated[
        bool, typer.Option("--explore", help="Write a page to see it on, once you have an answer.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The folder for what is written.")] = Path("exercises"),
) -> None:
    """Practise what a lesson teaches: questions, hints, and answers that are judged."""
    with refusing(), stopping():
        if student or teacher:
            _write(which, ["student"] * student + ["teacher"] * teacher, out)
        elif explore:
            _write_page(_chosen(which or ""), out)
        elif which is None:
            _list()
        else:
            _practise(_chosen(which), answer, hint)


def _chosen(which: str) -> "tuple[Exercise, ...]":
    """Return the exercise of an id, or all those of a lesson."""
    from symlab.book.exercises.register import EXERCISES, find_exercise
    from symlab.book.lessons import find

    if "." in which.removesuffix(".py"):
        return (find_exercise(which),)
    (lesson,) = find([which])
    return EXERCISES.of_lesson(lesson.number)


def _list() -> None:
    from symlab.book.exercises.register import EXERCISES

    show(table_of(("", "exercise"), [(each.id, each.title) for each in EXERCISES.values()]))


def _write(which: str | None, readers: list[str], out: Path) -> None:
    from symlab.book.exercises.notebooks import write_exercises
    from symlab.book.lessons import find, lessons

    for lesson in lessons() if which is None else find([which.partition(".")[0]]):
        for reader in readers:
            typer.echo(write_exercises(lesson, reader, out))


def _write_page(chosen: "tuple[Exercise, ...]", out: Path) -> None:
    if len(chosen) > 1:
        refuse(f"exercise: name one of them, such as {chosen[0].id}.")
    out.mkdir(parents=True, exist_ok=True)
    typer.echo(chosen[0].explore().save(out / f"{chosen[0].id}.html"))


def _practise(chosen: "tuple[Exercise, ...]", answer: str | None, hint: int) -> None:
    if answer is not None and hint:
        refuse("exercise: --answer and --hint exclude each other.")
    if len(chosen) > 1 and (answer is not None or hint):
        refuse(f"exercise: name one of them, such as {chosen[0].id}.")
    for each in chosen:
        if answer is not None:
            verdict = each.check(answer)
            typer.echo(verdict)
            exit_if(not verdict)
        elif hint:
            typer.echo(each.hint(hint))
        else:
            typer.echo(f"{each}\n")
            if _is_terminal():
                _ask(each)


def _is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _ask(exercise: "Exercise") -> None:
    """Take answers until one is right, or the reader goes on; the end of the input ends all."""
    from symlab.book.exercises.exercise import HELPS

    hints = 0
    while given := _prompt():
        if given == "?":
            hints = hints % HELPS + 1
            typer.echo(exercise.hint(hints))
            continue
        try:
            verdict = exercise.check(given)
        except (ValueError, TypeError) as error:
            typer.echo(error)
            continue
        typer.echo(verdict)
        if verdict:
            break
    typer.echo()


def _prompt() -> str:
    try:
        return str(typer.prompt(ASK, default="", show_default=False)).strip()
    except typer.Abort:
        raise typer.Exit from None
