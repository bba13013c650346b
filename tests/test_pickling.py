"""What a user holds can be sent to another process, as joblib does, and means the same there."""

import pickle

import pytest
import sympy as sp

import symlab as sl

x = sp.Symbol("x", real=True)
QUARTIC = sl.Objective(2 - 3 * x**3 + x**4)

MADE = {
    "objective": lambda: QUARTIC,
    "rule": lambda: sl.adam(step_size=0.1),
    "method": lambda: sl.method(direction=sl.newton(), search=sl.armijo()),
    "schedule": lambda: sl.gradient_descent(step_size=sl.schedules.inverse_time),
    "analysis": lambda: sl.analyze(QUARTIC, sl.gradient_descent(step_size=0.1)),
    "trace": lambda: sl.minimize(QUARTIC, [1], "gradient_descent", 3, backend="sympy"),
    "verification": lambda: sl.verify(QUARTIC, at=[1], backend="interpreted"),
    "comparison": lambda: sl.compare(
        QUARTIC, start=[0.1], max_steps=2, backends=("sympy", "interpreted")
    ),
    "derivation": lambda: sl.derive("newton"),
    "smooth function": lambda: sl.smooth("f")(x).diff(x),
    "explanation": lambda: sl.explain(sp.log(1 + sp.exp(x))),
    "ulp case": lambda: sl.ulp_case("sigmoid"),
}


@pytest.mark.parametrize("name", MADE)
def test_what_comes_back_prints_as_what_was_sent(name):
    """Its repr says all that a reader sees of it."""
    made = MADE[name]()
    back = pickle.loads(pickle.dumps(made))
    assert type(back) is type(made)
    assert repr(back) == repr(made)


def test_a_smooth_function_that_comes_back_is_the_same_class():
    """SymPy tells functions apart by their class, so a copy of it would be another function."""
    f = sl.smooth("f")
    assert pickle.loads(pickle.dumps(f)) is f
    assert pickle.loads(pickle.dumps(f(x).diff(x, 2))) == f(x).diff(x, 2)
