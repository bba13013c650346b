"""Errata of sections 17 and 18: their numbers, and what would acquit the chapter."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from symlab.book.errata import images
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.images import forward_slash, network, two_diagonals
from symlab.book.errata.register import find_erratum
from symlab.nn.images import KERNELS, convolve

E17, E25, E28 = (find_erratum(id) for id in ("E17", "E25", "E28"))


def test_the_listing_is_the_libraries_own_and_ours():
    """SciPy's convolve and symlab's agree on a lopsided kernel, to rounding."""
    image, kernel = np.arange(36.0).reshape(6, 6), np.arange(9.0).reshape(3, 3)
    assert images.listing(image, kernel) == pytest.approx(convolve(image, kernel))


def test_the_walk_has_the_recorded_numbers(examination):
    """2 at (0, 0), 3 at (1, 1), a third by pixels, and 3.0 and 7.1 apart for learnt kernels."""
    numbers = examination("E17").numbers
    assert (numbers["found there"], numbers["found at (1, 1)"], numbers["as said"]) == (2, 3, 3)
    assert numbers["a full match, divided"] == pytest.approx(0.333, abs=5e-4)
    assert numbers["by the sum of entries"] == 1
    assert numbers["apart, hand-made kernels"] < 2.6e-8
    assert numbers["apart, first learnt kernel"] == pytest.approx(3.0)
    assert numbers["apart, second learnt kernel"] == pytest.approx(7.1)


def test_the_two_images_are_those_of_the_chapter():
    """Ones at (0,0), (1,1), (2,2), (3,0), (4,1), (5,2); and up along the other diagonal."""
    ones = [[0, 0], [1, 1], [2, 2], [3, 0], [4, 1], [5, 2]]
    assert np.argwhere(two_diagonals()).tolist() == ones
    assert np.argwhere(forward_slash()).tolist() == [[i, 5 - i] for i in range(6)]


def test_a_library_that_did_not_turn_the_kernel_would_acquit(monkeypatch):
    """Then words, network and listing would be one."""
    monkeypatch.setattr(ndimage, "convolve", ndimage.correlate)
    monkeypatch.setattr(images.images, "convolve", images.images.correlate)
    found = E17.examine()
    assert found.verdict == "refuted"
    assert [seen.holds for seen in found.observations] == [True, True, False, False]


def test_a_network_that_turned_its_kernels_would_acquit(monkeypatch):
    """Then the caption would hold for any kernel."""
    upright = network
    monkeypatch.setattr(images, "network", lambda kernels, x: upright(kernels[:, ::-1, ::-1], x))
    assert [seen.holds for seen in E17.examine().observations][-1] is False


def test_learnt_kernels_that_looked_the_same_turned_would_acquit(monkeypatch):
    """As the hand-made ones do."""
    both = np.array([KERNELS["diagonal"], KERNELS["antidiagonal"]])
    monkeypatch.setattr(recorded, "KERNELS", both)
    assert E17.examine().verdict == "refuted"


def test_the_stale_digits_are_counted(examination):
    """Five on blank pixels, five black pixels without, and (4, 1) the only one with both."""
    numbers = examination("E25").numbers
    assert (numbers["digits on blank pixels"], numbers["black pixels without"]) == (5, 5)
    assert numbers["pixel with both"] == "[4, 1]"


def test_the_slash_itself_would_acquit_the_figure():
    """And so would any image of ones in its place; a third image is another error."""
    assert E25.examine(forward_slash, forward_slash).verdict == "refuted"
    nothing = lambda: np.zeros((6, 6), dtype=int)  # noqa: E731
    assert E25.examine(nothing, forward_slash).verdict != "confirmed"


def test_the_digits_are_the_small_ones(examination):
    """1797 images of 8 by 8 from 0 to 16; by place, all titles but the first ten are off."""
    numbers = examination("E28").numbers
    assert (numbers["images"], numbers["rows"], numbers["greatest"]) == (1797, 8, 16)
    assert 1500 < numbers["titles that would be wrong"] <= 1787


def test_other_digits_would_acquit(monkeypatch):
    """Images of 28 by 28 and up to 255 are what is said; the titles are wrong still."""
    pixels = np.zeros((20, 28, 28))
    pixels[0, 0, 0] = 255
    given = SimpleNamespace(images=pixels, target=np.arange(20) % 10)
    monkeypatch.setattr(images, "load_digits", lambda: given)
    found = E28.examine()
    assert found.verdict == "refuted"
    assert [bool(seen.holds) for seen in found.observations] == [False, False, True, True]
