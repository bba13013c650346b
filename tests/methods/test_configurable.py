"""Whatever is configured by calling it is configured in the same way."""

import pytest

from symlab.methods.configurable import Configurable
from symlab.methods.directions import DIRECTIONS
from symlab.methods.rules import RULES
from symlab.methods.schedules import constant, cosine, exponential, inverse_time, step
from symlab.methods.searches import SEARCHES

SCHEDULES = {each.name: each for each in (constant, cosine, exponential, inverse_time, step)}
ALL = [*RULES.values(), *DIRECTIONS.values(), *SEARCHES.values(), *SCHEDULES.values()]


@pytest.mark.parametrize("configurable", ALL, ids=lambda each: each.name)
def test_a_call_without_values_changes_nothing(configurable: Configurable) -> None:
    """Users write `newton` and `newton()` alike."""
    assert configurable() == configurable


@pytest.mark.parametrize("configurable", ALL, ids=lambda each: each.name)
def test_a_repr_is_the_call_that_names_every_hyperparameter(configurable: Configurable) -> None:
    """What is printed can be typed again, with the values that hold."""
    name, _, words = repr(configurable)[:-1].partition("(")
    assert name == configurable.name
    assert len(words.split(", ") if words else []) == len(configurable.hyperparameters)


@pytest.mark.parametrize("configurable", ALL, ids=lambda each: each.name)
def test_a_word_that_is_unknown_is_refused_with_those_that_are(configurable: Configurable) -> None:
    """The message ends with the words that the object takes."""
    with pytest.raises(TypeError, match=rf"{configurable.name} has no hyperparameter 'q9'.* takes"):
        configurable(q9=1)


def test_values_are_kept_from_call_to_call() -> None:
    """A later call sets other hyperparameters and leaves the earlier ones as they are."""
    twice = RULES["momentum"](step_size=0.5)(momentum=0.25)
    assert repr(twice) == "momentum(step_size=0.5, momentum=0.25)"
