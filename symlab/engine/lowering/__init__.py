"""The only place where SymPy meets PyTensor: rewriting for floats, and printing."""
