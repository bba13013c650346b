"""Every erratum is examined once in a test run, for all tests that ask about it."""

import pytest

from symlab.book.errata.erratum import Examination
from symlab.book.errata.register import ERRATA


@pytest.fixture(scope="session")
def examination(once):
    """What an erratum's check found, by its id: of the forms that it has, nothing changed."""

    def of(id):
        return Examination(ERRATA[id], *once.erratum(id))

    return of
