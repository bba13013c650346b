"""A formula typed as text, turned into SymPy without ever being run.

The text is checked against a small alphabet (`spelling`), read by Python's parser into a tree, and
the tree is rebuilt in SymPy node by node. A node that is not on the list is refused, and so is one
that would grow beyond bounds (`bounds`). Every refusal is a `FormulaError` of one line.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Abs, Add, E, Expr, Max, Min, Pow, Rational, S, Symbol, exp, log, pi

from symlab.algebra import bounds
from symlab.algebra.functions import FUNCTIONS as FIELD_FUNCTIONS
from symlab.algebra.functions import hinge
from symlab.algebra.spelling import MAX_DEPTH, TOO_DEEP, FormulaError, check_spelling, plain, quoted
from symlab.checks import nearest


@dataclass(frozen=True)
class Callee:
    """What a called name stands for, how many arguments it takes, and their check."""

    build: Callable[..., Expr]
    fewest: int = 1
    most: int = 1
    check: Callable[[Sequence[Expr], str], None] = lambda arguments, piece: None


@dataclass(frozen=True)
class _Scope:
    """The text in Python's spelling, and the symbols it may name (None: any)."""

    text: str
    symbols: Mapping[str, Symbol] | None

    def piece(self, node: ast.expr) -> str:
        """Return the text of a node."""
        return ast.get_source_segment(self.text, node) or self.text


def parse(text: str, variables: Sequence[str | Symbol] | None = None) -> Expr:
    """Return the SymPy expression that a formula states.

    Accepted are numbers (`0.1` is exactly 1/10), `+ - * /`, powers written `**` or `^`, brackets,
    the constants `pi` and `e` (or `E`), calls of `FUNCTIONS`, and names, each of which becomes a
    real symbol. `^` binds as `**` does: from the right, and before a minus sign.

    Parameters
    ----------
    text : str
        The formula, of at most `symlab.algebra.spelling.MAX_LENGTH` characters.
    variables : sequence of str or sympy.Symbol, optional
        The names that may occur, a symbol standing for its own name; any name when left out.

    Raises
    ------
    FormulaError
        If the text is not such a formula, is too large, or states something not finite or not real.
    TypeError
        If it is not text.

    Examples
    --------
    >>> parse("2 - 3*x^3 + 0.5*sin(y)")
    -3*x**3 + sin(y)/2 + 2
    >>> parse("2 - 3x^3")
    Traceback (most recent call last):
        ...
    symlab.algebra.spelling.FormulaError: formula: write 3*x instead of '3x' (column 5).
    """
    symbols = None if variables is None else _named(variables)
    check_spelling(text, FUNCTIONS)
    scope = _Scope(text.strip().replace("^", "**"), symbols)
    try:
        return _build(ast.parse(scope.text, mode="eval").body, scope, 0)
    except FormulaError:
        raise
    except SyntaxError as error:
        raise FormulaError(f"{quoted(text)} cannot be read: {plain(error.msg)}.") from None
    except Exception as error:
        # Whatever SymPy or the parser gives up with (RecursionError, MemoryError, from SymPy 1.14
        # even AttributeError for atan(tan(1e300))), the text is at fault and the answer is a line.
        reason = plain(" ".join(str(error).split())) or type(error).__name__
        raise FormulaError(f"{quoted(text)} is beyond SymPy: {reason}.") from None


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


