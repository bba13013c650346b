"""What tells runs apart in a drawing of Matplotlib: a colour, a marker and a word for each."""

import re
from collections.abc import Sequence
from itertools import cycle, islice

from symlab.engine.trace import Trace
from symlab.lab.palette import COLORS

MARKERS = ("o", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h")
"""More by several than colours, so that the pairs repeat late."""


def look(number: int) -> dict[str, str]:
    """Return colour and marker of the run with this number, for `Axes.plot`.

    Examples
    --------
    >>> look(1)
    {'color': '#0072B2', 'marker': '^'}
    >>> len({tuple(look(number).values()) for number in range(77)})
    77
    """
    return {
        "color": next(islice(cycle(COLORS), number, None)),
        "marker": next(islice(cycle(MARKERS), number, None)),
    }


def labels_of(traces: Sequence[Trace]) -> list[str]:
    """Return what a legend calls runs: the names of their methods, whole where two are alike.

    Examples
    --------
    >>> import symlab as sl
    >>> f = sl.problems["quartic"].objective
    >>> slow, fast, newton = (
    ...     sl.minimize(f, [2], method, 2, backend="interpreted")
    ...     for method in (sl.momentum(momentum=0.5), sl.momentum(momentum=0.9), sl.newton)
    ... )
    >>> labels_of([slow, newton])
    ['momentum', 'newton, fixed']
    >>> labels_of([slow, fast])[1]
    'momentum(step_size=0.1, momentum=0.9)'
    """
    short = [_name(trace.method) for trace in traces]
    alike = {name for name in short if short.count(name) > 1}
    pairs = zip(traces, short, strict=True)
    return [trace.method if name in alike else name for trace, name in pairs]


def _name(method: str) -> str:
    """Return a method as one would type it without its hyperparameters."""
    bare = re.sub(r"\([^()]*\)", "", method)
    pair = re.fullmatch(r"method\(direction=(\w+), search=(\w+)\)", bare)
    return ", ".join(pair.groups()) if pair else bare
