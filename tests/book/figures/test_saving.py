"""The book's figures: the registry, saving, drawing again, and a check that can fail."""

import dataclasses
import json
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from chapter import CYCLE, ITERATES
from matplotlib import image
from matplotlib.figure import Figure as Canvas

from symlab.book import lessons
from symlab.book.figures import check as gallery
from symlab.book.figures.check import check, compare_files, lessons_for, regenerate
from symlab.book.figures.figure import DRAWN_BY
from symlab.book.figures.register import FIGURES
from symlab.book.figures.saving import Output, parse_formats, save_figure, saving
from symlab.engine.backends import BACKENDS
from symlab.lab.plots.style import pixel_digest

# Every lesson runs before the first test, which takes minutes where nothing has been compiled yet.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def baseline(drawn, tmp_path):
    """A folder with a figure, by its id: a copy of what was drawn, to be spoilt."""

    def copied(id):
        folder = tmp_path / "baseline"
        return folder if folder.is_dir() else Path(shutil.copytree(drawn(id), folder))

    return copied


def committed(_):
    """The folder of any committed figure."""
    return lessons.folder("figures")


def document(folder, id):
    """A figure's passport, in a folder that depends on its id."""
    return json.loads((folder(id) / f"{id}.json").read_text())


def compared(id, one, other, evidence):
    """How a figure compares in two folders that depend on its id."""
    return compare_files(id, one(id), other(id), evidence)


def points(folder, id, name):
    """An array of a passport, as drawn."""
    kept = document(folder, id)["arrays"][f"axes 0, {name}"]
    values = [np.nan if value is None else value for value in kept["values"]]
    return np.reshape(values, kept["shape"])


@pytest.mark.parametrize("id", FIGURES)
def test_every_figure_is_drawn_in_every_format(drawn, id):
    """Picture, two vector pictures and passport; and nothing besides."""
    assert {path.name for path in drawn(id).glob(f"{id}.*")} == {
        f"{id}.{e}" for e in ("png", "svg", "pdf", "json")
    }
    assert list(drawn(id).glob(".*")) == []


@pytest.mark.parametrize("id", FIGURES)
def test_every_figure_agrees_with_the_committed_one(drawn, tmp_path, id):
    """What `symlab figures --check` asks."""
    result = compared(id, committed, drawn, tmp_path)
    assert result.failures == ()


@pytest.mark.parametrize(
    "id, size",
    [
        ("gradient_descent_001", (720, 360)),
        ("gradient_descent_002", (576, 360)),
        ("gradient_descent_003", (720, 360)),
        ("gradient_descent_004", (720, 360)),
    ],
)
def test_a_figure_has_the_books_pixels(drawn, id, size):
    """Chapter, sections 9 and 11: 10 by 5 or 8 by 5 inches at 72 dots per inch."""
    height, width, _ = image.imread(drawn(id) / f"{id}.png").shape
    assert (width, height) == size


def test_the_first_figure_is_the_curve_and_six_windows(drawn):
    """Black curve of width 3; per window one black line of default width and one gray region."""
    words = document(drawn, "gradient_descent_001")["words"]
    styles = [words[f"axes 0, line {i}, style"] for i in range(7)]
    regions = [words[name] for name in words if "FillBetween" in name and "style" in name]
    assert styles == ["#000000, - 3, marker None 6"] + 6 * ["#000000, - 1.5, marker None 6"]
    assert regions == 6 * ["#808080, alpha 0.3"]
    assert words["axes 0, x label"] == "$x$"
    assert words["axes 0, y label"] == "$f(x)$" + 10 * " "
    assert (words["axes 0, x label size"], words["axes 0, y label size"]) == ("25", "25")
    assert words["axes 0, spines"] == "left bottom"
    assert points(drawn, "gradient_descent_001", "x ticks") == pytest.approx(np.arange(0, 3.5, 0.5))


