"""Runs through PyTensor: compiled functions, one call a step or a whole run in one call."""
