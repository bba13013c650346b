"""The sign of an exact number, and how a number is written for a reader.

A rational sign is exact. Any other number is judged at 40 digits, and counts as zero when nothing
is left above 10^-25: an algebraic number can be that close to zero without being zero, but not one
that a formula of readable size makes.
"""

from collections.abc import Sequence

from sympy import Expr, N, Rational, S, oo
from sympy.polys.rootoftools import ComplexRootOf

from symlab.algebra.gate import as_symbolic

DIGITS, KEPT = 40, 30
NEGLIGIBLE = Rational(1, 10**25)
MOST = 12
"""Numbers up to which a list is written out."""
LONGEST = 12
"""Characters up to which an exact number is shown as it stands."""


def sign_of(number: object) -> int:
    """Return -1, 0 or 1 for a real number.

    Examples
    --------
    >>> from sympy import Rational, sqrt
    >>> sign_of(Rational(-1, 3)), sign_of(sqrt(2) * sqrt(3) - sqrt(6)), sign_of(1e-9)
    (-1, 0, 1)
    """
    exact = as_symbolic(number, "number")
    value = exact if exact.is_Rational else N(exact, DIGITS)
    if not value.is_Rational and abs(value) < NEGLIGIBLE:
        return 0
    return int(bool(value > 0)) - int(bool(value < 0))


def as_plain_number(number: Expr) -> Expr:
    """Return a number itself, but 30 digits in place of an expression in algebraic roots.

    SymPy would look for the minimal polynomial of such an expression whenever it needs its
    sign, which may take for ever.

    Examples
    --------
    >>> from sympy import CRootOf, sqrt
    >>> from sympy.abc import x
    >>> as_plain_number(sqrt(2)), as_plain_number(CRootOf(x**5 - x - 1, 0) ** 2).n(5)
    (sqrt(2), 1.3626)
    """
    if not number.has(ComplexRootOf):
        return number
    return N(number, KEPT) if sign_of(number) else S.Zero


def as_decimal(number: object, digits: int = 5) -> str:
    """Return a number to `digits` significant digits, without trailing zeros.

    Examples
    --------
    >>> from sympy import Rational, I
    >>> as_decimal(Rational(8, 81)), as_decimal(2), as_decimal(Rational(1, 2) + I / 3)
    ('0.098765', '2', '0.5 + 0.33333*I')
    """
    exact = as_symbolic(number, "number")
    value = exact if exact.is_Rational else N(exact, DIGITS)
    if not value.is_finite:
        return str(value)
    if value.is_extended_real is False:
        real, imaginary = value.as_real_imag()
        joint = "-" if imaginary < 0 else "+"
        return f"{as_decimal(real, digits)} {joint} {as_decimal(abs(imaginary), digits)}*I"
    nothing = not (value.is_Rational or sign_of(value))
    return "0" if nothing else f"{float(value):.{digits}g}"


def spell_number(number: object) -> str:
    """Return a number exactly where that is short, and otherwise to five digits.

    Examples
    --------
    >>> from sympy import CRootOf, Rational
    >>> from sympy.abc import x
    >>> spell_number(Rational(-41, 40)), spell_number(CRootOf(x**5 - x - 1, 0))
    ('-41/40', '≈ 1.1673')
    """
    text = str(number)
    inexact = getattr(number, "is_Float", False)
    return text if len(text) <= LONGEST and not inexact else f"≈ {as_decimal(number)}"


def join_texts(texts: Sequence[str]) -> str:
    """Return texts separated by commas; of more than twelve the first three and the last.

    Examples
    --------
    >>> join_texts(["1", "2"]), join_texts([str(i) for i in range(20)])
    ('1, 2', '0, 1, 2, ..., 19')
    """
    shown = texts if len(texts) <= MOST else [*texts[:3], "...", texts[-1]]
    return ", ".join(shown)


def spell_number_and_decimal(number: Expr) -> str:
    """Return a number exactly and, where that is no integer, in decimals beside it.

    Examples
    --------
    >>> from sympy import Rational
    >>> [spell_number_and_decimal(Rational(n, d)) for n, d in ((8, 81), (1, 10), (2, 1))]
    ['8/81 ≈ 0.098765', '1/10 = 0.1', '2']
    """
    text, rounded = spell_number(number), as_decimal(number)
    if number.is_Integer or number in (oo, -oo) or "≈" in text:
        return text
    return f"{text} {'=' if number == Rational(rounded) else '≈'} {rounded}"
