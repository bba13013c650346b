"""The compile cache: what happens where it cannot be written, is full, damaged or locked.

Nearly everything here runs in a fresh process, because PyTensor finds its cache when imported.
"""

import os
import pickle
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symlab.engine import cache
from symlab.engine.cache import (
    CacheError,
    explain_errors,
    find_damaged,
    flags,
    location,
    remedy,
    unusable,
)
from symlab.engine.checksums import is_sound
from symlab.engine.module_store import DRAFT

SCRIPT = """
import sys
import sympy as sp
import symlab as sl
f = sl.Objective(sp.Symbol("x", real=True) ** 2)
trace = sl.minimize(f, [1.0], sl.gradient_descent(step_size=0.25), 3, backend=sys.argv[1])
print(trace.backend, trace.x[0])
"""


def run(backend, folder, code=SCRIPT):
    """Minimise x^2 in a fresh process that keeps its cache in this folder."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, backend],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={folder}"},
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A cache in which the script's functions are compiled for both backends."""
    folder = tmp_path_factory.mktemp("a cache für alle")  # a name that needs care everywhere
    for backend in ("c", "numba"):
        assert run(backend, folder).stdout == f"{backend} 0.125\n"
    assert find_damaged(folder) == []
    return folder


@pytest.fixture
def copy(sound, tmp_path):
    """A copy of it, to be spoilt."""
    return shutil.copytree(sound, tmp_path / "copy")


def test_a_folder_that_cannot_be_written_is_replaced_for_this_process(tmp_path):
    """PyTensor could not even be imported; the temporary one is gone afterwards."""
    (tmp_path / "file").touch()
    code = f"{SCRIPT}\nimport pytensor; print(pytensor.config.base_compiledir)"
    done = run("interpreted", tmp_path / "file/below", code=code)
    result, used = done.stdout.splitlines()
    assert result == "interpreted 0.125"
    assert not Path(used).exists()
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"The compile cache at {tmp_path}/file/below cannot be used: not a ")
    assert "PYTENSOR_FLAGS=base_compiledir=" in line


DAMAGE = {
    "emptied": lambda content: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "garbled in its middle": lambda content: (
        content[: len(content) // 3] + bytes(len(content) // 3) + content[2 * (len(content) // 3) :]
    ),
    "with one bit turned": lambda content: (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 1])
        + content[len(content) // 2 + 1 :]
    ),
}
"""What happens to files: a crash, a full disk, a bad disk, a bad memory."""


@pytest.mark.parametrize("damage", DAMAGE)
def test_whatever_happens_to_a_file_of_compiled_code_is_found_out(copy, damage):
    """By its check sum, before it is executed: a library, or Numba's code or its index."""
    files = [file for kind in ("*.so", "*.nbc", "*.nbi") for file in copy.rglob(kind)]
    assert {file.suffix for file in files} == {".so", ".nbc", ".nbi"}
    for file in files:
        assert is_sound(file, adopt=True)
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
        assert not is_sound(file, adopt=True)


@pytest.mark.parametrize(
    "kind, backend, damage",
    [
        ("*.so", "c", "with one bit turned"),
        ("*.nbc", "numba", "cut short"),
        ("*.nbi", "numba", "garbled in its middle"),
    ],
)
def test_damaged_code_is_compiled_anew_with_one_sentence(sound, kind, backend, damage):
    """The run has its result all the same, and the next one finds nothing damaged."""
    for file in sound.rglob(kind):
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    done = run(backend, sound)
    assert (done.stdout, done.returncode) == (f"{backend} 0.125\n", 0), done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("compiling")]
    assert 1 <= len(lines) <= 2  # one for each folder: PyTensor's own, and Numba's
    assert all(line.startswith("Damaged files in the compile cache at ") for line in lines)
    assert all(line.endswith(" are compiled anew.") for line in lines)
    again = run(backend, sound)
    assert again.stdout == f"{backend} 0.125\n"
    assert "Damaged" not in again.stderr


def test_code_of_another_machine_is_compiled_anew(sound):
    """The check sum counts the processor in: code for another may not run on this one."""
    for mark in sound.rglob("*.sum"):
        mark.write_text("0" * 32)
    done = run("c", sound)
    assert (done.stdout, done.returncode) == ("c 0.125\n", 0)
    assert "are compiled anew." in done.stderr


def test_a_process_killed_while_it_compiles_leaves_nothing_that_harms(tmp_path):
    """Wherever kill -9 strikes: while importing, while g++ runs, while a key is written."""
    for seconds in (1.0, 2.0, 3.0, 4.0):
        command = [sys.executable, "-c", SCRIPT, "c"]
        environment = {**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={tmp_path}"}
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
    assert run("c", tmp_path).stdout == "c 0.125\n"


def test_two_processes_that_compile_the_same_at_once_both_have_their_result(tmp_path):
    """They wait for each other where they must."""
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, ["c", "c"], [tmp_path, tmp_path]))
    assert [each.stdout for each in done] == ["c 0.125\n"] * 2


def test_what_pytensor_repairs_itself_stays_a_result(copy):
    """Keys and its own two libraries are made again where they cannot be read."""
    for kind in ("key.pkl", "lazylinker_ext.so", "cutils_ext.so"):
        for file in copy.rglob(kind):
            file.write_bytes(b"spoilt")
    done = run("c", copy)
    assert (done.stdout, done.returncode) == ("c 0.125\n", 0)


