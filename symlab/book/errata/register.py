"""The register of errata, in the order of the chapter, and how an entry is found."""

from collections.abc import Iterable

from symlab.book.errata import (
    averages,
    backpropagation,
    backtracking,
    descent,
    functional_models,
    images,
    judged_images,
    listings,
    logistic,
    logistic_length,
    logistic_sums,
    memory,
    networks,
    newton,
    one_neuron,
    perceptron,
    pooling,
    surrogate,
    trained_images,
)
from symlab.book.errata import small_slips as wording
from symlab.book.errata.erratum import Erratum
from symlab.checks import Catalog, nearest, shown


def _in_chapter_order(entries: Iterable[Erratum]) -> Catalog[Erratum]:
    ordered = sorted(entries, key=lambda each: (each.section, each.id))
    return Catalog("errata", ordered, key="id")


ERRATA = _in_chapter_order(
    (
        *perceptron.ERRATA,
        *one_neuron.ERRATA,
        *networks.ERRATA,
        *backpropagation.ERRATA,
        *functional_models.ERRATA,
        *wording.ERRATA,
        *logistic.ERRATA,
        *logistic_sums.ERRATA,
        *logistic_length.ERRATA,
        *descent.ERRATA,
        *newton.ERRATA,
        *backtracking.ERRATA,
        *surrogate.ERRATA,
        *memory.ERRATA,
        *averages.ERRATA,
        *images.ERRATA,
        *pooling.ERRATA,
        *trained_images.ERRATA,
        *judged_images.ERRATA,
        *listings.ERRATA,
    )
)
"""Every erratum by its id, in the order of the chapter."""


def find_erratum(id: str) -> Erratum:
    """Return the erratum of this id, however its letter and number are written.

    Raises
    ------
    ValueError
        If there is none; the message gives the nearest.

    Examples
    --------
    >>> find_erratum("e5").title
    "The perceptron's update has the wrong sign"
    """
    letter, digits = str(id).strip().upper()[:1], str(id).strip()[1:]
    wanted = f"{letter}{digits:>02}"
    if wanted not in ERRATA:
        number = f"E{str(id).strip().upper().removeprefix('E'):>02}"  # its letter may lack
        hint = nearest(number if number in ERRATA else str(id).strip(), ERRATA)
        if number[1:].isdecimal() and number not in ERRATA:
            hint = f"; they are numbered {min(ERRATA)} to {max(ERRATA)}."
        raise ValueError(f"erratum: unknown id {shown(id)}{hint} `symlab errata` shows them all.")
    return ERRATA[wanted]
