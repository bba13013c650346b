"""How formulas of a derivation are written: in one line, drawn over several, and as LaTeX.

SymPy's printers, with some habits changed: a sum does not begin with a minus where another term can
come first (z - y, not -y + z), and a fraction before a matrix gets no brackets. A step function is
shown without its value at the jump.
"""

from collections.abc import Iterator
from typing import Any

from sympy import Basic, Expr, Heaviside, MatAdd, MatMul, MatrixBase
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_symbol
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.str import StrPrinter

from symlab.proofs.unknowns import DerivativeName, SmoothFunction


def line(expression: Basic) -> str:
    """Return a formula in one line, with letters in Unicode.

    Examples
    --------
    >>> from sympy import symbols
    >>> y, z_1 = symbols("y z_1")
    >>> line((z_1 - y) ** 2 / 2)
    '(z₁ - y)**2/2'
    """
    return _Line().doprint(expression)


def draw_formula(expression: Basic) -> str:
    """Return a formula drawn over as many lines as it takes."""
    return _Pretty({"use_unicode": True, "wrap_line": False}).doprint(expression)


def latex(expression: Basic) -> str:
    r"""Return a formula as LaTeX.

    Examples
    --------
    >>> from sympy import MatrixSymbol
    >>> P, H = MatrixSymbol("P", 3, 1), MatrixSymbol("H", 3, 3)
    >>> print(latex(P.T * H * P / 2))
    \frac{1}{2} P^{T} H P
    """
    return _Latex().doprint(expression)


class _CommonPrinting:
    """What the three printers do alike."""

    def _as_ordered_terms(self, expr: Expr, order: Any = None) -> list[Expr]:
        terms = list(super()._as_ordered_terms(expr, order=order))  # type: ignore[misc]
        return positive_first(terms)

    def _print_Heaviside(self, expr: Heaviside, **options: Any) -> Any:
        # Its value at the jump, the second argument, is for the machine.
        return super()._print_Heaviside(Heaviside(expr.args[0]), **options)  # type: ignore[misc]

    def _signed_terms(self, total: MatAdd) -> Iterator[tuple[str, Any]]:
        """Yield sign and text of each term of a sum of matrices."""
        for term in positive_first(list(total.args)):
            minus = _has_minus(term)
            yield "-" if minus else "+", self._print(-term if minus else term)  # type: ignore[attr-defined]


def positive_first(terms: list[Expr]) -> list[Expr]:
    """Return the terms with one that has no minus in front, if the first has one.

    Examples
    --------
    >>> from sympy.abc import y, z
    >>> positive_first([-y, z])
    [z, -y]
    """
    leading = next((term for term in terms if not _has_minus(term)), None)
    if leading is None:
        return terms
    return [leading, *(term for term in terms if term is not leading)]


def _has_minus(term: Expr) -> bool:
    number = term.as_coeff_mmul()[0] if isinstance(term, MatMul) else term
    return bool(number.could_extract_minus_sign())


class _Line(_CommonPrinting, StrPrinter):
    def _print_Symbol(self, expr: Basic) -> str:
        return pretty_symbol(expr.name)

    _print_MatrixSymbol = _print_Dummy = _print_Symbol

    def _print_DerivativeName(self, expr: DerivativeName) -> str:
        return expr.write_with(self._print)

    def _print_Function(self, expr: Basic) -> str:
        name = expr.shown_name if isinstance(expr, SmoothFunction) else expr.func.__name__
        return f"{name}({self.stringify(expr.args, ', ')})"

    def _print_MatMul(self, expr: MatMul) -> str:
        return f"-{self._print(-expr)}" if _has_minus(expr) else super()._print_MatMul(expr)

    def _print_MatAdd(self, expr: MatAdd) -> str:
        return _join_terms(list(self._signed_terms(expr)))

    def _print_MatrixBase(self, expr: MatrixBase) -> str:
        return f"[{', '.join(f'[{self.stringify(row, ", ")}]' for row in expr.tolist())}]"


class _Pretty(_CommonPrinting, PrettyPrinter):
    def _print_Function(self, e: Basic, **options: Any) -> prettyForm:
        if isinstance(e, SmoothFunction):
            options["func_name"] = e.shown_name
        return super()._print_Function(e, **options)

    def _print_MatAdd(self, expr: MatAdd) -> prettyForm:
        # SymPy leaves no space after the minus between two matrices.
        (sign, form), *others = self._signed_terms(expr)
        if sign == "-":
            form = prettyForm(*form.left("-"))
        for sign, term in others:
            form = prettyForm(*form.right(f" {sign} "))
            form = prettyForm(*form.right(term))
        return form


class _Latex(_CommonPrinting, LatexPrinter):
    def _print_MatAdd(self, expr: MatAdd) -> str:
        return _join_terms(list(self._signed_terms(expr)))

    def _print_MatMul(self, expr: MatMul) -> str:
        multiple, matrices = expr.as_coeff_matrices()
        if not multiple.is_Rational or multiple.is_Integer or len(matrices) == 0:
            return super()._print_MatMul(expr)
        sign = "- " if multiple < 0 else ""
        return f"{sign}{self._print(abs(multiple))} {self._print(MatMul(*matrices))}"


def _join_terms(terms: list[tuple[str, str]]) -> str:
    (first, text), *others = terms
    begin = f"-{text}" if first == "-" else text
    return " ".join([begin, *(f"{sign} {term}" for sign, term in others)])
