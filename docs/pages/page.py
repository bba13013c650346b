"""Pages as files, written where they differ from what stands there: Sphinx reads those alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """A file of the site's sources: its place, with an ending, and its content.

    Parameters
    ----------
    place : str
        Relative to the folder of all sources, with slashes.
    content : str or bytes
    """

    place: str
    content: str | bytes

    @property
    def data(self) -> bytes:
        """The content as it is written."""
        return self.content if isinstance(self.content, bytes) else self.content.encode("utf-8")


def write_pages(pages: Iterable[Page], folder: Path, others: Iterable[str] = ()) -> int:
    """Write pages into a folder, remove files that are no pages, and return how many changed.

    Parameters
    ----------
    others : iterable of str
        Folders in it that somebody else writes.
    """
    wanted = {folder / page.place: page.data for page in pages}
    for stale in set(_files(folder, others)) - set(wanted):
        stale.unlink()
    changed = {
        path: data
        for path, data in wanted.items()
        if not path.exists() or path.read_bytes() != data
    }
    for path, data in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(changed)


def _files(folder: Path, others: Iterable[str]) -> list[Path]:
    """Return the files that this program wrote."""
    foreign = [folder / other for other in others]
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(file.is_relative_to(other) for other in foreign)
    ]
