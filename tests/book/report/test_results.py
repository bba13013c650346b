"""What is found of real items: every derivation, a network's study, a formula that loses digits."""

from dataclasses import replace

import pytest

from symlab.book.derivations.register import DERIVATIONS
from symlab.book.experiments import STUDIES
from symlab.book.report.results import measure_formula, present_derivation, run_study
from symlab.lab.accuracy.cases import ULP_CASES


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_formula_of_every_derivation_is_set(name):
    """As MathML, all of them; a step that is no premise says how it was verified."""
    found, verified = present_derivation(DERIVATIONS[name]())
    assert verified
    assert [line.formula.latex for line in found.lines if not line.formula.mathml] == []
    assert all(line.why and line.origin for line in found.lines)


def test_a_study_of_a_network_is_shown_like_any_other():
    """It has epochs in place of steps; the steps shown are those that were run."""
    found, agrees = run_study(replace(STUDIES["one_neuron"], epochs=1))
    assert agrees
    assert found.steps > 0
    assert [row[0] for row in found.table.rows] == ["sympy", "c", "numba", "interpreted"]
    assert found.method.startswith("gradient_descent")


def test_a_reading_shows_both_forms_and_a_row_for_each_system():
    """The logistic loss overflows as it is stated, and does not once it is stabilised."""
    few = replace(ULP_CASES["logistic_loss"], points=lambda precision: [-40.0, 0.0, 800.0])
    found, passed = measure_formula(few)
    assert passed
    assert found.stated.mathml != found.stabilized.mathml != ""
    rows = {row[0]: dict(zip(found.table.headings, row, strict=True)) for row in found.table.rows}
    assert {"lambdify", "interpreted", "c", "numba"} <= rows.keys()
    assert "1 lost" in rows["lambdify"]["float64, as stated"]
    assert "lost" not in rows["lambdify"]["float64, stabilised"]
