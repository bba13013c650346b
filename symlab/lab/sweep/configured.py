"""A method with hyperparameters put in, whatever kind of method it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from symlab.algebra.alphabet import HYPERPARAMETERS
from symlab.methods.configurable import Configurable
from symlab.methods.method import Method, Runnable
from symlab.methods.squares import SquaresMethod


def hyperparameters_of(method: Runnable) -> tuple[str, ...]:
    """Return the words of a method's hyperparameters, of its direction first.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> hyperparameters_of(as_method("bfgs"))
    ('step_size', 'shrink', 'decrease')
    """
    return tuple(dict.fromkeys(word for part in _parts(method) for word in _words(part)))


def configured(method: Runnable, values: Mapping[str, Any]) -> Runnable:
    """Return a method with some of its hyperparameters set.

    Raises
    ------
    TypeError, ValueError
        If a value is no number or lies outside its domain.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> configured(as_method("newton"), {"damping": 0.5})
    method(direction=newton(damping=0.5), search=fixed(step_size=1))
    """
    if not values:
        return method
    if isinstance(method, Method):
        return Method(_set(method.direction, values), _set(method.search, values))
    if isinstance(method, SquaresMethod) and method.search is not None:
        own = _set(method, values)
        return replace(own, search=_set(method.search, values))
    return _set(method, values)


def _parts(method: Runnable) -> list[Configurable]:
    if isinstance(method, Method):
        return [method.direction, method.search]
    search = method.search if isinstance(method, SquaresMethod) else None
    return [method] if search is None else [method, search]


def _words(part: Configurable) -> list[str]:
    return [HYPERPARAMETERS[letter].word for letter in part.defaults]


def _set(part: Any, values: Mapping[str, Any]) -> Any:
    own = {word: value for word, value in values.items() if word in _words(part)}
    return part(**own) if own else part
