"""The doctor finds what works and says what to do about what does not."""

import dataclasses

import pytensor

from symlab.engine import backends
from symlab.engine.cache import CacheError
from symlab.study import doctor
from symlab.study.doctor import examine


def test_everything_the_tests_need_works_here():
    """The trial of each backend is a real computation."""
    findings = {finding.what: finding for finding in examine()}
    needed = ["Python", "compile cache", "backend c", "backend numba", "backend interpreted"]
    assert all(findings[what].works for what in needed), findings


def test_a_missing_compiler_is_reported_with_its_remedy(monkeypatch):
    """What is seen names the remedy."""
    monkeypatch.setattr(pytensor.config, "cxx", "")
    finding = next(finding for finding in examine() if finding.what == "backend c")
    assert not finding.works
    assert "install g++" in finding.seen


def test_an_optional_backend_is_marked_as_such(monkeypatch):
    """JAX may be absent without the machine being unwell."""
    absent = dataclasses.replace(backends.BACKENDS["jax"], lacks=lambda: "jax is not installed")
    monkeypatch.setitem(backends.BACKENDS, "jax", absent)
    finding = next(finding for finding in examine() if finding.what == "backend jax")
    assert finding.optional
    assert not finding.works


def test_a_cache_that_was_replaced_is_reported_with_what_was_said(monkeypatch):
    """The temporary one works, but nothing that is compiled now will be there tomorrow."""
    monkeypatch.setattr(doctor, "prepare", lambda: "The compile cache at /x cannot be used: ...")
    finding = next(finding for finding in examine() if finding.what == "compile cache")
    assert not finding.works
    assert finding.told == "The compile cache at /x cannot be used: ..."


def test_damaged_files_are_counted_and_the_folder_is_to_be_deleted(tmp_path, monkeypatch):
    """Although the trials may not happen to read them."""
    (tmp_path / "function.nbc").write_bytes(b"")
    monkeypatch.setattr(doctor, "compile_directory", lambda: tmp_path)
    finding = next(finding for finding in examine() if finding.what == "compile cache")
    assert not finding.works
    assert (
        finding.told
        == f"{tmp_path} holds damaged files (1), such as function.nbc; delete {tmp_path}"
    )


def test_a_trial_that_the_cache_spoils_is_a_finding_and_no_traceback(monkeypatch):
    """A doctor must not die of what the patient has."""

    def spoilt(*_, **__):
        raise CacheError("The compile cache at /x is damaged: delete that folder.")

    monkeypatch.setattr(doctor, "compile_objective", spoilt)
    findings = {finding.what: finding for finding in examine()}
    assert findings["backend c"].told == "The compile cache at /x is damaged: delete that folder."
    assert not findings["backend c"].works
    assert findings["backend sympy"].works
