"""A page for each public name, from its docstring; names in a module stand on the module's."""

import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer
from sympy import Function

import symlab as sl
from pages.kept import Kept
from pages.markdown import fill
from pages.methods import is_method, methods, page_name
from pages.page import Page


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all public names, and the list of them."""
    listed = []
    for name in sl.__all__:
        value = getattr(sl, name)
        place = _place_elsewhere(name) or f"/api/{name}.rst"
        if place.startswith("/api/"):
            yield from _pages_of(name, value)
        listed.append((f"sl.{name}", place, _sentence(name, value)))
    yield Page("api/index.md", fill("api.jinja", listed=listed))


def _place_elsewhere(name: str) -> str:
    """Return the page of a method, which has one of its own; else nothing."""
    full = f"sl.{name}"
    return f"/methods/{page_name(full)}.md" if full in methods() else ""


def _pages_of(name: str, value: Any) -> Iterator[Page]:
    """Yield the page of a name, and those of the modules inside it."""
    if isinstance(value, ModuleType):
        yield from _pages_of_module(name, value)
        return
    text = fill(
        "name.jinja",
        name=f"symlab.{name}",
        kind=_kind(value),
        entries=_entries(value),
        said=_sentence(name, value),
    )
    yield Page(f"api/{name}.rst", text)


def _pages_of_module(name: str, module: ModuleType) -> Iterator[Page]:
    members = _members(module)
    inside = {key: value for key, value in members.items() if isinstance(value, ModuleType)}
    for key, value in inside.items():
        yield from _pages_of_module(f"{name}.{key}", value)
    text = fill(
        "module.jinja",
        name=f"symlab.{name}",
        origin=module.__name__,
        members={key: _kind(value) for key, value in members.items() if key not in inside},
        inside=[f"{name}.{key}" for key in inside],
    )
    yield Page(f"api/{name}.rst", text)


def _kind(value: Any) -> str:
    """Return what autodoc calls a value, or "formula" for a function of SymPy's kind."""
    if inspect.isclass(value):
        return "formula" if issubclass(value, Function) else "class"
    return "function" if inspect.isroutine(value) else "data"


def _members(module: ModuleType) -> Mapping[str, Any]:
    """Return the public names of a module; what it has imported for itself is left out."""
    own = vars(module)
    listed = getattr(module, "__all__", None) or [
        name
        for name, value in own.items()
        if name[0] != "_" and getattr(value, "__module__", "") == module.__name__
    ]
    return {name: getattr(module, name) for name in listed}


def _entries(value: Any) -> list[str]:
    """Return the names in a catalogue."""
    return list(value) if isinstance(value, Mapping) else []


def _sentence(name: str, value: Any) -> str:
    """Return the first sentence of what is said of a value: where it is stated, or by itself."""
    if is_method(value):
        return value.source
    if isinstance(value, Mapping):
        module, _, attribute = sl._LATER[name].partition(":")
        said = ModuleAnalyzer.for_module(module).find_attr_docs()
        return " ".join(said["", attribute]).strip()
    return (inspect.getdoc(value) or "").strip().partition("\n\n")[0].replace("\n", " ")
