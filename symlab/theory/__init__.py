"""What can be said before a run: stationary points, limits, rates, cycles, gradient noise."""
