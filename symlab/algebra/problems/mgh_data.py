"""Problems 8 to 19 of Moré, Garbow & Hillstrom that fit a model to measured data.

"Testing unconstrained optimization software", ACM Transactions on Mathematical Software 7 (1981),
17-41, section 3, by their numbers there. Formulas, data, starts and minima are theirs.
"""

from sympy import Rational, exp

from symlab.algebra.problems.problem import Problem, coordinates, sum_of_squares

BARD = ".14 .18 .22 .25 .29 .32 .35 .39 .37 .58 .73 .96 1.34 2.10 4.39"

GAUSSIAN = ".0009 .0044 .0175 .0540 .1295 .2420 .3521 .3989"
"""The first eight of fifteen; the others are the same, in the opposite order."""

MEYER = """34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"""

KOWALIK = ".1957 .1947 .1735 .1600 .0844 .0627 .0456 .0342 .0323 .0235 .0246"
KOWALIK_AT = "4 2 1 .5 .25 .167 .125 .1 .0833 .0714 .0625"

OSBORNE_1 = """.844 .908 .932 .936 .925 .908 .881 .850 .818 .784 .751 .718 .685 .658 .628 .603 .580
.558 .538 .522 .506 .490 .478 .467 .457 .448 .438 .431 .424 .420 .414 .411 .406"""

OSBORNE_2 = """1.366 1.191 1.112 1.013 .991 .885 .831 .847 .786 .725 .746 .679 .608 .655 .616 .606
.602 .626 .651 .724 .649 .649 .694 .644 .624 .661 .612 .558 .533 .495 .500 .423 .395 .375 .372 .391
.396 .405 .428 .429 .523 .562 .607 .653 .672 .708 .633 .668 .645 .632 .591 .559 .597 .625 .739 .710
.729 .720 .636 .581 .428 .292 .162 .098 .054"""


def _numbers(text: str) -> list[Rational]:
    """Return decimals as the exact numbers they print."""
    return [Rational(word) for word in text.split()]


def bard() -> Problem:
    """Return problem 8; its second minimum lies at infinity."""
    x1, x2, x3 = x = coordinates(3)
    return sum_of_squares(
        "bard",
        x,
        [
            y - (x1 + i / ((16 - i) * x2 + min(i, 16 - i) * x3))
            for i, y in enumerate(_numbers(BARD), start=1)
        ],
        (1, 1, 1),
        "a second minimum at infinity, on which runs can drift away",
        minima=("0.00821487", "17.4286"),
    )


def gaussian() -> Problem:
    """Return problem 9, a bell curve through fifteen points."""
    x1, x2, x3 = x = coordinates(3)
    first = _numbers(GAUSSIAN)
    return sum_of_squares(
        "gaussian",
        x,
        [
            x1 * exp(-x2 * (Rational(8 - i, 2) - x3) ** 2 / 2) - y
            for i, y in enumerate([*first, *reversed(first[:-1])], start=1)
        ],
        (Rational(2, 5), 1, 0),
        "a minimum of 1e-8, so that differences of values lose their digits",
        minima=("1.12793e-8",),
    )


def meyer() -> Problem:
    """Return problem 10, whose parameters differ by six powers of ten."""
    x1, x2, x3 = x = coordinates(3)
    return sum_of_squares(
        "meyer",
        x,
        [x1 * exp(x2 / (45 + 5 * i + x3)) - y for i, y in enumerate(_numbers(MEYER), start=1)],
        (Rational(1, 50), 4000, 250),
        "parameters that differ by six powers of ten, and a start 1.7e9 high",
        minima=("87.9458",),
    )


def kowalik_osborne() -> Problem:
    """Return problem 15, a quotient through eleven points."""
    x1, x2, x3, x4 = x = coordinates(4)
    return sum_of_squares(
        "kowalik_osborne",
        x,
        [
            y - x1 * (u**2 + u * x2) / (u**2 + u * x3 + x4)
            for y, u in zip(_numbers(KOWALIK), _numbers(KOWALIK_AT), strict=True)
        ],
        (Rational(1, 4), Rational(39, 100), Rational(83, 200), Rational(39, 100)),
        "a second minimum at infinity, and poles between",
        minima=("0.000307505", "0.00102734"),
    )


def osborne_one() -> Problem:
    """Return problem 17, two exponentials and a constant through 33 points."""
    x1, x2, x3, x4, x5 = x = coordinates(5)
    return sum_of_squares(
        "osborne_one",
        x,
        [
            y - (x1 + x2 * exp(-10 * i * x4) + x3 * exp(-10 * i * x5))
            for i, y in enumerate(_numbers(OSBORNE_1))
        ],
        (Rational(1, 2), Rational(3, 2), -1, Rational(1, 100), Rational(1, 50)),
        "two exponentials that are hard to tell apart",
        minima=("5.46489e-5",),
    )


def osborne_two() -> Problem:
    """Return problem 19, an exponential and three bells through 65 points."""
    x = coordinates(11)
    decay, bells = x[4:8], x[8:]
    return sum_of_squares(
        "osborne_two",
        x,
        [
            y
            - x[0] * exp(-Rational(i, 10) * decay[0])
            - sum(
                x[k] * exp(-((Rational(i, 10) - bells[k - 1]) ** 2) * decay[k]) for k in (1, 2, 3)
            )
            for i, y in enumerate(_numbers(OSBORNE_2))
        ],
        _numbers("1.3 .65 .65 .7 .6 3 5 7 2 4.5 5.5"),
        "eleven parameters of three kinds",
        minima=("0.0401377",),
    )
