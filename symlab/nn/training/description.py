"""The description of a fit: one value that says what is asked, however it is carried out."""

from dataclasses import dataclass

from symlab.checks import flag, shown, whole
from symlab.engine.batches import affordable
from symlab.methods.method import as_method
from symlab.methods.rule import Rule
from symlab.nn.losses import Loss
from symlab.nn.network import Network
from symlab.nn.training.orders import Batching
from symlab.nn.training.samples import Samples


@dataclass(frozen=True, eq=False)
class FitDescription:
    """What a fit is asked to do.

    Parameters
    ----------
    network : Network
    loss : Loss
    rule : Rule
    samples : Samples
        What it trains on.
    backend : str
    epochs : int
        Passes over the samples, at least 0.
    batch_size : int, optional
        Samples in a batch, at least 1; None for all of them.
    seed : int
        The seed of the order of the samples.
    shuffle : bool
        Whether each epoch has an order of its own.
    validation : Samples, optional
        Other samples, on which the network is evaluated at the end of each epoch.
    accuracy : bool
        Whether the accuracy is recorded beside the loss.
    progress : bool
        Whether a bar is shown on stderr.

    Raises
    ------
    TypeError, ValueError
        Naming the argument of `Model.fit`.
    """

    network: Network
    loss: Loss
    rule: Rule
    samples: Samples
    backend: str
    epochs: int = 1
    batch_size: int | None = 32
    seed: int = 0
    shuffle: bool = True
    validation: Samples | None = None
    accuracy: bool = False
    progress: bool = False

    def __post_init__(self) -> None:
        size = self.batch_size
        checked = {
            "epochs": affordable(whole(self.epochs, "epochs", 0), "epochs"),
            "batch_size": None if size is None else whole(size, "batch_size", 1),
            "seed": whole(self.seed, "seed", 0),
            "shuffle": flag(self.shuffle, "shuffle"),
            "progress": flag(self.progress, "progress"),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def quantities(self) -> tuple[str, ...]:
        """What is recorded of each epoch: the loss, and the accuracy where asked for."""
        return ("loss", "accuracy")[: 1 + self.accuracy]

    @property
    def batching(self) -> Batching:
        """How an epoch is divided into batches; a batch larger than the data is all the data."""
        samples = len(self.samples)
        return Batching(samples, min(self.batch_size or samples, samples))


def as_rule(method: object) -> Rule:
    """Return the rule that a method is.

    Raises
    ------
    TypeError
        If it is none: directions and searches do not train networks.
    """
    rule = as_method(method)
    if not isinstance(rule, Rule):
        raise TypeError(f"method: a network takes a rule, such as sl.adam(), got {shown(rule)}.")
    return rule
