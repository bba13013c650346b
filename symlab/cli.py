"""The command `symlab`: parse, call, print.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a check or a lesson
failed, 2 bad usage, 130 stopped by Ctrl-C. Each command imports what it needs, because `symlab
--help` should not wait for compilers and plots.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from symlab.study.doctor import Finding
    from symlab.study.errata.erratum import Erratum
    from symlab.study.gallery import Check
    from symlab.study.lessons import Lesson, Outcome

app = typer.Typer(
    help="Write a formula once: derive it, run it exactly, compile it, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it so)
    if wanted:
        from symlab import __version__

        typer.echo(f"symlab {__version__}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Write a formula once: derive it, run it exactly, compile it, compare."""


@app.command("list")
def list_lessons(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """List the lessons, with the figures each draws."""
    from symlab.study.lessons import lessons

    every = lessons()
    if as_json:
        typer.echo(
            json.dumps([_described(lesson) for lesson in every], indent=1, ensure_ascii=False)
        )
        return
    rows = [
        (f"{lesson.number:02}", lesson.name, lesson.title, "\n".join(f.id for f in lesson.figures))
        for lesson in every
    ]
    table = _table(("", "lesson", "title", "figures"), rows)
    for column in (table.columns[1], table.columns[3]):
        column.no_wrap = True  # names that are typed are not broken over lines
    _print(table)


@app.command()
def run(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Number, name or unique prefix.", show_default=False)
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Run every lesson.")] = False,
) -> None:
    """Run lessons; their figures go to figures/ in the current folder."""
    from symlab.study import lessons

    if bool(lesson) == everything:
        refuse("run: name at least one lesson, or give --all (not both); `symlab list` shows them.")
    with refusing():
        chosen = lessons.lessons() if everything else lessons.find(lesson or [])
    outcomes = []
    with stopping():
        for number, each in enumerate(chosen, 1):
            _say(f"[{number}/{len(chosen)}] {each.path.stem}: {each.title}")
            outcomes.append(lessons.run(each))
            _report(outcomes[-1])
    if len(outcomes) > 1:
        _say_summary(outcomes)
    _exit_if(any(outcome.error for outcome in outcomes))


@app.command()
def figures(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All if none.", show_default=False)
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the figures (figures), or with --check for evidence (figures-check).",
            show_default=False,
        ),
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="Some of png,svg,pdf (png).", show_default=False),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the committed figures.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(help="Lessons at a time (one a core).", show_default=False)
    ] = None,
) -> None:
    """Draw the book's figures again, or check them against those committed."""
    if check and file_format is not None:
        refuse("format: --check compares PNG pictures and numbers; leave --format out.")
    if check:
        _check_figures(ids or [], out or Path("figures-check"), jobs)
    else:
        formats = "png" if file_format is None else file_format
        _draw_figures(ids or [], out or Path("figures"), formats, jobs)


def _draw_figures(ids: list[str], directory: Path, formats: str, jobs: int | None) -> None:
    from symlab.study.figures import Output, known_formats
    from symlab.study.gallery import lessons_for, regenerate

    with refusing(), stopping():
        output = Output(directory, known_formats(formats))
        with _progress(len(lessons_for(ids))) as progress:
            outcomes = regenerate(ids, output, progress, jobs=jobs)
    rows = [(id, ", ".join(path.name for path in paths)) for id, paths in output.written.items()]
    _print(_table(("figure", f"written to {directory}"), rows))
    for outcome in outcomes:
        if outcome.error:
            _report(outcome)
    _exit_if(any(outcome.error for outcome in outcomes))


def _check_figures(ids: list[str], evidence: Path, jobs: int | None) -> None:
    from symlab.study.gallery import check, lessons_for, summary

    with refusing(), stopping(), _progress(len(lessons_for(ids))) as progress:
        checks: tuple[Check, ...] = check(ids, evidence, progress=progress, jobs=jobs)
    _print(_table(("figure", "verdict", "found"), list(summary(checks))))
    _exit_if(not all(each.passed for each in checks))


def _described(lesson: "Lesson") -> dict[str, object]:
    drawn = [{"id": figure.id, "caption": figure.caption} for figure in lesson.figures]
    return {"number": lesson.number, "name": lesson.name, "title": lesson.title, "figures": drawn}


