"""The house plan as tests: which file may import which, and what no file may contain.

Sources are read, not imported, so that a forbidden import is found before it runs. Every check is
first shown a breach made on purpose, because a check that cannot fail proves nothing.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]

GROUND = ("early_interrupt", "checks", "markup", "budget", "files", "interrupts")
FLOORS = (
    *GROUND,
    "algebra", "methods", "proofs", "theory", "engine", "nn", "lab", "book", "symlab", "cli",
)  # fmt: skip
"""From the ground up; `symlab` is the package's own `__init__`, the list of public names."""

SYMBOLIC = {"sympy", "mpmath", "numpy"}
FOREIGN = {
    **{place: set() for place in GROUND},
    "algebra": SYMBOLIC,
    "algebra/blocks/dask_chunks.py": {"numpy", "dask"},
    "algebra/blocks/parquet.py": {"pyarrow"},
    "algebra/blocks/spread.py": {"numpy", "dask"},
    "methods": SYMBOLIC,
    "proofs": SYMBOLIC,
    "theory": SYMBOLIC,
    "theory/balls/arithmetic.py": SYMBOLIC | {"flint"},
    "theory/separation.py": SYMBOLIC | {"scipy"},
    "engine": SYMBOLIC | {"scipy", "pytensor"},
    "engine/compiled/block_graphs.py": {"numpy", "threadpoolctl"},
    "engine/checksums.py": {"pytensor", "numba"},
    "engine/trace.py": SYMBOLIC | {"pandas", "matplotlib", "xarray"},
    "engine/estimates.py": {"numpy", "pandas"},
    "engine/trial_steps.py": {"numpy", "pandas"},
    "engine/trace_xarray.py": {"numpy", "xarray"},
    "engine/trace_csv.py": SYMBOLIC | {"pandas"},
    "engine/progress.py": {"rich"},
    "engine/lowering/printer.py": {"sympytensor"},
    "nn": SYMBOLIC | {"pytensor"},
    "nn/history.py": SYMBOLIC | {"pandas"},
    "nn/onnx_graph.py": {"numpy", "onnx"},
    "lab": SYMBOLIC | {"scipy", "pandas", "matplotlib"},
    "lab/web/pages.py": {"jinja2"},
    "lab/sweep/block.py": {"numpy", "sympy", "threadpoolctl"},
    "lab/sweep/workers.py": {"joblib"},
    "lab/sweep/from_text.py": {"numpy", "joblib"},
    "lab/sweep/store.py": {"numpy", "sympy", "pyarrow"},
    "lab/estimators.py": {"numpy", "sympy", "sklearn"},
    "book": SYMBOLIC | {"scipy", "pandas", "matplotlib", "sklearn"},
    "book/report/mathml.py": {"latex2mathml"},
    "symlab": set(),
    "cli": {"typer", "rich"},
}
"""Third-party packages a file may import: its own row if it has one, else its floor's."""

CHAPTER = re.compile(r"\b(?:erratum|errata E?\d+|lesson \d+|figure \w+_\d{3})\b|symlab[./]book")
"""How a library file would name the chapter's own content; its sections are sources and may be."""

LESSON = {"numpy", "sympy", "pandas", "matplotlib", "sklearn", "pytensor"}
HEAVY = {"pytensor", "sympytensor", "numba", "jax", "matplotlib", "pandas", "sklearn", "typer"}
EVALUATORS = {"eval", "exec", "__import__", "parse_expr"}

MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|Users|farm)/|python[h]osted|pypi\.org")
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".html", ".css", ".js", ""}


def sources(folder: str) -> dict[str, ast.Module]:
    """Every Python file under a folder of the repository, parsed, by its path in that folder."""
    files = sorted((ROOT / folder).rglob("*.py"))
    return {
        file.relative_to(ROOT / folder).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in files
    }


PACKAGE = sources("symlab")
LESSONS = sources("lessons")
BENCHMARKS = sources("benchmarks")


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything a file imports, wherever in the file it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def floor(place: str) -> str:
    """The floor of a file of the package, from its path within it."""
    first = PurePosixPath(place).parts[0].removesuffix(".py")
    return {"__init__": "symlab", "__main__": "cli"}.get(first, first)


def floor_of_import(name: str) -> str:
    """The floor a dotted name of ours belongs to; a public name belongs to the package itself."""
    inside = name.split(".")[1:]
    return inside[0] if inside and inside[0] in FLOORS else "symlab"


def upward(place: str, tree: ast.Module) -> list[str]:
    """Imports of our own that climb, or that are relative and so hide where they go."""
    own = [name for name in imported(tree) if name.split(".")[0] in {"symlab", ""}]
    here = FLOORS.index(floor(place))
    return [
        name for name in own if name.startswith(".") or FLOORS.index(floor_of_import(name)) > here
    ]


