"""Limits on the size of a formula while SymPy builds it: digits, exponents, constants, choices.

`9**9**9` is a short text and an enormous number, and SymPy computes as it builds. So each power and
call is measured before it is built, and each result before it is built upon. `piece` is the text
that a message shows.
"""

from collections.abc import Sequence
from itertools import chain, combinations
from math import lcm, log10, prod

from sympy import Add, E, Expr, I, Max, Min, Mul, Pow, Rational, S, exp, log, nan, oo, zoo
from sympy.core.evalf import PrecisionExhausted

from symlab.algebra.formula.spelling import FormulaError, quote

MAX_EXPONENT = 1000
MAX_DIGITS = 300
"""Digits of a number, and the range of its exponent: what a float can still hold."""
MAX_ROOT = 100_000
"""Digits of a number times the root taken of it: SymPy may compute a power that large."""
MAX_CHOICES = 10
"""Values among which max or min choose: SymPy compares every pair of them."""
FINEST_ROOT = 1000
"""Root of a value of unknown sign inside a hyperbolic function; SymPy takes 0.04 s for this one."""
MAX_SPREAD = 32
"""Terms that SymPy may multiply out to learn whether a value is real; 32 take it 0.1 s."""


def check_number(digits: str) -> None:
    """Refuse a decimal number too long, too large or too small to be worked with."""
    mantissa, _, power = digits.lower().partition("e")
    if len(mantissa) > MAX_DIGITS + 1 or abs(int(power or 0)) > MAX_DIGITS:
        raise FormulaError(f"the number {quote(digits)} has more than {MAX_DIGITS} digits.")


def check_power(base: Expr, exponent: Expr, piece: str) -> None:
    """Refuse a power whose computation, or merging with the powers in its base, would explode.

    Examples
    --------
    >>> from sympy import Integer
    >>> check_power(Integer(9), Integer(9) ** 9, "9**9**9")
    Traceback (most recent call last):
        ...
    symlab.algebra.formula.spelling.FormulaError: formula: the exponent in '9**9**9' is beyond 1000.
    """
    if base == E or isinstance(base, exp):
        # exp(n*log(a)) is a**n to SymPy, which would then be computed.
        merged = exponent if base == E else base.exp * exponent
        if merged.has(log):
            _check_exponent(merged, piece)
            bases = [base for power in merged.atoms(log) for base in power.atoms(Rational)]
            _check_roots(bases, [merged], piece)
        return
    largest = _check_exponent(exponent, piece)
    for factor in Mul.make_args(base):
        if isinstance(factor, Rational) and _digits(factor) * largest > MAX_DIGITS:
            raise FormulaError(f"{quote(piece)} has more than {MAX_DIGITS} digits.")
        if isinstance(factor, Rational):
            _check_roots([factor], [exponent], piece)
        if isinstance(factor, Pow):
            check_power(factor.base, factor.exp * exponent, piece)


def check_product(one: Expr, other: Expr, piece: str) -> None:
    """Refuse a product of roots of numbers that SymPy would bring to one enormous root."""
    factors = [*Mul.make_args(one), *Mul.make_args(other)]
    roots = [factor for factor in factors if isinstance(factor, Pow) and factor.is_number]
    bases = [root.base for root in roots if isinstance(root.base, Rational)]
    _check_roots(bases, [root.exp for root in roots], piece)


def _check_roots(bases: Sequence[Rational], exponents: Sequence[Expr], piece: str) -> None:
    # SymPy 1.14 computes 2**(2*p % q) * 3**(p % q) on the way to 12**(p/q).
    fractions = [fraction.q for exponent in exponents for fraction in exponent.atoms(Rational)]
    if lcm(*fractions) * max(map(_digits, bases), default=0) > MAX_ROOT:
        raise FormulaError(f"the exponents in {quote(piece)} are too fine; round them.")


def check_choices(arguments: Sequence[Expr], piece: str) -> None:
    """Refuse a max or min of too many values; nested ones become one in SymPy."""
    nested = [choice.args for argument in arguments for choice in argument.atoms(Max, Min)]
    values = [*arguments, *chain.from_iterable(nested)]
    if len(values) > MAX_CHOICES:
        raise FormulaError(f"{quote(piece)} chooses among more than {MAX_CHOICES} values.")
    for one, other in combinations(values, 2):
        _check_apart(one - other, piece)


def check_near_one(argument: Expr, piece: str) -> None:
    """Refuse an argument as good as 1 or -1, where `hinge`, `asin`, `acos`, `log1p` change kind."""
    _check_apart(argument - 1, piece)
    _check_apart(argument + 1, piece)


