"""A formula typed as text, turned into a SymPy expression without being executed.

The text is brought to plain spelling (`spelling`), read into a tree (`grammar`), and the tree is
built in SymPy node by node. No text reaches Python's parser or SymPy's. A node that would grow
beyond bounds (`bounds`) or take too long is refused. Every refusal is a `FormulaError` of one line.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Abs, E, Expr, Function, Max, Min, Rational, Symbol, exp, log, pi
from sympy.core.cache import clear_cache

from symlab.algebra.formula import bounds
from symlab.algebra.formula.bars import pair_bars
from symlab.algebra.formula.cursor import Vocabulary
from symlab.algebra.formula.grammar import Grammar
from symlab.algebra.formula.notes import notes_on_names
from symlab.algebra.formula.spelling import FormulaError, Token, quote, shorten, tokens_of
from symlab.algebra.formula.syntax import Call, Name, Number, Power, Product, Sum, Tree, spell_tree
from symlab.algebra.functions import FUNCTIONS as FIELD_FUNCTIONS
from symlab.algebra.functions import hinge
from symlab.algebra.gate import entries
from symlab.budget import OutOfTime, run_within
from symlab.checks import nearest, shown

_log = logging.getLogger("symlab")

SECONDS = 0.7
"""What building may take, so that any text is answered within a second."""


@dataclass(frozen=True)
class Callee:
    """What a called name stands for, how many arguments it takes, and their check."""

    build: Callable[..., Expr]
    fewest: int = 1
    most: int = 1
    check: Callable[[Sequence[Expr], str], None] = lambda arguments, piece: None


@dataclass(frozen=True)
class ParsedFormula:
    """How a formula was read.

    `expression` is what it states in SymPy; `text` is its plain spelling, as `2*x + sin(x)**2` for
    `2x + sin²x`; `is_plain` says that it was typed so but for blanks, brackets and the sign of a
    power; `notes` are sentences for the user, such as that `xy` is one name.
    """

    expression: Expr
    text: str
    is_plain: bool
    notes: tuple[str, ...]


def parse(text: str, variables: Sequence[str | Symbol] | None = None) -> Expr:
    r"""Return the SymPy expression that a formula states.

    Accepted are numbers (`0.1` is exactly 1/10), `+ - * /`, powers written `**` or `^`, brackets of
    any kind, the constants `pi` and `e` (or `E`), calls of `FUNCTIONS`, and names, each of which
    becomes a real symbol. `^` binds as `**` does: from the right, and before a minus sign.

    What people type and paste is read too where it has one meaning:

    - products without a sign: `2x`, `3(x + 1)`, `(x + 1)(x - 1)`, `x y`, `2 sin x cos y`; a letter
      before a bracket is a factor, `x(y + 1)`, unless it is one of f, g, h, σ, φ and the like;
    - signs and letters beyond ASCII: `·`, `×`, `÷`, `−`, `π`, `x²`, `x⁻¹`, `eˣ`, `½x`, `√x`, and
      `x₁` for `x_1`;
    - bars for absolute values, `|x - 2|`, nested where they can be paired in one way only;
    - functions without brackets around one operand, `sin x`, `sin 2x`, `ln x`, and with their power
      before it, `sin^2 x`; `log` is the natural logarithm, beside `log2` and `log10`;
    - a decimal comma, `1,5`, outside a function's brackets;
    - a left side that only names the formula, `y = x^2` or `f(x) = x^2`, which is left out;
    - the plain commands of LaTeX: `\frac{1}{2}x^{2}`, `\sin x`, `\cdot`, `\sqrt{x}`, `\alpha`.

    What has two meanings is refused with both: `1/2x`, `e^2x`, `sin x y`, `sin x^2`, `√2x`,
    `sin^-1 x`, `|a|b|c|`, `1,234`, `lg x`. `xy` is one name, which the logger `symlab` says where
    it stands beside `x` or `y`.

    Parameters
    ----------
    text : str
        The formula, of at most `symlab.algebra.formula.spelling.MAX_LENGTH` characters.
    variables : sequence of str or sympy.Symbol, optional
        The names that may occur, a symbol standing for its own name; any name when left out.

    Raises
    ------
    FormulaError
        If the text is not such a formula, has two meanings, is too large or takes SymPy more than
        a second, or states something not finite or not real.
    TypeError
        If it is not text.

    See Also
    --------
    read : returns also how the formula was read.

    Examples
    --------
    >>> parse("2 - 3*x^3 + 0.5*sin(y)")
    -3*x**3 + sin(y)/2 + 2
    >>> parse("2 - 3x³ + ½ sin y")
    -3*x**3 + sin(y)/2 + 2
    >>> parse("1/2x")
    Traceback (most recent call last):
        ...
    symlab.algebra.formula.spelling.FormulaError: formula: '1/2x' has two readings; write (1/2)*x or
    1/(2*x).
    """
    reading = parse_with_notes(text, variables)
    for note in reading.notes:
        _log.warning("formula: %s", note)
    return reading.expression


def parse_with_notes(text: str, variables: Sequence[str | Symbol] | None = None) -> ParsedFormula:
    """Return the expression that a formula states, with its plain spelling and notes.

    Parameters and errors are those of `parse`.

    Examples
    --------
    >>> reading = parse_with_notes("2x + sin²x + xy")
    >>> reading.text
    '2*x + sin(x)**2 + xy'
    >>> reading.notes
    ('xy is read as one name; write x*y for a product.',)
    """
    symbols = None if variables is None else _by_name(variables)
    tokens, notes = _drop_head(tokens_of(text), symbols)
    grammars, tree = _parse_tree(text, tokens, symbols)
    build = _Builder(symbols).build
    try:
        expression = _build_in_time(lambda: build(tree))
    except FormulaError:
        raise
    except OutOfTime:
        raise FormulaError(f"{quote(text)} takes SymPy too long to build; simplify it.") from None
    except Exception as error:
        # Whatever SymPy gives up with (RecursionError, MemoryError, from SymPy 1.14 even
        # AttributeError for atan(tan(1e300))), the text is at fault and the answer is a line.
        reason = shorten(" ".join(str(error).split())) or type(error).__name__
        raise FormulaError(f"{quote(text)} is beyond SymPy: {reason}.") from None
    is_plain = not notes and not grammars.is_free
    notes = [*notes, *grammars.notes, *notes_on_names(tokens, FUNCTIONS)]
    return ParsedFormula(expression, spell_tree(tree), is_plain, tuple(notes))


def _build_in_time(work: Callable[[], Expr]) -> Expr:
    """Return what `work` builds within `SECONDS` of its own; another's are not counted."""
    begun = time.thread_time()
    while True:
        try:
            return run_within(SECONDS, work)
        except OutOfTime:
            clear_cache()  # which may hold questions that were given up half answered
            if time.thread_time() - begun > SECONDS / 2:
                raise  # else the machine was busy with something else


