"""Exercises of lessons 4 to 6: backpropagation, models as functions, and computation graphs."""

from sympy import Expr, Interval, Matrix, log, solve, symbols

from symlab.algebra.functions import sigmoid
from symlab.book.exercises.collection.units import parameters
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x, y, z, w, b, q = symbols("x y z w b q", real=True)
u, v, d1, d2 = symbols("u v d1 d2", real=True)
x1, x2, x3 = symbols("x1:4", real=True)
a, c, d = symbols("a c d", real=True)
p = symbols("p", positive=True)
n = symbols("n", integer=True, positive=True)


def by_weight() -> Expr:
    """Return how half a squared error answers to the weight of a sigmoid unit, in its output z."""
    output = sigmoid(w * x + b)
    return ((output - y) ** 2 / 2).diff(w).subs(output, z)


WEIGHT = Exercise(
    "04.1",
    "One weight",
    Question(
        "`z = sigma(w x + b)` is a unit's output and `J = (z - y)^2/2` its cost. What is the "
        "derivative of `J` by `w`, written with `x`, `y` and `z`?"
    ),
    "expression",
    by_weight,
    (
        "The chain is J, z, the sum w x + b, and w: one factor for each arrow.",
        "The slope of the sigmoid can be written with its own value z.",
        "The last factor is what the weight is multiplied by.",
    ),
    "dJ/dz dz/dp dp/dw, where p is the sum.",
    (x, y, z),
    slips=lambda: (
        Slip("chain rule", by_weight() / x, "The sum depends on w by way of x."),
        Slip("chain rule", (z - y) * x, "The sigmoid has a slope, and it is not 1."),
        Slip("another formula", by_weight().subs(1 - z, z), "The slope of sigma is no square."),
    ),
)


def delta(*weights: tuple[Expr, Expr]) -> Expr:
    """Return a unit's delta from the weights and deltas of those that it feeds."""
    received = sum(slope * weight * sigmoid(q) for weight, slope in weights)
    return received.diff(q).subs(sigmoid(q), z)


DELTA = Exercise(
    "04.2",
    "A unit that feeds two",
    Question(
        "A sigmoid unit's output `z` is read by two units, with the weights `u` and `v`; their "
        "deltas are `d1` and `d2`. What is the delta of this unit, written with `z`?"
    ),
    "expression",
    lambda: delta((u, d1), (v, d2)),
    (
        "Delta is how J answers to the sum that a unit receives.",
        "A change of z reaches J along two arrows: what comes back along them is added.",
        "Between the sum and z lies the sigmoid.",
    ),
    "What comes back is u d1 + v d2; the sigmoid's slope z (1 - z) is one factor more.",
    (u, v, d1, d2, z),
    slips=lambda: (
        Slip("missing term", delta((u, d1)), "There are two arrows from z."),
        Slip("missing term", delta((v, d2)), "There are two arrows from z."),
        Slip("chain rule", u * d1 + v * d2, "J was asked about the sum, and not about z."),
        Slip("missing factor", delta((d1, d2)), "Paths add up; only factors along one multiply."),
    ),
)

INPUTS, DELTAS = Matrix([x1, x2, x3]), Matrix([d1, d2])


def of_matrix() -> Matrix:
    """Return how J answers to each weight of W, where d is its derivative by W x."""
    weights = Matrix(2, 3, symbols("w:6"))
    change = DELTAS.dot(weights * INPUTS)
    return Matrix(2, 3, [change.diff(weight) for weight in weights])


OUTER = Exercise(
    "04.3",
    "A matrix of weights",
    Question(
        "A layer computes `p = W x` with `x = (x1, x2, x3)`, and `J` answers to `p` by the "
        "deltas `(d1, d2)`. What is the derivative of `J` by `W`, in the shape of `W`?"
    ),
    "matrix",
    of_matrix,
    (
        "How many rows and columns has W?",
        "The weight in row i and column j multiplies x_j, and goes into p_i.",
        "Each entry is one delta times one input.",
    ),
    "The entry in row i and column j is d_i x_j: a column times a row.",
    (x1, x2, x3, d1, d2),
    slips=lambda: (Slip("transpose", of_matrix().T),),
)

CHAIN, HANGING = (2, 3, 2, 1), (2, 3, 1)

HANGS = Exercise(
    "05.1",
    "A layer that hangs loose",
    Question(
        "l1 has 3 units and reads the plane; l2 has 2 units and reads l1; the output has one "
        "unit and, by a slip, reads l1 and not l2. How many numbers does training change?"
    ),
    "number",
    lambda: parameters(HANGING),
    (
        "Draw the arrows: what does the output depend on?",
        "What the output does not depend on has derivative 0.",
        "Two layers are left; count the weights and biases of each.",
    ),
    "Only l1 and the output count: (2 + 1) 3 + (3 + 1) 1.",
    slips=lambda: (
        Slip("another formula", parameters(CHAIN), "This is the chain as it was meant."),
        Slip(
            "another formula",
            parameters(HANGING) + parameters((3, 2)),
            "The layer l2 is there, but nothing of it reaches the output.",
        ),
        Slip("missing bias", parameters(HANGING, bias=0)),
    ),
)


