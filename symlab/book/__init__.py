"""The chapter: its data, networks and experiments, derivations, errata, figures and report."""
