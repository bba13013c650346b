"""The grammar of a formula: its words become a tree if they can be read in one way only.

Powers bind first and from the right, then a missing sign or `*` and `/`, then `+` and `-`. What
programs leave out and people do too (`2x`, `sin x`, `sin^2 x`) is read where it has one meaning;
where it has two, both are spelt out and the formula is refused.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NoReturn

from symlab.algebra.formula.cursor import END, Cursor
from symlab.algebra.formula.spelling import FormulaError, Token, quote, shorten
from symlab.algebra.formula.syntax import (
    Call,
    Name,
    Number,
    Power,
    Product,
    Sum,
    Tree,
    product,
    quotient,
)
from symlab.checks import nearest

LIKELY_FUNCTIONS = frozenset("fghFGHσφψΓΦΨ")
"""Letters before a bracket that more often name a function than a factor."""
TWO_MEANINGS = {"lg": "log10(x) or log2(x)"}
INVERSES = {
    **{name: f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **dict.fromkeys(("log", "ln"), "exp"),
}
ONE = Number("1")
MINUS_ONE = Sum(((-1, ONE),))
MAX_FACTORIAL = 100

_STARTS = {"number", "fraction", "name", "open", "root", "quotient"}


@dataclass(eq=False)
class Grammar(Cursor):
    """A reader of the words of one formula, by one method for each rule of the grammar."""

    in_arguments: bool = False
    caret_end: int = -1
    raised_end: int = -1
    commas: set[str] = field(default_factory=set)

    def read(self) -> Tree:
        """Return the tree of the whole formula.

        Raises
        ------
        FormulaError
            If it cannot be read, or in two ways.
        """
        tree = self._sum()
        if self.now.text == ",":
            raise FormulaError(
                f"the comma {self.now.where} is not inside a function's brackets; one formula at a "
                "time, and numbers with a point."
            )
        if self.now.text == "=":
            raise self._equation()
        if self.now.kind != "end":
            raise FormulaError(
                f"the {self.now.typed!r} in column {self.now.start + 1} closes nothing."
            )
        if {"decimal"} < self.commas:
            raise FormulaError(
                "a comma is a decimal one in one place and not in another; write numbers with a "
                "point, such as 1.5."
            )
        return tree

    # Sums and products

    def _sum(self) -> Tree:
        self._deeper()
        terms = [(self._sign(), self._product())]
        while self.now.text in {"+", "-"}:
            terms.append((self._sign(), self._product()))
        self.depth -= 1
        sign, first = terms[0]
        return first if len(terms) == 1 and sign > 0 else Sum(tuple(terms))

    def _sign(self) -> int:
        sign = 1
        while self.now.text in {"+", "-"} and self.now.kind == "operator":
            sign = -sign if self._take().text == "-" else sign
        return sign

    def _product(self) -> Tree:
        start = self.place
        factors = [("*", each) for each in self._side_by_side()]
        while self.now.text in {"*", "/"} and self.now.kind == "operator":
            operator = self._take().text
            more = self._side_by_side()
            if operator == "/" and len(more) > 1:
                before = _of(factors)
                one = product(quotient(before, more[0]), *more[1:])
                self._two(start, one, quotient(before, product(*more)))
            factors += [(operator if place == 0 else "*", each) for place, each in enumerate(more)]
        return _of(factors)

    def _side_by_side(self) -> list[Tree]:
        """Return factors that no sign stands between, such as the three of `2x(y + 1)`."""
        start = self.place
        factors = [self._signed()]
        while self.now.kind in _STARTS:
            if self.now.kind in {"number", "fraction"}:
                self._refuse_number_behind(start, factors[-1])
            self._check_exponent_ends(start, factors[-1])
            self._check_adjacent()
            self.is_free = True
            start = self.place
            factors.append(self._power())
        return factors

    def _refuse_number_behind(self, start: int, before: Tree) -> NoReturn:
        is_fraction = self.now.kind == "fraction"
        number = self._operand()
        if isinstance(before, Number) and is_fraction:
            self._two(start, Sum(((1, before), (1, number))), product(before, number))
        if isinstance(before, Number):
            raise FormulaError(f"{self._since(start)} is not a number {self.tokens[start].where}.")
        self._two(start, product(before, number), Power(before, number))

    def _check_exponent_ends(self, start: int, factor: Tree) -> None:
        """Refuse `x^2y`; in `x^2 y`, `x^(2)y`, `x²y` and `x^2(y + 1)` the exponent has ended."""
        last = self._ahead(-1)
        if not isinstance(factor, Power) or last.kind == "close" or self.place != self.caret_end:
            return
        ends = self.now.is_spaced or self.now.text in {"(", "abs"}
        if ends and last.kind == "number" and self._is_variable(factor.base):
            return
        follows = self._power()
        deeper = Power(factor.base, product(factor.exponent, follows))
        self._two(start, product(factor, follows), deeper)

    def _is_variable(self, base: Tree) -> bool:
        constant = isinstance(base, Name) and base.name in self.vocabulary.constants
        return not constant and not isinstance(base, Number)

    def _check_adjacent(self) -> None:
        before, token = self._ahead(-1), self.now
        piece = f"{before.typed}{token.typed}"
        if before.kind == "name" and token.typed == "[":
            readings = f"a product, {before.text}*(...), and an element, {before.text}_0"
            raise FormulaError(f"{quote(piece)} has two readings: {readings}.")
        if before.kind != "number" or token.kind != "name" or token.is_spaced:
            return
        if before.text == "0" and token.text[0] in "xXbBoO":
            raise FormulaError(f"{quote(piece)} is a number to programs; write 0*{token.text}.")
        if token.text in {"j", "J"}:
            raise FormulaError(f"{quote(piece)} is not real; write {before.text}*j for a variable.")

    def _signed(self) -> Tree:
        sign = self._sign()
        power = self._power()
        return power if sign > 0 else Sum(((-1, power),))

    # Powers

    def _power(self) -> Tree:
        start = self.place
        base = self._raised_operand()
        if self.now.text != "^" or self.now.kind != "operator":
            return base
        is_raised = self.place == self.raised_end
        self._take()
        exponent = self._exponent()
        self.caret_end = self.place
        if is_raised:
            inside = base.exponent if isinstance(base, Power) else base
            root = base.base if isinstance(base, Power) else base
            self._two(start, Power(base, exponent), Power(root, Power(inside, exponent)))
        if exponent in (ONE, MINUS_ONE) and self.now.text == "/":
            self._note("x^1/2 is read as (x^1)/2; write x^(1/2) for the root.")
        return Power(base, exponent)

    def _exponent(self) -> Tree:
        level = self.depth
        if self.now.kind != "open":  # brackets count by themselves
            self._deeper()
        exponent = self._signed()
        self.depth = level
        return exponent

    def _raised_operand(self) -> Tree:
        """Return an operand with the superscripts and factorials behind it."""
        operand = self._operand()
        while self.now.kind == "raised" or self.now.text == "!":
            if self._take().text == "!":
                operand = self._factorial(operand)
            else:
                operand = Power(operand, self._group())
                self.raised_end = self.place
        return operand

    def _factorial(self, operand: Tree) -> Tree:
        digits = operand.digits if isinstance(operand, Number) else ""
        if not digits.isdigit() or int(digits) > MAX_FACTORIAL or self.now.text == "!":
            raise FormulaError(
                f"a factorial is read of a whole number up to {MAX_FACTORIAL} only "
                f"{self._ahead(-1).where}."
            )
        self.is_free = True
        value = 1
        for factor in range(2, int(digits) + 1):
            value *= factor
        return Number(str(value))

    # Operands

    def _operand(self) -> Tree:
        token = self.now
        match token.kind:
            case "number":
                return self._number()
            case "fraction":
                numerator, _, denominator = self._take().text.partition("/")
                return quotient(Number(numerator), Number(denominator))
            case "name":
                return self._named()
            case "open":
                return self._group()
            case "root":
                return self._root()
            case "quotient":
                self._take()
                return quotient(self._braces(), self._braces())
            case _:
                raise self._missing()

    def _missing(self) -> FormulaError:
        if self.now.text == "=":
            return self._equation()
        before = self._ahead(-1) if self.place else END
        where = f"after {quote(before.typed)} {before.where}" if self.place else "at the beginning"
        got = quote(self.now.typed or "the end")
        return FormulaError(f"{where} expected a number or a name, got {got}.")

    def _equation(self) -> FormulaError:
        return FormulaError(
            f"an equation is not a formula {self.now.where}; write the difference of its sides."
        )

    def _number(self) -> Tree:
        token = self._take()
        comma, decimals = self._ahead(0), self._ahead(1)
        self.commas |= {"point"} if "." in token.text else set()
        touching = comma.start == token.end and decimals.start == comma.end
        if comma.text != "," or decimals.kind != "number" or not touching or self.in_arguments:
            return Number(token.text)
        piece = f"{token.text},{decimals.text}"
        if not (token.text + decimals.text.partition("e")[0]).isdigit():
            raise FormulaError(f"{quote(piece)} is not a number {token.where}.")
        if len(decimals.text) == 3 and token.text.strip("0") and len(token.text) <= 3:
            one, other = f"{token.text}.{decimals.text}", token.text + decimals.text
            raise FormulaError(f"{quote(piece)} has two readings; write {one} or {other}.")
        self._take()
        self._take()
        self.is_free = True
        self.commas.add("decimal")
        return Number(f"{token.text}.{decimals.text}")

    def _group(self) -> Tree:
        """Return the one formula that stands in brackets."""
        (inside,) = self._inside()
        return inside

    def _braces(self) -> Tree:
        if self.now.typed != "{":
            raise FormulaError(f"write \\frac{{...}}{{...}} with braces {self._ahead(-1).where}.")
        return self._group()

    def _inside(self, what: str = "") -> list[Tree]:
        """Return what stands in brackets; those of a function hold formulas between commas."""
        opening = self._take()
        outer, self.in_arguments = self.in_arguments, bool(what and opening.typed)
        if self.now.kind == "close" and not what:
            raise FormulaError(f"'()' is not part of a formula {opening.where}.")
        inside = [] if self.now.kind == "close" else [self._sum()]
        while self.now.text == "," and self.in_arguments:
            self.commas.add("arguments")
            self._take()
            inside.append(self._sum())
        self.in_arguments = outer
        self._close(opening)
        return inside

    def _close(self, opening: Token) -> None:
        token = self.now
        pairs = {"(": ")", "[": "]", "{": "}"}
        bracket = opening.typed[-1:]
        if token.kind == "end":
            raise FormulaError(f"the {bracket!r} in column {opening.start + 1} is never closed.")
        if token.text == ",":
            raise FormulaError(
                f"the comma {token.where} is not between a function's arguments; write numbers "
                "with a point."
            )
        if token.text == "=":
            raise self._equation()
        if token.kind != "close" or pairs.get(bracket, token.typed) != token.typed:
            raise FormulaError(
                f"the {bracket!r} in column {opening.start + 1} is not closed by {token.typed!r} "
                f"{token.where}."
            )
        self._take()

    def _root(self) -> Tree:
        """Return a root of the one operand behind `√`."""
        start = self.place
        self._take()
        if self.tokens[start].typed != "√" and self.now.typed != "{":
            raise FormulaError(f"write \\sqrt{{...}} with braces {self.tokens[start].where}.")
        self._deeper()
        inside = self._operand()
        self.depth -= 1
        root = Call("sqrt", (inside,))
        if self._ahead(-1).kind != "close":
            self._check_ends(start, lambda tree: Call("sqrt", (tree,)), inside)
        return root

    # Functions

    def _named(self) -> Tree:
        token = self.now
        name = token.text
        if name in TWO_MEANINGS and name not in self.vocabulary.variables:
            raise FormulaError(
                f"{name} has two readings {token.where}; write {TWO_MEANINGS[name]}."
            )
        if name in self.vocabulary.functions:
            return self._function()
        if self._ahead(1).kind == "open" and not self._is_factor(name):
            hint = nearest(name, self.vocabulary.functions)
            raise FormulaError(
                f"unknown function {quote(name)}{hint} A product is written {shorten(name)}*(...)."
            )
        self._take()
        return Name(name)

    def _is_factor(self, name: str) -> bool:
        """Tell whether a name before a bracket is a factor: x in `x(y + 1)`, but not f in f(x)."""
        known = name in self.vocabulary.variables or name in self.vocabulary.constants
        is_letter = len(name.partition("_")[0]) == 1 and name[0] not in LIKELY_FUNCTIONS
        return known or is_letter or self._stands_alone(name)

    def _stands_alone(self, name: str) -> bool:
        pairs = zip(self.tokens, [*self.tokens[1:], END], strict=True)
        return any(token.text == name and after.kind != "open" for token, after in pairs)

    def _function(self) -> Tree:
        start = self.place
        name = self._take().text
        exponent = None
        if self.now.text == "^":
            self.is_free = True
            exponent = self._function_exponent()

        def applied(*arguments: Tree) -> Tree:
            call = Call(name, arguments)
            return call if exponent is None else Power(call, exponent)

        arguments = self._arguments(start, name, applied)
        if exponent == MINUS_ONE and name in INVERSES:
            self._two(start, Call(INVERSES[name], arguments), quotient(ONE, Call(name, arguments)))
        return applied(*arguments)

    def _function_exponent(self) -> Tree:
        if self._take().kind == "raised" or self.now.kind == "open":
            return self._group()
        sign = self._sign()
        if self.now.kind not in {"number", "name"}:
            raise self._missing()
        token = self._take()
        tree: Tree = Number(token.text) if token.kind == "number" else Name(token.text)
        return tree if sign > 0 else Sum(((-1, tree),))

    def _arguments(self, start: int, name: str, applied: Callable[..., Tree]) -> tuple[Tree, ...]:
        if self.now.kind == "open":
            return tuple(self._inside(what=name))
        if self.vocabulary.functions[name] > 1 or not self._starts_argument():
            raise FormulaError(f"{name!r} is a function; write {name}(...).")
        self._deeper()
        argument = self._bare_argument()
        self.depth -= 1
        self.is_free = True
        self._check_ends(start, applied, argument, blockers=("*", "/"))
        return (argument,)

    def _starts_argument(self) -> bool:
        return self.now.kind in _STARTS or (self.now.text == "-" and self._ahead(1).kind in _STARTS)

    def _bare_argument(self) -> Tree:
        """Return the argument of `sin x`, `sin 2x`, `sin 2 pi x`, `sin -x` or `sin cos x`."""
        sign = self._sign()
        factors: list[Tree] = []
        while not factors or self._goes_on(factors[-1]):
            factors.append(self._operand())
        return product(*factors) if sign > 0 else Sum(((-1, product(*factors)),))

    def _goes_on(self, last: Tree) -> bool:
        """Tell whether what comes next belongs to the argument: it has only had numbers so far."""
        is_constant = isinstance(last, Number) or not self._is_variable(last)
        is_name = self.now.kind == "name" and self.now.text not in self.vocabulary.functions
        return is_constant and is_name

    def _check_ends(
        self,
        start: int,
        applied: Callable[[Tree], Tree],
        argument: Tree,
        blockers: Collection[str] = (),
    ) -> None:
        """Refuse `sin x y`, `sin x^2` and `sin x/2`, where the argument might go on."""
        token = self.now
        if token.text == "^":
            self._take()
            exponent = self._group() if token.kind == "raised" else self._exponent()
            self._two(start, Power(applied(argument), exponent), applied(Power(argument, exponent)))
        is_sign = token.kind == "operator" and token.text in blockers
        follows = self._ahead(1) if is_sign else token
        if follows.kind not in _STARTS or follows.text in self.vocabulary.functions:
            return
        self.place += is_sign  # True is 1
        factor = self._raised_operand()
        join = quotient if token.text == "/" else product
        self._two(start, join(applied(argument), factor), applied(join(argument, factor)))


def _of(factors: list[tuple[str, Tree]]) -> Tree:
    return factors[0][1] if len(factors) == 1 else Product(tuple(factors))
