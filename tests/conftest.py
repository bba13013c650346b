"""What every test runs under: no window opens, and Hypothesis draws the same examples each time."""

import os

import pytest
from hypothesis import settings

# The variable, and not `matplotlib.use`, because child processes inherit it.
os.environ["MPLBACKEND"] = "Agg"

# No deadline, because the first example of a test may pay for a compile that the others do not.
settings.register_profile("symlab", derandomize=True, deadline=None, database=None)
settings.load_profile("symlab")


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """What is executed once for all processes of this test run."""
    from once import Once  # late, because not every test needs it

    own = tmp_path_factory.getbasetemp()
    return Once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def drawn(once):
    """A folder with a figure of the book in every format, by its id: what its lesson drew."""
    from symlab.book.figures.register import FIGURES
    from symlab.book.lessons import find

    def folder(id):
        (lesson,) = find([FIGURES[id].lesson])
        ran = once.lesson(lesson.path)
        assert ran.returncode == 0, ran.stderr
        return ran.figures

    return folder


@pytest.fixture(scope="session")
def site(once):
    """The folder of the site, as `make docs` builds it."""
    return once.site()
