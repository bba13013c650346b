"""A walk over the public callables: one valid call of each, and what a user may give instead.

`CALLS` has a row for every callable and method; each argument in turn is replaced by something
else, while the others stay as they are.
"""

import datetime
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sympy as sp
import walk_nn
from matplotlib.figure import Figure

import symlab as sl

LONGEST = 200
SECONDS = 10
MARK = "symlab_walk_ran"
PAYLOAD = f"__import__('builtins').__dict__.setdefault('{MARK}', 1)"

x, y, u, v, w = sp.symbols("x y u v w", real=True)


@dataclass(frozen=True)
class Call:
    """A callable, made when it is first needed, and arguments with which it works."""

    make: Callable[[], Callable[..., Any]]
    valid: dict[str, Callable[[], Any]]
    by_position: tuple[str, ...] = ()

    def with_argument(self, name: str, value: object) -> Any:
        """Call it with one argument replaced; those in `by_position` go by position."""
        arguments = {each: make() for each, make in self.valid.items()} | {name: value}
        first = [arguments.pop(each) for each in self.by_position]
        return self.make()(*first, **arguments)

    def plainly(self) -> Any:
        """Call it as it should be called."""
        arguments = {each: make() for each, make in self.valid.items()}
        first = [arguments.pop(each) for each in self.by_position]
        return self.make()(*first, **arguments)


@cache
def objective() -> Any:
    """An objective of one variable."""
    return sl.Objective(x**2 + x)


@cache
def plane() -> Any:
    """An objective of two variables."""
    return sl.Objective(x**2 + 3 * y**2)


@cache
def risk() -> Any:
    """A risk with one parameter."""
    return sl.EmpiricalRisk((w * u - v) ** 2 / 2, parameters=(w,), data=(u, v))


@cache
def bound() -> Any:
    """The risk on three samples."""
    return risk().on({u: [1, 1, 1], v: [0, 1, 2]})


@cache
def trace() -> Any:
    """A run of four steps on the objective of one variable."""
    return sl.minimize(objective(), [1], "gradient_descent", 4, backend="interpreted")


@cache
def exact_trace() -> Any:
    """The same run with exact rows."""
    return sl.minimize(objective(), [1], "gradient_descent", 4, backend="sympy")


@cache
def bounded() -> Any:
    """A run of a trust region in two variables."""
    problem = sl.problems["rosenbrock"]
    return sl.minimize(problem.objective, problem.start, "trust_region", backend="interpreted")


@cache
def fitted() -> Any:
    """A regression that has ended."""
    return sl.minimize(bound(), [0], "gauss_newton", backend="interpreted")


@cache
def raced() -> Any:
    """A race of two methods that has ended."""
    return sl.race(
        {"one": objective(), "two": objective()}, ["newton", "bfgs"], {"one": [1], "two": [2]}
    )


@cache
def compiled() -> Any:
    """The objective of one variable, compiled."""
    return sl.compile(objective(), "interpreted")


@cache
def compiled_risk() -> Any:
    """The risk on data, compiled."""
    return sl.compile(bound(), "interpreted")


BARE: dict[Any, int] = {}
"""The axes made last, and how many parts they have while nothing is drawn on them."""


def axes() -> Any:
    """Axes on which nothing is drawn; most calls draw nothing, and new ones take 8 ms."""
    for ax, parts in BARE.items():
        if len(ax.get_children()) == parts:
            return ax
    ax = Figure().add_subplot()
    BARE.clear()
    BARE[ax] = len(ax.get_children())
    return ax


def graph() -> Any:
    """A computation graph of one operation."""
    return sl.computation_graph(_tensor())


@cache
def _tensor() -> Any:
    import pytensor.tensor as pt

    a, b = pt.matrices("a", "b")
    return a + b


@cache
def derivation() -> Any:
    """Two steps."""
    return sl.Derivation("square", "Expanded", steps())


def steps() -> list[Any]:
    """The steps of a derivation."""
    f = sl.smooth("f")
    return [
        sl.Step(sp.Eq(f(x), (x + 1) ** 2), "A square."),
        sl.Step(sp.Eq(f(x), x**2 + 2 * x + 1), "Expanded.", "equal"),
    ]


