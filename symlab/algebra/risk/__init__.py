"""Sums over samples: stated as a loss, as the books do or in matrices, and bound to data."""
