"""Pictures of runs, of arrays and of graphs; each takes an Axes and returns it."""