def value(given: Any) -> Callable[[], Any]:
    """Return what gives a value whenever it is asked."""
    return lambda: given


def switch(*, on: bool) -> Callable[[], Any]:
    """Return what gives True or False whenever it is asked."""
    return lambda: on


def _call(make: Callable[[], Any], by_position: str = "", **valid: Any) -> Call:
    """Return a row; a function is asked for the argument, anything else is the argument."""
    made = {
        name: each if callable(each) and not isinstance(each, sp.Basic) else value(each)
        for name, each in valid.items()
    }
    return Call(make, made, tuple(by_position.split()))


def _named(name: str, module: str = "") -> Callable[[], Any]:
    return lambda: getattr(getattr(sl, module) if module else sl, name)


def _method(owner: Callable[[], Any], name: str) -> Callable[[], Any]:
    return lambda: getattr(owner(), name)


def _functions() -> Iterator[tuple[str, Call]]:
    for name in ("sigmoid", "softplus", "relu", "softsign", "hinge", "xlogx"):
        yield name, _call(_named(name), by_position="z", z=x)
    for name in ("logsumexp", "softmax"):
        yield name, _call(_named(name), by_position="a b c", a=x, b=y, c=1)


CONJUGATE_AND_SCALED = (
    "fletcher_reeves",
    "polak_ribiere",
    "hestenes_stiefel",
    "dai_yuan",
    "barzilai_borwein_long",
    "barzilai_borwein_short",
)
"""Directions without hyperparameters."""

WORDS = {
    "gradient_descent": {"step_size": 0.1},
    "momentum": {"step_size": 0.1, "momentum": 0.9},
    "nesterov": {"step_size": 0.1, "momentum": 0.9},
    "adagrad": {"step_size": 0.1, "epsilon": 1e-8},
    "rmsprop": {"step_size": 0.1, "decay": 0.9, "epsilon": 1e-8},
    "adadelta": {"step_size": 1, "decay": 0.9, "epsilon": 1e-8},
    "adam": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "adamax": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "nadam": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "amsgrad": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "adamw": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1},
    "signsgd": {"step_size": 0.1},
    "signum": {"step_size": 0.1, "beta1": 0.9},
    "lion": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1},
    "radam": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "adabelief": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8},
    "yogi": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
}


def gradient_descent_letters() -> tuple[sp.Symbol, sp.Symbol, sp.Symbol]:
    """Return x, g and alpha, as the rules have them."""
    ((at, row),) = sl.gradient_descent.recurrence.items()
    (step_size,) = sl.gradient_descent.defaults
    (gradient,) = row.free_symbols - {at, step_size}
    return at, gradient, step_size


def _methods() -> Iterator[tuple[str, Call]]:
    for name, words in WORDS.items():
        yield name, _call(_named(name), variant=None, **words)
    for name in ("accumulated_momentum", "averaged_momentum", "printed_momentum"):
        yield name, _call(_named(name), step_size=0.1, momentum=0.9)
    x, g, alpha = gradient_descent_letters()
    yield (
        "Rule",
        _call(
            _named("Rule"),
            name="descent",
            recurrence=value({x: x - alpha * g}),
            defaults=value({alpha: 0.1}),
            source="Cauchy 1847",
            values=value({}),
            variants=value({}),
            variant="",
            own=None,
        ),
    )
    yield "rule_variants", _call(_named("rule_variants"), rule=value(sl.adam))
    yield "steepest", _call(_named("steepest"))
    yield "newton", _call(_named("newton"), damping=0.5)
    for name in ("bfgs", "modified_newton", "scaled_bfgs", *CONJUGATE_AND_SCALED):
        yield name, _call(_named(name))
    yield "l_bfgs", _call(_named("l_bfgs"), memory=5)
    yield "fixed", _call(_named("fixed"), variant=None, step_size=1)
    yield (
        "backtracking",
        _call(_named("backtracking"), variant="equation", step_size=1, shrink=0.5, decrease=0.5),
    )
    yield "armijo", _call(_named("armijo"), variant=None, step_size=1, shrink=0.5, decrease=0.1)
    tried = {"variant": None, "step_size": 1, "shrink": 0.5, "decrease": 0.1}
    yield "goldstein", _call(_named("goldstein"), **tried)
    yield "strong_wolfe", _call(_named("strong_wolfe"), **tried, flatness=0.5)
    yield "nonmonotone", _call(_named("nonmonotone"), **tried, memory=5)
    yield "exact_line_search", _call(_named("exact_line_search"), variant=None)
    yield "gauss_newton", _call(_named("gauss_newton"), search=value(sl.fixed))
    for name in ("levenberg_marquardt", "variable_projection"):
        yield name, _call(_named(name), search=None, radius=1, decrease=0.1)
    for name in ("trust_region", "dogleg", "two_dimensional_subspace"):
        yield (
            name,
            _call(_named(name), scaling="none", radius=1, largest=100, decrease=0.1),
        )
    yield (
        "method",
        _call(_named("method"), direction=value(sl.newton), search=value(sl.fixed)),
    )
    for name in ("constant", "inverse_time", "exponential", "cosine", "step"):
        yield f"schedules.{name}", _call(_named(name, "schedules"), step_size=0.1)
    yield "schedules.exponential, decay", _call(_named("exponential", "schedules"), decay=0.5)
    yield "schedules.cosine, steps", _call(_named("cosine", "schedules"), steps=5)
    yield (
        "Rule.step_size_at",
        _call(lambda: sl.momentum(step_size=sl.schedules.inverse_time).step_size_at, step=2),
    )


