"""What PyTensor's compiler does to a graph, change by change."""
