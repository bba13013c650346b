"""symlab: write the mathematics once; derive it, run it exactly, compile it, compare.

Public names in reading order. What is stated needs only SymPy and comes at once; what runs and
what is learnt from runs brings PyTensor, pandas and Matplotlib, and is imported when first used.
"""

import symlab.command  # noqa: F401, I001 (first: the imports below take a second, and Ctrl-C may come)
from importlib import import_module
from threading import RLock
from typing import Any

from symlab.methods import schedules
from symlab.methods.directions import bfgs, newton, steepest
from symlab.algebra.formula.parse import parse
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
from symlab.methods.method import method
from symlab.methods.momentum_forms import (
    accumulated_momentum,
    averaged_momentum,
    printed_momentum,
)
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS as problems
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.methods.rules import (
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
from symlab.methods.searches import armijo, backtracking, exact_line_search, fixed

__version__ = "0.1.0"

_LATER = {
    "analyze": "symlab.theory.analyze",
    "polyak_optimum": "symlab.theory.tuning",
    "nesterov_standard": "symlab.theory.tuning",
    "noise_formula": "symlab.theory.gradient_noise",
    "gradient_noise": "symlab.theory.gradient_noise",
    "derive": "symlab.book.derivations.register",
    "Derivation": "symlab.proofs.derivation",
    "Step": "symlab.proofs.derivation",
    "smooth": "symlab.proofs.unknowns",
    "compile": "symlab.engine.compiled.functions",
    "minimize": "symlab.engine.minimize",
    "Sampling": "symlab.engine.batches",
    "Recording": "symlab.engine.run",
    "CallbackError": "symlab.engine.recording",
    "draw_batches": "symlab.engine.batches",
    "Trace": "symlab.engine.trace",
    "computation_graph": "symlab.engine.computation_graph",
    "nn": "symlab.nn",
    "stabilize": "symlab.engine.lowering.stabilize",
    "explain": "symlab.engine.lowering.stabilize",
    "noise_floor": "symlab.lab.noise_floor",
    "predicted_and_measured": "symlab.lab.rates",
    "accuracy": "symlab.lab.accuracy.accuracy",
    "meter": "symlab.lab.accuracy.cases",
    "compare": "symlab.lab.compare.compare",
    "compare_training": "symlab.lab.compare.compare_training",
    "verify": "symlab.lab.verify.verify",
    "save_figure": "symlab.book.figures.saving",
    "data": "symlab.book.data",
    "plots": "symlab.lab.plots.runs",
    "diagrams": "symlab.lab.plots.diagrams",
    "panels": "symlab.lab.plots.arrays",
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


_MODULES = {"nn", "data", "plots", "diagrams", "panels"}
"""Public names that are modules."""

_IMPORTING = RLock()
"""Held while a part is imported: two threads at once would see PyTensor half imported."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'symlab' has no attribute {name!r}")
    with _IMPORTING:
        module = import_module(_LATER[name])
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
