"""Checks of arguments at the public boundary: whole numbers, types, names in a table.

An error is one line that names the argument, shows the value (shortened if need be) and says what
was expected, with the nearest known name for a typo.
"""

import operator
import reprlib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set, Sized
from difflib import get_close_matches
from functools import wraps
from typing import Any

MOST_SHOWN = 60
"""Characters of a value in a message: enough to find it again, and the message stays one line."""

LONGEST = 199
"""Characters of a message: it is one line, and stays readable in a terminal."""

MOST_MEMBERS = 10**7
"""Members of a sequence at most: a range of more takes no memory until it is made a list."""

PACKAGE = __file__.removesuffix("checks.py")
"""The folder of the package: a warning points at the first line outside it."""

_brief = reprlib.Repr(maxlevel=2, maxlist=4, maxtuple=4, maxdict=3, maxset=3, maxarray=4)
_brief.maxstring = _brief.maxother = MOST_SHOWN


def shown(value: object) -> str:
    """Return how a value is shown in a message: its repr, in one line of at most `MOST_SHOWN`.

    Examples
    --------
    >>> shown("x"), shown([1] * 1000)
    ("'x'", '[1, 1, 1, 1, ...]')
    """
    try:
        text = " ".join(_brief.repr(value).split())
    except Exception:  # a value whose own repr raises; its type can still be named
        text = f"a {type(value).__name__}"
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a hint naming the known name nearest to a mistyped one, whatever the case.

    Examples
    --------
    >>> nearest("nunba", ["c", "numba"]), nearest("x", ["c", "numba"])
    ("; did you mean 'numba'?", '.')
    >>> nearest("C", ["c", "numba"]), nearest("mpl", ["MLP", "adder"])
    ("; did you mean 'c'?", "; did you mean 'MLP'?")
    """
    names = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), names, n=1) if isinstance(name, str) else []
    return f"; did you mean {names[close[0]]!r}?" if close else "."


def lookup[Value](name: object, table: Mapping[str, Value], argument: str) -> Value:
    """Return what a table has under a name, or say which names it has.

    Raises
    ------
    ValueError
        If there is no such name, with the nearest one.
    TypeError
        If it is not text.

    Examples
    --------
    >>> lookup("nunba", {"c": 1, "numba": 2}, "backend")
    Traceback (most recent call last):
        ...
    ValueError: backend: unknown name 'nunba'; did you mean 'numba'? Known: c, numba.
    """
    if not isinstance(name, str):
        raise TypeError(f"{argument}: expected a name, got {shown(name)}.")
    if name not in table:
        start = f"{argument}: unknown name {shown(name)}{nearest(name, table)} "
        raise ValueError(start + list_names("Known", table, LONGEST - len(start)))
    return table[name]


class Catalog[Value](Mapping[str, Value]):
    """A read-only mapping of named values, where an unknown name is answered with the nearest.

    Parameters
    ----------
    title : str
        What it lists, such as "rules"; messages begin with it.
    values : iterable
        What it lists, in order.
    key : str
        The attribute of a value that is its name here.
    elsewhere : mapping of str to str, optional
        What to say of a name that people look for here and that stands elsewhere.

    Examples
    --------
    >>> known = Catalog("functions", [len, max, min], key="__name__")
    >>> known["max"]([1, 2]), list(known), known
    (2, ['len', 'max', 'min'], functions: len, max, min)
    >>> known["mix"]
    Traceback (most recent call last):
        ...
    KeyError: "functions: unknown name 'mix'; did you mean 'min'?"
    """

    def __init__(
        self,
        title: str,
        values: Iterable[Value],
        key: str = "name",
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        self._title, self._elsewhere = title, dict(elsewhere or {})
        self._entries: dict[str, Value] = {getattr(value, key): value for value in values}

    def __getitem__(self, name: str) -> Value:
        if name not in self._entries:
            raise KeyError(f"{self._title}: unknown name {shown(name)}{self._hint(name)}")
        return self._entries[name]

    def _hint(self, name: object) -> str:
        known = self._elsewhere.get(name.casefold()) if isinstance(name, str) else None
        return f"; {known}." if known else nearest(name, self)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"{self._title}: {', '.join(self)}"


class LazyCatalog[Value](Catalog[Value]):
    """A catalogue whose values are made when they are first asked for.

    Parameters
    ----------
    title : str
        What it lists; messages begin with it.
    makers : mapping of str to callable
        For each name a function without arguments that returns the value.

    Examples
    --------
    >>> tables = LazyCatalog("tables", {"squares": lambda: [n * n for n in range(4)]})
    >>> tables, tables["squares"], tables["squares"] is tables["squares"]
    (tables: squares, [0, 1, 4, 9], True)
    """

    def __init__(self, title: str, makers: Mapping[str, Callable[[], Value]]) -> None:
        super().__init__(title, ())
        self._makers = makers

    def __getitem__(self, name: str) -> Value:
        if name not in self._entries and name in self._makers:
            self._entries[name] = self._makers[name]()
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def list_names(word: str, names: Iterable[str], room: int) -> str:
    """Return names as a sentence of fewer than `room` characters: the first that fit, then dots.

    Examples
    --------
    >>> list_names("Known", ["adam", "newton", "momentum"], 25), list_names("Known", [], 25)
    ('Known: adam, newton, ....', 'Known: none.')
    """
    listed = list(names)
    kept = list(listed)
    while kept and len(f"{word}: {', '.join(kept)}, ....") > room:
        kept.pop()
    dots = ["..."] * (len(kept) < len(listed))
    return f"{word}: {', '.join(kept + dots) or 'none'}."


def choice(name: object, known: Iterable[str], argument: str) -> str:
    """Return a name that is one of those known, or say which they are.

    Examples
    --------
    >>> choice("maen", ["mean", "sum"], "reduction")
    Traceback (most recent call last):
        ...
    ValueError: reduction: unknown name 'maen'; did you mean 'mean'? Known: mean, sum.
    """
    return lookup(name, {each: each for each in known}, argument)


def check_type[Kind](
    value: object, kind: type[Kind] | tuple[type[Kind], ...], argument: str, wanted: str
) -> Kind:
    """Return a value of a type, or name the argument that is of another.

    Examples
    --------
    >>> check_type("f", int, "count", "an integer")
    Traceback (most recent call last):
        ...
    TypeError: count: expected an integer, got 'f'.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{argument}: expected {wanted}, got {shown(value)}.")
    return value