def _objectives() -> Iterator[tuple[str, Call]]:
    yield "Objective", _call(_named("Objective"), expression=x**2, variables=value([x]))
    for owner, name in ((objective, "Objective"), (bound, "BoundRisk")):
        yield f"{name}.at", _call(_method(owner, "at"), point=value([1]))
        yield f"{name}.taylor", _call(_method(owner, "taylor"), at=value([1]), order=1)
        yield (
            f"{name}.surrogate",
            _call(_method(owner, "surrogate"), at=value([1]), step_size=0.5),
        )
        yield (
            f"{name}.along",
            _call(_method(owner, "along"), point=value([1]), direction=value([1]), symbol=u),
        )
    yield (
        "EmpiricalRisk",
        _call(
            _named("EmpiricalRisk"),
            loss=(w * u - v) ** 2,
            parameters=value([w]),
            data=value([u, v]),
            reduction="mean",
            penalty=w**2,
        ),
    )
    yield (
        "least_squares",
        _call(
            _named("least_squares"),
            model=w * u,
            parameters=value([w]),
            data=value({u: [1, 2], "v": [2, 3]}),
            response="v",
        ),
    )
    yield "parse", _call(_named("parse"), text="x^2", variables=value(["x"]))
    yield "stabilize", _call(_named("stabilize"), expression=x**2)
    yield "explain", _call(_named("explain"), expression=x**2)
    yield (
        "compiled_view",
        _call(_named("compiled_view"), formula=x**2, at=value([1, 2]), backend="interpreted"),
    )
    yield "smooth", _call(_named("smooth"), name="f")
    yield "smooth, called", _call(lambda: sl.smooth("f"), by_position="x", x=x)