def _drop_head(
    tokens: list[Token], symbols: Mapping[str, Symbol] | None
) -> tuple[list[Token], list[str]]:
    """Leave out a left side that only names the formula, as in `f(x) = x^2`, and say so."""
    texts = [token.text for token in tokens]
    place = texts.index("=") if "=" in texts else 0
    head, body = tokens[:place], tokens[place + 1 :]
    if not body or body[0].text == "=" or not _is_head([token.text for token in head]):
        return tokens, []
    name = head[0].text
    if name in CONSTANTS or name in FUNCTIONS or name in texts[1:] or name in (symbols or ()):
        return tokens, []
    left = shorten(" ".join("".join(token.typed for token in head).split()))
    return body, [f"{left} = is left out; the formula is what stands behind it."]


def _is_head(words: list[str]) -> bool:
    """Tell `y`, `f(x)` and `f(x, y)` from the left side of an equation."""
    inside = words[2:-1]
    is_call = words[1:2] == ["("] and words[-1] == ")" and len(inside) % 2 == 1
    names = [words[0], *inside[::2]] if is_call else words
    commas = inside[1::2] if is_call else []
    return (is_call or len(words) == 1) and set(commas) <= {","} and all(map(_is_name, names))


def _is_name(word: str) -> bool:
    return word[:1].isalpha()


