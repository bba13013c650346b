"""The versions of the site that a reader can switch to: this one, and those kept beside the build.

A site that lies in the folder `versions` of the build, under its version's name, becomes a part of
this one.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def add_versions(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Give every page the names of the other versions, newest first."""
    context["versions"] = [folder.name for folder in kept_versions(Path(app.srcdir).parent)]


def kept_versions(place: Path) -> list[Path]:
    """Return the folders of the other versions' sites, newest first."""
    sites = [index.parent for index in (place / "versions").glob("*/index.html")]
    return sorted(sites, key=_rank, reverse=True)


def _rank(site: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in site.name.split(".") if part.isdecimal())
