"""What kind of rewrite one of PyTensor's is, read from the databases it is registered in."""

import re
from functools import cache
from typing import Any

from pytensor.compile.mode import optdb
from pytensor.graph.basic import Variable

from symlab.engine.matrix_product import MatrixProduct

STABILITY = "stability"
SHARED = "common subexpression"
FUSION = "fusion"
BLAS = "BLAS"
IN_PLACE = "in place"
CONSTANTS = "constants"
ALGEBRA = "algebra"
CHEAPER = "cheaper form"
OTHER = "other"

KINDS = (STABILITY, SHARED, ALGEBRA, CONSTANTS, CHEAPER, BLAS, FUSION, IN_PLACE, OTHER)
"""What a rewrite is for, in the order in which most are made."""


def kind_of(name: str, new: Variable) -> str:
    """Return the kind of a rewrite.

    Parameters
    ----------
    name : str
        PyTensor's name of the rewrite.
    new : variable
        What it has put in place of something.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> [kind_of(name, pt.dscalar()) for name in ("local_log1p", "MergeOptimizer")]
    ['stability', 'common subexpression']
    """
    if _is_product(new):
        return BLAS
    one = re.sub(r"^\w+\((\w+),.*\)$", r"\1", name)  # of many in one, the first
    for kind, names in _names().items():
        if one in names:
            return kind
    return IN_PLACE if name.endswith("_inplace_optimizer") else OTHER


def _is_product(new: Variable) -> bool:
    op = None if new.owner is None else new.owner.op
    return isinstance(op, MatrixProduct) or "tensor.blas" in type(op).__module__


@cache
def _names() -> dict[str, set[str]]:
    """Return the names of rewrites by kind; the first kind that has a name counts."""
    algebra = _registered("canonicalize")
    folding = {name for name in algebra if "constant" in name}
    return {
        SHARED: {"MergeOptimizer"},
        FUSION: _registered("elemwise_fusion") | _registered("add_mul_fusion"),
        CONSTANTS: folding | {"constant_folding"},
        STABILITY: _registered("stabilize") - algebra,
        ALGEBRA: algebra,
        CHEAPER: _registered("specialize") | _registered("uncanonicalize"),
    }


def _registered(database: str) -> set[str]:
    found: Any = optdb[database]
    return set(getattr(found, "__db__", {}))
