"""K7 and K12: symbols without assumptions are real, and variables sort as people count."""

import logging

import pytest
import sympy as sp

import symlab as sl
from symlab.algebra import reals

x, y = sp.symbols("x y")
STEP = sl.gradient_descent(step_size=0.1)

COMPLEX_LOOKING = {
    # Formula, start, and the iterate after one step of 1/10 along the slope, by hand.
    "modulus": (sp.Abs(x) + x**2, [7], [5.5]),
    "parts": (sp.re(x) ** 2 + sp.im(x) ** 2, [7], [5.6]),
    "conjugate": (x * sp.conjugate(x), [7], [5.6]),
    "angle": (sp.arg(x) + x**2, [-5], [-4]),
    "norm": (sp.Matrix([x, y]).norm() ** 2, [1, 2], [0.8, 1.6]),
    "modulus of a pair": (sp.Abs(x + sp.I * y) ** 2, [1, 2], [0.8, 1.6]),
    "sign": (x * sp.sign(x) * 2, [3], [2.8]),
}


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize("formula, start, after", COMPLEX_LOOKING.values(), ids=COMPLEX_LOOKING)
def test_k7_plain_symbols_are_real(formula, start, after, backend):
    """R26: as with real=True, in the symbols that were given."""
    f = sl.Objective(formula)
    assert set(f.variables) <= {x, y}
    trace = sl.minimize(f, start=start, method=STEP, max_steps=1, backend=backend)
    assert trace.x.tolist() == pytest.approx(after)


def test_k7_it_is_said_once(caplog):
    """One note for the same symbols, none where it makes no difference."""
    reals._note.cache_clear()
    with caplog.at_level(logging.WARNING, logger="symlab"):
        sl.Objective(x**2)
        assert not caplog.records
        sl.Objective(sp.Abs(x))
        sl.Objective(sp.Abs(x) + 1)
    assert [record.getMessage() for record in caplog.records] == [
        "x: taken as real; symbols('x', real=True) says so."
    ]


def test_k7_a_loss_of_plain_symbols_is_real_too():
    """|w u - 2| + re(w)^2 at w = 1 on u = 1, 2, 3: 2/3 + 1, slope 1/3 (-1 + 0 + 3) + 2 = 8/3."""
    w, u = sp.symbols("w u")
    risk = sl.EmpiricalRisk(sp.Abs(w * u - 2) + sp.re(w) ** 2, parameters=(w,), data=(u,))
    compiled = sl.compile(risk.on({u: [1, 2, 3]}), backend="interpreted")
    assert compiled.value([1.0]) == pytest.approx(5 / 3)
    assert compiled.gradient([1.0])[0] == pytest.approx(8 / 3)


@pytest.mark.parametrize(
    "stated",
    [
        lambda: sl.Objective(sp.Symbol("z", imaginary=True) ** 2),
        lambda: sl.Objective(sp.Symbol("z", real=False) ** 2),
        lambda: sl.EmpiricalRisk(
            sp.Symbol("z", imaginary=True) * x,
            parameters=(x,),
            data=(sp.Symbol("z", imaginary=True),),
        ),
    ],
)
def test_k7_symbols_that_are_not_real_are_refused(stated):
    """By name."""
    with pytest.raises(ValueError, match="expected real symbols, got z"):
        stated()


def test_k12_variables_sort_as_people_count():
    """R41: v2 before v10, in an objective, in a sum, and in what they print."""
    v = sp.symbols("v0:12", real=True)
    f = sl.Objective(sum((i + 1) * (v[i] - i) ** 2 for i in range(12)))
    assert f.variables == v
    assert f.at(range(12)) == 0
    i, m, u = sp.Symbol("i"), sp.Symbol("m"), sp.IndexedBase("u")
    risk = sl.EmpiricalRisk(sp.Sum(sum(v) * u[i], (i, 0, m - 1)) / m)
    assert risk.parameters == v
    named = sp.symbols("w10 w9 b a2 a11 a", real=True)
    assert [s.name for s in sl.Objective(sum(named) ** 2).variables] == [
        "a",
        "a2",
        "a11",
        "b",
        "w9",
        "w10",
    ]
