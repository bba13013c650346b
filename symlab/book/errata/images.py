"""Errata of images as arrays, and of convolving them (chapter, sections 17 and 18)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy import ndimage
from sklearn.datasets import load_digits
from sympy import symbols

from symlab import nn
from symlab.book.errata import printed_numbers as recorded
from symlab.book.errata.erratum import Erratum, Observation
from symlab.lab.plots import arrays as array_plots
from symlab.nn import images

SIDE = 6
"""Rows and columns of the chapter's small images."""

KERNEL = images.KERNELS["diagonal"]


CORNER = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 0]])
"""A kernel that does not look the same turned: the top left corner of a frame."""


def frame() -> np.ndarray:
    """Return the outline of a square, 4 by 4, in a blank image."""
    return np.pad(1 - np.pad(np.ones((2, 2), dtype=int), 1), 1)


def two_diagonals() -> np.ndarray:
    """Return the first image of section 18: the kernel twice, below each other, and blank space."""
    return np.pad(np.vstack([KERNEL, KERNEL]), ((0, 0), (0, SIDE // 2)))


def forward_slash() -> np.ndarray:
    """Return the second image of section 18."""
    return np.fliplr(np.eye(SIDE, dtype=int))


# E28: which digits these are.


@dataclass(frozen=True)
class Digits:
    """What is said of the sample images.

    Parameters
    ----------
    name : str
    side : int
        Rows, and columns.
    greatest : int
    titled : callable
        From an image's place in line, and its label, to the title.
    others : tuple of int
        The places of the "other digits", shown after the first image.
    """

    name: str
    side: int
    greatest: int
    titled: Callable[[int, int], int]
    others: tuple[int, ...]


def by_place(place: int, label: int) -> int:
    """Title an image by its place in line."""
    return place


def by_label(place: int, label: int) -> int:
    """Title an image by the label that comes with it."""
    return label


MNIST = Digits("MNIST", 28, 255, by_place, tuple(range(10)))
UCI = Digits("UCI", 8, 16, by_label, tuple(range(1, 10)))


def _digits(printed: Digits, right: Digits) -> Iterator[Observation]:
    pixels, labels = load_digits().images, load_digits().target
    yield Observation(
        "the images are of another size than is said",
        pixels.shape[1:] != (printed.side, printed.side),
        {"rows": pixels.shape[1], f"rows in {printed.name}": printed.side, "images": len(pixels)},
    )
    yield Observation(
        "and of another range",
        bool(pixels.max() != printed.greatest),
        {"greatest": pixels.max(), "greatest as said": printed.greatest},
    )
    wrong = [printed.titled(place, label) != label for place, label in enumerate(labels)]
    yield Observation(
        "the titles name places and not digits, which agree for the ten that are shown",
        any(wrong) and not any(wrong[:10]),
        {"titles that would be wrong": sum(wrong)},
    )
    yield Observation(
        "the other digits begin with the one that was shown before them",
        0 in printed.others,
        {"panels": len(printed.others)},
    )


# E17: where the window lies, what it is divided by, and which way round the kernel is.


@dataclass(frozen=True)
class Walk:
    """What the text says of the convolution that it walks through.

    Parameters
    ----------
    entry : pair of int
        Where the sum over the top left block of three by three is found.
    divisor : callable
        From a kernel to the number that makes 1 of a full match.
    slide : callable
        From an image and a kernel to the result.
    """

    entry: tuple[int, int]
    divisor: Callable[[np.ndarray], Any]
    slide: Callable[[np.ndarray, np.ndarray], np.ndarray]


AS_TOLD = Walk((0, 0), np.size, images.correlate)
AS_RUN = Walk((1, 1), np.sum, images.convolve)


def listing(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return what the chapter's listing calls."""
    return np.asarray(ndimage.convolve(image, kernel, mode="constant"))


def network(kernels: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return what a convolutional layer with these kernels makes of images, (n, kernels, 6, 6)."""
    inputs = nn.Input((1, *pictures.shape[1:]))
    layer = nn.Conv2D(len(kernels), kernels.shape[1:], padding="same", use_bias=False, name="it")
    model = nn.Model(inputs, layer(inputs))
    model.set_weights({"it": [kernels[:, None]]})
    return model.predict(pictures[:, None])


def _walk(printed: Walk, right: Walk) -> Iterator[Observation]:
    image = two_diagonals()
    found, block = listing(image, KERNEL), (image[:3, :3] * KERNEL).sum()
    yield Observation(
        "the sum over the top left block stands elsewhere in the result than is said, since the "
        "window is centred on its pixel",
        bool(found[printed.entry] != block),
        {"as said": block, "found there": found[printed.entry], "found at (1, 1)": found[1, 1]},
    )
    match = found.max()
    yield Observation(
        "divided by the number of pixels a full match is not 1",
        bool(match / printed.divisor(KERNEL) != 1),
        {
            "a full match, divided": match / printed.divisor(KERNEL),
            "by the sum of entries": match / KERNEL.sum(),
        },
    )
    yield from _check_turning(printed)


def _check_turning(printed: Walk) -> Iterator[Observation]:
    row, weights = np.array([symbols("x:3")]), np.array([symbols("k:3")])
    apart = printed.slide(row, weights)[0, 1] - images.convolve(row, weights)[0, 1]
    any_image = np.array(symbols(f"x:{SIDE * SIDE}")).reshape(SIDE, SIDE)
    unseen = printed.slide(any_image, KERNEL) == images.convolve(any_image, KERNEL)
    yield Observation(
        "the kernel is slid as it lies, in words, and turned by the listing, which no image shows: "
        "the kernel of the walk looks the same turned",
        bool(apart != 0 and np.all(unseen)),
        {"difference at the middle": str(apart)},
    )
    pictures, _ = images.fixture()
    by_hand = np.array([images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"]])
    learnt = recorded.KERNELS
    same = np.abs(network(by_hand, pictures) - answers(listing, by_hand, pictures)).max()
    told = np.abs(network(learnt, pictures) - answers(printed.slide, learnt, pictures)).max()
    diagonal = images.slash(0, 0, 4)[None]
    turned = np.abs(network(learnt, diagonal) - answers(listing, learnt, diagonal))
    yield Observation(
        "a network does what is told and not what is run, so that the two agree for the hand-made "
        "kernels and for neither of the learnt ones",
        bool(max(same, told) < 1e-12 and turned.max(axis=(0, 2, 3)).min() > 1),
        {
            "apart, hand-made kernels": same,
            "apart, first learnt kernel": turned[:, 0].max(),
            "apart, second learnt kernel": turned[:, 1].max(),
        },
    )


def answers(
    slide: Callable[[np.ndarray, np.ndarray], np.ndarray], kernels: np.ndarray, pictures: np.ndarray
) -> np.ndarray:
    """Return what each kernel makes of each image, in the shape of `network`."""
    return np.array([[slide(each, kernel) for kernel in kernels] for each in pictures])


def _draw_slides(printed: Axes, right: Axes) -> None:
    for ax, walk in ((printed, AS_TOLD), (right, AS_RUN)):
        array_plots.array_as_text(ax, walk.slide(frame(), CORNER))
        ax.set(xlim=(-0.5, 10), xticks=[], yticks=[])
        ax.set_xlabel(f"{walk.slide.__name__}: 3 where the kernel fits")
        for name, array, low in (("image", frame(), 0.51), ("kernel", CORNER, 0.02)):
            small = ax.inset_axes((0.67, low, 0.3, 0.4))
            array_plots.array_as_text(small, array, fontsize=7).set(xticks=[], yticks=[])
            small.set_title(name, fontsize=9)


# E25: whose digits are on the second walk.

Image = Callable[[], np.ndarray]


def _stale_digits(printed: Image, right: Image) -> Iterator[Observation]:
    slash, digits = right() != 0, printed() != 0
    shared = np.argwhere(slash & digits).tolist()
    yield Observation(
        "digits stand on blank pixels, and on all black ones but one there is none",
        bool(np.any(digits & ~slash) and len(shared) == 1),
        {
            "digits on blank pixels": np.count_nonzero(digits & ~slash),
            "black pixels without": np.count_nonzero(slash & ~digits),
            "pixel with both": str(shared[0]),
        },
    )
    titles, sums = (listing(form().astype(float), KERNEL) for form in (right, printed))
    yield Observation(
        "so what the digits add up to under the window is not what the title says",
        bool(np.any(titles != sums)),
        {"panels that do not add up": np.count_nonzero(titles != sums), "panels": titles.size},
    )


def _draw_digits(printed: Axes, right: Axes) -> None:
    for ax, digits in ((printed, two_diagonals()), (right, forward_slash())):
        array_plots.gray(ax, forward_slash())
        for row, column in np.argwhere(digits):
            color = "white" if forward_slash()[row, column] else "gray"
            array_plots.cell_text(ax, row, column, "1", color=color, fontsize=14)


ERRATA = (
    Erratum(
        id="E28",
        section=17,
        title="The digits are not MNIST, nor do pixels go to 255",
        place="the sample of digits, the range of pixels, and the titles of the ten panels",
        printed="MNIST, pixels from 0 to 255; panels titled by their place in line; other digits "
        "that begin with the zero again",
        right="scikit-learn's UCI digits: 1797 images of 8 by 8 pixels from 0 to 16, not 28 by 28; "
        "the label that comes with an image is its title",
        matters="Results on these digits say nothing of MNIST, and a scale of 255 leaves the "
        "images nearly black.",
        forms=(MNIST, UCI),
        check=_digits,
        lesson="convolution",
        kind="wording",
    ),
    Erratum(
        id="E17",
        section=18,
        title="The walk through a convolution describes another one",
        place="the paragraph under the first convolution, and the caption that compares libraries",
        printed="entry (0, 0) is 3, the sum over the top left block; a full match is divided by "
        "the number of the kernel's pixels, 3; the kernel is slid as it is, as networks do",
        right="that sum is entry (1, 1), and entry (0, 0) is 2; the kernel has 9 pixels, and 3 is "
        "the sum of its entries; SciPy's convolve turns the kernel by 180 degrees",
        matters="All is well for kernels that look the same upside down. With any other, by hand "
        "and by network differ, and the reader does not know which is which.",
        forms=(AS_TOLD, AS_RUN),
        check=_walk,
        lesson="convolution",
        draw=_draw_slides,
    ),
    Erratum(
        id="E25",
        section=18,
        title="The second walk has the digits of the first image",
        place="the figure of 36 panels for a forward slash (image_processing_005)",
        printed="a slash drawn from the new image, and ones where the image before had them",
        right="ones on the slash; the titles are those of the slash already",
        matters="The figure that is to explain a sum shows ones in empty cells, and black cells "
        "without a number.",
        forms=(two_diagonals, forward_slash),
        check=_stale_digits,
        lesson="convolution",
        draw=_draw_digits,
    ),
)
