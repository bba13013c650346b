"""Build the site: write its pages from the registries, run the lessons, let Sphinx set all of it.

`python docs/build.py` writes `docs/_build/html/index.html`, which opens from a file. What has not
changed since the last time is neither run nor set again.
"""

import argparse
import shutil
import sys
from itertools import chain
from pathlib import Path

from pages import (
    api,
    commands,
    derivations,
    documents,
    errata,
    exercises,
    explorers,
    figures,
    front,
    methods,
    studies,
)
from pages.explorers import EXTRA
from pages.kept import Kept, sources_digest
from pages.lessons import THUMBNAIL, scripts
from pages.page import write_pages
from sphinx.cmd.build import main as run_sphinx

HERE = Path(__file__).resolve().parent

PARTS = (
    front,
    documents,
    exercises,
    figures,
    errata,
    derivations,
    studies,
    methods,
    explorers,
    commands,
    api,
)

GALLERY = ("lessons", "api/lessons")
"""Folders of the sources that the gallery of lessons writes."""


def build(place: Path, kept: Kept, lessons: str | None = None) -> int:
    """Build the site into the folder `html` of a place, and return Sphinx's exit code.

    The lessons that are run are those whose numbers a pattern matches, or all of them.

    Raises
    ------
    RuntimeError
        If a thing of the chapter is not as it should be.
    """
    written = list(chain.from_iterable(part.pages(kept) for part in PARTS))
    extra = [page for page in written if page.place.startswith(f"{EXTRA}/")]
    write_pages([page for page in written if page not in extra], place / "source", GALLERY)
    write_pages(extra, place / "extra")
    write_pages(scripts(), place / "lessons", ("pictures", "figures"))
    run = () if lessons is None else ("-D", rf"sphinx_gallery_conf.filename_pattern=/({lessons})_")
    return set_pages(place, *run)


def set_pages(place: Path, *options: str) -> int:
    """Let Sphinx set what was written and run the lessons; return its exit code."""
    extra = [folder for folder in (place / "extra", place / "versions") if folder.exists()]
    return int(
        run_sphinx(
            [
                *("-b", "html", "--fail-on-warning", "--keep-going", "--quiet"),
                *("-c", str(HERE), "-d", str(place / "doctrees")),
                *("-D", f"html_extra_path={','.join(map(str, extra))}"),
                *("-D", f"sphinx_gallery_conf.default_thumb_file={place / 'lessons' / THUMBNAIL}"),
                *options,
                *(str(place / "source"), str(place / "html")),
            ]
        )
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build", type=Path, default=HERE / "_build", help="where everything goes")
    parser.add_argument("--kept", type=Path, help="results to use, and to add to")
    parser.add_argument("--lessons", help="which to run, such as '09|10'; none if ''; else all")
    return parser.parse_args()


def main() -> int:
    """Build what the command line asks for."""
    asked = _parse()
    place = asked.build.resolve()
    kept = asked.kept or place / "kept" / sources_digest()
    if asked.kept is None and not kept.exists():
        shutil.rmtree(place / "kept", ignore_errors=True)
    code = build(place, Kept(kept), asked.lessons)
    if code == 0:
        sys.stdout.write(f"{place / 'html' / 'index.html'}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
