"""How much a run of the benchmarks takes on: steps, sizes, repeats and time limits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """What a run may cost.

    Parameters
    ----------
    share : float
        Of the steps and samples that the workloads name; 1 for numbers that may be quoted.
    repeats : int
        How often each system is timed; the median counts.
    cell_seconds : float
        The time limit of one cell, a process of its own, of W9 to W12.
    largest : float
        The largest number of samples in W9.
    variables : int
        The largest number of parameters in W9 and of variables in W12.
    """

    share: float = 1.0
    repeats: int = 5
    cell_seconds: float = 120.0
    largest: float = 1e7
    variables: int = 1000

    def of(self, number: int, least: int = 2) -> int:
        """Return the share of a number of steps or samples, at least `least`.

        Examples
        --------
        >>> Effort(share=0.1).of(10_000), Effort(share=0.1).of(3)
        (1000, 2)
        """
        return number if self.share == 1 else max(least, round(number * self.share))


FULL = Effort()
QUICK = Effort(share=0.1, repeats=3, cell_seconds=20.0, largest=1e4, variables=20)
"""To see that everything works; its numbers are not for quoting."""