def _check_apart(difference: Expr, piece: str) -> None:
    # SymPy seeks the minimal polynomial of a constant that no precision distinguishes from zero;
    # that of 10**(1e-300) - 1 has the degree 10**300.
    if difference.is_number:
        _size(difference, piece)


def check_hyperbolic(argument: Expr, piece: str) -> None:
    """Refuse a hyperbolic function of what SymPy would multiply out for seconds.

    Where the argument is not known to be real, `is_real` of such a function expands its real and
    imaginary parts; that of `tanh((log(x) + y + 1)**300)` would not come back, and that of
    `cosh(x**3.141592653589793)` is a polynomial in x**(1/10**15), of gigabytes.
    """
    if argument.is_extended_real:
        return
    roots = [power.exp.q for power in argument.atoms(Pow) if isinstance(power.exp, Rational)]
    if max(roots, default=1) > FINEST_ROOT:
        raise FormulaError(f"the exponents in {quote(piece)} are too fine; round them.")
    if _spread(argument) > MAX_SPREAD:
        raise FormulaError(f"{quote(piece)} is too intricate for SymPy to know if it is real.")


def check_value(value: Expr, piece: str) -> None:
    """Refuse a value that is not finite, not real, or a constant beyond the range of floats."""
    if value.has(nan, zoo, oo, -oo):
        raise FormulaError(f"{quote(piece)} is not finite.")
    if value.is_number:
        _size(value, piece)
    elif value.has(I) or value.is_extended_real is False:
        raise FormulaError(f"{quote(piece)} is not real.")
    _check_numbers(value, piece)
    _check_factors(value, piece)


def _check_factors(value: Expr, piece: str) -> None:
    for factor in Mul.make_args(value):
        if factor.is_number:
            _size(factor, piece)
        elif factor.is_extended_real is False:
            # SymPy takes the product for real where another factor is 0: (-1)**(1/3)*abs(x).
            raise FormulaError(f"{quote(piece)} is not real.")
        if isinstance(factor, Pow) and not isinstance(factor, exp):
            check_power(factor.base, factor.exp, piece)


def _check_numbers(value: Expr, piece: str) -> None:
    """Refuse what could not be typed again: a number too long, an exponent too high, anywhere."""
    if max(map(_digits, value.atoms(Rational)), default=0) > MAX_DIGITS:
        raise FormulaError(f"{quote(piece)} has more than {MAX_DIGITS} digits.")
    exponents = [power.exp for power in value.atoms(Pow) if isinstance(power.exp, Rational)]
    if max(map(abs, exponents), default=0) > MAX_EXPONENT:
        raise FormulaError(f"the exponent in {quote(piece)} is beyond {MAX_EXPONENT}.")


def _check_exponent(exponent: Expr, piece: str) -> float:
    """Return the largest number in an exponent, at least 1."""
    numbers = [abs(number) for number in exponent.atoms(Rational)]
    if exponent.is_number:
        numbers.append(_size(exponent, piece))
    largest = max([S.One, *numbers])
    if largest > MAX_EXPONENT:
        raise FormulaError(f"the exponent in {quote(piece)} is beyond {MAX_EXPONENT}.")
    return float(largest)


def _digits(number: Rational) -> float:
    return log10(max(abs(number.p), number.q))


def _size(number: Expr, piece: str) -> Expr:
    """Return the magnitude of a constant, from the inside out so that no tower is evaluated."""
    if isinstance(number, Rational):
        return abs(number)
    for argument in number.args:
        _size(argument, piece)
    try:
        magnitude = number.evalf(15, strict=True)
    except PrecisionExhausted:
        raise FormulaError(f"{quote(piece)} cannot be told from zero.") from None
    if not magnitude.is_Float:
        raise FormulaError(f"{quote(piece)} is not real.")
    if not 10 ** Rational(-MAX_DIGITS) < abs(magnitude) < 10**MAX_DIGITS:
        raise FormulaError(f"{quote(piece)} is beyond the range 1e±{MAX_DIGITS}.")
    return abs(magnitude)


def _spread(value: Expr) -> int:
    """Estimate the terms of the multiplied-out real and imaginary parts, up to `MAX_SPREAD` + 1."""
    sizes = [_spread(argument) for argument in value.args]
    if isinstance(value, Pow) and value.exp.is_Integer:
        terms = sizes[0] ** min(abs(int(value.exp)), MAX_SPREAD)
    elif isinstance(value, Mul):
        terms = prod(sizes)
    else:
        terms = sum(sizes) * (1 if isinstance(value, Add) else 2)
    return min(max(terms, 1), MAX_SPREAD + 1)
