"""A report: what is asked for is found, counted and put in its place, whatever goes wrong."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from symlab.book.errata import register
from symlab.book.experiments import STUDIES
from symlab.book.figures.register import FIGURES
from symlab.book.lessons import folder
from symlab.book.report.report import PARTS, parse_parts, report
from symlab.book.report.results import formula
from symlab.book.report.sections import BEYOND, SECTIONS


def test_everything_is_in_its_section_in_the_order_of_the_chapter(small):
    """Each section has its own figures, errata and studies."""
    found = {
        section.number: {part: [e.name for e in those] for part, those in section.entries.items()}
        for section in small.sections
    }
    assert found == {
        1: {"errata": ["E05"]},
        7: {"figures": ["LS_cost"]},
        10: {"studies": ["newton"]},
        11: {"figures": ["gradient_descent_004"]},
        15: {"figures": ["gradient_descent_006"]},
    }
    assert list(found) == sorted(found)


def test_what_is_as_it_should_be_is_counted(small):
    """So many of so many, by part; and a report without trouble is sound."""
    counts = {tally.part.name: (tally.passed, tally.total) for tally in small.tallies}
    assert counts == {"figures": (3, 3), "errata": (1, 1), "studies": (1, 1)}
    assert all(tally.complete for tally in small.tallies)
    assert small.sound


def test_every_section_that_something_names_has_a_title():
    """Registries may not outgrow the chapter unnoticed."""
    named = {figure.section for figure in FIGURES.values()}
    named |= {erratum.section for erratum in register.ERRATA.values()}
    named |= {int(study.section) for study in STUDIES.values() if study.section.isdecimal()}
    assert named <= SECTIONS.keys() - {BEYOND}


def test_figures_are_drawn_anew_unless_a_folder_is_given(tmp_path, monkeypatch):
    """As drawings, which are sharp on any screen; the lesson is told before it runs."""
    monkeypatch.chdir(tmp_path)
    told = []
    found = report({"figures": ("gradient_descent_004",)}, say=told.append)
    (entry,) = found.entries
    assert entry.passed
    assert told == ["lesson 11_step_size"]
    assert entry.found[0].picture.source.startswith("data:image/svg+xml,")
    assert found.redrawn
    assert list(Path().iterdir()) == []


def test_a_figure_that_is_missing_fails_alone(tmp_path):
    """The folder has one figure and not the other."""
    for ending in ("png", "json"):
        name = f"LS_cost.{ending}"
        (tmp_path / name).write_bytes((folder("figures") / name).read_bytes())
    found = report({"figures": ("LS_cost", "gradient_descent_004")}, figures=tmp_path)
    assert [entry.passed for entry in found.entries] == [True, False]
    (trouble,) = found.troubles
    assert "gradient_descent_004.json" in trouble.error
    assert str(tmp_path) not in trouble.error


def test_a_figure_with_another_number_differs(tmp_path):
    """It is shown, and what differs is said."""
    for ending in ("png", "json"):
        content = (folder("figures") / f"gradient_descent_004.{ending}").read_bytes()
        wrong = content.replace(b'"value": 2.6,', b'"value": 2.5,')
        (tmp_path / f"gradient_descent_004.{ending}").write_bytes(wrong)
    (entry,) = report({"figures": ("gradient_descent_004",)}, figures=tmp_path).entries
    assert not entry.passed
    (panel,) = entry.found
    assert any("new iterate" in failure for failure in panel.check.failures)


def test_a_lesson_that_fails_is_named_with_its_last_word(monkeypatch):
    """Without the folders of a traceback."""
    monkeypatch.setattr(
        "symlab.book.report.figures.regenerate",
        lambda *_: (
            SimpleNamespace(
                lesson=SimpleNamespace(name="step_size"),
                error="Traceback ...\nOSError: no '/somewhere/secret/data.csv'\n",
            ),
        ),
    )
    (entry,) = report({"figures": ("gradient_descent_004",)}).entries
    assert entry.error == "RuntimeError: lesson step_size failed with OSError: no 'data.csv'"


def test_when_no_lesson_can_be_run_every_figure_says_why(monkeypatch):
    """A full disk, say; the rest of the page is made all the same."""

    def full(*_):
        raise OSError("There is no space left.")

    monkeypatch.setattr("symlab.book.report.figures.regenerate", full)
    found = report({"figures": ("gradient_descent_004", "MLP"), "errata": ("E05",)})
    assert [entry.passed for entry in found.entries] == [False, False, True]
    assert all("There is no space left." in entry.error for entry in found.troubles)


def test_a_study_that_breaks_leaves_the_others(monkeypatch):
    """Its error is its entry."""

    def run(_):
        raise ArithmeticError("not today")

    broken = SimpleNamespace(name="broken", section="9", max_steps=1, run=run)
    known = {"broken": broken, "newton": STUDIES["newton"]}
    monkeypatch.setattr("symlab.book.experiments.STUDIES", known)
    found = report({"studies": ()})
    assert [entry.passed for entry in found.entries] == [False, True]
    assert found.troubles[0].summary == "studies broken: ArithmeticError: not today"
    assert not found.sound


def test_a_registry_that_cannot_be_loaded_is_an_entry_of_its_own(monkeypatch):
    """The page is not lost with it."""

    def absent():
        raise ImportError("gone")

    lost = SimpleNamespace(**{**vars(PARTS["errata"]), "registry": absent})
    monkeypatch.setitem(PARTS, "errata", lost)
    (entry,) = report({"errata": ()}).entries
    assert entry.error == "ImportError: gone"


@pytest.mark.parametrize(
    "wanted, figures, message",
    [
        ({"figure": ()}, None, "only: unknown part 'figure'; did you mean 'figures'?"),
        ({"studies": ("netwon",)}, None, "studies: unknown name 'netwon'; did you mean 'newton'?"),
        ({"errata": ("E99",)}, None, "errata: unknown name 'E99'"),
        ({"figures": ()}, Path("nowhere"), "figures: 'nowhere' is no folder."),
    ],
)
def test_what_is_unknown_is_refused_before_anything_runs(wanted, figures, message):
    """With the nearest name where one is near."""
    with pytest.raises(ValueError, match=re.escape(message)):
        report(wanted, figures=figures)


def test_parts_are_named_in_a_list():
    """As they are typed after --only."""
    assert parse_parts(" errata ,figures") == {"errata": (), "figures": ()}
    with pytest.raises(ValueError, match="unknown part ''"):
        parse_parts("")


def test_a_formula_that_cannot_be_converted_is_kept_as_it_was_written():
    """Rather LaTeX that can be read than MathML that is wrong."""
    assert formula(r"\unheard{of}").mathml == ""
    assert formula(r"\unheard{of}").latex == r"\unheard{of}"
