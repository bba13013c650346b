"""The pages of the explorer: a file of HTML each, with its program inside.

A program is made of our files in `assets/`, and of what SymPy wrote, between the helpers that it
calls and the files that call it.
"""

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

from symlab.files import check_writable, path_of, replace_file
from symlab.lab.palette import PAGE_MARKERS
from symlab.lab.web.pages import render

HELPERS = ("numbers.js", "linear.js")
"""The files of every program that SymPy's part needs."""

SHARED = ("run.js", "spelling.js", "elements.js", "draw.js", "contours.js", "sliders.js",
          "settings.js", "steps.js", "save.js")  # fmt: skip
"""The files that both programs have, each after those it needs."""

FORMULA = ("theory.js", "verdict.js", "jets.js", "characters.js", "bars.js", "tree.js",
           "nearest.js", "grammar.js", "calls.js", "notes.js", "meaning.js", "typed.js",
           "state.js", "surface_model.js", "place.js", "diagrams.js", "map.js", "marks.js",
           "take.js", "page.js", "wiring.js", "api.js")  # fmt: skip
"""The files of the page of a formula."""

NETWORK = ("random.js", "network.js", "training.js", "boundary.js", "graph.js", "network_state.js",
           "network_take.js", "network_page.js", "network_wiring.js", "network_api.js")  # fmt: skip
"""The files of the page of a network."""

HEIGHT = 1150
"""Pixels that a page takes inside another one, as in a notebook: enough without a bar to scroll."""


@dataclass(frozen=True, repr=False)
class Page:
    """A page of the explorer, whole in itself.

    Parameters
    ----------
    html : str
    """

    html: str

    def _repr_html_(self) -> str:
        """Return the page in a frame, as notebooks and other pages show it."""
        return (
            f'<iframe title="symlab explorer" srcdoc="{escape(self.html)}" loading="lazy" '
            f'width="100%" height="{HEIGHT}" style="border: 0"></iframe>'
        )

    def save(self, file: str | Path) -> Path:
        """Write the page, whole or not at all, and return its path.

        Raises
        ------
        TypeError, ValueError
            If it is no path.
        OSError
            If it cannot be written there.
        """
        path = path_of(file, "out")
        check_writable(path.parent)
        replace_file(path, self.html.encode("utf-8"))
        return path


def formula_page(given: str) -> str:
    """Return the page of a formula; the same part gives the same page.

    Parameters
    ----------
    given : str
        JavaScript that states the objective and the methods.
    """
    return _page("formula.html", program(given, FORMULA))


def network_page(given: str) -> str:
    """Return the page of a network, from JavaScript that states it, its points and the rules."""
    return _page("network.html", program(given, NETWORK))


def _page(template: str, script: str) -> str:
    return render("symlab.lab.explorer", template, "page.css", script)


def program(given: str, parts: tuple[str, ...]) -> str:
    """Return a whole program: between helpers and the page's own files what SymPy wrote."""
    markers = ", ".join(f'"{name}"' for name in PAGE_MARKERS)
    inside = [
        *map(read_asset, HELPERS),
        f"const MARKERS = [{markers}];",
        given,
        *map(read_asset, (*SHARED, *parts)),
    ]
    return '"use strict";\n(() => {\n' + "\n".join(inside) + "\n})();\n"


def read_asset(name: str) -> str:
    """Return the text of a file of the program."""
    return files("symlab.lab.explorer").joinpath("assets", name).read_text(encoding="utf-8")
