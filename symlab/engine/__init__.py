"""What runs it: exact runs in SymPy, compiled runs through PyTensor, and the trace both leave."""
