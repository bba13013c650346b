"""Training a network with a rule: samples, the compiled loop, and `fit`."""
