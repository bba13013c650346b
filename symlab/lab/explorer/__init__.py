"""A page on which a reader plays with an objective and methods, without Python and a network."""