@pytest.mark.parametrize(
    "error, words",
    [
        (OSError(28, "No space left on device"), "is full: free some space there, or set"),
        (RuntimeError("write failed: No space left on device"), "is full: free some space there"),
        (TimeoutError("waited"), "is locked by another process: wait until that has ended"),
        (EOFError("Ran out of input"), r"is damaged \(EOFError: Ran out of input\): delete that"),
        (EOFError(), r"is damaged \(EOFError: no message\): delete that folder"),
    ],
)
def test_an_error_on_its_way_through_the_cache_says_what_to_do(error, words):
    """Wherever it comes from, and whatever it was turned into on the way."""
    raises = compile("raise error", "site-packages/numba/core/caching.py", "exec")

    def fails():
        try:
            exec(raises, {"error": error})
        except type(error) as seen:
            raise ValueError("could not compile") from seen

    with pytest.raises(CacheError, match=f"^The compile cache at .* {words}"), explain_errors():
        fails()


def test_other_errors_pass_as_they_are():
    """A wrong shape is no matter of the cache, nor is an error of ours on a full disk."""
    for error in (ValueError("shapes"), OSError(28, "No space left on device", "picture.png")):
        assert remedy(error) == ""
        with pytest.raises(type(error)) as caught, explain_errors():
            raise error
        assert caught.value is error


def test_code_that_does_not_compile_is_not_blamed_on_the_cache():
    """It passes through the same files; only a compiler short of space is the disk's fault."""
    from pytensor.link.c.exceptions import CompileError

    raises = compile("raise error", "pytensor/link/c/cmodule.py", "exec")
    for message, blamed in (("expected ';'", False), ("No space left on device", True)):
        with pytest.raises(CompileError if not blamed else CacheError), explain_errors():
            exec(raises, {"error": CompileError(message)})


def test_a_folder_with_little_space_left_is_not_begun_with(tmp_path, monkeypatch):
    """Half-written files are worse than compiling anew."""
    assert unusable(tmp_path) == ""
    monkeypatch.setattr(cache, "ENOUGH_BYTES", 2**80)
    assert re.fullmatch(r"only \d+ MB are free there", unusable(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_user_inside_makes_the_cache_unusable(tmp_path, monkeypatch):
    """As after one run with sudo."""
    (tmp_path / "numba").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "numba")
    assert unusable(tmp_path) == "permission denied"


@pytest.mark.parametrize("name", ["modules", "numba"])
def test_a_file_where_a_folder_should_be_makes_the_cache_unusable(tmp_path, name):
    """Whoever made it."""
    (tmp_path / name).touch()
    assert unusable(tmp_path) == "not a directory"


def test_a_name_that_this_locale_cannot_read_makes_the_cache_unusable(tmp_path):
    """With LC_ALL=C and without UTF-8, Python finds such a folder and loads nothing from it."""
    folder = tmp_path / b"f\xc3\xbcr".decode("ascii", "surrogateescape")
    assert unusable(folder) == "this locale cannot read its name"
    assert list(tmp_path.iterdir()) == []


def test_the_place_is_found_as_pytensor_finds_it(tmp_path, monkeypatch):
    """Flags before files, files before the home folder; PyTensor itself is asked."""
    monkeypatch.delenv("PYTENSOR_FLAGS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert location() == tmp_path / ".pytensor"
    code = (
        "from symlab.engine import cache; place = cache.location()\n"
        "import pytensor; print(place == pytensor.config.base_compiledir, place.name)"
    )
    (tmp_path / "rc").write_text("[global]\nbase_compiledir = ~/of_file\n")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTENSOR")}
    home = {**inherited, "HOME": str(tmp_path)}
    for more, name in (
        ({"PYTENSORRC": f"{tmp_path}/rc"}, "of_file"),
        ({"PYTENSORRC": f"{tmp_path}/rc", "PYTENSOR_FLAGS": "base_compiledir=~/flag"}, "flag"),
    ):
        arguments = [sys.executable, "-c", code]
        done = subprocess.run(arguments, capture_output=True, text=True, env=home | more)
        assert done.stdout == f"True {name}\n", done.stderr


def test_another_folder_leaves_the_users_other_flags(tmp_path, monkeypatch):
    """And takes the place of both of PyTensor's settings for it."""
    monkeypatch.setenv("PYTENSOR_FLAGS", "floatX=float32, compiledir=/a,base_compiledir=/b")
    assert flags(tmp_path) == (
        f"floatX=float32,base_compiledir={tmp_path},compiledir={tmp_path}/compiled"
    )
    assert location() == Path("/b")


def test_a_process_without_any_folder_says_so(tmp_path):
    """Neither the cache nor a temporary one: still one sentence."""
    (tmp_path / "file").touch()
    code = f"import tempfile; tempfile.tempdir = {str(tmp_path / 'none')!r}\n{SCRIPT}"
    last = run("c", tmp_path / "file/below", code=code).stderr.splitlines()[-1]
    assert re.search(r"CacheError: The compile cache at .* nor can a temporary one \(", last)
    assert last.endswith("set PYTENSOR_FLAGS=base_compiledir=<a folder you may write to>.")


def test_damaged_files_are_found_without_running_them(tmp_path):
    """Empty libraries, cut pickles, strange opcodes; whole ones and unfinished modules are not."""
    (tmp_path / f"{DRAFT}1").mkdir()
    (tmp_path / f"{DRAFT}1" / "m.so").touch()
    whole = pickle.dumps("version") + pickle.dumps({"key": "file.nbc"})
    files = {"a.nbi": whole, "b.nbc": whole[:-3], "key.pkl": b"", "c.nbi": b"\xff", "d.so": b""}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert [file.name for file in find_damaged(tmp_path)] == ["b.nbc", "c.nbi", "d.so", "key.pkl"]
