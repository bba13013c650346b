"""The command line, as the program itself describes it."""

from collections.abc import Iterator
from typing import Any

import typer

from pages.kept import Kept
from pages.markdown import fill, prose, table
from pages.page import Page
from symlab.cli import app


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the page of all commands."""
    program: Any = typer.main.get_command(app)
    commands = [
        {
            "name": name,
            "does": command.help.strip(),
            "usage": _usage(name, command),
            "parameters": _parameters(command),
        }
        for name, command in program.commands.items()
    ]
    yield Page("commands.md", fill("commands.jinja", commands=commands))


def _usage(name: str, command: Any) -> str:
    """Return how a command is typed."""
    context = command.make_context(name, [], resilient_parsing=True)
    return " ".join(["symlab", name, *command.collect_usage_pieces(context)])


def _parameters(command: Any) -> str:
    """Return arguments and options as a table; empty if there are none."""
    rows = [[_typed(each), prose(each.help or ""), _default(each)] for each in command.params]
    return table(["typed", "what it is", "if left out"], rows) if rows else ""


def _typed(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))


def _default(parameter: Any) -> str:
    """Return the default where it says something."""
    hidden = parameter.default is None or callable(parameter.default)
    return "" if hidden or parameter.default is False else f"`{parameter.default}`"
