"""The documents of the repository as pages, with links that lead into the site."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from pages.kept import Kept
from pages.markdown import toctree
from pages.page import Page

ROOT = Path(__file__).resolve().parents[2]

LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)

OWN_PAGES = {
    "README.md": "index.md",
    "lessons": "lessons/index.rst",
    "docs/lessons.md": "lessons/index.rst",
}
"""Files and folders that stand in the site as another page."""

GALLERY_TAKES = "docs/lessons.md"
"""The list of lessons, whose place the gallery takes."""


def documents() -> dict[str, str]:
    """Return the place in the site of each document, by its place in the repository."""
    top = {f"{name}.md": f"{name.lower()}.md" for name in ("CHANGELOG", "CONTRIBUTING")}
    below = sorted(file.relative_to(ROOT).as_posix() for file in _written_by_hand())
    return {**top, **{place: place.removeprefix("docs/") for place in below}}


def _written_by_hand() -> list[Path]:
    docs = ROOT / "docs"
    return [*docs.glob("*.md"), *(docs / "guide").glob("*.md")]


def pages(kept: Kept) -> Iterator[Page]:
    """Yield every document, and the files that they show or link to."""
    shown: set[str] = set()
    for origin, place in documents().items():
        if origin != GALLERY_TAKES:
            text = (ROOT / origin).read_text(encoding="utf-8")
            yield Page(place, rewrite_links(text, origin, shown) + _below(origin, text))
    for file in sorted(shown):
        yield Page(f"repository/{file}", (ROOT / file).read_bytes())


def _below(origin: str, text: str) -> str:
    """Return the list of a guide's pages: as its first page links to them, then whatever else."""
    if origin != "docs/guide/index.md":
        return ""
    others = sorted(file.stem for file in (ROOT / "docs" / "guide").glob("*.md"))
    linked = [name for name in re.findall(r"\]\(([\w-]+)\.md\)", text) if name in others]
    return "\n" + toctree(name for name in dict.fromkeys([*linked, *others]) if name != "index")


def rewrite_links(text: str, origin: str, shown: set[str]) -> str:
    """Return a document whose links into the repository lead to pages of the site.

    Parameters
    ----------
    origin : str
        Its place in the repository.
    shown : set of str
        Gets the places of files that are no pages, which are to be copied.
    """

    def new(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(origin), found[2]))
        anchor = "" if target in OWN_PAGES else found[3] or ""  # those pages have other headings
        return f"{found[1]}{_place(target, shown)}{anchor}{found[4]}"

    pieces, end = [], 0
    for code in CODE.finditer(text):
        pieces += [LINK.sub(new, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*pieces, LINK.sub(new, text[end:])])


def _place(target: str, shown: set[str]) -> str:
    """Return where the site has a file of the repository."""
    if target in OWN_PAGES:
        return f"/{OWN_PAGES[target]}"
    if target in documents():
        return f"/{documents()[target]}"
    if re.fullmatch(r"lessons/\d\d_\w+\.py", target):
        return f"/{target.removesuffix('.py')}.rst"
    if (ROOT / target).is_file():
        shown.add(target)
    return f"/repository/{target}"
