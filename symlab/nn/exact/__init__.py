"""The chain rule of a network written out in many digits, with a running error bound."""
