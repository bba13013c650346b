"""Data larger than memory: read in pieces, here or by workers, and added up in one fixed order."""
