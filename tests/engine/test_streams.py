"""The streams of a seed: one for each purpose."""

import pytest

from symlab.engine import streams
from symlab.engine.streams import generator_of

NUMBERS = [number for name, number in vars(streams).items() if name.endswith("_STREAM")]


def test_every_purpose_has_a_stream_of_its_own():
    """Equal streams would start a run at its own data, or deal batches that depend on them."""
    assert len(set(NUMBERS)) == len(NUMBERS) == 4
    assert len({generator_of(0, number).random() for number in NUMBERS}) == 4


@pytest.mark.parametrize("seed, kind", [(-1, ValueError), (0.5, TypeError), ("0", TypeError)])
def test_a_seed_is_an_integer_of_at_least_zero(seed, kind):
    """The message names the argument."""
    with pytest.raises(kind, match=r"^seed: expected"):
        generator_of(seed, streams.DATA_STREAM)
