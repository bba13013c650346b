"""Compiled C, found by its content.

PyTensor finds a module by the graph that it was made for, and to do so reads the graphs of all
modules in its cache: half a second of every process once there are six hundred. Here a module lies
in a folder named after its C text, the compiler and its arguments. So it is found in one look,
however many there are, and what is unchanged is never compiled twice. Nothing is locked: a module
is made in a folder of its own, which gets its name when it is whole.
"""

import hashlib
import os
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from time import time
from typing import Any

from symlab.engine.checksums import is_sound, say_damaged, sign
from symlab.engine.toolchain import compiler_facts

FOLDER = "modules"
"""The folder of all modules, in PyTensor's cache."""

DRAFT = "draft-"
"""What the name of a folder begins with while its module is being made."""

DAY = 24 * 60 * 60
UNUSED, UNFINISHED = 60 * DAY, DAY
"""Seconds after which a module that nobody used is removed, and what a killed process left."""


class ModuleStore:
    """Modules in a folder, in the place of PyTensor's own cache of them.

    Parameters
    ----------
    folder : pathlib.Path
        Made when the first module is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Any] = {}
        self._tidied = False

    def module_from_key(self, key: object, lnk: Any) -> Any:
        """Return the module of a linker's graph, loaded, and compiled first if need be.

        Parameters
        ----------
        key : object
            By which PyTensor would find it.
        lnk : CLinker
            PyTensor calls both arguments so.
        """
        source = lnk.get_src_code()
        name = content_name(source, lnk)
        if name not in self._loaded:
            file = self.folder / name / f"{lnk.get_dynamic_module().code_hash}.so"
            if not self._has(file):
                self._compile(file, source, lnk)
            self._loaded[name] = _load(file)
        return self._loaded[name]

    def _has(self, file: Path) -> bool:
        """Return whether a module is there; if it is damaged it is removed."""
        if not file.parent.is_dir():
            return False
        if is_sound(file, adopt=False):
            with suppress(OSError):
                os.utime(file.parent)  # it was used today
            return True
        shutil.rmtree(file.parent, ignore_errors=True)
        say_damaged(self.folder.parent)
        return False

    def _compile(self, file: Path, source: str, linker: Any) -> None:
        with self._draft() as draft:
            linker.c_compiler().compile_str(
                module_name=file.stem,
                src_code=source,
                location=str(draft),
                include_dirs=linker.header_dirs(),
                lib_dirs=linker.lib_dirs(),
                libs=linker.libraries(),
                preargs=linker.compile_args(),
                py_module=False,
            )
            sign(draft / file.name)
            try:
                draft.rename(file.parent)
            except OSError:
                if not is_sound(file, adopt=False):  # else another process has been faster
                    raise

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        """Make a folder that is gone afterwards, unless it was renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self.folder))
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _tidy(self) -> None:
        """Remove what is no longer used, once in a process, and only if it compiles anyway."""
        if self._tidied:
            return
        self._tidied, now = True, time()
        for each in self.folder.iterdir():
            with suppress(OSError):  # another process may remove it
                limit = UNFINISHED if each.name.startswith(DRAFT) else UNUSED
                if now - each.stat().st_mtime > limit:
                    shutil.rmtree(each)


def content_name(source: str, linker: Any) -> str:
    """Return the name of a module: a hash of all that decides what the compiler makes of it."""
    import numpy as np
    import pytensor

    facts = [
        source,
        *linker.compile_args(), *linker.libraries(), *linker.header_dirs(), *linker.lib_dirs(),
        *compiler_facts(),
        sysconfig.get_config_var("EXT_SUFFIX"), np.__version__, pytensor.__version__,
    ]  # fmt: skip
    return hashlib.blake2b(repr(facts).encode(), digest_size=20).hexdigest()


def _load(file: Path) -> Any:
    """Load a library as a Python module, which no other code can import by its name."""
    loader = ExtensionFileLoader(file.stem, str(file))
    module = module_from_spec(ModuleSpec(file.stem, loader, origin=str(file)))
    loader.exec_module(module)
    return module


def use_module_store() -> None:
    """Let PyTensor keep compiled modules by their content."""
    import pytensor
    from pytensor.link.c import basic

    store = ModuleStore(Path(pytensor.config.base_compiledir) / FOLDER)
    basic.get_module_cache = lambda init_args=None: store
