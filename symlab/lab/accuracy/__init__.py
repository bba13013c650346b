"""The ulp meter: how many digits of a formula survive in floats."""
