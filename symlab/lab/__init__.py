"""What is learnt from runs: comparisons, verification, accuracy, plots."""
