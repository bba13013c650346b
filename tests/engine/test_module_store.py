"""Compiled modules, kept by their content."""

import os
from pathlib import Path
from time import time
from types import SimpleNamespace

import pytest

from symlab.engine.checksums import companion, is_sound
from symlab.engine.module_store import DAY, DRAFT, ModuleStore, content_name

TEXT = """
#include <Python.h>
static struct PyModuleDef about = {PyModuleDef_HEAD_INIT, "m1", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_m1(void) {
    PyObject *made = PyModule_Create(&about);
    PyModule_AddIntConstant(made, "answer", %d);
    return made;
}
"""


class Linker:
    """What a store asks of PyTensor's linker, for a module that needs no graph."""

    def __init__(self, answer: int, flags: tuple[str, ...] = ()) -> None:
        self.answer, self.flags, self.calls = answer, flags, 0

    def get_src_code(self) -> str:
        """Return the text."""
        return TEXT % self.answer

    def get_dynamic_module(self) -> SimpleNamespace:
        """Return what knows the module's name."""
        return SimpleNamespace(code_hash="m1")

    def compile_args(self) -> list[str]:
        """Return the compiler's flags."""
        return ["-fPIC", *self.flags]

    def c_compiler(self) -> SimpleNamespace:
        """Return PyTensor's compiler, counting how often it is asked for."""
        from pytensor.link.c.cmodule import GCC_compiler

        self.calls += 1
        return SimpleNamespace(compile_str=GCC_compiler.compile_str)

    def libraries(self) -> list[str]:
        """Return none, as for folders."""
        return []

    header_dirs = lib_dirs = libraries


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {each.name for each in folder.iterdir()}


def test_a_module_is_compiled_once_for_all_processes(tmp_path: Path):
    """A second store is another process: it finds what the first has made, and loads that."""
    first, second = Linker(7), Linker(7)
    store = ModuleStore(tmp_path)
    assert store.module_from_key(None, first).answer == 7
    assert store.module_from_key(None, second).answer == 7
    assert ModuleStore(tmp_path).module_from_key(None, second).answer == 7
    assert (first.calls, second.calls) == (1, 0)
    assert names(tmp_path) == {content_name(TEXT % 7, first)}


def test_another_text_or_another_flag_is_another_module(tmp_path: Path):
    """Both decide what the compiler makes of it."""
    store = ModuleStore(tmp_path)
    made = [store.module_from_key(None, Linker(*given)).answer for given in ((1,), (2,))]
    assert made == [1, 2]
    assert content_name("text", Linker(1)) != content_name("text", Linker(1, ("-O1",)))


@pytest.mark.parametrize("damage", ["cut", "unsigned"])
def test_a_damaged_module_is_compiled_anew(tmp_path: Path, damage: str, caplog):
    """It is never executed; one sentence says so."""
    ModuleStore(tmp_path / "modules").module_from_key(None, Linker(3))
    (file,) = tmp_path.rglob("*.so")
    if damage == "cut":
        whole = file.read_bytes()
        file.unlink()  # the file that this process has loaded stays as it is
        file.write_bytes(whole[:-100])
    else:
        companion(file).unlink()
    linker = Linker(3)
    assert ModuleStore(tmp_path / "modules").module_from_key(None, linker).answer == 3
    assert linker.calls == 1
    assert is_sound(file, adopt=False)
    assert [f"at {tmp_path} are compiled anew" in each.message for each in caplog.records] == [True]


def test_whoever_is_faster_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two processes compile the same at once: the second takes what the first has put there."""
    other, linker = ModuleStore(tmp_path), Linker(5)
    rename = Path.rename

    def be_late(draft: Path, target: Path) -> Path:
        """Let another process come first."""
        monkeypatch.setattr(Path, "rename", rename)
        other.module_from_key(None, Linker(5))
        return rename(draft, target)

    monkeypatch.setattr(Path, "rename", be_late)
    assert ModuleStore(tmp_path).module_from_key(None, linker).answer == 5
    assert names(tmp_path) == {content_name(TEXT % 5, linker)}


def test_a_compiler_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch):
    """Ctrl-C comes as an exception out of the compiler's call."""
    linker = Linker(6)

    def stop(**_: object) -> None:
        """Be interrupted."""
        raise KeyboardInterrupt

    monkeypatch.setattr(linker, "c_compiler", lambda: SimpleNamespace(compile_str=stop))
    with pytest.raises(KeyboardInterrupt):
        ModuleStore(tmp_path).module_from_key(None, linker)
    assert names(tmp_path) == set()


def test_what_nobody_uses_goes_and_what_is_used_stays(tmp_path: Path):
    """After two months; an unfinished one after a day, since its process was killed."""
    store = ModuleStore(tmp_path)
    store.module_from_key(None, Linker(8))
    (used,) = names(tmp_path)
    for name, days in ((used, 59), ("0" * 40, 61), (f"{DRAFT}1", 2), (f"{DRAFT}2", 0)):
        (tmp_path / name).mkdir(exist_ok=True)
        os.utime(tmp_path / name, (time() - days * DAY,) * 2)
    later, linker = ModuleStore(tmp_path), Linker(9)
    later.module_from_key(None, linker)
    assert names(tmp_path) == {used, f"{DRAFT}2", content_name(TEXT % 9, linker)}
    later.module_from_key(None, Linker(8))
    assert time() - (tmp_path / used).stat().st_mtime < DAY
