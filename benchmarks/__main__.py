"""`python -m benchmarks [--json] [--only W8]`: run the workloads and print the table."""

import argparse
import json
import sys
from dataclasses import asdict

from benchmarks.logistic import W1, W2, W3, W7
from benchmarks.measure import Measurement, measure
from benchmarks.networks import W4, W5, W6
from benchmarks.rosenbrock import W8

WORKLOADS = {workload.id: workload for workload in (W1, W2, W3, W4, W5, W6, W7, W8)}


def main(arguments: list[str] | None = None) -> int:
    """Run the workloads asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="such as W1,W8")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",")
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        parser.error(f"unknown workload {unknown[0]!r}; known: {', '.join(WORKLOADS)}")
    measurements = []
    for name in chosen:
        print(f"{name}: {WORKLOADS[name].title} ...", file=sys.stderr)
        found = measure(WORKLOADS[name])
        measurements += found
        if not options.json:
            print(table(found))
    if options.json:
        print(json.dumps([asdict(measurement) for measurement in measurements], indent=1))
    return 0


def table(measurements: list[Measurement]) -> str:
    """Return a workload's measurements as text, each as a ratio to the first."""
    ours = measurements[0].microseconds_per_step
    rows = [f"{'system':<14}{'µs/step':>12}{'ratio':>10}{'compile s':>11}{'steps':>9}  result"]
    rows += [
        f"{m.system:<14}{m.microseconds_per_step:>12.3f}{m.microseconds_per_step / ours:>10.2f}"
        f"{m.compile_seconds:>11.2f}{m.steps:>9}  {m.result:.12g}"
        for m in measurements
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
