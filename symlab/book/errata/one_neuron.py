"""Erratum of the one-neuron model: which cost the perceptron's rule goes down (section 2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Lambda, Piecewise, Rational, S, Symbol, sign, solveset, symbols

from symlab.algebra.functions import define, hinge, relu, softsign
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.perceptron import END, FEW_CLOUDS, clouds, in_the_end
from symlab.book.networks import one_neuron
from symlab.lab.plots.axes import open_axes
from symlab.lab.plots.objectives import values

margin, t, x = symbols("margin t x", real=True)

SIDES = (Symbol("margin", negative=True), Symbol("margin", positive=True))
STEP = 2
"""A wrong point moves the perceptron by twice itself, since label and answer are 2 apart."""

SLIGHT, WORST = Rational(1, 10), -5
SEED, EPOCHS = 1, 300


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What stands for the perceptron once it has a slope.

    Parameters
    ----------
    costs : mapping of str to sympy.Expr
        The costs, in the margin (label times score), that its rule is said to descend.
    curve : sympy.Lambda
        The softsign, as a function.
    """

    costs: Mapping[str, Expr]
    curve: Lambda


LIKENED = Smoothed(
    {"hinge": hinge(margin), "hinge of softsign": hinge(softsign(margin))}, Lambda(t, softsign(x))
)
ITS_OWN = Smoothed({"perceptron": relu(-margin)}, Lambda(t, softsign(t)))


def pull(cost: Expr, at: Expr) -> Expr:
    """Return how strongly a cost drives a point of this margin to a larger one."""
    return -cost.diff(margin).subs(margin, at)


def gives_the_rule(cost: Expr) -> bool:
    """Return whether a step down a cost is the perceptron's, on either side of the line.

    The rule adds (label - answer) times the point; in the label's direction that is 1 - sign(m).
    """
    return all((STEP * pull(cost, side) - (1 - sign(side))).equals(0) for side in SIDES)


@lru_cache(maxsize=1)
def margins_of_a_neuron() -> np.ndarray:
    """Return the margins of all points when the section's model has been trained on them."""
    fit = one_neuron(SEED)
    # Interpreted, because 1200 small steps take less time than compiling them for Numba.
    fit.model.fit(fit.x, fit.y, epochs=EPOCHS, seed=SEED, backend="interpreted", **fit.options)
    ((kernel, bias),) = fit.model.get_weights().values()
    return fit.y * (fit.x @ kernel[:, 0] + bias[0])


def margins_of_perceptrons() -> np.ndarray:
    """Return the margins in clouds on which the perceptron has come to rest."""
    inputs, labels, _ = clouds(FEW_CLOUDS)
    weights, *_ = in_the_end(END)
    return (labels * np.einsum("cij,cj->ci", inputs, weights)).ravel()


def _costs(printed: Smoothed, right: Smoothed) -> Iterator[Observation]:
    named = printed.costs.items()
    yield Observation(
        "a point that is right by 0.1 does not move the perceptron, and is pulled by these costs",
        all(pull(cost, SLIGHT) > 0 for _, cost in named),
        {f"{name}, pull at {at}": pull(cost, at) for at in (SLIGHT, 1, 5) for name, cost in named},
    )
    yield Observation(
        f"a step of length {STEP} down max(0, -m) is its rule, and down the printed costs is not",
        all(map(gives_the_rule, right.costs.values()))
        and not any(map(gives_the_rule, printed.costs.values())),
    )
    pulls = {name: (pull(cost, WORST), pull(cost, -1)) for name, cost in named}
    yield Observation(
        "the model's cost pulls less at a bad mistake than at a small one",
        any(worst < small for worst, small in pulls.values()),
        {f"{name}, pull at {WORST}": worst for name, (worst, _) in pulls.items()},
    )
    yield from _where_all_is_right(printed.costs)
    second = [softsign(side).diff(side, 2).limit(side, 0) for side in SIDES]
    yield Observation(
        "the softsign is written as a function of t by a formula in x",
        bool(printed.curve.free_symbols),
        {
            "softsign of 10": softsign(10),
            "second derivative left of 0": second[0],
            "and right of 0": second[1],
        },
    )


def _where_all_is_right(costs: Mapping[str, Expr]) -> Iterator[Observation]:
    margins = margins_of_perceptrons()
    shares = {
        name: np.mean(values(cost.diff(margin), [margin], margins) != 0)
        for name, cost in costs.items()
    }
    yield Observation(
        "in clouds where perceptrons have come to rest, without a mistake, these costs still pull",
        bool(margins.min() > 0 and min(shares.values()) > 0),
        {f"points pulled by {name}": share for name, share in shares.items()},
    )
    margins = margins_of_a_neuron()
    losses = {name: values(cost, [margin], margins).mean() for name, cost in costs.items()}
    yield Observation(
        "a neuron that makes no mistake has a loss all the same",
        bool(margins.min() > 0 and min(losses.values()) > 0),
        {
            "accuracy of the neuron": np.mean(margins > 0),
            **{f"its {name}": loss for name, loss in losses.items()},
        },
    )
    yield Observation(
        "one of the costs is 0 at no margin at all",
        any(
            solveset(define(cost).rewrite(Piecewise), margin, S.Reals) is S.EmptySet
            for cost in costs.values()
        ),
    )


def _draw_costs(printed: Axes, right: Axes) -> None:
    grid = np.linspace(-5, 5, 401)
    for ax, smoothed in ((printed, LIKENED), (right, ITS_OWN)):
        ax.axvspan(0, 5, color="whitesmoke")
        ax.text(4.8, 5.6, "the perceptron rests", ha="right")
        for style, (name, cost) in zip(("k-", "k--"), smoothed.costs.items(), strict=False):
            ax.plot(grid, values(cost, [margin], grid), style, label=name)
        ax.legend(loc="center right")
        ax.set(xlabel="margin $m$", ylabel="cost", xlim=(-5, 5), ylim=(-0.2, 6.2))
        open_axes(ax)


ERRATA = (
    Erratum(
        id="E19",
        section=2,
        title="The perceptron's rule does not descend the hinge loss",
        place="the paragraph on the loss of the neuron, and the formula of the softsign",
        printed="the perceptron's update is equivalent to the hinge loss, max(0, 1 - m), m being "
        "label times output, here of a softsign; which is a function of t, written in x",
        right="it descends max(0, -m), m being label times score, in steps of 2; the hinge also "
        "moves points that are right by less than 1, and on a softsign, which stays below 1, all",
        matters="The loss levels off well above 0, which is no sign of mistakes; and with a "
        "softsign the worst mistakes are learnt slowest.",
        forms=(LIKENED, ITS_OWN),
        check=_costs,
        lesson="one_neuron",
        kind="result",
        draw=_draw_costs,
    ),
)
