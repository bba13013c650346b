"""A formula typed as text, turned into SymPy without ever being run.

The text is scanned against a small alphabet, read by Python's parser into a tree, and the tree is
rebuilt in SymPy node by node; a node that is not on the list is refused. Size is bounded before
anything is computed, because `9**9**9` is a short text and an enormous number. Every refusal is a
`FormulaError` of one line.
"""

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10, prod

import sympy
from sympy import Abs, E, Expr, I, Max, Min, Mul, Pow, Rational, Symbol, exp, log, nan, oo, pi, zoo
from sympy.core.evalf import PrecisionExhausted

from symlab.algebra.functions import FUNCTIONS as FIELD_FUNCTIONS
from symlab.algebra.rule import nearest

MAX_LENGTH = 1000
"""Characters in a formula; the chapter's longest has 60."""
MAX_DEPTH = 50
"""Levels of nesting, far from Python's own limit of recursion."""
MAX_NAME = 30
MAX_EXPONENT = 1000
MAX_DIGITS = 300
"""Digits of a number and the range of its exponent: what a float can still hold."""
MAX_SPREAD = 32
"""Terms that SymPy may multiply out to learn whether a value is real; 32 take it 0.1 s."""
MAX_CHOICES = 10
"""Arguments to max or min: SymPy compares every pair of them."""


class FormulaError(ValueError):
    """A text that is not a formula; the message is one line and names the offending piece."""


@dataclass(frozen=True)
class _Function:
    build: Callable[..., Expr]
    fewest: int = 1
    most: int = 1


@dataclass(frozen=True)
class _Scope:
    """The text in Python's spelling, and the symbols it may name (None: any)."""

    text: str
    symbols: Mapping[str, Symbol] | None


def parse(text: str, variables: Sequence[str | Symbol] | None = None) -> Expr:
    """Return the SymPy expression that a formula states.

    Accepted are numbers (`0.1` is exactly 1/10), `+ - * /`, powers written `**` or `^`, brackets,
    the constants `pi` and `e` (or `E`), the functions in `FUNCTIONS`, and names, each of which
    becomes a real symbol. `^` is the power, binding like `**`: from the right, before a minus sign.

    Parameters
    ----------
    text : str
        The formula, of at most `MAX_LENGTH` characters.
    variables : sequence of str or sympy.Symbol, optional
        The names that may occur; a symbol stands for its own name. Any name when left out.

    Raises
    ------
    FormulaError
        If the text is not such a formula, is too large, or states something not finite or not real.
    TypeError
        If it is not text.

    Examples
    --------
    >>> parse("2 - 3x^3")
    Traceback (most recent call last):
        ...
    symlab.algebra.formula.FormulaError: formula: write 3*x instead of '3x' (column 5).
    >>> parse("2 - 3*x^3 + 0.5*sin(y)")
    -3*x**3 + sin(y)/2 + 2
    """
    symbols = None if variables is None else _named(variables)
    _check_text(text)
    _check_tokens(list(_tokens(text)))
    scope = _Scope(text.strip().replace("^", "**"), symbols)
    try:
        return _build(ast.parse(scope.text, mode="eval").body, scope, 0)
    except FormulaError:
        raise
    except SyntaxError as error:
        raise FormulaError(f"formula: {_short(text)} cannot be read: {_plain(error.msg)}.") from None
    except Exception as error:
        # Whatever SymPy or the parser gives up with (RecursionError, MemoryError, and from SymPy 1.14
        # even AttributeError for atan(tan(10**300))), the text is at fault and the answer a line.
        raise FormulaError(f"formula: {_short(text)} cannot be stated: {_line(error)}") from None


def _named(variables: Sequence[str | Symbol]) -> dict[str, Symbol]:
    given = [variables] if isinstance(variables, (str, Symbol)) else list(variables)
    symbols: dict[str, Symbol] = {}
    for variable in given:
        if not isinstance(variable, (str, Symbol)):
            raise TypeError(f"variables: expected names or symbols, got {variable!r}.")
        symbol = variable if isinstance(variable, Symbol) else Symbol(variable, real=True)
        if symbol.name in FUNCTIONS:
            raise ValueError(f"variables: {symbol.name!r} is the name of a function.")
        if symbol.name in symbols:
            raise ValueError(f"variables: {symbol.name!r} is named twice.")
        symbols[symbol.name] = symbol
    return symbols


