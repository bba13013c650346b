"""Every erratum is examined once in a test run, for all tests that ask about it."""

import pytest

from symlab.book.errata.erratum import Examination
from symlab.book.errata.register import ERRATA


@pytest.fixture(scope="session")
def examination(once):
    """What an erratum's check found, by its id: of the forms that it has, nothing changed."""

    def of(id):
        def found():
            fresh = ERRATA[id].examine()
            return fresh.observations, fresh.seconds, fresh.error

        return Examination(ERRATA[id], *once.result(f"erratum-{id}", "", found))

    return of
