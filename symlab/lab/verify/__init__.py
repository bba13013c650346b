"""Derivatives on trial against estimators that share no code with them."""
