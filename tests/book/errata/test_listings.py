"""Errata of the listings as programs: errors that libraries raise, and libraries that would not."""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import pytest
import sympy

from symlab.book.errata import listings
from symlab.book.errata.listings import NEW, OLD, SEEDED, UNSEEDED, failure, module
from symlab.book.errata.register import find_erratum

E23, E35, E36 = (find_erratum(id) for id in ("E23", "E35", "E36"))
KERAS = [name for name, call in OLD.items() if call.library == "keras"]


def test_the_errors_are_those_of_the_audit():
    """With its messages, so that no other trouble of the same kind is taken for it."""
    with pytest.raises(AttributeError, match="no attribute 'int'"):
        OLD["np.int"].act()
    with pytest.raises(TypeError, match="'Add' object cannot be interpreted as an integer"):
        OLD["lambdify of an array of objects"].act()
    with pytest.raises(ModuleNotFoundError, match=r"pytensor\.tensor\.nnet"):
        OLD["tensor.nnet"].act()


def test_the_three_remedies_of_lambdify_give_one_gradient():
    """A list, an Array and a Matrix, at ones."""
    found = [np.ravel(np.array(each, dtype=float)) for each in NEW[list(OLD)[1]].act()]
    assert len(found) == 3
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_a_numpy_that_still_had_int_would_acquit(monkeypatch):
    """As it had until 1.24."""
    monkeypatch.setattr(np, "int", int, raising=False)
    assert E23.examine().verdict == "refuted"


def test_a_lambdify_that_took_arrays_of_objects_would_acquit(monkeypatch):
    """If it made a list of them first."""

    def tolerant(letters, form):
        return sympy.lambdify(letters, form.tolist() if hasattr(form, "dtype") else form)

    monkeypatch.setattr(listings, "lambdify", tolerant)
    assert E23.examine().verdict == "refuted"


@pytest.fixture
def keras(tmp_path, monkeypatch):
    """A package of that name, with layers that are one module, as those of Keras 3 are."""
    (tmp_path / "keras" / "layers").mkdir(parents=True)
    for folder in ("keras", "keras/layers"):
        (tmp_path / folder / "__init__.py").write_text("raise SystemExit('imported')")
    information = tmp_path / "keras-3.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: keras\nVersion: 3.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "keras" / "layers"


def test_keras_is_tried_only_where_it_is_installed(monkeypatch):
    """Nothing is claimed to be observed of what is not there."""
    seen = listings.find_spec
    monkeypatch.setattr(listings, "find_spec", lambda name: None if name == "keras" else seen(name))
    claims = [observation.claim for observation in E23.examine().observations]
    assert len(claims) == len(OLD) - len(KERAS)
    assert not any("keras" in claim for claim in claims)


def test_a_new_keras_confirms_and_an_old_one_would_acquit(keras):
    """By its files alone: neither package is imported."""
    found = E23.examine()
    assert found.confirmed
    assert len(found.observations) == len(OLD)
    (keras / "convolutional.py").touch()
    assert E23.examine().verdict == "refuted"


def test_a_module_is_found_as_a_file_or_a_folder():
    """And one that is not there is named."""
    assert module("pytensor.tensor.math").with_suffix(".py").is_file()
    assert module("pytensor.tensor").is_dir()
    assert failure(lambda: module("nothing.of.the.kind")) == "ModuleNotFoundError"


def test_the_programs_give_one_gradient():
    """Otherwise their times compare nothing."""
    objective, weights = listings.logistic_plane(), np.array([0.5, -0.25, 0.125])
    programs = (
        listings.derive_in_the_loop,
        listings.derive_once,
        partial(listings.derive_once, shared=True),
        listings.compile_once,
    )
    first, *others = (program(objective)(weights) for program in programs)
    assert all(other == pytest.approx(first, rel=1e-12) for other in others)


def test_a_lambdify_that_remembered_would_acquit(monkeypatch):
    """If making the function anew cost nothing, the loop as printed would be as fast."""

    @lru_cache
    def remembered(letters, form, cse):
        return sympy.lambdify(letters, list(form), cse=cse)

    def made(letters, form, cse):
        return remembered(letters, tuple(form), cse)

    monkeypatch.setattr(listings, "lambdify", made)
    assert E35.examine().verdict == "refuted"


def test_the_unseen_panel_is_of_an_earlier_draw(examination):
    """.4 .4 .6 / .6 .6 .2 / .3 .3 .3, where Figure 009 gives .3 .3 .3 / .6 .6 .3 / .2 .6 .3."""
    numbers = examination("E36").numbers
    assert numbers["off by, an earlier draw"] < 0.05
    assert numbers["off by, images of 009"] == pytest.approx(0.6 - 3 / 9)
    assert (numbers["numbers shared"], numbers["numbers shared, seeded"]) == (0, 100)


@pytest.mark.parametrize(
    "changed", [{"generator": SEEDED.generator}, {"images": SEEDED.images}], ids=["seed", "images"]
)
def test_a_seed_alone_or_the_images_alone_are_not_enough(changed):
    """Either corrected fails a claim."""
    assert E36.examine(replace(UNSEEDED, **changed), SEEDED).verdict == "refuted"