def _runs() -> Iterator[tuple[str, Call]]:
    yield (
        "minimize",
        _call(
            _named("minimize"),
            objective=plane,
            start=value([1, 2]),
            method=value(sl.gradient_descent),
            max_steps=1,
            backend="interpreted",
            tolerance=1e-6,
            digits=50,
            derived_by="sympy",
            fused=None,
            batch_size=None,
            seed=0,
            order="epoch",
            replacement=False,
            record_every=1,
            record="objective",
            progress=False,
            callback=None,
        ),
    )
    yield (
        "minimize, exactly",
        _call(
            _named("minimize"),
            objective=plane,
            start=value([1, 2]),
            max_steps=1,
            backend="sympy",
            digits="exact",
        ),
    )
    yield (
        "minimize, in batches",
        _call(
            _named("minimize"),
            objective=bound,
            start=value([1]),
            max_steps=1,
            backend="interpreted",
            batch_size=1,
            seed=0,
            order="step",
            callback=value(lambda k, iterate, found: True),
            replacement=True,
        ),
    )
    yield (
        "minimize, by two values",
        _call(
            _named("minimize"),
            objective=bound,
            start=value([1]),
            max_steps=1,
            backend="interpreted",
            sampling=lambda: sl.Sampling(batch_size=1),
            recording=lambda: sl.Recording(every=2, callback=lambda k, iterate, found: True),
        ),
    )
    yield (
        "Sampling",
        _call(_named("Sampling"), batch_size=2, seed=0, order="step", replacement=True),
    )
    yield (
        "Recording",
        _call(
            _named("Recording"),
            every=1,
            record="batch",
            progress=False,
            callback=value(lambda k, iterate, found: True),
        ),
    )
    yield (
        "compile",
        _call(_named("compile"), objective=objective, backend="interpreted", derived_by="sympy"),
    )
    yield (
        "compile a run",
        _call(_named("compile"), objective=objective, backend="c", method=sl.gradient_descent),
    )
    for name in ("value", "gradient", "value_and_gradient", "hessian"):
        yield f"CompiledObjective.{name}", _call(_method(compiled, name), x=value([1.0]))
        yield f"CompiledRisk.{name}", _call(_method(compiled_risk, name), x=value([1.0]))
    yield (
        "draw_batches",
        _call(
            _named("draw_batches"),
            samples=4,
            batch_size=2,
            steps=2,
            seed=0,
            order="epoch",
            replacement=False,
        ),
    )
    for owner, name in ((trace, "Trace"), (exact_trace, "Trace of exact rows")):
        yield f"{name}.rate", _call(_method(owner, "rate"), limit=value([-0.5]))
        yield f"{name}.order", _call(_method(owner, "order"), limit=value([-0.5]))
    for name in ("covariance", "standard_errors"):
        yield f"Trace.{name}", _call(_method(fitted, name), likelihood=None)
    yield "computation_graph", _call(_named("computation_graph"), result=_tensor)


def _theory() -> Iterator[tuple[str, Call]]:
    yield (
        "analyze",
        _call(
            _named("analyze"),
            objective=objective,
            method=value(sl.gradient_descent),
            start=value([1]),
            box=value((-2, 2)),
            seconds=10,
            report=None,
        ),
    )
    yield (
        "stationary_points",
        _call(
            _named("stationary_points"),
            objective=objective,
            start=value([1]),
            box=value((-2, 2)),
            seconds=10,
            report=None,
        ),
    )
    yield (
        "certify",
        _call(_named("certify"), objective=objective, at=value([1]), digits=value(10), within=1e-6),
    )
    yield "polish", _call(_named("polish"), trace=trace, digits=value(10))
    for name in ("polyak_optimum", "nesterov_standard"):
        yield name, _call(_named(name), low=1, high=4)
    yield "noise_formula", _call(_named("noise_formula"), reduction="mean", replacement=False)
    yield (
        "gradient_noise",
        _call(
            _named("gradient_noise"), objective=bound, at=value([1]), batch_size=1, replacement=True
        ),
    )
    yield (
        "noise_floor",
        _call(
            _named("noise_floor"),
            objective=bound,
            method=value(sl.gradient_descent),
            at=value([1]),
            batch_size=1,
            replacement=False,
        ),
    )
    yield (
        "predicted_and_measured",
        _call(
            _named("predicted_and_measured"),
            objective=objective,
            method=value(sl.gradient_descent),
            trace=trace,
        ),
    )
    yield (
        "sweep",
        _call(
            _named("sweep"),
            objective=objective,
            start=value([1]),
            method=value(sl.gradient_descent),
            grid=value({"step_size": [0.1]}),
            max_steps=value(3),
            backend="interpreted",
            tolerance=value(1e-6),
            derived_by="sympy",
            rates=switch(on=True),
            store=value(None),
            client=value(None),
            progress=switch(on=False),
        ),
    )
    yield (
        "race",
        _call(
            _named("race"),
            objectives=objective,
            methods=value(["newton", "scipy:BFGS"]),
            start=value([1]),
            budget=5,
            seeds=value([0]),
            batch_size=None,
            step_sizes=value([0.1]),
            backend="interpreted",
            progress=False,
        ),
    )
    for name in ("costs", "profile", "plot"):
        yield f"Race.{name}", _call(_method(raced, name), accuracy=1e-6)
    yield "derive", _call(_named("derive"), name="taylor")
    yield (
        "Derivation",
        _call(
            _named("Derivation"),
            name="square",
            title="Expanded",
            steps=steps,
            section=1,
            remark="",
            domains=value({x: sp.Interval(0, 1)}),
        ),
    )
    yield (
        "Derivation.before",
        _call(_method(derivation, "before"), step=lambda: derivation().steps[1]),
    )
    yield "Derivation.text", _call(_method(derivation, "text"), width=80)
    yield (
        "Step",
        _call(
            _named("Step"), formula=sp.Eq(x, y), why="So.", kind="given", by=None, after=1,
            using=value([1]), number=0, origin="", finding=None,
        ),
    )  # fmt: skip


