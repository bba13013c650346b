"""Argument names of other libraries, each with symlab's own name for it.

Users of SciPy, Keras, PyTorch or scikit-learn may type the name that they know. The error then says
which of symlab's names is meant, and where it belongs.
"""

from collections.abc import Callable, Collection, Sequence
from functools import wraps
from inspect import Parameter, signature

from symlab.checks import LONGEST, list_names, nearest, shown

WORDS = {
    "step_size": "lr learning_rate learn_rate alpha eta eta0 step stepsize rate",
    "start": "x0 init initial initial_guess guess p0 initial_value",
    "objective": "fun func f function loss criterion",
    "method": "optimizer optimiser solver algorithm rule",
    "max_steps": "n_iter maxiter max_iter niter nit iterations steps epochs n_steps num_steps",
    "epochs": "n_iter max_iter iterations max_steps n_epochs nb_epoch num_epochs max_epochs",
    "loss": "criterion loss_function objective",
    "tolerance": "tol gtol ftol xtol atol eps epsilon",
    "gradient": "jac grad jacobian gradient_function",
    "derived_by": "jac grad jacobian",
    "hessian": "hess",
    "batch_size": "batchsize minibatch_size mini_batch batch",
    "seed": "random_state rng random_seed",
    "progress": "verbose disp bar",
    "backend": "mode engine device linker",
    "digits": "dps prec precision",
    "backends": "backend systems",
    "box": "bounds window domain region",
    "record_every": "log_every save_every",
    "momentum": "mu eta beta gamma nu momentum_factor",
    "beta1": "beta_1 b1 betas",
    "beta2": "beta_2 b2 betas",
    "decay": "rho gamma decay_rate alpha smoothing lr_decay",
    "epsilon": "eps delta fuzz",
    "weight_decay": "wd l2 weightdecay",
    "initial_accumulator": "initial_accumulator_value",
    "schedule_decay": "momentum_decay",
    "centered": "centred",
    "epsilon_root": "eps_root",
    "shrink": "beta tau rho contraction backtrack",
    "decrease": "c c1 sigma armijo",
    "damping": "lam lambda_ mu lm",
}
"""Our words, each with theirs. One of theirs may stand for several of ours."""

OWNERS = {
    "step_size": "gradient_descent",
    "momentum": "momentum",
    "beta1": "adam",
    "beta2": "adam",
    "decay": "rmsprop",
    "epsilon": "adam",
    "weight_decay": "adamw",
    "shrink": "backtracking",
    "decrease": "backtracking",
    "damping": "newton",
}
"""For a word that belongs to a method: a method that takes it."""


def translate(word: str, among: Collection[str]) -> str:
    """Return symlab's name for a word of another library, empty if there is none.

    Examples
    --------
    >>> words = ["step_size", "beta1"]
    >>> translate("lr", words), translate("beta_1", words), translate("q", [])
    ('step_size', 'beta1', '')
    """
    theirs = word.lower()
    fitting = (ours for ours in among if theirs in WORDS.get(ours, "").split())
    return next(fitting, "")


def hint(word: str, among: Collection[str]) -> str:
    """Return what a message adds after an unknown name: its translation, or else the nearest name.

    Examples
    --------
    >>> hint("lr", ["step_size"]), hint("step_sise", ["step_size"])
    ("; did you mean 'step_size'?", "; did you mean 'step_size'?")
    """
    ours = translate(word, among)
    return f"; did you mean {ours!r}?" if ours else nearest(word, among)


def explain_words[**Given, Answer](
    *also: str,
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Make a function name the right argument in its error when it is called with a wrong one.

    A decorator, so that the function's own signature stays the one that editors show.

    Parameters
    ----------
    *also : str
        What the function takes besides its named parameters.

    Examples
    --------
    >>> @explain_words()
    ... def minimize(objective, start, method):
    ...     return start
    >>> minimize("f", [1], lr=0.1)
    Traceback (most recent call last):
        ...
    TypeError: minimize: unknown argument 'lr'; did you mean step_size, of the method: \
sl.gradient_descent(step_size=...)?
    """

    def decorate(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        parameters = signature(function).parameters.values()
        named = [each.name for each in parameters if each.kind is not Parameter.VAR_KEYWORD]
        takes = (*named, *also)
        by_position = [each for each in parameters if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
        by_name = [each for each in parameters if each.kind is Parameter.KEYWORD_ONLY]
        is_method = bool(by_position) and by_position[0].name == "self"

        @wraps(function)
        def checked(*arguments: Given.args, **words: Given.kwargs) -> Answer:
            if unknown := [word for word in words if word not in takes]:
                raise TypeError(_explain(function.__name__, unknown[0], takes))
            _check_arguments(
                function.__name__,
                len(arguments) - is_method,
                words,
                (by_position[is_method:], by_name),
            )
            return function(*arguments, **words)

        return checked

    return decorate


def _explain(function: str, word: str, takes: Collection[str]) -> str:
    """Return the sentence about an unknown word."""
    start = f"{function}: unknown argument {shown(word)}"
    if ours := translate(word, takes):
        return f"{start}; did you mean {ours}?"
    owned = word if word in OWNERS else translate(word, OWNERS)
    if owned and "method" in takes:
        belongs = "it is a word" if word == owned else f"did you mean {owned},"
        mark = "." if word == owned else "?"
        return f"{start}; {belongs} of the method: sl.{OWNERS[owned]}({owned}=...){mark}"
    start += nearest(word, takes)
    return f"{start} {list_names('It takes', takes, LONGEST - len(start) - 1)}"


def _check_arguments(
    function: str,
    count: int,
    words: Collection[str],
    parameters: tuple[Sequence[Parameter], Sequence[Parameter]],
) -> None:
    """Refuse a call that leaves out what has no default, or gives too much by position."""
    by_position, by_name = parameters
    if count > len(by_position):
        raise TypeError(
            f"{function}: expected at most {len(by_position)} arguments by position, got {count}; "
            "name the others."
        )
    if twice := [each.name for each in by_position[:count] if each.name in words]:
        raise TypeError(f"{function}: {twice[0]} is given twice.")
    for each in [*by_position[count:], *by_name]:
        if each.default is Parameter.empty and each.name not in words:
            raise TypeError(f"{function}: {each.name} is missing.")
