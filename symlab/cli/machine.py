"""`symlab doctor`."""

from typing import TYPE_CHECKING

from symlab.cli.app import app
from symlab.cli.console import exit_if, say, show, table_of

if TYPE_CHECKING:
    from symlab.lab.doctor import Finding


@app.command()
def doctor() -> None:
    """Look at Python, packages, BLAS, compile cache and backends, and say what to do."""
    from symlab.lab.doctor import examine

    say("trying each backend; the first compile takes some seconds ...")
    findings = examine()
    rows = [(_mark(finding), finding.what, finding.summary) for finding in findings]
    show(table_of(("", "", "found"), rows))
    exit_if(any(not finding.works and not finding.optional for finding in findings))


def _mark(finding: "Finding") -> str:
    if finding.works:
        return "works"
    return "absent" if finding.optional else "TROUBLE"
