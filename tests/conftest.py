"""What every test runs under: no window opens, and Hypothesis draws the same examples each time."""

import os

from hypothesis import settings

# The variable, and not `matplotlib.use`, because child processes inherit it.
os.environ["MPLBACKEND"] = "Agg"

# No deadline, because the first example of a test may pay for a compile that the others do not.
settings.register_profile("symlab", derandomize=True, deadline=None, database=None)
settings.load_profile("symlab")
