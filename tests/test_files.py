"""Files are whole or not there: after a kill, on a full disk, and with several runs at once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symlab import files
from symlab.files import MARK, check_writable, remove_leftovers, replace_file

STUCK = """
import os, sys, time
from pathlib import Path
from symlab.files import replace_file

def stuck(_):
    print("writing", flush=True)
    time.sleep(60)

os.fsync = stuck
replace_file(Path(sys.argv[1]), b"new")
"""


@pytest.fixture
def writer(tmp_path):
    """A process that has written half of what it wants to, and stays there."""
    arguments = [sys.executable, "-c", STUCK, str(tmp_path / "figure.png")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    """The error names the file that was asked for, not a temporary one."""
    path = tmp_path / "figure.png"
    replace_file(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        replace_file(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_write_leaves_the_old_file_and_the_next_run_removes_the_rest(tmp_path, writer):
    """What a kill cannot clean up, a sweep does."""
    path = tmp_path / "figure.png"
    path.write_bytes(b"old")
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    (left,) = tmp_path.glob(f"{MARK}*")
    assert path.read_bytes() == b"old"
    assert remove_leftovers(tmp_path) == (left,)
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_swept_while_another_run_writes(tmp_path, writer):
    """Its temporary file looks like one left behind; only the lock tells them apart."""
    (left,) = tmp_path.glob(f"{MARK}*")
    assert remove_leftovers(tmp_path) == ()
    assert left.exists()
    writer.kill()
    writer.wait()
    assert remove_leftovers(tmp_path) == (left,)


def test_a_sweep_takes_nothing_but_temporary_files(tmp_path):
    """Folders of a killed trial too; hidden files of others stay."""
    (tmp_path / ".gitkeep").touch()
    (tmp_path / f"{MARK}abc").mkdir()
    (tmp_path / f"{MARK}abc/inside").touch()
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".gitkeep"]


def test_many_writers_and_sweepers_at_once_lose_nothing(tmp_path):
    """Each write ends with a whole file, whoever sweeps meanwhile."""
    contents = [bytes([number]) * 50_000 for number in range(8)]
    path = tmp_path / "figure.png"

    def write(content):
        replace_file(path, content)
        remove_leftovers(tmp_path)
        return path.read_bytes() in contents

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(write, contents * 5))
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_can_be_read_by_others(tmp_path):
    """A temporary file is private by default, a figure is not."""
    replace_file(tmp_path / "deep/er/figure.png", b"content")
    (tmp_path / "plain").write_text("content")
    modes = {path.stat().st_mode for path in (tmp_path / "deep/er/figure.png", tmp_path / "plain")}
    assert len(modes) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    """Below a file there is no folder; and where the system refuses, the folder is named."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory") as caught:
        check_writable(tmp_path / "file/below")
    assert Path(caught.value.filename) == tmp_path / "file/below"

    def refused(path, *_):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(PermissionError) as caught:
        check_writable(tmp_path)
    assert Path(caught.value.filename) == tmp_path


@pytest.mark.parametrize("value", [3, None, b"run", ["run"], "", "a\0b", "x" * 5000, "\ud800"])
def test_what_is_no_path_is_refused_by_name(value):
    """In one line, whatever it is."""
    with pytest.raises((TypeError, ValueError), match=r"^file: expected") as caught:
        files.path_of(value, "file")
    assert len(str(caught.value)) < 200


def test_a_device_is_written_to_and_stays_a_device():
    """Its place is not taken by a file; and a disk that is full says so with the name."""
    null, full = Path("/dev/null"), Path("/dev/full")
    if null.is_char_device():
        files.replace_file(null, b"x")
        assert null.is_char_device()
    if full.is_char_device():
        with pytest.raises(OSError, match=r"/dev/full"):
            files.replace_file(full, b"x")


def test_a_link_and_the_mode_of_a_file_are_kept(tmp_path):
    """What a name leads to is replaced, and no more people may read it than before."""
    target, link = tmp_path / "run.json", tmp_path / "last.json"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    files.replace_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600


def test_reading_asks_for_a_file(tmp_path):
    """A folder or a device, which may never end, is none."""
    with pytest.raises(OSError, match=r"no file"):
        files.read_file(tmp_path)
