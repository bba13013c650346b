"""A risk as functions of a program: of one sample, of the penalty, and of all in a loop."""

from collections.abc import Sequence

from sympy import Expr

from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.lab.export.formula import fill, statements
from symlab.lab.export.language import JAVASCRIPT, PYTHON, C, Language
from symlab.lab.export.names import Names
from symlab.lab.export.program import (
    Argument,
    Function,
    Give,
    Let,
    Loop,
    Plain,
    Set,
    Statement,
)


def risk_functions(
    risk: EmpiricalRisk, name: str, language: Language, *, hessian: bool = False
) -> list[Function]:
    """Return `name_value` and `name_gradient` over arrays of data, and those of one sample.

    Parameters
    ----------
    risk : EmpiricalRisk
        Its constants, where it has some, are arguments after the data.
    name : str
        What the functions' names begin with.
    language : Language
    hessian : bool
        Whether second derivatives are wanted.

    Raises
    ------
    ValueError
        If the language has no counterpart of a part.
    """
    writer = _Writer(risk, name, language)
    kinds = ["value", "gradient", *["hessian"] * hessian]
    found = [writer.of_sample(kind) for kind in kinds]
    if risk.penalty:
        found += [writer.of_penalty(kind) for kind in kinds]
    return [*found, *(writer.of_all(kind) for kind in kinds)]


class _Writer:
    """Writes the functions of one risk in one language."""

    def __init__(self, risk: EmpiricalRisk, name: str, language: Language) -> None:
        functions = (f"{name}_{part}_{kind}" for part in ("sample", "penalty") for kind in _ORDER)
        names = Names({*functions, *_LOCAL})
        self.risk, self.name, self.language = risk, name, language
        symbols = (*risk.parameters, *risk.data, *risk.constants)
        self.places = {symbol: names.give(symbol.name) for symbol in symbols}
        self.point = Argument("point", "read", str(risk.dimension))
        self.data = [self.places[symbol] for symbol in risk.data]
        self.constants = [self.places[symbol] for symbol in risk.constants]

    def of_sample(self, kind: str) -> Function:
        """Return the function of one sample."""
        rows = {
            "value": [self.risk.loss],
            "gradient": list(self.risk.gradient),
            "hessian": list(self.risk.hessian) if kind == "hessian" else [],
        }
        taken = tuple(Argument(each, "number") for each in (*self.data, *self.constants))
        summary = f"The {_SAID[kind]} of the loss of one sample."
        return self._function(f"{self.name}_sample_{kind}", summary, taken, kind, rows[kind])

    def of_penalty(self, kind: str) -> Function:
        """Return the function of the penalty."""
        rows = self.risk.penalty_derivatives(_ORDER[kind])
        taken = tuple(Argument(each, "number") for each in self.constants)
        summary = f"The {_SAID[kind]} of the penalty."
        return self._function(f"{self.name}_penalty_{kind}", summary, taken, kind, rows)

    def _function(
        self, name: str, summary: str, taken: tuple[Argument, ...], kind: str, rows: Sequence[Expr]
    ) -> Function:
        reads = {p: f"point[{i}]" for i, p in enumerate(self.risk.parameters)}
        if kind == "value":
            body = statements(rows, self.language, self.places, reads, lambda texts: Give(texts[0]))
            return Function(name, summary, (self.point, *taken), body, "number")
        body = statements(rows, self.language, self.places, reads, fill)
        return Function(name, summary, (self.point, *taken, self._filled(kind)), body)

    def _filled(self, kind: str) -> Argument:
        return Argument(kind, "filled", str(self.risk.dimension ** _ORDER[kind]))

    def of_all(self, kind: str) -> Function:
        """Return the function of all samples, a loop over the data."""
        taken = (
            self.point,
            Argument("samples", "count"),
            *(Argument(each, "read") for each in self.data),
            *(Argument(each, "number") for each in self.constants),
        )
        summary = f"The {_SAID[kind]} of the {self.risk.reduction} of the losses of all samples"
        summary += ", with the penalty." if self.risk.penalty else "."
        count = _count(self.data[0])
        if kind == "value":
            body = (*count, *self._total())
            return Function(f"{self.name}_value", summary, taken, body, "number")
        return Function(
            f"{self.name}_{kind}",
            summary,
            (*taken, self._filled(kind)),
            (*count, *self._totals(kind)),
        )

    def _total(self) -> list[Statement]:
        total = "total/samples" if self.risk.reduction == "mean" else "total"
        if self.risk.penalty:
            total += f" + {self._call('penalty_value', ['point', *self.constants])}"
        added = Set("total", self._call("sample_value", self._sample()), "+=")
        return [Let("total", "0.0", changes=True), Loop("i", "samples", (added,)), Give(total)]

    def _totals(self, kind: str) -> list[Statement]:
        size = str(self.risk.dimension ** _ORDER[kind])
        found: list[Statement] = [
            _zeros(kind, size),
            Loop("i", "samples", (*self._added(f"sample_{kind}", self._sample(), kind, size),)),
        ]
        if self.risk.reduction == "mean":
            found.append(Loop("j", size, (Set(f"{kind}[j]", "samples", "/="),)))
        if self.risk.penalty:
            found += self._added(f"penalty_{kind}", ["point", *self.constants], kind, size)
        return [*found, Plain({PYTHON: f"return {kind}", JAVASCRIPT: f"return {kind};"})]

    def _added(self, function: str, arguments: list[str], kind: str, size: str) -> list[Statement]:
        """Return the statements that add what a function gives, entry by entry."""
        call = self._call(function, arguments)
        part = function.split("_")[0]
        filled = Plain(
            {
                C: f"double {part}[{size}];\n{call[:-1]}, {part});",
                PYTHON: f"{part} = {call}",
                JAVASCRIPT: f"const {part} = {call};",
            }
        )
        return [filled, Loop("j", size, (Set(f"{kind}[j]", f"{part}[j]", "+="),))]

    def _sample(self) -> list[str]:
        return ["point", *(f"{each}[i]" for each in self.data), *self.constants]

    def _call(self, function: str, arguments: list[str]) -> str:
        return f"{self.name}_{function}({', '.join(arguments)})"


_ORDER = {"value": 0, "gradient": 1, "hessian": 2}
_LOCAL = ("samples", "sample", "total", "penalty", "i", "j")
_SAID = {"value": "value", "gradient": "gradient", "hessian": "Hessian, row by row,"}


def _count(first: str) -> list[Statement]:
    """Return the statement by which languages other than C find the number of samples."""
    return [
        Plain({PYTHON: f"samples = len({first})", JAVASCRIPT: f"const samples = {first}.length;"})
    ]


def _zeros(name: str, size: str) -> Statement:
    """Return the statement that makes an array of zeros, or of the one that C is given."""
    return Plain(
        {
            C: f"for (int j = 0; j < {size}; ++j) {name}[j] = 0;",
            PYTHON: f"{name} = [0.0]*{size}",
            JAVASCRIPT: f"const {name} = new Array({size}).fill(0);",
        }
    )