def _studies() -> Iterator[tuple[str, Call]]:
    yield (
        "ulp_error",
        _call(
            _named("ulp_error"),
            expression=x**2,
            symbol=x,
            at=value([0.5, 2.0]),
            systems=value(["lambdify"]),
            stable=value([False]),
            precisions=value(["float64"]),
            given=value({}),
            rewrite=value(sl.stabilize),
            center=0,
        ),
    )
    yield "ulp_case", _call(_named("ulp_case"), name="sigmoid")
    yield (
        "compare",
        _call(
            _named("compare"),
            objective=objective,
            start=value([1]),
            method=value(sl.gradient_descent),
            max_steps=1,
            backends=value(["interpreted"]),
            tolerance=1e-6,
            digits=50,
            seed=0,
            order="epoch",
            replacement=False,
            batch_size=None,
            sampling=None,
            record="objective",
        ),
    )
    yield (
        "explore",
        _call(
            _named("explore"),
            objective=objective,
            rules=value(["momentum"]),
            start=value([1]),
            out=None,
            seconds=10,
        ),
    )
    yield (
        "RiskRegressor, prediction",
        _call(
            lambda: lambda **given: sl.RiskRegressor(risk(), **given).fit([[1.0]], [0.0]),
            prediction=2 * w * u,
        ),
    )
    for kind in ("RiskClassifier", "RiskRegressor"):
        yield (
            kind,
            # They take everything, and refuse it when they are fitted, as scikit-learn wants it.
            _call(
                lambda kind=kind: (
                    lambda **given: getattr(sl, kind)(**given).fit([[1.0], [2.0], [3.0]], [0, 1, 0])
                ),
                risk=lambda: sl.EmpiricalRisk((w * u + v - y) ** 2, (w, v), (u, y)),
                method=value("bfgs"),
                target="y",
                constants=value({}),
                start=value([0.0, 0.0]),
                max_steps=2,
                tolerance=1e-6,
                backend="interpreted",
            ),
        )
    for language in ("to_c", "to_python", "to_javascript"):
        yield (
            language,
            _call(_named(language), stated=objective, method=value("adam"), name="loss"),
        )
    yield (
        "verify",
        _call(
            _named("verify"),
            objective=objective,
            at=value([1]),
            gradient=value([2 * x + 1]),
            hessian=value([[2]]),
            points=1,
            seed=0,
            backend="interpreted",
        ),
    )
    yield (
        "save_figure",
        _call(
            _named("save_figure"),
            id="LS_cost",
            figure=Figure,
            numbers=value({"count": 1}),
            seed=0,
            backend="numpy",
        ),
    )
    yield "data.least_squares_data", _call(_named("least_squares_data", "data"))
    yield "data.benchmark_table", _call(_named("benchmark_table", "data"))
    for name in ("step_data", "half_plane"):
        yield f"data.{name}", _call(_named(name, "data"), samples=3, seed=0, labels=value((0, 1)))
    yield "data.moons", _call(_named("moons", "data"), samples=4, noise=0.1, seed=0)
    yield (
        "data.split",
        _call(
            _named("split", "data"),
            X=value(np.zeros((4, 2))),
            y=value([0, 1, 0, 1]),
            test_share=0.5,
            seed=0,
        ),
    )
    yield "data.initial_weights", _call(_named("initial_weights", "data"), n=2, scale=1.0, seed=0)


