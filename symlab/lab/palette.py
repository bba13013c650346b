"""Colours and markers that tell runs apart, for any colour vision, in print and on pages.

The colours are Okabe and Ito's (2008, "Color Universal Design"), the darkest first; each has a
marker of its own, so that no run is told by its colour alone.
"""

COLORS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, but for yellow, which is too pale for a line on white."""

PAGE_COLORS = (*COLORS[1:6], COLORS[0])
"""Those of runs on a page; black is the last, because the objective itself is drawn in ink."""

PAGE_MARKERS = ("circle", "triangle", "diamond", "square", "plus", "cross")
"""A marker for each colour of a page, by the name that the page draws it by."""

HALF = 0.5
FINENESS = 200
"""Steps between a colour and black or white, in the search for one that is legible."""


def luminance(color: str) -> float:
    """Return the relative luminance of a colour such as "#0072B2", from 0 to 1.

    Source: Web Content Accessibility Guidelines 2.2, "relative luminance".
    """
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in _parts(color)]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21.

    Source: Web Content Accessibility Guidelines 2.2, "contrast ratio".

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: str, color: str, least: float) -> str:
    """Return a colour, mixed with black or white until its contrast with a ground is enough.

    Examples
    --------
    >>> readable_on("#FFFFFF", "#0072B2", 3), readable_on("#FFFFFF", "#E69F00", 3)
    ('#0072B2', '#C68900')
    """
    end = 0.0 if luminance(ground) > HALF else 1.0
    shades = (_mix(_parts(color), end, step / FINENESS) for step in range(FINENESS + 1))
    return next(shade for shade in shades if contrast(shade, ground) >= least)


def _parts(color: str) -> list[float]:
    """Return red, green and blue, each from 0 to 1."""
    return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _mix(parts: list[float], end: float, share: float) -> str:
    mixed = (part + share * (end - part) for part in parts)
    return "#" + "".join(f"{round(255 * part):02X}" for part in mixed)
