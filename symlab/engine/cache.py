"""PyTensor's compile cache: whether it can be used, and the error message where it cannot.

PyTensor and Numba keep what they have compiled in one folder, which all processes of a user share.
Where that folder cannot be written, `import pytensor` itself fails; so it is tried before, and a
temporary one is taken instead. A file in it that a crash or a full disk left damaged is found only
when it is read: `explain_errors` then says in one sentence what to do.
"""

import atexit
import errno
import logging
import os
import pickletools
import platform
import shutil
import sys
import tempfile
import traceback
from collections import deque
from collections.abc import Iterator
from configparser import Error, RawConfigParser
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from symlab.engine.checksums import clear_damaged
from symlab.engine.module_store import DRAFT

_log = logging.getLogger("symlab")

ENOUGH_BYTES = 64 * 2**20
"""Space without which compiling is not begun: all lessons together leave 17 MB."""

TRIAL_BYTES = 2**20
"""How much is written to try a folder: a quota shows in no other way."""

READERS = ("link/c/cmodule.py", "link/c/lazylinker_c.py", "core/caching.py", "compilelock.py")
"""Where PyTensor and Numba read and write it: an error that came by there is the cache's."""

STORE = "engine/module_store.py"
"""Where we do: an error about a file that came by there is, too."""

FULL = {errno.ENOSPC, errno.EDQUOT}
INSTEAD = "set PYTENSOR_FLAGS=base_compiledir=<a folder you may write to>"


class CacheError(OSError):
    """The compile cache cannot be used; the message is one sentence that says what to do."""


@cache
def prepare() -> str:
    """Take a temporary cache for this process and its children where PyTensor's cannot be used.

    Returns
    -------
    str
        What was logged about it; nothing where the cache is usable, or PyTensor imported already.

    Raises
    ------
    CacheError
        If no temporary folder can be used either.
    """
    place = location()
    if "pytensor" in sys.modules:
        return ""
    reason = unusable(place)
    if not reason:
        clear_damaged(place)
        return ""
    words = f"The compile cache at {place} cannot be used: {reason}"
    try:
        instead = temporary()
    except OSError as error:
        raise CacheError(f"{words}, nor can a temporary one ({error}); {INSTEAD}.") from None
    os.environ["PYTENSOR_FLAGS"] = flags(instead)
    told = f"{words}. A temporary one is used instead; to keep what is compiled, {INSTEAD}."
    _log.warning("%s", told)
    return told


def location() -> Path:
    """Return the folder that PyTensor will keep its cache in, without importing PyTensor."""
    base = _settings().get("base_compiledir") or Path(os.environ.get("HOME", "~")) / ".pytensor"
    return Path(base).expanduser()


def flags(folder: Path) -> str:
    """Return the user's `PYTENSOR_FLAGS` with another folder for the cache."""
    names = ("base_compiledir", "compiledir")
    kept = [part for part in _flags() if part.partition("=")[0].strip() not in names]
    moved = [f"compiledir={folder / 'compiled'}"] if "compiledir" in _settings() else []
    return ",".join([*kept, f"base_compiledir={folder}", *moved])


def _flags() -> list[str]:
    return [part for part in os.environ.get("PYTENSOR_FLAGS", "").split(",") if part.strip()]


def _settings() -> dict[str, str]:
    """What the user has chosen: in the configuration files, and over them in the flags."""
    files = RawConfigParser()
    try:
        names = os.environ.get("PYTENSORRC", "~/.pytensorrc").split(os.pathsep)
        files.read(Path(name).expanduser() for name in names)
    except Error:
        files.clear()  # PyTensor will say itself what is wrong with the file
    pairs = (part.partition("=") for part in _flags())
    written = dict(files["global"]) if files.has_section("global") else {}
    return written | {name.strip(): value.strip() for name, _, value in pairs}


def unusable(folder: Path) -> str:
    """Return why nothing can be compiled into a folder, or nothing where it can.

    Examples
    --------
    >>> unusable(Path(__file__) / "below")
    'not a directory'
    """
    try:
        str(folder).encode()  # Python loads no library from a name that has no letters in UTF-8
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(bytes(TRIAL_BYTES))
            stream.flush()
        free = shutil.disk_usage(folder).free
        # PyTensor's own folder inside, whose name ends so, may belong to another user.
        kinds = (f"*-{platform.python_version()}-*", "modules", "numba")
        inside = [each for kind in kinds for each in folder.glob(kind)]
    except UnicodeEncodeError:
        return "this locale cannot read its name"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    if any(not each.is_dir() for each in inside):
        return "not a directory"
    if any(not os.access(each, os.R_OK | os.W_OK | os.X_OK) for each in inside):
        return "permission denied"
    return "" if free >= ENOUGH_BYTES else f"only {free // 2**20} MB are free there"


def temporary() -> Path:
    """Make a folder for a cache that is removed when this process ends.

    Raises
    ------
    OSError
        If there is no place for one.
    """
    folder = Path(tempfile.mkdtemp(prefix="symlab-cache-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if reason := unusable(folder):
        raise OSError(f"{folder}: {reason}")
    return folder


def remedy(error: BaseException) -> str:
    """Return what to do about an error of the compile cache; nothing for any other error."""
    for each in _chain(error):
        if isinstance(each, CacheError):
            return str(each)
        if _is_of_cache(each):
            return _sentence(each)
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, its cause, and the errors that were being handled."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_of_cache(error: BaseException) -> bool:
    # It may mean that the code is wrong, or the compiler; here only that there was no space left.
    if type(error).__name__ == "CompileError":
        return os.strerror(errno.ENOSPC) in str(error)
    frames = traceback.walk_tb(error.__traceback__)
    files = [Path(frame.f_code.co_filename).as_posix() for frame, _ in frames]
    ours = (STORE,) if isinstance(error, OSError | ImportError) else ()
    return any(file.endswith((*READERS, *ours)) for file in files)


def _sentence(error: BaseException) -> str:
    place = f"The compile cache at {location()}"
    if isinstance(error, TimeoutError):
        return f"{place} is locked by another process: wait until that has ended, or {INSTEAD}."
    if getattr(error, "errno", None) in FULL or os.strerror(errno.ENOSPC) in str(error):
        return f"{place} is full: free some space there, or {INSTEAD}."
    seen = f"{type(error).__name__}: {(str(error).strip() or 'no message').splitlines()[0]}"
    return f"{place} is damaged ({seen}): delete that folder, and it is made anew."


@contextmanager
def explain_errors() -> Iterator[None]:
    """Turn an error of the compile cache into a `CacheError`, which says what to do."""
    try:
        yield
    except Exception as error:
        if sentence := remedy(error):
            raise CacheError(sentence) from None  # what four libraries say adds nothing
        raise


def find_damaged(folder: Path) -> list[Path]:
    """Return the files of a cache that cannot be whole: empty libraries and broken pickles."""
    pickles = [file for kind in ("*.nbi", "*.nbc", "key.pkl") for file in folder.rglob(kind)]
    finished = (file for file in folder.rglob("*.so") if not file.parent.name.startswith(DRAFT))
    empty = [file for file in finished if not file.stat().st_size]
    return sorted([*empty, *(file for file in pickles if not _is_whole_pickle(file))])


def _is_whole_pickle(file: Path) -> bool:
    """Whether a file is one pickle or several; they are read and not run."""
    try:
        with file.open("rb") as stream:
            while True:
                deque(pickletools.genops(stream), maxlen=0)
                if not stream.peek(1):
                    return True
    except FileNotFoundError:
        return True  # another process has replaced it meanwhile
    except (ValueError, KeyError, IndexError, OverflowError):
        return False
