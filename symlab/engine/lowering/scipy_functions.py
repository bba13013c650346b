"""SciPy's special functions that return several values at once, or take other arguments, one each.

They are NumPy functions of real arrays; PyTensor finds them by their names.
"""

from typing import Any

import numpy as np
from scipy import special


def sine_integral(z: Any) -> Any:
    """Return Si(z)."""
    return special.sici(z)[0]


def cosine_integral(z: Any) -> Any:
    """Return Ci(z)."""
    return special.sici(z)[1]


def hyperbolic_sine_integral(z: Any) -> Any:
    """Return Shi(z)."""
    return special.shichi(z)[0]


def hyperbolic_cosine_integral(z: Any) -> Any:
    """Return Chi(z)."""
    return special.shichi(z)[1]


def fresnel_sine(z: Any) -> Any:
    """Return S(z)."""
    return special.fresnel(z)[0]


def fresnel_cosine(z: Any) -> Any:
    """Return C(z)."""
    return special.fresnel(z)[1]


def airy_ai(z: Any) -> Any:
    """Return Ai(z)."""
    return special.airy(z)[0]


def airy_ai_slope(z: Any) -> Any:
    """Return Ai'(z)."""
    return special.airy(z)[1]


def airy_bi(z: Any) -> Any:
    """Return Bi(z)."""
    return special.airy(z)[2]


def airy_bi_slope(z: Any) -> Any:
    """Return Bi'(z)."""
    return special.airy(z)[3]


def lambert(z: Any, branch: Any = 0) -> Any:
    """Return a branch of W(z), 0 or -1, and NaN where it is not real."""
    w = special.lambertw(z, np.asarray(branch).astype(int))
    return np.where(w.imag == 0, w.real, np.nan)


def riemann_zeta(s: Any) -> Any:
    """Return zeta(s)."""
    return special.zeta(s)
