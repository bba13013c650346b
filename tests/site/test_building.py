"""How the site is built: quickly where nothing changed, and not at all where something is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
from pages.documents import documents, rewrite_links
from pages.kept import Kept
from pages.markdown import prose
from pages.page import Page, write_pages

ROOT = Path(__file__).resolve().parents[2]


def test_a_page_is_written_only_where_it_changed_and_removed_when_it_is_no_more(tmp_path):
    """Sphinx sets again whatever is newer than its last page; what others wrote there stays."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "one.rst").write_text("by the gallery")
    pages = [Page("a.md", "one"), Page("b/c.png", b"two")]
    assert write_pages(pages, tmp_path, ["lessons"]) == 2
    assert write_pages(pages, tmp_path, ["lessons"]) == 0
    assert write_pages([Page("a.md", "changed")], tmp_path, ["lessons"]) == 1
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"a.md", "lessons/one.rst"}


def test_what_was_found_once_is_not_sought_again(tmp_path):
    """Unless it raised: then nothing is kept."""
    kept = Kept(tmp_path)
    assert kept.result("study", lambda: {"agrees": True}) == {"agrees": True}
    assert kept.result("study", lambda: 1 / 0) == {"agrees": True}
    with pytest.raises(ZeroDivisionError):
        kept.result("another", lambda: 1 / 0)
    assert [file.name for file in tmp_path.iterdir()] == ["study.pickle"]


def test_links_of_a_document_lead_into_the_site():
    """To the page of a lesson or of a document, or to a copy of the file; code is left alone."""
    shown = set()
    text = (
        "[a](../lessons/10_newton.py) [b](speed.md#w7) ![c](explorer.png) "
        "`[d](speed.md)` [e](../README.md#start)"
    )
    assert rewrite_links(text, "docs/tour.md", shown) == (
        "[a](/lessons/10_newton.rst) [b](/speed.md#w7) ![c](/repository/docs/explorer.png) "
        "`[d](speed.md)` [e](/index.md)"
    )
    assert shown == {"docs/explorer.png"}


def test_every_document_of_the_repository_is_a_page():
    """A new page of `docs` appears on the site without being listed anywhere."""
    written = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guide").glob("*.md")]
    known = {file.relative_to(ROOT).as_posix() for file in written}
    assert known <= set(documents())


def test_words_that_look_like_markup_are_words():
    """Registries are written in plain text with code between backticks."""
    assert prose("w_1 * x <b> `a_b` [c](d)") == r"w\_1 \* x \<b\> `a_b` \[c\]\(d\)"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A site of one page and one lesson, which fails, beside the site of an earlier version."""
    place = tmp_path_factory.mktemp("small")
    for name, text in {
        "source/index.md": "# Small\n\n```{toctree}\nlessons/index\n```\n",
        "lessons/GALLERY_HEADER.rst": "Lessons\n=======\n",
        "lessons/01_broken.py": '"""\nBroken\n======\nIt fails.\n"""\n\n# %%\n# Here.\n1 / 0\n',
        "versions/0.0.9/index.html": "<h1>Earlier</h1>",
        "versions/0.0.10/index.html": "<h1>Later</h1>",
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    code = "import sys, build, pathlib; sys.exit(build.set_pages(pathlib.Path(sys.argv[1])))"
    ran = subprocess.run(
        [sys.executable, "-c", code, place],
        cwd=ROOT / "docs",
        capture_output=True,
        text=True,
        check=False,
    )
    return place / "html", ran


def test_a_lesson_that_fails_ends_the_build(small):
    """Its page would otherwise show a traceback in place of what it teaches."""
    _, ran = small
    assert ran.returncode != 0
    assert "ZeroDivisionError" in ran.stdout + ran.stderr


def test_the_site_of_an_earlier_version_can_be_switched_to(small):
    """From every page, the newest first, and it is a part of this site."""
    html, _ = small
    page = (html / "lessons" / "index.html").read_text(encoding="utf-8")
    assert page.index("../0.0.10/index.html") < page.index("../0.0.9/index.html")
    assert (html / "0.0.9" / "index.html").read_text(encoding="utf-8") == "<h1>Earlier</h1>"
