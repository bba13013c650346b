"""The pages of the guide: each row of the tables of porting is run, and each page is short."""

import ast
import json
import math
import re
from pathlib import Path

import pytensor
import pytest
from test_docs import BLOCK, run_block

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(page.name for page in GUIDE.glob("*.md"))
PORTING = ("porting-from-theano.md", "porting-from-keras-2.md", "porting-optimizers.md")

ROW = re.compile(r"^\| (.+?) \| `(.+)` \| `(.+)` \|$", re.MULTILINE)
MOST_LINES = 150


def value_of(code: str, namespace: dict[str, object]) -> object:
    """Run statements, the last of which is an expression, and return its value."""
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr), f"{code} gives nothing"
    exec(compile(ast.Module(statements, []), code, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), code, "eval"), namespace)


def wrong_rows(text: str, name: str) -> list[str]:
    """Run a page from top to bottom, its rows too; return those that give something else."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    found = [(match.start(), match, None) for match in BLOCK.finditer(text)]
    found += [(match.start(), None, match) for match in ROW.finditer(text)]
    wrong = []
    for _, block, row in sorted(found, key=lambda each: each[0]):
        if block is not None:
            namespace = run_block(block[1], block[2], 0, name, namespace)
        else:
            got, expected = value_of(row[2], namespace), value_of(row[3], namespace)
            wrong += [] if got == expected else [f"{row[2]} gives {got}, not {expected}"]
    return wrong


@pytest.mark.parametrize("page", PORTING)
def test_every_row_of_a_table_of_porting_gives_what_it_says(page, tmp_path, monkeypatch):
    """What is under `now` is run, in the order of the page."""
    monkeypatch.chdir(tmp_path)
    text = (GUIDE / page).read_text(encoding="utf-8")
    tables = text.split("## What is not there")[0]
    lines = [line for line in tables.splitlines() if line.startswith("| ") and " now " not in line]
    assert len(ROW.findall(text)) == len(lines) >= 20
    # Interpreted, because to compile a function for each row takes ten seconds.
    with pytensor.config.change_flags(mode="FAST_COMPILE", linker="py"):
        assert wrong_rows(text, page) == []


def test_a_row_that_gives_something_else_is_seen():
    """Shown one row that is right and one that is not."""
    text = "```python\na = 1\n```\n\n| `A` | `a + 1` | `2` |\n| `B` | `b = 3; a + b` | `5` |\n"
    assert wrong_rows(text, "made-up") == ["b = 3; a + b gives 4, not 5"]


def test_the_optimizers_numbers_are_keras_own():
    """Each number of the page is one that a program without symlab has computed."""
    text = (GUIDE / PORTING[1]).read_text(encoding="utf-8")
    runs = json.loads((ROOT / "tests" / "oracle" / "rules.json").read_text(encoding="utf-8"))[
        "runs"
    ]
    known = {
        (run["rule"], run["given"]["step_size"]): run["iterates"]["2"]
        for run in runs
        if run["variant"] == "keras" and run["problem"] == "rosenbrock"
    }
    rows = re.findall(
        r'two_steps\(sl\.(\w+)\(step_size=([\d.]+), variant="keras"\)\)` \| `(.+)`', text
    )
    assert len(rows) == 10
    for rule, size, numbers in rows:
        right = known[rule, float(size)]
        assert ast.literal_eval(numbers) == [round(each, 9) for each in right]
        assert not math.isclose(right[0], -1.2, rel_tol=1e-4)


def test_the_numbers_of_pytorch_optax_and_keras_3_are_their_own():
    """Each row of the page on optimizers is a run that the library made."""
    text = (GUIDE / PORTING[2]).read_text(encoding="utf-8")
    rows = re.findall(r"sl\.(\w+)\(variant=\"(\w+)\".*` \| `(.+)`", text)
    assert len(rows) >= 40
    for rule, library, numbers in rows:
        stored = (ROOT / "tests" / "oracle" / f"{library}.json").read_text(encoding="utf-8")
        known = [
            [round(each, 9) for each in run["iterates"]["2"]]
            for run in json.loads(stored)["runs"]
            if run["rule"] == rule
        ]
        assert ast.literal_eval(numbers) in known


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short_and_the_index_leads_to_it(page):
    """One screen or three; who wants more follows a link."""
    text = (GUIDE / page).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    index = (GUIDE / "index.md").read_text(encoding="utf-8")
    assert page == "index.md" or f"]({page})" in index
