"""The chapter's studies: each agrees, and each is found by its name."""

import pytest
from once import TRIED

from symlab.book.experiments import STUDIES, find_study


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_agrees_with_exact_arithmetic(name, once):
    """Interpreted here; the command line's test runs the compiled backends."""
    found, agrees = once.study(name)
    assert agrees
    assert {row[0] for row in found.table.rows} >= set(TRIED)


def test_an_unknown_study_is_answered_with_the_nearest():
    """A typo is told apart from an absent study."""
    with pytest.raises(ValueError, match="did you mean 'momentum'"):
        find_study("momentun")
