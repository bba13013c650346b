"""Notes on a formula that was accepted: names that might have been meant as a product or a call."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from symlab.algebra.formula.spelling import Token, shorten

_GREEK = {"pi", "mu", "nu", "xi", "eta", "tau", "rho", "phi", "chi", "psi"}


def notes_on_names(tokens: Collection[Token], functions: Collection[str]) -> Iterator[str]:
    """Yield a note for each name that might have been meant as a product or a call.

    Examples
    --------
    >>> from symlab.algebra.formula.spelling import tokens_of
    >>> list(notes_on_names(tokens_of("xy + x^2 + sinx"), {"sin"}))
    ['xy is read as one name; write x*y for a product.',
     'sinx is read as one name; write sin(x) for the function.']
    """
    names = dict.fromkeys(token.text for token in tokens if token.kind == "name")
    own = [name for name in names if name not in functions]
    pairs = pairwise(tokens)
    behind_numbers = {name.text for number, name in pairs if number.kind == "number"}
    for name in own:
        if call := _call(name, functions):
            yield f"{shorten(name)} is read as one name; write {call} for the function."
        elif _is_short(name) and (name in behind_numbers or _is_product(name, own)):
            yield f"{name} is read as one name; write {'*'.join(name)} for a product."
        elif name in {"Pi", "PI"}:
            yield f"{name} is read as a name; the constant is pi."


def _call(name: str, functions: Collection[str]) -> str:
    """Return the call that `sinx` or `sin2x` might stand for."""
    for function in sorted(functions, key=len, reverse=True):
        rest = name.removeprefix(function)
        if rest != name and len(rest.lstrip("0123456789")) == 1:
            return f"{function}({rest})"
    return ""


def _is_product(name: str, names: Collection[str]) -> bool:
    """Tell whether a short name is made of letters that are names too, as `xy` beside x."""
    short = [other for other in names if other != name and (len(other) == 1 or _is_short(other))]
    return any(letter in other for letter in name for other in short)


def _is_short(name: str) -> bool:
    return 2 <= len(name) <= 3 and name.isalpha() and name not in _GREEK
