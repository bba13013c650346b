"""What the scripts of `torch.json`, `keras3.json` and `optax.json` have in common."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

STEPS = (1, 2, 10, 50, 200)
"""After which steps the iterates are stored."""

START = [5.2, -3.7, 4.4]

FORMULA = "log(1 + exp(2*x - y)) + (x - y**2/2)**2/2 + x*cos(3*z)/4 + z**4/8 + (y - z)**2/3"


def objective(point: Any, log: Callable, exp: Callable, cos: Callable) -> Any:
    """Evaluate `FORMULA` with the functions of a library."""
    x, y, z = point[0], point[1], point[2]
    inner = (x - y**2 / 2) ** 2 / 2 + x * cos(3 * z) / 4 + z**4 / 8
    return log(1 + exp(2 * x - y)) + inner + (y - z) ** 2 / 3


def kept(points: Iterator[list[float]]) -> dict[str, list[float]]:
    """Return the iterates at the steps that are stored."""
    every = [next(points) for _ in range(STEPS[-1])]
    return {str(step): every[step - 1] for step in STEPS}


def write(name: str, by: str, runs: Iterable[dict[str, Any]]) -> None:
    """Write the runs of a library beside this file, a line each."""
    head = json.dumps({"by": by, "formula": FORMULA, "start": START})[:-1]
    lines = ",\n".join(json.dumps(run) for run in runs)
    text = f'{head},\n"runs": [\n{lines}\n]}}\n'
    Path(__file__).with_name(name).write_text(text, encoding="utf-8")
