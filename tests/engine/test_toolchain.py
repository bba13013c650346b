"""The compiler's flags, kept between processes."""

from pathlib import Path

import pytest
from pytensor.link.c.cmodule import GCC_compiler

from symlab.engine import toolchain
from symlab.engine.toolchain import keep, known_flags


def test_flags_come_back_under_their_mark_alone(tmp_path: Path):
    """Another compiler or processor has other flags."""
    place = tmp_path / "flags.json"
    keep(place, "one", ["-march=x86-64", "-mavx"])
    assert known_flags(place, "one") == ["-march=x86-64", "-mavx"]
    assert known_flags(place, "other") is None


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-5], lambda text: text.replace("avx", "bmi")]
)
def test_a_damaged_file_is_not_believed(tmp_path: Path, damage):
    """A wrong flag would compile code that this processor cannot run."""
    place = tmp_path / "flags.json"
    keep(place, "one", ["-mavx"])
    place.write_text(damage(place.read_text()))
    assert known_flags(place, "one") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path):
    """The next process asks the compiler again."""
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "flags.json", "one", ["-mavx"])
    assert known_flags(tmp_path / "file" / "flags.json", "one") is None


def test_the_compiler_is_asked_once_for_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What one process has found out the next one reads."""
    asked = []

    def ask(*, march_flags: bool) -> list[str]:
        """Answer as PyTensor does, and note where it would have called the compiler."""
        if GCC_compiler.march_flags is None:
            asked.append(march_flags)
            GCC_compiler.march_flags = ["-mavx"]
        return [*GCC_compiler.march_flags, "-fPIC"]

    monkeypatch.setattr(toolchain, "_place", lambda: tmp_path / "flags.json")
    compile_args = toolchain._kept(ask)
    for _ in range(2):
        monkeypatch.setattr(GCC_compiler, "march_flags", None)  # as in a new process
        assert compile_args() == ["-mavx", "-fPIC"]
    assert asked == [True]
