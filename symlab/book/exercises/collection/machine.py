"""Exercises of lessons 20 and 21: how many digits survive, and what a step costs."""

from math import ulp

from sympy import Integer, Interval, Rational, count_ops, expand_log, log, solve, symbols

from symlab.book.exercises.collection.descent import SLOPE
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x = symbols("x", real=True)
a, b, c, s = symbols("a b c s", positive=True)
n = symbols("n", integer=True, positive=True)
p = symbols("p", positive=True)
NUMBER, BITS = 1000, 53

SPACING = Exercise(
    "20.1",
    "One ulp",
    Question(
        "A float64 has 53 bits. How far is it from {number} to the next larger float?",
        {"number": NUMBER},
    ),
    "number",
    lambda: Rational(ulp(float(NUMBER))),
    (
        "Between which two powers of 2 does the number lie?",
        "From a power of 2 to the next there are 2^52 steps of one size.",
        "At 1 the step is 2^-52; how much larger is it here?",
    ),
    "1000 lies between 2^9 and 2^10, so the spacing is 2^9 times 2^-52.",
    slips=lambda: (
        Slip("another formula", Rational(ulp(1.0)), "That is the spacing at 1."),
        Slip("factor", Rational(ulp(float(2 * NUMBER))), "1000 is below 2^10."),
        Slip("factor", Rational(ulp(NUMBER / 2)), "A float has 53 bits, the first of them 2^9."),
        Slip("another formula", NUMBER * Rational(ulp(1.0)), "The spacing is a power of 2."),
    ),
)

SWALLOWED = Exercise(
    "20.2",
    "Where the 1 swallows",
    Question(
        "In float64, `1 + e^z` is rounded to 1 as soon as `e^z` is at most half the spacing of "
        "floats just above 1, which is `2^-52`. Up to which `z` is that?"
    ),
    "number",
    lambda: expand_log(log(Rational(ulp(1.0)) / 2), factor=True),
    (
        "What is half of 2^-52?",
        "Take the logarithm of both sides.",
        "z is negative: e^z is far below 1.",
    ),
    "e^z = 2^-53.",
    slips=lambda: (
        Slip("off by one", -(BITS - 1) * log(2), "Half of the spacing is enough."),
        Slip("another formula", Integer(-BITS), "That is a power of 2, and not of e."),
    ),
)

CONDITION = Exercise(
    "20.3",
    "The condition of a logarithm",
    Question(
        "If `x > 1` has a small relative error, the relative error of `log(x)` is that times a "
        "number. Which?"
    ),
    "expression",
    lambda: x * log(x).diff(x) / log(x),
    (
        "An error dx of x makes the error f'(x) dx of f.",
        "A relative error is divided by the thing itself.",
        "The number is x f'(x)/f(x).",
    ),
    "x (1/x)/log(x): near 1 it is large.",
    (x,),
    {x: Interval.open(1, 1000)},
    slips=lambda: (
        Slip("reciprocal", log(x), "Near 1, is the logarithm easier or harder?"),
        Slip("missing factor", 1 / (x * log(x)), "The error of x is relative to x."),
        Slip("missing factor", 1 / x, "Both errors are relative."),
    ),
)

PAYS = Exercise(
    "21.1",
    "When compiling pays",
    Question(
        "A compiler takes `c` seconds. A step takes `a` seconds without it and `b` with it, and "
        "`b < a`. After how many steps has compiling paid for itself?"
    ),
    "expression",
    lambda: solve(n * a - (c + n * b), n)[0],
    (
        "What do n steps cost with the compiler, and what without?",
        "At which n are both the same?",
        "Each step saves a - b.",
    ),
    "n a = c + n b.",
    (a, b, c),
    slips=lambda: (
        Slip("missing term", c / a, "The compiled steps take time as well."),
        Slip("sign", c / (b - a), "How much does a step save?"),
        Slip("sign of a term", c / (a + b), "What counts is what a step saves."),
        Slip("reciprocal", (a - b) / c, "A slow compiler pays later."),
    ),
)

AMDAHL = Exercise(
    "21.2",
    "What a faster part is worth",
    Question(
        "A part `p` of a program's time is made `s` times as fast, the rest stays as it is. How "
        "many times as fast is the whole?"
    ),
    "expression",
    lambda: 1 / ((1 - p) + p / s),
    (
        "How long does it take now, if it took 1 before?",
        "The rest takes 1 - p, as before; the part takes less.",
        "How many times as fast is the old time over the new.",
    ),
    "The new time is (1 - p) + p/s.",
    (p, s),
    {p: Interval.open(0, 1)},
    slips=lambda: (
        Slip("reciprocal", (1 - p) + p / s, "That is the new time; how many times as fast?"),
        Slip("missing term", s / p, "The rest of the program does not vanish."),
        Slip("another formula", (1 - p) + p * s, "Times add up, speeds do not."),
    ),
)

HORNER = SLOPE.factor()

COUNTED = Exercise(
    "21.3",
    "Counting operations",
    Question(
        "How many operations, powers counted as one each, does {f} take as it is written?",
        {"f": SLOPE},
    ),
    "number",
    lambda: count_ops(SLOPE),
    (
        "Count powers, products and differences one by one.",
        "Each of the two terms has a power and a product.",
        "Then one is taken from the other.",
    ),
    "Two powers, two products, one difference.",
    slips=lambda: (
        Slip("another formula", count_ops(HORNER), "That is the form x^2 (4 x - 9)."),
        Slip("missing term", 3, "A power is an operation too."),
    ),
)


EXERCISES = (SPACING, SWALLOWED, CONDITION, PAYS, AMDAHL, COUNTED)