def test_the_second_figure_is_the_chapters_21_iterates(drawn):
    """Every printed digit, ticks at the even counts, and the results the figure stands for."""
    line = points(drawn, "gradient_descent_002", "line 0")
    assert line[:, 0].tolist() == list(range(21))
    assert line[:, 1] == pytest.approx(ITERATES, abs=5e-9)
    assert points(drawn, "gradient_descent_002", "x ticks").tolist() == list(range(0, 21, 2))
    numbers = document(drawn, "gradient_descent_002")["numbers"]
    assert numbers["step limit"]["exact"] == "8/81"
    cycle = [numbers[f"cycle, {end}"]["value"] for end in ("low", "high")]
    assert cycle == pytest.approx(CYCLE, rel=1e-14)


def test_the_third_figure_has_a_window_at_every_iterate(drawn):
    """21 dots of size 10 on the curve, and 21 tangents of width 3 over 3 or 4 grid points each."""
    words = document(drawn, "gradient_descent_003")["words"]
    dots = points(drawn, "gradient_descent_003", "line 1")
    lines = [points(drawn, "gradient_descent_003", f"line {i}") for i in range(2, 23)]
    assert dots[:, 0] == pytest.approx(ITERATES, abs=5e-9)
    assert dots[:, 1] == pytest.approx(2 - 3 * dots[:, 0] ** 3 + dots[:, 0] ** 4)
    assert {int(np.isfinite(line[:, 1]).sum()) for line in lines} <= {3, 4}
    assert words["axes 0, line 0, style"] == "#d3d3d3, - 3, marker None 6"
    assert words["axes 0, line 1, style"] == "#000000, alpha 0.3, None 1.5, marker o 10"
    assert (words["axes 0, y label"], words["axes 0, legend"]) == ("", "")


def test_the_fourth_figure_is_the_accepted_step(drawn):
    """Chapter, section 11: alpha = 8/25 takes 1 to 13/5; h and f meet again at 2.6937."""
    numbers = document(drawn, "gradient_descent_004")["numbers"]
    assert numbers["step size"]["exact"] == "8/25"
    assert numbers["new iterate"]["exact"] == "13/5"
    assert numbers["f there"]["value"] == pytest.approx(-5.0304, abs=1e-12)
    assert numbers["f = h"]["value"] == pytest.approx(2.6937, abs=5e-5)
    words = document(drawn, "gradient_descent_004")["words"]
    assert words["axes 0, legend"] == "$f(x)$ | $h_{\\alpha}(x)$"


def test_drawing_twice_gives_the_same_bytes(drawn, tmp_path, monkeypatch):
    """In other processes, of another hash seed, alone, and in another order of formats.

    Among these are formulas, collections, and images and words under a tight layout.
    """
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    ids = ["gradient_descent_004", "adder", "image_processing_007"]
    regenerate(ids, Output(tmp_path, ("pdf", "svg", "png")), jobs=1)
    names = {f"{id}.{ending}" for id in ids for ending in ("json", "png", "svg", "pdf")}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert [
        n for n in names if (tmp_path / n).read_bytes() != (drawn(n.split(".")[0]) / n).read_bytes()
    ] == []


@pytest.mark.parametrize("id", FIGURES)
def test_a_passport_tells_what_there_is_to_know(id):
    """Results by name, what computed them, and which versions of it."""
    passport = document(committed, id)
    assert passport["numbers"] != {}
    assert all(number["tolerance"] >= 0 for number in passport["numbers"].values())
    assert set(passport["backend"].split(", ")) <= set(DRAWN_BY)
    assert {"numpy", "matplotlib", "pytensor", "numba"} <= passport["versions"].keys()


def test_the_backends_are_among_what_may_draw():
    """The registry does not import them, because listing figures must not load PyTensor."""
    assert set(BACKENDS) < set(DRAWN_BY)
    with pytest.raises(ValueError, match="backend: unknown name 'nunba'; did you mean 'numba'"):
        save_figure("adder", Canvas(), backend=("numpy", "nunba"))


