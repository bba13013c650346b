"""What costs time to find is kept beside the build, as long as symlab's sources are the same."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from symlab.book.places import PACKAGE


@dataclass(frozen=True)
class Kept:
    """A folder with results by name."""

    folder: Path

    def result(self, name: str, make: Callable[[], Any], *given: object) -> Any:
        """Return what is kept under this name; what is not is made, and kept.

        What these pages, and not symlab, say of how it is made is `given`, a part of the name.
        """
        if given:
            name = f"{name}-{sha256(repr(given).encode()).hexdigest()[:8]}"
        path = self.folder / f"{name}.pickle"
        if not path.exists():
            self.keep(name, make())
        return pickle.loads(path.read_bytes())

    def keep(self, name: str, value: Any) -> None:
        """Keep a result, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{name}.unfinished"
        unfinished.write_bytes(pickle.dumps(value))
        unfinished.replace(self.folder / f"{name}.pickle")


def sources_digest() -> str:
    """Return a digest of the program: results kept under another one are not this program's."""
    files = sorted(
        file for file in PACKAGE.rglob("*") if file.suffix in {".py", ".js", ".css", ".html"}
    )
    whole = sha256()
    for file in files:
        whole.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
    return whole.hexdigest()[:16]
