"""The doctor finds what works and says what to do about what does not."""

import os

import pytest

from symlab.engine.compiled.vector_math import vector_trial
from symlab.lab import doctor
from symlab.lab.doctor import examine


@pytest.fixture(scope="module")
def found(once):
    """What is found on this machine, by name."""
    return {finding.what: finding for finding in once.result("doctor", "", examine)}


def test_everything_the_tests_need_works_here(found):
    """The trial of each backend is a real computation."""
    needed = ["Python", "compile cache", "backend c", "backend numba", "backend interpreted"]
    assert all(found[what].works for what in needed), found
    assert found["backend jax"].optional


def test_it_says_which_vector_functions_runs_over_data_call(found):
    """The trial that the engine itself goes by."""
    finding = found["vector functions"]
    assert finding.works
    assert finding.seen == str(vector_trial())
    assert finding.seen.startswith(("23 from libmvec", "5 from libmvec", "plain calls"))


def examined(monkeypatch, *names, **environment):
    """Return the findings about some backends, their trials run in this environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    trial = doctor._run_trial

    def some(*name):
        """List only these names: the trial of each is a process."""
        told = trial(*name)
        return told | {"names": list(names)} if "names" in told else told

    monkeypatch.setattr(doctor, "_run_trial", some)
    return {finding.what: finding for finding in doctor._backends()}


def test_a_missing_compiler_is_reported_with_its_remedy(monkeypatch):
    """What is seen names the remedy, and the other backends are tried all the same."""
    flags = ",".join([*filter(None, [os.environ.get("PYTENSOR_FLAGS")]), "cxx="])
    seen = examined(monkeypatch, "c", "interpreted", PYTENSOR_FLAGS=flags)
    assert not seen["backend c"].works
    assert "install g++" in seen["backend c"].seen
    assert seen["backend interpreted"].works
    assert seen["vector functions"].seen.endswith("no C++ compiler was found")


@pytest.mark.parametrize(
    "code, words",
    [
        ("raise RuntimeError('numba is too old for this numpy')", "numba is too old"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
    ],
)
def test_a_library_that_breaks_at_import_ends_its_trial_and_not_the_doctor(
    code, words, monkeypatch, tmp_path
):
    """Numba is the usual one; what does not need it still works."""
    (tmp_path / "numba.py").write_text(code)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    seen = examined(monkeypatch, "numba", "sympy", PYTHONPATH=path)
    assert words in seen["backend numba"].seen
    assert seen["backend numba"].summary.endswith(doctor.REINSTALL)
    assert seen["backend sympy"].works


def test_a_library_without_which_nothing_runs_is_one_finding(monkeypatch, tmp_path):
    """PyTensor itself: then there is no backend to try."""
    (tmp_path / "pytensor.py").write_text("raise ImportError('cut library')")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    seen = examined(monkeypatch, PYTHONPATH=path)
    assert list(seen) == ["PyTensor"]
    assert "cut library" in seen["PyTensor"].seen


def test_a_cache_that_was_replaced_is_reported_with_what_was_said(monkeypatch):
    """The temporary one works, but nothing that is compiled now will be there tomorrow."""
    monkeypatch.setattr(doctor, "prepare", lambda: "The compile cache at /x cannot be used: ...")
    finding = doctor._cache()
    assert not finding.works
    assert finding.summary == "The compile cache at /x cannot be used: ..."


def test_damaged_files_are_counted_and_the_folder_is_to_be_deleted(tmp_path, monkeypatch):
    """Although the trials may not happen to read them."""
    (tmp_path / "function.nbc").write_bytes(b"")
    monkeypatch.setattr(doctor, "location", lambda: tmp_path)
    finding = doctor._cache()
    assert not finding.works
    assert (
        finding.summary
        == f"{tmp_path} holds damaged files (1), such as function.nbc; delete {tmp_path}"
    )
