"""Text never runs, and whatever else is given by mistake is refused by name, in one line.

The walk goes over every public callable and every argument of it: each is replaced by text that
would leave a mark if it were evaluated, in everything that can hold text, and by what people give
by mistake.
"""

import builtins
import inspect
from typing import Unpack, get_args, get_origin

import numpy as np
import pytest
import sympy as sp
import walk

import symlab as sl
from symlab.algebra.foreign_words import OWNERS
from symlab.algebra.gate import as_matrix, as_scalar, as_symbolic
from symlab.methods.method import METHODS

x, y = sp.symbols("x y", real=True)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    """Where a call that writes a picture does no harm."""
    monkeypatch.chdir(tmp_path)


def has_run() -> bool:
    """Return whether the payload was evaluated, and forget it."""
    return builtins.__dict__.pop(walk.MARK, None) is not None


def test_the_payload_leaves_its_mark_where_it_is_evaluated():
    """Without this the walk could not fail."""
    sp.sympify(walk.PAYLOAD)
    assert has_run()
    assert not has_run()


def test_every_public_callable_is_walked():
    """A new name must have a row, or a reason why it has none."""
    modules = {"schedules", "data", "plots", "diagrams", "array_plots", "nn"}
    public = {name for name in sl.__all__ if name not in modules}
    for module in modules:
        home = getattr(sl, module)
        public |= {
            f"{module}.{name}"
            for name, found in vars(home).items()
            if inspect.isfunction(found)
            and found.__module__ == home.__name__
            and not name.startswith("_")
        }
    public |= {f"plots.{name}" for name in sl.plots.__all__}
    public |= {f"nn.{name}" for name in sl.nn.__all__ if name != "images"}
    public |= {f"nn.images.{name}" for name in sl.nn.images.__all__}
    assert sorted(public - set(walk.CALLS) - set(walk.ELSEWHERE)) == []


@pytest.mark.parametrize("name", walk.CALLS)
def test_each_row_of_the_walk_is_a_call_that_works(name):
    """What is refused with one argument replaced is refused for that argument."""
    walk.CALLS[name].plainly()


@pytest.mark.parametrize("name", walk.CALLS)
def test_text_never_runs(name):
    """Whatever holds the payload, nothing evaluates it, and the answer is one of ours."""
    wrong = []
    for argument in walk.CALLS[name].valid:
        for given, value in walk.payloads().items():
            wrong += walk.complaints(name, argument, given, value)
            wrong += [f"{name}({argument}={given}) RAN"] * has_run()
    assert wrong == []


@pytest.mark.parametrize("name", walk.CALLS)
def test_a_mistake_is_answered_in_one_line_that_names_the_argument(name):
    """By a TypeError or ValueError of ours, within ten seconds, without a warning."""
    wrong = [
        complaint
        for argument in walk.CALLS[name].valid
        for given, value in walk.nonsense().items()
        for complaint in walk.complaints(name, argument, given, value)
    ]
    assert wrong == []


@pytest.mark.parametrize("given", walk.payloads().values(), ids=walk.payloads())
@pytest.mark.parametrize("door", [as_symbolic, as_scalar, as_matrix])
def test_the_gate_itself_runs_nothing(door, given):
    """It lets SymPy's objects pass, whatever they are called, and no text."""
    is_sympy = isinstance(given, sp.Basic)
    if not is_sympy:
        with pytest.raises(TypeError, match=r"^given"):
            door(given, "given")
    else:
        door(given, "given")
    assert not has_run()


@pytest.mark.parametrize(
    "number, exact",
    [
        (2, sp.Integer(2)),
        (np.int8(-3), sp.Integer(-3)),
        (np.array([[4.0]]), sp.Float(4)),
        (np.longdouble("0.5"), sp.Float("0.5", precision=64)),
        (sp.Rational(1, 3), sp.Rational(1, 3)),
    ],
)
def test_plain_numbers_pass_the_gate(number, exact):
    """Python's, NumPy's and SymPy's, and an array of one."""
    assert as_symbolic(number, "number") == exact


