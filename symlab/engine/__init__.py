"""Runs: exact in SymPy, compiled through PyTensor, and the trace that both return.

Importing it tries PyTensor's compile cache, because where that cannot be written PyTensor cannot
even be imported.
"""

from symlab.engine.cache import prepare

prepare()