def _pictures() -> Iterator[tuple[str, Call]]:
    grid = value(np.linspace(-1, 1, 5))
    plots = {
        "open_axes": {"ax": axes, "bottom_at_zero": False},
        "name_axes": {"ax": axes, "height": True},
        "curve": {"ax": axes, "objective": objective, "grid": grid},
        "windows": {
            "ax": axes,
            "objective": objective,
            "centers": value([0.0]),
            "half_widths": 0.5,
            "grid": grid,
        },
        "surrogate": {
            "ax": axes,
            "objective": objective,
            "at": 0.5,
            "step_size": 0.1,
            "grid": grid,
            "foot": 0.0,
        },
        "iterates": {"ax": axes, "trace": trace},
        "path": {"ax": axes, "objective": objective, "traces": trace, "box": value([(-1, 1)])},
        "surface": {
            "ax": lambda: Figure().add_subplot(projection="3d"),
            "objective": value(sl.problems["ravine"].objective),
            "traces": None,
            "box": value([(-1, 1), (-1, 1)]),
        },
        "trust_region": {
            "ax": axes,
            "objective": value(sl.problems["rosenbrock"].objective),
            "trace": bounded,
            "k": 1,
            "box": value([(-2, 2), (-1, 3)]),
        },
        "animate": {
            "objective": objective,
            "traces": trace,
            "box": value([(-1, 1)]),
            "milliseconds": 100,
        },
        "convergence": {"ax": axes, "trace": trace, "limit": value([-0.5])},
        "difference": {"ax": axes, "reference": trace, "traces": lambda: [trace()]},
        "bifurcation": {
            "ax": axes,
            "step_sizes": value([0.1]),
            "traces": lambda: [trace()],
            "last": 2,
        },
        "basins": {
            "ax": axes,
            "starts": value([0.0, 1.0]),
            "limits": value([0.0, 1.0]),
            "heights": value([0.0, 0.0]),
        },
        "overview": {"objective": objective, "traces": trace},
        "save_picture": {"figure": Figure, "path": "walk.png"},
        "use_book_style": {},
    }
    for name, valid in plots.items():
        yield f"plots.{name}", _call(_named(name, "plots"), **valid)
    yield (
        "plots.values",
        _call(
            _named("values", "plots"),
            by_position="expression variables grid",
            expression=x**2,
            variables=value([x]),
            grid=value(np.zeros(2)),
        ),
    )
    yield "diagrams.flow", _call(_named("flow", "diagrams"), ax=axes, graph=graph)
    yield (
        "diagrams.network",
        _call(
            _named("network", "diagrams"),
            ax=axes,
            widths=value([2, 2]),
            ellipsis=False,
            weights=False,
        ),
    )
    array = value([[0.0, 2.0], [3.0, 0.0]])
    arrays = value([[[0.0, 2.0], [3.0, 0.0]]])
    array_plots = {
        "cell_text": {"ax": axes, "row": 0, "column": 0, "text": "a"},
        "numbers": {"ax": axes, "array": array, "form": ".0f"},
        "gray": {"ax": axes, "array": array},
        "array_as_text": {"ax": axes, "array": array, "form": ".0f", "title": ""},
        "grid_of_arrays": {
            "axes": lambda: [axes()],
            "arrays": arrays,
            "form": None,
            "titles": value(["a"]),
            "fontsize": 6,
        },
        "convolution_walk": {
            "figure": Figure,
            "image": value([[1.0]]),
            "kernel": value([[1.0]]),
        },
        "responses": {"figure": Figure, "image": array, "kernels": arrays, "outputs": arrays},
    }
    for name, valid in array_plots.items():
        yield f"array_plots.{name}", _call(_named(name, "array_plots"), **valid)


def _exercises() -> Iterator[tuple[str, Call]]:
    yield "exercise", _call(_named("exercise"), id="09.1")
    ids = {each.kind: id for id, each in sl.exercises.items()}
    for kind, id in ids.items():
        valid = {"answer": value(str(sl.exercise(id).right))}
        yield f"Exercise.check, {kind}", _call(_method(partial(sl.exercise, id), "check"), **valid)
    yield "Exercise.hint", _call(_method(partial(sl.exercise, "09.1"), "hint"), number=1)
    yield "exercises.of_lesson", _call(_method(lambda: sl.exercises, "of_lesson"), number=9)


