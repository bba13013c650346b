"""The command report: a page is written whatever was found, and the exit code says what it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symlab.book.errata import register
from symlab.book.errata.erratum import Observation
from symlab.cli import app


@pytest.fixture
def symlab(tmp_path, monkeypatch):
    """The command in an empty folder, with a register of one erratum."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(register, "ERRATA", {"E05": register.ERRATA["E05"]})
    return lambda *words: CliRunner().invoke(app, ["report", *words])


def test_a_page_is_written_and_its_counts_are_printed(symlab):
    """Progress goes to stderr, the counts to stdout, the page to report.html."""
    ran = symlab("--only", "errata")
    assert (ran.exit_code, ran.stdout) == (0, "errata: 1 of 1 confirmed\n")
    assert "erratum E05 The perceptron's update has the wrong sign ..." in ran.stderr
    assert "wrote report.html" in ran.stderr
    assert "</html>" in Path("report.html").read_text("utf-8")


def test_what_was_refuted_is_on_the_page_and_in_the_exit_code(symlab):
    """Exit 1, and the page says which."""

    def check(printed, right):
        yield Observation("the chapter is wrong", holds=False)

    register.ERRATA["E98"] = replace(register.ERRATA["E05"], id="E98", check=check, draw=None)
    ran = symlab("--only", "errata", "--out", "deep/er/page.html")
    assert ran.exit_code == 1
    assert "errata: 1 of 2 confirmed" in ran.stdout
    assert "NOT as it should be: errata E98" in ran.stdout
    assert "refuted" in Path("deep/er/page.html").read_text("utf-8")


def test_figures_drawn_before_are_taken_from_their_folder(symlab):
    """A folder without any is a page full of trouble, and still a page."""
    Path("drawn").mkdir()
    ran = symlab("--only", "figures", "--figures", "drawn")
    assert ran.exit_code == 1
    assert "figures: 0 of 36" in ran.stdout
    assert "could not be made" in Path("report.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words, message",
    [
        (["--only", "erata"], "only: unknown part 'erata'; did you mean 'errata'?"),
        (["--only", ""], "only: unknown part ''"),
        (["--figures", "nowhere"], "figures: 'nowhere' is no folder."),
        (["--out", "folder"], "cannot write to folder: is a directory."),
        (["--out", "file/page.html"], "cannot write to file: file exists."),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(symlab, words, message):
    """Before anything runs, and nothing is written."""
    Path("folder").mkdir()
    Path("file").write_text("in the way")
    ran = symlab(*words)
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert sorted(path.name for path in Path().rglob("*")) == ["file", "folder"]


def test_ctrl_c_leaves_no_page(symlab):
    """Neither half of one nor an older one changed."""

    def interrupted(printed, right):
        raise KeyboardInterrupt
        yield

    Path("report.html").write_text("an older one")
    register.ERRATA["E05"] = replace(register.ERRATA["E05"], check=interrupted)
    ran = symlab("--only", "errata")
    assert ran.exit_code == 130
    assert ran.stderr.endswith("stopped\n")
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [
        ("report.html", "an older one")
    ]
