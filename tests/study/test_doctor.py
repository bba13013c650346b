"""The doctor finds what works and says what to do about what does not."""

import dataclasses

import pytensor

from symlab.engine import backends
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
