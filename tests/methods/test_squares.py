"""Methods for sums of squares: what they hold, and what is refused."""

import pytest

import symlab as sl
from symlab.methods.method import as_method, as_runnable
from symlab.methods.squares import BEND, DAMPING, FORESEEN, RATIO, SQUARES_METHODS


@pytest.mark.parametrize("name", SQUARES_METHODS)
def test_a_name_means_what_the_value_means(name):
    """And the call that is shown makes the same method again."""
    method = SQUARES_METHODS[name]
    assert as_runnable(name) is method is as_runnable(method) is getattr(sl, name)
    assert repr(method).startswith(f"{name}(")


def test_hyperparameters_and_search_are_set_by_a_call():
    """The region belongs to one, the search to the other."""
    assert repr(sl.levenberg_marquardt(radius=100, decrease=0.1)) == (
        "levenberg_marquardt(radius=100, decrease=0.1)"
    )
    full = sl.gauss_newton(search=sl.fixed)
    assert full.search is sl.fixed
    assert repr(full) == "gauss_newton(search=fixed(step_size=1))"


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: sl.levenberg_marquardt(search=sl.armijo), TypeError, "levenberg_marquardt has no"),
        (lambda: sl.gauss_newton(search="armijo"), TypeError, "search: expected one such as"),
        (lambda: sl.gauss_newton(radius=1), TypeError, "gauss_newton has no hyperparameter"),
        (lambda: sl.levenberg_marquardt(radius=0), ValueError, "levenberg_marquardt: radius must"),
        (lambda: as_runnable("levenberg_marquart"), ValueError, ".*did you mean 'levenberg_marq"),
        (lambda: as_method(sl.gauss_newton), TypeError, "method: gauss_newton runs on sums of"),
        (lambda: as_method("gauss_newton"), TypeError, "method: gauss_newton runs on sums of"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    """In one line that names what was wrong."""
    with pytest.raises(error, match=f"^{message}"):
        call()


def test_every_letter_of_the_formulas_is_defined_in_the_latex():
    """A reader can follow the step from residuals and Jacobian to the next radius."""
    text = sl.levenberg_marquardt.latex()
    for letter in (r"P", r"\ell^{2}", r"\kappa", r"\psi", r"\mu", r"\varrho", r"\Delta"):
        assert rf"{letter} &\leftarrow" in text
    assert r"J^{T} J" in sl.gauss_newton.latex()
    projected = sl.variable_projection.latex()
    assert all(rf"{letter} &\leftarrow" in projected for letter in "KCP")


def test_the_formulas_read_what_a_step_has():
    """The matrices say what the numbers in the recurrences stand for."""
    assert {str(letter) for letter in RATIO.free_symbols} == {"phi_0", "phi_q", "psi"}
    assert {str(letter) for letter in DAMPING.free_symbols} == {"mu", "ell", "Delta", "kappa"}
    assert BEND.shape == FORESEEN.shape == (1, 1)