def composed(*maps: tuple[Expr, Expr]) -> Expr:
    """Return x put through affine maps, the first one first."""
    value = x
    for factor, shift in maps:
        value = factor * value + shift
    return value


AFFINE = Exercise(
    "05.2",
    "Two layers without a bend",
    Question("`l1(x) = a x + b` and `l2(x) = c x + d`. What is `l2(l1(x))`?"),
    "expression",
    lambda: composed((a, b), (c, d)),
    (
        "Start with the innermost: what comes out of l1?",
        "All that comes out of l1 is multiplied by c.",
        "The result is a line again; it has one slope and one shift.",
    ),
    "c times all of a x + b, and then d.",
    (a, b, c, d, x),
    slips=lambda: (
        Slip("order", composed((c, d), (a, b)), "The layer written inside comes first."),
        Slip("missing factor", c * a * x + b + d, "The shift b goes through l2 as well."),
    ),
)


def logit() -> Expr:
    """Return what the sigmoid makes p of."""
    power = solve(1 / (1 + x) - p, x)[0]  # e^-x
    return log(1 / power)


LOGIT = Exercise(
    "05.3",
    "Undoing a sigmoid",
    Question("A sigmoid unit answers `p`. Which sum did it receive?"),
    "expression",
    logit,
    (
        "Solve p = 1/(1 + e^-x) for x.",
        "Get e^-x alone first.",
        "For p = 1/2 the sum is 0, and it grows with p.",
    ),
    "1/p = 1 + e^-x, so e^-x = (1 - p)/p.",
    (p,),
    {p: Interval.open(0, 1)},
    slips=lambda: (
        Slip("reciprocal", p / (1 - p), "This is e to the power of the sum."),
        Slip("another formula", p * (1 - p), "This is the slope, not the inverse."),
        Slip("missing term", log(p), "For p = 1/2 the sum should be 0."),
    ),
)

C = Matrix(2, 2, symbols("c11 c12 c21 c22", real=True))


def of_sum() -> Matrix:
    """Return the derivative of the sum of all entries of (A + B) C by the entries of B."""
    A, B = Matrix(2, 2, symbols("a:4")), Matrix(2, 2, symbols("b:4"))
    total = sum((A + B) * C)
    return Matrix(2, 2, [total.diff(entry) for entry in B])


GRAPH = Exercise(
    "06.1",
    "Backwards through a product",
    Question(
        "`A`, `B` and `C` are 2 by 2, and `C = [[c11, c12], [c21, c22]]`. All entries of `(A + "
        "B) C` are added up. What is the derivative of this sum by `B`, in the shape of `B`?"
    ),
    "matrix",
    of_sum,
    (
        "Which entries of the product does the entry (1, 1) of B go into?",
        "An entry of B in column j meets all of row j of C.",
        "Both rows of the derivative are alike.",
    ),
    "The entry of B in column j is multiplied by each entry of C's row j: their sum.",
    tuple(C),
    slips=lambda: (
        Slip("transpose", of_sum().T, "Is it the row or the column of B that says where it goes?"),
        Slip(
            "transpose",
            of_sum().subs({C[0, 1]: C[1, 0], C[1, 0]: C[0, 1]}, simultaneous=True),
            "A column of B meets a row of C.",
        ),
        Slip("another formula", C, "Several entries of C go into each derivative."),
    ),
)


def cost(rows: Expr, inner: Expr, columns: Expr) -> Expr:
    """Return the multiplications and additions of a product of matrices."""
    return rows * columns * (inner + (inner - 1))


OPERATIONS = Exercise(
    "06.2",
    "Where to put the brackets",
    Question(
        "`A` and `B` are `n` by `n`, `v` is a column of `n`. How many multiplications and "
        "additions does `A (B v)` take?"
    ),
    "expression",
    lambda: 2 * cost(n, n, 1),
    (
        "How many products, and how many sums, go into one entry of B v?",
        "An entry takes n products and one sum less than that.",
        "Then A is multiplied by a column again.",
    ),
    "B v has n entries, each of n products and n - 1 sums; then the same once more.",
    (n,),
    slips=lambda: (
        Slip("order", cost(n, n, n) + cost(n, n, 1), "That is (A B) v, which is far dearer."),
        Slip("missing term", 2 * n**2, "The products have to be added up as well."),
        Slip("off by one", 4 * n**2, "n numbers are added by fewer than n additions."),
        Slip("factor", cost(n, n, 1), "There are two products of a matrix and a column."),
    ),
)

EXERCISES = (WEIGHT, DELTA, OUTER, HANGS, AFFINE, LOGIT, GRAPH, OPERATIONS)