# --- the text -------------------------------------------------------------------------------------


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError(f"text: expected a formula as text, got {_short(text)}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"formula: too long, {len(text)} characters where at most {MAX_LENGTH} are read."
        )
    if not text.strip(" \t"):
        raise FormulaError("formula: the text is empty; expected for instance 'x^2 + 1'.")
    for column, character in enumerate(text, start=1):
        # Python folds such characters into others while it parses, so two names that look
        # different would be one.
        if unicodedata.normalize("NFKC", character) != character:
            raise FormulaError(f"formula: {_character(character)} in column {column} is not read.")
    if not unicodedata.is_normalized("NFKC", text):
        raise FormulaError("formula: an accent stands apart from its letter; type them as one.")


_TOKEN = re.compile(
    r"[ \t]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<operator>\*\*|[-+*/^(),]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip(" \t"))
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            blank = len(text[position:]) - len(text[position:].lstrip(" \t"))
            position += blank
            raise FormulaError(
                f"formula: {_character(text[position])} in column {position + 1} is not part of a "
                "formula; it is made of numbers, names, calls and + - * / ^ ( )."
            )
        kind = str(match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind) + 1)
        position = match.end()


_EDGE = _Token("edge", "", 0)


def _check_tokens(tokens: list[_Token]) -> None:
    open_brackets: list[_Token] = []
    for before, token in pairwise([_EDGE, *tokens, _EDGE]):
        if token.kind == "name":
            _check_name(token)
        _check_adjacent(before, token)
        if token.text == "(":
            open_brackets.append(token)
        elif token.text == ")":
            if not open_brackets:
                raise FormulaError(f"formula: the ')' in column {token.column} closes nothing.")
            open_brackets.pop()
        if len(open_brackets) > MAX_DEPTH:
            raise FormulaError(_TOO_DEEP)
    if open_brackets:
        raise FormulaError(f"formula: the '(' in column {open_brackets[-1].column} is never closed.")


_TOO_DEEP = f"formula: nested more than {MAX_DEPTH} levels deep."


def _check_name(token: _Token) -> None:
    name, where = token.text, f"(column {token.column})"
    if len(name) > MAX_NAME:
        raise FormulaError(
            f"formula: the name {_short(name)} is too long: {len(name)} letters where at most "
            f"{MAX_NAME} are read {where}."
        )
    if name.startswith("_") or not name.isidentifier():
        raise FormulaError(f"formula: {name!r} is not a name; it must begin with a letter {where}.")
    if keyword.iskeyword(name):
        greek = "; the Greek letter λ is" if name == "lambda" else ""
        raise FormulaError(f"formula: {name!r} is a word of Python, not a name{greek} {where}.")
    if name.lower() in {"oo", "zoo", "nan", "inf", "infinity"} or name == "I":
        raise FormulaError(f"formula: {name!r} is not a finite real number {where}.")


def _check_adjacent(before: _Token, token: _Token) -> None:
    ends_operand = before.kind in {"name", "number"} or before.text == ")"
    starts_operand = token.kind in {"name", "number"} or token.text == "("
    if ends_operand and starts_operand and not (before.kind == "name" and token.text == "("):
        _refuse_juxtaposed(before, token)
    if not ends_operand and token.text in _AFTER_OPERAND and before.text + token.text != "()":
        found = repr(token.text) if token.text else "nothing"
        raise FormulaError(f"formula: {_after(before)} stands {found}, not a number or a name.")


_AFTER_OPERAND = {"*", "/", "^", "**", ",", ")", ""}


def _after(token: _Token) -> str:
    return f"after {token.text!r} (column {token.column})" if token.text else "at the beginning"


def _refuse_juxtaposed(before: _Token, token: _Token) -> None:
    pair, where = f"{before.text}{token.text}", f"(column {before.column})"
    if before.kind == token.kind == "number":
        raise FormulaError(f"formula: {_short(pair)} is not a number {where}.")
    if before.text in FUNCTIONS:
        raise FormulaError(f"formula: write {before.text}(...) around its argument {where}.")
    product = f"{before.text}*{token.text}"
    raise FormulaError(f"formula: write {_plain(product)} instead of {_short(pair)} {where}.")


def _character(character: str) -> str:
    return f"{character!r} ({unicodedata.name(character, 'a control character').lower()})"


def _plain(piece: str) -> str:
    return piece if len(piece) <= 40 else f"{piece[:37]}..."


def _short(piece: object) -> str:
    return repr(_plain(piece)) if isinstance(piece, str) else _plain(repr(piece))


def _line(error: BaseException) -> str:
    return _plain(" ".join(str(error).split()) or type(error).__name__) + "."


# --- the tree -------------------------------------------------------------------------------------


