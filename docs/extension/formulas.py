"""Formulas as MathML, by the report's own writer: browsers set them without any script."""

from typing import Any

from docutils import nodes
from sphinx.util import logging

from symlab.book.report.mathml import mathml

logger = logging.getLogger(__name__)


def set_inline(writer: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    _write(writer, node, "{}", "inline")


def set_block(writer: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which scrolls where it is wider than the screen."""
    _write(writer, node, '<div class="formula">{}</div>\n', "block")


def _write(writer: Any, node: nodes.Element, frame: str, display: str) -> None:
    latex = node.astext().strip()
    try:
        written = mathml(latex, display)
    except ValueError as error:
        logger.warning("%s", error, location=node)
        written = ""
    writer.body.append(frame.format(written))
    raise nodes.SkipNode
