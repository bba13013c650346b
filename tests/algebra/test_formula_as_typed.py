"""Formulas as people type and paste them: read where there is one meaning, else both are told.

Every expected value is stated in SymPy, none by the parser.
"""

import pytest
import sympy as sp

from symlab.algebra.formula.parse import parse, parse_with_notes
from symlab.algebra.formula.spelling import FormulaError

x, y, z, a, b, c, r = sp.symbols("x y z a b c r", real=True)
half = sp.Rational(1, 2)

ONE_MEANING = {
    # products without a sign
    "2x": 2 * x,
    "2 x": 2 * x,
    "x y": x * y,
    "2x y z": 2 * x * y * z,
    "2(x)": 2 * x,
    "3(x+1)": 3 * (x + 1),
    "(x+1)(x-1)": (x + 1) * (x - 1),
    "(x-1)^2(x+1)^2": (x - 1) ** 2 * (x + 1) ** 2,
    "x(y+1)": x * (y + 1),
    "x(1-x)": x * (1 - x),
    "a(x-1)^2 + b(y-2)^2": a * (x - 1) ** 2 + b * (y - 2) ** 2,
    "e(x+1)": sp.E * (x + 1),
    "2x/3": 2 * x / 3,
    "(1/2)x": x / 2,
    "3x^2 - 2x y + y^2": 3 * x**2 - 2 * x * y + y**2,
    "x^2 y": x**2 * y,
    "x^2(y+1)": x**2 * (y + 1),
    "e^(2x)y": sp.exp(2 * x) * y,
    "2pi x": 2 * sp.pi * x,
    "pi r^2": sp.pi * r**2,
    "2e3x": 2000 * x,
    "-2x": -2 * x,
    "x*-2y": -2 * x * y,
    "sin(x)cos(x)": sp.sin(x) * sp.cos(x),
    "sin(x) y": sp.sin(x) * y,
    "sqrt(x)sqrt(y)": sp.sqrt(x) * sp.sqrt(y),
    # signs and letters beyond ASCII
    "x²": x**2,
    "x³ + x⁻¹": x**3 + 1 / x,
    "x²y": x**2 * y,
    "x¹⁰": x**10,
    "-x²": -(x**2),
    "e⁻ˣ + eˣ": sp.exp(-x) + sp.exp(x),
    "x⁽ʸ⁺¹⁾": x ** (y + 1),
    "√x": sp.sqrt(x),
    "√2": sp.sqrt(2),
    "√(x+1)": sp.sqrt(x + 1),
    "√(x+1)(x-1)": sp.sqrt(x + 1) * (x - 1),
    "2√x/3": 2 * sp.sqrt(x) / 3,
    "√√x": x ** sp.Rational(1, 4),
    "√|x|": sp.sqrt(sp.Abs(x)),
    "1/√x": 1 / sp.sqrt(x),
    "π·x²": sp.pi * x**2,
    "x·y×z⋅a": x * y * z * a,
    "x÷2": x / 2,
    "x − 1": x - 1,
    "x – 1": x - 1,
    "x\u00a0+\u20091": x + 1,
    "½x": x / 2,
    "¾x² − ⅓": sp.Rational(3, 4) * x**2 - sp.Rational(1, 3),
    "x^½": sp.sqrt(x),
    "x₁ + x₁₂": sp.Symbol("x_1", real=True) + sp.Symbol("x_12", real=True),
    "x_{12}": sp.Symbol("x_12", real=True),
    "𝑥² + 2𝑥": x**2 + 2 * x,
    "１ + ｘ": 1 + x,
    "µ²": sp.Symbol("μ", real=True) ** 2,
    "λ x": sp.Symbol("λ", real=True) * x,
    "lambda x": sp.Symbol("lambda", real=True) * x,
    # brackets and bars
    "[x+1]*2": (x + 1) * 2,
    "{x+1}^2": (x + 1) ** 2,
    "2[(x+1)(x-1)]": 2 * ((x + 1) * (x - 1)),
    "|x−2|": sp.Abs(x - 2),
    "|x|·|y|": sp.Abs(x) * sp.Abs(y),
    "|x||y|": sp.Abs(x) * sp.Abs(y),
    "|x| |y| |z|": sp.Abs(x) * sp.Abs(y) * sp.Abs(z),
    "||x|-1|": sp.Abs(sp.Abs(x) - 1),
    "|x - |y||": sp.Abs(x - sp.Abs(y)),
    "||x||": sp.Abs(x),
    "2|x|y": 2 * sp.Abs(x) * y,
    "|x-1| + |x+1| - |y|": sp.Abs(x - 1) + sp.Abs(x + 1) - sp.Abs(y),
    "|x|^3 + |x|³": 2 * sp.Abs(x) ** 3,
    "sin |x| + 1": sp.sin(sp.Abs(x)) + 1,
    "max(|x|, |y|)": sp.Max(sp.Abs(x), sp.Abs(y)),
    # functions without brackets, and their powers
    "sin x": sp.sin(x),
    "sin x + 1": sp.sin(x) + 1,
    "2 sin x": 2 * sp.sin(x),
    "sin 2x": sp.sin(2 * x),
    "sin 2 pi x": sp.sin(2 * sp.pi * x),
    "sin 2πx": sp.sin(2 * sp.pi * x),
    "2πr + π₁": 2 * sp.pi * r + sp.Symbol("π_1", real=True),
    "sin cos x": sp.sin(sp.cos(x)),
    "sin x cos y": sp.sin(x) * sp.cos(y),
    "sin x / cos x": sp.sin(x) / sp.cos(x),
    "x sin y": x * sp.sin(y),
    "exp -x": sp.exp(-x),
    "exp x": sp.exp(x),
    "ln x + log x": 2 * sp.log(x),
    "sin^2 x": sp.sin(x) ** 2,
    "sin^2x": sp.sin(x) ** 2,
    "sin^2(x)": sp.sin(x) ** 2,
    "sin²x": sp.sin(x) ** 2,
    "sin²(x) + cos²(y)": sp.sin(x) ** 2 + sp.cos(y) ** 2,
    "sin^2 2x": sp.sin(2 * x) ** 2,
    "x sin^2 y": x * sp.sin(y) ** 2,
    "sin^2 x + x^2/10": sp.sin(x) ** 2 + x**2 / 10,
    "log10(1000)": sp.log(1000) / sp.log(10),
    "log₂(x) + log_2 x": 2 * sp.log(x) / sp.log(2),
    "arctan x + sgn y": sp.atan(x) + sp.sign(y),
    "sin[x]": sp.sin(x),
    # the rest
    "x**2 + y^-1": x**2 + 1 / y,
    "1,5": sp.Rational(3, 2),
    "1,5x + 2,25": sp.Rational(3, 2) * x + sp.Rational(9, 4),
    "0,125 |x|": sp.Abs(x) / 8,
    "max(1,5)": sp.Integer(5),
    "5!": sp.Integer(120),
    "x^3/3!": x**3 / 6,
    "007": sp.Integer(7),
    "-" * 900 + "x": x,
    "f(x) = x^2": x**2,
    "y = 2x + 1": 2 * x + 1,
    "f(x, y) = x y": x * y,
    r"\frac{1}{2}x^2": x**2 / 2,
    r"\frac{x}{y+1}": x / (y + 1),
    r"\sin x": sp.sin(x),
    r"\sqrt{x^2 + 1} \cdot e^{-x}": sp.sqrt(x**2 + 1) * sp.exp(-x),
    r"$\left(x - 1\right)^{2} y$": (x - 1) ** 2 * y,
    r"\left|x\right| + \alpha": sp.Abs(x) + sp.Symbol("alpha", real=True),
}


