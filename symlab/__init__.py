"""symlab: write the mathematics once; derive it, run it exactly, compile it, compare.

Public names in reading order. Each is imported when it is first used: what is stated needs only
SymPy, what runs brings PyTensor, and what is drawn Matplotlib.
"""

import symlab.early_interrupt  # noqa: F401, I001 (first: what comes later takes a second)
from threading import RLock
from typing import TYPE_CHECKING
from warnings import warn

if TYPE_CHECKING:  # what editors and mypy read; the same names as in _LATER, which a test compares
    from symlab import nn
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
    from symlab.algebra.objective import Objective
    from symlab.algebra.problems import PROBLEMS as problems
    from symlab.algebra.risk.regression import least_squares
    from symlab.algebra.risk.risk import EmpiricalRisk
    from symlab.book import data
    from symlab.book.derivations.register import DERIVATIONS as derivations
    from symlab.book.derivations.register import derive
    from symlab.book.errata.register import ERRATA as errata
    from symlab.book.exercises.register import EXERCISES as exercises
    from symlab.book.exercises.register import find_exercise as exercise
    from symlab.book.figures.saving import save_figure
    from symlab.book.momentum_printed import printed_momentum
    from symlab.engine.batches import Sampling, draw_batches
    from symlab.engine.compiled.functions import compile
    from symlab.engine.computation_graph import computation_graph
    from symlab.engine.lowering.stabilize import explain, stabilize
    from symlab.engine.minimize import minimize
    from symlab.engine.recording import CallbackError
    from symlab.engine.run import Recording
    from symlab.engine.statuses import STATUSES as statuses
    from symlab.engine.trace import Trace
    from symlab.lab import plots
    from symlab.lab.accuracy.cases import ulp_case
    from symlab.lab.accuracy.ulp_error import ulp_error
    from symlab.lab.compare.compare import compare
    from symlab.lab.compare.compare_training import compare_training
    from symlab.lab.compiled_view.view import compiled_view
    from symlab.lab.estimators import RiskClassifier, RiskRegressor
    from symlab.lab.explorer.explorer import explore
    from symlab.lab.explorer.network import explore_network
    from symlab.lab.export.export import to_c, to_javascript, to_python
    from symlab.lab.noise_floor import noise_floor
    from symlab.lab.plots import arrays as array_plots
    from symlab.lab.plots import diagrams
    from symlab.lab.race.race import race
    from symlab.lab.rates import predicted_and_measured
    from symlab.lab.sweep.sweep import sweep
    from symlab.lab.verify.verify import verify
    from symlab.methods import schedules
    from symlab.methods.directions import (
        barzilai_borwein_long,
        barzilai_borwein_short,
        bfgs,
        dai_yuan,
        fletcher_reeves,
        hestenes_stiefel,
        l_bfgs,
        modified_newton,
        newton,
        polak_ribiere,
        scaled_bfgs,
        steepest,
    )
    from symlab.methods.method import method
    from symlab.methods.momentum_forms import accumulated_momentum, averaged_momentum
    from symlab.methods.rule import Rule
    from symlab.methods.rule_variants import rule_variants
    from symlab.methods.rules import RULES as rules
    from symlab.methods.rules import (
        adabelief,
        adadelta,
        adagrad,
        adam,
        adamax,
        adamw,
        amsgrad,
        gradient_descent,
        lion,
        momentum,
        nadam,
        nesterov,
        radam,
        rmsprop,
        signsgd,
        signum,
        yogi,
    )
    from symlab.methods.searches import (
        armijo,
        backtracking,
        exact_line_search,
        fixed,
        goldstein,
        nonmonotone,
        strong_wolfe,
    )
    from symlab.methods.squares import (
        gauss_newton,
        levenberg_marquardt,
        variable_projection,
    )
    from symlab.methods.trust_regions import dogleg, trust_region, two_dimensional_subspace
    from symlab.proofs.derivation import Derivation, Step
    from symlab.proofs.unknowns import smooth
    from symlab.theory.analyze import analyze
    from symlab.theory.certify import certify
    from symlab.theory.gradient_noise import gradient_noise, noise_formula
    from symlab.theory.polish import polish
    from symlab.theory.stationary import stationary_points
    from symlab.theory.tuning import nesterov_standard, polyak_optimum

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022 (in reading order)
    "Objective", "EmpiricalRisk", "least_squares", "parse", "problems",
    "sigmoid", "softplus", "relu", "softsign", "hinge", "logsumexp", "softmax", "xlogx",
    "gradient_descent", "momentum", "nesterov", "signsgd", "signum", "lion",
    "adagrad", "rmsprop", "adadelta", "adam", "adamax", "nadam", "amsgrad", "adamw",
    "radam", "adabelief", "yogi", "rules", "Rule", "rule_variants", "schedules",
    "accumulated_momentum", "averaged_momentum", "printed_momentum",
    "steepest", "newton", "modified_newton", "bfgs", "scaled_bfgs", "l_bfgs",
    "fletcher_reeves", "polak_ribiere", "hestenes_stiefel", "dai_yuan",
    "barzilai_borwein_long", "barzilai_borwein_short",
    "fixed", "backtracking", "armijo", "goldstein", "strong_wolfe", "nonmonotone",
    "exact_line_search", "method", "gauss_newton", "levenberg_marquardt",
    "variable_projection", "trust_region", "dogleg", "two_dimensional_subspace",
    "analyze", "stationary_points", "certify", "polish", "polyak_optimum", "nesterov_standard",
    "noise_formula", "gradient_noise", "derive", "derivations", "Derivation", "Step", "smooth",
    "errata", "compile", "minimize", "Sampling", "Recording", "CallbackError", "draw_batches",
    "Trace", "statuses", "exercise", "exercises",
    "computation_graph", "nn", "stabilize", "explain", "compiled_view", "noise_floor",
    "predicted_and_measured", "sweep", "race",
    "ulp_error", "ulp_case", "compare", "compare_training", "verify", "explore", "explore_network",
    "to_c", "to_python", "to_javascript", "RiskClassifier", "RiskRegressor",
    "save_figure", "data", "plots", "diagrams", "array_plots",
]  # fmt: skip

