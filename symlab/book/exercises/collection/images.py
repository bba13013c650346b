"""Exercises of lessons 17 to 19: convolution, pooling, and the network that does both."""

from sympy import Expr, Integer, Matrix, Rational, log, symbols

from symlab.algebra.functions import sigmoid
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

n, k = symbols("n k", integer=True, positive=True)
p, t = symbols("p t", positive=True)
z0, z1 = symbols("z0 z1", real=True)

ROW, KERNEL = (1, 2, 3, 4), (1, 2, 0)


def slid(*, turned: bool) -> list[int]:
    """Return the row with the kernel slid over it, turned first or not; outside it is 0."""
    from symlab.nn import images  # late, because it brings PyTensor

    slide = images.convolve if turned else images.correlate
    return [int(entry) for entry in slide([ROW], [KERNEL]).ravel()]


TURNED = Exercise(
    "17.1",
    "A kernel that is turned",
    Question(
        "The row {row} is convolved with the kernel {kernel}, as mathematics and SciPy mean "
        "it. The result is as long as the row, and outside the row there are zeros. What "
        "is it?",
        {"row": list(ROW), "kernel": list(KERNEL)},
    ),
    "matrix",
    lambda: slid(turned=True),
    (
        "Which way round is the kernel laid on the row?",
        "A convolution turns the kernel by half a turn first.",
        "Lay the middle of the turned kernel on each number, multiply and add.",
    ),
    "The turned kernel has 0, 2, 1: twice the number itself and once its right neighbour.",
    slips=lambda: (
        Slip("order", slid(turned=False), "That is the correlation: the kernel was not turned."),
        Slip("incomplete", slid(turned=True)[1:-1], "The result is as long as the row."),
        Slip("order", slid(turned=True)[::-1], "Turn the kernel, and not the result."),
    ),
)

VALID = Exercise(
    "17.2",
    "How often a kernel fits",
    Question(
        "A kernel of `k` by `k` is laid on an image of `n` by `n`, wherever it fits without "
        "hanging over. In how many places is that?"
    ),
    "expression",
    lambda: (n - k + 1) ** 2,
    (
        "Begin with one row: in how many places does a kernel of length k fit?",
        "If k = n there is one place, and not none.",
        "Rows and columns are chosen independently.",
    ),
    "n - k + 1 places in each direction.",
    (n, k),
    slips=lambda: (
        Slip("off by one", (n - k) ** 2, "If the kernel is as large as the image it fits once."),
        Slip("root", n - k + 1, "That is one direction; an image has two."),
        Slip("another formula", n**2, "There it would hang over at the edges."),
    ),
)

PRODUCTS = Exercise(
    "17.3",
    "Parameters of a convolution",
    Question(
        "A layer of `n` kernels, each of `k` by `k`, reads an image of 3 channels; each kernel "
        "has a bias. How many numbers does it learn?"
    ),
    "expression",
    lambda: n * (3 * k**2 + 1),
    (
        "How many numbers does a kernel have, if it reads all channels at once?",
        "It has k by k numbers for each channel, and one bias for all.",
        "The size of the image does not matter.",
    ),
    "Each of the n kernels has 3 k^2 weights and a bias.",
    (n, k),
    slips=lambda: (
        Slip("missing bias", n * 3 * k**2),
        Slip("missing factor", n * (k**2 + 1), "A kernel reads all three channels."),
        Slip("off by one", n * 3 * (k**2 + 1), "A kernel has one bias, not one for each channel."),
    ),
)

ANSWERS = Matrix([[1, -2, 0, 3], [-1, -4, 5, -6], [2, 7, -1, -3], [-8, 0, -2, -5]])


