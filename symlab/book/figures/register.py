"""The registry of the book's figures: ids, captions, which lesson draws what, and what it shows.

A new figure is a row here and a function in `invariants.py`: from the results that `save_figure`
is given after the figure, to the named numbers that its passport keeps.
"""

from collections.abc import Iterable

from symlab.book.data import MOONS_STATE
from symlab.book.figures import invariants
from symlab.book.figures.figure import Figure
from symlab.checks import nearest, shown

NINTHS = "Numbers are whole ninths, so none is 0.5: what looks like a 5 so small is a 3."
"""How to read the smallest digits, whose size is the book's."""

FIGURES = {
    figure.id: figure
    for figure in (
        Figure(
            "deep_learning_002",
            2,
            "one_neuron",
            "Softsign runs between the same levels as sign, but passes from one to the other at a "
            "finite slope, which is what a gradient needs.",
            invariants.softsign_at_two_points,
        ),
        Figure(
            "deep_learning_003",
            2,
            "one_neuron",
            "The hinge loss of one softsign neuron, epoch by epoch: it levels off well above 0, "
            "although hardly a point is still on the wrong side.",
            invariants.three_losses,
            seed=18,
        ),
        Figure(
            "MLP",
            3,
            "multilayer_perceptron",
            "A perceptron with two hidden layers. Every arrow into a circle multiplies by a weight "
            "of its own; only the weights on the inputs are named.",
            invariants.circles_and_arrows,
        ),
        Figure(
            "deep_learning_004",
            3,
            "multilayer_perceptron",
            "Two interleaved moons of 500 points each, which no straight line can separate.",
            invariants.extent,
            backend="scikit-learn",
            seed=MOONS_STATE,
        ),
        Figure(
            "deep_learning_005",
            3,
            "multilayer_perceptron",
            "The network's output after a hundred epochs, behind the points: blue where it is near "
            "0, red where it is near 1, and a bent boundary between.",
            invariants.accuracy_and_loss,
            seed=132,
        ),
        Figure(
            "deep_learning_006",
            5,
            "functional_models",
            "As printed: the moons under a second layer that was never trained, because the output "
            "is wired to the first. Blue is class 1 here, and black class 0.",
            invariants.share_at_a_half,
            seed=10,
            variants=("as printed",),
        ),
        Figure(
            "deep_learning_006_corrected",
            5,
            "functional_models",
            "Corrected: the same map when the output is wired to it. Training drives the classes "
            "to opposite sides; blue is class 0 and red class 1, as in the other figures.",
            invariants.distance_of_the_means,
            seed=10,
            variants=("corrected",),
        ),
        Figure(
            "adder",
            6,
            "computation_graphs",
            "Two values flow into an addition, and their sum out of it.",
            invariants.entries,
            backend="interpreted",
        ),
        Figure(
            "multiplier",
            6,
            "computation_graphs",
            "Two matrices flow into a multiplication, and their product out of it.",
            invariants.entries,
            backend="interpreted",
        ),
        Figure(
            "add_mult",
            6,
            "computation_graphs",
            "Two operations in a row: what the addition yields is multiplied by a third value.",
            invariants.entries,
            backend="interpreted",
        ),
        Figure(
            "LS_cost",
            7,
            "least_squares",
            "The cost before each of the first sixty steps: most of it is gone after five, down "
            "the steepest direction; what moves later, along the flattest, hardly shows.",
            invariants.costs_and_solution,
        ),
        Figure(
            "deep_learning_001",
            8,
            "logistic_one_dimension",
            "Probability of the upper class: scikit-learn's liblinear fit (dashed) and a thousand "
            "steps of our own (dots) coincide, although they solve different problems.",
            invariants.two_fits,
            backend="scikit-learn",
            seed=14,
        ),
        Figure(
            "gradient_descent_001",
            9,
            "gradient_descent",
            "Six tangents stand in for f, each on its own window; darker bands are where two "
            "windows overlap and two tangents compete.",
            invariants.six_slopes,
        ),
        Figure(
            "gradient_descent_002",
            9,
            "gradient_descent",
            "Twenty gradient steps from 0.1: a slow start on the flat part, a rush downhill, then "
            "a lasting jump from one side of the minimum to the other.",
            invariants.step_limit_and_cycle,
        ),
        Figure(
            "gradient_descent_003",
            9,
            "gradient_descent",
            "The same run on the curve: at each iterate the method knows f only through a tangent.",
            invariants.end_of_the_run,
        ),
        Figure(
            "gradient_descent_004",
            11,
            "step_size",
            "Backtracking from 1 steps to where the surrogate (dashed) is lowest, and accepts that "
            "step because f is lower there than the surrogate.",
            invariants.accepted_step,
        ),
        Figure(
            "gradient_descent_005",
            14,
            "moving_averages",
            "An impulse at 0: the mean of a window of three forgets it after three steps (two of "
            "them are missing), an exponentially weighted one never quite does.",
            invariants.impulse_responses,
            backend="pandas",
        ),
        Figure(
            "gradient_descent_006",
            15,
            "logistic_symbolic",
            "As printed: J falls unevenly with one sample a step and smoothly with ten; 0 is after "
            "the first step. The curve named momentum has none, and differs from the other "
            "mini-batch run by its draws.",
            invariants.costs_as_printed,
            backend="interpreted",
            seed=4632,
            variants=("as printed",),
        ),
        Figure(
            "gradient_descent_006_corrected",
            15,
            "logistic_symbolic",
            "Corrected: with a memory that is kept, and the same draws as the plain mini-batch "
            "run, momentum lowers J nearly twice as fast. As there, 0 is after the first step.",
            invariants.costs_corrected,
            backend="interpreted",
            seed=4632,
            variants=("corrected",),
        ),
        Figure(
            "image_processing_001",
            17,
            "convolution",
            "A digit of the UCI set: 8 by 8 numbers from 0 to 16, the larger the brighter.",
            invariants.sum_of_all,
            backend="scikit-learn",
        ),
        Figure(
            "image_processing_002",
            17,
            "convolution",
            "The first ten images of the set with their labels; sixty-four numbers suffice "
            "to read them.",
            invariants.sum_of_all,
            backend="scikit-learn",
        ),
        Figure(
            "image_processing_003",
            18,
            "convolution",
            "A diagonal kernel laid on each pixel of two stacked diagonals. Gray ones are "
            "the kernel's, also where it hangs over the edge; each title is the sum of what "
            "they meet.",
            invariants.first_two_on_the_diagonal,
        ),
        Figure(
            "image_processing_004",
            18,
            "convolution",
            "The sums of the walk: 3 at the middle of each diagonal, 2 at both its ends, and a 1 "
            "one pixel past the end of the first.",
            invariants.first_two_on_the_diagonal,
        ),
        Figure(
            "image_processing_005",
            18,
            "convolution",
            "The same kernel walked over a forward slash, whose pixels hold the white digits: "
            "never more than one of the kernel's three ones meets a pixel of it.",
            invariants.greatest_and_ones,
        ),
        Figure(
            "image_processing_006",
            18,
            "convolution",
            "The sums of that walk: a match would be 3, and there is none; but along the wrong "
            "slash the answer is 1 again and again, not 0.",
            invariants.greatest_and_ones,
        ),
        Figure(
            "image_processing_007",
            19,
            "convolution",
            "A cross (left), two kernels, and below each what it makes of the cross: its own "
            "diagonal gets 3, and 2 at both ends; of the other there are traces, 1.",
            invariants.total,
        ),
        Figure(
            "image_processing_008",
            20,
            "convolution",
            "The largest of each two by two tile: a quarter of the numbers, and the "
            "diagonals still told apart.",
            invariants.total,
        ),
        Figure(
            "image_processing_009",
            21,
            "cnn_by_hand",
            "The chapter's twenty training images: back slashes are category 1, forward ones 0.",
            invariants.counts_of_slashes,
        ),
        Figure(
            "image_processing_010",
            21,
            "cnn_by_hand",
            "The scaled kernels: a ninth on the diagonal, minus a ninth off it, so that a "
            "mismatch counts against a match.",
            invariants.kernel_entries,
        ),
        Figure(
            "image_processing_011",
            21,
            "cnn_by_hand",
            "The first kernel over the training set: up to 1 along back slashes, at most 0.6 "
            f"elsewhere, and 0.3 on empty background, less at the edge. {NINTHS}",
            invariants.greatest_and_least,
        ),
        Figure(
            "image_processing_012",
            21,
            "cnn_by_hand",
            f"The same without its negative values; a blank cell is a zero. {NINTHS}",
            invariants.total_in_ninths,
        ),
        Figure(
            "image_processing_013",
            21,
            "cnn_by_hand",
            "The largest of each tile: nine numbers an image. In back slashes, the kernel's own, "
            f"the greatest is 0.8 or 1; in forward ones 0.6. {NINTHS}",
            invariants.total_in_ninths,
        ),
        Figure(
            "image_processing_014",
            21,
            "cnn_by_hand",
            "Pooled answers of the second kernel, to twenty images of an earlier draw: now it is "
            f"in forward slashes that the greatest is 1, in back slashes 0.6. {NINTHS}",
            invariants.total,
        ),
        Figure(
            "image_processing_015",
            22,
            "cnn_trained",
            "The network's convolution with the first kernel, held fixed: the numbers made by "
            f"hand. {NINTHS}",
            invariants.total_in_ninths,
            backend="interpreted",
        ),
        Figure(
            "image_processing_016",
            22,
            "cnn_trained",
            "Its convolution with the second kernel, which the chapter draws and does not caption. "
            f"{NINTHS}",
            invariants.total_in_ninths,
            backend="interpreted",
        ),
        Figure(
            "image_processing_017",
            22,
            "cnn_trained",
            f"Its pooled answers of the first kernel: nine numbers an image, as by hand. {NINTHS}",
            invariants.total_in_ninths,
            backend="interpreted",
        ),
        Figure(
            "image_processing_018",
            23,
            "cnn_trained",
            "Two kernels that learnt from random beginnings: not the two given ones updated, as "
            "their titles have it.",
            invariants.hits_and_margins,
            seed=0,
        ),
        Figure(
            "image_processing_019",
            23,
            "cnn_trained",
            "Chance of category 0 for each image, as printed under the name of category "
            "1: trained kernels leave a wider margin.",
            invariants.hits_and_margins,
            seed=0,
            variants=("as printed",),
        ),
        Figure(
            "image_processing_019_corrected",
            23,
            "cnn_trained",
            "The same runs with the column that the label names: the chance of category "
            "1, high for the first ten images.",
            invariants.hits_and_margins,
            seed=0,
            variants=("corrected",),
        ),
    )
}
"""Every figure by its id, in the order of the book."""


def count_of(ids: Iterable[str]) -> str:
    """Return how many figures of the book these are, and how many are corrected variants.

    Examples
    --------
    >>> count_of(FIGURES)
    '36 figures and 3 corrected variants'
    >>> count_of(["adder"])
    '1 figure'
    """
    given = [FIGURES[id] for id in ids]
    variants = sum("corrected" in figure.variants for figure in given)
    parts = ((len(given) - variants, "figure"), (variants, "corrected variant"))
    return " and ".join(f"{n} {noun}{'s' * (n != 1)}" for n, noun in parts if n)


def find_figure(id: str) -> Figure:
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
