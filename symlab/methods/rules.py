"""The table of coordinate-wise rules, sorted by how much they remember.

`m` and `s` are running means of the gradient and of its square. Where a source has no epsilon, it
is added to the root it divides by, because a coordinate whose gradient is zero would else divide by
zero. The forms that other libraries give a rule are its variants.
"""

from symlab.checks import Catalog
from symlab.methods.directions import DIRECTIONS
from symlab.methods.rules_adam import (
    adabelief,
    adam,
    adamax,
    adamw,
    amsgrad,
    nadam,
    radam,
    yogi,
)
from symlab.methods.rules_plain import (
    gradient_descent,
    lion,
    momentum,
    nesterov,
    signsgd,
    signum,
)
from symlab.methods.rules_scaled import adadelta, adagrad, rmsprop
from symlab.methods.searches import SEARCHES

__all__ = [
    "RULES",
    "adabelief",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "amsgrad",
    "gradient_descent",
    "lion",
    "momentum",
    "nadam",
    "nesterov",
    "radam",
    "rmsprop",
    "signsgd",
    "signum",
    "yogi",
]

_ELSEWHERE = {
    name: f"sl.{name} is a {kind}, which sl.method pairs with a {other}"
    for kind, other, names in (
        ("direction", "search", DIRECTIONS),
        ("search", "direction", SEARCHES),
    )
    for name in names
}

RULES = Catalog(
    "rules",
    (
        gradient_descent,
        momentum,
        nesterov,
        signsgd,
        signum,
        lion,
        adagrad,
        rmsprop,
        adadelta,
        adam,
        adamax,
        nadam,
        amsgrad,
        adamw,
        radam,
        adabelief,
        yogi,
    ),
    elsewhere=_ELSEWHERE,
)
"""Every rule by name."""
