"""Errata of what the image networks show: the record's numbers, and what would acquit."""

import numpy as np
import pytest

from symlab import nn
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata import slash_networks, trained_images
from symlab.book.errata.register import find_erratum
from symlab.book.errata.slash_networks import DRAWN, GIVEN, cosines, runs
from symlab.nn.images import fixture

E06, E07 = find_erratum("E06"), find_erratum("E07")


@pytest.fixture(scope="module")
def numbers(examination):
    """What one examination of E06 found."""
    return examination("E06").numbers


def test_the_recorded_kernels_point_elsewhere(numbers):
    """Cosines of -0.60 and -0.09."""
    assert numbers["recorded, cosine with kern1"] == pytest.approx(-0.60, abs=5e-3)
    assert numbers["recorded, cosine with kern2"] == pytest.approx(-0.09, abs=5e-3)


def test_given_kernels_stay_near_and_drawn_ones_were_never_there(numbers):
    """Starts of cosine 1 exactly where they are given; drawn ones end near 0 in the mean."""
    given = np.array([cosines(run.before) for run in runs(GIVEN, trainable=True)])
    assert given == pytest.approx(1)
    assert abs(numbers["mean cosine at the end, drawn"]) < 0.15
    assert 0.5 < numbers["mean cosine at the end, given"] < 0.8


@pytest.mark.parametrize(
    "row, training, everywhere, entropy",
    [
        ("fixed", 0.950, 0.773, 0.264),
        ("drawn, trained", 1.000, 0.808, 0.005),
        ("given, trained", 1.000, 0.808, 0.005),
        ("drawn, frozen", 0.952, 0.707, 0.224),
    ],
)
def test_the_four_networks_do_as_the_audit_found(numbers, row, training, everywhere, entropy):
    """Means of twenty other draws of images and weights; so to a few hundredths."""
    assert numbers[f"training accuracy, {row}"] == pytest.approx(training, abs=0.03)
    assert numbers[f"accuracy on all 110, {row}"] == pytest.approx(everywhere, abs=0.02)
    assert numbers[f"cross-entropy, {row}"] == pytest.approx(entropy, abs=0.04)


def test_a_network_keeps_the_kernels_that_may_not_learn():
    """To the last bit, given or drawn."""
    for kernels in (GIVEN, DRAWN):
        assert all(np.array_equal(r.before, r.after) for r in runs(kernels, trainable=False))
    assert any(not np.array_equal(r.before, r.after) for r in runs(DRAWN, trainable=True))


def test_a_second_network_that_took_over_the_kernels_would_acquit(monkeypatch):
    """The wiring that the chapter's words describe: whatever is asked for, kernels are given."""
    monkeypatch.setattr(
        trained_images, "runs", lambda kernels, *, trainable: runs(GIVEN, trainable=trainable)
    )
    assert E06.examine().verdict == "refuted"


def test_recorded_kernels_near_the_fixed_ones_would_acquit(monkeypatch):
    """If the figure showed the fixed kernels, a little changed."""
    made = np.array([slash_networks.images.KERNELS[name] for name in GIVEN])
    monkeypatch.setattr(recorded, "KERNELS", made + 0.01)
    assert E06.examine().verdict == "refuted"


def test_column_0_is_the_forward_slashes(examination):
    """Means of 0.268 and 0.736; read as printed all twenty would be wrong, and none is."""
    numbers = examination("E07").numbers
    assert numbers["mean of column 0, first ten"] == pytest.approx(0.268, abs=5e-4)
    assert numbers["mean of column 0, last ten"] == pytest.approx(0.736, abs=5e-4)
    assert numbers["images named rightly, as said"] == 0
    assert numbers["by the greater column"] == 20


@pytest.mark.parametrize("table", [recorded.FIXED, recorded.TRAINED], ids=["fixed", "trained"])
def test_the_record_is_a_softmax_and_names_equal_images_alike(table):
    """Rows add to 1 in single precision; images 6 and 8, 10 and 13, 12 and 19, 17 and 18 agree."""
    assert table.shape == (20, 2)
    assert table.sum(axis=1) == pytest.approx(1, abs=2e-7)
    slashes, labels = fixture()
    assert np.array_equal(table.argmax(axis=1), labels)
    for one, other in ((6, 8), (10, 13), (12, 19), (17, 18)):
        assert np.array_equal(slashes[one], slashes[other])
        assert table[one] == pytest.approx(table[other], rel=1e-5)


def test_nobody_can_change_the_record():
    """A check that did would decide the next one."""
    for kept in (recorded.FIXED, recorded.TRAINED, recorded.KERNELS, recorded.PANEL_014):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 0


def test_columns_in_the_other_order_would_acquit(monkeypatch):
    """If the encoding put category 1 first."""
    upright = nn.one_hot
    monkeypatch.setattr(nn, "one_hot", lambda labels, classes: upright(labels, classes)[:, ::-1])
    assert E07.examine().verdict == "refuted"


def test_a_record_with_its_columns_exchanged_would_acquit(monkeypatch):
    """If the numbers were those of the other category."""
    monkeypatch.setattr(recorded, "FIXED", recorded.FIXED[:, ::-1])
    assert E07.examine().verdict == "refuted"
