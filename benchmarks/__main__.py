"""`python -m benchmarks [W1 W9 ...]`: run the workloads, and print the table of this one run.

`--json FILE` keeps the run, beside what that file holds of other workloads; `--table FILE` prints
what is kept, `--plot DIR` draws it. A run of everything takes about half an hour; nothing else
should run beside it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.cells import with_cache
from benchmarks.effort import FULL, QUICK
from benchmarks.kept import keep, load
from benchmarks.pictures import draw
from benchmarks.publish import publish
from benchmarks.records import Run
from benchmarks.run import IDS, runs
from benchmarks.table import in_short, markdown

STDOUT = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads asked for, or show a kept run; return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.publish or options.table:
        return _show_kept(options)
    chosen = _chosen(parser, options)
    if options.cold:
        return _again_with_empty_cache(sys.argv[1:] if arguments is None else arguments)
    effort, found = QUICK if options.quick else FULL, None
    for found in runs(chosen, effort, _tell, empty_cache=options.emptied):
        if options.json not in (None, STDOUT):
            keep(found, Path(options.json))
    if found:
        _show([found], options)
    return 0


def _show_kept(options: argparse.Namespace) -> int:
    """Show a kept run, or put the published one into the documents; return the exit status."""
    if options.table:
        _show(load(options.table), options)
    for file in publish() if options.publish else ():
        _tell(f"written: {file.name}")
    return 0


def _chosen(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[str]:
    """Return the ids asked for; what is wrong with them ends the program."""
    chosen = options.workloads or (options.only.split(",") if options.only else list(IDS))
    if unknown := [name for name in chosen if name not in IDS]:
        parser.error(f"unknown workload {unknown[0]!r}; known: {', '.join(IDS)}")
    if options.json in IDS:
        parser.error(f"--json: expected a file, got a workload, {options.json}; name it first")
    return chosen


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _again_with_empty_cache(arguments: Sequence[str]) -> int:
    """Do the same in a new process, because this one has loaded its compiler's cache."""
    kept = [word for word in arguments if word != "--cold"]
    command = [sys.executable, "-m", "benchmarks", *kept, "--emptied"]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, env=with_cache(folder), check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="W1", help=f"of {', '.join(IDS)}; or all")
    parser.add_argument("--only", help="the same, such as W1,W8")
    parser.add_argument("--quick", action="store_true", help="fewer steps and smaller sizes")
    parser.add_argument("--cold", action="store_true", help="begin with an empty compile cache")
    parser.add_argument("--emptied", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--json", nargs="?", const=STDOUT, metavar="FILE",
        help="keep the run in a file; without one, print W1 to W8 as a JSON list alone",
    )  # fmt: skip
    parser.add_argument("--plot", type=Path, metavar="DIR", help="draw the pictures into a folder")
    parser.add_argument("--table", type=Path, metavar="FILE", help="show a run that was kept")
    parser.add_argument(
        "--publish", action="store_true",
        help="put the tables of benchmarks/results.json into README and documents",
    )  # fmt: skip
    parser.add_argument("--short", action="store_true", help="print the short table alone")
    return parser


def _show(runs: Sequence[Run], options: argparse.Namespace) -> None:
    if options.plot:
        for i, run in enumerate(runs):
            folder = options.plot if len(runs) == 1 else options.plot / f"run{i + 1}"
            for file in draw(run, folder):
                print(f"drawn: {file}", file=sys.stderr)
    if options.json == STDOUT:
        rows = [asdict(m) for run in runs for each in run.workloads for m in each.measurements]
        print(json.dumps(rows, indent=1))
    else:
        print(in_short(runs) if options.short else markdown(runs))


if __name__ == "__main__":
    sys.exit(main())