def _parse_tree(
    text: str, tokens: Sequence[Token], symbols: Mapping[str, Symbol] | None
) -> tuple[Grammar, Tree]:
    """Return the one tree of a formula, and what its reader noticed."""
    known = symbols or {}
    vocabulary = Vocabulary(
        {name: callee.most for name, callee in FUNCTIONS.items()}, CONSTANTS.keys() - known, known
    )
    grammars = [Grammar(text, way, vocabulary) for way in pair_bars(tokens, FUNCTIONS)]
    trees = [grammar.read() for grammar in grammars]
    if len(set(trees)) > 1:
        one, other = map(shorten, map(spell_tree, trees))
        raise FormulaError(f"{quote(text)} has two readings; write {one} or {other}.")
    return grammars[0], trees[0]


def _by_name(variables: Sequence[str | Symbol]) -> dict[str, Symbol]:
    given = entries(variables, "variables")
    symbols: dict[str, Symbol] = {}
    for variable in given:
        if not isinstance(variable, (str, Symbol)):
            raise TypeError(f"variables: expected names or symbols, got {shown(variable)}.")
        symbol = variable if isinstance(variable, Symbol) else Symbol(variable, real=True)
        if not symbol.name.isprintable():
            raise ValueError(f"variables: expected names on one line, got {shown(symbol.name)}.")
        if symbol.name in FUNCTIONS:
            raise ValueError(f"variables: {symbol.name!r} is the name of a function.")
        if symbol.name in symbols:
            raise ValueError(f"variables: {shown(symbol.name)} is named twice.")
        symbols[symbol.name] = symbol
    return symbols


