"""Many runs of a method, over hyperparameters, starts and seeds: their design, work and maps."""