def _build(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    if depth > MAX_DEPTH:
        raise FormulaError(_TOO_DEEP)
    match node:
        case ast.Constant():
            return _number(_piece(node, scope))
        case ast.Name(id=name):
            return _name(name, scope)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            inside = _build(operand, scope, depth + 1)
            return -inside if isinstance(sign, ast.USub) else inside
        case ast.BinOp(op=operator) if type(operator) in _BINARY:
            value = _BINARY[type(operator)](node, scope, depth)
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            value = _call(name, node, scope, depth)
        case _:
            raise FormulaError(f"formula: {_short(_piece(node, scope))} is not part of a formula.")
    _check_value(value, node, scope)
    return value


def _piece(node: ast.expr, scope: _Scope) -> str:
    return ast.get_source_segment(scope.text, node) or scope.text


def _number(digits: str) -> Expr:
    mantissa, _, power = digits.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or abs(int(power or 0)) > MAX_DIGITS:
        raise FormulaError(f"formula: the number {_short(digits)} {_TOO_BIG}.")
    return Rational(digits)


_TOO_BIG = f"has more than {MAX_DIGITS} digits"


def _name(name: str, scope: _Scope) -> Expr:
    if scope.symbols is not None and name in scope.symbols:
        return scope.symbols[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise FormulaError(f"formula: {name!r} is a function; write {name}(...).")
    if scope.symbols is not None:
        raise FormulaError(
            f"formula: unknown name {name!r}{nearest(name, scope.symbols)} "
            f"It may name {_plain(', '.join(scope.symbols)) or 'no variable'}."
        )
    return Symbol(name, real=True)


def _left_chain(node: ast.expr, kinds: tuple[type, ...]) -> Iterator[tuple[type, ast.expr]]:
    """Yield (operator, right operand) from the last to the first, so that a long sum is not deep."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
        yield type(node.op), node.right
        node = node.left
    yield kinds[0], node


def _sum(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    terms = []
    for kind, operand in _left_chain(node, (ast.Add, ast.Sub)):
        term = _build(operand, scope, depth + 1)
        terms.append(-term if kind is ast.Sub else term)
    return sympy.Add(*reversed(terms))


def _product(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    product: Expr = sympy.S.One
    for kind, operand in reversed(list(_left_chain(node, (ast.Mult, ast.Div)))):
        factor = _build(operand, scope, depth + 1)
        if kind is ast.Div and factor.is_zero:
            raise FormulaError(f"formula: {_short(_piece(node, scope))} divides by zero.")
        product = product / factor if kind is ast.Div else product * factor
    return product


def _power(node: ast.BinOp, scope: _Scope, depth: int) -> Expr:
    base = _build(node.left, scope, depth + 1)
    exponent = _build(node.right, scope, depth + 1)
    if base.is_zero and exponent.is_negative:
        raise FormulaError(f"formula: {_short(_piece(node, scope))} divides by zero.")
    _check_power(base, exponent, _piece(node, scope))
    return Pow(base, exponent)


_BINARY: Mapping[type, Callable[..., Expr]] = {
    ast.Add: _sum,
    ast.Sub: _sum,
    ast.Mult: _product,
    ast.Div: _product,
    ast.Pow: _power,
}


def _call(name: str, node: ast.Call, scope: _Scope, depth: int) -> Expr:
    if name not in FUNCTIONS:
        raise FormulaError(
            f"formula: unknown function {name!r}{nearest(name, FUNCTIONS)} "
            f"A product is written {name}*(...)."
        )
    function = FUNCTIONS[name]
    arguments = [_build(argument, scope, depth + 1) for argument in node.args]
    if not function.fewest <= len(arguments) <= function.most:
        expected = {1: "1 argument"}.get(function.most, f"{function.fewest} to {function.most}")
        raise FormulaError(f"formula: {name} takes {expected}, got {len(arguments)}.")
    if name == "exp":
        _check_power(E, arguments[0], _piece(node, scope))
    if name in {"sinh", "cosh", "tanh"}:
        _check_spread(arguments[0], _piece(node, scope))
    if function.most > 1 and sum(map(_choices, arguments)) > MAX_CHOICES:
        raise FormulaError(f"formula: {_short(_piece(node, scope))} chooses among too many values.")
    return function.build(*arguments)


def _choices(argument: Expr) -> int:
    """Count the values compared, since SymPy makes one choice of nested ones."""
    return sum(len(choice.args) for choice in argument.atoms(Max, Min)) or 1


# --- the size -------------------------------------------------------------------------------------


def _check_power(base: Expr, exponent: Expr, piece: str) -> None:
    """Refuse a power whose computation, or merging with the powers in its base, would explode."""
    if isinstance(base, exp) or base == E:
        # exp(n*log(a)) is a**n to SymPy, which would then be computed.
        merged = exponent if base == E else base.exp * exponent
        if merged.has(log):
            _check_exponent(merged, piece)
        return
    largest = _check_exponent(exponent, piece)
    for factor in Mul.make_args(base):
        if isinstance(factor, Rational) and _digits(factor) * largest > MAX_DIGITS:
            raise FormulaError(f"formula: {_short(piece)} {_TOO_BIG}.")
        if isinstance(factor, Pow):
            _check_power(factor.base, factor.exp * exponent, piece)


def _check_exponent(exponent: Expr, piece: str) -> float:
    """Return the largest number in an exponent, at least 1."""
    numbers = [abs(number) for number in exponent.atoms(Rational)]
    if exponent.is_number:
        numbers.append(_size(exponent, piece))
    largest = max([sympy.S.One, *numbers])
    if largest > MAX_EXPONENT:
        raise FormulaError(f"formula: the exponent in {_short(piece)} is beyond {MAX_EXPONENT}.")
    return float(largest)


def _check_spread(argument: Expr, piece: str) -> None:
    """Refuse a hyperbolic function of what SymPy would multiply out for seconds.

    Where the argument is not known to be real, `is_real` of such a function expands its real and
    imaginary parts; `tanh(log(x)**300)` would not come back.
    """
    if _spread(argument) > MAX_SPREAD and not argument.is_extended_real:
        raise FormulaError(f"formula: {_short(piece)} is too intricate for SymPy to know if it is real.")


def _spread(value: Expr) -> int:
    """Estimate the terms of the multiplied-out real and imaginary parts, up to `MAX_SPREAD` + 1."""
    sizes = [_spread(argument) for argument in value.args]
    if isinstance(value, Pow) and value.exp.is_Integer:
        terms = sizes[0] ** min(abs(int(value.exp)), MAX_SPREAD)
    elif isinstance(value, Mul):
        terms = prod(sizes)
    else:
        terms = sum(sizes) * (1 if isinstance(value, sympy.Add) else 2)
    return min(max(terms, 1), MAX_SPREAD + 1)


def _digits(number: Rational) -> float:
    return log10(max(abs(number.p), number.q))


def _check_value(value: Expr, node: ast.expr, scope: _Scope) -> None:
    piece = _piece(node, scope)
    if value.has(nan, zoo, oo, -oo):
        raise FormulaError(f"formula: {_short(piece)} is not finite.")
    if value.has(I) or value.is_extended_real is False:
        raise FormulaError(f"formula: {_short(piece)} is not real.")
    for factor in Mul.make_args(value):
        if isinstance(factor, Pow) and not isinstance(factor, exp):
            _check_exponent(factor.exp, piece)
        if isinstance(factor, Rational) and _digits(factor) > MAX_DIGITS:
            raise FormulaError(f"formula: {_short(piece)} {_TOO_BIG}.")
    if value.is_number:
        _size(value, piece)


def _size(number: Expr, piece: str) -> Expr:
    """Return the magnitude of a constant, from the inside out so that no tower is evaluated."""
    if isinstance(number, Rational):
        return abs(number)
    for argument in number.args:
        _size(argument, piece)
    try:
        magnitude = number.evalf(15, strict=True)
    except PrecisionExhausted:
        raise FormulaError(f"formula: {_short(piece)} cannot be told from zero.") from None
    if not magnitude.is_Float:
        raise FormulaError(f"formula: {_short(piece)} is not real.")
    if not 10 ** Rational(-MAX_DIGITS) < abs(magnitude) < 10**MAX_DIGITS:
        raise FormulaError(f"formula: {_short(piece)} is beyond the range 1e±{MAX_DIGITS}.")
    return abs(magnitude)


# --- what may be called ---------------------------------------------------------------------------


def _absolute(value: Expr) -> Expr:
    # SymPy multiplies a value not known to be real out with its conjugate: no use here, and endless
    # for a high power.
    return Abs(value) if value.is_extended_real else Abs(value, evaluate=False)


CONSTANTS: Mapping[str, Expr] = {"pi": pi, "e": E, "E": E}

FUNCTIONS: Mapping[str, _Function] = {
    **{
        name: _Function(getattr(sympy, name))
        for name in "exp log sqrt sin cos tan asin acos atan sinh cosh tanh sign".split()
    },
    **{name: _Function(function) for name, function in FIELD_FUNCTIONS.items()},
    "ln": _Function(log),
    "log1p": _Function(lambda z: log(1 + z)),
    "expm1": _Function(lambda z: exp(z) - 1),
    "abs": _Function(_absolute),
    "Abs": _Function(_absolute),
    **dict.fromkeys(("max", "Max"), _Function(Max, 2, MAX_CHOICES)),
    **dict.fromkeys(("min", "Min"), _Function(Min, 2, MAX_CHOICES)),
}
"""Every function a formula may call, by the name it is called by."""