_LATER = {
    "accumulated_momentum": "symlab.methods.momentum_forms:accumulated_momentum",
    "adabelief": "symlab.methods.rules:adabelief",
    "adadelta": "symlab.methods.rules:adadelta",
    "adagrad": "symlab.methods.rules:adagrad",
    "adam": "symlab.methods.rules:adam",
    "adamax": "symlab.methods.rules:adamax",
    "adamw": "symlab.methods.rules:adamw",
    "amsgrad": "symlab.methods.rules:amsgrad",
    "analyze": "symlab.theory.analyze:analyze",
    "armijo": "symlab.methods.searches:armijo",
    "array_plots": "symlab.lab.plots.arrays:",
    "averaged_momentum": "symlab.methods.momentum_forms:averaged_momentum",
    "backtracking": "symlab.methods.searches:backtracking",
    "barzilai_borwein_long": "symlab.methods.directions:barzilai_borwein_long",
    "barzilai_borwein_short": "symlab.methods.directions:barzilai_borwein_short",
    "bfgs": "symlab.methods.directions:bfgs",
    "CallbackError": "symlab.engine.recording:CallbackError",
    "certify": "symlab.theory.certify:certify",
    "compare": "symlab.lab.compare.compare:compare",
    "compare_training": "symlab.lab.compare.compare_training:compare_training",
    "compile": "symlab.engine.compiled.functions:compile",
    "compiled_view": "symlab.lab.compiled_view.view:compiled_view",
    "computation_graph": "symlab.engine.computation_graph:computation_graph",
    "dai_yuan": "symlab.methods.directions:dai_yuan",
    "data": "symlab.book.data:",
    "Derivation": "symlab.proofs.derivation:Derivation",
    "derivations": "symlab.book.derivations.register:DERIVATIONS",
    "derive": "symlab.book.derivations.register:derive",
    "diagrams": "symlab.lab.plots.diagrams:",
    "dogleg": "symlab.methods.trust_regions:dogleg",
    "draw_batches": "symlab.engine.batches:draw_batches",
    "EmpiricalRisk": "symlab.algebra.risk.risk:EmpiricalRisk",
    "errata": "symlab.book.errata.register:ERRATA",
    "exact_line_search": "symlab.methods.searches:exact_line_search",
    "exercise": "symlab.book.exercises.register:find_exercise",
    "exercises": "symlab.book.exercises.register:EXERCISES",
    "explain": "symlab.engine.lowering.stabilize:explain",
    "explore": "symlab.lab.explorer.explorer:explore",
    "explore_network": "symlab.lab.explorer.network:explore_network",
    "fixed": "symlab.methods.searches:fixed",
    "fletcher_reeves": "symlab.methods.directions:fletcher_reeves",
    "gauss_newton": "symlab.methods.squares:gauss_newton",
    "goldstein": "symlab.methods.searches:goldstein",
    "gradient_descent": "symlab.methods.rules:gradient_descent",
    "gradient_noise": "symlab.theory.gradient_noise:gradient_noise",
    "hestenes_stiefel": "symlab.methods.directions:hestenes_stiefel",
    "hinge": "symlab.algebra.functions:hinge",
    "l_bfgs": "symlab.methods.directions:l_bfgs",
    "least_squares": "symlab.algebra.risk.regression:least_squares",
    "levenberg_marquardt": "symlab.methods.squares:levenberg_marquardt",
    "lion": "symlab.methods.rules:lion",
    "logsumexp": "symlab.algebra.functions:logsumexp",
    "method": "symlab.methods.method:method",
    "minimize": "symlab.engine.minimize:minimize",
    "modified_newton": "symlab.methods.directions:modified_newton",
    "momentum": "symlab.methods.rules:momentum",
    "nadam": "symlab.methods.rules:nadam",
    "nesterov": "symlab.methods.rules:nesterov",
    "nesterov_standard": "symlab.theory.tuning:nesterov_standard",
    "newton": "symlab.methods.directions:newton",
    "nn": "symlab.nn:",
    "noise_floor": "symlab.lab.noise_floor:noise_floor",
    "noise_formula": "symlab.theory.gradient_noise:noise_formula",
    "nonmonotone": "symlab.methods.searches:nonmonotone",
    "Objective": "symlab.algebra.objective:Objective",
    "parse": "symlab.algebra.formula.parse:parse",
    "plots": "symlab.lab.plots:",
    "polak_ribiere": "symlab.methods.directions:polak_ribiere",
    "polish": "symlab.theory.polish:polish",
    "polyak_optimum": "symlab.theory.tuning:polyak_optimum",
    "predicted_and_measured": "symlab.lab.rates:predicted_and_measured",
    "printed_momentum": "symlab.book.momentum_printed:printed_momentum",
    "problems": "symlab.algebra.problems:PROBLEMS",
    "radam": "symlab.methods.rules:radam",
    "race": "symlab.lab.race.race:race",
    "Recording": "symlab.engine.run:Recording",
    "relu": "symlab.algebra.functions:relu",
    "RiskClassifier": "symlab.lab.estimators:RiskClassifier",
    "RiskRegressor": "symlab.lab.estimators:RiskRegressor",
    "rmsprop": "symlab.methods.rules:rmsprop",
    "Rule": "symlab.methods.rule:Rule",
    "rule_variants": "symlab.methods.rule_variants:rule_variants",
    "rules": "symlab.methods.rules:RULES",
    "Sampling": "symlab.engine.batches:Sampling",
    "save_figure": "symlab.book.figures.saving:save_figure",
    "scaled_bfgs": "symlab.methods.directions:scaled_bfgs",
    "schedules": "symlab.methods.schedules:",
    "sigmoid": "symlab.algebra.functions:sigmoid",
    "signsgd": "symlab.methods.rules:signsgd",
    "signum": "symlab.methods.rules:signum",
    "smooth": "symlab.proofs.unknowns:smooth",
    "softmax": "symlab.algebra.functions:softmax",
    "softplus": "symlab.algebra.functions:softplus",
    "softsign": "symlab.algebra.functions:softsign",
    "stabilize": "symlab.engine.lowering.stabilize:stabilize",
    "stationary_points": "symlab.theory.stationary:stationary_points",
    "statuses": "symlab.engine.statuses:STATUSES",
    "steepest": "symlab.methods.directions:steepest",
    "Step": "symlab.proofs.derivation:Step",
    "strong_wolfe": "symlab.methods.searches:strong_wolfe",
    "sweep": "symlab.lab.sweep.sweep:sweep",
    "to_c": "symlab.lab.export.export:to_c",
    "to_javascript": "symlab.lab.export.export:to_javascript",
    "to_python": "symlab.lab.export.export:to_python",
    "trust_region": "symlab.methods.trust_regions:trust_region",
    "two_dimensional_subspace": "symlab.methods.trust_regions:two_dimensional_subspace",
    "Trace": "symlab.engine.trace:Trace",
    "ulp_case": "symlab.lab.accuracy.cases:ulp_case",
    "ulp_error": "symlab.lab.accuracy.ulp_error:ulp_error",
    "variable_projection": "symlab.methods.squares:variable_projection",
    "verify": "symlab.lab.verify.verify:verify",
    "xlogx": "symlab.algebra.functions:xlogx",
    "yogi": "symlab.methods.rules:yogi",
}
"""Where each name that is imported later is found: `module:name`, or `module:` for a module."""

_RENAMED = {"accuracy": "ulp_error", "meter": "ulp_case", "panels": "array_plots"}
"""Old names, each with the present one; they work for one more version, and warn."""

_IMPORTING = RLock()
"""Held while a part is imported: two threads at once would see PyTensor half imported."""


if not TYPE_CHECKING:  # a type checker that saw this would accept any name

    def __getattr__(name: str) -> object:
        """Import a name that is used for the first time."""
        new = _RENAMED.get(name, name)
        if new not in _LATER:
            from symlab.checks import nearest

            hint = nearest(name, __all__)
            raise AttributeError(f"module 'symlab' has no attribute {name!r}{hint}")
        if new != name:
            told = f"sl.{name} is now called sl.{new}; the old name goes in the next version."
            warn(told, DeprecationWarning, stacklevel=2)
        from pkgutil import resolve_name

        with _IMPORTING:
            value = resolve_name(_LATER[new])
        globals()[new] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
