"""Picture files: the book's look, and the same bytes each time."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib import image
from matplotlib.figure import Figure

from symlab.lab.plots.style import METADATA, pixel_digest, render, save_picture, use_book_style


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
    first = render(drawing(), file_format)
    assert first == render(drawing(), file_format)
    assert b"matplotlib" not in first.lower() or file_format == "svg"  # its font names say so


def test_bytes_do_not_depend_on_the_process_or_the_readers_settings(tmp_path):
    """Hash seeds and a matplotlibrc are other usual causes."""
    (tmp_path / "matplotlibrc").write_text("savefig.dpi: 300\nsvg.fonttype: none\n")
    code = (
        "import sys; from matplotlib.figure import Figure\n"
        "from symlab.lab.plots import style as p\n"
        "p.use_book_style(); figure = Figure(); figure.subplots().plot([1, 2], label='$x$')\n"
        "sys.stdout.buffer.write(p.render(figure, 'svg'))"
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


def test_a_fingerprint_is_of_the_pixels_and_not_of_the_file():
    """The same picture packed otherwise has it, another picture has not."""
    png = render(drawing())
    pixels = image.imread(BytesIO(png), format="png")
    packed, other = BytesIO(), BytesIO()
    image.imsave(packed, pixels, format="png", pil_kwargs={"compress_level": 0})
    pixels[5, 5, 0] = 1 - pixels[5, 5, 0]
    image.imsave(other, pixels, format="png")
    assert packed.getvalue() != png
    assert pixel_digest(packed.getvalue()) == pixel_digest(png)
    assert pixel_digest(other.getvalue()) != pixel_digest(png)
