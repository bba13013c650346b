"""The words of `minimize` and its neighbours: one value, plain keywords, old names."""

import numpy as np
import pytest
import sympy as sp

import symlab as sl

x, u, v, w = sp.symbols("x u v w", real=True)
SEEN = {"backend": "interpreted", "max_steps": 6}
SUM = sl.EmpiricalRisk((w * u - v) ** 2, parameters=(w,), data=(u, v)).on(
    {u: [1, 2, 3, 4], v: [2, 3, 7, 8]}
)


def test_a_sampling_and_a_recording_say_what_plain_keywords_say():
    """Both ways lead to the same run, to the last bit."""
    plain = sl.minimize(SUM, [0], batch_size=2, seed=5, record_every=3, record="batch", **SEEN)
    recording = sl.Recording(every=3, record="batch")
    whole = sl.minimize(SUM, [0], sampling=sl.Sampling(2, seed=5), recording=recording, **SEEN)
    assert np.array_equal(whole.iterates, plain.iterates)
    assert whole.k.tolist() == plain.k.tolist() == [0, 3, 6]
    assert whole.values.tolist() == plain.values.tolist()
    assert whole.record == plain.record == "batch"


@pytest.mark.parametrize(
    "given, message",
    [
        ({"sampling": sl.Sampling(2), "seed": 1}, "sampling: expected alone, got seed beside it"),
        (
            {"recording": sl.Recording(), "record_every": 2},
            "recording: expected alone, got record_every beside it",
        ),
        ({"sampling": 2}, r"sampling: expected Sampling\(\.\.\.\), got 2"),
        ({"recording": True}, r"recording: expected Recording\(\.\.\.\), got True"),
        ({"record_evry": 2}, "unknown argument 'record_evry'; did you mean 'record_every'"),
        ({"batch_sise": 2}, "unknown argument 'batch_sise'; did you mean 'batch_size'"),
    ],
)
def test_one_fact_is_given_once_and_by_its_name(given, message):
    """Of two values for one thing nobody could say which is meant."""
    with pytest.raises(TypeError, match=message):
        sl.minimize(SUM, [0], **given, **SEEN)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: sl.Sampling(0), "batch_size: expected at least 1"),
        (lambda: sl.Sampling(2, seed=-1), "seed: expected at least 0"),
        (lambda: sl.Sampling(2, order="epok"), "order: unknown name 'epok'; did you mean 'epoch'"),
        (lambda: sl.Sampling(2, replacement=True), "replacement: an epoch sees every sample once"),
        (lambda: sl.Recording(every=0), "every: expected at least 1"),
        (
            lambda: sl.Recording(record="bach"),
            "record: unknown name 'bach'; did you mean 'batch'. Known: objective, batch",
        ),
        (
            lambda: sl.minimize(SUM, [0], record="objectiv", **SEEN),
            "record: unknown name 'objectiv'; did you mean 'objective'",
        ),
        (
            lambda: sl.compare(SUM, [0], record="objectiv"),
            "record: unknown name 'objectiv'; did you mean 'objective'",
        ),
    ],
)
def test_a_sampling_or_recording_is_checked_where_it_is_made(make, message):
    """The line to be changed is the one that raises."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("verb", [sl.minimize, sl.compile])
def test_the_old_name_of_derived_by_still_works_with_one_warning(verb):
    """It is gone in the next version."""
    given = {"objective": sl.Objective(x**2), "backend": "interpreted"}
    given |= {"start": [1]} if verb is sl.minimize else {}
    with pytest.warns(DeprecationWarning, match="gradient is now called derived_by") as caught:
        verb(**given, gradient="autodiff")
    assert [each.filename for each in caught] == [__file__]
    with pytest.raises(TypeError, match="gradient is the old name of derived_by"):
        verb(**given, gradient="autodiff", derived_by="sympy")