def several(values: object, argument: str, wanted: str) -> list[Any]:
    """Return the members of a sequence; text, a mapping and an endless iterable are none.

    Examples
    --------
    >>> several(("c", "numba"), "backends", "names")
    ['c', 'numba']
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Sequence | Set):
        listed = getattr(values, "tolist", None)
        values = listed() if callable(listed) and not isinstance(values, type) else values
        if not isinstance(values, list):
            raise TypeError(f"{argument}: expected {wanted}, got {shown(values)}.")
    if length(values) > MOST_MEMBERS:
        raise ValueError(f"{argument}: expected at most {MOST_MEMBERS}, got {shown(values)}.")
    return list(values)


def length(values: Sized) -> int:
    """Return a length; Python refuses to say that of a range of more than 2^63 numbers.

    Examples
    --------
    >>> length([1, 2]), length(range(10**30)) == sys.maxsize
    (2, True)
    """
    try:
        return len(values)
    except OverflowError:
        return sys.maxsize


def whole(value: object, name: str, least: int) -> int:
    """Return an integer of at least `least`, or name the argument that is none.

    Examples
    --------
    >>> whole(2.5, "max_steps", 0)
    Traceback (most recent call last):
        ...
    TypeError: max_steps: expected an integer, got 2.5.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]  # that is what is tried
    except TypeError:
        raise TypeError(f"{name}: expected an integer, got {shown(value)}.") from None
    if number < least:
        raise ValueError(f"{name}: expected at least {least}, got {shown(value)}.")
    return number


def flag(value: object, name: str) -> bool:
    """Return True or False, Python's or NumPy's, or name the argument that is neither.

    Examples
    --------
    >>> flag("no", "shuffle")
    Traceback (most recent call last):
        ...
    TypeError: shuffle: expected True or False, got 'no'.
    """
    # NumPy's own bool is recognised by its name, because this floor imports no NumPy.
    if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):
        raise TypeError(f"{name}: expected True or False, got {shown(value)}.")
    return bool(value)


def check_given_once(given: object, kind: type, argument: str, keywords: Mapping[str, Any]) -> None:
    """Refuse a value of the wrong type, or one whose parts are also given as plain keywords.

    Examples
    --------
    >>> check_given_once(2j, complex, "number", {"real": 1})
    Traceback (most recent call last):
        ...
    TypeError: number: expected alone, got real beside it; put it into complex(...).
    """
    if given is None:
        return
    check_type(given, kind, argument, f"{kind.__name__}(...)")
    if keywords:
        beside = next(iter(keywords))
        told = f"{argument}: expected alone, got {beside} beside it; put it into"
        raise TypeError(f"{told} {kind.__name__}(...).")


def renamed_keyword[**Given, Answer](
    old: str, new: str
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Let a function take a keyword by its old name for one more version, with one warning.

    It stands above all other decorators of the function, so that they see the new name alone and
    the warning points at the caller; several of it may stand one above another.

    Parameters
    ----------
    old, new : str
        The names of the keyword.

    Returns
    -------
    callable
        A decorator. What it decorates raises a TypeError where both names are given.

    Examples
    --------
    >>> @renamed_keyword("rate", "step_size")
    ... def step(*, step_size):
    ...     return step_size
    >>> step(step_size=1)
    1
    >>> step(rate=1, step_size=1)
    Traceback (most recent call last):
        ...
    TypeError: step: rate is the old name of step_size; give step_size alone.
    """

    def decorate(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(function)
        def renamed(*arguments: Given.args, **words: Given.kwargs) -> Answer:
            if old in words:
                name = function.__qualname__.removesuffix(".__call__").rpartition(".")[2]
                if new in words:
                    raise TypeError(f"{name}: {old} is the old name of {new}; give {new} alone.")
                told = f"{name}: {old} is now called {new}; the old name goes in the next version."
                warnings.warn(told, DeprecationWarning, skip_file_prefixes=(PACKAGE,))
                words[new] = words.pop(old)
            return function(*arguments, **words)

        return renamed

    return decorate
