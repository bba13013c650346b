"""The public names: tables by name, and old names that work for one more version."""

import subprocess
import sys
import warnings

import pytest
import sympy as sp

import symlab as sl


@pytest.mark.parametrize(
    "old, new", [("accuracy", "ulp_error"), ("meter", "ulp_case"), ("panels", "array_plots")]
)
def test_an_old_name_is_the_new_one_and_warns_once_where_it_is_used(old, new):
    """Also the second time, because the old name is never stored."""
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert getattr(sl, old) is getattr(sl, new)
        (told,) = caught
        assert told.category is DeprecationWarning
        assert f"sl.{old} is now called sl.{new}" in str(told.message)
        assert told.filename == __file__
    assert old not in sl.__all__


def test_a_name_that_is_neither_old_nor_new_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'symlab' has no attribute 'minimise'"):
        sl.minimise  # noqa: B018 (asking for it is the test)


@pytest.mark.parametrize(
    "module, name, meant",
    [
        (sl, "minimise", "; did you mean 'minimize'?"),
        (sl, "Adam", "; did you mean 'adam'?"),
        (sl, "zzz", "."),
        (sl.nn, "MaxPooling2D", "; did you mean 'MaxPool2D'?"),
        (sl.nn, "Sequential", "; did you mean 'Model'?"),
        (sl.nn, "load_model", "; did you mean 'load'?"),
        (sl.nn, "to_categorical", "; did you mean 'one_hot'?"),
    ],
)
def test_a_mistyped_name_or_one_of_keras_gets_ours(module, name, meant):
    """Whoever ports a program meets these first."""
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    assert str(caught.value) == f"module {module.__name__!r} has no attribute {name!r}{meant}"


def test_the_rules_are_listed_by_name():
    """Each is the public value of that name, and a typo gets the nearest."""
    assert {name: getattr(sl, name) for name in sl.rules} == dict(sl.rules)
    assert all(isinstance(rule, sl.Rule) for rule in sl.rules.values())
    with pytest.raises(KeyError, match=r"'Newton'; sl\.newton is a direction, which sl"):
        sl.rules["Newton"]
    with pytest.raises(KeyError, match="rules: unknown name 'adm'; did you mean 'adam'"):
        sl.rules["adm"]


def test_a_rule_of_ones_own_is_stated_and_run():
    """SignSGD, in the letters of the others."""
    x, g, alpha = letters()
    rule = sl.Rule("sign_descent", {x: x - alpha * sp.sign(g)}, {alpha: 0.5}, "signSGD")
    z = sp.Symbol("z", real=True)
    run = sl.minimize(sl.Objective(z**2), [2], rule, 3, backend="interpreted")
    assert run.iterates[:, 0].tolist() == [2.0, 1.5, 1.0, 0.5]


def letters():
    """Return x, g and alpha, as gradient descent has them."""
    ((x, row),) = sl.gradient_descent.recurrence.items()
    (alpha,) = sl.gradient_descent.defaults
    (g,) = row.free_symbols - {x, alpha}
    return x, g, alpha


def test_the_errata_are_decided_and_the_derivations_made_by_name():
    """The book's tables, in the order of the chapter."""
    assert sl.errata["E05"].examine().verdict == "confirmed"
    assert sl.derivations["newton"]() == sl.derive("newton")
    for table in (sl.errata, sl.derivations):
        sections = [each.section for each in table.values()]
        assert sections == sorted(sections)


def test_the_laboratory_loads_no_book():
    """Only data, derivations, errata and figures do."""
    code = (
        "import sys, symlab as sl; sl.minimize, sl.nn, sl.compare, sl.verify, sl.plots\n"
        "print(*(name for name in sys.modules if name.startswith('symlab.book')))\n"
        "sl.errata; print('symlab.book.errata.register' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "\nTrue\n"


def test_stationary_points_are_found_without_a_method():
    """The chapter's quartic: an inflection at 0, a minimum at 9/4."""
    found = sl.stationary_points(sl.problems["quartic"].objective)
    assert [(point.point[0], point.kind) for point in found.points] == [
        (0, "inflection"),
        (sp.Rational(9, 4), "minimum"),
    ]
    assert found.complete


w, label = sp.symbols("w label", real=True)
ON_DATA = sl.EmpiricalRisk((w - label) ** 2 / 2, parameters=(w,), data=(label,)).on(
    {label: [-1, 1]}
)


@pytest.mark.parametrize(
    "function, old, new, others",
    [
        (sl.gradient_noise, {"bound": ON_DATA}, "objective", {"at": [1], "batch_size": 1}),
        (sl.gradient_noise, {"point": [1]}, "at", {"objective": ON_DATA, "batch_size": 1}),
        (sl.noise_floor, {"bound": ON_DATA}, "objective", {"method": "momentum", "batch_size": 1}),
        (sl.noise_floor, {"rule": "momentum"}, "method", {"objective": ON_DATA, "batch_size": 1}),
        (
            sl.noise_floor,
            {"minimum": [0]},
            "at",
            {"objective": ON_DATA, "method": "momentum", "batch_size": 1},
        ),
        (sl.data.moons, {"random_state": 1}, "seed", {"samples": 4}),
        (sl.data.split, {"random_state": 1}, "seed", {"X": [[1], [2], [3]], "y": [1, 2, 3]}),
        (
            sl.ulp_error,
            {"points": [1.0]},
            "at",
            {"expression": sp.exp(w), "systems": ["lambdify"], "stable": [False]},
        ),
        (sl.backtracking, {"test": "box"}, "variant", {"step_size": 0.5}),
    ],
)
def test_an_old_keyword_means_the_new_one_and_warns_once(function, old, new, others):
    """At the line of the caller, also where several keywords of a function were renamed."""
    ((keyword, value),) = old.items()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = function(**old, **others)
    (told,) = caught
    assert told.category is DeprecationWarning
    assert f"{keyword} is now called {new}" in str(told.message)
    assert told.filename == __file__
    assert str(before) == str(function(**{new: value}, **others))