def test_the_results_that_the_chapter_states_are_among_the_numbers():
    """What a reader would look for first."""
    stated = {
        "gradient_descent_002": ("step limit", 8 / 81),
        "image_processing_003": ("res[1,1]", 3),
        "image_processing_018": ("trained, right of 20", 20),
        "MLP": ("arrows", 27),
        "image_processing_009": ("different images", 16),
    }
    found = {
        id: document(committed, id)["numbers"][name]["value"] for id, (name, _) in stated.items()
    }
    assert found == {id: value for id, (_, value) in stated.items()}


@pytest.mark.parametrize("id, entry", [("gradient_descent_001", 75), ("gradient_descent_002", 41)])
def test_a_wrong_number_is_named_with_both_values(drawn, baseline, tmp_path, id, entry):
    """Off by a millionth, which no eye and no pixel would show."""
    wrong = document(baseline, id)
    value = wrong["arrays"]["axes 0, line 0"]["values"][entry]
    wrong["arrays"]["axes 0, line 0"]["values"][entry] = value + 1e-6
    (baseline(id) / f"{id}.json").write_text(json.dumps(wrong))
    result = compared(id, baseline, drawn, tmp_path)
    assert not result.passed
    (words,) = result.failures
    assert words.startswith(
        f"axes 0, line 0, entry {entry}: committed {value + 1e-6}, drawn {value}"
    )
    assert result.evidence == tmp_path / f"{id}-difference.png"
    assert (
        image.imread(result.evidence).shape[1] == 3 * image.imread(drawn(id) / f"{id}.png").shape[1]
    )


PERTURBED = {
    "res[1,1]": ("image_processing_003", ("numbers", "res[1,1]", "value"), 3.001),
    "trained, right of 20": (
        "image_processing_018",
        ("numbers", "trained, right of 20", "value"),
        19,
    ),
    "axes 0, image 0, entry 7": (
        "image_processing_001",
        ("arrays", "axes 0, image 0", "values", 7),
        2,
    ),
    "axes 0, line 1, entry 39": (
        "deep_learning_001",
        ("arrays", "axes 0, line 1", "values", 39),
        0.9,
    ),
    "axes 0, text 0": ("image_processing_004", ("words", "axes 0, text 0"), "3"),
    "axes 0, line 0, style": ("LS_cost", ("words", "axes 0, line 0, style"), "#ff0000, - 1.5"),
    "caption": ("adder", ("figure", "caption"), "Another sentence."),
    "seed": ("deep_learning_003", ("seed",), 19),
}


@pytest.mark.parametrize("name", PERTURBED)
def test_whatever_is_perturbed_fails_and_is_named(drawn, baseline, tmp_path, name):
    """A result, an entry, a word, a colour, a caption, a seed: with the picture as it was."""
    id, path, value = PERTURBED[name]
    wrong = document(baseline, id)
    part = wrong
    for step in path[:-1]:
        part = part[step]
    assert part[path[-1]] != value
    part[path[-1]] = value
    (baseline(id) / f"{id}.json").write_text(json.dumps(wrong))
    result = compared(id, baseline, drawn, tmp_path)
    assert [words.split(": committed")[0] for words in result.failures] == [name]
    assert result.evidence.exists()


@pytest.mark.parametrize("lack", ["", "no C++ compiler was found"])
def test_another_backend_fails_only_where_the_committed_one_can_run(
    drawn, baseline, tmp_path, monkeypatch, lack
):
    """A passport that tells of a backend that lessons have left is wrong; a lack is no error."""
    wrong = document(baseline, "LS_cost")
    assert wrong["backend"] == "c"
    wrong["backend"] = "numba, scikit-learn"
    (baseline("LS_cost") / "LS_cost.json").write_text(json.dumps(wrong))
    numba = dataclasses.replace(BACKENDS["numba"], lacks=lambda: lack)
    monkeypatch.setitem(BACKENDS, "numba", numba)
    result = compared("LS_cost", baseline, drawn, tmp_path)
    words = ("backend: committed numba, scikit-learn, drawn c",)
    assert (result.failures, result.notes) == (((), words) if lack else (words, ()))