@dataclass(frozen=True)
class _Builder:
    """Builds SymPy's tree from ours, with the symbols it may name (None: any)."""

    symbols: Mapping[str, Symbol] | None

    def build(self, tree: Tree) -> Expr:
        match tree:
            case Number(digits=digits):
                bounds.check_number(digits)
                return Rational(digits)
            case Name(name=name):
                return self._name(name)
            case Sum(terms=terms):
                value = sympy.Add(*(sign * self.build(term) for sign, term in terms))
            case Product():
                value = self._product(tree)
            case Power():
                value = self._power(tree)
            case Call():
                value = self._call(tree)
        bounds.check_value(value, spell_tree(tree))
        return value

    def _name(self, name: str) -> Expr:
        if self.symbols is not None and name in self.symbols:
            return self.symbols[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        if self.symbols is not None:
            allowed = shorten(", ".join(self.symbols)) or "none"
            hint = nearest(name, self.symbols)
            raise FormulaError(f"unknown name {name!r}{hint} The variables are {allowed}.")
        return Symbol(name, real=True)

    def _product(self, tree: Product) -> Expr:
        piece = spell_tree(tree)
        product: Expr = sympy.S.One
        for operator, each in tree.factors:
            factor = self.build(each)
            if operator == "/" and factor.is_zero:
                raise FormulaError(f"{quote(piece)} divides by zero.")
            bounds.check_product(product, factor, piece)
            product = product / factor if operator == "/" else product * factor
        return product

    def _power(self, tree: Power) -> Expr:
        piece = spell_tree(tree)
        base, exponent = self.build(tree.base), self.build(tree.exponent)
        if base.is_zero and exponent.is_negative:
            raise FormulaError(f"{quote(piece)} divides by zero.")
        bounds.check_power(base, exponent, piece)
        return sympy.Pow(base, exponent)

    def _call(self, tree: Call) -> Expr:
        callee = FUNCTIONS[tree.name]
        arguments = [self.build(argument) for argument in tree.arguments]
        if not callee.fewest <= len(arguments) <= callee.most:
            raise FormulaError(_count_error(tree, callee))
        callee.check(arguments, spell_tree(tree))
        return callee.build(*arguments)


def _count_error(tree: Call, callee: Callee) -> str:
    one = callee.most == 1
    expected = "1 argument" if one else f"{callee.fewest} to {callee.most} arguments"
    hint = "; write numbers with a point, such as 1.5" if one and tree.arguments else ""
    return f"{tree.name} takes {expected}, got {len(tree.arguments)}{hint}."


def _build_absolute(value: Expr) -> Expr:
    """Return |value|, factor by factor, so that SymPy leaves no absolute value of another."""
    return sympy.Mul(*map(_build_absolute_factor, sympy.Mul.make_args(value)))


def _build_absolute_factor(value: Expr) -> Expr:
    """Return |value|; SymPy's own form of |2^√x| is one for complex √x, with cosines and angles."""
    absolute = Abs(value)
    known = {type(part) for part in value.atoms(Function)} | {Abs, exp}
    is_known = all(type(part) in known for part in absolute.atoms(Function))
    return absolute if is_known else Abs(value, evaluate=False)


def _check_first(function: Callable[[Expr, str], None]) -> Callable[[Sequence[Expr], str], None]:
    return lambda arguments, piece: function(arguments[0], piece)


_EXPONENTIAL = _check_first(lambda exponent, piece: bounds.check_power(E, exponent, piece))
_HYPERBOLIC = _check_first(bounds.check_hyperbolic)
_NEAR_ONE = _check_first(bounds.check_near_one)
_MOST = bounds.MAX_CHOICES

CONSTANTS: Mapping[str, Expr] = {"pi": pi, "e": E, "E": E}
"""Numbers with names; a variable that is given may take such a name."""

FUNCTIONS: Mapping[str, Callee] = {
    **{name: Callee(function) for name, function in FIELD_FUNCTIONS.items()},
    "hinge": Callee(hinge, check=_NEAR_ONE),
    "exp": Callee(exp, check=_EXPONENTIAL),
    "expm1": Callee(lambda z: exp(z) - 1, check=_EXPONENTIAL),
    **dict.fromkeys(("log", "ln"), Callee(log)),
    "log2": Callee(lambda z: log(z) / log(2)),
    "log10": Callee(lambda z: log(z) / log(10)),
    "log1p": Callee(lambda z: log(1 + z), check=_NEAR_ONE),
    "sqrt": Callee(sympy.sqrt),
    "sin": Callee(sympy.sin),
    "cos": Callee(sympy.cos),
    "tan": Callee(sympy.tan),
    **dict.fromkeys(("cot", "cotan"), Callee(sympy.cot)),
    "sec": Callee(sympy.sec),
    "csc": Callee(sympy.csc),
    **dict.fromkeys(("asin", "arcsin"), Callee(sympy.asin, check=_NEAR_ONE)),
    **dict.fromkeys(("acos", "arccos"), Callee(sympy.acos, check=_NEAR_ONE)),
    **dict.fromkeys(("atan", "arctan"), Callee(sympy.atan)),
    "sinh": Callee(sympy.sinh, check=_HYPERBOLIC),
    "cosh": Callee(sympy.cosh, check=_HYPERBOLIC),
    "tanh": Callee(sympy.tanh, check=_HYPERBOLIC),
    "asinh": Callee(sympy.asinh),
    "acosh": Callee(sympy.acosh, check=_NEAR_ONE),
    "atanh": Callee(sympy.atanh, check=_NEAR_ONE),
    **dict.fromkeys(("sign", "sgn"), Callee(sympy.sign)),
    **dict.fromkeys(("abs", "Abs"), Callee(_build_absolute)),
    **dict.fromkeys(("max", "Max"), Callee(Max, 2, _MOST, bounds.check_choices)),
    **dict.fromkeys(("min", "Min"), Callee(Min, 2, _MOST, bounds.check_choices)),
}
"""Every function a formula may call, by the name it is called by."""
