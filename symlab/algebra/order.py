"""The order in which people count: v2 before v10."""

import re


def natural_key(named: object) -> tuple[tuple[str | int, ...], str]:
    """Return a key that sorts symbols and names as people count, a number in them as a number.

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
