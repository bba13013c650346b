"""The directive `explorer`: a page to play on inside another, with what to do there."""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FRAME = """<iframe class="explorer" src="{place}" title="Explorer: {title}" loading="lazy"></iframe>
<p class="explorer-link"><a href="{place}">Open the explorer on a page of its own</a></p>"""


class ExplorerDirective(SphinxDirective):
    """`explorer:: PLACE`, the place of the page within the site; the content says what to do."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the words, the page in a frame, and a link to it."""
        words: Any = nodes.container(classes=["explorer-words"])
        words += self.parse_content_to_nodes()
        place = "../" * self.env.docname.count("/") + self.arguments[0]
        title = escape(words.astext(), quote=True).replace("\n", " ")
        return [words, nodes.raw("", FRAME.format(place=place, title=title), format="html")]
