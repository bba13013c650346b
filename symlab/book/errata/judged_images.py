"""An erratum about what judges the image networks: the images they were trained on, and which.

Chapter, sections 21 to 23.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from sympy import Rational

from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.slash_networks import (
    DRAWN,
    GIVEN,
    Run,
    accuracy,
    cross_entropy,
    of_the_right,
    runs,
)
from symlab.nn import images

SIDE = 6
EACH = 10
"""Images of each kind in a training set."""

Start = tuple[int, int, int]
Asked = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Trial:
    """What a network is asked, and where images come from.

    Parameters
    ----------
    asked : callable
        From a run to the chances by which it is judged, and the labels.
    drawable : callable
        From a kind of slash to the chance of each in one try; see `images.slash_chances`.
    padding : int
        What lies outside an image whose background is -1.
    """

    asked: Callable[[Run], Asked]
    drawable: Callable[[str], Mapping[Start, Fraction]]
    padding: int


def its_images(run: Run) -> Asked:
    """Ask about the images of the training."""
    return run.seen, run.labels


def every_slash(run: Run) -> Asked:
    """Ask about all slashes there are."""
    return run.every, images.every_slash()[1]


def evenly(kind: str) -> dict[Start, Fraction]:
    """Draw any slash as often as any other."""
    starts = list(images.slash_starts(kind))
    return dict.fromkeys(starts, Fraction(1, len(starts)))


PRINTED = Trial(its_images, images.slash_chances, 0)
RIGHT = Trial(every_slash, evenly, -1)


def mean_accuracy(asked: Callable[[Run], Asked], *, trained: bool) -> float:
    """Return the mean of a network's runs: the one of fixed kernels, or the trained one."""
    found = runs(DRAWN if trained else GIVEN, trainable=trained)
    return float(np.mean([accuracy(*asked(run)) for run in found]))


def different(chances: Mapping[Start, Fraction]) -> float:
    """Return how many different images are expected among `EACH`."""
    fits = sum(chances.values())
    return float(sum(1 - (1 - chance / fits) ** EACH for chance in chances.values()))


def _trial(printed: Trial, right: Trial) -> Iterator[Observation]:
    yield from _check_unseen(printed)
    yield from _check_drawing(printed)
    template = (2 * images.KERNELS["diagonal"] - 1) * Rational(1, 9)
    blank = images.convolve(np.full((SIDE, SIDE), -1), template, padding=printed.padding)
    yield Observation(
        "a blank image answers, elsewhere more than at its edge, and ReLU cuts nothing of it",
        len(set(blank.flat)) > 1 and min(blank.flat) >= 0,
        {
            "sum of kern1": sum(template.flat),
            "blank, inside": blank[2, 2],
            "blank, at an edge": blank[0, 2],
            "blank, in two corners": blank[0, 0],
        },
    )


def _check_unseen(printed: Trial) -> Iterator[Observation]:
    shares = {
        (trained, asked): mean_accuracy(asked, trained=trained)
        for trained in (False, True)
        for asked in (printed.asked, every_slash)
    }
    yield Observation(
        "of the images by which it is judged a network names a larger share, by more than a tenth, "
        "than of all slashes",
        all(
            shares[each, printed.asked] > shares[each, every_slash] + 0.1 for each in (False, True)
        ),
        {
            "trained, as judged": shares[True, printed.asked],
            "trained, all 110": shares[True, every_slash],
            "fixed, as judged": shares[False, printed.asked],
            "fixed, all 110": shares[False, every_slash],
        },
    )
    _, labels = images.fixture()
    tables = {"fixed": recorded.FIXED, "trained": recorded.TRAINED}
    hits = {name: accuracy(table, labels) for name, table in tables.items()}
    numbers: dict[str, float] = {}
    for name, table in tables.items():
        chances = of_the_right(table, labels)
        numbers |= {
            f"accuracy, {name}": hits[name],
            f"cross-entropy, {name}": cross_entropy(table, labels),
            f"mean chance, {name}": chances.mean(),
            f"smallest margin, {name}": chances.min() - 0.5,
        }
    yield Observation(
        "by the record the accuracy did not improve, but the margin did",
        hits["fixed"] == hits["trained"]
        and bool(numbers["smallest margin, fixed"] < numbers["smallest margin, trained"]),
        numbers,
    )


