"""Each job as other systems do it: SymPy loops, NumPy, JAX, PyTorch, scikit-learn."""