def test_a_lesson_that_computes_otherwise_fails_its_figure(tmp_path, monkeypatch):
    """From end to end: the weight of the mean a thousandth off, in a lesson that still runs."""
    lesson = lessons.find(["moving_averages"])[0]
    until_drawn, _, _ = lesson.path.read_text().partition("\n# %%\n# pandas' mean\n")
    before, call, after = until_drawn.partition(".ewm(com=1)")
    assert call
    assert "save_figure" in after
    path = tmp_path / lesson.path.name
    path.write_text(f"{before}.ewm(com=1.001){after}")
    monkeypatch.setattr(gallery, "find", lambda _: (dataclasses.replace(lesson, path=path),))
    (result,) = check(["gradient_descent_005"], tmp_path / "evidence")
    assert result.failures[0].startswith("EWMA at 1: committed 0.3333333333333333, drawn 0.333")
    assert any(words.startswith("axes 0, line 1, entry") for words in result.failures)


def test_a_picture_of_another_drawing_fails(drawn, baseline, tmp_path):
    """As after a kill between the two files; a hundredth of a gray, in one pixel, is enough."""
    path = baseline("gradient_descent_001") / "gradient_descent_001.png"
    pixels = image.imread(path)
    pixels[0, 0, :3] -= 0.01
    plt.imsave(path, pixels)
    result = compared("gradient_descent_001", baseline, drawn, tmp_path)
    assert result.failures == (
        "gradient_descent_001.png is not the picture of gradient_descent_001.json; "
        "`symlab figures gradient_descent_001` draws both",
    )


def test_a_wrong_result_is_named_by_its_name(drawn, baseline, tmp_path):
    """The step limit, moved by a ten-thousandth."""
    wrong = document(baseline, "gradient_descent_002")
    wrong["numbers"]["step limit"]["value"] += 1e-4
    (baseline("gradient_descent_002") / "gradient_descent_002.json").write_text(json.dumps(wrong))
    result = compared("gradient_descent_002", baseline, drawn, tmp_path)
    assert result.failures[0].startswith("step limit: committed 0.09886")


@pytest.mark.parametrize("version, passes", [(None, False), ("2.1.1", True)])
def test_pixels_alone_fail_only_under_the_same_matplotlib(
    drawn, baseline, tmp_path, version, passes
):
    """Another version sets type otherwise, so then it is a note."""
    id = "gradient_descent_002"
    pixels = image.imread(baseline(id) / f"{id}.png")[..., :3].copy()
    pixels[:60] = 0
    plt.imsave(baseline(id) / f"{id}.png", pixels)
    passport = document(baseline, id)
    passport["versions"]["matplotlib"] = version or passport["versions"]["matplotlib"]
    passport["pixels"] = pixel_digest((baseline(id) / f"{id}.png").read_bytes())
    (baseline(id) / f"{id}.json").write_text(json.dumps(passport))
    result = compared(id, baseline, drawn, tmp_path)
    assert result.passed is passes
    assert any("pixels differ" in note for note in result.notes) is passes
    assert (result.evidence is None) is passes


def test_a_picture_of_another_size_fails(drawn, baseline, tmp_path):
    """And still leaves both side by side."""
    path = baseline("gradient_descent_001") / "gradient_descent_001.png"
    plt.imsave(path, np.zeros((100, 100, 3)))
    result = compared("gradient_descent_001", baseline, drawn, tmp_path)
    assert "pixels differ by inf" in result.failures[-1]
    assert result.evidence.exists()


@pytest.mark.parametrize(
    "spoil, words",
    [
        (lambda path: path.unlink(), "gradient_descent_001.json is missing"),
        (lambda path: path.write_text("{"), "cannot be compared: JSONDecodeError"),
        (lambda path: path.write_text("{}"), "cannot be compared: KeyError"),
        (lambda path: path.with_suffix(".png").unlink(), "gradient_descent_001.png is missing"),
    ],
)
def test_a_missing_or_broken_baseline_is_a_failure(drawn, baseline, tmp_path, spoil, words):
    """Nothing to compare with must never pass."""
    spoil(baseline("gradient_descent_001") / "gradient_descent_001.json")
    result = compared("gradient_descent_001", baseline, drawn, tmp_path)
    assert words in result.failures[0]


