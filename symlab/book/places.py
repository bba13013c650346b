"""Where the files beside the package are: in a checkout beside it, installed inside it."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """Return the folder of lessons, figures or benchmarks: the checkout's, or the one installed.

    Examples
    --------
    >>> folder("lessons").is_dir()
    True
    """
    installed = PACKAGE / f"_{name}"
    return installed if installed.is_dir() else PACKAGE.parent / name
