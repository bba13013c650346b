"""Where a trace is written to and read from: files and texts, named in what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symlab.checks import shown
from symlab.files import path_of, read_file, replace_file


def write_text(text: str, path: str | Path | None) -> str | None:
    """Write text into a file; return it where no path is given."""
    if path is None:
        return text
    replace_file(path_of(path, "path"), text.encode())
    return None


def read_text(source: object, starts: tuple[str, ...]) -> tuple[str, str]:
    """Return what a source is called in messages, and its text."""
    if isinstance(source, str) and source.lstrip().startswith(starts):
        return "source", source
    place = path_of(source, "source")
    content = read_file(place)
    with about_trace(shown(str(place))):
        try:
            return shown(str(place)), content.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError("expected text in UTF-8") from None


@contextmanager
def about_trace(place: str) -> Iterator[None]:
    """Name the file in the error about its content."""
    try:
        yield
    except OverflowError:
        raise ValueError(f"{place}: this is no trace: a whole number is too large.") from None
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{place}: this is no trace: {reason[:110]}.") from None
