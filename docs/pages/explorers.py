"""Explorers of the site: pages to play on, each whole in itself, and where lessons show them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import symlab as sl
from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from symlab.book.explored import NETWORKS, explore_named
from symlab.lab.explorer.explorer import explore

EXTRA = "play"
"""The folder of explorers, within what Sphinx copies as it is."""


@dataclass(frozen=True)
class View:
    """An explorer that answers the question of a lesson.

    Parameters
    ----------
    lesson : str
        The name of the lesson.
    problem : str
        One of `sl.problems`, or of the chapter's networks.
    rules : tuple
        What runs when the page opens; a network has its own.
    start : tuple of float
    try_this : str
        What a reader should do there, and see.
    """

    lesson: str
    problem: str
    rules: tuple[object, ...]
    start: tuple[float, ...]
    try_this: str

    @property
    def name(self) -> str:
        """What its page is called."""
        return f"lesson-{self.lesson.replace('_', '-')}"


VIEWS = (
    View(
        "one_neuron",
        "neuron",
        (),
        (),
        "Train the neuron step by step: its line turns until it parts the points, and the loss "
        "levels off above 0.",
    ),
    View(
        "multilayer_perceptron",
        "moons",
        (),
        (),
        "Train the network on the two moons: watch the boundary bend, and its weights while it "
        "does.",
    ),
    View(
        "gradient_descent",
        "quartic",
        (sl.gradient_descent(step_size=0.1),),
        (0.1,),
        "Drag the step size below its limit, which is marked on the slider: the 2-cycle closes. "
        "Then click *best step*.",
    ),
    View(
        "newton",
        "quartic",
        (sl.newton,),
        (2,),
        "Drag the start across 3/2, where the curvature vanishes, and see which stationary point "
        "draws the run.",
    ),
    View(
        "step_size",
        "quartic",
        (sl.backtracking(step_size=0.5, shrink=0.8), sl.exact_line_search),
        (1,),
        "Step through the run: each trial step of backtracking is drawn until one is accepted. "
        "The exact line search needs one step more seldom than you would think.",
    ),
    View(
        "momentum",
        "quartic",
        (sl.momentum(step_size=0.1, momentum=0.5), sl.gradient_descent(step_size=0.1)),
        (0.1,),
        "With the same step size one run settles and the other jumps for ever. Drag the momentum "
        "and watch the step limit move.",
    ),
    View(
        "adaptive_methods",
        "rosenbrock",
        (sl.adam(step_size=0.1), sl.rmsprop(step_size=0.01), sl.momentum(step_size=0.001)),
        (-1.2, 1),
        "Three rules in one valley, from one start, which you can drag. Which of them follows the "
        "floor?",
    ),
)
"""Every explorer that a lesson shows."""


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the explorers of lessons, and the page that lists all."""
    for view in VIEWS:
        yield explorer_page(kept, view.name, partial(_explore, view), view)
    yield Page("play.md", fill("play.jinja", views=VIEWS))


def _explore(view: View) -> str:
    if view.problem in NETWORKS:
        return explore_named(view.problem).html
    return explore(sl.problems[view.problem].objective, view.rules, view.start).html


def explorer_page(kept: Kept, name: str, make: Callable[[], str], *given: object) -> Page:
    """Return an explorer as a file that Sphinx copies as it is."""
    return Page(explorer_place(name), kept.result(f"explorer-{name}", make, *given))


def explorer_place(name: str) -> str:
    """Return where the explorer of this name is, within the site."""
    return f"{EXTRA}/{name}.html"
