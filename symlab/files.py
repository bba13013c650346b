"""Files are written whole or not at all, also when a process is killed or several write at once.

Content goes into a temporary file beside its destination, which then replaces the destination in
one step. A process that is killed in between leaves the temporary file; the next one removes it.
Every write holds a shared lock on the folder, which the system releases when the process ends, and
`remove_leftovers` needs an exclusive one, so it never removes a file that is still being written.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symlab.checks import shown

MARK = ".symlab-"
"""How the name of every temporary file begins."""


LONGEST_PATH = 4096
"""Characters of a path, which Linux allows."""

KEPT = 40
"""Characters of a file's name in that of its temporary file, which must not be too long either."""

LONGEST_NAME = 255
"""Bytes of a file's name, which most file systems allow."""


def path_of(value: object, name: str) -> Path:
    """Return the path that an argument is.

    Raises
    ------
    TypeError, ValueError
        If it is neither text nor a path, is empty, or no path can be so; the message names the
        argument.

    Examples
    --------
    >>> path_of(3, "file")
    Traceback (most recent call last):
        ...
    TypeError: file: expected a path, got 3.
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(text, str):
        raise TypeError(f"{name}: expected a path, got {shown(value)}.")
    if "\0" in text or not text or len(text) > LONGEST_PATH or not _can_be_name(text):
        raise ValueError(f"{name}: expected the path of a file, got {shown(text)}.")
    return Path(text)


def _can_be_name(text: str) -> bool:
    """Whether the system can write the characters of a path, and none of its parts is too long."""
    try:
        return max(map(len, os.fsencode(text).split(os.fsencode(os.sep)))) <= LONGEST_NAME
    except UnicodeEncodeError:
        return False


def read_file(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        If it cannot be read, or is a folder or a device, which may never end.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "this is no file")
        return path.read_bytes()
    except OSError as error:
        raise _name_path(path, error) from None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, making its folder if need be.

    What is no file, such as a terminal or a pipe, is written to and stays what it is.

    Raises
    ------
    OSError
        If it cannot be written; the error names `path`, and what was there stays.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_protection(path)
        with _lock(path.parent, exclusive=False):
            _write(path.resolve(), content)  # of a link, what it leads to
    except OSError as error:
        raise _name_path(path, error) from None


def _check_protection(path: Path) -> None:
    """Refuse a file that its owner has protected, which a replacement would not ask about."""
    if path.is_file() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _write(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{MARK}{path.name[:KEPT]}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())  # so that not even a power cut leaves an empty file
        # mkstemp makes the file private; a new one is as readable as any, an old one as it was.
        mode = path.stat().st_mode & 0o777 if path.is_file() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def check_writable(directory: Path) -> None:
    """Make a folder, and raise an OSError that names it if files cannot be made in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with (
            _lock(directory, exclusive=False),
            tempfile.TemporaryDirectory(dir=directory, prefix=MARK),
        ):
            pass
    except OSError as error:
        raise _name_path(directory, error) from None


def remove_leftovers(directory: Path) -> tuple[Path, ...]:
    """Remove what killed runs left in a folder; nothing while another run is writing there.

    Returns
    -------
    tuple of pathlib.Path
        What was removed.
    """
    with _lock(directory, exclusive=True) as mine:
        left = sorted(directory.glob(f"{MARK}*")) if mine else []
        for path in left:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return tuple(left)


@contextmanager
def _lock(directory: Path, *, exclusive: bool) -> Iterator[bool]:
    """Hold a lock on a folder, if it can be had; an exclusive one is not waited for."""
    if os.name != "posix":  # Windows has no such locks, so there nothing is swept
        yield False
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield _try_lock(descriptor, exclusive=exclusive)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, *, exclusive: bool) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
    except OSError:
        return False  # somebody writes there, or the file system has no such locks
    return True


def _name_path(path: Path, error: OSError) -> OSError:
    """Return the error, naming the path that was given and not a temporary file."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def around_mark(path: Path, mark: str) -> tuple[str, str]:
    """Return what stands before and behind the lines `<!-- mark -->` ... `<!-- end -->` of a page.

    Raises
    ------
    OSError
        If the page cannot be read.
    ValueError
        If it has no such lines.
    """
    before, begun, rest = path.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")
    _, ended, behind = rest.partition("<!-- end -->\n")
    if not begun or not ended:
        raise ValueError(f"page: {path.name} has no lines <!-- {mark} --> and <!-- end -->.")
    return before + begun, ended + behind
