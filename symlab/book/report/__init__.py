"""One page of everything that was found in one run: figures, comparisons, errata, derivations."""
