"""What the compiler did to a formula, rewrite by rewrite, with digits and time measured."""
