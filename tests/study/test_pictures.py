"""Picture files: the same bytes each time, whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from symlab.study import pictures
from symlab.study.pictures import METADATA, rendered, replace_file, save_picture, use_book_style


def drawing():
    """A figure with a formula, a marker and a legend."""
    figure = Figure()
    ax = figure.subplots()
    ax.plot([1, 2], [3, 4], "o-", label=r"$\alpha x_k$")
    ax.legend()
    return figure


@pytest.mark.parametrize("file_format", METADATA)
def test_the_same_figure_gives_the_same_bytes(file_format):
    """Dates, random ids and version strings are what usually differ."""
    first = rendered(drawing(), file_format)
    assert first == rendered(drawing(), file_format)
    assert b"matplotlib" not in first.lower() or file_format == "svg"  # its font names say so


def test_bytes_do_not_depend_on_the_process_or_the_readers_settings(tmp_path):
    """Hash seeds and a matplotlibrc are other usual causes."""
    (tmp_path / "matplotlibrc").write_text("savefig.dpi: 300\nsvg.fonttype: none\n")
    code = (
        "import sys; from matplotlib.figure import Figure; from symlab.study import pictures as p\n"
        "p.use_book_style(); figure = Figure(); figure.subplots().plot([1, 2], label='$x$')\n"
        "sys.stdout.buffer.write(p.rendered(figure, 'svg'))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for folder, seed in ((Path.cwd(), "1"), (tmp_path, "2"))
    ]
    assert outputs[0] == outputs[1] != b""


def test_the_book_style_sets_formulas_in_computer_modern():
    """And leaves nothing of the reader's own settings."""
    with plt.rc_context({"lines.linewidth": 9}):
        use_book_style()
        assert plt.rcParams["mathtext.fontset"] == "cm"
        assert plt.rcParams["lines.linewidth"] == 1.5


def test_a_bare_name_goes_to_pictures_and_a_path_where_it_says(tmp_path, monkeypatch):
    """The second is what `symlab analyze --plot FILE` needs."""
    monkeypatch.chdir(tmp_path)
    assert save_picture(drawing(), "basins") == Path("pictures/basins.png")
    assert Path("pictures/basins.png").read_bytes().startswith(b"\x89PNG")
    assert save_picture(drawing(), tmp_path / "deep/er.svg").read_text().startswith("<?xml")
    with pytest.raises(ValueError, match=r"unknown format 'pngg'; did you mean 'png'\?"):
        save_picture(drawing(), tmp_path / "plot.pngg")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    """A full disk or a kill comes before the file is in its place."""
    path = tmp_path / "figure.png"
    replace_file(path, b"old")

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(pictures.Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_can_be_read_by_others(tmp_path):
    """A temporary file is private by default, a figure is not."""
    replace_file(tmp_path / "figure.png", b"content")
    (tmp_path / "plain").write_text("content")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1
