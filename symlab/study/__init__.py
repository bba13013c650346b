"""What is learnt from runs: comparisons, derivatives on trial, plots and the book's figures."""
