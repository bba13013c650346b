"""The verdict of a verification, in a sentence or two."""

from collections.abc import Sequence

import pandas as pd

from symlab.lab.verify.trials import Trial

MOST_CLAUSES = 3
"""Different mistakes that a verdict spells out; `Verification.mistakes` has them all."""


def verdict(frame: pd.DataFrame, trials: Sequence[Trial], *, passed: bool) -> str:
    """Return what agrees and what does not apply, or what is wrong."""
    return _agreement(frame, trials) if passed else _mistakes_text(frame, trials)


def _agreement(frame: pd.DataFrame, trials: Sequence[Trial]) -> str:
    applied = frame[frame["passed"].notna()]
    checks = applied["check"].nunique()
    count = frame["point"].nunique()
    subject = (
        f"{trials[0].subject} agrees"
        if len(trials) == 1
        else f"{trials[0].subject} and Hessian agree"
    )
    agreement = (
        f"{subject} with {checks} independent check{'s' * (checks != 1)} "
        f"at {count} point{'s' * (count != 1)}."
    )
    inapplicable = frame[frame["passed"].isna()]
    if inapplicable.empty:
        return agreement
    notes = inapplicable.groupby("note", sort=False)["check"].unique()
    reasons = "; ".join(f"{', '.join(checks)}: {note}" for note, checks in notes.items())
    return f"{agreement} Not applicable: {reasons}."


def _mistakes_text(frame: pd.DataFrame, trials: Sequence[Trial]) -> str:
    if frame["passed"].notna().sum() == 0:
        return f"Nothing could be checked: {frame['note'].iloc[0]}."
    mistakes = [(trial.subject, mistake) for trial in trials for mistake in trial.mistakes]
    if not mistakes:
        return _disagreement(frame, trials[0])
    subjects: dict[str, dict[str, list[str]]] = {}
    for subject, mistake in mistakes:
        clauses = subjects.setdefault(subject, {})
        clauses.setdefault(mistake.clause, []).append(mistake.variable)
    return " ".join(
        f"{subject} is wrong in {_clauses_text(clauses)}." for subject, clauses in subjects.items()
    )


def _clauses_text(clauses: dict[str, list[str]]) -> str:
    wrong = [f"{_join(names)}: {clause}" for clause, names in clauses.items()]
    more = len(wrong) - MOST_CLAUSES
    return "; in ".join(wrong[:MOST_CLAUSES]) + (
        f"; and {more} more, see .mistakes" if more > 0 else ""
    )


def _disagreement(frame: pd.DataFrame, trial: Trial) -> str:
    failed = frame[frame["passed"].notna() & ~frame["passed"].fillna(value=True)].iloc[0]
    return (
        f"{trial.subject} is that of the objective to rounding, but {failed['check']} disagrees in "
        f"{failed['component']} at point {failed['point']}: error {failed['error']:.3g}, "
        f"tolerance {failed['tolerance']:.3g}."
    )


def _join(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
