"""What is shown is true: docstrings are whole, code in the documents runs, links lead somewhere."""

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import symlab
from symlab.engine.calculus import Calculus

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = {
    file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "symlab").rglob("*.py"))
}
DOCUMENTS = [
    file.relative_to(ROOT).as_posix()
    for file in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if "_build" not in file.parts
]

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
DESCRIBED_ELSEWHERE = {"eval", "fdiff", *vars(Calculus)}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def undocumented(tree: ast.Module | ast.ClassDef) -> list[str]:
    """Public functions, classes and methods without a docstring.

    A method of the `Calculus` protocol, and a hook of SymPy's, is described where it is declared.
    """
    public = [
        node
        for node in tree.body
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_")
    ]
    inside = [
        name for node in public if isinstance(node, ast.ClassDef) for name in undocumented(node)
    ]
    bare = [node for node in public if not ast.get_docstring(node) and not is_overload(node)]
    return inside + [node.name for node in bare if node.name not in DESCRIBED_ELSEWHERE]


def is_overload(node: ast.stmt) -> bool:
    """Whether a definition gives types alone, to a function described where it has a body."""
    return any(ast.unparse(each) == "overload" for each in getattr(node, "decorator_list", []))


def spoilt(tree: ast.Module) -> list[str]:
    r"""Docstrings with a control character: what `"\beta"` holds where the `r` is missing."""
    texts = [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return [
        text
        for text in texts
        if isinstance(text, str) and re.search(r"[^\n\x20-\x7e\x80-\U0010ffff]", text)
    ]


def blocks(text: str) -> Iterator[tuple[str, str, int]]:
    """Language, code and first line number of every fenced block."""
    for match in BLOCK.finditer(text):
        yield match[1], match[2], text.count("\n", 0, match.start(2))


def dead_links(text: str, folder: Path) -> list[str]:
    """Targets inside the repository that do not exist; code is not prose and holds no link."""
    prose = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text))
    targets = [first or second for first, second in LINK.findall(prose)]
    local = [target.split("#")[0] for target in targets if not re.match(r"\w+:", target)]
    return [target for target in local if target and not (folder / target).exists()]


def run_block(
    language: str, code: str, line: int, name: str, namespace: dict[str, object]
) -> dict[str, object]:
    """Run a block that is Python; return the namespace behind it."""
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    if language == "python":
        exec(compile("\n" * line + code, name, "exec"), namespace)
    elif language == "pycon":
        example = doctest.DocTestParser().get_doctest(code, namespace, name, name, line)
        doctest.DebugRunner(optionflags=flags).run(example, clear_globs=False)
        return example.globs
    return namespace


def run_blocks(text: str, name: str) -> None:
    """Run the Python of a document top to bottom; a `pycon` block must also print what it shows."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for language, code, line in blocks(text):
        namespace = run_block(language, code, line, name, namespace)


def test_everything_public_says_what_it_is():
    """`help(sl.anything)` must answer."""
    found = {place: undocumented(tree) for place, tree in PACKAGE.items()}
    assert {place: names for place, names in found.items() if names} == {}


@pytest.mark.parametrize("name", symlab.__all__)
def test_every_public_name_can_be_had(name):
    """Names that load on first use are written as text: only asking for them finds a typo."""
    assert name in dir(symlab)
    assert getattr(symlab, name) is not None


def test_no_docstring_lost_a_backslash():
    """A formula whose backslash Python took for an escape is printed wrong and silently so."""
    found = {place: spoilt(tree) for place, tree in PACKAGE.items()}
    assert {place: texts for place, texts in found.items() if texts} == {}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_code_in_a_document_runs(document, tmp_path, monkeypatch):
    """A reader pastes the blocks in order into one session, so here they share a namespace too."""
    monkeypatch.chdir(tmp_path)
    run_blocks((ROOT / document).read_text(encoding="utf-8"), document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_into_the_repository_leads_somewhere(document):
    """Files move; the documents must follow."""
    file = ROOT / document
    assert dead_links(file.read_text(encoding="utf-8"), file.parent) == []


def test_a_missing_docstring_is_seen():
    """The sweep, shown a bare function, a bare method, and a hook of SymPy's that needs none."""
    bare = ast.parse('class A:\n    """A."""\n    def f(self): ...\n    def fdiff(self): ...')
    assert undocumented(bare) == ["f"]
    assert undocumented(ast.parse("def f(): ...\ndef _g(): ...")) == ["f"]
    assert undocumented(ast.parse("@overload\ndef f(): ...\ndef f(): ...")) == ["f"]


def test_a_lost_backslash_is_seen():
    r"""`\beta` begins with a backspace and `\tau` with a tab unless the string is raw."""
    assert spoilt(ast.parse('def f():\n    """Decay $\\beta$."""')) == ["Decay $\x08eta$."]
    assert spoilt(ast.parse('"""Time $\\tau$."""')) != []
    assert spoilt(ast.parse('r"""Decay $\\beta$, curvature λ."""')) == []


def test_a_dead_link_is_seen():
    """Both ways of writing a link count; addresses, anchors and code do not."""
    text = '[a](gone.md) <img src="gone.png"> [b](README.md#idea) [c](#top) `f[0](x)` [d](https://x.org/y)'
    assert dead_links(text, ROOT) == ["gone.md", "gone.png"]


@pytest.mark.parametrize(
    "second, error",
    [
        ("```python\nassert a == 2\n```", AssertionError),
        ("```pycon\n>>> a\n2\n```", doctest.DocTestFailure),
    ],
)
def test_a_block_that_fails_or_prints_otherwise_is_seen(second, error):
    """The second block reads what the first one wrote, and what it claims is false."""
    with pytest.raises(error):
        run_blocks(f"```python\na = 1\n```\n\n{second}\n", "made-up")


def test_the_readme_can_be_read_at_one_sitting():
    """What does not fit has a page of its own under `docs`, and the README links to each."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    pages = [page for page in DOCUMENTS if Path(page).parent == Path("docs")]
    assert all(f"]({page})" in text for page in [*pages, "docs/guide/index.md"])


def test_the_commit_hooks_run_what_make_lint_runs():
    """Whoever passes one passes the other."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlint:")[1].split("\n\n")[0]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    asked = re.findall(r"\$\(BIN\)/(.+)", recipe)
    assert asked
    assert re.findall(r"entry: \.venv/bin/(.+)", hooks) == asked


def test_the_citation_names_this_version():
    """One version, in the package; the citation follows it."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [symlab.__version__]