@contextmanager
def _progress(total: int) -> "Iterator[Callable[[Outcome], None]]":
    """Yield what tells of each lesson that has ended, in a line; on a screen, above a bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    said: set[str] = set()
    columns = ("lessons", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=total)

        def tell(outcome: "Outcome") -> None:
            for line in outcome.said.splitlines():
                if line not in said:  # every process says what this machine lacks; once is enough
                    _say(line)
                said.add(line)
            bar.advance(task)
            _say(f"[{int(bar.tasks[task].completed)}/{total}] {_ended(outcome)}")

        yield tell


def _report(outcome: "Outcome") -> None:
    trouble = f"{outcome.remedy}\n" if outcome.remedy else outcome.error
    _say(f"{trouble}{_ended(outcome)}")


def _ended(outcome: "Outcome") -> str:
    verdict = "FAILED" if outcome.error else "done"
    return f"{outcome.lesson.path.stem}: {verdict} in {outcome.seconds:.1f} s"


def _say_summary(outcomes: "list[Outcome]") -> None:
    failed = [outcome.lesson.name for outcome in outcomes if outcome.error]
    total = sum(outcome.seconds for outcome in outcomes)
    words = f"failed: {', '.join(failed)}" if failed else "all done"
    _say(f"{len(outcomes)} lessons in {total:.1f} s, {words}")


def refuse(message: object) -> NoReturn:
    """Print one line on stderr and exit with 2, bad usage."""
    _say(f"symlab: {' '.join(str(message).split())}")
    raise typer.Exit(2)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn errors about what the user gave into one line and exit code 2."""
    try:
        yield
    except (ValueError, TypeError) as error:
        refuse(error)
    except OSError as error:
        if error.filename is None:  # then the error is a sentence of ours
            refuse(error)
        refuse(f"cannot write to {error.filename}: {(error.strerror or str(error)).lower()}.")


@contextmanager
def stopping() -> Iterator[None]:
    """Turn Ctrl-C into one word and exit code 130, as a shell expects."""
    try:
        yield
    except KeyboardInterrupt:
        _say("stopped")
        raise typer.Exit(130) from None


def _exit_if(failed: bool) -> None:  # noqa: FBT001
    if failed:
        raise typer.Exit(1)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=box.SIMPLE_HEAD, show_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console().print(table)


def _print_unwrapped(table: "Table") -> None:
    """Print a table of numbers without breaking a cell, however narrow the screen."""
    from rich.console import Console

    for column in table.columns:
        column.no_wrap = True
    Console(width=200).print(table, crop=False)


@app.command()
def compare(
    study: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all if none.", show_default=False)
    ] = None,
    *,
    backends: Annotated[
        str, typer.Option(help="Compiled backends, separated by commas.")
    ] = "c,numba,interpreted",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Run the chapter's studies symbolically and compiled, and compare them in ulps."""
    from symlab.engine.backends import named
    from symlab.study.compare import summary
    from symlab.study.studies import STUDIES, find_study

    with refusing():
        chosen = [find_study(name) for name in dict.fromkeys(study or STUDIES)]
        wanted = tuple(named(name.strip()).name for name in backends.split(","))
        rows = []
        with stopping():
            for each in chosen:
                _say(f"{each.name} ...")
                rows.append((each, each.run(wanted)))
    if as_json:
        typer.echo(
            json.dumps([entry for each, c in rows for entry in c.records(each.name)], indent=1)
        )
    else:
        _print_unwrapped(_table(*summary({each.name: found for each, found in rows})))
        _print_conclusion([each.name for each, comparison in rows if not comparison.agrees])
    _exit_if(not all(comparison.agrees for _, comparison in rows))


def _print_conclusion(disagreeing: list[str]) -> None:
    if disagreeing:
        typer.echo(f"\nThese do NOT agree with exact arithmetic: {', '.join(disagreeing)}.")
    else:
        typer.echo("\nEvery step on every backend is right to within rounding.")


