"""The command `symlab`: parse, call, print.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a check or a lesson
failed, 2 bad usage, 130 stopped by Ctrl-C. Each command imports what it needs, because `symlab
--help` should not wait for compilers and plots.
"""

from symlab.cli import lessons, notebooks, exercises, figures  # noqa: F401, I001 (the order of --help)
from symlab.cli import trials, race, fit, sweep, explore, export, book, machine  # noqa: F401
from symlab.cli.app import app

__all__ = ["app"]
