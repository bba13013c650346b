"""symlab: write the mathematics once; derive it, run it exactly, compile it, compare.

Public names in reading order. What is stated needs only SymPy and comes at once; what runs and
what is learnt from runs brings PyTensor, pandas and Matplotlib, and is imported when first used.
"""

import symlab.command  # noqa: F401, I001 (first: the imports below take a second, and Ctrl-C may come)
from importlib import import_module
from threading import RLock
from typing import Any

from symlab.algebra import schedules
from symlab.algebra.directions import bfgs, newton, steepest
from symlab.algebra.formula import parse
from symlab.algebra.functions import (
    hinge,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    softplus,
    softsign,
    xlogx,
)
from symlab.algebra.method import method
from symlab.algebra.momentum_forms import (
    accumulated_momentum,
    averaged_momentum,
    printed_momentum,
)
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS as problems
from symlab.algebra.risk import EmpiricalRisk
from symlab.algebra.rules import (
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    gradient_descent,
    momentum,
    nadam,
    nesterov,
    rmsprop,
)
from symlab.algebra.searches import armijo, backtracking, exact_line_search, fixed

__version__ = "0.1.0"

_LATER = {
    "analyze": "symlab.algebra.theory",
    "polyak_optimum": "symlab.algebra.tuning",
    "nesterov_standard": "symlab.algebra.tuning",
    "noise_formula": "symlab.algebra.noise",
    "gradient_noise": "symlab.algebra.noise",
    "derive": "symlab.algebra.derivations",
    "Derivation": "symlab.algebra.derivation",
    "Step": "symlab.algebra.derivation",
    "smooth": "symlab.algebra.abstract",
    "compile": "symlab.engine.compiled",
    "minimize": "symlab.engine.minimize",
    "draw_batches": "symlab.engine.batches",
    "Trace": "symlab.engine.trace",
    "computation_graph": "symlab.engine.graph",
    "nn": "symlab.nn",
    "stabilize": "symlab.engine.stable",
    "explain": "symlab.engine.stable",
    "noise_floor": "symlab.study.noise_floor",
    "predicted_and_measured": "symlab.study.prediction",
    "accuracy": "symlab.study.accuracy",
    "meter": "symlab.study.meter",
    "compare": "symlab.study.compare",
    "compare_training": "symlab.study.training_comparison",
    "verify": "symlab.study.verify",
    "save_figure": "symlab.study.figures",
    "data": "symlab.study.data",
    "plots": "symlab.study.plots",
    "diagrams": "symlab.study.diagrams",
    "panels": "symlab.study.panels",
}

__all__ = [
    "Objective", "EmpiricalRisk", "parse", "problems",
    "sigmoid", "softplus", "relu", "softsign", "hinge", "logsumexp", "softmax", "xlogx",
    "gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta",
    "adam", "adamax", "nadam", "amsgrad", "adamw", "schedules",
    "accumulated_momentum", "averaged_momentum", "printed_momentum",
    "steepest", "newton", "bfgs", "fixed", "backtracking", "armijo", "exact_line_search", "method",
    *_LATER,
]  # fmt: skip


_IMPORTING = RLock()
"""Held while a part is imported: two threads at once would see PyTensor half imported."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'symlab' has no attribute {name!r}")
    with _IMPORTING:
        module = import_module(_LATER[name])
    value = (
        module
        if _LATER[name].endswith(f".{name}") and not hasattr(module, name)
        else getattr(module, name)
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
