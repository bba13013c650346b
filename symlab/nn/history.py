"""The history of a fit: a loss for each epoch, and why the fit ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from symlab.markup import paragraph

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class History:
    """The epochs of one fit.

    Parameters
    ----------
    columns : mapping of str to array, shape (epochs,)
        `loss`: the mean over the samples of an epoch, each seen in its own batch, with the weights
        before the step of that batch (as in Keras). `accuracy` likewise, if asked for.
        `validation_loss` and `validation_accuracy`: with the weights at the end of the epoch.
    status : str
        `"finished"`, `"stopped"` (Ctrl-C) or `"diverged"`.
    message : str
        The same as a sentence.
    seconds : float
        The time of the run.
    compile_seconds : float
        The time of compiling before it.
    backend : str
    method : str
        The rule as it prints.
    first : int
        How many epochs the model had seen before.
    """

    columns: Mapping[str, np.ndarray]
    status: str
    message: str
    seconds: float
    compile_seconds: float
    backend: str
    method: str
    first: int = 0

    def __repr__(self) -> str:
        last = f", loss {self.loss[-1]:.6g}" if len(self) else ""
        return f"History({self.method} on {self.backend}: {len(self)} epochs, {self.status}{last})"

    def _repr_html_(self) -> str:
        return paragraph(self.message) + str(self.frame.to_html(index=False, max_rows=12))

    def __len__(self) -> int:
        return len(self.loss)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column.

        Raises
        ------
        KeyError
            If it was not recorded; the message lists those that were.
        """
        if name not in self.columns:
            raise KeyError(
                f"{name!r} was not recorded, only {', '.join(self.columns)}; "
                "fit(metrics=['accuracy'], validation_split=0.1) records more."
            )
        return self.columns[name]

    @property
    def loss(self) -> np.ndarray:
        """The training loss of each epoch."""
        return self.columns["loss"]

    @property
    def accuracy(self) -> np.ndarray:
        """The training accuracy of each epoch."""
        return self["accuracy"]

    @property
    def validation_loss(self) -> np.ndarray:
        """The loss on the validation samples, at the end of each epoch."""
        return self["validation_loss"]

    @property
    def validation_accuracy(self) -> np.ndarray:
        """The accuracy on the validation samples, at the end of each epoch."""
        return self["validation_accuracy"]

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per epoch, counted from 0 since the weights were drawn."""
        import pandas as pd

        return pd.DataFrame({"epoch": self.first + np.arange(len(self)), **self.columns})
