"""The versions of the site that a reader can switch to: this one, and those that lie beside it."""

import symlab


def versions() -> list[dict[str, str]]:
    """Return name and address of each version, this one first."""
    return [{"name": symlab.__version__, "address": ""}]
