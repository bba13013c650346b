"""What is changed in the theme."""

from pathlib import Path

from sphinx.application import Sphinx

SCRIPTS = "_static/scripts"


def silence_theme(app: Sphinx, failure: Exception | None) -> None:
    """Let the theme's scripts say nothing to the console, which is for what goes wrong."""
    if failure is None:
        place = Path(app.outdir)
        for script in (*(place / SCRIPTS).glob("*.js"), place / "search.html"):
            text = script.read_text(encoding="utf-8")
            script.write_text(text.replace("console.log(", "void("), encoding="utf-8")
