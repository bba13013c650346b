"""Derivatives compared with estimators that share no code with them."""
