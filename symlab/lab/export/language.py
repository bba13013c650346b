"""What differs from one programming language to the next where SymPy's expressions are printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DIRECT = (
    *("exp", "log", "log1p", "expm1", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "hypot"),
)
"""Functions that each of the languages has under SymPy's own name."""

OURS = (
    *("sigmoid", "softplus", "relu", "softsign", "hinge", "xlogx", "logcosh", "logsinh"),
    *("log1mexp", "logexpm1", "logit", "logquotient", "logdifference", "xlogquotient", "lineless"),
    *("logsumexp", "cot", "sec", "csc", "coth", "sech", "csch", "sinc"),
)
"""Functions of the field, which keep their digits; a helper evaluates each, under its own name."""


@dataclass(frozen=True, eq=False)
class Language:
    """How one language writes numbers, functions and conditions.

    Parameters
    ----------
    name : str
        As people write it.
    functions : mapping of str to str
        What evaluates a function, by the name of its SymPy class.
    conditional : str
        A choice of `{yes}` and `{no}` by `{test}`.
    root, power, whole_power : str
        A square root, any power, and one with a small whole exponent.
    both, either, negated, equal, unequal : str
        The words and signs of conditions.
    infinity, nan : str
        The numbers that are none.
    decimal : str
        What makes a whole number a float in a quotient of two.
    in_pairs : frozenset of str
        Functions of two arguments there that SymPy has of many.
    """

    name: str
    functions: Mapping[str, str]
    conditional: str = "({test} ? {yes} : {no})"
    root: str = "sqrt({base})"
    power: str = "pow({base}, {exponent})"
    whole_power: str = "pow({base}, {exponent})"
    both: str = " && "
    either: str = " || "
    negated: str = "!"
    equal: str = "=="
    unequal: str = "!="
    infinity: str = "INFINITY"
    nan: str = "NAN"
    decimal: str = ""
    in_pairs: frozenset[str] = field(default_factory=frozenset)


_ours = {name: name for name in OURS}

C = Language(
    "C",
    {name: name for name in DIRECT}
    | _ours
    | {"Abs": "fabs", "ceiling": "ceil", "sign": "sign", "Max": "larger", "Min": "smaller"}
    | {"Mod": "modulo"}
    | {"Heaviside": "heaviside", "DiracDelta": "pulse"}
    | {"erf": "erf", "erfc": "erfc", "gamma": "tgamma", "loggamma": "lgamma"},
    decimal=".0",
    in_pairs=frozenset({"Max", "Min", "hypot", "logsumexp"}),
)

PYTHON = Language(
    "Python",
    {name: f"math.{name}" for name in DIRECT}
    | _ours
    | {"Abs": "abs", "ceiling": "math.ceil", "sign": "sign", "Max": "larger", "Min": "smaller"}
    | {"Mod": "modulo"}
    | {"Heaviside": "heaviside", "DiracDelta": "pulse"}
    | {"erf": "math.erf", "erfc": "math.erfc", "gamma": "math.gamma", "loggamma": "math.lgamma"}
    | {"softmax": "softmax"},
    conditional="({yes} if {test} else {no})",
    root="math.sqrt({base})",
    power="math.pow({base}, {exponent})",
    whole_power="{base}**{exponent}",
    both=" and ",
    either=" or ",
    negated="not ",
    infinity="math.inf",
    nan="math.nan",
    in_pairs=frozenset({"Max", "Min"}),
)

JAVASCRIPT = Language(
    "JavaScript",
    {name: f"Math.{name}" for name in DIRECT}
    | _ours
    | {"Abs": "Math.abs", "ceiling": "Math.ceil", "sign": "Math.sign"}
    | {
        "Mod": "modulo",
        "Max": "Math.max",
        "Min": "Math.min",
        "Heaviside": "step",
        "DiracDelta": "pulse",
    }
    | {"softmax": "softmax"},
    root="Math.sqrt({base})",
    power="Math.pow({base}, {exponent})",
    # Whole powers are products: their rounding is then the same in every browser.
    whole_power="power({base}, {exponent})",
    equal="===",
    unequal="!==",
    infinity="Infinity",
    nan="NaN",
)
