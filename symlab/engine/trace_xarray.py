"""A trace as an xarray Dataset: numbers with named axes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from symlab.engine.trace_csv import VALUES

if TYPE_CHECKING:
    import xarray as xr

NEEDED = "to_xarray: the package xarray is not installed; pip install 'symlab[xarray]' brings it."

TOLD = ("method", "backend", "status", "message", "record", "seconds", "compile_seconds")
"""What the dataset's attributes say of a run."""


def dataset_of(fields: Mapping[str, Any]) -> "xr.Dataset":
    """Return the fields of a trace as a Dataset.

    Parameters
    ----------
    fields : mapping of str to object
        Those of `Trace`, by their names.

    Raises
    ------
    ImportError
        If xarray is not installed; the message says how to install it.
    """
    try:
        import xarray as xr
    except ImportError:
        raise ImportError(NEEDED) from None
    columns = {
        "iterate": fields["iterates"],
        VALUES[fields["record"]]: fields["values"],
        "gradient_norm": fields["gradient_norms"],
        "step_size": fields["step_sizes"],
        "evaluations": fields["evaluations"],
        **{f"state_{letter}": array for letter, array in fields["states"].items()},
    }
    variables = {name: (_axes(array), np.array(array)) for name, array in columns.items()}
    coordinates = {"step": fields["k"], "parameter": list(fields["variables"])}
    return xr.Dataset(variables, coordinates, {name: fields[name] for name in TOLD})


def _axes(array: np.ndarray) -> tuple[str, ...]:
    """Return the names of an array's axes; those of a matrix that BFGS remembers are two."""
    return ("step", "parameter", "other_parameter")[: array.ndim]
