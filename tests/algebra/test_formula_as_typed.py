"""Formulas as people type and paste them: read where there is one meaning, else both are told.

Every expected value is stated in SymPy, none by the parser.
"""

import pytest
import sympy as sp
from formulas import ONE_MEANING, REFUSED, TWO_MEANINGS

from symlab.algebra.formula.parse import parse, parse_with_notes
from symlab.algebra.formula.spelling import FormulaError

x = sp.Symbol("x", real=True)


@pytest.mark.parametrize("text", ONE_MEANING)
def test_k16_what_has_one_meaning_is_read(text):
    """And its plain spelling states the same, to a strict reader."""
    reading = parse_with_notes(text)
    assert reading.expression == ONE_MEANING[text]
    again = parse_with_notes(reading.text)
    assert again.expression == reading.expression
    assert again.is_plain or "factorial" in text


@pytest.mark.parametrize("text", TWO_MEANINGS)
def test_k16_what_has_two_meanings_is_refused_with_both(text):
    """Each reading is one that the parser takes, and they differ."""
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert "two readings" in str(caught.value)
    assert str(caught.value).endswith(f"write {TWO_MEANINGS[text]}.")
    one, other = map(parse, TWO_MEANINGS[text].split(" or "))
    assert one != other


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