def lost(_: str, tree: ast.Module) -> list[str]:
    """Imports of a file of ours that is not there: mypy passes over what it cannot find."""
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    places = {PurePosixPath(place).with_suffix("").parts for place in PACKAGE}
    known = {("symlab", *place[:n]) for place in places for n in range(len(place) + 1)}
    own = [name for name in modules if name.split(".")[0] == "symlab"]
    return [name for name in own if tuple(name.split(".")) not in known]


def foreign(place: str, tree: ast.Module) -> list[str]:
    """Imports of packages that this file has no business with."""
    allowed = FOREIGN.get(place, FOREIGN[floor(place)]) | sys.stdlib_module_names | {"symlab", ""}
    return [name for name in imported(tree) if name.split(".")[0] not in allowed]


def runners_that_meet(place: str, tree: ast.Module) -> list[str]:
    """Imports by which the exact and the compiled runner would learn of each other."""
    folder = PurePosixPath(place).parent.as_posix()
    other = {"engine/exact": "compiled", "engine/compiled": "exact"}.get(folder)
    forbidden = f"symlab.engine.{other}"
    return [name for name in imported(tree) if name.startswith(forbidden)]


def evaluated(_: str, tree: ast.Module) -> list[str]:
    """Names by which text becomes code; the method `.eval` of a PyTensor variable is not one."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    qualified = [name.split(".")[-1] for name in imported(tree)]
    builtin = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "builtins"
    ]
    return [name for name in names + qualified + builtin if name in EVALUATORS]


def sympified(place: str, tree: ast.Module) -> list[str]:
    """Uses of SymPy's `sympify` outside the gate: given text it evaluates it."""
    if place == "algebra/gate.py":
        return []
    names = [name.split(".")[-1] for name in imported(tree)]
    attributes = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [name for name in names + attributes if name in {"sympify", "_sympify", "nsimplify"}]


def undocumented(place: str, tree: ast.Module) -> list[str]:
    """The file itself, if it does not open by saying what it is."""
    return [] if ast.get_docstring(tree) else [place]


def private(_: str, tree: ast.Module) -> list[str]:
    """What a lesson uses beyond the public names and the libraries a reader knows."""
    allowed = LESSON | sys.stdlib_module_names
    names = list(imported(tree))
    ours = [name for name in names if name.split(".")[0] in {"symlab", ""}]
    strangers = [name for name in names if name not in ours and name.split(".")[0] not in allowed]
    public = re.compile(r"symlab(\.nn)?(\.[A-Za-z]\w*)?")
    hidden = [
        name
        for name in ours
        if not public.fullmatch(name) or name.split(".")[1:2] in [[f] for f in FLOORS if f != "nn"]
    ]
    attributes = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return strangers + hidden + [name for name in attributes if re.match(r"_(?!_)", name)]


def of_the_book(place: str, tree: ast.Module) -> list[str]:
    """Text of a file below the book that names an erratum, a lesson or a figure."""
    if FLOORS.index(floor(place)) >= FLOORS.index("book"):
        return []
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and CHAPTER.search(text)]


CHECKS = [of_the_book, upward, lost, foreign, runners_that_meet, evaluated, sympified, undocumented]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_file_of_the_package_keeps_to_the_plan(check):
    """Imports climb nowhere, stay within the floor's libraries, and no text is ever evaluated."""
    found = {place: check(place, tree) for place, tree in PACKAGE.items()}
    assert {place: breaches for place, breaches in found.items() if breaches} == {}


@pytest.mark.parametrize("place", LESSONS)
def test_a_lesson_needs_nothing_that_a_reader_cannot_have(place):
    """A lesson is what readers copy from: whatever it uses must be public and documented."""
    assert private(place, LESSONS[place]) == []


@pytest.mark.parametrize("place", LESSONS | BENCHMARKS)
def test_every_script_opens_by_saying_what_it_is(place):
    """`symlab list` prints a lesson's title from there."""
    assert undocumented(place, (LESSONS | BENCHMARKS)[place]) == []


