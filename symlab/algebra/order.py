"""Natural sort order: v2 before v10."""

import re


def natural_key(named: object) -> tuple[tuple[str | int, ...], str]:
    """Return a sort key for symbols and names that compares the digits in them as numbers.

    Parameters
    ----------
    named : str, or anything with a name or a text
        A symbol, an indexed base, a name.

    Examples
    --------
    >>> sorted(["v10", "v2", "b", "v"], key=natural_key)
    ['b', 'v', 'v2', 'v10']
    """
    name = str(getattr(named, "name", named))
    # Text and digits take turns, beginning with text, so that equal places are of equal kind.
    pieces = re.split(r"([0-9]+)", name)
    return tuple(int(p) if i % 2 else p for i, p in enumerate(pieces)), name
