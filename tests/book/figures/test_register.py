"""The registry of the figures: what a figure's results become in its passport."""

import json
from inspect import signature

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure as Canvas

import symlab as sl
from symlab.book import lessons
from symlab.book.figures.register import FIGURES
from symlab.book.figures.saving import Output, save_figure, saving


@pytest.fixture
def passport(tmp_path):
    """A function that saves an empty figure and returns its passport."""

    def of(id, *results, **given):
        with saving(Output(tmp_path)):
            save_figure(id, Canvas(), *results, **given)
        return json.loads((tmp_path / f"{id}.json").read_text())

    return of


def named(passport):
    """The named numbers of a passport and their tolerances."""
    return {name: (row["value"], row["tolerance"]) for name, row in passport["numbers"].items()}


@pytest.fixture(scope="module")
def trace():
    """A gradient step of two variables."""
    x, y = sp.symbols("x y", real=True)
    return sl.minimize(sl.Objective(x**2 + y**2), [1, 2], "gradient_descent", 1, backend="sympy")


def test_results_become_named_numbers_by_place_or_by_name(passport):
    """The kernel's two entries, which are promised to the last bit."""
    kernel = np.array([[0.5, -0.25], [-0.25, 0.5]])
    expected = {"on the diagonal": (0.5, 0.0), "off it": (-0.25, 0.0)}
    assert named(passport("image_processing_010", kernel)) == expected
    assert named(passport("image_processing_010", kernel=kernel)) == expected


def test_numbers_that_are_given_stand_in_place_of_the_registered(passport):
    """The older form; it needs no results, and what it gives counts."""
    given = passport("image_processing_010", numbers={"mine": (1, 0.5)}, seed=7, backend="c")
    assert named(given) == {"mine": (1.0, 0.5)}
    assert (given["seed"], given["backend"]) == (7, "c")


def test_a_trace_tells_its_backend_and_the_registration_adds_to_it(passport, trace):
    """Our run beside scikit-learn's; and figures without a trace, registered or not."""
    fits = passport("deep_learning_001", trace, np.array([1.0, 2.0]), 0.25)
    assert (fits["backend"], fits["seed"]) == ("sympy, scikit-learn", 14)
    assert named(fits)["largest difference of probability"] == (0.25, 1e-5)
    assert passport("deep_learning_001", trace, [1.0, 2.0], 0.25, seed=3)["seed"] == 3
    assert passport("image_processing_007", np.eye(2))["backend"] == "numpy"
    assert passport("image_processing_017", np.eye(2))["backend"] == "interpreted"


@pytest.mark.parametrize(
    "results, got",
    [
        ((), "(seed: int)"),
        ((1, 2, 3), "(int, int, int, seed: int)"),
        ((np.eye(2), 1), "(ndarray, int, seed: int)"),
    ],
)
def test_results_of_another_number_or_kind_are_told_in_a_line(results, got):
    """What the figure shows, by name and kind, and what was given."""
    with pytest.raises(TypeError) as raised:
        FIGURES["deep_learning_005"].numbers(*results, seed=1)
    assert str(raised.value) == (
        "results: expected (history: History, test_accuracy: float) for deep_learning_005, "
        f"got {got}."
    )


@pytest.mark.parametrize("id", FIGURES)
def test_what_a_figure_shows_is_told_by_name_and_kind(id):
    """So that the message of a mistake helps."""
    figure = FIGURES[id]
    for each in signature(figure.invariants).parameters.values():
        assert each.annotation is not each.empty
        assert f"{each.name}: {each.annotation}" in figure.results


@pytest.mark.parametrize("id", FIGURES)
def test_the_registration_agrees_with_the_committed_passport(id):
    """The row's facts and seed, and whatever backend it names."""
    figure = FIGURES[id]
    committed = json.loads((lessons.folder("figures") / f"{id}.json").read_text())
    assert committed["figure"] == json.loads(json.dumps(figure.facts))
    assert committed["seed"] == figure.seed
    assert figure.backend in committed["backend"]


def test_captions_are_sentences_and_each_figure_has_its_lesson():
    """The registry is what the list, the passports and the book read."""
    for id, figure in FIGURES.items():
        assert figure.id == id
        assert figure.caption.endswith(".")
        assert figure in lessons.find([figure.lesson])[0].figures