def _check_drawing(printed: Trial) -> Iterator[Observation]:
    kinds = ("back", "forward")
    chances = {kind: printed.drawable(kind) for kind in kinds}
    all_starts = {kind: set(images.slash_starts(kind)) for kind in kinds}
    yield Observation(
        "the generator makes fewer than half of the slashes of either kind",
        all(2 * len(chances[kind]) < len(all_starts[kind]) for kind in kinds),
        {f"{kind} slashes of {len(all_starts[kind])}": len(chances[kind]) for kind in kinds},
    )
    upside_down = {(SIDE - 1 - row, column, length) for row, column, length in chances["back"]}
    yield Observation(
        "its back slashes touch the first row or the first column, and its forward ones are not "
        "their mirror images, being turned over in a small square",
        all(0 in (row, column) for row, column, _ in chances["back"])
        and upside_down != set(chances["forward"]),
        {"forward slashes that mirror a back one": len(upside_down & set(chances["forward"]))},
    )
    failed = {kind: 1 - sum(chances[kind].values()) for kind in kinds}
    fewest = min(length for kind in kinds for _, _, length in chances[kind])
    yield Observation(
        "many tries end in an index error that is passed over; none ends at the assertion of two "
        "pixels, for no slash has fewer",
        all(failed.values()) and fewest >= 2,
        {f"{kind}, tries that fail": float(share) for kind, share in failed.items()}
        | {"fewest pixels": fewest},
    )
    expected = sum(different(chances[kind]) for kind in kinds)
    yield Observation(
        "so that of twenty images some fifteen are different",
        14 < expected < 16,
        {
            "different images of twenty": expected,
            "in the recorded run": len(np.unique(images.fixture()[0], axis=0)),
        },
    )


def _draw_accuracies(printed: Axes, right: Axes) -> None:
    rows = {"fixed": runs(GIVEN, trainable=False), "trained": runs(DRAWN, trainable=True)}
    for ax, asked in ((printed, its_images), (right, every_slash)):
        for place, found in enumerate(rows.values()):
            shares = [accuracy(*asked(run)) for run in found]
            beside = place + np.linspace(-0.2, 0.2, len(shares))
            ax.plot(beside, shares, "o", color="k", alpha=0.4)
            ax.plot([place - 0.3, place + 0.3], 2 * [np.mean(shares)], "C0")
        ax.axhline(0.5, color="k", ls=":")
        ax.set(xticks=range(len(rows)), xticklabels=[f"{name} kernels" for name in rows])
        ax.set(xlim=(-0.6, 1.6), ylim=(0.4, 1.03), ylabel="accuracy")
    printed.set_xlabel("of the 20 images trained on")
    right.set_xlabel("of all 110 slashes")


ERRATA = (
    Erratum(
        id="E21",
        section=23,
        title="The networks are judged by the images they were trained on",
        place="the tables of chances, the remark after them, title and caption of the last figure, "
        "and the generator of the images (section 21)",
        printed="trained kernels improve the accuracy, as the twenty training images show",
        right="both networks name all twenty; what grows is the margin. Of all 110 slashes they "
        "name about four in five. And the generator makes only 38 of the 110",
        matters="There is no test set, so nothing is known about slashes that were not shown; "
        "most never could be, and the two kinds differ in more than their slant.",
        forms=(PRINTED, RIGHT),
        check=_trial,
        lesson="cnn_trained",
        draw=_draw_accuracies,
    ),
)
