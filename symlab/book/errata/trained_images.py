"""Errata of what the two image networks show: whose kernels, and whose chances, are drawn.

Chapter, sections 22 and 23.
"""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from symlab import nn
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.slash_networks import (
    DRAWN,
    GIVEN,
    accuracy,
    cosines,
    cross_entropy,
    runs,
)
from symlab.lab.plots.axes import open_axes
from symlab.nn import images

Names = tuple[str, ...]
"""The kernels that a network begins with; none if they are drawn."""


def kernel_cosines(form: Names, moment: str) -> np.ndarray:
    """Return the cosines with the hand-made kernels of each run, `before` or `after` training."""
    return np.array([cosines(getattr(run, moment)) for run in runs(form, trainable=True)])


def _updated_kernels(printed: Names, right: Names) -> Iterator[Observation]:
    recorded_cosines = cosines(recorded.KERNELS)
    let_loose = kernel_cosines(right, "after")
    yield Observation(
        "the recorded kernels are further from kern1 and kern2 than those two come in training",
        bool(np.all(recorded_cosines < let_loose.mean(axis=0) - 2 * let_loose.std(axis=0))),
        {
            f"recorded, cosine with kern{number}": cosine
            for number, cosine in enumerate(recorded_cosines, start=1)
        },
    )
    starts = kernel_cosines(printed, "before")
    yield Observation(
        "no run of the second network begins with the kernels of the first",
        bool(starts.max() < 0.99),
        {"mean cosine at the start": starts.mean(), "greatest": starts.max()},
    )
    ends = kernel_cosines(printed, "after").mean(axis=0)
    yield Observation(
        "drawn kernels end as far from kern1 and kern2 as chance has it, given ones stay near",
        bool(np.abs(ends).max() < 0.2 and let_loose.mean(axis=0).min() > 0.4),
        {
            "mean cosine at the end, drawn": ends.mean(),
            "mean cosine at the end, given": let_loose.mean(),
        },
    )
    yield from _control(printed)


def _control(printed: Names) -> Iterator[Observation]:
    """Observe what hand-made kernels are worth, beside drawn ones that never learn."""
    _, kinds = images.every_slash()
    rows = {
        "fixed": runs(GIVEN, trainable=False),
        "drawn, trained": runs(printed, trainable=True),
        "given, trained": runs(GIVEN, trainable=True),
        "drawn, frozen": runs(DRAWN, trainable=False),
    }
    numbers = {
        name: (
            np.mean([accuracy(run.seen, run.labels) for run in found]),
            np.mean([accuracy(run.every, kinds) for run in found]),
            np.mean([cross_entropy(run.seen, run.labels) for run in found]),
        )
        for name, found in rows.items()
    }
    names = ("training accuracy", "accuracy on all 110", "cross-entropy")
    yield Observation(
        "nor are hand-made kernels what helps in training: drawn ones that never learn do as well",
        bool(numbers["drawn, frozen"][0] > numbers["fixed"][0] - 0.02),
        {
            f"{name}, {row}": number
            for row, three in numbers.items()
            for name, number in zip(names, three, strict=True)
        },
    )


def _draw_cosines(printed: Axes, right: Axes) -> None:
    for ax, form in ((printed, DRAWN), (right, GIVEN)):
        before, after = kernel_cosines(form, "before"), kernel_cosines(form, "after")
        for start, end in zip(before, after, strict=True):
            ax.plot(*np.transpose([start, end]), "-", color="lightgray", zorder=0)
        ax.plot(*before.T, "o", color="k", fillstyle="none", label="before training")
        ax.plot(*after.T, "o", color="C0", label="after")
        ax.plot(1, 1, "s", color="C1", ms=9, label="fixed")
        ax.plot(*cosines(recorded.KERNELS), "x", color="r", ms=9, mew=2, label="recorded")
        ax.axhline(0, color="k", lw=0.5)
        ax.axvline(0, color="k", lw=0.5)
        ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
        ax.set(xlabel="cosine of the first kernel with kern1")
        ax.set(ylabel="cosine of the second kernel with kern2")
    printed.legend(loc="upper left", fontsize=8)


Categories = tuple[int, int]
"""The category whose chance column 0 is said to be, and that of the second ten images."""


def _category_of_a_column(printed: Categories, right: Categories) -> Iterator[Observation]:
    column_of, second_half = printed
    _, labels = images.fixture()
    column = recorded.FIXED[:, 0]
    named = np.where(column > 0.5, column_of, 1 - column_of)
    yield Observation(
        "were column 0 what it is said to be, the network would have named its images wrongly",
        bool(np.any(named != labels)),
        {
            "mean of column 0, first ten": column[:10].mean(),
            "mean of column 0, last ten": column[10:].mean(),
            "images named rightly, as said": np.count_nonzero(named == labels),
            "by the greater column": np.count_nonzero(recorded.FIXED.argmax(axis=1) == labels),
        },
    )
    place = int(nn.one_hot([column_of], 2).argmax())
    yield Observation(
        "the chance of that category is in another column, since columns stand in order of labels",
        place != 0,
        {"its column": place},
    )
    yield Observation(
        "and the second ten images are of the other category than the caption says",
        bool(np.all(labels[10:] != second_half)),
        {"category of the second ten": labels[10:].max()},
    )


def _draw_column(printed: Axes, right: Axes) -> None:
    for ax, column in ((printed, 0), (right, 1)):
        for name, chances in (("fixed", recorded.FIXED), ("updated", recorded.TRAINED)):
            ax.plot(chances[:, column], label=f"{name} kernels")
        open_axes(ax).set(xlabel="Training index", ylabel="Probability of Category 1")
        ax.text(4.5, -0.14, "category 1", ha="center")
        ax.text(14.5, -0.14, "category 0", ha="center")
        ax.set(xticks=range(0, 20, 5), ylim=(-0.2, 1.05))
        ax.legend(loc="upper left" if column == 0 else "upper right")


ERRATA = (
    Erratum(
        id="E06",
        section=23,
        title="The updated kernels are no updates of kern1 and kern2",
        place="the second network and its listing, the figure of its kernels (018), the remark "
        "that compares them with the fixed ones, and the closing advice",
        printed="the constraint is lifted and the kernels adapt: updated kern1, updated kern2",
        right="the second network is built anew and draws its kernels; for the comparison it would "
        "have to be given kern1 and kern2 first",
        matters="How different the two pairs are is chance. What is said about kernels that "
        "cannot be interpreted any more does not follow from this experiment.",
        forms=(DRAWN, GIVEN),
        check=_updated_kernels,
        lesson="cnn_trained",
        draw=_draw_cosines,
    ),
    Erratum(
        id="E07",
        section=23,
        title="The figure plots category 0 and calls it category 1",
        place="the label of the last figure (019) and its caption",
        printed="column 0 as the probability of category 1, and a second half of category 1",
        right="column 0 is the probability of category 0, forward slashes, and the second half are "
        "those; the first ten are of category 1",
        matters="Read as it is labelled, the figure shows two networks that name all images "
        "wrongly.",
        forms=((1, 1), (0, 0)),
        check=_category_of_a_column,
        lesson="cnn_trained",
        kind="result",
        draw=_draw_column,
    ),
)
