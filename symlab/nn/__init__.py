"""Networks: layers, losses and training on PyTensor; images and filters by hand in NumPy."""
