"""What is costly is executed once in a test run, whichever worker process needs it first.

Each worker of pytest-xdist is a process of its own; they share a folder of the test run.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from filelock import FileLock
from pages.kept import Kept

from symlab.book.errata.register import ERRATA
from symlab.book.experiments import STUDIES
from symlab.book.figures.worker_pool import ONE_THREAD
from symlab.book.lessons import find
from symlab.book.notebook import notebook_of
from symlab.book.report.results import StudyResult, run_study

TRIED = ("interpreted",)
"""The backends that every study is tried on; compilers take a minute more for all of them."""

BUILD = Path(__file__).resolve().parents[1] / "docs" / "build.py"

FORMATS = ("png", "svg", "pdf")

RUN = """
import gc, runpy, sys
from pathlib import Path
from symlab.book.figures.saving import Output, saving
gc.set_threshold(200_000)  # as `symlab run` does: garbage is rare in a lesson
with saving(Output(Path(sys.argv[2]), tuple(sys.argv[3:]))):
    runpy.run_path(sys.argv[1], run_name="__main__")
"""
"""A lesson as `python lesson.py` runs it, but for where its figures go and in which formats."""


@dataclass(frozen=True)
class Once:
    """Results in a folder that all processes of a test run share."""

    folder: Path

    def result(self, name: str, content: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returned when it was first called for this name and content.

        If it raises, nothing is kept. Whoever else asks meanwhile waits.
        """
        path = self.folder / f"{name}-{sha256(content.encode()).hexdigest()[:16]}"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                kept = pickle.dumps(make())
                path.with_suffix(".part").write_bytes(kept)
                path.with_suffix(".part").rename(path)
            return pickle.loads(path.read_bytes())

    def notebook(self, path: Path) -> dict[str, Any]:
        """Return a lesson's notebook, executed in a kernel of its own, in an empty folder."""
        return self.result(
            f"notebook-{path.stem}", path.read_text("utf-8"), lambda: self._execute(path)
        )

    def _execute(self, path: Path) -> dict[str, Any]:
        # Late, because few tests need them.
        import nbformat
        from nbclient import NotebookClient

        (lesson,) = find([path.stem])
        place = mkdtemp(prefix="notebook", dir=self.folder)
        client = NotebookClient(
            nbformat.from_dict(notebook_of(lesson)),
            timeout=600,
            startup_timeout=180,
            resources={"metadata": {"path": place}},
        )
        inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        return dict(client.execute(env={**os.environ, **ONE_THREAD, **inline}))

    def erratum(self, id: str) -> tuple[Any, float, str]:
        """Return what an erratum's check observed, in how many seconds, and why it did not end."""

        def found() -> tuple[Any, float, str]:
            fresh = ERRATA[id].examine()
            return fresh.observations, fresh.seconds, fresh.error

        return self.result(f"erratum-{id}", "", found)

    def study(self, name: str) -> tuple[StudyResult, bool]:
        """Return how a study did, interpreted, and whether it agrees."""
        return self.result(f"study-{name}", "", lambda: run_study(STUDIES[name], TRIED))

    def site(self) -> Path:
        """Return the folder of the site, built from what was found in this test run.

        Two of its lessons are run there; all of them are run as scripts.
        """
        return self.result("site", "", self._build_site)

    def _build_site(self) -> Path:
        place = Path(mkdtemp(prefix="site", dir=self.folder))
        kept = Kept(place / "kept")
        for id in ERRATA:
            kept.keep(f"erratum-{id}", self.erratum(id))
        for name in STUDIES:
            kept.keep(f"study-{name}", self.study(name))
        built = subprocess.run(
            [sys.executable, BUILD, "--build", place, "--kept", kept.folder, "--lessons", "09|10"],
            capture_output=True,
            text=True,
            env={**os.environ, **ONE_THREAD},
            check=False,
        )
        assert built.returncode == 0, built.stdout + built.stderr
        return place / "html"

    def lesson(self, path: Path) -> "LessonRun":
        """Return what became of a lesson: alone, every warning an error, in an empty folder."""
        return self.result(path.stem, path.read_text("utf-8"), lambda: self._run(path))

    def _run(self, path: Path) -> "LessonRun":
        place = Path(mkdtemp(prefix=path.stem, dir=self.folder))
        figures = place / "figures"
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", RUN, str(path), str(figures), *FORMATS],
            capture_output=True,
            text=True,
            cwd=place,
            env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "1"},
            check=False,
        )
        return LessonRun(ran.returncode, ran.stdout, ran.stderr, figures)


@dataclass(frozen=True)
class LessonRun:
    """What became of a lesson, and the folder with the figures that it drew."""

    returncode: int
    stdout: str
    stderr: str
    figures: Path
