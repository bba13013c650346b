"""Errors of usage are one line, and output that ends early is no traceback.

If the reader of a pipe closes it, the exit code is that of any other command (141 in a shell). A
full disk behind stdout is reported in a sentence. A terminal without Greek letters shows escapes.
"""

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from symlab.checks import nearest
from symlab.cli.console import complain, say

_UsageError: Any = typer.BadParameter.__base__
"""What every mistake on the command line raises; Typer brings its own copy of click's class."""

CLOSED_PIPE = 141
INTERRUPTED = 130


class Commands(TyperGroup):
    """All subcommands."""

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run the command, print an error as one line, and exit."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(args, **{**extra, "standalone_mode": False})
        except _UsageError as error:
            code = _print_refusal(error)
        sys.exit(_flush(code if isinstance(code, int) else 0))

    def invoke(self, ctx: Any) -> Any:
        """Run a subcommand, and end well if its output cannot be written."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("stopped")
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            raise typer.Exit(_report_unwritten(error)) from None


class FormulaCommand(TyperCommand):
    """A command whose argument is a formula, which may begin with a minus but is one word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what looks like an option and is none, and a formula without quotes."""
        known = [name for parameter in self.params for name in parameter.opts] + ["--help"]
        words = args[: args.index("--")] if "--" in args else args
        for word in words:
            name = word.partition("=")[0]
            if re.fullmatch("--[a-z][a-z-]+", name) and name not in known:
                ctx.fail(f"there is no option {name}{nearest(name, known)}")
        try:
            return super().parse_args(ctx, args)
        except _UsageError as error:
            if "extra argument" in error.format_message():
                ctx.fail("expected one formula; put it in quotes, and options as --help shows.")
            raise


def _print_refusal(error: Any) -> int:
    """Print a mistake on the command line as one line, help as help; return the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    message = error.format_message()
    if name := getattr(error, "option_name", None):
        known = [each for parameter in error.ctx.command.params for each in parameter.opts]
        message = f"there is no option {name}{nearest(name, known)}"
    if error.ctx is not None and error.ctx.parent:
        message = f"{error.ctx.info_name}: {message[:1].lower()}{message[1:]}"
    complain(message if message.endswith(("?", ".")) else f"{message}.")
    return int(error.exit_code)


def _flush(code: int) -> int:
    """Write out what is left, and return the exit code."""
    try:
        if sys.stdout is not None:  # as it is where the shell closed it
            sys.stdout.flush()
    except OSError as error:
        return _report_unwritten(error)
    return code


def _report_unwritten(error: OSError) -> int:
    """Print why output could not be written, if stderr is read; return the exit code."""
    if isinstance(error, BrokenPipeError):
        _silence()
        return CLOSED_PIPE
    what = f"to {error.filename}" if error.filename else "the output"
    complain(f"cannot write {what}: {(error.strerror or str(error)).lower()}.")
    _silence()
    return 2


def _silence() -> None:
    """Redirect Python's last flush of a stream to nowhere; in tests it has no descriptor."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(nowhere, stream.fileno())
