"""Training a network: a description of the fit, compiled steps, epochs, and the loop over them."""
