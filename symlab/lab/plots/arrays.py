"""Plots of arrays: pixels with their numbers written in them, one array or many.

Each function draws on an Axes, or on an array of them, and returns what it drew on. Gray is
reversed, so that a larger number is darker, and every panel is scaled to its own least and greatest
entry; a zero is left blank. Rows count from the top.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import as_float
from symlab.checks import check_type, several, shown
from symlab.lab.plots.axes import check_axes
from symlab.nn.images import convolve

CORNER = 0.25
"""How far left of and below a cell's middle, in cells, its text begins; so a digit is centred."""

SQUARE: dict[str, Any] = {"color": "C0", "alpha": 0.3, "linewidth": 0}
"""The square that shows where a kernel lies."""

WALK = {
    "left": 0.047, "right": 0.975, "bottom": 0.043, "top": 0.975, "wspace": 0.285, "hspace": 0.3,
}  # fmt: skip
"""The layout of `convolution_walk`: the book's; to compute it each time would take a second."""

LONGEST_FORM = 6
"""Characters of a format such as '+10.3g'."""

MOST_PANELS = 400
"""Panels of `convolution_walk` at most, because each is an Axes of its own."""

TITLE, SMALL = 10, 8
"""Sizes in points of the title of a small panel, and of the digits in `convolution_walk`."""

KERNEL_SIZE, OUTPUT_SIZE = 20, 11
"""Sizes in points of the numbers in `responses`: in image and kernels, and in outputs."""


def cell_text(ax: Axes, row: float, column: float, text: str, **style: Any) -> Axes:
    """Write a text, by default in red, in the cell of an image; `style` goes to `Axes.text`.

    A tight layout ignores it, and so makes no room for text outside the frame.
    """
    left, up = as_float(column, "column"), as_float(row, "row")
    check_type(text, str, "text", "text")
    written = check_axes(ax).text(left - CORNER, up + CORNER, text, **{"color": "red", **style})
    written.set_in_layout(False)
    return ax


def numbers(ax: Axes, array: ArrayLike, form: str = ".0f", **style: Any) -> Axes:
    """Write every entry that is not exactly zero in its cell, in the given format."""
    values, _ = _two_axes(array), _check_form(form)
    for row, column in np.argwhere(values != 0):
        cell_text(ax, row, column, format(values[row, column], form), **style)
    return ax


def gray(ax: Axes, array: ArrayLike, **image: Any) -> Axes:
    """Draw an array as pixels, the greatest entry black; `image` goes to `Axes.imshow`."""
    check_axes(ax).imshow(
        _two_axes(array), **{"cmap": "gray_r", "interpolation": "nearest", **image}
    )
    return ax


def array_as_text(
    ax: Axes, array: ArrayLike, form: str = ".0f", title: str = "", **style: Any
) -> Axes:
    """Draw an array as pixels with the numbers in them; `style` is that of the numbers.

    Raises
    ------
    ValueError
        If the array has not two axes.

    Examples
    --------
    >>> ax = array_as_text(Figure().add_subplot(), [[0, 2], [3, 0]], title="two entries")
    >>> [text.get_text() for text in ax.texts]
    ['2', '3']
    """
    gray(ax, array)
    ax.set_title(check_type(title, str, "title", "text"))
    return numbers(ax, array, form, **style)


def grid_of_arrays(
    axes: ArrayLike,
    arrays: ArrayLike,
    form: str | None = ".1f",
    *,
    titles: Sequence[str] = (),
    fontsize: float = 6,
) -> np.ndarray:
    """Draw one array on each Axes, row by row, without ticks.

    Parameters
    ----------
    axes : array of Axes
    arrays : array, shape (axes, m, n)
    form : str or None
        How numbers are written; None writes none.
    titles : sequence of str
        One for each panel, or none.
    fontsize : float
        Of the numbers, in points.

    Raises
    ------
    ValueError
        If there are not as many arrays, or titles, as Axes.
    """
    panels = _all_axes(axes)
    slices = _three_axes(arrays, "arrays")
    _check_count("arrays", len(slices), panels.size)
    titles = [
        check_type(each, str, "titles", "texts") for each in several(titles, "titles", "texts")
    ]
    if titles:
        _check_count("titles", len(titles), panels.size)
    size = as_float(fontsize, "fontsize")
    if size <= 0:
        raise ValueError(f"fontsize: expected a positive number, got {shown(fontsize)}.")
    for number, (ax, each) in enumerate(zip(panels.flat, slices, strict=True)):
        gray(ax, each)
        if form is not None:
            numbers(ax, each, form, fontsize=size)
        ax.set_title(titles[number] if titles else "")
        ax.tick_params(bottom=False, left=False, labelbottom=False, labelleft=False)
    return panels