@app.command(context_settings={"ignore_unknown_options": True})  # a formula may begin with a minus
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
    backend: Annotated[str, typer.Option(help="What runs it.")] = "interpreted",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the run into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Say what a method will do on a formula, and run it if a start is given."""
    from symlab.study.inquiry import inquire

    if plot is not None and start is None:
        refuse("plot: there is a run to draw only with --start.")
    with refusing(), stopping():
        found = inquire(formula, method, step_size, start, backend=backend, max_steps=max_steps)
        if plot is not None:
            found.save_plot(plot)
            _say(f"drew {plot}")
    typer.echo(json.dumps(found.to_dict(), indent=1) if as_json else found.text)


@app.command(context_settings={"ignore_unknown_options": True})  # a formula may begin with a minus
def accuracy(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|EXPR",
            help='A meter, or a formula such as "log(1 + exp(x))"; the meters if none.',
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
    from symlab.study.meter import typed
    from symlab.study.pictures import known_format

    if what is None:
        _list_meters(as_json=as_json)
        return
    with refusing(), stopping():
        meter = typed(what, first, last)
        if plot is not None:
            known_format(plot.suffix.removeprefix("."))
        _say(f"{meter.title}: measuring; the first compile of each form takes some seconds ...")
        measured = meter.measure([name.strip() for name in systems.split(",")])
        if plot is not None:
            measured.save_plot(plot)
            _say(f"drew {plot}")
    found = {"name": meter.name, "title": meter.title, **measured.to_dict()}
    typer.echo(json.dumps(found, indent=1) if as_json else repr(measured))


def _list_meters(*, as_json: bool) -> None:
    from symlab.study.meter import METERS

    every = [meter.describe() for meter in METERS.values()]
    if as_json:
        typer.echo(json.dumps(every, indent=1))
    else:
        rows = [(each["name"], each["title"], each["formula"]) for each in every]
        _print(_table(("meter", "of", "formula"), rows))


@app.command()
def errata(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All if none.", show_default=False)
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the pictures of those named.")] = Path(
        "pictures"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Check each place where the chapter is wrong; tell the whole story of those named."""
    from symlab.study.errata.register import ERRATA, find_erratum
    from symlab.study.errata.story import overview, story

    with refusing():
        chosen = [find_erratum(id) for id in dict.fromkeys(ids or ERRATA)]
    found = []
    with stopping():
        for each in chosen:
            _say(f"{each.id} {each.title} ...")
            found.append(each.examine())
    if as_json:
        typer.echo(json.dumps([each.record() for each in found], indent=1, ensure_ascii=False))
    elif ids:
        typer.echo("\n\n".join(map(story, found)))
        _draw_sides(chosen, out)
    else:
        _print(_table(*overview(found)))
    _exit_if(not all(each.confirmed for each in found))


def _draw_sides(chosen: "list[Erratum]", directory: Path) -> None:
    from symlab.study.errata.story import two_sides
    from symlab.study.pictures import save_picture

    with refusing():
        for each in chosen:
            if picture := two_sides(each):
                _say(f"drew {save_picture(picture, directory / f'{each.id}.png')}")


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
    from symlab.study.report.page import checked_out, save_page
    from symlab.study.report.report import known_parts, report

    with refusing(), stopping():
        parts = None if only is None else known_parts(only)
        checked_out(out)
        found = report(parts, figures=figures, say=lambda what: _say(f"{what} ..."))
        size = save_page(found, out)
    for tally in found.tallies:
        typer.echo(f"{tally.part.title}: {tally.passed} of {tally.total} {tally.part.deed}")
    for trouble in found.troubles:
        typer.echo(f"NOT as it should be: {trouble.told}")
    _say(f"wrote {out}, {size / 1e6:.1f} MB")
    _exit_if(not found.sound)


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
    from symlab.algebra.derivations import DERIVATIONS, find_derivation

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
    table = _table(("section", "derivation", "title"), rows)
    table.columns[1].no_wrap = True  # names that are typed are not broken over lines
    _print(table)


@app.command()
def doctor() -> None:
    """Look at Python, packages, BLAS, compile cache and backends, and say what to do."""
    from symlab.study.doctor import examine

    _say("trying each backend; the first compile takes some seconds ...")
    findings = examine()
    rows = [(_mark(finding), finding.what, finding.told) for finding in findings]
    _print(_table(("", "", "found"), rows))
    _exit_if(any(not finding.works and not finding.optional for finding in findings))


def _mark(finding: "Finding") -> str:
    if finding.works:
        return "works"
    return "absent" if finding.optional else "TROUBLE"
