"""The compiler's flags for this processor, asked for once and then kept in the compile cache.

In every process that compiles or loads C, PyTensor asks g++ which flags stand for this processor,
and compiles and runs a program with them: four calls, half a second. The answer changes only with
the compiler, the processor or the user's own flags, so it is kept under a mark of the three.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from symlab.engine.checksums import check_sum, processor
from symlab.files import replace_file

NAME = "symlab_flags.json"
"""The file in PyTensor's folder."""


def keep_flags() -> None:
    """Let PyTensor take its flags for this processor from the cache, and leave them there."""
    from pytensor.link.c.cmodule import GCC_compiler

    GCC_compiler.compile_args = staticmethod(_kept(GCC_compiler.compile_args))


def _kept(ask: Callable[..., list[str]]) -> Callable[..., list[str]]:
    from pytensor.link.c.cmodule import GCC_compiler

    def compile_args(*, march_flags: bool = True) -> list[str]:
        if not march_flags or GCC_compiler.march_flags is not None:
            return ask(march_flags=march_flags)
        place, mark = _place(), _mark()
        GCC_compiler.march_flags = known_flags(place, mark)
        if GCC_compiler.march_flags is not None:
            return ask(march_flags=march_flags)
        found = ask(march_flags=march_flags)
        keep(place, mark, GCC_compiler.march_flags)
        return found

    return compile_args


def _place() -> Path:
    import pytensor

    return Path(pytensor.config.compiledir) / NAME


def _mark() -> str:
    """Return a mark of all that the flags depend on."""
    from pytensor import __version__, config

    facts = [__version__, config.gcc__cxxflags, *compiler_facts()]
    return hashlib.blake2b(processor() + repr(facts).encode(), digest_size=16).hexdigest()


def compiler_facts() -> tuple[str, ...]:
    """Return what is another where the compiler is, without calling it."""
    from pytensor import config

    words = config.cxx.split()
    compiler = shutil.which(words[0]) if words else None
    if compiler is None:
        return (config.cxx,)
    file = Path(compiler).resolve()
    about = file.stat()
    return config.cxx, str(file), str(about.st_size), str(about.st_mtime_ns)


def known_flags(place: Path, mark: str) -> list[str] | None:
    """Return the flags kept under a mark; None where there are none, or the file is damaged."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        flags = [str(flag) for flag in kept["flags"]]
        sound = kept["mark"] == mark and kept["sum"] == _sum(mark, flags)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return flags if sound else None


def keep(place: Path, mark: str, flags: list[str] | None) -> None:
    """Keep flags under a mark; where that cannot be done the next process asks again."""
    if flags is None:
        return
    kept = {"mark": mark, "flags": flags, "sum": _sum(mark, flags)}
    try:
        replace_file(place, json.dumps(kept).encode())
    except OSError:
        return


def _sum(mark: str, flags: list[str]) -> str:
    return check_sum(json.dumps([mark, flags]).encode())
