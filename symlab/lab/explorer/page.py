"""The page as one HTML file: style and program inside it, each named by its digest.

A browser runs nothing else on the page, and loads nothing from anywhere, because the page's own
policy forbids it.
"""

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'sha256-{style}'; "
    "script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
)
"""What a browser may run: the one style sheet and the one program inside the page."""

PARTS = (
    "numbers.js",
    "linear.js",
    "run.js",
    "spelling.js",
    "theory.js",
    "verdict.js",
    "jets.js",
    "parser.js",
    "typed.js",
    "state.js",
    "draw.js",
    "place.js",
    "diagrams.js",
    "sliders.js",
    "steps.js",
    "take.js",
    "page.js",
    "wiring.js",
    "api.js",
)
"""The files of the program, each after those it needs."""


def render(given: str) -> str:
    """Return the page of a program's part that SymPy wrote; the same part gives the same page.

    Parameters
    ----------
    given : str
        JavaScript that states the objective and the methods.
    """
    environment = Environment(
        loader=PackageLoader("symlab.lab.explorer", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = read_asset("page.css"), program(given)
    policy = POLICY.format(style=fingerprint(style), script=fingerprint(script))
    page = environment.get_template("page.html")
    return page.render(style=style, script=script, policy=policy)


def program(given: str) -> str:
    """Return the whole program: our files, and between helpers and page what SymPy wrote."""
    helpers, linear, *others = [read_asset(name) for name in PARTS]
    inside = "\n".join([helpers, linear, given, *others])
    return f'"use strict";\n(() => {{\n{inside}\n}})();\n'


def read_asset(name: str) -> str:
    """Return the text of a file of the page."""
    return files("symlab.lab.explorer").joinpath("assets", name).read_text(encoding="utf-8")


def fingerprint(text: str) -> str:
    """Return a text's digest, by which a browser knows that it is the one meant."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
