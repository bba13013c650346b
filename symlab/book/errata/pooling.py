"""Errata of what follows a convolution: ReLU and pooling (chapter, sections 20 and 21)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Ge, Gt, Max, Piecewise, Symbol, symbols
from sympy.core.relational import Relational

from symlab.book.errata.erratum import Erratum, Observation
from symlab.nn import images

# E27: which way a tile is wide, and what an index is.

Pool = Callable[[np.ndarray, int, int], np.ndarray]
"""From an image, a width and a height to the greatest entries of its tiles."""


@dataclass(frozen=True)
class Tip:
    """How tiles are cut, and what is said to be the same as a slice from 0 to 3.

    Parameters
    ----------
    pool : callable
    index : tuple or slice
        In brackets behind an array.
    """

    pool: Pool
    index: Any


def width_in_rows(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut tiles of `width` rows and `height` columns, as the chapter's function does."""
    return images.max_pool(image, height=width, width=height)


def width_in_columns(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut tiles of `height` rows and `width` columns."""
    return images.max_pool(image, height=height, width=width)


CROSSED = Tip(width_in_rows, (0, 3))
STRAIGHT = Tip(width_in_columns, slice(0, 3))


def take(array: np.ndarray, index: Any) -> str:
    """Return the shape of what an index takes of an array, or the name of the error."""
    try:
        return str(array[index].shape)
    except IndexError as error:
        return type(error).__name__


def _tiles(printed: Tip, right: Tip) -> Iterator[Observation]:
    table = np.arange(24).reshape(4, 6)
    shapes = [form.pool(table, 3, 2).shape for form in (printed, right)]
    yield Observation(
        "of 4 rows and 6 columns, tiles 3 wide and 2 high should leave 2 of each, and do not",
        shapes[0] != (2, 2) == shapes[1],
        {"shape as printed": str(shapes[0]), "shape, corrected": str(shapes[1])},
    )
    differ = np.count_nonzero(printed.pool(table, 2, 2) != right.pool(table, 2, 2))
    yield Observation(
        "which the square tiles of the chapter cannot show",
        printed.pool is not right.pool and differ == 0,
        {"entries that differ, square tiles": differ},
    )
    line, block = np.arange(4), np.arange(20).reshape(4, 5)
    found = [[take(each, tip.index) for each in (line, block)] for tip in (printed, right)]
    yield Observation(
        "the index that is said to be the slice's is an error on a line, and one entry of a block",
        found[0] != found[1] == ["(3,)", "(3, 5)"],
        {
            "on a line, as printed": found[0][0],
            "on a block, as printed": found[0][1],
            "on a block, the slice": found[1][1],
        },
    )


# E26: what the text announces and the listing does.

z = Symbol("z", real=True)
c, p = symbols("c p", positive=True)


@dataclass(frozen=True)
class Recipe:
    """How answers are made of an image.

    Parameters
    ----------
    ninths : int
        How many a kernel has on its diagonal; elsewhere it has as many less than 0.
    steps : tuple of callables
        After the convolution, in order.
    kept : sympy relational
        In z: what ReLU keeps.
    """

    ninths: int
    steps: tuple[Callable[[np.ndarray], np.ndarray], ...]
    kept: Relational


ANNOUNCED = Recipe(9, (images.max_pool, images.relu), Gt(z, 0))
LISTED = Recipe(1, (images.relu, images.max_pool), Ge(z, 0))


def relu_from(kept: Relational) -> Piecewise:
    """Return ReLU as a formula, from what it keeps."""
    return Piecewise((z, kept), (0, True))


def _recipes(printed: Recipe, right: Recipe) -> Iterator[Observation]:
    through = [Max(0, c * value) - c * Max(0, value) for value in (-p, 0, p)]
    factor = printed.ninths / right.ninths
    yield Observation(
        "text and listing scale the kernels differently, by a factor that ReLU lets through",
        factor != 1 and through == [0, 0, 0],
        {"kernels in the text, times the listing's": factor},
    )
    slashes, _ = images.fixture()
    signs = 2 * images.KERNELS["diagonal"] - 1
    least = {
        n: images.convolve(slashes, n / 9 * signs).min() for n in (printed.ninths, right.ninths)
    }
    plain = images.convolve(slashes > 0, images.KERNELS["diagonal"])
    yield Observation(
        "neither scale is what matters: without negative entries ReLU has nothing to cut",
        bool(np.array_equal(images.relu(plain), plain) and max(least.values()) < 0),
        {"least answer of ones and zeros": plain.min()}
        | {f"least answer at {n}/9": answer for n, answer in least.items()},
    )
    tile = symbols("x:4", real=True)
    commute = Max(0, Max(*tile)) == Max(*(Max(0, entry) for entry in tile))
    orders = [[step.__name__ for step in recipe.steps] for recipe in (printed, right)]
    yield Observation(
        "pooling and ReLU are announced in one order and done in the other, to the same end",
        orders[0] != orders[1] and bool(commute),
        {"announced": ", ".join(orders[0]), "done": ", ".join(orders[1])},
    )
    formulas = [relu_from(recipe.kept) for recipe in (printed, right)]
    values = [[formula.subs(z, value) for value in (-p, 0, p)] for formula in formulas]
    yield Observation(
        "the formula keeps what is above 0, the listing 0 too, which is 0 in either case",
        printed.kept != right.kept and values[0] == values[1] == [0, 0, p],
    )


ERRATA = (
    Erratum(
        id="E27",
        section=20,
        title="Width runs down in max_pool, and the tip has the wrong index",
        place="the listing of max_pool, and the tip about slices below it",
        printed="tiles of `width` rows and `height` columns; x[0,3] for x[slice(0, 3)]",
        right="tiles of `height` rows and `width` columns; x[0:3]",
        matters="Square tiles hide the first; the second, tried, is an error or a single number.",
        forms=(CROSSED, STRAIGHT),
        check=_tiles,
        lesson="convolution",
    ),
    Erratum(
        id="E26",
        section=21,
        title="The text about ReLU and the listing differ, without effect",
        place="the paragraph on ReLU, the announced steps, the formula, and the listing",
        printed="kernels of -1 and 1; convolution, pooling, ReLU; what is greater than 0 is kept",
        right="kernels of -1/9 and 1/9; convolution, ReLU, pooling; what is 0 is kept too. All the "
        "same, as long as kernels have negative entries",
        matters="No number changes. But what ReLU needs is the sign of some entries, and the text "
        "makes it look like their size.",
        forms=(ANNOUNCED, LISTED),
        check=_recipes,
        lesson="cnn_by_hand",
        kind="wording",
    ),
)
