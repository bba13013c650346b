"""A page as one HTML file that needs nothing else: style and program stand inside it.

Each is named by its digest in the page's own policy, so that a browser runs nothing else on the
page, and loads nothing from anywhere. Everything put into a template is escaped, but for what a
template itself calls safe.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from symlab.lab.palette import PAGE_COLORS, readable_on

POLICY = (
    "default-src 'none'; img-src data: blob:; style-src '{style}'; script-src {script}; "
    "base-uri 'none'; form-action 'none'"
)
"""What a browser may load for a page: pictures, style and program inside it."""

DAY = {
    "paper": "#fcfbf8", "sheet": "#f3f1ea", "ink": "#1e1f22", "quiet": "#55565c",
    "line": "#d9d5ca", "shade": "rgb(0 0 0 / 0.2)", "link": "#0a4f94",
    "good": "#17633a", "bad": "#9d1f1b", "cycle": "#8a4b00",
}  # fmt: skip
NIGHT = {
    "paper": "#15171a", "sheet": "#1d2024", "ink": "#e5e2db", "quiet": "#a9aab0",
    "line": "#363a41", "shade": "rgb(0 0 0 / 0.8)", "link": "#8fbdf2",
    "good": "#86d2a2", "bad": "#ff9f97", "cycle": "#f0b860",
}  # fmt: skip
"""The colours of a page by their part in it."""

CONTRASTS = (4.0, 6.0)
"""Contrast of a run's colour with the ground, by day and by night: WCAG 2.2 asks for 3."""


def render(
    package: str,
    template: str,
    style: str,
    script: str = "",
    *,
    filters: Mapping[str, Any] | None = None,
    **content: Any,
) -> str:
    """Return a page from a template that extends `frame.html`; the same content gives the same.

    Parameters
    ----------
    package : str
        The package in whose folder `templates` it is.
    template, style : str
        Names of the template and of the style sheet beside it, which follows that of the house.
    script : str
        The page's program; without one a browser runs nothing.
    filters : mapping of str to callable, optional
        What the template calls besides what Jinja has.
    content : dict
        What the template shows.
    """
    sheet = style_sheet(package, style)
    policy = POLICY.format(
        style=fingerprint(sheet), script=f"'{fingerprint(script)}'" if script else "'none'"
    )
    environment = _environment(package)
    environment.filters |= dict(filters or {})
    page = environment.get_template(template)
    return page.render(style=sheet, script=script, policy=policy, **content)


def style_sheet(package: str, name: str) -> str:
    """Return a style sheet of a package behind that of the house, its colours put in."""
    environment = _environment(package)
    sheets = (environment.get_template(each) for each in ("house.css", name))
    return "".join(sheet.render(_colours()) for sheet in sheets)


def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("symlab.lab.web")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _colours() -> dict[str, dict[str, str]]:
    """Return the colours by day and by night, those of runs made legible on each."""
    return {
        time: shades
        | {
            f"c{i}": readable_on(shades["paper"], color, least)
            for i, color in enumerate(PAGE_COLORS)
        }
        for time, shades, least in zip(("day", "night"), (DAY, NIGHT), CONTRASTS, strict=True)
    }


def fingerprint(text: str) -> str:
    """Return a text's digest, by which a browser knows that it is the one meant."""
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"sha256-{digest}"
