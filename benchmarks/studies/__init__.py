"""W9 to W12: growth, memory, start and derivation, each number from a process of its own."""
