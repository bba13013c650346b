"""The parts of the report: where their items come from, and what counts as a success."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from symlab.book.report.entry import Entry, make_entry
from symlab.book.report.figures import DrawnFigures, Say, exhibit, exhibits, mention_variants
from symlab.book.report.results import (
    Proof,
    examine_erratum,
    measure_formula,
    present_derivation,
    run_study,
)
from symlab.book.report.sections import BEYOND

if TYPE_CHECKING:
    from symlab.proofs.derivation import Derivation

Registry = Callable[[], Mapping[str, Any]]
Gather = Callable[[Mapping[str, Any], DrawnFigures, Say], Iterator[Entry]]


@dataclass(frozen=True)
class Part:
    """A kind of entry.

    Parameters
    ----------
    name : str
        As it is typed.
    title, deed : str
        A heading, and what a success is called, as in "5 of 5 derivations verified".
    registry : callable
        Returns everything there is, by name; what is heavy is loaded only then.
    gather : callable
        Yields the entry of each item, given items by name, the figures drawn, and a function that
        is called with what is being made.
    remark : callable
        Returns what is added to the deed, from the names of the entries.
    """

    name: str
    title: str
    deed: str
    registry: Registry
    gather: Gather
    remark: Callable[[Iterable[str]], str] = lambda _: ""


def _figures(items: Mapping[str, Any], drawn: DrawnFigures, say: Say) -> Iterator[Entry]:
    for name, figures in items.items():
        shown = partial(exhibit, figures, drawn)
        yield make_entry("figures", name, name, figures[0].section, shown)


def _derivations(items: Mapping[str, Any], drawn: DrawnFigures, say: Say) -> Iterator[Entry]:
    for name, plan in items.items():
        say(f"derivation {name}")
        yield make_entry("derivations", name, plan.title, plan.section, partial(_proof_of, plan))


def _proof_of(plan: Callable[[], "Derivation"]) -> tuple[Proof, bool]:
    return present_derivation(plan())


def _errata(items: Mapping[str, Any], drawn: DrawnFigures, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"erratum {name} {each.title}")
        yield make_entry("errata", name, each.title, each.section, partial(examine_erratum, each))


def _studies(items: Mapping[str, Any], drawn: DrawnFigures, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"study {name}")
        yield make_entry("studies", name, name, each.section, partial(run_study, each))


def _ulp_cases(items: Mapping[str, Any], drawn: DrawnFigures, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"ulp case {name}")
        yield make_entry("accuracy", name, each.title, BEYOND, partial(measure_formula, each))


def _list_derivations() -> Mapping[str, Any]:
    from symlab.book.derivations.register import DERIVATIONS

    return DERIVATIONS


def _list_errata() -> Mapping[str, Any]:
    from symlab.book.errata.register import ERRATA

    return ERRATA


def _list_studies() -> Mapping[str, Any]:
    from symlab.book.experiments import STUDIES

    return STUDIES


def _list_ulp_cases() -> Mapping[str, Any]:
    from symlab.lab.accuracy.cases import ULP_CASES

    return ULP_CASES


PARTS = {
    part.name: part
    for part in (
        Part("figures", "figures", "drawn and as committed", exhibits, _figures, mention_variants),
        Part("derivations", "derivations", "verified", _list_derivations, _derivations),
        Part("errata", "errata", "confirmed", _list_errata, _errata),
        Part("studies", "studies", "in agreement", _list_studies, _studies),
        Part("accuracy", "formulas", "measured", _list_ulp_cases, _ulp_cases),
    )
}
"""Every part, in the order in which the page has them within a section."""
