"""A figure drawn again is left alone where nothing counts as different, else replaced."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas

from symlab.book.figures.saving import Output, save_figure, saving

ID = "gradient_descent_001"


def drawn(directory, slope=1.0, formats=("png",), backend="numpy"):
    """Save a line of this slope as a figure of the book, and return the folder's files."""
    canvas = Canvas(figsize=(3, 2))
    canvas.subplots().plot([0, 1], [0, slope])
    with saving(Output(directory, formats)):
        save_figure(ID, canvas, numbers={"slope": slope}, backend=backend)
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_figure_that_differs_in_its_last_bits_keeps_its_files(tmp_path):
    """So that `make figures` in a sound checkout changes nothing that git would see."""
    first = drawn(tmp_path)
    passport = json.loads(first[f"{ID}.json"])
    passport["versions"]["python"] = "3.12.0"
    committed = json.dumps(passport).encode()
    (tmp_path / f"{ID}.json").write_bytes(committed)
    after = drawn(tmp_path, slope=float(np.nextafter(1, 2)))
    assert after[f"{ID}.json"] == committed
    assert after[f"{ID}.png"] == first[f"{ID}.png"]


def test_a_figure_that_differs_is_written(tmp_path):
    """Both its files, and what other formats were asked for in any case."""
    first, after = drawn(tmp_path), drawn(tmp_path, slope=1.001, formats=("png", "svg"))
    assert first[f"{ID}.json"] != after[f"{ID}.json"]
    assert json.loads(after[f"{ID}.json"])["numbers"]["slope"]["value"] == 1.001
    assert f"{ID}.svg" in after


def test_a_figure_that_another_backend_computed_is_written(tmp_path):
    """Its passport says what drew it; the picture has the same bytes."""
    first, after = drawn(tmp_path, backend="numba"), drawn(tmp_path, backend="c")
    assert json.loads(after[f"{ID}.json"])["backend"] == "c"
    assert after[f"{ID}.png"] == first[f"{ID}.png"]


@pytest.mark.parametrize("name", [f"{ID}.json", f"{ID}.png"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x89PNG cut"])
def test_a_damaged_file_is_written_anew(name, content, tmp_path):
    """What cannot be read does not stand, whatever stands beside it."""
    first = drawn(tmp_path)
    (tmp_path / name).write_bytes(content)
    assert drawn(tmp_path) == first