def tiles(reduce: object) -> Matrix:
    """Return one number for each tile of two by two, from its four numbers after ReLU."""

    def entry(row: int, column: int) -> Expr:
        tile = ANSWERS[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        return reduce([max(Integer(0), each) for each in tile])  # type: ignore[operator]

    return Matrix(2, 2, entry)


POOL = Exercise(
    "18.1",
    "ReLU and pooling by hand",
    Question(
        "The answers of a kernel are {answers}. They go through ReLU, and of each tile of 2 "
        "by 2 the largest is kept. What is left?",
        {"answers": ANSWERS.tolist()},
    ),
    "matrix",
    lambda: tiles(max),
    (
        "ReLU makes 0 of everything below 0.",
        "The four tiles do not overlap.",
        "A tile in which all is negative keeps a 0.",
    ),
    "The largest of each corner's four numbers, and 0 where that is negative.",
    slips=lambda: (
        Slip("another formula", tiles(sum) / 4, "The largest is kept, and not the mean."),
        Slip("another formula", tiles(sum), "The largest is kept, and not the sum."),
        Slip(
            "missing term",
            Matrix(
                [
                    [max(ANSWERS[:2, :2]), max(ANSWERS[:2, 2:])],
                    [max(ANSWERS[2:, :2]), max(ANSWERS[2:, 2:])],
                ]
            ),
            "One tile has no number above 0: what does ReLU make of it?",
        ),
    ),
)


def blank(first_row: int) -> Expr:
    """Return what the scaled diagonal answers on -1, where its rows from this one on meet it."""
    kernel = (2 * Matrix.eye(3) - Matrix.ones(3, 3)) * Rational(1, 9)
    return -sum(kernel[first_row:, :])


EDGE = Exercise(
    "18.2",
    "The edge of an empty picture",
    Question(
        "A kernel of 3 by 3 has 1/9 on its diagonal and -1/9 elsewhere. A picture is -1 all over, "
        "and 0 outside. What does the kernel answer in the middle of the upper edge?"
    ),
    "number",
    lambda: blank(1),
    (
        "Which of the kernel's nine entries lie inside the picture?",
        "At the upper edge one row of the kernel hangs over, and meets 0.",
        "Of the six entries inside, how many lie on the diagonal?",
    ),
    "Six entries meet -1: two are 1/9 and four are -1/9.",
    slips=lambda: (
        Slip("another formula", blank(0), "At the edge a row of the kernel meets 0, not -1."),
        Slip("another formula", blank(2), "Only one row of the kernel hangs over."),
        Slip("another formula", Rational(6, 9), "The entries have different signs."),
    ),
)


def numbers(*, bias: bool = True) -> int:
    """Return how many numbers two kernels and a dense layer of two units on 18 numbers have."""
    return 2 * 3 * 3 + (2 * 3 * 3 + bias) * 2


NETWORK = Exercise(
    "19.1",
    "The small network's numbers",
    Question(
        "Images of 6 by 6, one channel. Two kernels of 3 by 3 without bias, padded so that "
        "the size stays; ReLU; the largest of each 2 by 2; then a dense layer with bias and "
        "2 units. How many numbers can be learnt?"
    ),
    "number",
    numbers,
    (
        "The kernels have no bias: count their entries.",
        "How many numbers are left for the dense layer, after pooling?",
        "Each of its units has a weight for each of them, and a bias.",
    ),
    "18 in the kernels; 3 by 3 from each of two kernels are 18 inputs, and (18 + 1) 2.",
    slips=lambda: (
        Slip("missing bias", numbers(bias=False), "The dense layer has biases."),
        Slip("missing term", numbers() - 18, "The kernels are learnt as well."),
        Slip("missing term", 18, "The dense layer is learnt as well."),
        Slip("another formula", 18 + (72 + 1) * 2, "Pooling leaves a quarter of the numbers."),
    ),
)


def jacobian() -> Matrix:
    """Return how the two chances of a softmax answer to the two scores, in the first chance."""
    first = sigmoid(z0 - z1)
    rows = Matrix([first, 1 - first]).jacobian((z0, z1))
    return rows.subs(sigmoid(z0 - z1), p)


SOFTMAX = Exercise(
    "19.2",
    "How chances answer to scores",
    Question(
        "A softmax makes the chances `p` and `1 - p` of two scores `z0` and `z1`. What is the "
        "matrix of the derivatives of the chances (a row each) by the scores (a column each), "
        "written with `p`?"
    ),
    "matrix",
    jacobian,
    (
        "p is the sigmoid of z0 - z1.",
        "The chances add to 1: what does that say about the rows?",
        "If both scores grow alike, nothing changes: what does that say about the columns?",
    ),
    "The slope of the sigmoid is p (1 - p); the signs follow from the sums.",
    (p,),
    slips=lambda: (
        Slip(
            "sign of a term",
            Matrix([[1, 1], [1, 1]]) * p * (1 - p),
            "A larger second score makes the first chance smaller.",
        ),
        Slip(
            "incomplete",
            Matrix([[p * (1 - p), 0], [0, p * (1 - p)]]),
            "Each chance answers to both scores.",
        ),
        Slip("chain rule", Matrix([[1, -1], [-1, 1]]), "The sigmoid has a slope, and it is not 1."),
    ),
)


def by_score() -> Expr:
    """Return the derivative of the cross-entropy of a softmax by its first score, in p."""
    first = sigmoid(z0 - z1)
    loss = -t * log(first) - (1 - t) * log(1 - first)
    return loss.diff(z0).subs(first, p).simplify()


CROSS = Exercise(
    "19.3",
    "Softmax and cross-entropy together",
    Question(
        "`p` and `1 - p` are a softmax's chances of the scores `z0` and `z1`; the target is `t` "
        "for the first class and `1 - t` for the second. The loss is `-t log(p) - (1 - t) log(1 "
        "- p)`. What is its derivative by `z0`?"
    ),
    "expression",
    by_score,
    (
        "Take the derivative by p first, and then that of p by z0.",
        "The slope of p by z0 is p (1 - p).",
        "It cancels: something very simple is left.",
    ),
    "(p - t)/(p (1 - p)) times p (1 - p).",
    (p, t),
    slips=lambda: (
        Slip("chain rule", (p - t) / (p * (1 - p)), "That is the derivative by p."),
        Slip("chain rule", (p - t) * p * (1 - p), "The loss is no squared error."),
        Slip("missing term", -t / p * p * (1 - p), "The second chance answers to z0 as well."),
    ),
)

EXERCISES = (TURNED, VALID, PRODUCTS, POOL, EDGE, NETWORK, SOFTMAX, CROSS)