@pytest.mark.parametrize("text", ONE_MEANING)
def test_k16_what_has_one_meaning_is_read(text):
    """And its plain spelling states the same, to a strict reader."""
    reading = parse_with_notes(text)
    assert reading.expression == ONE_MEANING[text]
    again = parse_with_notes(reading.text)
    assert again.expression == reading.expression
    assert again.is_plain or "factorial" in text


TWO_MEANINGS = {
    "1/2x": "(1/2)*x or 1/(2*x)",
    "1/2 x": "(1/2)*x or 1/(2*x)",
    "1/2|x|": "(1/2)*abs(x) or 1/(2*abs(x))",
    "x/2(y+1)": "(x/2)*(y + 1) or x/(2*(y + 1))",
    "2x/3y": "((2*x)/3)*y or (2*x)/(3*y)",
    "1÷2x": "(1/2)*x or 1/(2*x)",
    "e^2x": "e**2*x or e**(2*x)",
    "2^3x": "2**3*x or 2**(3*x)",
    "x^2y": "x**2*y or x**(2*y)",
    "e^-x y": "e**(-x)*y or e**((-x)*y)",
    "x^a b": "x**a*b or x**(a*b)",
    "x²^3": "(x**2)**3 or x**(2**3)",
    "√2x": "sqrt(2)*x or sqrt(2*x)",
    "√x²": "sqrt(x)**2 or sqrt(x**2)",
    "sin x y": "sin(x)*y or sin(x*y)",
    "sin x*y": "sin(x)*y or sin(x*y)",
    "sin x/2": "sin(x)/2 or sin(x/2)",
    "sin x^2": "sin(x)**2 or sin(x**2)",
    "ln x²": "ln(x)**2 or ln(x**2)",
    "sin 2(x+1)": "sin(2)*(x + 1) or sin(2*(x + 1))",
    "sin^2 x y": "sin(x)**2*y or sin(x*y)**2",
    "sin^-1 x": "asin(x) or 1/sin(x)",
    "tanh⁻¹(x)": "atanh(x) or 1/tanh(x)",
    "log^-1(x)": "exp(x) or 1/log(x)",
    "|a|b|c|": "abs(a)*b*abs(c) or abs(a*abs(b)*c)",
    "1,234": "1.234 or 1234",
    "x 2": "x*2 or x**2",
    "(x+1)2": "(x + 1)*2 or (x + 1)**2",
    "2½": "2 + 1/2 or 2*(1/2)",
    "lg x": "log10(x) or log2(x)",
}


