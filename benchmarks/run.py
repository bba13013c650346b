"""A run of the benchmarks: the machine, its rates, and one workload after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.effort import FULL, Effort
from benchmarks.machine import Clock, after, machine
from benchmarks.measure import Workload, left_out, measure
from benchmarks.rates import measured_rates
from benchmarks.records import Rates, Reading, Run, WorkloadRecord
from benchmarks.studies import (
    derivation,
    first_result,
    growth,
    long_run,
    many_runs,
    on_disk,
    whole_book,
    workers,
)
from benchmarks.table import reading_in_short
from benchmarks.workloads import WORKLOADS

STUDIES = {
    study.ID: study
    for study in (
        growth,
        long_run,
        first_result,
        whole_book,
        derivation,
        many_runs,
        on_disk,
        workers,
    )
}
IDS = (*WORKLOADS, *STUDIES)


def runs(
    chosen: Sequence[str],
    effort: Effort,
    tell: Callable[[str], None],
    *,
    empty_cache: bool = False,
) -> Iterator[Run]:
    """Run what is chosen; after each workload, yield all that has been found so far.

    Parameters
    ----------
    chosen : sequence of str
        Ids, of `IDS`.
    effort : Effort
    tell : callable
        Called with a sentence before each workload, and with each reading of a study.
    empty_cache : bool
        Whether this process began with an empty compile cache; it is only written down.
    """
    seen, begun = machine(), Clock.now()
    tell("measuring what this machine can do ...")
    rates = measured_rates()
    workloads: list[WorkloadRecord] = []
    readings: list[Reading] = []
    for id in chosen:
        if id in STUDIES:
            tell(f"{id}: {STUDIES[id].TITLE} ...")
            for reading in STUDIES[id].readings(effort, rates):
                tell(f"  {reading_in_short(reading)}")
                readings.append(reading)
        else:
            workload = WORKLOADS[id](effort)
            tell(f"{id}: {workload.title} ...")
            workloads.append(record(workload, rates, seen.cores, effort.repeats))
        yield Run(
            after(seen, begun),
            rates,
            effort != FULL,
            empty_cache,
            tuple(workloads),
            tuple(readings),
        )


def record(workload: Workload, rates: Rates | None, cores: int, repeats: int) -> WorkloadRecord:
    """Measure a workload, and set its floor beside it."""
    measurements = tuple(measure(workload, repeats))
    floor = workload.floor().record(rates, cores)
    missing: Mapping[str, str] = left_out(workload)
    return WorkloadRecord(workload.id, workload.title, floor, measurements, missing)
