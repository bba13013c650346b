"""A figure of the book: what the registry says of it, and which numbers it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature

DRAWN_BY = ("numpy", "pandas", "scikit-learn", "sympy", "c", "numba", "jax", "interpreted")
"""What may have computed the numbers of a figure; the latter five are the backends."""


@dataclass(frozen=True)
class Figure:
    """A figure of the book.

    Parameters
    ----------
    id : str
        Permanent.
    section : int
        Of the chapter.
    lesson : str
        The name of the lesson that draws it.
    caption : str
        In our words.
    invariants : callable
        Takes the results that the figure shows and returns its named numbers, each alone or in a
        tuple with its absolute tolerance.
    backend : str
        What computed the results that do not say so themselves, as a trace does.
    seed : int, optional
        The seed of the random numbers in it.
    variants : tuple of str
        The version, of a figure that shows the chapter "as printed" beside "corrected".
    """

    id: str
    section: int
    lesson: str
    caption: str
    invariants: Callable[..., Mapping[str, object]]
    backend: str = ""
    seed: int | None = None
    variants: tuple[str, ...] = ()

    @property
    def deterministic(self) -> bool:
        """Whether it holds no random number."""
        return self.seed is None

    @property
    def facts(self) -> dict[str, object]:
        """What its passport says of it."""
        names = ("id", "section", "lesson", "caption", "deterministic", "variants")
        return {name: getattr(self, name) for name in names}

    @property
    def results(self) -> str:
        """The results that it shows, by name and kind, as its invariants take them.

        Examples
        --------
        >>> from symlab.book.figures.register import FIGURES
        >>> FIGURES["gradient_descent_002"].results
        'trace: Trace, theory: Analysis'
        """
        return ", ".join(
            f"{each.name}: {each.annotation}"
            for each in signature(self.invariants).parameters.values()
        )

    def numbers(self, *results: object, **named_results: object) -> Mapping[str, object]:
        """Return the named numbers that it stands for.

        Raises
        ------
        TypeError
            If the results are too few, too many or of another kind.

        Examples
        --------
        >>> import numpy as np
        >>> from symlab.book.figures.register import FIGURES
        >>> FIGURES["image_processing_007"].numbers(np.array([[3, 0], [1, 3]]))
        {'sum': np.int64(7)}
        >>> FIGURES["adder"].numbers(4, result=5)
        Traceback (most recent call last):
        TypeError: results: expected (result: np.ndarray) for adder, got (int, result: int).
        """
        try:
            return self.invariants(*results, **named_results)
        except (AttributeError, LookupError, StopIteration, TypeError, ValueError) as error:
            given = [
                *(type(each).__name__ for each in results),
                *(f"{name}: {type(each).__name__}" for name, each in named_results.items()),
            ]
            raise TypeError(
                f"results: expected ({self.results}) for {self.id}, got ({', '.join(given)})."
            ) from error
