r"""Formulas for the page: LaTeX as MathML, which browsers set without any script.

`latex2mathml` finds the structure; the text of it is written here, because its own writer turns
`\text{<b>}` into a tag.
"""

from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

LOST = ("\\", "&")
"""What is left in the text of a formula where a command was not understood."""


SPELLINGS = {
    "{aligned}": "{split}",
    r"\arg\min": r"\mathrm{arg\,min}",
    r"\operatorname{": r"\mathrm{",
}
"""What `latex2mathml` does not know, or sets in italics, in words that it knows."""


def mathml(latex: str, display: str = "block") -> str:
    r"""Return a formula as a `math` element, on a line of its own or "inline".

    Raises
    ------
    ValueError
        If a command is not understood, or the LaTeX is broken.

    Examples
    --------
    >>> mathml("x < 2")
    '<math display="block" alttext="x &lt; 2"><mrow><mi>x</mi><mo>&lt;</mo><mn>2</mn></mrow></math>'
    >>> mathml(r"\fraction{1}{2}")
    Traceback (most recent call last):
        ...
    ValueError: latex: '\\fraction' in '\\fraction{1}{2}' is not understood.
    """
    root = _convert(latex, display)
    for element in root.iter():
        element.text = unescape(element.text or "")
        if any(sign in element.text for sign in LOST) and element.tag != "mtext":
            raise ValueError(f"latex: {element.text!r} in {latex!r} is not understood.")
    root.attrib = {"display": display, "alttext": latex}
    return tostring(root, encoding="unicode", short_empty_elements=False)


def _convert(latex: str, display: str) -> Element:
    for theirs, ours in SPELLINGS.items():
        latex = latex.replace(theirs, ours)
    try:
        return convert_to_element(latex, display=display)
    # Its errors have no ancestor in common but this one.
    except Exception as error:
        raise ValueError(f"latex: {latex!r} cannot be read: {type(error).__name__}.") from error
