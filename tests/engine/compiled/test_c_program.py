"""Scalar graphs as C: the text says what the formula says, and what has no C is refused."""

import pytensor.tensor as pt
import pytest
import sympy as sp

from symlab.engine.compiled.c_program import program_of
from symlab.engine.compiled.c_text import NoProgramError, plain
from symlab.engine.compiled.vector_math import BRANCH_FREE
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import stabilize

x, y, z = sp.symbols("x y z", real=True)


def lines(expressions, symbols):
    """The statements of expressions, the results called a, b, ..."""
    inputs, outputs = lower([stabilize(each) for each in expressions], symbols)
    ends = [f"{name} = {{}};" for name in "abc"[: len(outputs)]]
    return program_of(inputs, outputs).lines([symbol.name for symbol in symbols], ends)


def test_the_chapters_function_reads_like_the_formula():
    """Value and slope share the powers, each computed once; no bracket says nothing."""
    f = 2 - 3 * x**3 + x**4
    assert lines([f, f.diff(x)], [x]) == [
        "const double t1 = x * x;",
        "const double t2 = t1 * x;",
        "a = (2.0 + t1 * t1) - 3.0 * t2;",
        "b = 4.0 * t2 - 9.0 * t1;",
    ]


def test_brackets_stay_where_they_mean_something():
    """A difference of a sum, a product of sums, a power of a quotient."""
    (found,) = lines([(x - y) / (x + y)], [x, y])
    assert found == "a = (x - y) / (x + y);"
    assert plain("a = ((x) * (y + (z)));") == "a = x * (y + z);"
    assert plain("a = (double)(k);") == "a = (double)k;"


def test_numbers_have_all_their_digits():
    """A float of the text is the float of the formula, in single precision too."""
    v = pt.dscalar("v")
    (found,) = program_of([v], [v * pt.constant(0.1)]).lines(["v"], ["a = {};"])
    assert found == "a = 0.1 * v;"
    (found,) = lines([sp.Abs(x) ** sp.Rational(3, 2)], [x])
    assert "1.5" in found


def test_what_reads_only_some_inputs_is_computed_before():
    """As a rule's powers of k are, once for all coordinates."""
    inputs, outputs = lower([x * sp.exp(y), sp.exp(y)], [x, y])
    first, rest = program_of(inputs, outputs).split([1])
    assert first.lines(["y"], ["u = {};"]) == ["u = exp(y);"]
    assert rest.lines(["x", "y", "u"], ["a = {};", "b = {};"]) == ["a = x * u;", "b = u;"]
    assert not rest.reads(1)


@pytest.mark.parametrize("expression", [sp.zeta(x), sp.besselj(0, x), sp.digamma(x)])
def test_what_has_no_c_is_refused_by_name(expression):
    """So that the run takes another road; PyTensor's digamma has C that loses its digits."""
    inputs, outputs = lower([expression], [x])
    with pytest.raises(NoProgramError, match=r"has no C code"):
        program_of(inputs, outputs).lines(["x"], ["a = {};"])


def test_softplus_and_sigmoid_have_no_branches_over_samples():
    """Only then can the compiler take several samples at once."""
    v = pt.dscalar("v")
    text = program_of([v], [pt.softplus(v), pt.sigmoid(v)], BRANCH_FREE).lines(
        ["v"], ["a = {};", "b = {};"]
    )
    assert text == [
        "const double t1 = exp(-fabs(v));",
        "a = ((v <= 0.0) ? 0.0 : v) + log1p(t1);",
        "b = ((v < 0.0) ? t1 : 1.0) / (1.0 + t1);",
    ]
