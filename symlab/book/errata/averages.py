"""Errata of moving averages and of Adam, which keeps two (chapter, section 14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, repeat

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from sympy import Eq, Expr, Integer, Rational, Sum, Symbol, lambdify, solve, symbols
from sympy.stats import E as expectation
from sympy.stats import Normal

from symlab.algebra.alphabet import beta1, beta2, g, m, s, x
from symlab.algebra.objective import Objective
from symlab.book.errata.erratum import Erratum, Observation
from symlab.engine.minimize import minimize
from symlab.engine.streams import DATA_STREAM, generator_of
from symlab.methods.rules import adam

a = Symbol("a", positive=True)
n, i = symbols("n i", integer=True, nonnegative=True)
LENGTH, WINDOW, LATER = 21, 3, 5

IN_TEXT = (1 - a) ** n
AS_DRAWN = (1 - a) ** n / Sum((1 - a) ** i, (i, 0, n))


def kick(place: int = 0) -> pd.Series:
    """Return zeros and a single 1."""
    return pd.Series(np.eye(1, LENGTH, place)[0])


def average_as_listed(series: pd.Series) -> pd.Series:
    """Return the mean that the chapter's listing takes: its 1 is `com`, so that a = 1 / (1 + 1)."""
    return series.ewm(1).mean()


def recursion(series: pd.Series) -> pd.Series:
    """Return the text's mean, y_n = a x_n + (1 - a) y_(n-1) from y_0 = x_0, with the same a."""
    return series.ewm(alpha=0.5, adjust=False).mean()


def _evaluate_claim(response: Expr) -> list[Expr]:
    """Return the response to a kick at 0 that a formula claims for a = 1/2, as exact numbers."""
    return [response.subs({a: Rational(1, 2), n: k}).doit() for k in range(LENGTH)]


def _answer_to_a_kick(printed: Expr, right: Expr) -> Iterator[Observation]:
    claimed, known = _evaluate_claim(printed), _evaluate_claim(right)
    figure = average_as_listed(kick()).to_numpy()
    gaps = np.abs(np.array(claimed, dtype=float) - figure)
    yield Observation(
        "the figure does not show the formula in the text: what the listing calls divides by the "
        "sum of its weights",
        gaps.max() > 0.1 and np.allclose(np.array(known, dtype=float), figure, rtol=1e-12),
        {
            "largest gap": gaps.max(),
            "at n": int(gaps.argmax()),
            "text": ", ".join(map(str, claimed[:5])),
            "drawn": ", ".join(map(str, known[:5])),
        },
    )
    yield Observation(
        "the text's own recursion gives the text's formula, but for that the call is another one",
        np.array_equal(recursion(kick()), np.array(claimed, dtype=float)),
        {f"recursion at {LENGTH - 1}": recursion(kick()).iloc[-1]},
    )
    yield _elsewhere(printed)
    yield _as_weights(printed)
    yield _window()


def _elsewhere(printed: Expr) -> Observation:
    after = recursion(kick(LATER))[LATER:].to_numpy()
    claimed = np.array(_evaluate_claim(printed)[: len(after)], dtype=float)
    return Observation(
        "a later kick enters with its share a, so the formula holds for a kick at 0 alone",
        np.array_equal(after, 0.5 * 0.5 ** np.arange(len(after)))
        and not np.allclose(after, claimed),
        {f"n = {LATER + k}": after[k] for k in range(3)},
    )


def _as_weights(printed: Expr) -> Observation:
    tenth = lambdify(n, printed.subs(a, Rational(1, 10)).doit())(np.arange(1000))
    return Observation(
        "as weights of a mean, the formula's powers do not add to 1 but to 1/a",
        bool(np.isclose(np.sum(tenth), 10)),
        {"sum for a = 0.1": np.sum(tenth), "times a": np.sum(tenth) / 10},
    )


def _window() -> Observation:
    at_start, later = (kick(place).rolling(WINDOW).mean() for place in (0, WINDOW))
    shown = [series[series > 0].round(4).tolist() for series in (at_start, later)]
    return Observation(
        "the window of three shows the kick once, for at first it is not full; a later kick shows "
        "three times",
        len(shown[0]) == 1 and len(shown[1]) == WINDOW and at_start.isna().sum() == WINDOW - 1,
        {
            "missing values": int(at_start.isna().sum()),
            "points not zero": len(shown[0]),
            f"with the kick at {WINDOW}": len(shown[1]),
        },
    )


def _draw_answers(printed: Axes, right: Axes) -> None:
    # From this place on the window is full; much later the two means can hardly be told apart.
    full = WINDOW - 1
    for ax, place in ((printed, 0), (right, full)):
        series = kick(place)
        ax.plot(series.rolling(WINDOW).mean(), "ko-", ms=4, label="window of three")
        ax.plot(average_as_listed(series), "b.-", label="weighted mean, as called")
        ax.set(xlabel="$n$", ylabel="answer to the kick", xlim=(-0.5, 20), ylim=(-0.05, 1.05))
    steps = np.arange(LENGTH)
    printed.plot(steps, 0.5**steps, "C1s--", ms=4, label="the text's formula")
    right.plot(recursion(kick(full)), "C1s--", ms=4, label="the text's recursion")
    for ax in (printed, right):
        ax.legend(loc="upper right")


