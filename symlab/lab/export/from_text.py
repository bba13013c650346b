"""A program of a formula and a method that were typed; all is parsed, nothing evaluated."""

from pathlib import Path

from symlab.algebra.formula.parse import parse
from symlab.algebra.objective import Objective
from symlab.checks import lookup
from symlab.files import check_writable, path_of, replace_file
from symlab.lab.export.export import to_c, to_javascript, to_python
from symlab.lab.typed_formula import method_of

WRITERS = {"c": to_c, "python": to_python, "javascript": to_javascript}
"""What writes each language, by its name in the terminal."""


def export_text(
    formula: str | None,
    language: str,
    method: str | None = None,
    step_size: str | None = None,
    *,
    name: str = "f",
) -> str:
    """Return the program of what was typed.

    Parameters
    ----------
    formula : str or None
        Its free names are the variables; None for a method alone.
    language : str
        c, python or javascript.
    method, step_size : str, optional
        The name of a method, and a number such as `8/81`.
    name : str
        As for `to_c`.

    Raises
    ------
    TypeError, ValueError
        If a part cannot be read, or `to_c` refuses it.

    Examples
    --------
    >>> "Math.exp(x)" in export_text("e^x", "javascript")
    True
    """
    write = lookup(language, WRITERS, "to")
    step = None if method is None else method_of(method, step_size)
    stated = step if formula is None else Objective(parse(formula))
    return write(stated, None if formula is None else step, name=name)


def write_text(text: str, file: Path) -> Path:
    """Write a program into a file, whole or not at all, and return its path.

    Raises
    ------
    OSError
        If it cannot be written there.
    """
    path = path_of(file, "out")
    check_writable(path.parent)
    replace_file(path, text.encode("utf-8"))
    return path