def _networks() -> Iterator[tuple[str, Call]]:
    for name, make, by_position, valid in walk_nn.rows():
        yield name, Call(make, valid, tuple(by_position.split()))


CALLS = {
    name: call
    for group in (
        _functions,
        _methods,
        _objectives,
        _runs,
        _theory,
        _studies,
        _pictures,
        _networks,
        _exercises,
    )
    for name, call in group()
}
"""A valid call of every public callable, and of every public method that takes something."""

ELSEWHERE = {
    "Trace": "its fields come from runs and from files, which tests/engine/test_trace.py damages",
    "problems": "a table",
    "rules": "a table",
    "errata": "a table",
    "derivations": "a table",
    "exercises": "a table",
    "statuses": "a table",
    "nn.ACTIVATIONS": "a table",
    "nn.LOSSES": "a table",
    "nn.images.KERNELS": "a table",
    "nn.History": "its fields come from a fit",
    "nn.Summary": "its fields come from a model",
    "nn.hinge": "has no probabilities to clip, and refuses every call",
    "nn.squared_error": "the same",
    "CallbackError": "an exception, which tests/engine raises",
}
"""Public names that the walk leaves to other tests, and why."""


class Spoken:
    """An object whose words, in every form, are the payload."""

    def __repr__(self) -> str:
        return PAYLOAD

    __str__ = __repr__


class Converted(Spoken):
    """One that also answers with the payload where SymPy or NumPy ask what it is."""

    def _sympy_(self) -> str:
        return PAYLOAD

    def item(self) -> str:
        """Answer as a NumPy scalar would."""
        return PAYLOAD


def payloads() -> dict[str, Any]:
    """Text that would run if it were evaluated, in everything that can hold it."""
    held = np.empty(1, dtype=object)
    held[0] = PAYLOAD
    return {
        "text": PAYLOAD,
        "list": [PAYLOAD],
        "two in a list": [PAYLOAD, PAYLOAD],
        "tuple": (PAYLOAD,),
        "nested": [[(PAYLOAD,)]],
        "set": {PAYLOAD},
        "frozenset": frozenset([PAYLOAD]),
        "dict key": {PAYLOAD: 1},
        "dict value": {"x": PAYLOAD},
        "dict of symbols": {x: PAYLOAD, y: PAYLOAD},
        "array": np.array([PAYLOAD]),
        "0-d array": np.array(PAYLOAD),
        "0-d array of objects": np.array(PAYLOAD, dtype=object),
        "array of objects": held,
        "array of objects, 2-d": held.reshape(1, 1),
        "NumPy text": np.str_(PAYLOAD),
        "bytes": PAYLOAD.encode(),
        "bytearray": bytearray(PAYLOAD, "ascii"),
        "Series": pd.Series([PAYLOAD]),
        "DataFrame": pd.DataFrame({"x": [PAYLOAD]}),
        "object": Spoken(),
        "object in a list": [Spoken()],
        "object that converts": Converted(),
        "objects that convert, in a list": [Converted(), Converted()],
        "symbol of that name": sp.Symbol(PAYLOAD),
        "function of that name": sp.Function(PAYLOAD)(x),
        "indexed of that name": sp.IndexedBase(PAYLOAD)[0],
    }