def test_a_pass_removes_the_evidence_of_an_earlier_failure(drawn, tmp_path):
    """It would accuse a figure that is sound by now."""
    stale = tmp_path / "gradient_descent_001-difference.png"
    stale.write_bytes(b"old")
    assert compared("gradient_descent_001", drawn, drawn, tmp_path).passed
    assert not stale.exists()


@pytest.mark.parametrize(
    "code, words",
    [
        (
            '"""T."""\n1 / 0\n',
            "lesson gradient_descent failed: ZeroDivisionError: division by zero",
        ),
        ('"""T."""\n', "lesson gradient_descent ran but did not draw it"),
    ],
)
def test_a_lesson_that_draws_nothing_fails_its_figures(tmp_path, monkeypatch, code, words):
    """Else a figure whose lesson broke would be compared with nothing, or not at all."""
    path = tmp_path / "09_gradient_descent.py"
    path.write_text(code)
    broken = lessons.Lesson(9, "gradient_descent", "T.", path)
    monkeypatch.setattr(gallery, "find", lambda _: (broken,))
    (result,) = check(["gradient_descent_002"], tmp_path / "evidence")
    assert result.failures == (words,)
    assert not (tmp_path / "evidence").exists()


def test_unknown_ids_and_formats_are_refused_with_the_nearest():
    """Before anything runs."""
    with pytest.raises(ValueError, match="did you mean 'gradient_descent_001'"):
        save_figure("gradient_descent_01", Canvas())
    with pytest.raises(ValueError, match="unknown id 'nothing'"):
        regenerate(["nothing"], Output(Path("never")))
    assert not Path("never").exists()
    with pytest.raises(TypeError, match="figure: expected a matplotlib Figure, got 3"):
        save_figure("gradient_descent_001", 3)
    assert parse_formats("PNG, svg,png") == ("png", "svg")
    with pytest.raises(ValueError, match="unknown format 'pngs'; did you mean 'png'"):
        parse_formats("svg,pngs")
    with pytest.raises(ValueError, match="expected some of png, svg, pdf"):
        parse_formats(" , ")


def test_the_longest_lessons_come_first():
    """So that the last process does not begin with the longest when the others have nothing."""
    names = [lesson.name for lesson in lessons_for([])]
    assert names[0] == "cnn_trained"
    assert len(names) == len(set(names)) == len({figure.lesson for figure in FIGURES.values()})
    assert names.index("functional_models") < names.index("convolution")


@pytest.mark.parametrize("jobs", [0, -1])
def test_a_number_of_processes_that_is_none_is_refused(tmp_path, jobs):
    """Before anything runs or is made."""
    with pytest.raises(
        ValueError, match=f"jobs: expected a whole number of at least 1, got {jobs}"
    ):
        regenerate(["adder"], Output(tmp_path / "new"), jobs=jobs)
    assert not (tmp_path / "new").exists()


def test_figures_go_to_the_current_folder_unless_told_otherwise(tmp_path, monkeypatch):
    """And an id that was not asked for is not written."""
    monkeypatch.chdir(tmp_path)
    picture, png = save_figure("gradient_descent_001", Canvas())[::-1]
    assert (picture, png) == (
        Path("figures/gradient_descent_001.json"),
        Path("figures/gradient_descent_001.png"),
    )
    output = Output(tmp_path / "other", ("pdf",), frozenset({"gradient_descent_002"}))
    with saving(output):
        assert save_figure("gradient_descent_001", Canvas()) == ()
        save_figure("gradient_descent_002", Canvas())
    names = {path.name for path in (tmp_path / "other").iterdir()}
    assert names == {"gradient_descent_002.pdf", "gradient_descent_002.json"}
    assert list(output.written) == ["gradient_descent_002"]