def _build(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    if depth > MAX_DEPTH:
        raise FormulaError(TOO_DEEP)
    match node:
        case ast.Constant():
            return _number(scope.piece(node))
        case ast.Name(id=name):
            return _name(name, scope)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            inside = _build(operand, scope, depth + 1)
            return -inside if isinstance(sign, ast.USub) else inside
        case ast.BinOp(op=operator) if type(operator) in _BINARY:
            value = _BINARY[type(operator)](node, scope, depth + 1)
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            value = _call(name, node, scope, depth + 1)
        case _:
            raise FormulaError(f"{quoted(scope.piece(node))} is not part of a formula.")
    bounds.check_value(value, scope.piece(node))
    return value


def _number(digits: str) -> Expr:
    bounds.check_number(digits)
    return Rational(digits)


def _name(name: str, scope: _Scope) -> Expr:
    if scope.symbols is not None and name in scope.symbols:
        return scope.symbols[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise FormulaError(f"{name!r} is a function; write {name}(...).")
    if scope.symbols is not None:
        allowed = plain(", ".join(scope.symbols)) or "none"
        raise FormulaError(
            f"unknown name {name!r}{nearest(name, scope.symbols)} The variables are {allowed}."
        )
    return Symbol(name, real=True)


def _chain(node: ast.expr, kinds: tuple[type, ...]) -> Iterator[tuple[type, ast.expr]]:
    """Yield each operator and right operand from last to first, so that a long sum is not deep."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
        yield type(node.op), node.right
        node = node.left
    yield kinds[0], node


def _sum(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    terms = [
        (-1 if kind is ast.Sub else 1) * _build(operand, scope, depth)
        for kind, operand in _chain(node, (ast.Add, ast.Sub))
    ]
    return Add(*reversed(terms))


def _product(node: ast.expr, scope: _Scope, depth: int) -> Expr:
    product: Expr = S.One
    for kind, operand in reversed(list(_chain(node, (ast.Mult, ast.Div)))):
        factor = _build(operand, scope, depth)
        if kind is ast.Div and factor.is_zero:
            raise FormulaError(f"{quoted(scope.piece(node))} divides by zero.")
        bounds.check_product(product, factor, scope.piece(node))
        product = product / factor if kind is ast.Div else product * factor
    return product


def _power(node: ast.BinOp, scope: _Scope, depth: int) -> Expr:
    base, exponent = _build(node.left, scope, depth), _build(node.right, scope, depth)
    if base.is_zero and exponent.is_negative:
        raise FormulaError(f"{quoted(scope.piece(node))} divides by zero.")
    bounds.check_power(base, exponent, scope.piece(node))
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
            f"unknown function {quoted(name)}{nearest(name, FUNCTIONS)} "
            f"A product is written {name}*(...)."
        )
    callee = FUNCTIONS[name]
    arguments = [_build(argument, scope, depth) for argument in node.args]
    if not callee.fewest <= len(arguments) <= callee.most:
        expected = (
            "1 argument" if callee.most == 1 else f"{callee.fewest} to {callee.most} arguments"
        )
        raise FormulaError(f"{name} takes {expected}, got {len(arguments)}.")
    callee.check(arguments, scope.piece(node))
    return callee.build(*arguments)


def _one(function: Callable[[Expr, str], None]) -> Callable[[Sequence[Expr], str], None]:
    return lambda arguments, piece: function(arguments[0], piece)


_EXPONENTIAL = _one(lambda exponent, piece: bounds.check_power(E, exponent, piece))
_HYPERBOLIC = _one(bounds.check_hyperbolic)
_NEAR_ONE = _one(bounds.check_near_one)
_MOST = bounds.MAX_CHOICES

CONSTANTS: Mapping[str, Expr] = {"pi": pi, "e": E, "E": E}

FUNCTIONS: Mapping[str, Callee] = {
    **{name: Callee(function) for name, function in FIELD_FUNCTIONS.items()},
    "hinge": Callee(hinge, check=_NEAR_ONE),
    "exp": Callee(exp, check=_EXPONENTIAL),
    "expm1": Callee(lambda z: exp(z) - 1, check=_EXPONENTIAL),
    **dict.fromkeys(("log", "ln"), Callee(log)),
    "log1p": Callee(lambda z: log(1 + z), check=_NEAR_ONE),
    "sqrt": Callee(sympy.sqrt),
    "sin": Callee(sympy.sin),
    "cos": Callee(sympy.cos),
    "tan": Callee(sympy.tan),
    "asin": Callee(sympy.asin, check=_NEAR_ONE),
    "acos": Callee(sympy.acos, check=_NEAR_ONE),
    "atan": Callee(sympy.atan),
    "sinh": Callee(sympy.sinh, check=_HYPERBOLIC),
    "cosh": Callee(sympy.cosh, check=_HYPERBOLIC),
    "tanh": Callee(sympy.tanh, check=_HYPERBOLIC),
    "sign": Callee(sympy.sign),
    **dict.fromkeys(("abs", "Abs"), Callee(Abs)),
    **dict.fromkeys(("max", "Max"), Callee(Max, 2, _MOST, bounds.check_choices)),
    **dict.fromkeys(("min", "Min"), Callee(Min, 2, _MOST, bounds.check_choices)),
}
"""Every function a formula may call, by the name it is called by."""
