"""What runs it: exact runs in SymPy, compiled runs through PyTensor, and the trace both leave.

Importing it tries PyTensor's compile cache, because where that cannot be written PyTensor cannot
even be imported.
"""

from symlab.engine.cache import prepare

prepare()
