"""Work is given up in time, wherever it is, and nothing strikes afterwards."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from symlab.budget import OutOfTime, run_within


def forever() -> None:
    """Never end."""
    while True:
        pass


def stubborn() -> None:
    """Swallow every error of Python's own kind, as symbolic libraries do."""
    while True:
        try:
            forever()
        except Exception:  # what is tried
            continue


@pytest.mark.parametrize("work", [forever, stubborn])
def test_endless_work_is_given_up(work):
    """Even where what it calls swallows every `Exception`."""
    with pytest.raises(OutOfTime, match=r"not done within 0\.05 s"):
        run_within(0.05, work)


def test_an_outer_limit_is_not_taken_for_an_inner_one():
    """Each call strikes with a class of its own."""

    def inner() -> str:
        try:
            run_within(60, forever)
        except OutOfTime:
            return "the inner limit took the outer one's strike"
        return "it ended"

    with pytest.raises(OutOfTime, match=r"within 0\.1 s"):
        run_within(0.1, inner)


def test_an_inner_limit_leaves_the_outer_work_going_on():
    """What was given up inside is over; the rest of the work has its own time."""

    def outer() -> str:
        with pytest.raises(OutOfTime):
            run_within(0.02, forever)
        return "went on"

    assert run_within(60, outer) == "went on"


def test_nothing_strikes_after_work_that_ended_at_the_last_moment():
    """Limits about as long as the work: some are struck, and none later than it should be."""
    given_up = 0
    for _ in range(500):
        try:
            run_within(0.0002, lambda: sum(range(5000)))
        except OutOfTime:
            given_up += 1
    assert sum(range(10**6)) == 499999500000
    assert 0 <= given_up <= 500


@pytest.mark.timeout(60)
def test_limits_hold_in_every_thread():
    """No signal is used, which only the main thread would see."""

    def late(_: int) -> bool:
        try:
            run_within(0.1, forever)
        except OutOfTime:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(late, range(4)))


def test_errors_and_results_pass_through():
    """What the work raises or returns is not the limit's business."""
    with pytest.raises(ZeroDivisionError):
        run_within(60, lambda: 1 // 0)
    assert run_within(60, lambda: None) is None


def test_an_interrupt_that_was_swallowed_comes_again():
    """As in a callback of the collector, where Python ignores every error."""

    def swallow_one():
        try:
            while True:
                pass
        except BaseException:  # what such a callback does
            while True:
                pass

    with pytest.raises(OutOfTime):
        run_within(0.05, swallow_one)