def convolution_walk(figure: Figure, image: ArrayLike, kernel: ArrayLike) -> np.ndarray:
    """Draw a convolution step by step: on panel (i, j) the kernel lies on pixel (i, j).

    The kernel is shown as it lies, turned by 180 degrees: a blue square, cut at the image's edge,
    and its nonzero entries in gray, not cut, since outside they meet the zeros of the padding. The
    sum of what they meet is the title.

    Parameters
    ----------
    figure : Figure
        10 by 10 inches hold 36 panels.
    image : array, shape (m, n)
    kernel : array, shape (p, q)
        With odd p and q, so that it has a middle.

    Returns
    -------
    array of Axes, shape (m, n)

    Raises
    ------
    ValueError
        If an array has not two axes, or the kernel has no middle.
    """
    _figure(figure)
    pixels, weights = _two_axes(image, "image"), _two_axes(kernel, "kernel")
    if pixels.size > MOST_PANELS:
        raise ValueError(f"image: expected at most {MOST_PANELS} pixels, got {pixels.size}.")
    if 0 in np.mod(weights.shape, 2):
        raise ValueError(f"kernel: expected odd numbers of rows and columns, got {weights.shape}.")
    sums = convolve(pixels, weights)
    panels: Any = figure.subplots(
        *pixels.shape, sharex=True, sharey=True, squeeze=False, gridspec_kw=WALK
    )
    for row, column in np.ndindex(pixels.shape):
        ax = panels[row, column]
        array_as_text(ax, pixels, "g", color="white", fontsize=SMALL)
        _draw_kernel(ax, weights[::-1, ::-1], (row, column))
        ax.set_title(f"res[{row},{column}]={sums[row, column]:g}", fontsize=TITLE)
    return np.asarray(panels)


def _draw_kernel(ax: Axes, weights: np.ndarray, middle: tuple[int, int]) -> None:
    """Draw a kernel on an image: its square is clipped at the frame, its numbers are not."""
    height, width = weights.shape
    top, left = middle[0] - height // 2, middle[1] - width // 2
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, **SQUARE))
    for row, column in np.argwhere(weights != 0):
        text = format(weights[row, column], "g")
        cell_text(ax, top + row, left + column, text, color="gray", fontsize=SMALL)


def responses(
    figure: Figure, image: ArrayLike, kernels: ArrayLike, outputs: ArrayLike
) -> np.ndarray:
    """Draw an image on the left half of a figure; right, kernels above what they make of it.

    Parameters
    ----------
    figure : Figure
    image : array, shape (m, n)
    kernels, outputs : array, shape (kernels, rows, columns)

    Returns
    -------
    array of Axes
        The image's, the kernels' and the outputs'.

    Raises
    ------
    ValueError
        If there are not as many outputs as kernels.
    """
    _figure(figure)
    _two_axes(image, "image")
    templates, results = _three_axes(kernels, "kernels"), _three_axes(outputs, "outputs")
    count = len(templates)
    _check_count("outputs", len(results), count, "kernels")
    grid = figure.add_gridspec(2, 2 * count)
    large = figure.add_subplot(grid[:, :count])
    array_as_text(large, image, title="Input image", fontsize=KERNEL_SIZE)
    panels = [large]
    for number, template in enumerate(templates):
        ax = figure.add_subplot(grid[0, count + number])
        title = f"kernel{number + 1}"
        panels.append(array_as_text(ax, template, title=title, fontsize=KERNEL_SIZE))
    for number, result in enumerate(results):
        ax = figure.add_subplot(grid[1, count + number])
        panels.append(array_as_text(ax, result, fontsize=OUTPUT_SIZE))
        ax.set_title(f"kernel{number + 1} output", fontsize=TITLE)
    return np.array(panels, dtype=object)


def _figure(figure: Figure) -> None:
    check_type(figure, FigureBase, "figure", "a Matplotlib Figure")


def _all_axes(axes: ArrayLike) -> np.ndarray:
    if isinstance(axes, range):  # which may have more numbers than memory
        raise TypeError(f"axes: expected an array of Matplotlib Axes, got {shown(axes)}.")
    panels = np.atleast_1d(np.array(axes, dtype=object))
    for ax in panels.flat:
        check_type(ax, Axes, "axes", "an array of Matplotlib Axes")
    return panels


def _check_form(form: str) -> str:
    """Return a format for numbers, or name the one that is none."""
    try:
        format(1.0, form)
    except (TypeError, ValueError):
        raise ValueError(f"form: expected a format such as '.1f', got {shown(form)}.") from None
    if len(form) > LONGEST_FORM:
        raise ValueError(f"form: expected a format such as '.1f', got {shown(form)}.")
    return form


def _two_axes(array: ArrayLike, name: str = "array") -> np.ndarray:
    values = real_array(array, name, finite=False)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"{name}: expected rows and columns, got shape {values.shape}.")
    return values


def _three_axes(arrays: ArrayLike, name: str) -> np.ndarray:
    values = real_array(arrays, name, finite=False)
    if values.ndim != 3 or not values.size:
        raise ValueError(f"{name}: expected arrays of rows and columns, got shape {values.shape}.")
    return values


def _check_count(name: str, count: int, wanted: int, as_what: str = "axes") -> None:
    if count != wanted:
        raise ValueError(f"{name}: expected as many as {as_what}, {wanted}, got {count}.")
