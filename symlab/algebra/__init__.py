"""What is stated: objectives, rules, directions, searches and the theory of them, in SymPy."""