@pytest.mark.parametrize(
    "check, place, breach",
    [
        (upward, "methods/rule.py", "from symlab.engine import trace"),
        (upward, "lab/compare/compare.py", "from symlab.book import data"),
        (of_the_book, "lab/rates.py", "'see erratum E22'"),
        (upward, "engine/trace.py", "def late():\n    import symlab.lab.plots.runs"),
        (upward, "lab/compare/compare.py", "from symlab import minimize"),
        (upward, "__init__.py", "from symlab.cli import app"),
        (upward, "nn/model.py", "from . import layers"),
        (lost, "engine/minimize.py", "from symlab.engine.moved_away import trace"),
        (lost, "engine/minimize.py", "import symlab.engine.moved_away"),
        (foreign, "engine/compiled/functions.py", "from sympytensor import as_tensor"),
        (foreign, "engine/minimize.py", "import pandas as pd"),
        (foreign, "theory/analyze.py", "import pytensor.tensor as pt"),
        (foreign, "cli/app.py", "import sympy"),
        (foreign, "__init__.py", "import numpy"),
        (
            runners_that_meet,
            "engine/exact/run.py",
            "from symlab.engine.compiled.stepwise import run_stepwise",
        ),
        (runners_that_meet, "engine/compiled/stepwise.py", "from symlab.engine import exact"),
        (evaluated, "cli/app.py", "eval('1 + 1')"),
        (evaluated, "cli/app.py", "import builtins\nbuiltins.exec('')"),
        (evaluated, "cli/app.py", "from sympy.parsing.sympy_parser import parse_expr"),
        (sympified, "algebra/risk/risk.py", "from sympy import Expr, sympify"),
        (sympified, "lab/verify/verify.py", "import sympy\nsympy.sympify(1)"),
        (undocumented, "cli/app.py", "import typer"),
        (private, "10_newton.py", "from symlab.engine.exact.run import run"),
        (private, "10_newton.py", "import symlab as sl\nsl._hidden"),
        (private, "10_newton.py", "from symlab import engine"),
        (private, "10_newton.py", "import torch"),
    ],
)
def test_a_breach_made_on_purpose_is_seen(check, place, breach):
    """Each check, shown what it is there to refuse."""
    assert check(place, ast.parse(breach)) != []


@pytest.mark.parametrize(
    "check, place, allowed",
    [
        (upward, "cli/app.py", "import symlab as sl"),
        (upward, "lab/compare/compare.py", "from symlab.methods.rule import Rule"),
        (lost, "lab/compare/compare.py", "from symlab.methods.rule import Rule"),
        (lost, "lab/compare/compare.py", "from symlab.methods import rule\nimport symlab"),
        (foreign, "engine/lowering/printer.py", "from sympytensor.pytensor import PytensorPrinter"),
        (runners_that_meet, "engine/minimize.py", "from symlab.engine import compiled, exact"),
        (sympified, "algebra/gate.py", "from sympy import sympify"),
        (evaluated, "engine/compiled/functions.py", "loss.eval({x: 1.0})"),
        (private, "10_newton.py", "import symlab as sl\nfrom symlab import nn\nf.__doc__"),
    ],
)
def test_what_the_plan_allows_passes(check, place, allowed):
    """The other half: a check that refuses everything would prove as little."""
    assert check(place, ast.parse(allowed)) == []


def test_no_file_names_a_place_on_somebodys_machine():
    """A clone works anywhere only if no file remembers where it was written."""
    folders = ("symlab", "lessons", "figures", "tests", "benchmarks", "docs", ".ci")
    files = [*ROOT.iterdir(), *(file for folder in folders for file in (ROOT / folder).rglob("*"))]
    texts = [
        file
        for file in files
        if file.is_file()
        and file.suffix in TEXT
        and file.name != ".git"  # a worktree's pointer
        and "_build" not in file.parts
    ]
    named = [file.name for file in texts if MACHINE.search(file.read_text("utf-8", "ignore"))]
    assert ROOT / "pyproject.toml" in texts
    assert named == []


def test_constraints_are_names_and_versions_only():
    """An address or a path in the file would tie every set-up to one network or one machine."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_importing_symlab_is_light_and_silent():
    """The first prompt must not wait for compilers and plots that may never be used."""
    code = "import sys, symlab; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    assert "symlab" in ran.stdout.split()
    assert HEAVY.isdisjoint(ran.stdout.split())
    assert len(ran.stdout.splitlines()) == 1


def test_importing_symlab_does_not_load_the_book():
    """The laboratory is for anyone's formula."""
    code = "import sys, symlab; print(*(name for name in sys.modules if '.book' in name))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


def test_no_file_imports_itself_by_a_detour():
    """Late imports inside functions counted: a circle hides which file needs which."""
    assert circles(PACKAGE) == []
    assert circles({"a.py": ast.parse("import symlab.b"), "b.py": ast.parse("import symlab.a")})


def running(tree: ast.Module) -> ast.Module:
    """A file without what it imports for annotations alone, which no run does."""
    kept = [node for node in tree.body if not ast.unparse(node).startswith("if TYPE_CHECKING:")]
    return ast.Module(kept, [])


def circles(files: dict[str, ast.Module]) -> list[str]:
    """The files that can be reached from themselves along imports."""
    names = {place.removesuffix(".py").replace("/", "."): place for place in files}
    asks = {
        place: {
            names[inside]
            for name in imported(running(tree))
            for own in [name.removeprefix("symlab.")]
            for inside in (own, own.rpartition(".")[0])
            if inside in names and names[inside] != place
        }
        for place, tree in files.items()
    }

    def reached(place: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(asks[place])
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += asks[each]
        return seen

    return [place for place in files if place in reached(place)]
