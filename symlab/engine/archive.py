"""NumPy archives (.npz) of plain arrays, read as data: nothing is pickled, nothing is guessed.

An archive that we write is a zip file whose members are stored as they are. Whatever else a zip
file can be, compressed, encrypted, overlapping, is not ours and is refused; and what a member's
header says of its size is held against the bytes that are there before anything is allocated.
"""

import math
import zipfile
from collections.abc import Mapping
from io import BytesIO

import numpy as np

KINDS = "fiU"
"""Floats, integers and text."""


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return named arrays as the bytes of an archive."""
    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # by NumPy's stubs a name may be an option
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an archive by name.

    Raises
    ------
    ValueError
        If the bytes are no archive that `pack` could have written, or are damaged.

    Examples
    --------
    >>> unpack(pack({"x": np.arange(3)}))
    {'x': array([0, 1, 2])}
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _members(archive, len(content))
    except Exception as error:  # in a damaged file zipfile may stumble over anything
        raise ValueError(f"no archive of arrays, or damaged ({type(error).__name__})") from None


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, np.ndarray]:
    members = archive.infolist()
    if any(each.compress_type != zipfile.ZIP_STORED for each in members):
        raise ValueError("compressed")
    if sum(each.file_size for each in members) > size:
        raise ValueError("overlapping members")
    if len({each.filename for each in members}) < len(members):
        raise ValueError("two members of one name")
    return {each.filename.removesuffix(".npy"): _array(archive.read(each)) for each in members}


def _array(content: bytes) -> np.ndarray:
    stream = BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0
    shape, is_fortran, dtype = (
        read(stream) if version == (1, 0) else np.lib.format.read_array_header_2_0(stream)
    )
    rest = content[stream.tell() :]
    if dtype.kind not in KINDS or len(rest) != dtype.itemsize * math.prod(shape):
        raise ValueError("another size")
    array = np.frombuffer(rest, dtype).reshape(shape, order="F" if is_fortran else "C")
    return array.copy()
