"""Which status a run ends with: what its last iterates, gradient and curvature say of the place."""
