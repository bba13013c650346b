"""A formula typed as text: its words, its grammar, and the SymPy expression it states."""
