"""Blocks of runs handed to cores or machines by joblib; what is done is kept as it arrives.

Nothing here schedules: joblib does, with whatever `joblib.parallel_config` says, on one core unless
it says more; with a Dask client its cluster does. A block is a function of its arguments alone, so
the numbers do not depend on who runs it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from symlab.checks import shown
from symlab.lab.sweep.block import Block, Outcome, run_block

MOST_LOSSES = 3
"""How often workers may die without a block done between, before the error is passed on."""

Keep = Callable[[int, Outcome], None]


def run_blocks(blocks: Sequence[tuple[int, Block]], keep: Keep, client: Any = None) -> None:
    """Run blocks wherever joblib is told to, and hand each outcome on as it arrives.

    Parameters
    ----------
    blocks : sequence of (number, Block)
    keep : callable(number, Outcome)
        Called in this process, in the order in which blocks are done.
    client : dask.distributed.Client, optional
        Whose cluster runs them.

    Raises
    ------
    TerminatedWorkerError
        If processes keep dying and no block gets done.
    """
    left = dict(blocks)
    losses = 0
    while left:
        before = len(left)
        try:
            for number, outcome in _outcomes(list(left.items()), client):
                keep(number, outcome)
                del left[number]
        except TerminatedWorkerError:
            # A process was killed: what it had under way is run again, and nothing else.
            losses = losses + 1 if len(left) == before else 0
            if losses >= MOST_LOSSES:
                raise


def _outcomes(blocks: Sequence[tuple[int, Block]], client: Any) -> Iterator[tuple[int, Outcome]]:
    with _config(client):
        # All at once: what joblib hands out later, it hands out from a callback of the pool, which
        # waits for itself where the pool is broken.
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")
        yield from parallel(delayed(_numbered)(number, block) for number, block in blocks)


def _config(client: Any) -> AbstractContextManager[Any]:
    return nullcontext() if client is None else parallel_config("dask", client=client)


def check_client(client: object) -> Any:
    """Return a client of Dask, or say what one is.

    Raises
    ------
    TypeError
        If it is none.
    """
    if client is not None and not (hasattr(client, "submit") and hasattr(client, "scheduler_info")):
        raise TypeError(f"client: expected a dask.distributed.Client, got {shown(client)}.")
    return client


def _numbered(number: int, block: Block) -> tuple[int, Outcome]:
    return number, run_block(block)
