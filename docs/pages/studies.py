"""A page for each study: one experiment on several backends, each step held against exact ones."""

from collections.abc import Iterator
from functools import partial

from pages.kept import Kept
from pages.markdown import fill, prose, table
from pages.page import Page
from pages.places import section_link
from symlab.book.experiments import STUDIES
from symlab.book.report.results import StudyResult, run_study


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all studies."""
    results = {}
    for name, study in STUDIES.items():
        found, agrees = kept.result(f"study-{name}", partial(run_study, study))
        if not agrees:
            raise RuntimeError(f"study {name}: a backend does not agree with exact arithmetic.")
        results[name] = found
        section = section_link(study.section)
        text = fill("study.jinja", study=study, found=found, section=section, rows=_rows(found))
        yield Page(f"studies/{name}.md", text)
    yield Page("studies/index.md", fill("studies.jinja", results=results))


def _rows(found: StudyResult) -> str:
    """Return how each backend did, as a table."""
    rows = [[prose(cell) for cell in row] for row in found.table.rows]
    return table([prose(heading) for heading in found.table.headings], rows)
