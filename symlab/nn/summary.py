"""The summary of a model: a row for each layer, with its output shape and number of parameters."""

from dataclasses import dataclass

from symlab.markup import paragraph, table
from symlab.nn.tensor import Shape


@dataclass(frozen=True)
class Row:
    """A layer of a summary.

    Parameters
    ----------
    name, kind : str
    shape : tuple of int
        Of a sample of its output.
    parameters : int
        The number of its weights.
    trainable : bool
    """

    name: str
    kind: str
    shape: Shape
    parameters: int
    trainable: bool


@dataclass(frozen=True)
class Summary:
    """The layers of a model; printed, a table.

    Parameters
    ----------
    input_shape : tuple of int
    rows : tuple of Row
    """

    input_shape: Shape
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """The number of parameters."""
        return sum(row.parameters for row in self.rows)

    @property
    def trainable(self) -> int:
        """How many of them a fit changes."""
        return sum(row.parameters for row in self.rows if row.trainable)

    @property
    def non_trainable(self) -> int:
        """How many of them a fit leaves as they are."""
        return self.total - self.trainable

    @property
    def _cells(self) -> list[tuple[str, str, str]]:
        """The headings, and a line of text for each layer."""
        return [("layer", "output shape", "parameters")] + [
            (f"{row.name} ({row.kind})", _show(row.shape), f"{row.parameters:,}")
            for row in self.rows
        ]

    @property
    def _counts(self) -> str:
        return (
            f"total {self.total:,}; trainable {self.trainable:,}; "
            f"non-trainable {self.non_trainable:,}"
        )

    def _repr_html_(self) -> str:
        headings, *rows = self._cells
        shape = paragraph(f"input shape {_show(self.input_shape)}")
        return shape + table(headings, rows) + paragraph(self._counts)

    def __str__(self) -> str:
        cells = self._cells
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in cells]
        rule = "-" * len(lines[0])
        return "\n".join(
            [
                f"input shape {_show(self.input_shape)}",
                *(lines[0], rule, *lines[1:], rule),
                self._counts,
            ]
        )

    __repr__ = __str__


def _show(shape: Shape) -> str:
    """Return a shape as text, with n for the number of samples."""
    return f"({', '.join(('n', *map(str, shape)))})"
