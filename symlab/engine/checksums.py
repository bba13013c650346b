"""Check sums beside compiled code, so that a damaged library is found out before it is executed.

PyTensor and Numba load what an earlier process compiled, and machine code with one wrong byte ends
the process without a word. So each compiled file gets a companion that holds its check sum, made
together with a mark of the processor, since code for another one may not run here. A file is
compared with its companion when it is loaded, once in a process. What does not match is removed and
compiled anew, which one sentence says.
"""

import hashlib
import logging
import os
import platform
import shutil
import struct
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

_log = logging.getLogger("symlab")

SUFFIX = ".sum"
"""What is added to a file's name for that of its companion."""

LOADED_AT_IMPORT = ("cutils_ext", "lazylinker_ext")
"""The libraries that PyTensor loads while it is imported."""


class DamagedCode(OSError):
    """A compiled file is not what it was when it was written."""


@cache
def processor() -> bytes:
    """Return a mark of the kind of processor that code is compiled for."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # no Linux: two words are all there is
        return f"{platform.machine()}\n{platform.processor()}".encode()
    names = ("model name", "flags", "Features")
    facts = [next((line for line in lines if line.startswith(name)), "") for name in names]
    return "\n".join([platform.machine(), "", *facts]).encode()


def check_sum(content: bytes) -> str:
    """Return the check sum of a file's content on this kind of processor."""
    return hashlib.blake2b(content, digest_size=16, key=_key()).hexdigest()


@cache
def _key() -> bytes:
    return hashlib.blake2b(processor(), digest_size=32).digest()


def companion(file: Path) -> Path:
    """Return where a file's check sum is kept."""
    return file.with_name(file.name + SUFFIX)


def sign(file: Path) -> None:
    """Write the companion of a file that has just been compiled."""
    mark = companion(file)
    unfinished = mark.with_name(f"{mark.name}.{os.getpid()}")
    unfinished.write_text(check_sum(file.read_bytes()), encoding="ascii")
    unfinished.replace(mark)


def is_sound(file: Path, *, adopt: bool) -> bool:
    """Return whether a compiled file is what it was when it was written.

    Parameters
    ----------
    file : pathlib.Path
    adopt : bool
        Whether a file without a companion is given one if it looks whole: it may be another
        program's, which shares the cache.
    """
    try:
        content = file.read_bytes()
        mark = companion(file)
        if mark.exists():
            return mark.read_text(encoding="ascii").strip() == check_sum(content)
    except (OSError, UnicodeDecodeError):
        return False
    if adopt and is_whole_library(content):
        sign(file)
        return True
    return False


def is_whole_library(content: bytes) -> bool:
    r"""Return whether a shared library has all the bytes that its header states.

    Examples
    --------
    >>> is_whole_library(b""), is_whole_library(b"\x7fELF" + bytes(20))
    (False, False)
    """
    if not content.startswith(b"\x7fELF"):
        return bool(content) and platform.system() != "Linux"
    if len(content) < 64 or content[4] != 2:
        return False
    (sections,) = struct.unpack_from("<Q", content, 0x28)
    size, count = struct.unpack_from("<HH", content, 0x3A)
    return len(content) >= sections + size * count


def clear_damaged(folder: Path) -> list[Path]:
    """Remove the libraries that PyTensor loads while it is imported, where they are damaged.

    Returns
    -------
    list of pathlib.Path
        The folders that were removed from the compile cache `folder`.
    """
    found = [file for name in LOADED_AT_IMPORT for file in folder.glob(f"*/{name}/*.so")]
    broken = [file.parent for file in found if not is_sound(file, adopt=True)]
    for place in broken:
        shutil.rmtree(place, ignore_errors=True)
    if broken:
        say_damaged(folder)
    return broken


@cache
def say_damaged(folder: Path) -> None:
    """Say that a cache is damaged, once in a process."""
    _log.warning("Damaged files in the compile cache at %s are compiled anew.", folder)


def guard_numba() -> None:
    """Let Numba check what it reads from its cache; what is damaged it compiles anew."""
    from numba.core.caching import IndexDataCacheFile as Cached

    guarded = {
        "_save_data": _sign_after(Cached._save_data, lambda kept, key: Path(kept._data_path(key))),
        "_save_index": _sign_after(Cached._save_index, lambda kept, _: Path(kept._index_path)),
        "_load_data": _guard_data(Cached._load_data),
        "_load_index": _guard_index(Cached._load_index),
    }
    for name, method in guarded.items():
        setattr(Cached, name, method)


def _sign_after(save: Callable[..., None], place: Callable[..., Path]) -> Callable[..., None]:
    @wraps(save)
    def signed(kept: Any, first: Any, *rest: Any) -> None:
        save(kept, first, *rest)
        sign(place(kept, first))

    return signed


def _guard_data(load: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(load)
    def checked(kept: Any, name: str) -> Any:
        file = Path(kept._data_path(name))
        if file.exists() and not is_sound(file, adopt=False):
            # Numba takes any OSError for a file that is gone, and compiles.
            raise _remove(file)
        return load(kept, name)

    return checked


def _guard_index(load: Callable[..., dict]) -> Callable[..., dict]:
    @wraps(load)
    def checked(kept: Any) -> dict:
        file = Path(kept._index_path)
        if file.exists() and not is_sound(file, adopt=False):
            _remove(file)
            return {}
        return load(kept)

    return checked


def _remove(file: Path) -> DamagedCode:
    """Remove a damaged file of Numba's, say so, and return the error that tells Numba."""
    is_ours = companion(file).exists()
    for each in (file, companion(file)):
        each.unlink(missing_ok=True)
    if is_ours:  # without a companion it is another program's, or older than check sums
        say_damaged(file.parent)
    return DamagedCode(f"{file.name} is damaged.")
