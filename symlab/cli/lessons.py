"""`symlab list` and `symlab run`."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from symlab.cli.app import app
from symlab.cli.console import exit_if, refuse, refusing, say, show, stopping, table_of

if TYPE_CHECKING:
    from symlab.book.lessons import Lesson, Outcome


@app.command("list")
def list_lessons(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """List the lessons, with the figures each draws."""
    from symlab.book.lessons import lessons

    every = lessons()
    if as_json:
        typer.echo(
            json.dumps([_describe(lesson) for lesson in every], indent=1, ensure_ascii=False)
        )
        return
    rows = [(f"{lesson.number:02}", lesson.name, _title_and_figures(lesson)) for lesson in every]
    table = table_of(("", "lesson", "title, and the figures it draws"), rows)
    table.columns[1].no_wrap = True  # names that are typed are not broken over lines
    show(table)


@app.command()
def run(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Number, name or unique prefix.", show_default=False)
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Run every lesson.")] = False,
) -> None:
    """Run lessons; their figures go to figures/ in the current folder."""
    from symlab.book import lessons

    if bool(lesson) == everything:
        refuse("run: name at least one lesson, or give --all (not both); `symlab list` shows them.")
    with refusing():
        chosen = lessons.lessons() if everything else lessons.find(lesson or [])
    outcomes = []
    with stopping():
        for number, each in enumerate(chosen, 1):
            say(f"[{number}/{len(chosen)}] {each.path.stem}: {each.title}")
            outcomes.append(lessons.run(each))
            report_failure(outcomes[-1])
    if len(outcomes) > 1:
        _say_summary(outcomes)
    exit_if(any(outcome.error for outcome in outcomes))


def _title_and_figures(lesson: "Lesson") -> str:
    """Return the title, and below it, where there is room, the ids of the figures."""
    drawn = ", ".join(figure.id for figure in lesson.figures)
    return f"{lesson.title}\n{drawn}" if drawn else lesson.title


def _describe(lesson: "Lesson") -> dict[str, object]:
    drawn = [{"id": figure.id, "caption": figure.caption} for figure in lesson.figures]
    return {"number": lesson.number, "name": lesson.name, "title": lesson.title, "figures": drawn}


def report_failure(outcome: "Outcome") -> None:
    """Print what went wrong in a lesson, what to do about it, and how it ended."""
    trouble = f"{outcome.remedy}\n" if outcome.remedy else outcome.error
    say(f"{trouble}{describe_ending(outcome)}")


def describe_ending(outcome: "Outcome") -> str:
    """Return how a lesson ended, in a line."""
    verdict = "FAILED" if outcome.error else "done"
    return f"{outcome.lesson.path.stem}: {verdict} in {outcome.seconds:.1f} s"


def _say_summary(outcomes: "list[Outcome]") -> None:
    failed = [outcome.lesson.name for outcome in outcomes if outcome.error]
    total = sum(outcome.seconds for outcome in outcomes)
    words = f"failed: {', '.join(failed)}" if failed else "all done"
    say(f"{len(outcomes)} lessons in {total:.1f} s, {words}")