def nonsense() -> dict[str, Any]:
    """What people give by mistake, and what fuzzers give."""
    return {
        "None": None,
        "True": True,
        "negative": -1,
        "zero": 0,
        "half": 0.5,
        "nan": float("nan"),
        "infinity": float("inf"),
        "huge integer": 10**400,
        "large integer": 10**12,
        "complex": 1j,
        "I": sp.I,
        "zoo": sp.zoo,
        "SymPy nan": sp.nan,
        "fraction": Fraction(1, 3),
        "text": "nonsense",
        "empty text": "",
        "long text": "n" * 5000,
        "text of lines": "a\nb",
        "NUL": "a\0b",
        "bytes": b"bytes",
        "empty list": [],
        "empty dict": {},
        "empty array": np.array([]),
        "list of None": [None],
        "list of nan": [float("nan")],
        "long list": list(range(1000)),
        "range": range(10**12),
        "endless range": range(10**30),
        "nested": [[1], [2, 3]],
        "array": np.array([1.0, 2.0, 3.0]),
        "matrix": np.ones((3, 3)),
        "complex array": np.array([1j]),
        "array of objects": np.array([object()]),
        "masked": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
        "date": datetime.date(2020, 1, 1),
        "structured": np.zeros(1, dtype=[("a", float)]),
        "Series": pd.Series([1.0, 2.0]),
        "DataFrame": pd.DataFrame({"a": [1.0], "b": ["text"]}),
        "dict": {"a": 1},
        "set": {1, 2},
        "generator": (each for each in [1, 2]),
        "endless": count(),
        "function": len,
        "class": int,
        "module": np,
        "object": object(),
        "symbol": sp.Symbol("q"),
        "equation": sp.Eq(x, 1),
        "Matrix": sp.Matrix([[1, x], [2, 3], [4, 5]]),
        "path": Path("nowhere"),
        "Ellipsis": ...,
        "axes": axes(),
    }


NOT_OURS = {
    ("callback", "function"): "what a user's own function raises is the user's",
    ("callback", "class"): "the same",
    ("report", "class"): "the same",
    ("fused", "True"): "legal, and a compilation; tests/engine/test_fused.py runs it",
}
"""What the walk leaves out, by argument and what it is given, and why."""


class TooLong(BaseException):
    """A call took longer than a user would wait."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """End the block with `TooLong` after so many seconds."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def complaints(name: str, argument: str, given: str, value: object) -> list[str]:
    """Call with one argument replaced; return what is wrong with the answer, if anything."""
    where = f"{name}({argument}={given})"
    if (argument, given) in NOT_OURS:
        return []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            with limited(SECONDS):
                CALLS[name].with_argument(argument, value)
        except TooLong:
            return [f"{where}: took longer than {SECONDS} s"]
        except Exception as error:
            return [f"{where}: {fault}" for fault in faults(error, argument)]
    return [f"{where}: warned {each.category.__name__}: {each.message}" for each in warned]


FILES = ("file", "path", "source")
"""Arguments that are files; those that cannot be read or written are an OSError."""


def faults(error: Exception, argument: str) -> list[str]:
    """Return what keeps an error from being a good answer to a user."""
    told, shown = str(error), f"{type(error).__name__}: {error}"[:300]
    place = traceback.extract_tb(error.__traceback__)[-1].filename
    if isinstance(error, OSError) and argument in FILES:
        argument = repr(error.filename)  # what cannot be read or written is named
    elif type(error) not in (TypeError, ValueError) and not isinstance(error, ValueError):
        return [f"not a TypeError or ValueError: {shown}"]
    checks = {
        "leaked from outside": "symlab/" in Path(place).as_posix(),
        "more than a line": "\n" not in told,
        f"{len(told)} characters": len(told) < LONGEST,
        "does not name the argument": any(word in told for word in words_for(argument)),
    }
    return [f"{fault}: {shown}" for fault, good in checks.items() if not good]


SPOKEN_OF = {
    "z": ("argument",), "a": ("argument",), "b": ("argument",), "c": ("argument",),
    "x": ("argument",), "text": ("formula",), "rule": ("method",), "formula": ("statement",),
    "precisions": ("precision",), "path": ("format",), "id": ("figure", "exercise"), "X": ("y:",),
    "name": ("derivation", "ulp_case"), "step_sizes": ("traces",), "starts": ("heights", "limits"),
    "grid": ("grids",), "stable": ("precisions",), "systems": ("backend",), "max_steps": ("steps",),
    "high": ("low",), "objectives": ("objective",), "methods": ("method",),
}  # fmt: skip
"""Other words by which a message may name an argument: what it is, or what does not fit it."""


def words_for(argument: str) -> tuple[str, ...]:
    """Return the words of which a message must have one."""
    return (argument, *SPOKEN_OF.get(argument, ()))


ARGUMENTS = [(name, argument) for name, call in CALLS.items() for argument in call.valid]
"""Every argument of every callable."""
