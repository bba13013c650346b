"""Letters for what a derivation does not know: any smooth function, and a derivative's name.

`smooth("f")` is a function of which nothing is known but that its derivatives exist; they print as
f', f'' in one variable and as f_1, f_12 in several. A `DerivativeName` is what stands on the left
of an equation that gives a derivative; it is a letter, so it computes nothing when it is met again.
"""

import copyreg
import re
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from sympy import Basic, Expr, Function, Symbol
from sympy.printing.latex import translate
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.pretty_symbology import pretty_symbol
from sympy.printing.pretty.stringpict import prettyForm

from symlab.algebra.gate import as_symbolic
from symlab.checks import shown

NAME = re.compile(r"\\?[^\W\d]\w*'*")
"""A letter, a word, or a LaTeX command."""

MOST_PRIMES = 3
"""Primes that are written out; from the fourth on the order is a number."""


class SmoothFunction(Function):
    """A real function with all its derivatives, and nothing else known of it."""

    is_real = True
    family: ClassVar[str]
    order: ClassVar[tuple[int, ...]]

    def __new__(cls, *arguments: object, **options: Any) -> Basic:
        """Return the function of expressions; SymPy would evaluate an argument that is text."""
        stated = [
            as_symbolic(each, f"{cls.family}: argument {i}")
            for i, each in enumerate(arguments, start=1)
        ]
        return super().__new__(cls, *stated, **options)

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument: again such a function."""
        order = self.order or (0,) * len(self.args)
        raised = tuple(n + (i == argindex) for i, n in enumerate(order, start=1))
        return _smooth(self.family, raised)(*self.args)

    @property
    def shown_name(self) -> str:
        """The name with its marks, in Unicode."""
        return pretty_symbol(_add_marks(pretty_symbol(self.family), self.order))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        # The printer passes the exponent of a power under this name.
        inside = ", ".join(map(printer._print, self.args))
        letter = translate(self.family)
        name = letter if len(self.family) == 1 or "\\" in letter else rf"\operatorname{{{letter}}}"
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{_add_marks(name, self.order, latex=True)}{power}\left({inside}\right)"


def smooth(name: str) -> type[SmoothFunction]:
    """Return a function of any number of real variables of which only the name is known.

    Parameters
    ----------
    name : str
        A letter, the name of a Greek one, or a word.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> f = smooth("f")
    >>> f(x**2).diff(x), f(x).diff(x, 2).subs(x, 1)
    (2*x*f'(x**2), f''(1))
    >>> f(x, y).diff(y, x)
    f_12(x, y)
    """
    return _smooth(_plain_name(name), ())


def _plain_name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise TypeError(f"name: expected a letter or a word, got {shown(name)}.")
    return str(name)


@cache
def _smooth(family: str, order: tuple[int, ...]) -> type[SmoothFunction]:
    # One class for each derivative, because SymPy distinguishes functions by their class.
    known = {"family": family, "order": order, "__module__": __name__}
    return _SmoothClass(_add_marks(family, order), (SmoothFunction,), known)


class _SmoothClass(type(Function)):  # type: ignore[misc]  # SymPy's metaclass, which has no types
    """The class of such a class, so that it is pickled by what makes it: no module holds it."""


def _reduce(made: _SmoothClass) -> tuple[Callable[..., type[SmoothFunction]], tuple[Any, ...]]:
    return _smooth, (made.family, made.order)


copyreg.pickle(_SmoothClass, _reduce)  # type: ignore[arg-type]  # declared for callables alone


def _add_marks(name: str, order: tuple[int, ...], *, latex: bool = False) -> str:
    """Return a function's name with the marks of its derivative."""
    if not any(order):
        return name
    if len(order) == 1:
        times = order[0]
        return name + ("'" * times if times <= MOST_PRIMES else f"^{{({times})}}")
    places = "".join(str(i) * times for i, times in enumerate(order, start=1))
    return f"{name}_{{{places}}}" if latex else f"{name}_{places}"


class DerivativeName(Symbol):
    """The name of a derivative, as a letter; without a letter to go by it is a gradient."""

    precedence = PRECEDENCE["Mul"]  # so that a power of it is put in brackets
    of: Basic
    by: Basic | None

    def __new__(cls, of: Basic, by: Basic | None = None) -> "DerivativeName":
        """Return the name of this derivative."""
        name = super().__new__(cls, _write(of, by, str), real=True)
        name.of, name.by = of, by
        return name

    def __getnewargs_ex__(self) -> tuple[tuple[Basic, Basic | None], dict[str, Any]]:
        return (self.of, self.by), {}

    def write_with(self, text: Callable[[Basic], str]) -> str:
        """Return the name in plain text, its parts written by a function."""
        return _write(self.of, self.by, text)

    def _latex(self, printer: Any) -> str:
        of = printer._print(self.of)
        if self.by is None:
            return rf"\nabla {of}"
        return rf"\frac{{\partial {of}}}{{\partial {printer._print(self.by)}}}"

    def _pretty(self, printer: Any) -> prettyForm:
        text = self.write_with(lambda part: str(printer._print(part)))
        return prettyForm(text, binding=prettyForm.DIV)


def _write(of: Basic, by: Basic | None, text: Callable[[Basic], str]) -> str:
    return f"∇{text(of)}" if by is None else f"∂{text(of)}/∂{text(by)}"


def partial(of: Basic, by: Basic) -> DerivativeName:
    """Return the name of a partial derivative.

    Examples
    --------
    >>> from sympy.abc import J, w
    >>> partial(J, w), partial(J, w) ** 2
    (∂J/∂w, (∂J/∂w)**2)
    """
    return DerivativeName(of, by)


def gradient(of: Basic) -> DerivativeName:
    """Return the name of a gradient.

    Examples
    --------
    >>> from sympy.abc import J
    >>> gradient(J)
    ∇J
    """
    return DerivativeName(of)
