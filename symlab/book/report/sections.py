"""The sections of the chapter, by number, with what comes before the first and after the last."""

WHOLE = 0

_TITLES = (
    "The perceptron by hand",
    "One neuron with a slope",
    "A perceptron of several layers",
    "Backpropagation",
    "Models as functions",
    "Computation graphs",
    "Least squares",
    "Logistic regression on a step",
    "Gradient descent",
    "Newton's method",
    "The step size",
    "Stochastic gradients and mini-batches",
    "Momentum",
    "Moving averages and Adam",
    "Logistic regression, symbol by symbol",
    "Logistic regression, compiled",
    "Images as arrays",
    "Convolution",
    "Several kernels",
    "Maximum pooling",
    "A convolutional network by hand",
    "The same network with fixed kernels",
    "The same network with trained kernels",
)

BEYOND = len(_TITLES) + 1

SECTIONS: dict[int, str] = {
    WHOLE: "The chapter as a whole",
    **dict(enumerate(_TITLES, 1)),
    BEYOND: "Beyond the chapter",
}
"""Title of each section, in the order of the page."""


def place(section: object) -> int:
    """Return the section of the page for what a registry calls its section.

    Examples
    --------
    >>> place(9), place("15"), place("beyond the chapter") == place(None) == BEYOND
    (9, 15, True)
    """
    words = str(section)
    number = int(words) if words.isdecimal() else BEYOND
    return number if number in SECTIONS else BEYOND


def label(section: int) -> str:
    """Return how a section is called: by its number, if it is one of the chapter's.

    Examples
    --------
    >>> label(10), label(BEYOND)
    ("10 Newton's method", 'Beyond the chapter')
    """
    title = SECTIONS[section]
    return title if section in (WHOLE, BEYOND) else f"{section} {title}"
