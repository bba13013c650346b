"""The libraries whose forms of the rules are variants, by the name that `variant=` takes."""

from collections.abc import Collection

from symlab.checks import LONGEST, list_names, lookup

TORCH = "PyTorch 2.14, torch.optim"
OPTAX = "optax 0.2.8"
KERAS = "Keras 2.2.4, optimizers.py"
KERAS3 = "Keras 3.15, keras.optimizers"

LIBRARIES = {"torch": TORCH, "optax": OPTAX, "keras": KERAS, "keras3": KERAS3}
"""What each name means; `tests/oracle` has the numbers of these versions."""


def check_has_variant(rule: str, variant: object, known: Collection[str]) -> None:
    """Refuse a variant that a rule does not have; of a library, say that it has no such rule.

    Raises
    ------
    TypeError
        If it is not text.
    ValueError
        If the rule has no variant of this name; the message lists those it has.

    Examples
    --------
    >>> check_has_variant("lion", "torch", ["optax", "keras3"])
    Traceback (most recent call last):
        ...
    ValueError: lion: variant: torch (PyTorch 2.14, torch.optim) has no such rule. Known: optax, \
keras3.
    """
    if isinstance(variant, str) and variant in LIBRARIES and variant not in known:
        start = f"{rule}: variant: {variant} ({LIBRARIES[variant]}) has no such rule. "
        raise ValueError(start + list_names("Known", known, LONGEST - len(start)))
    lookup(variant, dict.fromkeys(known), f"{rule}: variant")
