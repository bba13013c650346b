"""LaTeX becomes MathML that is well formed, says the same, and cannot become anything else."""

from xml.etree.ElementTree import fromstring

import pytest
from sympy import Function, Matrix, Piecewise, Sum, exp, latex, log, symbols

from symlab.algebra.problems import PROBLEMS
from symlab.book.report.mathml import mathml

x, y, k = symbols("x y k", real=True)

FORMULAS = [
    Matrix([[x, 1], [y**2, exp(-x)]]),
    Piecewise((x, x > 0), (0, True)),
    Sum(x**k, (k, 0, 9)),
    log(1 + exp(x)) / 3,
    Function("f")(x).diff(x),
    *(problem.objective.hessian for problem in PROBLEMS.taught.values()),
]


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_what_sympy_writes_is_understood(formula):
    """Well formed for a strict parser too, with the LaTeX kept for those who copy it."""
    root = fromstring(mathml(latex(formula)))
    assert root.tag == "math"
    assert root.attrib == {"display": "block", "alttext": latex(formula)}
    assert "".join(root.itertext()).strip()


def test_aligned_rows_are_rows_of_a_table():
    """A rule's recurrences stand one below another, each in two columns."""
    rule = r"\begin{aligned} v &\leftarrow g \\ x &\leftarrow v\end{aligned}"
    root = fromstring(mathml(rule))
    assert [len(row) for row in root.iter("mtr")] == [2, 2]
    assert "".join(root.itertext()) == "v←gx←v"


def test_text_in_a_formula_cannot_become_a_tag():
    """The converter's own writer lets it; this is why there is another."""
    written = mathml(r"\text{<script>alert(1)</script>} < x")
    assert "<script" not in written
    assert "".join(fromstring(written).itertext()) == "<script>alert(1)</script><x"


@pytest.mark.parametrize("broken", [r"\unheard{x}", "a & b", "a_1_2"])
def test_what_is_not_understood_is_refused(broken):
    """A formula half understood would be read as another."""
    with pytest.raises(ValueError, match="latex: "):
        mathml(broken)