@dataclass(frozen=True)
class Wording:
    """What a text says about Adam.

    Parameters
    ----------
    tracks : sympy.Expr
        What the second running mean tends to, in the gradient's `mean` and `deviation`.
    first : sympy.Expr
        What the first running mean starts from, in the first gradient `g`.
    share : sympy.Expr
        The weight of the newest gradient, in `beta1`.
    """

    tracks: Expr
    first: Expr
    share: Expr


mean = Symbol("mu", real=True)
deviation = Symbol("sigma", positive=True)

IN_PRINT = Wording(tracks=deviation**2, first=g, share=beta1)
AS_PUBLISHED = Wording(tracks=mean**2 + deviation**2, first=Integer(0), share=1 - beta1)


def _adam_in_words(printed: Wording, right: Wording) -> Iterator[Observation]:
    yield _what_adam_tracks(printed, right)
    yield _how_adam_starts(printed, right)
    share = adam.recurrence[m].expand().coeff(g)
    beta = adam.hyperparameters[beta1]
    yield Observation(
        "beta weighs the old mean, so that 0.9 is a = 0.1, the reverse of the example's a",
        (share - printed.share).expand() != 0 == (share - right.share).expand(),
        {"beta": beta, "weight of the newest": share.subs(beta1, beta)},
    )


def _what_adam_tracks(printed: Wording, right: Wording) -> Observation:
    (settled,) = solve(Eq(s, adam.recurrence[s]), s)
    tends_to = expectation(settled.subs(g, Normal("gradient", mean, deviation)))
    draws = generator_of(0, DATA_STREAM).normal(5, 1, 10_000)
    at = {mean: 5, deviation: 1}
    return Observation(
        "the second mean is of squares and no variance: nothing is taken off before squaring",
        (tends_to - printed.tracks).expand() != 0 == (tends_to - right.tracks).expand(),
        {
            "tracked, of N(5, 1)": _track_second_mean(draws),
            "variance of the same": draws.var(),
            "it tends to": str(tends_to),
            "that is": tends_to.subs(at),
            "printed": printed.tracks.subs(at),
        },
    )


def _track_second_mean(gradients: np.ndarray) -> float:
    """Return Adam's second mean of gradients, with the correction of its start."""
    rows = [adam.update[letter].subs(adam.hyperparameters) for letter in (m, s)]
    step = lambdify((m, s, g), rows)
    means = [0.0, 0.0]
    for gradient in gradients:
        means = step(*means, gradient)
    return means[1] / (1 - float(adam.hyperparameters[beta2]) ** len(gradients))


def _how_adam_starts(printed: Wording, right: Wording) -> Observation:
    slope = minimize(Objective(x), [0], adam(step_size=0.1), 10, backend="sympy")
    raw = slope.states[m.name][:, 0]
    row = adam.recurrence[m].subs(adam.hyperparameters).subs(g, 1)
    said, known = (
        [*accumulate(repeat(row, 10), lambda last, new: new.subs(m, last), initial=start)]
        for start in (each.first.subs(g, 1) for each in (printed, right))
    )
    correction = 1 - float(adam.hyperparameters[beta1]) ** np.arange(1, 11)
    return Observation(
        "the first mean starts at 0, not at the first gradient, and is divided by what it lacks",
        not np.allclose(raw, np.array(said, dtype=float))
        and np.allclose(raw, np.array(known, dtype=float))
        and np.allclose(raw[1:] / correction, 1),
        {
            **{f"m after {k} gradients of 1": raw[k] for k in (1, 2, 5, 10)},
            "corrected, after 10": raw[10] / correction[-1],
        },
    )


ERRATA = (
    Erratum(
        id="E16",
        section=14,
        title="Text, listing, figure and caption of the moving average disagree",
        place="the recursion and its answer to an impulse, the listing, and the figure",
        printed="the answer is (1 - a)^n, shown beside a moving average; the caption is that of "
        "the backtracking figure, and the text points to the figure of the logistic example",
        right="the call divides by the sum of the weights and so draws 1/(2^(n+1) - 1); after the "
        "start an impulse is answered by a (1 - a)^n; the figure needs its own caption and number",
        matters="A reader who computes the formula does not get the figure, and who takes its "
        "powers for weights gets a mean that is 1/a times too large.",
        forms=(IN_TEXT, AS_DRAWN),
        check=_answer_to_a_kick,
        lesson="moving_averages",
        kind="result",
        draw=_draw_answers,
    ),
    Erratum(
        id="E34",
        section=14,
        title="What is said of Adam's two means is not what Adam computes",
        place="the paragraphs on Adam, and those on the variants of descent",
        printed="Adam tracks the mean and the variance of gradients by the recursion above, where "
        "a share near 1 favours what is new; the text says batch and means mini-batch, and an "
        "author of Hogwild is misspelt",
        right="it tracks the mean and the mean of squares, both from 0, and corrects for that "
        "start; its beta near 1 favours what is old; the name stands for adaptive moment "
        "estimation, and Hogwild is by Niu, Recht, Re and Wright, 2011",
        matters="With a variance in the divisor the steps would be longest where gradients agree; "
        "and who sets beta like the example's a forgets at once.",
        forms=(IN_PRINT, AS_PUBLISHED),
        check=_adam_in_words,
        lesson="adaptive_methods",
        kind="wording",
    ),
)
