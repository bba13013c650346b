"""What the chapter recorded of runs that cannot be repeated: outputs of its own, number by number.

Nothing here is computed, and nothing here is claimed to be right; checks compare with it.
"""

import numpy as np


def _freeze(rows: object) -> np.ndarray:
    """Return an array that no check can change for the next one."""
    values = np.array(rows)
    values.setflags(write=False)
    return values


WEIGHTS = (-4.6811301, 4.53544488)
"""The two weights printed after the three compiled loops (section 16)."""

KERNELS = _freeze(
    [
        [[-0.4, 0.4, -0.1], [-0.6, -0.2, 0.9], [0.3, 0.7, -0.9]],
        [[-0.5, 0.6, -1.1], [-0.1, 1.1, 1.6], [0.2, -1.0, 0.3]],
    ]
)
"""The kernels of the trained network, shape (2, 3, 3), to one decimal, as drawn (section 23)."""

PANEL_014 = _freeze([[0.4, 0.4, 0.6], [0.6, 0.6, 0.2], [0.3, 0.3, 0.3]])
"""The first panel of a figure that the chapter has and never shows, to one decimal (section 21)."""

# Four numbers an image: both columns of the network with fixed kernels, both of the trained one.
_SOFTMAX = (
    (0.4350518, 0.56494826, 1.3517758e-02, 9.8648226e-01),
    (0.24229054, 0.7577095, 8.7332483e-03, 9.9126679e-01),
    (0.14936452, 0.85063547, 9.2126220e-06, 9.9999082e-01),
    (0.48847622, 0.51152384, 7.9193451e-03, 9.9208063e-01),
    (0.27999252, 0.7200074, 1.9740355e-03, 9.9802601e-01),
    (0.37032166, 0.62967837, 1.2133834e-03, 9.9878663e-01),
    (0.06253155, 0.9374684, 2.0620177e-05, 9.9997938e-01),
    (0.16374767, 0.8362524, 2.0275579e-03, 9.9797243e-01),
    (0.06253155, 0.9374684, 2.0620177e-05, 9.9997938e-01),
    (0.42775342, 0.57224655, 1.8704148e-02, 9.8129588e-01),
    (0.82428503, 0.17571492, 9.9372357e-01, 6.2764031e-03),
    (0.9134076, 0.0865923, 9.8774612e-01, 1.2253815e-02),
    (0.50833887, 0.49166116, 9.9268419e-01, 7.3158811e-03),
    (0.82428503, 0.17571492, 9.9372357e-01, 6.2764031e-03),
    (0.7137422, 0.2862578, 9.9093610e-01, 9.0638511e-03),
    (0.6836652, 0.31633478, 9.9482489e-01, 5.1751570e-03),
    (0.8407292, 0.15927087, 9.9963152e-01, 3.6841063e-04),
    (0.7729743, 0.22702564, 9.9949062e-01, 5.0930912e-04),
    (0.7729743, 0.22702564, 9.9949062e-01, 5.0930941e-04),
    (0.50833887, 0.49166116, 9.9268419e-01, 7.3158811e-03),
)  # fmt: skip

FIXED = _freeze(_SOFTMAX)[:, :2]
"""The softmax outputs for the twenty images, kernels fixed, shape (20, 2) (section 22)."""

TRAINED = _freeze(_SOFTMAX)[:, 2:]
"""The same of the network whose kernels were trained (section 23)."""
