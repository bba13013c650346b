"""A page for each derivation, every step of which is verified as the page is written."""

from collections.abc import Iterator
from functools import partial

from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from pages.places import section_link
from symlab.book.derivations.register import DERIVATIONS
from symlab.book.report.results import Proof, present_derivation
from symlab.proofs.plan import LazyDerivation


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all derivations."""
    for name, plan in DERIVATIONS.items():
        proof = kept.result(f"derivation-{name}", partial(_prove, plan))
        section = section_link(plan.section)
        text = fill("derivation.jinja", name=name, plan=plan, proof=proof, section=section)
        yield Page(f"derivations/{name}.md", text)
    yield Page("derivations/index.md", fill("derivations.jinja", plans=DERIVATIONS))


def _prove(plan: LazyDerivation) -> Proof:
    proof, verified = present_derivation(plan())
    if not verified:
        raise RuntimeError(f"derivation {plan.name}: a step is not verified.")
    return proof
