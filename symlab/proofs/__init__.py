"""Derivations whose every step is verified: proved, compared at random points, or refuted."""