@pytest.mark.parametrize("text", TWO_MEANINGS)
def test_k16_what_has_two_meanings_is_refused_with_both(text):
    """Each reading is one that the parser takes, and they differ."""
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert "two readings" in str(caught.value)
    assert str(caught.value).endswith(f"write {TWO_MEANINGS[text]}.")
    one, other = map(parse, TWO_MEANINGS[text].split(" or "))
    assert one != other


REFUSED = {
    "1,5 + 2.5": "numbers with a point",
    "max(1,5) + 1,5": "numbers with a point",
    "log(8,2)": "log takes 1 argument, got 2; write numbers with a point",
    "1,5,3": "one formula at a time",
    "1 000": "is not a number",
    "x[0]": "a product, .* and an element",
    "f(x+1)": "unknown function 'f'",
    "σ(x)": "unknown function 'σ'",
    "log_3(x)": r"write log\(x\)/log\(3\)",
    "x'": "derivative",
    "x ≤ 1": "comparison",
    "30°": "degrees",
    "50%": "per cent",
    "∞": "finite",
    "∑x": "write it out",
    "x^2 = 4": "an equation",
    "x = x^2": "an equation",
    "y = x = 2": "an equation",
    "x!": "a factorial",
    "5!!": "a factorial",
    "(x]": r"the '\(' in column 1 is not closed by '\]'",
    "|x": "do not match",
    "|x|y|": "do not match",
    "|" * 30: "more than 20",
    "eˣ²": r"write \^\(",
    r"\frac12": r"\\frac\{...\}\{...\}",
    r"\int x": "no command of LaTeX",
    "0x10": r"write 0\*x10",
    "2j": "not real",
    "max x y": r"write max\(",
    "sin": r"write sin\(",
    "sin^2": r"write sin\(",
}


@pytest.mark.parametrize("text", REFUSED)
def test_k16_what_has_no_meaning_is_refused_with_a_way_out(text):
    """In one line of the usual length."""
    with pytest.raises(FormulaError, match=REFUSED[text]) as caught:
        parse(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "text, note",
    [
        ("xy + x^2 + y^2", "xy is read as one name; write x*y for a product."),
        ("ax^2 + bx + c", "ax is read as one name; write a*x for a product."),
        ("xe^x", "xe is read as one name; write x*e for a product."),
        ("b^2 - 4ac", "ac is read as one name; write a*c for a product."),
        ("sinx + x", "sinx is read as one name; write sin(x) for the function."),
        ("Pi*x", "Pi is read as a name; the constant is pi."),
        ("x^1/2", "x^1/2 is read as (x^1)/2; write x^(1/2) for the root."),
        ("f(x) = x", "f(x) = is left out; the formula is what stands behind it."),
    ],
)
def test_k16_what_may_have_been_meant_otherwise_gets_a_note(text, note):
    """The reading stands; who typed it can see that it is not what was meant."""
    notes = (
        parse_with_notes(text).notes if "^x" not in text else parse_with_notes(f"{text} + x").notes
    )
    assert note in notes


@pytest.mark.parametrize("text", ["x*y + 1", "(x+1)^2", "sin(x)**2", "mu*x + nu", "max(x, 1)"])
def test_k16_a_strictly_typed_formula_is_plain_and_without_notes(text):
    """So nothing is echoed to who types as programs do."""
    reading = parse_with_notes(text)
    assert reading.is_plain
    assert reading.notes == ()


def test_k16_given_variables_decide_what_a_name_stands_for():
    """A given f is a factor and a given e no constant; a given y is not left out."""
    f = sp.Symbol("f", real=True)
    assert parse("f(x+1)", variables=["f", "x"]) == f * (x + 1)
    assert parse("e x", variables=["e", "x"]) == sp.Symbol("e", real=True) * x
    with pytest.raises(FormulaError, match="an equation"):
        parse("y = x", variables=["x", "y"])


@pytest.mark.parametrize("text", ["2**|x|", "|2^√x|", "|log(x)|", "abs(2^(x^0.5))", "|x^(1/3)|"])
def test_an_absolute_value_of_what_may_be_complex_is_printed_as_it_is_read(text):
    """SymPy would speak of angles and cosines, which mean the same only off the real line."""
    expression = parse(text)
    assert parse(str(expression)) == expression
    assert expression.subs(x, 4).evalf() == pytest.approx(
        {"2**|x|": 16, "|2^√x|": 4, "|log(x)|": 1.38629436111989, "abs(2^(x^0.5))": 4}.get(
            text, 4 ** (1 / 3)
        )
    )
