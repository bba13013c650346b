"""The command explore: a page is written, and what cannot be read is refused in one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from symlab.cli import app


@pytest.fixture
def explore(tmp_path, monkeypatch):
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["explore", *words])


def test_a_page_of_the_quartic_is_written_without_a_formula(explore):
    """To explorer.html; nothing goes to stdout."""
    ran = explore()
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "wrote explorer.html" in ran.stderr
    assert "x⁴ − 3x³ + 2" in Path("explorer.html").read_text("utf-8")


def test_formula_rules_start_and_file_are_chosen(explore):
    """As people type them."""
    ran = explore("x²/20 + y^2", "--rule", "momentum", "--rule", "adam", "--start", "-5,-2",
                  "--out", "deep/page.html")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert "read as x**2/20 + y**2" in ran.stderr
    page = Path("deep/page.html").read_text("utf-8")
    assert "start: [-5.0, -2.0]" in page
    assert '[{"name": "momentum"' in page


def test_a_network_is_trained_on_a_page(explore):
    """The neuron of the chapter; its points stand in the page."""
    ran = explore("--network", "neuron", "--out", "neuron.html")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "wrote neuron.html" in ran.stderr
    assert '"activation": "softsign"' in Path("neuron.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words, said",
    [
        (["x +"], "formula:"),
        (["x^2", "--rule", "adm"], "rules: unknown name 'adm'; did you mean 'adam'"),
        (["x^2", "--start", "1,2"], "start: "),
        (["a+b+c+d+k+f+g"], "objective: a page takes at most 6 variables, got 7."),
        (["gamma(x)"], "unknown function"),
        (["--network", "moon"], "network: unknown name 'moon'; did you mean 'moons'"),
        (["x^2", "--network", "moons"], "network: takes no formula, rule or start"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(explore, words, said):
    """With exit code 2, and no file."""
    ran = explore(*words)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert not Path("explorer.html").exists()
