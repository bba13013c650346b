"""What is stated: letters, functions, objectives, risks and typed formulas, in SymPy."""