@pytest.mark.parametrize(
    "word, meant",
    [
        ("lr", "step_size, of the method: sl.gradient_descent(step_size=...)"),
        ("learning_rate", "step_size, of the method"),
        ("eta", "step_size, of the method"),
        ("beta_1", "beta1, of the method: sl.adam(beta1=...)"),
        ("x0", "start"),
        ("optimizer", "method"),
        ("n_iter", "max_steps"),
        ("maxiter", "max_steps"),
        ("epochs", "max_steps"),
        ("tol", "tolerance"),
        ("fun", "objective"),
        ("jac", "derived_by"),
        ("random_state", "seed"),
    ],
)
def test_a_word_of_another_library_is_answered_with_ours(word, meant):
    """People type what they know from SciPy and Keras."""
    with pytest.raises(TypeError) as caught:
        sl.minimize(sl.Objective(x**2), [1], **{word: 1})
    assert str(caught.value).startswith(
        f"minimize: unknown argument {word!r}; did you mean {meant}"
    )


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda f: sl.adam(lr=0.1), "adam has no hyperparameter 'lr'; did you mean 'step_size'"),
        (lambda f: sl.adam(beta_1=0.9), "'beta_1'; did you mean 'beta1'"),
        (lambda f: sl.adam(0.1), "adam: expected hyperparameters by name, such as step_size=..., "),
        (lambda f: sl.trust_region(2), "by name, such as radius=..., got 2."),
        (lambda f: sl.bfgs(2), "bfgs: expected hyperparameters by name, got 2."),
        (lambda f: sl.momentum(mu=0.9), "'mu'; did you mean 'momentum'"),
        (lambda f: sl.minimize(f, [1], step_size=1), "a word of the method: sl.gradient_descent"),
        (lambda f: sl.compile(f, device="c"), "did you mean backend"),
        (lambda f: sl.compare(f, [1], backend="c"), "did you mean backends"),
        (lambda f: sl.compare(f, [1], random_state=1), "did you mean seed"),
        (lambda f: sl.analyze(f, x0=[1]), "did you mean start"),
        (lambda f: sl.analyze(f, bounds=(0, 1)), "did you mean box"),
        (lambda f: sl.minimize(f), "minimize: start is missing"),
        (lambda f: sl.minimize(f, [1], max_step=3), "did you mean 'max_steps'"),
        (lambda f: sl.minimize(f, [1], "newton", 3, "c"), "at most 4 arguments by position, got 5"),
    ],
)
def test_other_doors_know_the_words_too(call, words):
    """One table serves them all."""
    with pytest.raises(TypeError) as caught:
        call(sl.Objective(x**2))
    assert words in str(caught.value)
    assert len(str(caught.value)) < walk.LONGEST


@pytest.mark.parametrize("function", [sl.minimize, sl.compare, sl.compile])
def test_the_signature_that_editors_show_names_every_keyword(function):
    """The words of others are caught without a parameter for them: any keywords are typed ones."""
    parameters = inspect.signature(function).parameters.values()
    rest = [each for each in parameters if each.kind is inspect.Parameter.VAR_KEYWORD]
    assert [get_origin(each.annotation) for each in rest] == [Unpack] * len(rest)
    assert {word for each in rest for word in get_args(each.annotation)[0].__annotations__} == (
        {"batch_size", "seed", "order", "replacement", "record_every", "progress", "callback"}
        | {"record"}
        if function is sl.minimize
        else set()
    )


@pytest.mark.parametrize("word, owner", OWNERS.items())
def test_a_method_that_is_shown_takes_the_word(word, owner):
    """The call in the message must work."""
    assert f"{word}=" in repr(METHODS[owner](**{word: 0.5}))


@pytest.mark.parametrize("start", [{x: 2, y: 1}, {"x": 2, "y": 1}, {y: 1, "x": 2}])
def test_a_start_may_be_a_mapping(start):
    """By symbol or by name, in any order."""
    f = sl.Objective(x**2 + 3 * y**2)
    run = sl.minimize(f, start, "gradient_descent", 1, backend="interpreted")
    assert run.iterates[0].tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    "start, words",
    [({x: 2}, "start: no value for y"), ({"x": 1, "z": 2}, "start: unknown variable 'z'")],
)
def test_a_mapping_that_does_not_fit_is_named(start, words):
    """A variable left out, and one that is none."""
    with pytest.raises(ValueError, match=words):
        sl.minimize(sl.Objective(x**2 + 3 * y**2), start, backend="interpreted")


def test_a_trace_answers_to_scipys_words():
    """`success`, `fun` and `nit` mean what they mean there."""
    f = sl.Objective(x**2)
    done = sl.minimize(f, [1], sl.newton, backend="interpreted")
    cut = sl.minimize(f, [1], "gradient_descent", 2, backend="interpreted")
    assert (done.success, done.nit, done.fun) == (True, done.steps, done.value)
    assert (cut.success, cut.nit) == (False, 2)
