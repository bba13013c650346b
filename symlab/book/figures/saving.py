"""The figures of the book: their registry, and how a lesson saves one.

The registry is the one home of ids, captions and which lesson draws what; a lesson calls
`save_figure` with an id, and the picture and its passport appear where the reader (or `symlab
figures --out`) wants them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path

from matplotlib.figure import Figure as Canvas

from symlab.book.figures.fingerprint import passport, written
from symlab.book.figures.standing import write_changed
from symlab.checks import check_type, choice, nearest, several, shown, whole
from symlab.lab.plots.style import METADATA, known_format, pixel_digest, rendered_alike


@dataclass(frozen=True)
class Figure:
    """A figure of the book: its permanent id, where it belongs, and its caption in our words.

    `deterministic` is whether it holds no random number; `variants` names the versions of a figure
    that shows the chapter "as printed" beside "corrected".
    """

    id: str
    section: int
    lesson: str
    caption: str
    deterministic: bool = True
    variants: tuple[str, ...] = ()


FIGURES = {
    figure.id: figure
    for figure in (
        Figure(
            "deep_learning_002",
            2,
            "one_neuron",
            "Softsign runs between the same levels as sign, but passes from one to the other at a "
            "finite slope, which is what a gradient needs.",
        ),
        Figure(
            "deep_learning_003",
            2,
            "one_neuron",
            "The hinge loss of one softsign neuron, epoch by epoch: it levels off well above 0, "
            "although hardly a point is still on the wrong side.",
            deterministic=False,
        ),
        Figure(
            "MLP",
            3,
            "multilayer_perceptron",
            "A perceptron with two hidden layers. Every arrow between circles multiplies by a "
            "weight of its own; only those of the inputs are named.",
        ),
        Figure(
            "deep_learning_004",
            3,
            "multilayer_perceptron",
            "Two interleaved moons of 500 points each, which no straight line can separate.",
            deterministic=False,
        ),
        Figure(
            "deep_learning_005",
            3,
            "multilayer_perceptron",
            "The network's output after a hundred epochs, behind the points: blue where it is near "
            "0, red where it is near 1, and a bent boundary between.",
            deterministic=False,
        ),
        Figure(
            "deep_learning_006",
            5,
            "functional_models",
            "As printed: the moons under a second layer that was never trained, because the output "
            "is wired to the first. Blue is class 1 here, and black class 0.",
            deterministic=False,
            variants=("as printed",),
        ),
        Figure(
            "deep_learning_006_corrected",
            5,
            "functional_models",
            "Corrected: the same map when the output is wired to it. Training drives the classes "
            "to opposite sides; blue is class 0 and red class 1, as in the other figures.",
            deterministic=False,
            variants=("corrected",),
        ),
        Figure(
            "adder",
            6,
            "computation_graphs",
            "Two values flow into an addition, and their sum out of it.",
        ),
        Figure(
            "multiplier",
            6,
            "computation_graphs",
            "Two matrices flow into a multiplication, and their product out of it.",
        ),
        Figure(
            "add_mult",
            6,
            "computation_graphs",
            "Two operations in a row: what the addition yields is multiplied by a third value.",
        ),
        Figure(
            "LS_cost",
            7,
            "least_squares",
            "The cost before each of the first sixty steps: most of it is gone after five, down "
            "the steepest direction; what moves later, along the flattest, hardly shows.",
        ),
        Figure(
            "deep_learning_001",
            8,
            "logistic_one_dimension",
            "Probability of the upper class: scikit-learn's liblinear fit (dashed) and a thousand "
            "steps of our own (dots) coincide, although they solve different problems.",
            deterministic=False,
        ),
        Figure(
            "gradient_descent_001",
            9,
            "gradient_descent",
            "Six tangents stand in for f, each on its own window; darker bands are where two "
            "windows overlap and two tangents compete.",
        ),
        Figure(
            "gradient_descent_002",
            9,
            "gradient_descent",
            "Twenty gradient steps from 0.1: a slow start on the flat part, a rush downhill, then "
            "a lasting jump from one side of the minimum to the other.",
        ),
        Figure(
            "gradient_descent_003",
            9,
            "gradient_descent",
            "The same run on the curve: at each iterate the method knows f only through a tangent.",
        ),
        Figure(
            "gradient_descent_004",
            11,
            "step_size",
            "Backtracking from 1 accepts the step whose surrogate (dashed) lies above f where the "
            "surrogate is lowest; f is lower still.",
        ),
        Figure(
            "gradient_descent_005",
            14,
            "moving_averages",
            "An impulse at 0: the mean of a window of three forgets it after three steps (two of "
            "them are missing), an exponentially weighted one never quite does.",
        ),
        Figure(
            "gradient_descent_006",
            15,
            "logistic_symbolic",
            "As printed: J falls unevenly with one sample a step and smoothly with ten. The curve "
            "named momentum has none, and differs from the other mini-batch run by its draws.",
            deterministic=False,
            variants=("as printed",),
        ),
        Figure(
            "gradient_descent_006_corrected",
            15,
            "logistic_symbolic",
            "Corrected: with a memory that is kept, and the same draws as the plain mini-batch "
            "run, momentum lowers J nearly twice as fast.",
            deterministic=False,
            variants=("corrected",),
        ),
        Figure(
            "image_processing_001",
            17,
            "convolution",
            "A digit of the UCI set: 8 by 8 numbers from 0 to 16, the larger the brighter.",
        ),
        Figure(
            "image_processing_002",
            17,
            "convolution",
            "The first ten images of the set with their labels; sixty-four numbers suffice "
            "to read them.",
        ),
        Figure(
            "image_processing_003",
            18,
            "convolution",
            "A diagonal kernel laid on each pixel of two stacked diagonals. Gray ones are "
            "the kernel's, also where it hangs over the edge; each title is the sum of what "
            "they meet.",
        ),
        Figure(
            "image_processing_004",
            18,
            "convolution",
            "The sums of the walk: 3 where the kernel fits whole, 2 where the edge cuts it, "
            "and a 1 past the end of the first diagonal.",
        ),
        Figure(
            "image_processing_005",
            18,
            "convolution",
            "The same kernel walked over a forward slash, with the digits on its own "
            "pixels: wherever they cross, one of the three ones is met.",
        ),
        Figure(
            "image_processing_006",
            18,
            "convolution",
            "What the wrong slash answers: nowhere a match, and nowhere near it all zeros.",
        ),
        Figure(
            "image_processing_007",
            19,
            "convolution",
            "A cross (left) under two kernels (above): each output marks its own diagonal "
            "with 3 and keeps traces, 1, of the other.",
        ),
        Figure(
            "image_processing_008",
            20,
            "convolution",
            "The largest of each two by two tile: a quarter of the numbers, and the "
            "diagonals still told apart.",
        ),
        Figure(
            "image_processing_009",
            21,
            "cnn_by_hand",
            "The chapter's twenty training images: back slashes are category 1, forward ones 0.",
        ),
        Figure(
            "image_processing_010",
            21,
            "cnn_by_hand",
            "The scaled kernels: a ninth on the diagonal, minus a ninth off it, so that a "
            "mismatch counts against a match.",
        ),
        Figure(
            "image_processing_011",
            21,
            "cnn_by_hand",
            "The first kernel over the training set: up to 1 along back slashes, at most "
            "0.6 elsewhere, and 0.3 on empty background.",
        ),
        Figure(
            "image_processing_012",
            21,
            "cnn_by_hand",
            "The same without its negative values; a blank cell is a zero.",
        ),
        Figure(
            "image_processing_013",
            21,
            "cnn_by_hand",
            "The largest of each tile: nine numbers an image, and the kernel's own slashes "
            "hold the ones near 1.",
        ),
        Figure(
            "image_processing_014",
            21,
            "cnn_by_hand",
            "Pooled answers of the second kernel, to twenty images of an earlier draw: now "
            "the forward slashes hold the ones near 1.",
        ),
        Figure(
            "image_processing_015",
            22,
            "cnn_trained",
            "The network's convolution with the first kernel, held fixed: the numbers "
            "made by hand.",
        ),
        Figure(
            "image_processing_016",
            22,
            "cnn_trained",
            "Its convolution with the second kernel, which the chapter draws and does not caption.",
        ),
        Figure(
            "image_processing_017",
            22,
            "cnn_trained",
            "Its pooled answers of the first kernel: nine numbers an image, as by hand.",
        ),
        Figure(
            "image_processing_018",
            23,
            "cnn_trained",
            "Two kernels that learnt from random beginnings: no updates of the two given ones.",
            deterministic=False,
        ),
        Figure(
            "image_processing_019",
            23,
            "cnn_trained",
            "Chance of category 0 for each image, as printed under the name of category "
            "1: trained kernels leave a wider margin.",
            deterministic=False,
            variants=("as printed",),
        ),
        Figure(
            "image_processing_019_corrected",
            23,
            "cnn_trained",
            "The same runs with the column that the label names: the chance of category "
            "1, high for the first ten images.",
            deterministic=False,
            variants=("corrected",),
        ),
    )
}
"""Every figure by its id, in the order of the book."""


DRAWN_BY = ("numpy", "pandas", "scikit-learn", "sympy", "c", "numba", "jax", "interpreted")
"""What may have computed the numbers of a figure; the latter five are the backends."""


@dataclass(frozen=True)
class Output:
    """Where figures go: folder, formats, the ids wanted (all if None), and what was written."""

    directory: Path = Path("figures")
    formats: tuple[str, ...] = ("png",)
    only: frozenset[str] | None = None
    written: dict[str, tuple[Path, ...]] = field(default_factory=dict)


_OUTPUT: ContextVar[Output | None] = ContextVar("symlab figure output", default=None)


@contextmanager
def saving(output: Output) -> Iterator[Output]:
    """Send every figure saved inside the block to `output`."""
    token = _OUTPUT.set(output)
    try:
        yield output
    finally:
        _OUTPUT.reset(token)


def save_figure(
    id: str,
    figure: Canvas,
    *,
    numbers: Mapping[str, object] | None = None,
    seed: int | None = None,
    backend: str | Sequence[str] = "numpy",
) -> tuple[Path, ...]:
    """Write a figure of the book and its passport, `ID.png` and `ID.json`.

    They go to `figures/` in the current folder, or to the folder and in the formats that
    `symlab figures` was asked for. Files are replaced whole: a run that is killed leaves none
    half-written. A picture and passport that stand there and differ in nothing that counts are
    kept. A picture beside another drawing's passport is told by the fingerprint of its pixels,
    which the passport holds beside the figure's row in the registry.

    Parameters
    ----------
    id : str
        The figure's id in the registry.
    figure : matplotlib.figure.Figure
    numbers : mapping of str to number or (number, tolerance), optional
        The results that the figure stands for, kept in the passport and checked by
        `symlab figures --check`. The tolerance is absolute.
    seed : int, optional
        The seed, where random numbers are drawn.
    backend : str or sequence of str
        What computed the numbers drawn: a backend, or "numpy", "pandas", "scikit-learn".

    Returns
    -------
    tuple of pathlib.Path
        What was written; nothing when other figures were asked for.

    Raises
    ------
    ValueError
        If the id is not in the registry, or the backend unknown; the message gives the nearest.
    TypeError
        If `figure` is not a Matplotlib figure, or a named number is not a number.
    """
    row, ran_on = known(id), _known_backends(backend)
    if not isinstance(figure, Canvas):
        raise TypeError(f"figure: expected a matplotlib Figure, got {shown(figure)}.")
    check_type(
        {} if numbers is None else numbers, Mapping, "numbers", "a mapping of names to numbers"
    )
    if seed is not None:
        whole(seed, "seed", 0)
    output = _OUTPUT.get() or Output()
    if output.only is not None and id not in output.only:
        return ()
    document = passport(figure, numbers, seed=seed, backend=ran_on, facts=asdict(row))
    pictures = rendered_alike(figure, output.formats)
    document["pixels"] = pixel_digest(pictures["png"])
    contents = {f"{id}.{each}": pictures[each] for each in output.formats}
    contents[f"{id}.json"] = written(document).encode("utf-8")
    output.written[id] = write_changed(output.directory, id, contents)
    return output.written[id]


def _known_backends(given: str | Sequence[str]) -> str:
    names = [given] if isinstance(given, str) else several(given, "backend", "names")
    for name in names:
        choice(name, DRAWN_BY, "backend")
    return ", ".join(names)


def known(id: str) -> Figure:
    """Return the figure of this id.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.
    """
    if not isinstance(id, str):
        raise TypeError(f"figure: expected an id, got {shown(id)}.")
    if id not in FIGURES:
        raise ValueError(
            f"figure: unknown id {shown(id)}{nearest(id, FIGURES)} `symlab list` shows them all."
        )
    return FIGURES[id]


def known_formats(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return the formats in a comma-separated text or a sequence.

    Raises
    ------
    ValueError
        If one is unknown, or there is none.

    Examples
    --------
    >>> known_formats("png, svg")
    ('png', 'svg')
    """
    parts = names.split(",") if isinstance(names, str) else names
    formats = tuple(dict.fromkeys(known_format(part.strip()) for part in parts if part.strip()))
    if not formats:
        raise ValueError(f"format: expected some of {', '.join(METADATA)}, got {shown(names)}.")
    return formats
