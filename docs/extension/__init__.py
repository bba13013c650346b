"""What Sphinx is taught for the site: formulas as MathML, explorers, and what lessons link to."""

from typing import Any

from sphinx.application import Sphinx

from extension.explorer import ExplorerDirective
from extension.formulas import set_block, set_inline
from extension.lessons import find_outdated, relate
from extension.theme import silence_theme
from extension.versions import add_versions


def setup(app: Sphinx) -> dict[str, Any]:
    """Teach Sphinx; it calls this because `conf.py` names the package."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(set_inline, None), block_renderers=(set_block, None)
    )
    app.add_directive("explorer", ExplorerDirective)
    app.connect("env-get-outdated", find_outdated)
    app.connect("source-read", relate)
    app.connect("html-page-context", add_versions)
    app.connect("build-finished", silence_theme)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
